"""The check of `steer`: one maze and one layer, no coefficient, several mazes, every layer; and what is left behind.

The networks are tiny, and can be computed layer by layer with something added on the way.
"""

import itertools
import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Diagnosis, Draw, TensorLike, close
from chisel.reward_as_chisel.checks import _explaining as explaining
from chisel.reward_as_chisel.checks._explaining import TOLERANCE, Case
from chisel.reward_as_chisel.checks._networks import Asked, Field, forwards_replaced, fresh, hooks_left, some_mazes
from chisel.reward_as_chisel.mazes import ACTIONS, Mazes

check = Check(
    exercise="steer",
    solution="chisel.reward_as_chisel.steering:steer",
    arguments=("net", "mazes", "vector", "coefficient", "layer"),
    returns=TensorLike(like="vector", shape=lambda a: (*a["mazes"].opened.shape[:2], ACTIONS)),
    example="a layer that gives [1, 2], vector [3, -1], coefficient 2  ->  the logits of a network in which that layer "
    "gives [7, 0]",
    read="the section 'Steering: the cheese vector' of the chapter; Mini et al. (2023), section 3",
    single_precision=False,
)

UNSTEERED = Diagnosis(
    "not-steered",
    "the logits are those of the network without the vector",
    "A hook that returns nothing changes nothing, nor does one that is put on another network, or taken off too soon.",
)
IGNORED = Diagnosis(
    "coefficient-ignored",
    "the coefficient is not used",
    "Whatever the coefficient, the vector is added just once.",
)
SIGN = Diagnosis(
    "sign-flipped",
    "the vector is subtracted, not added",
    "With a positive coefficient the vector is added, with a negative one it is taken away.",
)
MISUSED = Diagnosis(
    "coefficient-misused",
    "the coefficient is not used as it is given",
    "It may be negative, and larger than 1: -2 takes away twice what 1 adds once.",
)
REPLACED = Diagnosis(
    "replaced",
    "what the layer computes is lost",
    "The vector comes on top of the layer's output. What the layer knows about this maze stays.",
)
VECTOR = Diagnosis(
    "vector-rescaled",
    "the vector is rescaled, centred or averaged before it is added",
    "Its length, its places and its signs say what a cheese does. Add it as it is.",
)
BEFORE = Diagnosis(
    "before-the-layer",
    "the vector is added to what the layer gets, not to what it gives",
    "The layer then computes something from the vector, too.",
)
LAYER = Diagnosis(
    "another-layer",
    "the vector is added at another layer, or at several",
    "`layer` is the name of a module as `net.named_modules()` gives it: 'blocks.0' is the first one in 'blocks'.",
)
NO_CHEESE = Diagnosis(
    "cheese-removed",
    "the mazes are not shown as they are",
    "The cheese is missing from the observations, or somewhere else. What the vector does beside it stays unseen then.",
)
NOT_LOGITS = Diagnosis(
    "not-logits",
    "probabilities or log-probabilities come back, not logits",
    "Logits are what the network gives, before any softmax.",
)
CHANGE = Diagnosis(
    "difference-returned",
    "what came back is how much the logits change",
    "Asked for are the logits themselves, those of the network that is steered.",
)
WRONG = Diagnosis(
    "wrong-logits",
    "the logits are not those of a network whose layer gives its output plus coefficient * vector",
    "Everything before the layer stays as it is; everything after it is computed from the new output.",
)
ZERO = Diagnosis(
    "zero-not-identity",
    "with coefficient 0, the logits are not those of the network",
    "Nothing is added then. 0 is a coefficient like any other, and not the absence of one.",
)
FIRST = Diagnosis(
    "some-mazes-only",
    "the vector is added in some mazes of the batch and not in others",
    "It is the same vector for all of them.",
)
ORDER = Diagnosis(
    "rows-reordered",
    "the mazes come back in another order",
    "Row b of the logits belongs to maze b.",
)
ROWS = Diagnosis(
    "rows-mixed",
    "a maze gets other logits in a batch than alone",
    "Each maze is steered on its own, with the same vector.",
)
ELSEWHERE = Diagnosis(
    "layer-ignored",
    "at another layer, steering is wrong",
    "Any module of the network may be steered, by its name. One row of its output, and so the vector, may have other "
    "axes than a picture has.",
)
HOOK = Diagnosis(
    "hook-left",
    "the network goes on being steered after the call",
    "The hook is still there. It works in every later call of the network, and the next steering comes on top of it.",
)
PATCHED = Diagnosis(
    "forward-replaced",
    "a module of the network has another `forward` than before",
    "Whoever uses the network next runs that function, without knowing.",
)


