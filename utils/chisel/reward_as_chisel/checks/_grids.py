"""Mazes as their check looks at them: passages as a list of neighbours, symmetries, and a drawing."""

from dataclasses import dataclass
from itertools import product
from typing import Any

import torch
from torch import Tensor

from chisel.checking.contract import WRONG_SHAPE, WRONG_TYPE, Arguments, Problem

UP, DOWN, LEFT, RIGHT = range(4)
OPPOSITE = (DOWN, UP, RIGHT, LEFT)


@dataclass(frozen=True)
class Mazes:
    """A tensor [batch, size * size, 4] bool."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        if type(result) is not Tensor or result.layout != torch.strided:
            return WRONG_TYPE, f"{type(result).__name__}, where an ordinary tensor is promised"
        want = [arguments["batch"], arguments["size"] ** 2, 4]
        if list(result.shape) != want:
            return WRONG_SHAPE, f"shape {list(result.shape)}, where {want} is promised"
        if result.dtype != torch.bool:
            return WRONG_TYPE, f"{result.dtype}, where torch.bool is promised"
        return None

    def same(self, a: Tensor, b: Tensor, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        return torch.equal(a, b)


def grid(opened: Tensor) -> Tensor:
    """Return opened: [B, S, 4] as [B, n, n, 4]."""
    size = round(opened.shape[1] ** 0.5)
    return opened.view(len(opened), size, size, 4)


def leading_out(opened: Tensor) -> Tensor:
    """Return [B, n, n, 4], True at passages beyond the outer wall."""
    cells, out = grid(opened), torch.zeros_like(grid(opened))
    out[:, 0, :, UP], out[:, -1, :, DOWN] = cells[:, 0, :, UP], cells[:, -1, :, DOWN]
    out[:, :, 0, LEFT], out[:, :, -1, RIGHT] = cells[:, :, 0, LEFT], cells[:, :, -1, RIGHT]
    return out


def sides(opened: Tensor) -> tuple[Tensor, Tensor]:
    """Return [B, E] twice: whether each inner wall is open from its upper or left cell, and from the other one."""
    cells = grid(opened)
    across = cells[:, :, :-1, RIGHT].flatten(1), cells[:, :, 1:, LEFT].flatten(1)
    along = cells[:, :-1, :, DOWN].flatten(1), cells[:, 1:, :, UP].flatten(1)
    return torch.cat([across[0], along[0]], dim=1), torch.cat([across[1], along[1]], dim=1)


def passages(opened: Tensor) -> Tensor:
    """Return [B, E] which inner walls are open, from either side."""
    one, other = sides(opened)
    return one | other


def reached(opened: Tensor) -> Tensor:
    """Return [B, n, n], the cells that can be reached from the first one; a passage serves in both directions."""
    cells = grid(opened)
    size = cells.shape[1]
    right = cells[:, :, :-1, RIGHT] | cells[:, :, 1:, LEFT]
    down = cells[:, :-1, :, DOWN] | cells[:, 1:, :, UP]
    here = torch.zeros(cells.shape[:3], dtype=torch.bool)
    here[:, 0, 0] = True
    for _ in range(size * size):
        here[:, :, 1:] |= here[:, :, :-1] & right
        here[:, :, :-1] |= here[:, :, 1:] & right
        here[:, 1:] |= here[:, :-1] & down
        here[:, :-1] |= here[:, 1:] & down
    return here


def perfect(opened: Tensor) -> bool:
    """Say whether all are perfect mazes."""
    one, other = sides(opened)
    exact = bool((one == other).all()) and not bool(leading_out(opened).any())
    return exact and bool((one.sum(1) == opened.shape[1] - 1).all()) and bool(reached(opened).all())


def wrapped(opened: Tensor) -> bool:
    """Say whether every passage out of the grid comes in again at the other edge, in the same or the next row."""
    cells, out = grid(opened), leading_out(opened)
    down = torch.equal(out[:, -1, :, DOWN], out[:, 0, :, UP])
    same_row = torch.equal(out[:, :, -1, RIGHT], out[:, :, 0, LEFT])
    next_row = torch.equal(out[:, :-1, -1, RIGHT], out[:, 1:, 0, LEFT])
    ends = bool(cells[:, -1, -1, RIGHT].any()) or bool(cells[:, 0, 0, LEFT].any())
    return down and (same_row or (next_row and not ends))


def least_copies(opened: Tensor) -> list[bytes]:
    """Return for each maze something that its mirrored and turned copies have, too, and no other maze."""
    forms = []
    for turned, flipped, mirrored in product((False, True), repeat=3):
        cells = grid(opened)
        if turned:
            cells = cells.transpose(1, 2)[..., [LEFT, RIGHT, UP, DOWN]]
        if flipped:
            cells = cells.flip(1)[..., [DOWN, UP, LEFT, RIGHT]]
        if mirrored:
            cells = cells.flip(2)[..., [UP, DOWN, RIGHT, LEFT]]
        forms.append([maze.contiguous().numpy().tobytes() for maze in cells])
    return [min(copies) for copies in zip(*forms, strict=True)]


def drawing(opened: Tensor, maze: int) -> str:
    """Draw one maze: o a cell, - and | passages, < > ^ v what is open from one side only or leads out."""
    cells = grid(opened)[maze].tolist()
    size = len(cells)
    lines = []
    for row in range(size):
        line, below = "<" if cells[row][0][LEFT] else " ", " "
        for column in range(size):
            here = cells[row][column]
            beside = column + 1 < size and cells[row][column + 1][LEFT]
            under = row + 1 < size and cells[row + 1][column][UP]
            line += "o" + {(True, True): "-", (True, False): ">", (False, True): "<"}.get((here[RIGHT], beside), " ")
            below += {(True, True): "|", (True, False): "v", (False, True): "^"}.get((here[DOWN], under), " ") + " "
        lines += [line, below]
    above = " " + " ".join("^" if cell[UP] else " " for cell in cells[0])
    return f"maze {maze} of the batch\n" + "\n".join(line.rstrip() for line in [above, *lines] if line.strip())
