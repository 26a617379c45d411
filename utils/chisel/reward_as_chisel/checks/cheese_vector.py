"""The check of `cheese_vector`: one maze, several mazes, every cell, every layer; and what is left of the network.

The networks are tiny, and can be computed layer by layer without a look from outside.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Diagnosis, Draw, TensorLike, close
from chisel.reward_as_chisel.checks import _explaining as explaining
from chisel.reward_as_chisel.checks._explaining import TOLERANCE, Case
from chisel.reward_as_chisel.checks._networks import Asked, Field, forwards_replaced, fresh, hooks_left, some_mazes
from chisel.reward_as_chisel.mazes import Mazes

check = Check(
    exercise="cheese_vector",
    solution="chisel.reward_as_chisel.steering:cheese_vector",
    arguments=("net", "mazes", "cell", "layer"),
    returns=TensorLike(like="net", shape=lambda a: a["net"].row(a["layer"])),
    example="two mazes; the layer gives [3, 1] and [5, 1] with a cheese in the cell, [2, 1] and [2, 0] without  ->  "
    "[2, 0.5]",
    read="the section 'Steering: the cheese vector' of the chapter; Mini et al. (2023), section 3",
    single_precision=False,
)

SIGN = Diagnosis(
    "sign-flipped",
    "it is without the cheese minus with it",
    "Added to a layer, this vector would take the cheese away. It is to put one there.",
)
OWN = Diagnosis(
    "own-cheese",
    "the cheese stays where the maze has it",
    "The vector is that of a cheese in `cell`. In these mazes the cheese is somewhere else.",
)
OTHER = Diagnosis(
    "other-cheese",
    "it is compared with the maze as it is, not with no cheese at all",
    "That difference also takes away what the maze's own cheese does to the layer.",
)
ONE_SIDE = Diagnosis(
    "not-a-difference",
    "what came back is an activation, or a sum of two, not a difference",
    "Most of a layer's output has nothing to do with the cheese: walls, places. It has to cancel.",
)
RESCALED = Diagnosis(
    "rescaled",
    "the difference is rescaled, or has lost its signs",
    "Added once, the vector must do what the cheese does on average; its size and its signs are part of that.",
)
FLAT = Diagnosis(
    "places-averaged",
    "the difference is averaged over the places of the maze",
    "A cheese does something else to a layer near by than far away.",
)
INPUT = Diagnosis(
    "layer-input",
    "it is what the layer gets, not what it gives",
    "A layer's output is what comes after its own computation.",
)
LAYER = Diagnosis(
    "another-layer",
    "it is the difference at another layer",
    "`layer` is the name of a module as `net.named_modules()` gives it: 'blocks.0' is the first one in 'blocks'.",
)
CELL = Diagnosis(
    "another-cell",
    "it is the vector of a cheese in another cell",
    "Cells are numbered from 0, row by row from the top-left.",
)
DIFFERENCE = Diagnosis(
    "wrong-difference",
    "for a single maze, it is not what the layer gives with the cheese minus what it gives without",
    "Two passes through the network, with nothing changed between them but the cheese.",
)
SUM = Diagnosis(
    "sum-for-mean",
    "the differences are summed over the mazes, not averaged",
    "With twice as many mazes the vector would be twice as long.",
)
ONE_MAZE = Diagnosis(
    "one-maze-only",
    "only one of the mazes counts",
    "One maze's difference is full of what is special about its walls.",
)
MEAN = Diagnosis(
    "not-the-mean",
    "for several mazes, it is not the mean of what each gives alone",
    "Every maze counts alike, whatever the others are.",
)
ZERO = Diagnosis(
    "cell-misread",
    "for the first or the last cell the vector is wrong",
    "`cell` may be any number from 0 to S - 1. 0 is a cell like the others, and not the absence of one.",
)
WHERE = Diagnosis(
    "own-cheese-counts",
    "where a maze has its own cheese makes a difference",
    "A maze may have its cheese in `cell` already, or none at all. It counts like any other.",
)
ELSEWHERE = Diagnosis(
    "layer-ignored",
    "at another layer the vector is wrong",
    "Any module of the network may be asked for, by its name. Its output may have other axes than a picture has; the "
    "first is the one to average over.",
)
HOOK = Diagnosis(
    "hook-left",
    "a hook stays on the network",
    "It goes on working in every later call of the network, and there is one more after each call of this function.",
)
PATCHED = Diagnosis(
    "forward-replaced",
    "a module of the network has another `forward` than before",
    "Whoever uses the network next runs that function, without knowing.",
)


@check.property(
    "difference",
    "one maze gives what the layer does with the cheese, less what it does without",
    *(SIGN, OWN, OTHER, ONE_SIDE, RESCALED, FLAT, INPUT, LAYER, CELL, DIFFERENCE),
)
def difference(attempt: Attempt, draw: Draw) -> None:
    cases = []
    for size, channels, training in ((3, 2, True), (4, 3, False)):
        net, (mazes, cell) = Field(draw, size, channels), some_mazes(draw, 1, size)
        got, tried = _ask(attempt, net, mazes, cell, "blocks.0", training)

        def suspects(net: Field = net, mazes: Mazes = mazes, cell: int = cell) -> Mapping[str, Sequence[Tensor]]:
            return _suspects(net, mazes, cell, "blocks.0")

        cases.append(Case(tried, got, _want(net, mazes, cell, "blocks.0"), suspects))
    explaining.settle(attempt, cases, "wrong-difference")


@check.property("mean", "several mazes give the mean of what each gives alone", SUM, ONE_MAZE, MEAN)
def mean(attempt: Attempt, draw: Draw) -> None:
    cases = []
    for batch in (4, 2):
        net, (mazes, cell) = Field(draw, 3, 2), some_mazes(draw, batch, 3)
        got, tried = _ask(attempt, net, mazes, cell, "blocks.1")
        rows = torch.stack([_ask(attempt, net, mazes[b : b + 1], cell, "blocks.1")[0] for b in range(batch)])

        def suspects(rows: Tensor = rows) -> Mapping[str, Sequence[Tensor]]:
            return {"sum-for-mean": [rows.sum(0)], "one-maze-only": [rows[0], rows[-1]]}

        cases.append(Case(tried, got, rows.mean(0), suspects))
    explaining.settle(attempt, cases, "not-the-mean")


@check.property("cells", "any cell can be asked for, wherever the cheese of a maze is", ZERO, WHERE)
def cells(attempt: Attempt, draw: Draw) -> None:
    net, (mazes, _) = Field(draw, 3, 2), some_mazes(draw, 2, 3)
    for cell in (0, 8):
        one = mazes[:1].with_cheese(4)
        got, tried = _ask(attempt, net, one, cell, "blocks.0")
        _expect_size(attempt, got, _want(net, one, cell, "blocks.0"), "cell-misread", tried)
    for cell, *others in ((4, (4, 2), (-1, 2), (4, 4)), (0, (3, 0), (-1, -1))):
        apart = _ask(attempt, net, mazes.with_cheese(torch.tensor([5, 2])), cell, "blocks.0")[0]
        for own in others:
            got, tried = _ask(attempt, net, mazes.with_cheese(torch.tensor(own)), cell, "blocks.0")
            attempt.expect(got, apart, "own-cheese-counts", tried, tolerance=TOLERANCE)


@check.property("layers", "any layer can be asked for", ELSEWHERE)
def layers(attempt: Attempt, draw: Draw) -> None:
    for layer, size, channels in (
        ("stem", 4, 3), ("blocks.1", 3, 2), ("blocks", 3, 4), ("summary", 4, 2), ("head", 3, 2), ("spread", 3, 2)
    ):  # fmt: skip
        net, (mazes, cell) = Field(draw, size, channels), some_mazes(draw, 1, size)
        got, tried = _ask(attempt, net, mazes, cell, layer)
        _expect_size(attempt, got, _want(net, mazes, cell, layer), "layer-ignored", tried)
    net, (mazes, cell) = Asked(draw, 3), some_mazes(draw, 1, 3)
    got, tried = _ask(attempt, net, mazes, cell, "head")
    shown = [net.heads(maze.observations).mean(0) for maze in (mazes.with_cheese(cell), mazes.without_cheese())]
    _expect_size(attempt, got, shown[0] - shown[1], "layer-ignored", tried)


@check.property("left", "the network is left as it was", HOOK, PATCHED)
def left(attempt: Attempt, draw: Draw) -> None:
    net, (mazes, _) = Field(draw, 3, 2), some_mazes(draw, 2, 3)
    for layer in ("blocks.0", "summary"):
        asked = fresh(net)
        arguments = (asked, mazes, 4, layer)
        attempt(*arguments)
        tried = f"{attempt.describe(arguments)}\nand a look at the network afterwards"
        if hooks_left(asked):
            attempt.fail("hook-left", tried, f"a hook on {', '.join(map(repr, hooks_left(asked)))}")
        if forwards_replaced(asked):
            attempt.fail("forward-replaced", tried, f"another `forward` in {', '.join(forwards_replaced(asked))}")


def _ask(
    attempt: Attempt, net: Field | Asked, mazes: Mazes, cell: int, layer: str, training: bool = True
) -> tuple[Tensor, str]:
    """Return the vector that a fresh copy of the network gives, and what was tried."""
    arguments = (fresh(net, training), mazes, cell, layer)
    return attempt(*arguments), attempt.describe(arguments)


def _expect_size(attempt: Attempt, got: Tensor, want: Tensor, otherwise: str, tried: str) -> None:
    """Compare up to the sign, which is the matter of one property alone."""
    if not close(got, want, TOLERANCE) and not close(got, -want, TOLERANCE):
        attempt.fail(otherwise, tried, got)


def _shown(net: Field, mazes: Mazes, layer: str) -> Tensor:
    """The mean output of a layer."""
    return net.trace(mazes.observations)[1][layer].mean(0)


def _want(net: Field, mazes: Mazes, cell: int, layer: str) -> Tensor:
    return _shown(net, mazes.with_cheese(cell), layer) - _shown(net, mazes.without_cheese(), layer)


def _suspects(net: Field, mazes: Mazes, cell: int, layer: str) -> Mapping[str, Sequence[Tensor]]:
    """What known mistakes give for one maze."""
    want, own = _want(net, mazes, cell, layer), _shown(net, mazes, layer)
    there, none = _shown(net, mazes.with_cheese(cell), layer), _shown(net, mazes.without_cheese(), layer)
    size, (down, right) = mazes.size, divmod(cell, mazes.size)
    cells = ((cell + 1) % size**2, cell - 1, size * right + down, size * (size - 1 - down) + right, 0, size - 1)
    scales = (want.norm(), want.std(), want.abs().max(), want.abs().mean(), 2.0, 0.5)
    return {
        "sign-flipped": [-want],
        "own-cheese": [own - none, none - own],
        "other-cheese": [there - own, own - there],
        "not-a-difference": [there, none, own, there + none, (there + none) / 2, there * none],
        "rescaled": [*(want / scale for scale in scales), want.abs(), want.relu(), want**2, want - want.mean()],
        "places-averaged": [want.mean(axes, keepdim=True).expand_as(want) for axes in ((1, 2), (0,), (0, 1, 2))],
        "layer-input": [_want(net, mazes, cell, "stem")],
        "another-layer": [_want(net, mazes, cell, other) for other in net.like(layer) if other != "stem"],
        "another-cell": [_want(net, mazes, other, layer) for other in cells],
    }
