"""The check of `generate_mazes`: the grid, both sides of a wall, perfect mazes, and where randomness comes from.

Any way to draw perfect mazes will do, whether or not all of them are equally likely. Nothing here depends on luck: with
the poorest usual way, one coin a cell, two of the largest mazes agree once in 10^10 pairs.
"""

from itertools import permutations

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Draw
from chisel.reward_as_chisel.checks import _grids as grids
from chisel.reward_as_chisel.checks import _maze_faults as faults

check = Check(
    exercise="generate_mazes",
    solution="chisel.reward_as_chisel.world:generate_mazes",
    arguments=("batch", "size", "generator"),
    returns=grids.Mazes(),
    example="batch 1, size 2: cells 0 1 above 2 3, and 3 of the 4 inner walls open, for instance all but that between "
    "2 and 3  ->  up, down, left, right are open in 0: [F, T, F, T], 1: [F, T, T, F], 2: [T, F, F, F], 3: [T, F, F, F]",
    read="the section 'The world, and exact evaluation' of the chapter",
)
SIZES = ((2, 6), (3, 4), (4, 1), (6, 3))  # size, batch
LARGE = 7
FIXED = 0.4  # of the walls; where one coin decides about each cell it is 0.14
ALIKE = 0.6  # of the distance between mazes of different calls


def _generator(draw: Draw) -> torch.Generator:
    return torch.Generator().manual_seed(draw.integer(0, 2**31))


def _first(wrong: Tensor) -> int:
    return int(wrong.flatten(1).any(1).nonzero()[0])


@check.property(
    "grid",
    "no passage leads out of the grid",
    *(faults.COLUMNS, faults.ORDER, faults.INVERTED, faults.WRAPS, faults.OUT),
)
def inside(attempt: Attempt, draw: Draw) -> None:
    for size, batch in SIZES:
        arguments = (batch, size, _generator(draw))
        opened = attempt(*arguments)
        out = grids.leading_out(opened)
        if not bool(out.any()):
            continue
        tried, got = attempt.describe(arguments), grids.drawing(opened, _first(out))
        # One size and few mazes may look right by chance, so more are asked for.
        more = [opened, attempt(8, 5, _generator(draw), remember=False)]
        for order in permutations(range(4)):
            if all(grids.perfect(some[..., list(order)]) for some in more):
                rows_for_columns = order == (grids.LEFT, grids.RIGHT, grids.UP, grids.DOWN)
                attempt.fail("column-major" if rows_for_columns else "directions-swapped", tried, got)
        if all(grids.perfect(~some & ~grids.leading_out(~some).view_as(some)) for some in more):
            attempt.fail("walls-for-passages", tried, got)
        attempt.fail("wraps-around" if all(map(grids.wrapped, more)) else "out-of-grid", tried, got)


@check.property("both-sides", "what is open from one side is open from the other", faults.ONE_SIDED)
def both_sides(attempt: Attempt, draw: Draw) -> None:
    for size, batch in SIZES:
        arguments = (batch, size, _generator(draw))
        opened = attempt(*arguments)
        one, other = grids.sides(opened)
        if not torch.equal(one, other):
            attempt.fail("one-sided", attempt.describe(arguments), grids.drawing(opened, _first(one != other)))


@check.property("perfect", "there is one way between two cells, and no more", faults.UNREACHABLE, faults.LOOPS)
def perfect(attempt: Attempt, draw: Draw) -> None:
    asked = [(batch, size, _generator(draw)) for size, batch in SIZES]
    drawn = [(attempt.describe(arguments), attempt(*arguments)) for arguments in asked]
    for tried, opened in drawn:
        cut = ~grids.reached(opened)
        if bool(cut.any()):
            attempt.fail("not-connected", tried, grids.drawing(opened, _first(cut)))
    for tried, opened in drawn:
        spare = grids.passages(opened).sum(1, keepdim=True) > opened.shape[1] - 1
        if bool(spare.any()):
            attempt.fail("loops", tried, grids.drawing(opened, _first(spare)))


@check.property("generator", "the generator decides", faults.ALWAYS, faults.IGNORED, faults.NOT_ADVANCED)
def generator(attempt: Attempt, draw: Draw) -> None:
    first, second = _generator(draw), _generator(draw)
    tried = attempt.describe((2, LARGE, first))
    once, other, again = (attempt(2, LARGE, random) for random in (first, second, first))
    if torch.equal(once, other):
        id = "always-the-same" if torch.equal(once[0], once[1]) else "generator-ignored"
        attempt.fail(id, f"{tried}\nand then another generator", f"twice the same, {grids.drawing(once, 0)}")
    if torch.equal(once, again):
        got = f"twice the same, {grids.drawing(once, 0)}"
        attempt.fail("generator-not-advanced", f"{tried}\nand then the same one again", got)


@check.property("batch", "the mazes of a batch have nothing to do with each other", faults.REPEATED, faults.ALIKE)
def batch(attempt: Attempt, draw: Draw) -> None:
    arguments, count = (16, LARGE, _generator(draw)), 16
    opened, others = attempt(*arguments, remember=False), attempt(8, LARGE, _generator(draw), remember=False)
    tried, copies = attempt.describe(arguments), grids.least_copies(opened)
    twins = [(a, b) for b in range(count) for a in range(b) if copies[a] == copies[b]]
    if twins:
        attempt.fail("repeated-in-batch", tried, f"mazes {twins[0][0]} and {twins[0][1]} are the same")
    ours, theirs = grids.passages(opened).double(), grids.passages(others).double()
    near, far = torch.cdist(ours, ours, p=1), float(torch.cdist(ours, theirs, p=1).mean())
    pairs = {
        "two mazes of the batch": near.sum() / (count * (count - 1)),
        "a maze and the next": near.diagonal(1).mean(),
        "the first maze and another": near[0, 1:].mean(),
    }
    for name, distance in pairs.items():
        if float(distance) < ALIKE * far:
            got = f"{name} differ at {float(distance):.1f} walls on average, mazes of two calls at {far:.1f}"
            attempt.fail("alike-in-batch", tried, got)


@check.property("variety", "other generators draw other mazes", faults.SHARED, faults.HARDLY)
def variety(attempt: Attempt, draw: Draw) -> None:
    # Neighbouring seeds, because somebody may count them up.
    seed, drawn = draw.integer(0, 2**31), []
    for more in range(3):
        drawn.append(attempt(20, LARGE, torch.Generator().manual_seed(seed + more), remember=False))
    tried = f"batch = 20, size = {LARGE}, with generators that were given the seeds {seed}, {seed + 1} and {seed + 2}"
    forms = [{maze.numpy().tobytes() for maze in some} for some in drawn]
    common = len(forms[0] & forms[1]) + len(forms[0] & forms[2]) + len(forms[1] & forms[2])
    if common > 1:
        attempt.fail("calls-share-mazes", tried, f"{common} mazes that occur in two calls")
    open_in = grids.passages(torch.cat(drawn)).double().mean(0)
    fixed = float(((open_in == 0) | (open_in == 1)).double().mean())
    if fixed > FIXED:
        attempt.fail("hardly-random", tried, f"{fixed:.0%} of the inner walls are the same in all 60 mazes")
