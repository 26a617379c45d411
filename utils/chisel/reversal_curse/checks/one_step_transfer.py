"""The check of `one_step_transfer`: what is left behind, what the step is, what is read off, and odd parameters.

The models are tiny, and what a step does to them is worked out on replaced tables. A property looks at one field of the
result, or at one circumstance, so that each can fail alone.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from chisel.checking import Attempt, Check, Draw, Number, close
from chisel.checking.attempt import Fault
from chisel.checking.contract import WRONG_TYPE, Arguments, Problem, show
from chisel.reversal_curse.checks import _transfer_faults as faults
from chisel.reversal_curse.checks import _transfer_suspects as suspects
from chisel.reversal_curse.checks._recall_toys import Pairs, State, after_step, differing, state, stepped
from chisel.reversal_curse.recall import Transfer


@dataclass(frozen=True)
class TransferLike:
    """A `Transfer` of three finite numbers. A plain tuple has no field names, by which others read it."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        if not isinstance(result, tuple) or getattr(result, "_fields", None) != Transfer._fields:
            return WRONG_TYPE, f"{type(result).__name__}, where a Transfer({', '.join(Transfer._fields)}) is promised"
        for name, value in zip(Transfer._fields, result, strict=True):
            found = Number().problem(value, arguments)
            if found:
                return found[0], f"as `{name}`: {found[1]}"
        return None

    def same(self, a: Transfer, b: Transfer, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        # Changes are differences of scores: the largest says how large the rounding may be.
        first, second = _numbers(a), _numbers(b)
        return bool(((first - second).abs() <= absolute + relative * second.abs().max()).all())


check = Check(
    exercise="one_step_transfer",
    solution="chisel.reversal_curse.transfer:one_step_transfer",
    arguments=("model", "index", "others", "eta"),
    returns=TransferLike(),
    example="index 0, others [1, 2]; the step takes forward score [0, 0] from -5 to -4.7, and the backward scores "
    "of row 0 from [-6, -7, -4] to [-5.9, -6.8, -4]; what the others gained on average is 0.1, too  ->  "
    "Transfer(forward=0.3, raw=0.1, contrasted=0)",
    read="the section 'One gradient step' of the chapter",
)


@check.property(
    "left-as-found",
    "weights, their gradients and the mode are as before, to the last bit",
    *(faults.MOVED, faults.ROUNDED, faults.LEFT, faults.LOST, faults.MODE, faults.OLD),
)
def left_as_found(attempt: Attempt, draw: Draw) -> None:
    for training, with_gradients in ((True, False), (False, True)):
        model = Pairs(draw, 4).train(training)
        for p in model.parameters():
            p.grad = 3 * draw.normal(*p.shape) if with_gradients else None
        before = state(model)
        arguments = (model, 1, [3, 0], 0.3)
        tried = attempt.describe(arguments) + ("\neach parameter has a `.grad` from before" if with_gradients else "")
        try:
            got = _ask(attempt, arguments, remember=False)
        except Fault as fault:
            if fault.finding.diagnosis.id == "input-changed":
                _name_what_is_left(attempt, before, model, tried)
            raise
        if with_gradients and close(got[0], _along_both(model, 1, 0.3)):
            attempt.fail("old-gradients-used", tried, got)


@check.property(
    "left-after-error", "weights, gradients and mode are as before even if the model raises", faults.AFTER_ERROR
)
def left_after_error(attempt: Attempt, draw: Draw) -> None:
    model = Pairs(draw, 3)
    model.arm("backward")
    before = state(model)
    arguments = (model, 0, [1, 2], 0.5)
    try:
        attempt(*arguments, remember=False)
    except Fault as fault:
        if fault.finding.diagnosis.id != "raised":
            raise
    if differing(before, state(model)):
        tried = f"{attempt.describe(arguments)}\nscores('backward') raises once the weights have moved"
        attempt.fail("not-restored-after-error", tried, "a model with other weights, gradients or modes than before")


@check.property(
    "forward",
    "the forward gain is that of one step of eta times the gradient",
    *(faults.DESCENT, faults.PROBABILITY, faults.WHOLE, faults.INVERSE, faults.LENGTH, faults.ETA, faults.SOME),
    *(faults.TWICE, faults.PREDICTED, faults.OTHER_CHANGE, faults.FORWARD),
)
def forward_gain(attempt: Attempt, draw: Draw) -> None:
    for count, index, eta in ((4, 2, 0.3), (3, 0, 0.05)):
        model, others = Pairs(draw, count), [(index + 1) % count, (index + 2) % count]
        arguments = (model, index, others, eta)
        got, tried = _ask(attempt, arguments)[0], attempt.describe(arguments)
        want = after_step(model, index, eta)[0][index, index]
        if close(got, want, suspects.ROUNDED):
            continue
        half = _ask(attempt, (model, index, others, eta / 2), remember=False)[0]
        if close(got, half) and abs(float(got)) > 1e-6:
            attempt.fail("eta-ignored", tried, got)
        suspects.settle(attempt, got, want, "wrong-forward-gain", tried, suspects.of_forward(model, index, eta))


@check.property(
    "raw",
    "the raw change is that of the right name after the backward prompt",
    *(faults.EXCHANGED, faults.NOT_READ, faults.STILL_FORWARD, faults.PREDICTED, faults.OTHER_CHANGE, faults.RAW),
)
def raw_change(attempt: Attempt, draw: Draw) -> None:
    # One rises, the other falls.
    for count, index, eta, sign in ((4, 3, 0.4, 1), (3, 0, 0.1, -1)):
        models = ((model, after_step(model, index, eta)[1][index, index]) for model in _models(draw, count))
        model, want = next((model, raw) for model, raw in models if sign * raw > 1e-3)
        arguments = (model, index, [(index + 2) % count, (index + 1) % count], eta)
        got, tried = _ask(attempt, arguments, remember=False)[1], attempt.describe(arguments)
        suspects.settle(attempt, got, want, "wrong-raw-change", tried, suspects.of_raw(*arguments))


def _models(draw: Draw, count: int) -> Iterator[Pairs]:
    while True:
        yield Pairs(draw, count)


@check.property(
    "contrast",
    "what is taken off is the mean change of the others",
    *(faults.RAW_FOR_CONTRAST, faults.ITSELF, faults.OTHERS_IGNORED, faults.ROWS, faults.FORWARD_NAMES),
    *(faults.SUMMED, faults.ONE, faults.ADDED, faults.LEVEL, faults.CONTRAST),
)
def contrast(attempt: Attempt, draw: Draw) -> None:
    # How large the raw change is has a property of its own; here only what is taken off from it counts.
    for count, index, others, eta in (
        (6, 2, [5, 0, 3], 0.4),
        (4, 3, [1], 0.6),
        (4, 0, range(1, 4), 0.3),
        (5, 1, (4, 2), 0.2),
    ):
        model = Pairs(draw, count)
        arguments = (model, index, others, eta)
        (_, raw, contrasted), tried = _ask(attempt, arguments, remember=count == 6), attempt.describe(arguments)
        want = after_step(model, index, eta)[1][index, list(others)].mean()
        known = suspects.of_contrast(model, index, list(others), eta)
        suspects.settle(attempt, raw - contrasted, want, "wrong-contrast", f"{tried}\nand raw less contrasted", known)


@check.property(
    "parameters",
    "frozen and unused parameters stay, one with two names moves once",
    *(faults.FROZEN, faults.SHARED, faults.UNUSED),
)
def parameters(attempt: Attempt, draw: Draw) -> None:
    cases = {
        "the backward direction has vectors of its own": Pairs(draw, 4, shared=False),
        "the relation requires no gradient": Pairs(draw, 4, frozen=True),
        "the left vectors are registered under two names": Pairs(draw, 4, twice=True),
    }
    for said, model in cases.items():
        rest = (3, [0, 2], 0.4)
        got, want = (_ask(attempt, (which, *rest), remember=False) for which in (model, model.plain()))
        tried = f"{attempt.describe((model, *rest))}\n{said}"

        def known(model: Pairs = model, rest: tuple[Any, ...] = rest) -> suspects.Suspects:
            if not model.relation.weight.requires_grad:
                thawed = copy.deepcopy(model).requires_grad_(True)
                yield "frozen-moved", _ask(attempt, (thawed, *rest), remember=False)
            there, back = after_step(model, 3, 0.4, doubled=model.left.weight)
            raw = back[3, 3]
            yield "shared-moved-twice", torch.stack([there[3, 3], raw, raw - back[3, [0, 2]].mean()])

        suspects.settle(attempt, got, want, "unlike-parameters", tried, known())


@check.property("eta", "eta may be negative, and 0", faults.NEGATIVE, faults.ZERO)
def signs_of_eta(attempt: Attempt, draw: Draw) -> None:
    model, rest = Pairs(draw, 4), (1, [0, 3])
    tried = attempt.describe((model, *rest, 0.0))
    nothing = torch.zeros(3, dtype=torch.float64)
    attempt.expect(_ask(attempt, (model, *rest, 0.0), remember=False), nothing, "zero-eta", tried)
    # A step this short changes things in proportion, so as much up as down, but for a thousandth or so.
    up, down = (_ask(attempt, (model, *rest, eta), remember=False) for eta in (1e-3, -1e-3))
    if (up + down).norm() > 0.2 * up.norm():
        attempt.fail(
            "negative-eta", f"{attempt.describe((model, *rest, -1e-3))}\nwith eta = 0.001 it is {show(up)}", down
        )


def _along_both(model: Pairs, index: int, eta: float) -> Tensor:
    """Return the forward gain if what was in `.grad` before is added to the gradient."""

    def turned(slopes: list[Tensor]) -> list[Tensor]:
        return [g if p.grad is None else g + p.grad for p, g in zip(model.parameters(), slopes, strict=True)]

    return stepped(model, lambda scores: scores("forward")[index, index], eta, turned=turned)[0][index, index]


def _ask(attempt: Attempt, arguments: tuple[Any, ...], remember: bool = True) -> Tensor:
    """Call the function; return the three fields in one tensor."""
    return _numbers(attempt(*arguments, remember=remember))


def _numbers(got: Transfer) -> Tensor:
    return torch.stack([torch.as_tensor(value, dtype=torch.float64).detach().cpu() for value in got])


def _name_what_is_left(attempt: Attempt, before: State, model: nn.Module, tried: str) -> None:
    """Report which part of a model is not as it was, if that part has a name."""
    after = state(model)
    changed = differing(before, after)
    if "weights" in changed:
        apart = max(float((x - y).abs().max()) for x, y in zip(before["weights"], after["weights"], strict=True))
        # In double precision, of numbers around 1.
        id = "restored-with-rounding" if apart < 1e-12 else "weights-not-restored"
        attempt.fail(id, tried, f"weights that differ by up to {apart:.3g} from those before")
    if "gradients" in changed:
        had = any(g is not None for g in before["gradients"])
        attempt.fail("gradients-lost" if had else "gradients-left", tried, "other `.grad` than before")
    if "modes" in changed:
        attempt.fail("mode-changed", tried, "a model in another mode than before")
