"""Sending an agent somewhere by editing a few channels of one layer, in a place where there is no cheese.

Source: Mini et al. (2023), arXiv 2310.08043, who set single activations in channels that track the cheese.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from chisel.reward_as_chisel.steering import activations, cheese_vector, edited
from chisel.reward_as_chisel.world import Mazes

MODES = ("set", "add")
PATCHES = ("cell", "3x3", "painted")


class Edit(NamedTuple):
    """What is done to a layer.

    Attributes:
        layer: the name of a module.
        mode: "set" replaces an activation by what it is on average without a cheese, plus the change; "add" leaves the
            activation and adds the change.
        patch: where: the target "cell" alone; the "3x3" cells around it, each with what a cheese in the middle does
            there; or "painted", those cells with what it does in the middle.
        magnitude: the change, in units of what a cheese there does on average.
        channels: how many, those with the largest response first.
    """

    layer: str
    mode: str
    patch: str
    magnitude: float
    channels: int


class Responses(NamedTuple):
    """What cheeses do to a layer, averaged over mazes.

    Attributes:
        vectors: [N, C, n, n], the cheese vector of each of N cells.
        without: [C, n, n], the activations with no cheese.
        order: [C] int, the channels by their mean absolute response in the cell of the cheese, largest first.
    """

    vectors: Tensor
    without: Tensor
    order: Tensor


def responses(net: nn.Module, mazes: Mazes, cells: Tensor, layer: str) -> Responses:
    """Measure what a cheese in each of `cells: [N]` does to a layer of a field policy, over all `mazes`."""
    vectors = torch.stack([cheese_vector(net, mazes, cell, layer) for cell in cells.tolist()])
    bare = activations(net, mazes.without_cheese(), layer)
    strength = torch.zeros(bare.shape[1], device=bare.device)
    for cell in cells.tolist():
        change = activations(net, mazes.with_cheese(cell), layer) - bare
        strength += change.flatten(2)[:, :, cell].abs().mean(0)
    return Responses(vectors, bare.mean(0), strength.argsort(descending=True))


def top_share(found: Responses, cells: Tensor, channels: int) -> float:
    """Return the share of the squared response in the cheese's own cell that the first `channels` channels carry."""
    here = _at(found.vectors, cells).square()  # [N, C]
    return float(here[:, found.order[:channels]].sum() / here.sum())


def other_channels(order: Tensor, channels: int) -> Tensor:
    """Return the channels that a control edits in place of `order[:channels]`: those half way down the order.

    Up to half of the channels, none is edited by both.
    """
    return order.roll(-(len(order) // 2))[:channels]


def retarget(
    net: nn.Module,
    mazes: Mazes,
    targets: Tensor,
    found: Responses,
    which: Tensor,
    edit: Edit,
    into: Tensor | None = None,
) -> Tensor:
    """Ask a field policy what to do while a few channels say that there is a cheese in the target cell.

    Args:
        mazes: B mazes, shown as they are.
        targets: [B] int, the cells to send the agent to.
        found: the responses of `edit.layer`.
        which: [B] int, which of the vectors belongs to each target.
        edit: what to do.
        into: [edit.channels] int, the channels that get the numbers; by default those that the numbers are from.

    Returns:
        logits [B, S, 5].

    Raises:
        ValueError: an unknown mode or patch.
    """
    if edit.mode not in MODES or edit.patch not in PATCHES:
        raise ValueError(f"no edit {edit.mode!r} of a patch {edit.patch!r}: use {MODES} and {PATCHES}")
    source = found.order[: edit.channels]
    into = source if into is None else into
    change = found.vectors[which]  # [B, C, n, n]
    if edit.patch == "painted":
        change = _at(change, targets)[..., None, None].expand_as(change)
    change = edit.magnitude * change[:, source]
    mask = patch_mask(targets, mazes.size, 0 if edit.patch == "cell" else 1)[:, None]  # [B, 1, n, n]

    def changed(out: Tensor) -> Tensor:
        base = out[:, into] if edit.mode == "add" else found.without[into]
        result = out.clone()
        result[:, into] = torch.where(mask, base + change, out[:, into])
        return result

    return edited(net, mazes, edit.layer, changed)


def patch_mask(targets: Tensor, size: int, reach: int) -> Tensor:
    """Return [B, n, n] bool, True within `reach` cells of `targets: [B]`, diagonals included."""
    cells = torch.arange(size * size, device=targets.device)
    down = (cells // size - targets[:, None] // size).abs()
    right = (cells % size - targets[:, None] % size).abs()
    return (torch.maximum(down, right) <= reach).view(-1, size, size)


def _at(vectors: Tensor, cells: Tensor) -> Tensor:
    """Return [N, C], each of vectors: [N, C, n, n] in the cell that belongs to it."""
    return vectors.flatten(2)[torch.arange(len(cells), device=cells.device), :, cells]
