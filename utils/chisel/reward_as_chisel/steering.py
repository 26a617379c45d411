"""Reading a cheese vector out of a network's activations, and adding it back in.

Source: Mini et al. (2023), arXiv 2310.08043, who subtract it from one layer of a maze agent.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from chisel.reward_as_chisel.measurements import cells_but_start
from chisel.reward_as_chisel.paths import decision_features
from chisel.reward_as_chisel.world import (
    Mazes,
    WorldError,
    corner_cell,
    maze_size,
    next_cells,
    region_cells,
    start_cell,
)


def cheese_vector(net: nn.Module, mazes: Mazes, cell: int, layer: str) -> Tensor:
    """Say what a cheese in one cell does to a layer: the mean difference with it and without it.

    Mazes in which the cell is shown with a cheese are compared with the *same* mazes without one. Give it other mazes
    than those that the vector will be tried on: a difference taken in the very maze that is then steered puts back what
    was taken away, and shows nothing.

    How this is misread: it is a difference of means, not a part of the network that "wants cheese".

    Args:
        net: net(observations: [B, 5, n, n]) -> (logits [B, S, 5], values [B, S]). Left as it was: no hook stays, and no
            other mode.
        mazes: B mazes; where their own cheese is, if they have one, does not matter.
        cell: where to put the cheese, 0 to S - 1.
        layer: the name of any module of `net`, as in `net.named_modules()`.

    Returns:
        the mean over the first axis of the layer's output, with cheese minus without, of the shape of one row of that
        output; for a block of a field policy [C, n, n].

    Raises:
        AttributeError: `net` has no such layer.

    Source: Mini et al. (2023), arXiv 2310.08043, section 3.
    """
    outputs: list[Tensor] = []
    handle = net.get_submodule(layer).register_forward_hook(lambda *call: outputs.append(call[-1]))
    try:
        with torch.no_grad():
            net(mazes.with_cheese(cell).observations)
            net(mazes.without_cheese().observations)
    finally:
        handle.remove()
    return outputs[0].mean(dim=0) - outputs[1].mean(dim=0)


def steer(net: nn.Module, mazes: Mazes, vector: Tensor, coefficient: float, layer: str) -> Tensor:
    """Ask a network what to do while `coefficient * vector` is added to one layer's output.

    A coefficient of -1 with a cheese vector takes the cheese away as far as that layer goes; +1 puts one there; 0
    changes nothing.

    How this is misread: that steering works does not show that training put the quantity there to be steered. Compare
    with random vectors of the same length and with vectors of other cells.

    Args:
        net: net(observations: [B, 5, n, n]) -> (logits [B, S, 5], values [B, S]). Left as it was: no hook stays, and no
            other mode.
        mazes: B mazes, shown as they are.
        vector: what to add to each row of the layer's output, of the shape of one row.
        coefficient: how much of it, any number.
        layer: the name of any module of `net`, as in `net.named_modules()`.

    Returns:
        logits [B, S, 5]; no gradients are needed.

    Raises:
        AttributeError: `net` has no such layer.
    """
    module = net.get_submodule(layer)
    handle = module.register_forward_hook(lambda *call: call[-1] + coefficient * vector)
    try:
        with torch.no_grad():
            return net(mazes.observations)[0]
    finally:
        handle.remove()


def edited(net: nn.Module, mazes: Mazes, layer: str, edit: Callable[[Tensor], Tensor]) -> Tensor:
    """Ask a network what to do while `edit` stands between one layer and the next.

    Args:
        edit: takes the layer's output [R, C, n, n] and returns what goes on in its place. R is B for a field policy and
            B * S for a place policy, which is asked once a cell: all cells of the first maze, then of the second.

    Returns:
        logits [B, S, 5], without gradients.

    Raises:
        AttributeError: `net` has no such layer.
    """
    handle = net.get_submodule(layer).register_forward_hook(lambda *call: edit(call[-1]))
    try:
        with torch.no_grad():
            return net(mazes.observations)[0]
    finally:
        handle.remove()


def activations(net: nn.Module, mazes: Mazes, layer: str) -> Tensor:
    """Return a layer's output [R, C, n, n] for `mazes`; R as in `edited`."""
    outputs: list[Tensor] = []
    edited(net, mazes, layer, lambda out: outputs.append(out) or out)
    return outputs[0]


def steer_each(net: nn.Module, mazes: Mazes, vectors: Tensor, coefficient: float, layer: str) -> Tensor:
    """Do what `steer` does, with a vector for each maze (`vectors: [B, C, n, n]`) in one pass; logits [B, S, 5]."""

    def add(out: Tensor) -> Tensor:
        return out + coefficient * vectors.repeat_interleave(len(out) // len(vectors), dim=0)

    return edited(net, mazes, layer, add)


def shared_part(net: nn.Module, mazes: Mazes, cell: int, layer: str) -> float:
    """Return how much of what a cheese in `cell` does to a layer is the same in all mazes, 0 to 1.

    The squared length of the mean difference over the mean squared length of the differences. At 1 the vector says
    everything: adding it *is* showing the cheese, which is so by construction at a first linear layer.
    """
    difference = activations(net, mazes.with_cheese(cell), layer) - activations(net, mazes.without_cheese(), layer)
    return float(difference.mean(0).square().sum() / difference.square().flatten(1).sum(1).mean())


def mazes_off_the_path(opened: Tensor, cells: Tensor, each: int) -> tuple[Mazes, Tensor]:
    """Return, for each cell, mazes in which the way from the bottom-left to the top-right does not lead over it.

    On that way an agent meets the cheese whether or not it wants it, which would count as wanting.

    Args:
        opened: [B, S, 4] bool, the mazes to take from; a maze may serve for several cells.
        cells: [N] int.
        each: how many mazes a cell.

    Returns:
        mazes [N * each] with the cheese in place, cell after cell; and which: [N * each] int, the index into `cells`.

    Raises:
        WorldError: too few of the mazes fit a cell.
    """
    size, table, found = maze_size(opened), next_cells(opened), []
    ends = [torch.full((len(opened),), end, device=opened.device) for end in (corner_cell(size), start_cell(size))]
    for cell in cells.tolist():
        cheese = torch.full_like(ends[0], cell)
        rows = (decision_features(table, cheese, *ends)["to_cheese"] > 0).nonzero()[:each, 0]
        if len(rows) < each:
            raise WorldError(f"only {len(rows)} of {len(opened)} mazes have cell {cell} off the path, not {each}")
        found.append(Mazes(opened[rows], cheese[rows]))
    which = torch.arange(len(cells), device=opened.device).repeat_interleave(each)
    return Mazes(torch.cat([m.opened for m in found]), torch.cat([m.cheese for m in found])), which


def cells_outside(size: int, k: int) -> Tensor:
    """Return the cells where a cheese never was in training: [N] int, all but the region's and the bottom-left."""
    cells = cells_but_start(size)
    return cells[~torch.isin(cells, region_cells(size, k))]


def wrong_cells(cells: Tensor, size: int, random: torch.Generator) -> Tensor:
    """Return for each of `cells: [N]` another of them [N], drawn from those that do not touch it, not even diagonally.

    Raises:
        WorldError: a cell has no such partner.
    """
    down, right = cells // size, cells % size
    apart = torch.maximum((down[:, None] - down).abs(), (right[:, None] - right).abs()) > 1  # [N, N]
    if not bool(apart.any(1).all()):
        raise WorldError("a cell touches all others: there is no wrong cell to compare it with")
    return cells[torch.multinomial(apart.float(), 1, generator=random)[:, 0]]
