"""The check of `reversal_statistic`: the difference, its interval, and p with its limits, each by matrices of its own.

No property compares one part of the answer with what another part should be. Where draws are compared with a share that
is known, they may be six standard deviations of a thousand draws away: a right solution fails once in 10^8 runs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Draw, Number
from chisel.checking.contract import WRONG_TYPE, Arguments, Problem
from chisel.core.statistics import student_quantile
from chisel.reversal_curse.checks import _statistic_faults as faults
from chisel.reversal_curse.checks._matchings import between, leads, planted, shares

ROUNDED = 2e-5  # `torch.tensor` of a number is in single precision, which is no fault
NARROWEST, WIDEST = 0.88, 1.1  # a mean width against Student's; a bootstrap's is .957 here, and a 90 % interval's .83


@dataclass(frozen=True)
class StatisticLike:
    """Three things: a finite number, a pair of them, and another number."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        promised = "where (difference, (low, high), p) is promised"
        if not isinstance(result, tuple | list) or len(result) != 3:
            size = f" of {len(result)}" if isinstance(result, tuple | list) else ""
            return WRONG_TYPE, f"{type(result).__name__}{size}, {promised}"
        pair = result[1]
        if not isinstance(pair, tuple | list | Tensor | np.ndarray) or np.shape(_plain(pair)) != (2,):
            return WRONG_TYPE, f"as interval {type(pair).__name__}, {promised}"
        low, high = pair
        for name, value in {"difference": result[0], "low": low, "high": high, "p": result[2]}.items():
            found = Number().problem(value, arguments)
            if found:
                return found[0], f"as `{name}`: {found[1]}"
        return None

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        first, second = _parts(a), _parts(b)
        most = absolute + relative * max(abs(x) for x in second[:3])
        agree = all(abs(x - y) <= most for x, y in zip(first[:3], second[:3], strict=True))
        # In single precision some of the matchings may change sides.
        return agree and abs(first.p - second.p) <= absolute + 5 * relative


class Parts(NamedTuple):
    """The answer as plain numbers."""

    difference: float
    low: float
    high: float
    p: float

    @property
    def said(self) -> str:
        """The answer in words."""
        return f"difference {self.difference:.4g}, interval ({self.low:.4g}, {self.high:.4g}), p {self.p:.4g}"


check = Check(
    exercise="reversal_statistic",
    solution="chisel.reversal_curse.measurements:reversal_statistic",
    arguments=("scores",),
    returns=StatisticLike(),
    example="scores [[-1, -3], [-4, -2]]: the columns' means are -2.5 and -2.5, so C is [[1.5, -0.5], [-1.5, 0.5]], "
    "and d is [2, 2]; of the two matchings one does as well as the true one  ->  (2, (2, 2), about 0.5)",
    read="the section 'A statistic that priors cannot fool' of the chapter",
)


@check.property(
    "difference",
    "the difference is the mean lead of the right name over the others",
    *(faults.ITSELF, faults.SUMMED, faults.RAW, faults.SIGN, faults.RIVAL, faults.LOGS, faults.DIFFERENCE),
)
def difference(attempt: Attempt, draw: Draw) -> None:
    for count, lead in ((4, 1.6), (3, -1.3), (8, 0.4)):
        scores = planted(draw, count, lead)
        # In tiny matrices rounding decides about ties.
        got, tried = _parts(attempt(scores, float32=count == 8)), attempt.describe((scores,))
        each = leads(scores)
        want = float(each.mean())
        others = [row[i + 1 :] + row[:i] for i, row in enumerate(scores.tolist())]
        single = [_mean(scores, [pick(row) for row in others]) for pick in (max, min, _middle, _first, _last)]
        centred = scores - scores.mean(0)
        suspects = {
            "itself-among-the-others": [want * (count - 1) / count],
            "sum-for-mean": [want * count, want * (count - 1), want * (count - 1) * count, want * (count - 1) ** 2],
            "not-contrasted": [scores.diagonal().mean()],
            "sign-flipped": [-want, abs(want), each.abs().mean(), each.clamp(min=0).mean()],
            "one-name-for-all": [*single, each.median(), leads(centred).median()],
            "not-in-nats": [
                *(leads(f(scores)).mean() for f in (torch.exp, _shares)),
                *(leads(scores / size).mean() for size in (scores.std(), scores.std(0), centred.std(), centred.std(0))),
                *(want / spread.std() for spread in (each, leads(centred))),
                (scores.argmax(1) == torch.arange(count)).double().mean(),
            ],
        }
        attempt.expect(got.difference, want, "wrong-difference", tried, suspects, ROUNDED)


