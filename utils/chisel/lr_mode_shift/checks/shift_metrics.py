"""The check of `shift_metrics`: each of its four parts by itself, on curves made for it.

Drop, gap and correlation are compared with what their definitions say of random curves, and with what known misreadings
give. The outcome is asked for where it is clear, where several apply, and close to each threshold.
"""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Draw, Number, close
from chisel.checking.contract import WRONG_TYPE, Arguments, Problem
from chisel.lr_mode_shift.checks import _shift_curves as curves
from chisel.lr_mode_shift.checks import _shift_faults as faults
from chisel.lr_mode_shift.records import OUTCOMES

ROUNDED = 1e-4  # single precision in between is no fault
FORM = "an object with `drop`, `gap`, `r` and `outcome`"


class Parts(NamedTuple):
    """The answer as plain values."""

    drop: float
    gap: float
    r: float
    outcome: str


@dataclass(frozen=True)
class MetricsLike:
    """Three numbers, of which r alone may be nan, and one of the outcomes, as `ShiftMetrics` has them."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        missing = [name for name in Parts._fields if not hasattr(result, name)]
        if missing:
            return WRONG_TYPE, f"{type(result).__name__}, which has no `{missing[0]}`: promised is {FORM}"
        for name in ("drop", "gap", "r"):
            found = Number().problem(getattr(result, name), arguments)
            if found and not (name == "r" and found[1] == "nan"):
                return found[0], f"as `{name}`: {found[1]}"
        if not isinstance(result.outcome, str) or result.outcome not in OUTCOMES:
            return WRONG_TYPE, f"as `outcome`: {result.outcome!r}, which is none of {', '.join(OUTCOMES)}"
        return None

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        x, y = _parts(a), _parts(b)
        agree = all(
            math.isclose(p, q, rel_tol=relative, abs_tol=absolute) or (math.isnan(p) and math.isnan(q))
            for p, q in zip(x[:3], y[:3], strict=True)
        )
        return agree and x.outcome == y.outcome


check = Check(
    exercise="shift_metrics",
    solution="chisel.lr_mode_shift.measurements:shift_metrics",
    arguments=("train_acc", "val_acc", "switch_step"),
    returns=MetricsLike(),
    example="train_acc [0.2, 1.0, 0.4, 0.6, 0.8], val_acc [0.1, 0.1, 0.3, 0.5, 0.8], switch_step 1: training accuracy "
    "is 1 at the switch and 0.4 at its minimum, at index 2  ->  drop 0.6; from there on the two are 0.1, 0.1 and 0 "
    'apart and rise together  ->  gap 0.067, r 0.99, outcome "tandem"',
    read="the section 'Reading two curves' of the chapter",
)


def _parts(result: Any) -> Parts:
    return Parts(float(result.drop), float(result.gap), float(result.r), str(result.outcome))


def _random(draw: Draw, length: int, switch: int, slope: float) -> tuple[Tensor, Tensor]:
    """Two curves that cross. Training accuracy is highest and lowest before the switch, with two equal minima after."""
    train = draw.uniform(0.35, 0.85, length)
    if switch:
        train[0], train[switch // 2] = draw.number(0.92, 0.97), draw.number(0.02, 0.1)
    first = switch + 2 + draw.integer(0, 2)
    train[first] = train[first + 3] = draw.number(0.2, 0.3)
    train[switch], train[switch + 1] = draw.number(0.86, 0.9), draw.number(0.4, 0.6)
    val = 0.6 + slope * (train - 0.6) + draw.uniform(-0.15, 0.15, length)
    return train, val


def _rising(draw: Draw, length: int, switch: int) -> tuple[Tensor, Tensor]:
    """Curves whose training accuracy is lowest, from the switch on, at the switch."""
    train = draw.uniform(0.5, 0.95, length)
    train[switch], train[max(0, switch - 1)] = 0.4, 0.3
    return train, draw.uniform(0.1, 0.8, length)


def _lowest(train: Tensor, switch: int) -> int:
    """The first index, from the switch on, below which training accuracy never goes again."""
    return min(range(switch, len(train)), key=train.tolist().__getitem__)  # the first one of several


def _stretches(train: Tensor, val: Tensor, switch: int) -> dict[str, list[slice]]:
    """What may be read instead of the stretch from the first minimum on."""
    first, end = _lowest(train, switch), len(train)
    equal = [t for t in range(switch, end) if train[t] == train[first]]
    return {
        "last-minimum": [slice(equal[-1], end), slice(equal[-1] + 1, end)],
        "everything-after-the-switch": [slice(switch, end), slice(switch + 1, end)],
        "minimum-left-out": [slice(first + 1, end)],
        "another-stretch": [
            *(slice(0, end), slice(0, switch), slice(switch, first), slice(switch, first + 1), slice(first, end - 1)),
            *(slice(t, end) for t in (_lowest(train, 0), _lowest(val, switch), _lowest(val, 0), first - switch)),
        ],
    }


@check.property(
    "drop",
    "the drop is training accuracy at the switch less its minimum from there on",
    *(faults.AFTER, faults.BASELINE, faults.LOWEST, faults.VALIDATION, faults.SIGN, faults.RELATIVE, faults.DROP),
)
def drop(attempt: Attempt, draw: Draw) -> None:
    cases = [(*_random(draw, 17, 5, 0.7), 5), (*_random(draw, 11, 0, -0.6), 0), (*_rising(draw, 13, 6), 6)]
    for train, val, switch in cases:
        got, tried = _parts(attempt(train, val, switch)).drop, attempt.describe((train, val, switch))
        start, low, after = float(train[switch]), float(train[switch:].min()), train[switch + 1 :]
        if close(got, start - low, ROUNDED):
            continue
        beside = val[switch:]
        others = [1.0, train[0], train.max(), train[switch:].max(), *_edges(train[:switch])]
        suspects = {
            "validation-for-training": [
                *(beside[0] - beside.min(), start - beside.min(), beside[0] - low, start - beside[0])
            ],
            "sign-flipped": [low - start],
            "relative-drop": [(start - low) / start, low / start],
            "baseline-after-the-switch": [after[0] - low, after[0] - after.min()],
            "other-minimum": [
                start - value for value in (train.min(), train[-1], after[0], after.min(), after.mean(), after.median())
            ],
            "other-baseline": [float(value) - low for value in others],
        }
        attempt.expect(got, start - low, "wrong-drop", tried, suspects, ROUNDED)


def _edges(before: Tensor) -> list[Tensor]:
    return [before[-1], before.max(), before.mean(), before[-2:].mean(), before[-3:].mean()] if len(before) else []


@check.property(
    "gap",
    "the gap is the mean distance of the curves from the first minimum on",
    *(faults.EVERYTHING, faults.LAST, faults.LEFT_OUT, faults.ELSEWHERE),
    *(faults.SIGNED, faults.SUMMED, faults.ONE_POINT, faults.GAP),
)
def gap(attempt: Attempt, draw: Draw) -> None:
    cases = [(*_random(draw, 18, 6, 0.7), 6), (*_random(draw, 12, 0, -0.6), 0), (*_rising(draw, 14, 5), 5)]
    for train, val, switch in cases:
        got, tried = _parts(attempt(train, val, switch)).gap, attempt.describe((train, val, switch))
        signed = (train - val)[_lowest(train, switch) :]
        size, mean = signed.abs(), signed.mean()
        if close(got, size.mean(), ROUNDED):
            continue
        suspects = {
            "signed-gap": [mean, -mean, mean.abs(), signed.clamp(min=0).mean(), (-signed).clamp(min=0).mean()],
            **{id: [_distance(train[s], val[s]) for s in kept] for id, kept in _read(train, val, switch).items()},
            "sum-for-mean": [size.sum(), signed.sum(), signed.sum().abs()],
            "one-point-for-all": [size.max(), size[-1], size[0], size.median(), size.min(), size.quantile(0.5)],
        }
        attempt.expect(got, size.mean(), "wrong-gap", tried, suspects, ROUNDED)


def _read(train: Tensor, val: Tensor, switch: int) -> dict[str, list[slice]]:
    """Other stretches, as far as there is something to be read in them."""
    stretches = _stretches(train, val, switch)
    return {id: [kept for kept in every if len(train[kept]) > 1] for id, every in stretches.items()}


def _distance(train: Tensor, val: Tensor) -> float:
    return statistics.fmean(abs(t - v) for t, v in zip(train.tolist(), val.tolist(), strict=True))


@check.property(
    "correlation",
    "r is Pearson's correlation from the first minimum on",
    *(faults.EVERYTHING, faults.LAST, faults.LEFT_OUT, faults.ELSEWHERE),
    *(faults.INCREMENTS, faults.LOST, faults.PEARSON, faults.NEEDLESS, faults.R),
)
def correlation(attempt: Attempt, draw: Draw) -> None:
    still = draw.uniform(0.3, 0.9, 16)
    still[:7], still[8] = 1.0, 0.2
    steady = torch.full_like(still, 0.05)
    steady[[10, 13]] += 0.002  # one of 500 examples, twice
    cases = [(*_random(draw, 19, 6, 1.2), 6), (*_random(draw, 14, 0, -1.1), 0), (still, steady, 5)]
    for train, val, switch in cases:
        got, tried = _parts(attempt(train, val, switch)).r, attempt.describe((train, val, switch))
        kept = slice(_lowest(train, switch), None)
        x, y = train[kept].tolist(), val[kept].tolist()
        want = statistics.correlation(x, y)
        if math.isnan(got):
            attempt.fail("nan-without-need", tried, got)
        if close(got, want, ROUNDED):
            continue
        suspects = {
            "r-sign-lost": [abs(want), max(want, 0.0)],
            "increments-for-levels": [_pearson(train[kept].diff(), val[kept].diff())],
            **{id: [_pearson(train[s], val[s]) for s in kept] for id, kept in _read(train, val, switch).items()},
            "not-pearson": [measure(x, y, want) for measure in _MEASURES],
        }
        attempt.expect(got, want, "wrong-r", tried, suspects, ROUNDED)


def _pearson(x: Tensor, y: Tensor) -> float:
    """Pearson's r, and something that nobody returns where there is none."""
    varies = len(x) > 1 and x.min() < x.max() and y.min() < y.max()
    return statistics.correlation(x.tolist(), y.tolist()) if varies else 9.0


