"""Mazes in batches: n x n cells with walls, a start in the bottom-left and a corner in the top-right.

Cells are numbered row by row from the top-left, S = size * size of them. Actions are up, down, left, right and stay.
Every maze is *perfect*: between two cells there is one path and no more.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

MOVES = ((-1, 0), (1, 0), (0, -1), (0, 1))
ACTIONS = len(MOVES) + 1  # the last one stays
STAY = len(MOVES)
CHANNELS = 5  # open up, open down, open left, open right, cheese
SMALLEST = 2
NO_CHEESE = -1


class WorldError(ValueError):
    """A maze, a region or a tile that cannot be. The message says why."""


def next_cells(opened: Tensor) -> Tensor:
    """Return next_table: [B, S, 5] int, where each action leads from each cell; into a wall one stays.

    Args:
        opened: [B, S, 4] bool.
    """
    size = maze_size(opened)
    cells = torch.arange(size * size, device=opened.device)
    steps = torch.tensor([down * size + right for down, right in MOVES], device=opened.device)
    moved = torch.where(opened, cells[:, None] + steps, cells[:, None])
    return torch.cat([moved, cells[:, None].expand(len(opened), -1, 1)], dim=-1)


def maze_size(opened: Tensor) -> int:
    """Return the cells along a side of `opened: [B, S, 4]`.

    Raises:
        WorldError: S is not a square of at least 4.
    """
    size = round(opened.shape[1] ** 0.5)
    if size * size != opened.shape[1] or size < SMALLEST:
        raise WorldError(f"{opened.shape[1]} cells make no square maze of at least {SMALLEST} x {SMALLEST}")
    return size


def start_cell(size: int) -> int:
    """Return the bottom-left cell, where a tested agent starts."""
    return size * (size - 1)


def corner_cell(size: int) -> int:
    """Return the top-right cell, where the cheese is in training."""
    return size - 1


def region_cells(size: int, k: int) -> Tensor:
    """Return the cells [k * k] of the top-right k x k region, where the cheese may be in training.

    Raises:
        WorldError: the region is empty or larger than the maze.
    """
    if not 1 <= k <= size:
        raise WorldError(f"a region of {k} x {k} does not fit a maze of {size} x {size}: take 1 to {size}")
    cells = torch.arange(size * size).view(size, size)
    return cells[:k, size - k :].flatten()


@dataclass(frozen=True)
class Mazes:
    """Mazes with a cheese each.

    Attributes:
        opened: [B, S, 4] bool, where one can walk.
        cheese: [B] int, the cell of the cheese; -1 for none.
    """

    opened: Tensor
    cheese: Tensor

    def __len__(self) -> int:
        return len(self.opened)

    def __getitem__(self, rows: Tensor | slice) -> "Mazes":
        return Mazes(self.opened[rows], self.cheese[rows])

    @property
    def size(self) -> int:
        """Cells along a side."""
        return maze_size(self.opened)

    @property
    def next_table(self) -> Tensor:
        """[B, S, 5] int, where each action leads from each cell."""
        return next_cells(self.opened)

    @property
    def targets(self) -> Tensor:
        """[B, S] bool, True at the cheese."""
        return torch.arange(self.opened.shape[1], device=self.cheese.device) == self.cheese[:, None]

    @property
    def observations(self) -> Tensor:
        """[B, 5, size, size] float, what an agent sees: passages up, down, left, right, and the cheese."""
        channels = torch.cat([self.opened, self.targets[..., None]], dim=-1).float()  # [B, S, 5]
        return channels.transpose(1, 2).reshape(len(self), CHANNELS, self.size, self.size)

    def with_cheese(self, cheese: Tensor | int) -> "Mazes":
        """Return the same mazes with the cheese in other cells ([B] int or one cell for all; -1 for none).

        Raises:
            WorldError: the mazes have no such cell.
        """
        cheese = torch.as_tensor(cheese, device=self.cheese.device)
        check_cells(cheese, NO_CHEESE, self.opened.shape[1])
        return Mazes(self.opened, cheese.expand(len(self)))

    def without_cheese(self) -> "Mazes":
        """Return the same mazes with no cheese."""
        return self.with_cheese(NO_CHEESE)

    def to(self, device: torch.device | str) -> "Mazes":
        """Return the mazes on `device`."""
        return Mazes(self.opened.to(device), self.cheese.to(device))


def check_cells(cells: Tensor, first: int, end: int) -> None:
    """Raise a WorldError unless every one of `cells` is in first..end-1."""
    wrong = cells[(cells < first) | (cells >= end)]
    if wrong.numel():
        raise WorldError(f"there is no cell {int(wrong.flatten()[0])} in mazes of {end} cells")