@check.property(
    "interval",
    "the interval lies around the difference, and is as wide as the rows' own differences make it",
    *(faults.SWAPPED, faults.NOT_CENTRED, faults.UNPAIRED, faults.UNITS, faults.SPREAD, faults.VARIANCE),
    *(faults.LEVEL, faults.WIDTH, faults.ASIDE),
)
def interval(attempt: Attempt, draw: Draw) -> None:
    tables = [planted(draw, count, 1.5 * noise, noise, 3 * noise, 3 * noise) for count, noise in _SIZES]
    found, tried, got = [], "", Parts(0, 0, 0, 0)
    for scores in tables:
        got, tried = _parts(attempt(scores, remember=scores is tables[0])), attempt.describe((scores,))
        if got.low > got.high:
            attempt.fail("ends-swapped", tried, got.said)
        unit = _right_half_width(scores)
        found.append((got.high - got.low) / (2 * unit))
        if abs((got.low + got.high) / 2 - got.difference) > 0.35 * unit and 0.7 < found[-1] < 1.4:
            attempt.fail("not-around-the-difference", tried, got.said)
    mean = math.exp(sum(math.log(max(ratio, 1e-9)) for ratio in found) / len(found))
    if NARROWEST < mean < WIDEST and all(0.7 < ratio < 1.4 for ratio in found):
        return
    suspects = [_half_widths(scores) for scores in tables]
    fits: list[tuple[float, str]] = []
    for id in suspects[0]:
        for variant in zip(*(known[id] for known in suspects), strict=True):
            factors = [half / _right_half_width(scores) for half, scores in zip(variant, tables, strict=True)]
            off = [abs(math.log(max(ratio, 1e-9) / factor)) for ratio, factor in zip(found, factors, strict=True)]
            fits.append((sum(off) / len(off), id))
    best, id = min(fits)
    attempt.fail(id if best < 0.07 else "wrong-width", tried, got.said)


_SIZES = ((37, 0.4), (41, 2.5), (46, 0.3))  # of matrices, and of the noise in them


def _right_half_width(scores: Tensor) -> float:
    count = len(scores)
    return student_quantile(count - 1) * float(leads(scores - scores.mean(0)).std()) / math.sqrt(count)


def _half_widths(scores: Tensor) -> dict[str, list[float]]:
    """Half the width of intervals that known mistakes give, for two ways to be 95 % sure."""
    count = len(scores)
    centred = scores - scores.mean(0)
    each = leads(centred)
    error = float(each.std()) / math.sqrt(count)
    own = ~torch.eye(count, dtype=torch.bool)
    pairs = (centred.diagonal()[:, None] - centred)[own]

    def unpaired(table: Tensor) -> list[float]:
        right, rows, wrong = table.diagonal().var(), ((table * own).sum(1) / (count - 1)).var(), table[own].var()
        return [math.sqrt(float(right + rows) / count), math.sqrt(float(right / count + wrong / (count * (count - 1))))]

    sure = [1.96, student_quantile(count - 1)]
    levels = [1.0, *(student_quantile(count - 1, level) for level in (0.5, 0.9, 0.98, 0.99, 0.999)), 1.645, 2.576, 3.0]
    return {
        "not-centred": [t * float(leads(scores).std()) / math.sqrt(count) for t in sure],
        "unpaired": [t * wrong for t in sure for table in (centred, scores) for wrong in unpaired(table)],
        "too-many-units": [t * float(x.std()) / math.sqrt(n) for t in sure for x, n in _too_many(pairs, each, count)],
        "spread-not-error": [t * error * math.sqrt(count) for t in (*sure, 1.0)],
        "variance-for-deviation": [
            t * float(each.var()) / root for t in (*sure, 1.0) for root in (math.sqrt(count), count, 1.0)
        ],
        "another-level": [level * error for level in levels] + [sure[0] * error / 2, 2 * sure[0] * error],
    }


def _too_many(pairs: Tensor, each: Tensor, count: int) -> list[tuple[Tensor, int]]:
    return [(pairs, count * (count - 1)), (each, count * (count - 1)), (each, count * count), (pairs, count * count)]