def _ranks(x: Sequence[float]) -> Tensor:
    return torch.tensor(x, dtype=torch.float64).argsort().argsort().double()


def _cosine(x: Sequence[float], y: Sequence[float], _r: float) -> float:
    return sum(a * b for a, b in zip(x, y, strict=True)) / (math.hypot(*x) * math.hypot(*y))


_MEASURES: tuple[Callable[[Sequence[float], Sequence[float], float], float], ...] = (
    lambda x, y, r: r * r,
    lambda x, y, r: r * (len(x) - 1) / len(x),
    lambda x, y, r: r * len(x) / (len(x) - 1),
    lambda x, y, r: statistics.covariance(x, y),
    lambda x, y, r: statistics.covariance(x, y) * (len(x) - 1) / len(x),
    lambda x, y, r: r * statistics.stdev(y) / statistics.stdev(x),
    lambda x, y, r: r * statistics.stdev(x) / statistics.stdev(y),
    lambda x, y, r: _pearson(_ranks(x), _ranks(y)),
    _cosine,
)


@check.property("constant", "where either curve is constant from the minimum on, r is nan", faults.CONSTANT)
def constant(attempt: Attempt, draw: Draw) -> None:
    level = torch.full((12,), 1.0, dtype=torch.float64)
    lost = curves.after(curves.MEMORISED, torch.full((9,), 0.97, dtype=torch.float64))
    short = curves.after(curves.MEMORISED, torch.full((7,), 0.7, dtype=torch.float64))
    swing = curves.after(curves.MEMORISED, draw.uniform(0.3, 0.8, 9))
    ended = curves.after(curves.MEMORISED, draw.uniform(0.5, 0.9, 4), curves.path(0.4))
    for train, val, switch in (
        (level, draw.uniform(0.1, 0.9, 12), 4),
        (lost, draw.uniform(0.1, 0.9, 16), curves.SWITCH),
        (short, draw.uniform(0.1, 0.9, 14), curves.SWITCH),
        (swing, torch.full((16,), 0.1, dtype=torch.float64), curves.SWITCH),
        (ended, draw.uniform(0.1, 0.9, 12), curves.SWITCH),
        (level, draw.uniform(0.1, 0.9, 12), 11),
    ):
        got = _parts(attempt(train, val, switch, float32=False))
        if not math.isnan(got.r):
            attempt.fail("constant-curve", attempt.describe((train, val, switch)), got.r)


