"""The check of `fixed_observations`: passages, cheeses, and mazes without one.

Each property looks at other channels, or at other mazes, so that each can fail alone.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Diagnosis, Draw, TensorLike
from chisel.checking.contract import WRONG_DTYPE, Arguments, Problem
from chisel.reward_as_chisel.mazes import CHANNELS, NO_CHEESE

BATCHES = ((4, 3), (1, 5), (7, 2), (6, 4), (9, 5))  # mazes and cells along a side
WAYS = CHANNELS - 1


@dataclass(frozen=True)
class Pictures:
    """A float32 tensor [B, 5, n, n]."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        opened = arguments["opened"]
        size = round(opened.shape[1] ** 0.5)
        found = TensorLike("like", lambda a: (len(opened), CHANNELS, size, size)).problem(
            result, {"like": opened.float()}
        )
        return (
            (WRONG_DTYPE, f"{result.dtype}, where float32 is promised") if found and found[0] == WRONG_DTYPE else found
        )

    def same(self, a: Tensor, b: Tensor, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        return torch.equal(a, b)


check = Check(
    exercise="fixed_observations",
    solution="chisel.reward_as_chisel.silent_bug:fixed_observations",
    arguments=("opened", "cheese"),
    returns=Pictures(),
    example="2 mazes of 2 x 2, cheese [1, 2]  ->  channel 4 is [[0, 1], [0, 0]] in the first and [[0, 0], [1, 0]] in "
    "the second",
    read="the section 'The silent bug' of the chapter",
    single_precision=False,
)

INVERTED = Diagnosis(
    "walls-for-passages",
    "walls are shown where one can walk",
    "In `opened` True is a passage, and a passage is shown as 1.",
)
TURNED = Diagnosis(
    "rows-for-columns",
    "rows and columns are exchanged",
    "Cells are numbered row by row: number c is in row c // n and column c % n.",
)
ORDER = Diagnosis(
    "channels-exchanged",
    "the passages are in other channels",
    "Up, down, left, right, in this order, and the cheese after them.",
)
SCRAMBLED = Diagnosis(
    "cells-scrambled",
    "numbers are read off in the wrong order",
    "The axes of `opened` are mazes, cells, directions; in a picture the cells come last. A `reshape` or `view` alone "
    "moves no axis.",
)
WALLS = Diagnosis(
    "walls-wrong",
    "channels 0 to 3 are not the passages of the maze",
    "Channel a holds, for each cell, whether one can walk in direction a from there: 1 or 0.",
)
STILL = Diagnosis(
    "bug-still-there",
    "mazes are still shown with the cheese of another one",
    "Look at two mazes in one batch, with cheeses in two cells: which one is shown in which maze?",
)
OTHER_WAY = Diagnosis(
    "shifted-the-other-way",
    "mazes are shown with the cheese of another one, now on the other side",
    "The same fault turned round. Which number does the first cell of the first maze have, and which of the second?",
)
FIRST = Diagnosis(
    "one-cheese-for-all",
    "all mazes of a batch are shown with the same cheese",
    "Each has its own.",
)
MISSING = Diagnosis(
    "cheese-missing",
    "a cheese is not shown",
    "Every maze of this batch has one, so channel 4 of each holds a 1.",
)
CHEESE = Diagnosis(
    "cheese-wrong",
    "channel 4 is not 1 in the cell of the cheese and 0 in the others",
    "Which cell that is stands in `cheese`, one number a maze, with the cells of each maze counted from 0.",
)
PHANTOM = Diagnosis(
    "cheese-from-nowhere",
    "a maze without a cheese is shown with one",
    "-1 is no cell. As an index it is the last one, of this maze or of the one before.",
)
SKIPPED = Diagnosis(
    "mazes-skipped",
    "mazes without a cheese bring the others out of step",
    "In this batch some mazes have a cheese and some have none. Whoever has one is shown with its own.",
)


@check.property("passages", "channels 0 to 3 are the passages", INVERTED, TURNED, ORDER, SCRAMBLED, WALLS)
def passages(attempt: Attempt, draw: Draw) -> None:
    for batch, size in BATCHES:
        # In the corner the cheese is shown right even with the fault as it was found.
        opened, cheese = _walls(draw, batch, size), torch.full((batch,), size - 1)
        got = attempt(opened, cheese)[:, :WAYS]
        ways = [opened[..., way].float().view(batch, size, size) for way in range(WAYS)]
        want = torch.stack(ways, dim=1)
        suspects = {
            "walls-for-passages": [1 - want],
            "rows-for-columns": [want.mT],
            "channels-exchanged": [
                want[:, order] for order in ([0, 1, 3, 2], [1, 0, 2, 3], [2, 3, 0, 1], [1, 0, 3, 2])
            ],
            "cells-scrambled": [opened.float().reshape(batch, WAYS, size, size)],
        }
        attempt.expect(got, want, "walls-wrong", attempt.describe((opened, cheese)), suspects)


@check.property("cheeses", "each maze is shown with its own cheese", STILL, OTHER_WAY, TURNED, FIRST, MISSING, CHEESE)
def cheeses(attempt: Attempt, draw: Draw) -> None:
    for batch, size in (*BATCHES[::-1], (40, 3)):
        opened, cheese = _walls(draw, batch, size), draw.integers(0, size * size, batch)
        cheese[: size * size] = draw.permutation(size * size)[:batch]  # not twice the same where there is room
        got = attempt(opened, cheese, remember=batch < 9)[:, WAYS]
        want = _shown(cheese, size)
        cells = ", ".join(str(maze.nonzero()[:, 0].tolist()) for maze in got.flatten(1)[:9])
        tried = attempt.describe((opened, cheese)) + f"\nchannel 4 of what came back is not 0 in the cells {cells}"
        suspects = {
            "bug-still-there": [want.roll(-1, 0)],
            "shifted-the-other-way": [want.roll(1, 0)],
            "rows-for-columns": [want.mT],
            "one-cheese-for-all": [want[:1].expand_as(want), want[-1:].expand_as(want), want.amax(0).expand_as(want)],
            "cheese-missing": [torch.zeros_like(want)],
        }
        less = torch.equal(got, got * want) and bool((got.flatten(1).amax(1) == 0).any())
        if less and bool((got[got != 0] == 1).all()):
            attempt.fail(
                "cheese-missing", tried, f"channel 4 empty in {int((got.flatten(1).amax(1) == 0).sum())} mazes"
            )
        attempt.expect(got, want, "cheese-wrong", tried, suspects)


@check.property("none", "a maze without a cheese shows none, and disturbs no other", PHANTOM, SKIPPED)
def none(attempt: Attempt, draw: Draw) -> None:
    for batch, size in ((6, 3), (1, 4), (7, 5)):
        opened, cheese = _walls(draw, batch, size), draw.integers(0, size * size, batch)
        cheese[:: 2 if batch > 1 else 1] = NO_CHEESE
        for cells in (torch.full_like(cheese, NO_CHEESE), cheese, cheese.flip(0)):
            got = attempt(opened, cells)[:, WAYS]
            tried = attempt.describe((opened, cells))
            without = cells == NO_CHEESE
            if bool((got[without] != 0).any()):
                row = int((got.flatten(1).amax(1) * without).argmax())
                attempt.fail(
                    "cheese-from-nowhere", tried, f"channel 4 of maze {row}, which has none:\n{got[row].int()}"
                )
            attempt.expect(got, _shown(cells, size), "mazes-skipped", tried)


def _walls(draw: Draw, batch: int, size: int) -> Tensor:
    """Any passages: the picture of a maze does not depend on its being one."""
    return draw.uniform(0, 1, batch, size * size, WAYS) < 0.5


def _shown(cheese: Tensor, size: int) -> Tensor:
    """Channel 4 [B, n, n], written cell by cell."""
    shown = torch.zeros(len(cheese), size, size)
    for maze, cell in enumerate(cheese.tolist()):
        if cell != NO_CHEESE:
            shown[maze, cell // size, cell % size] = 1
    return shown