@check.property(
    "p",
    "p is the share of matchings that do at least as well as the true one",
    *(faults.UPSIDE_DOWN, faults.TWO_SIDED, faults.REPEATED, faults.LEFT_OUT, faults.OTHER_CHANCE),
)
def p_value(attempt: Attempt, draw: Draw) -> None:
    # One row is far ahead, the others behind by little: only the matchings that keep that one in place do as well.
    outlier = planted(draw, 40, -0.05, 0.1, column=0.0)
    outlier[0, 0] += 8.0
    got = _parts(attempt(outlier, remember=False))
    foreign = got.p > 1 / 40 + _slack(1 / 40)
    if foreign and got.p < 0.9:
        attempt.fail("not-from-matchings", attempt.describe((outlier,)), got.said)
    tables = [between(draw, 0.2, 0.5), between(draw, 0.6, 0.85), planted(draw, 3, 8.0)]
    known = [shares(scores) for scores in tables]
    found = [_parts(attempt(scores, remember=False)) for scores in tables]
    for scores, shared, got in zip(tables, known, found, strict=True):
        if abs(got.p - shared["p"][0]) > _slack(shared["p"][0]):
            tried = attempt.describe((scores,))
            for id in ("p-upside-down",) if foreign else ("p-two-sided", "names-repeated", "matchings-left-out"):
                for variant in zip(*(every[id] for every in known), strict=True):  # it has to explain all three
                    if all(abs(g.p - p) <= 0.01 + _slack(p) for g, p in zip(found, variant, strict=True)):
                        attempt.fail(id, tried, got.said)
            attempt.fail("not-from-matchings", tried, got.said)
    if foreign:
        attempt.fail("not-from-matchings", attempt.describe((outlier,)), got.said)


@check.property(
    "p-smallest",
    "p is never 0, and small where right names are far ahead",
    faults.NEVER,
    faults.COARSE,
    faults.OTHER_CHANCE,
)
def smallest_p(attempt: Attempt, draw: Draw) -> None:
    scores = planted(draw, 14, 9.0, 0.5)
    got, tried = _parts(attempt(scores, remember=False)), attempt.describe((scores,))
    if got.p == 0:
        attempt.fail("p-zero", tried, got.said)
    if got.p < 1e-7:  # so many matchings nobody draws
        attempt.fail("not-from-matchings", tried, got.said)
    if got.p > 0.002:
        attempt.fail("too-few-matchings", tried, got.said)


@check.property("ties", "matchings that do equally well count", faults.TIES, faults.ROUNDING)
def ties(attempt: Attempt, draw: Draw) -> None:
    level = torch.full((5, 5), draw.number(-9, -3), dtype=torch.float64)
    # Several, as the true matching may round lower than all others.
    sums = [planted(draw, 30, 0.0, 0.0, 10.0, 10.0) for _ in range(2)]
    for scores in (level, *sums):
        got, tried = _parts(attempt(scores, remember=False)), attempt.describe((scores,))
        if got.p < 0.99:
            attempt.fail("ties-lost" if scores is level else "rounding-ties-lost", tried, got.said)


@check.property("two-names", "two names are enough", faults.EDGE)
def two_names(attempt: Attempt, draw: Draw) -> None:
    # The true matching is one of two, so p is a half at least.
    for lead in (6.0, -1.0):
        scores = planted(draw, 2, lead, 0.3)
        want = float(leads(scores).mean())
        got, tried = _parts(attempt(scores, remember=False)), attempt.describe((scores,))
        inside = got.low - ROUNDED <= want <= got.high + ROUNDED
        if abs(got.difference - want) > ROUNDED or not inside or not 0.5 - _slack(0.5) <= got.p <= 1 + 1e-9:
            attempt.fail("edge-size", tried, got.said)


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().cpu().numpy()
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _parts(result: Any) -> Parts:
    difference, (low, high), p = _plain(result)
    return Parts(float(difference), float(low), float(high), float(p))


def _slack(p: float) -> float:
    """How far a share of a thousand draws may be from `p`: six standard deviations, and one draw."""
    return 6 * math.sqrt(p * (1 - p) / 1000) + 0.002


def _shares(scores: Tensor) -> Tensor:
    return scores.softmax(1)


def _mean(scores: Tensor, rivals: Sequence[float]) -> float:
    """Return the mean lead of the right names over one rival each."""
    return sum(float(scores[i, i]) - rival for i, rival in enumerate(rivals)) / len(rivals)


def _first(row: list[float]) -> float:
    return row[0]


def _last(row: list[float]) -> float:
    return row[-1]


def _middle(row: list[float]) -> float:
    return sorted(row)[(len(row) - 1) // 2]
