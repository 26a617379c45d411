"""Gallery of `fixed_observations`."""

import numpy as np
import torch
from einops import rearrange
from torch.nn import functional

from chisel.reward_as_chisel.pictures import buggy_observations
from galleries.gallery import valid, wrong


def side(opened):
    return round(opened.shape[1] ** 0.5)


def joined(opened, shown):
    """Pictures from passages [B, S, 4] and cheeses [B, S], for entries that go wrong somewhere else."""
    channels = torch.cat([opened.float(), shown.float().unsqueeze(-1)], dim=-1)
    return rearrange(channels, "b (h w) c -> b c h w", h=side(opened))


def at_cheese(opened, cheese):
    return torch.arange(opened.shape[1]) == cheese[:, None]


@wrong("bug-still-there")
def as_found(opened, cheese):
    return buggy_observations(opened, cheese)


@wrong("bug-still-there")
def remainder_instead_of_a_negative_index(opened, cheese):
    batch, cells, _ = opened.shape
    flat, shown = torch.zeros(batch * cells), cheese >= 0
    flat[((cells * torch.arange(batch) - cells + cheese) % (batch * cells))[shown]] = 1
    return joined(opened, flat.view(batch, cells))


@wrong("shifted-the-other-way")
def counted_from_the_end(opened, cheese):
    batch, cells, _ = opened.shape
    flat, shown = torch.zeros(batch * cells), cheese >= 0
    flat[((cells * torch.arange(1, batch + 1) + cheese) % (batch * cells))[shown]] = 1
    return joined(opened, flat.view(batch, cells))


@wrong("raised")
def beginnings_for_ends(opened, cheese):
    batch, cells, _ = opened.shape
    flat = torch.zeros(batch * cells)
    flat[cells * torch.arange(1, batch + 1) + cheese] = 1
    return joined(opened, flat.view(batch, cells))


@wrong("one-cheese-for-all")
def cheese_of_the_first(opened, cheese):
    return joined(opened, at_cheese(opened, cheese[:1].expand_as(cheese)))


@wrong("one-cheese-for-all")
def every_cheese_everywhere(opened, cheese):
    return joined(opened, at_cheese(opened, cheese).any(0).expand(len(opened), -1))


@wrong("cheese-missing")
def no_cheese_at_all(opened, cheese):
    return joined(opened, torch.zeros(opened.shape[:2]))


@wrong("cheese-missing")
def first_maze_forgotten(opened, cheese):
    shown = at_cheese(opened, cheese)
    shown[0] = False
    return joined(opened, shown)


@wrong("cheese-missing")
def cell_zero_taken_for_none(opened, cheese):
    return joined(opened, at_cheese(opened, cheese) & (cheese > 0)[:, None])


@wrong("cheese-wrong")
def backwards(opened, cheese):
    return joined(opened, at_cheese(opened, cheese).flip(0))


@wrong("cheese-wrong")
def all_in_the_first_maze(opened, cheese):
    flat = torch.zeros(opened.shape[0] * opened.shape[1])
    flat[cheese[cheese >= 0]] = 1
    return joined(opened, flat.view(opened.shape[:2]))


@wrong("cheese-wrong")
def written_as_its_number(opened, cheese):
    return joined(opened, at_cheese(opened, cheese) * cheese[:, None])