@check.property(
    "outcome",
    "the outcome is the first one that applies",
    *(faults.DEAD_TANDEM, faults.ALIVE_DEAD, faults.ORDER, faults.EITHER, faults.NAN_PASSES),
    *(faults.RISE, faults.OUTCOME),
)
def outcome(attempt: Attempt, draw: Draw) -> None:
    _classify(attempt, curves.typical(draw), "wrong-outcome")


@check.property(
    "collapse",
    "a fall of validation accuracy from a maximum after the switch is seen, and nothing else is taken for it",
    *(faults.UNSEEN, faults.FROM_BEFORE, faults.RISE, faults.BOTH_FELL, faults.OUTCOME),
)
def collapse(attempt: Attempt, draw: Draw) -> None:
    _classify(attempt, curves.collapses(draw), "wrong-outcome")


@check.property("thresholds", "the thresholds are those of the docstring", faults.EQUALITY, faults.THRESHOLD)
def thresholds(attempt: Attempt, draw: Draw) -> None:
    _classify(attempt, curves.close_calls(draw), "other-threshold")
    _classify(attempt, curves.ties(draw), "other-threshold")


def _classify(attempt: Attempt, cases: Sequence[curves.Case], otherwise: str) -> None:
    for case in cases:
        # Single precision may move a value that is close to a threshold.
        got = attempt(case.train, case.val, case.switch, float32=False, remember=False).outcome
        if got != case.outcome:
            tried = f"{case.words}\n{attempt.describe((case.train, case.val, case.switch))}"
            attempt.fail(case.faults.get(got, otherwise), tried, f"{got!r}")
