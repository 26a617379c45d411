"""The check of `set_lr`: the rate of every group, what the optimiser has gathered, and all the rest.

Each call gets a new optimiser, and what is looked at is that optimiser before and after the call.
"""

from dataclasses import dataclass
from numbers import Real
from typing import Any

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Draw
from chisel.checking.contract import Arguments, Problem, show
from chisel.lr_mode_shift.checks import _rate_faults as faults
from chisel.lr_mode_shift.checks._in_place import Recipe, watched
from chisel.lr_mode_shift.checks._optimisers import Left, recipe, watch


@dataclass(frozen=True)
class AnyLeft:
    """The result of a watched call; it has no form that could be wrong."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        return None

    def same(self, a: Left, b: Left, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        return show(a.after.rates) == show(b.after.rates)


check = Check(
    exercise="set_lr",
    solution="chisel.lr_mode_shift.schedule:set_lr",
    arguments=("optimizer", "lr"),
    returns=AnyLeft(),
    example="an optimiser with two groups whose rates are 0.001 and 0.01, after 500 steps  ->  after set_lr(optimizer, "
    "0.05) both rates are 0.05, and the moments are those of 500 steps",
    read="the section 'Changing the rate, and nothing else' of the chapter",
    single_precision=False,
)


def _ask(attempt: Attempt, made: Recipe, lr: float, remember: bool = False) -> Left:
    return watched(attempt, watch)(made, lr, remember=remember)


@check.property(
    "rates",
    "every group has exactly this rate",
    *(
        faults.DEFAULTS,
        faults.OTHER,
        faults.UNCHANGED,
        faults.FIRST,
        faults.MULTIPLIED,
        faults.RATIO,
        faults.ONE_WAY,
        faults.ROUNDED,
        faults.RATE,
    ),
)
def rates(attempt: Attempt, draw: Draw) -> None:
    # Raised and lowered, with one group and with several.
    cases: tuple[tuple[str, list[float], float], ...] = (
        ("SGD with momentum", [draw.number(0.01, 0.02), draw.number(0.03, 0.04)], draw.number(0.5, 0.9)),
        ("AdamW", [draw.number(0.1, 0.2), draw.number(0.3, 0.4), draw.number(0.6, 0.7)], draw.number(1e-3, 5e-3)),
        ("SGD with momentum", [draw.number(0.01, 0.02)], draw.number(1e-3, 9e-3)),
    )
    calls = []
    for kind, old, lr in cases:
        made = recipe(draw, kind, old, 0)
        calls.append((attempt.describe((made, lr)), old, lr, _ask(attempt, made, lr, remember=kind == "AdamW")))
    stayed = [_all_same(left.after.rates, old) for _, old, _, left in calls]
    for (tried, old, lr, left), unchanged in zip(calls, stayed, strict=True):
        found = left.after.rates
        if found and _all_same(found, [lr] * len(found)):
            continue
        got = f"the rates {', '.join(map(show, found))}"
        if unchanged and left.other:
            attempt.fail("another-optimiser", tried, f"{got}, and another optimiser as the result")
        if unchanged and _same(left.after.defaults.get("lr"), lr):
            attempt.fail("defaults-only", tried, f"{got}, and {lr:.6g} in `defaults`")
        if unchanged:
            attempt.fail("nothing-changed" if all(stayed) else "one-way-only", tried, got)
        if len(found) == len(old) and all(_same(x, lr) or _same(x, y) for x, y in zip(found, old, strict=True)):
            attempt.fail("one-group-only", tried, got)
        if all(isinstance(rate, float) for rate in found) and len(found) == len(old):
            now, before = torch.tensor(found, dtype=torch.float64), torch.tensor(old, dtype=torch.float64)
            if torch.allclose(now, before * lr, rtol=1e-9, atol=0):
                attempt.fail("multiplied", tried, got)
            if len(old) > 1 and torch.allclose(now / now[0], before / before[0], rtol=1e-9, atol=0):
                attempt.fail("ratios-kept", tried, got)
        if all(_number(rate) is not None and abs(_number(rate) / lr - 1) < 1e-5 for rate in found):
            attempt.fail("not-exact", tried, ", ".join(f"{_number(rate):.17g}" for rate in found) + f" for {lr:.17g}")
        attempt.fail("wrong-rate", tried, got)


@check.property("moments", "what the optimiser has gathered stays", faults.LOST, faults.GATHERED)
def moments(attempt: Attempt, draw: Draw) -> None:
    for kind, count in (("AdamW", 2), ("SGD with momentum", 1)):
        made, lr = recipe(draw, kind, [draw.number(0.01, 0.1) for _ in range(count)], 2), draw.number(0.2, 0.5)
        left, tried = _ask(attempt, made, lr), attempt.describe((made, lr))
        before, after = left.before.state, left.after.state
        if not any(after):
            attempt.fail("moments-lost", tried, f"nothing, where it was {show(before[0])} for the first parameter")
        for number, (old, new) in enumerate(zip(before, after, strict=False)):
            if not _alike(old, new):
                attempt.fail("moments-changed", tried, f"for parameter {number} {show(new)}\nwhere it was {show(old)}")


@check.property(
    "rest",
    "nothing else changes",
    *(faults.GROUPS, faults.STEPPED, faults.SLOPES, faults.SETTINGS, faults.DEFAULTS_TOO),
)
def rest(attempt: Attempt, draw: Draw) -> None:
    for kind, count in (("AdamW", 3), ("SGD with momentum", 2)):
        made, lr = recipe(draw, kind, [draw.number(0.01, 0.1) for _ in range(count)], 0), draw.number(0.2, 0.5)
        left, tried = _ask(attempt, made, lr), attempt.describe((made, lr))
        before, after = left.before, left.after
        if before.places != after.places:
            attempt.fail("groups-remade", tried, f"groups of {', '.join(str(len(p)) for p in after.places)} parameters")
        if not _alike(before.weights, after.weights):
            attempt.fail(
                "step-made", tried, f"the parameters {show(after.weights)}\nwhere they were {show(before.weights)}"
            )
        if not _alike(before.slopes, after.slopes):
            attempt.fail("gradients-touched", tried, f"the gradients {show(after.slopes)}")
        if not _alike(before.settings, after.settings):
            attempt.fail("other-settings", tried, "\n".join(map(_changes, before.settings, after.settings)))
        if not _alike(before.defaults, after.defaults):
            attempt.fail("defaults-too", tried, _changes(before.defaults, after.defaults))


@check.property("zero", "the rate may be 0", faults.ZERO)
def zero(attempt: Attempt, draw: Draw) -> None:
    made = recipe(draw, "AdamW", [draw.number(0.01, 0.1), draw.number(0.2, 0.3)], 0)
    found = _ask(attempt, made, 0.0).after.rates
    if not _all_same(found, [0.0] * len(found)):
        tried = attempt.describe((made, 0.0))
        attempt.fail("zero-passed-over", tried, f"the rates {', '.join(map(show, found))}")


def _number(value: Any) -> float | None:
    """Return what an optimiser would read as a rate, if it is a number at all."""
    if isinstance(value, Tensor) and value.numel() == 1 and not value.is_complex():
        value = value.item()
    return None if isinstance(value, bool | complex) or not isinstance(value, Real) else float(value)


def _same(rate: Any, lr: float) -> bool:
    return _number(rate) == lr


def _all_same(found: list[Any], wanted: list[float]) -> bool:
    return len(found) == len(wanted) and all(map(_same, found, wanted))


def _alike(a: Any, b: Any) -> bool:
    """Compare tensors, numbers and what holds them, to the last bit."""
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_alike(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(_alike, a, b))
    return type(a) is type(b) and not isinstance(a, Tensor) and a == b


def _changes(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Write the settings that differ."""
    keys = [key for key in {**before, **after} if not _alike(before.get(key), after.get(key))]
    return (
        ", ".join(f"{key}: {show(after.get(key))} where it was {show(before.get(key))}" for key in keys) or "no change"
    )