@check.property(
    "added",
    "the layer gives its output plus coefficient * vector, and all that follows is computed from that",
    *(UNSTEERED, IGNORED, SIGN, MISUSED, REPLACED, VECTOR, BEFORE, LAYER, NO_CHEESE, NOT_LOGITS, CHANGE, WRONG),
)
def added(attempt: Attempt, draw: Draw) -> None:
    cases = []
    for size, channels, coefficient in ((3, 2, 1.7), (4, 3, -2.3), (3, 2, -0.4), (3, 4, 0.6)):
        net, (mazes, _) = Field(draw, size, channels), some_mazes(draw, 1, size)
        vector = _vector(draw, net, "blocks.0")
        got, tried = _ask(attempt, net, mazes, vector, coefficient, "blocks.0", training=coefficient > 0)

        def suspects(
            net: Field = net, mazes: Mazes = mazes, vector: Tensor = vector, coefficient: float = coefficient
        ) -> Mapping[str, Sequence[Tensor]]:
            return _suspects(net, mazes, vector, coefficient, "blocks.0")

        want = net.trace(mazes.observations, {"blocks.0": coefficient * vector})[0]
        cases.append(Case(tried, got, want, suspects))
    explaining.settle(attempt, cases, "wrong-logits")


@check.property("zero", "a coefficient of 0 changes nothing", ZERO)
def zero(attempt: Attempt, draw: Draw) -> None:
    for coefficient in (0.0, 0):
        net, (mazes, _) = Field(draw, 3, 2), some_mazes(draw, 1, 3)
        vector = _vector(draw, net, "blocks.0")
        got, tried = _ask(attempt, net, mazes, vector, coefficient, "blocks.0")
        same = net.trace(mazes.observations)[0]
        attempt.expect(got, same, "zero-not-identity", tried, tolerance=TOLERANCE)


@check.property("rows", "mazes of a batch do not touch", FIRST, ORDER, ROWS)
def rows(attempt: Attempt, draw: Draw) -> None:
    cases = []
    for batch in (4, 2):
        net, (mazes, _) = Field(draw, 3, 2), some_mazes(draw, batch, 3)
        vector = _vector(draw, net, "blocks.0")
        got, tried = _ask(attempt, net, mazes, vector, 1.0, "blocks.0")
        alone = torch.cat([_ask(attempt, net, mazes[b : b + 1], vector, 1.0, "blocks.0")[0] for b in range(batch)])

        def suspects(
            net: Field = net, mazes: Mazes = mazes, batch: int = batch, alone: Tensor = alone
        ) -> Mapping[str, Sequence[Tensor]]:
            base = net.trace(mazes.observations)[0]
            return {"some-mazes-only": [torch.cat([alone[:1], base[1:]]), torch.cat([base[:-1], alone[-1:]])]}

        cases.append(Case(tried, got, alone, suspects))
    first, (_, *orders) = cases[0], itertools.permutations(range(4))
    if any(close(first.got, first.want[list(order)], TOLERANCE) for order in orders):
        attempt.fail("rows-reordered", first.tried, first.got)
    explaining.settle(attempt, cases, "rows-mixed")


@check.property("layers", "any layer can be steered", ELSEWHERE)
def layers(attempt: Attempt, draw: Draw) -> None:
    for layer, size, channels in (
        ("stem", 4, 3), ("blocks.1", 3, 2), ("blocks", 3, 4), ("summary", 4, 2), ("head", 3, 2), ("spread", 3, 2)
    ):  # fmt: skip
        net, (mazes, _) = Field(draw, size, channels), some_mazes(draw, 1, size)
        vector = _vector(draw, net, layer)
        got, tried = _ask(attempt, net, mazes, vector, 1.0, layer)
        want = net.trace(mazes.observations, {layer: vector})[0]
        attempt.expect(got, want, "layer-ignored", tried, tolerance=TOLERANCE)
    net, (mazes, _) = Asked(draw, 3), some_mazes(draw, 1, 3)
    vector = _vector(draw, net, "head")
    got, tried = _ask(attempt, net, mazes, vector, 1.0, "head")
    want = (net.heads(mazes.observations) + vector)[:, :ACTIONS].view_as(got)
    attempt.expect(got, want, "layer-ignored", tried, tolerance=TOLERANCE)