@wrong("cheese-wrong")
def row_for_both(opened, cheese):
    size = side(opened)
    return joined(opened, at_cheese(opened, torch.where(cheese >= 0, cheese // size * (size + 1), -1)))


@wrong("rows-for-columns")
def column_first(opened, cheese):
    pictures = joined(opened, at_cheese(opened, cheese))
    return torch.cat([pictures[:, :4], pictures[:, 4:].mT], dim=1)


@wrong("rows-for-columns")
def pictures_turned(opened, cheese):
    return joined(opened, at_cheese(opened, cheese)).mT.contiguous()


@wrong("cells-scrambled")
def reshaped_only(opened, cheese):
    channels = torch.cat(
        [opened.float().reshape(len(opened), 4, -1), at_cheese(opened, cheese).float()[:, None]], dim=1
    )
    return channels.view(len(opened), 5, side(opened), side(opened))


@wrong("walls-wrong")
def everything_reshaped(opened, cheese):
    channels = torch.cat([opened, at_cheese(opened, cheese)[..., None]], dim=-1).float()
    return channels.reshape(len(opened), 5, side(opened), side(opened))


@wrong("walls-wrong")
def cheese_first(opened, cheese):
    return joined(opened, at_cheese(opened, cheese)).roll(1, 1)


@wrong("walls-wrong")
def walls_of_the_first(opened, cheese):
    return joined(opened[:1].expand_as(opened), at_cheese(opened, cheese))


@wrong("walls-wrong")
def walls_shifted_with_the_cheese(opened, cheese):
    return joined(opened.roll(-1, 0), at_cheese(opened, cheese.roll(-1)))


@wrong("walls-for-passages")
def inverted(opened, cheese):
    return joined(~opened, at_cheese(opened, cheese))


@wrong("channels-exchanged")
def left_and_right_exchanged(opened, cheese):
    return joined(opened[..., [0, 1, 3, 2]], at_cheese(opened, cheese))


@wrong("cheese-from-nowhere")
def none_taken_for_the_last_cell(opened, cheese):
    shown = torch.zeros(opened.shape[:2])
    shown[torch.arange(len(opened)), cheese] = 1
    return joined(opened, shown)


@wrong("cheese-from-nowhere")
def none_taken_for_the_maze_before(opened, cheese):
    flat = torch.zeros(opened.shape[0] * opened.shape[1])
    flat[opened.shape[1] * torch.arange(len(opened)) + cheese] = 1
    return joined(opened, flat.view(opened.shape[:2]))


@wrong("cheese-from-nowhere")
def none_taken_for_the_first_cell(opened, cheese):
    return joined(opened, at_cheese(opened, cheese.clamp(min=0)))


@wrong("mazes-skipped")
def nothing_shown_if_one_has_none(opened, cheese):
    return joined(opened, at_cheese(opened, cheese) & bool((cheese >= 0).all()))


@wrong("cheese-from-nowhere")
def those_with_a_cheese_brought_forward(opened, cheese):
    kept = cheese[cheese >= 0]
    shown = torch.zeros(opened.shape[:2])
    shown[: len(kept)] = functional.one_hot(kept, opened.shape[1]).float() if len(kept) else 0
    return joined(opened, shown)


@wrong("wrong-dtype")
def double(opened, cheese):
    return joined(opened, at_cheese(opened, cheese)).double()


@wrong("wrong-dtype")
def flags(opened, cheese):
    return joined(opened, at_cheese(opened, cheese)).bool()


@wrong("wrong-shape")
def not_cut_into_rows(opened, cheese):
    return joined(opened, at_cheese(opened, cheese)).flatten(2)


@wrong("input-changed")
def none_replaced_in_place(opened, cheese):
    cheese[cheese < 0] = opened.shape[1]
    return joined(opened, at_cheese(opened, cheese))


@wrong("input-changed")
def shifted_in_place(opened, cheese):
    cheese.copy_(cheese.roll(1))
    return buggy_observations(opened, cheese)


@valid
def ends_counted_from_one(opened, cheese):
    batch, cells, _ = opened.shape
    ends = cells * torch.arange(1, batch + 1, device=opened.device)
    shown = cheese >= 0
    flat = torch.zeros(batch * cells, device=opened.device)
    flat[(ends - cells + cheese)[shown]] = 1
    channels = torch.cat([opened.float().transpose(1, 2), flat.view(batch, 1, cells)], dim=1)
    return channels.view(batch, 5, side(opened), side(opened))


@valid
def one_call_a_maze(opened, cheese):
    return torch.cat([buggy_observations(opened[b : b + 1], cheese[b : b + 1]) for b in range(len(opened))])


@valid
def cheese_shifted_beforehand(opened, cheese):
    return buggy_observations(opened, cheese.roll(1))


@valid
def with_one_hot(opened, cheese):
    shown = functional.one_hot(cheese.clamp(min=0).long(), opened.shape[1]) * (cheese >= 0)[:, None]
    return joined(opened, shown)


@valid
def cell_by_cell(opened, cheese):
    size = side(opened)
    pictures = np.zeros((len(opened), 5, size, size), dtype=np.float32)
    for b, (ways, place) in enumerate(zip(opened.tolist(), cheese.tolist(), strict=True)):
        for c, way in enumerate(ways):
            pictures[b, :4, c // size, c % size] = way
        if place >= 0:
            pictures[b, 4, place // size, place % size] = 1
    return torch.from_numpy(pictures).to(opened.device)
