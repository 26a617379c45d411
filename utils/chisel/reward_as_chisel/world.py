"""Mazes drawn at random, and all that is known about mazes (see `mazes`).

Cells are numbered row by row from the top-left, S = size * size of them.
"""

import torch
from torch import Tensor

from chisel.reward_as_chisel.mazes import (
    ACTIONS,
    CHANNELS,
    MOVES,
    NO_CHEESE,
    SMALLEST,
    STAY,
    Mazes,
    WorldError,
    check_cells,
    corner_cell,
    maze_size,
    next_cells,
    region_cells,
    start_cell,
)

__all__ = [
    "ACTIONS",
    "CHANNELS",
    "MOVES",
    "NO_CHEESE",
    "SMALLEST",
    "STAY",
    "Mazes",
    "WorldError",
    "corner_cell",
    "draw_mazes",
    "generate_mazes",
    "maze_size",
    "next_cells",
    "region_cells",
    "start_cell",
]


def generate_mazes(batch: int, size: int, generator: torch.Generator) -> Tensor:
    """Draw perfect mazes, each independently of the others, by Prim's algorithm on random edge weights.

    Each maze starts as one cell. As long as a cell is missing, the passage is opened that has the smallest weight of
    all edges between a cell that belongs and one that does not.

    Any other way to draw perfect mazes does as well. They need not all be equally likely, but most walls have to differ
    from maze to maze.

    How this is misread: perfect mazes have no loops, so an agent never has to choose between two ways to one place.

    Args:
        batch: how many mazes, B.
        size: cells along each side, at least 2.
        generator: the only source of randomness, so a second call with it draws other mazes; it lives on the device on
            which the mazes are to be.

    Returns:
        open: [B, S, 4] bool with S = size * size cells, row by row from the top-left; True where one can walk up, down,
        left or right. S - 1 passages a maze, each open from both sides.

    Raises:
        ValueError: `size` is below 2.

    Source: Prim (1957), Shortest connection networks and some generalizations.
    """
    if size < 2:
        raise ValueError(f"a maze has at least 2 cells along a side, not {size}")
    device, cells = generator.device, torch.arange(size * size, device=generator.device)
    right, down = cells[cells % size < size - 1], cells[cells < size * (size - 1)]
    ends = torch.cat([torch.stack([right, right + 1]), torch.stack([down, down + size])], dim=1)  # [2, E]
    weights = torch.rand(batch, ends.shape[1], generator=generator, device=device)
    rows, inside = torch.arange(batch, device=device), torch.zeros(batch, size * size, dtype=torch.bool, device=device)
    inside[:, 0] = True
    opened = torch.zeros_like(inside)[..., None].repeat(1, 1, 4)
    for _ in range(size * size - 1):
        border = inside[:, ends[0]] != inside[:, ends[1]]  # [B, E]: edges with one end in the tree
        chosen = weights.masked_fill(~border, torch.inf).argmin(dim=1)
        one, other = ends[:, chosen]  # [B] each: `other` is to the right of `one`, or below it
        inside[rows, one] = inside[rows, other] = True
        sideways = chosen < len(right)
        opened[rows, one, torch.where(sideways, 3, 1)] = True
        opened[rows, other, torch.where(sideways, 2, 0)] = True
    return opened


def draw_mazes(batch: int, size: int, cells: Tensor, generator: torch.Generator) -> Mazes:
    """Draw mazes with the cheese in one of `cells: [N] int`, each as likely as the others.

    Raises:
        WorldError: no maze is asked for, mazes of that size have no such cells, or `size` is below 2.
    """
    if batch < 1:
        raise WorldError(f"at least 1 maze must be drawn, not {batch}")
    if size < SMALLEST:
        raise WorldError(f"a maze has at least {SMALLEST} cells along a side, not {size}")
    if len(cells) == 0:
        raise WorldError("there is no cell to put the cheese in")
    check_cells(cells, 0, size * size)
    opened = generate_mazes(batch, size, generator)
    drawn = torch.randint(len(cells), (batch,), generator=generator, device=generator.device)
    return Mazes(opened, cells.to(generator.device)[drawn])