@check.property("left", "the network is left as it was", HOOK, PATCHED)
def left(attempt: Attempt, draw: Draw) -> None:
    net, (mazes, _) = Field(draw, 3, 2), some_mazes(draw, 1, 3)
    for layer in ("blocks.0", "summary"):
        asked = fresh(net)
        arguments = (asked, mazes, _vector(draw, net, layer), 1.0, layer)
        attempt(*arguments)
        tried = f"{attempt.describe(arguments)}\nand then the network on its own"
        if forwards_replaced(asked):
            attempt.fail("forward-replaced", tried, f"another `forward` in {', '.join(forwards_replaced(asked))}")
        with torch.no_grad():
            afterwards = asked(mazes.observations)[0]
        if hooks_left(asked) or not close(afterwards, net.trace(mazes.observations)[0], TOLERANCE):
            attempt.fail("hook-left", tried, afterwards)


def _vector(draw: Draw, net: Field | Asked, layer: str) -> Tensor:
    """Draw a vector that is not centred, for one row of a layer's output."""
    return (0.5 + draw.normal(*net.row(layer))).float()


def _ask(
    attempt: Attempt,
    net: Field | Asked,
    mazes: Mazes,
    vector: Tensor,
    coefficient: float,
    layer: str,
    training: bool = True,
) -> tuple[Tensor, str]:
    """Return the logits of a fresh copy of the network, steered, and what was tried."""
    arguments = (fresh(net, training), mazes, vector, coefficient, layer)
    return attempt(*arguments), attempt.describe(arguments)


def _suspects(
    net: Field, mazes: Mazes, vector: Tensor, coefficient: float, layer: str
) -> Mapping[str, Sequence[Tensor]]:
    """What known mistakes give for one maze."""
    shown = mazes.observations
    base, outputs = net.trace(shown)
    out, push = outputs[layer], coefficient * vector

    def give(new: Tensor | float, at: str = layer) -> Tensor:
        return net.trace(shown, {at: torch.as_tensor(new).expand_as(vector)})[0]

    def put(new: Tensor) -> Tensor:
        return give((new - out)[0])

    want = give(push)
    factors = [abs(coefficient), coefficient**2, max(coefficient, 0), min(max(coefficient, 0), 1)]
    factors += [min(max(coefficient, -1), 1), int(coefficient), round(coefficient), math.copysign(1, coefficient)]
    scales = (vector.norm(), vector.std(), vector.abs().max(), vector.numel() ** 0.5)
    means = [push.mean(axes, keepdim=True) for axes in ((1, 2), (0,), (0, 1, 2))]
    same_shape = ["blocks.0", "stem", "blocks.1"]
    others = [mazes.with_cheese(cell).observations for cell in (-1, mazes.size - 1, 0)]
    return {
        "not-steered": [base],
        "coefficient-ignored": [give(vector)],
        "sign-flipped": [give(-push)],
        "coefficient-misused": [give(factor * vector) for factor in (*factors, 2 * coefficient, 1 + coefficient)],
        "replaced": [
            put(push),
            put((1 - coefficient) * out + push),
            put(coefficient * (out + vector)),
            put(out * push),
        ],
        "vector-rescaled": [*(give(push / scale) for scale in scales), give(push - push.mean()), *map(give, means)],
        "before-the-layer": [give(push, "stem")],
        "another-layer": [
            *(give(push, other) for other in net.like(layer)),
            *(net.trace(shown, dict.fromkeys(same_shape[:count], push))[0] for count in (2, 3)),
            net.trace(shown, dict.fromkeys(("blocks.0", "blocks.1"), push))[0],
        ],
        "cheese-removed": [net.trace(other, {layer: push})[0] for other in others],
        "not-logits": [want.softmax(-1), want.log_softmax(-1), want.softmax(-2), want.sigmoid()],
        "difference-returned": [want - base, base - want],
    }
