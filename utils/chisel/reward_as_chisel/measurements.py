"""What an agent does in mazes that it has not seen, computed exactly: the measurements that experiments share."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from chisel.reward_as_chisel.chains import hit_probability
from chisel.reward_as_chisel.world import Mazes, corner_cell, region_cells, start_cell


def logits_of(net: nn.Module | None, mazes: Mazes) -> Tensor:
    """Return the logits [B, S, 5] of a network, or of a random walk (all actions alike) where there is none."""
    if net is None:
        shape = mazes.next_table.shape
        return torch.zeros(shape, device=mazes.opened.device)
    with torch.no_grad():
        return net(mazes.observations)[0]


def bottom_left(mazes: Mazes) -> Tensor:
    """Return the start [B] int of a tested agent."""
    return torch.full((len(mazes),), start_cell(mazes.size), device=mazes.opened.device)


def reach_cheese(logits: Tensor, mazes: Mazes, steps: int) -> Tensor:
    """Return P(cheese) [B] from the bottom-left within `steps` steps, for logits: [B, S, 5]."""
    return hit_probability(logits, mazes.next_table, mazes.targets, bottom_left(mazes), steps)


def reach_region(logits: Tensor, mazes: Mazes, k: int, steps: int) -> Tensor:
    """Return P(top-right k x k) [B] from the bottom-left; an episode does not end at the cheese here."""
    region = torch.zeros(logits.shape[:2], dtype=torch.bool, device=logits.device)
    region[:, region_cells(mazes.size, k)] = True
    return hit_probability(logits, mazes.next_table, region, bottom_left(mazes), steps)


def first_of(logits: Tensor, mazes: Mazes, steps: int) -> tuple[Tensor, Tensor]:
    """Return P(cheese before corner) and P(corner before cheese), each [B]; the rest is running out of time."""
    cheese, corner = mazes.targets, mazes.with_cheese(corner_cell(mazes.size)).targets
    return reach_before(logits, mazes, cheese, corner, steps), reach_before(logits, mazes, corner, cheese, steps)


def reach_before(logits: Tensor, mazes: Mazes, wanted: Tensor, other: Tensor, steps: int) -> Tensor:
    """Return P(wanted before other) [B] from the bottom-left, for cells wanted, other: [B, S] bool."""
    here = torch.arange(logits.shape[1], device=logits.device)[:, None]
    stuck = (other & ~wanted)[..., None]  # who meets the other place first stays there
    table = torch.where(stuck, here, mazes.next_table)
    return hit_probability(logits, table, wanted, bottom_left(mazes), steps)


def cells_but_start(size: int) -> Tensor:
    """Return [S - 1] int, all cells but the bottom-left one."""
    cells = torch.arange(size * size)
    return cells[cells != start_cell(size)]


def mean_where(values: Tensor, wanted: Tensor | Sequence[bool]) -> float:
    """Return the mean of `values: [B]` where `wanted` is True.

    Raises:
        ValueError: it is True nowhere.
    """
    chosen = values[torch.as_tensor(wanted, device=values.device)]
    if chosen.numel() == 0:
        raise ValueError("no maze is left to average over")
    return float(chosen.double().mean())
