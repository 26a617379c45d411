"""The check of `attribute`: the table, the censored runs, the effects and their intervals, each on results made for it.

A censored run is compared with the same run at the horizon, not with a number. What a bootstrap with endless samples
would give is computed without drawing (`_bootstrap`). Where draws are compared with it, means over nine intervals may
be six standard deviations of a thousand samples away: a right solution fails once in 10^8 runs.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Draw, Number, close
from chisel.checking.contract import NOT_FINITE, WRONG_SHAPE, WRONG_TYPE, Arguments, Problem, show
from chisel.lr_mode_shift.checks import _attribution_faults as faults
from chisel.lr_mode_shift.checks._bootstrap import right_interval, skewed, wrong_intervals
from chisel.lr_mode_shift.records import TwoByTwo

ROUNDED = 1e-5  # single precision in between is no fault
EFFECTS = ("rate", "decay", "interaction")
WIDTH, TILT, END = 0.1, 0.25, 1.0  # see `interval`


class Parts(NamedTuple):
    """The answer as plain values. Each effect is its value, low, high and n."""

    table: Tensor
    censored: Tensor
    rate: tuple[float, ...]
    decay: tuple[float, ...]
    interaction: tuple[float, ...]


@dataclass(frozen=True)
class AttributionLike:
    """Two tables [2, 2] and three estimates, as `Attribution` has them."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        kind = type(result).__name__
        for name in Parts._fields:
            if not hasattr(result, name):
                return WRONG_TYPE, f"{kind}, which has no `{name}`: promised is an `Attribution`"
        for name in ("table", "censored"):
            value = getattr(result, name)
            if type(value) is not Tensor or value.is_complex() or value.dtype == torch.bool:
                return WRONG_TYPE, f"as `{name}`: {type(value).__name__}, where a tensor of numbers is promised"
            if value.shape != (2, 2):
                return WRONG_SHAPE, f"as `{name}`: shape {list(value.shape)}, where [2, 2] is promised"
            if not bool(torch.isfinite(value).all()):
                return NOT_FINITE, f"as `{name}`: {show(value)}"
        for name in EFFECTS:
            for part in ("value", "low", "high", "n"):
                if not hasattr(getattr(result, name), part):
                    kind = type(getattr(result, name)).__name__
                    return WRONG_TYPE, f"as `{name}`: {kind}, which has no `{part}`: promised is an `Estimate`"
                found = Number().problem(getattr(getattr(result, name), part), arguments)
                if found:
                    return found[0], f"as `{name}.{part}`: {found[1]}"
        return None

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        x, y = (torch.cat([torch.as_tensor(part).double().flatten() for part in _parts(item)]) for item in (a, b))
        return torch.allclose(x, y, rtol=relative, atol=absolute)


check = Check(
    exercise="attribute",
    solution="chisel.lr_mode_shift.attribution:attribute",
    arguments=("results",),
    returns=AttributionLike(),
    example="horizon 800, two seeds, steps [[[800, inf], [400, 400]], [[200, 100], [100, 50]]]: the gains are 0 and 0, "
    "1 and 1, 2 and 3, 3 and 4  ->  table [[0, 1], [2.5, 3.5]], censored [[1, 0], [0, 0]], rate 2.5 with the interval "
    "(2, 3), decay 1, interaction 0",
    read="the section 'Rate or decay' of the chapter",
)


def _parts(result: Any) -> Parts:
    effects = (getattr(result, name) for name in EFFECTS)
    numbers = (tuple(float(x) for x in (e.value, e.low, e.high, e.n)) for e in effects)
    return Parts(result.table.detach().double(), result.censored.detach().double(), *numbers)


def _results(draw: Draw, seeds: int, horizon: int) -> TwoByTwo:
    """Runs that generalise, sooner where more is raised, and not by as much for rate as for decay."""
    share = torch.tensor([[0.9, 0.5], [0.25, 0.05]], dtype=torch.float64)[:, :, None]
    return TwoByTwo((horizon * share * draw.uniform(0.3, 1, 2, 2, seeds)).round().clamp(min=1), horizon)


def _gains(results: TwoByTwo) -> Tensor:
    """Return the halvings [2, 2, S] of runs that have all generalised."""
    return (results.horizon / results.steps).log2()


@check.property(
    "table",
    "the table holds mean halvings of the horizon",
    *(faults.LOGARITHM, faults.ORDER, faults.RATIO, faults.FLIPPED, faults.HORIZON, faults.ONE_RUN, faults.SUMMED),
    *(faults.AXES, faults.TABLE),
)
def table(attempt: Attempt, draw: Draw) -> None:
    seeds, horizon = 5, 700
    results = _results(draw, seeds, horizon)
    got, steps = _parts(attempt(results)).table, results.steps
    gains, ratio = _gains(results), horizon / steps
    want = gains.mean(2)
    if close(got, want, ROUNDED):
        return
    suspects = {
        "axes-exchanged": [want.T, want.flip(0), want.flip(1), want.flip(0, 1)],
        "other-logarithm": [want * math.log(2), want * math.log10(2)],
        "mean-before-logarithm": [(horizon / steps.mean(2)).log2(), ratio.mean(2).log2()],
        "not-halvings": [
            *(ratio.mean(2), horizon - steps.mean(2), 1 - steps.mean(2) / horizon, horizon / steps.mean(2)),
            *(steps.mean(2), steps.mean(2) / horizon),
        ],
        "gain-sign-flipped": [-want],
        "horizon-left-out": [steps.log2().mean(2), -steps.log2().mean(2), want - want[0, 0]],
        "one-run-for-all": [
            *(gains.median(2).values, gains.amax(2), gains.amin(2), gains[..., 0]),
            gains.quantile(0.5, dim=2),
        ],
        "sum-for-mean": [gains.sum(2), want * seeds / (seeds - 1)],
    }
    attempt.expect(got, want, "wrong-table", attempt.describe((results,)), suspects, ROUNDED)


@check.property(
    "censored",
    "a run that has not generalised at the horizon is counted, and gains nothing",
    *(faults.DROPPED, faults.BEYOND, faults.FILLED, faults.COUNT, faults.AT_HORIZON, faults.CENSORING),
)
def censored(attempt: Attempt, draw: Draw) -> None:
    horizon = 900
    steps = _results(draw, 8, horizon).steps
    steps[0, 0, 1:4], steps[0, 1, 2] = torch.inf, torch.inf
    steps[0, 1, 4], steps[1, 0, 5] = 2.5 * horizon, horizon + 1
    results = TwoByTwo(steps, horizon)
    got, tried = _parts(attempt(results, remember=False)), attempt.describe((results,))
    late, never = steps > horizon, steps.isinf()
    attempt.expect(got.censored, late.sum(2), "wrong-count", tried)
    just = TwoByTwo(steps.clamp(max=horizon), horizon)
    at_horizon = _parts(attempt(just, remember=False))
    attempt.expect(at_horizon.censored, 0 * late.sum(2), "horizon-itself", attempt.describe((just,)))
    want = at_horizon.table
    gains = (horizon / steps).log2()

    def mean(values: Tensor, kept: Tensor) -> Tensor:
        return torch.where(kept, values, 0.0).sum(2) / kept.sum(2)

    together = ~late.any(0).any(0).expand_as(late)

    def filled(value: float, which: Tensor = late) -> Tensor:
        return (horizon / torch.where(which, value, steps)).log2().mean(2)

    slowest = float(steps[~late].max())
    suspects = {
        "censored-dropped": [
            mean(gains, ~late),
            mean(gains, ~never),
            mean(gains, together),
            mean(gains, steps < horizon),
        ],
        "beyond-the-horizon": [filled(horizon, never)],
        "other-filling": [
            *(filled(value) for value in (2 * horizon, horizon + 1, horizon / 2, 10 * horizon, slowest, 1.0)),
            *(filled(value, never) for value in (2 * horizon, horizon + 1, 2.5 * horizon, 1.0)),
        ],
    }
    attempt.expect(got.table, want, "wrong-censoring", tried, suspects, ROUNDED)


@check.property(
    "effects",
    "rate, decay and interaction are the differences that the docstring names, over the seeds",
    *(faults.EXCHANGED, faults.SIGN, faults.SIMPLE, faults.SUMMED, faults.INTERACTION, faults.MEDIAN, faults.EFFECT),
    faults.SEEDS,
)
def effects(attempt: Attempt, draw: Draw) -> None:
    results = _results(draw, 4, 2000)
    gains, tried = _gains(results), attempt.describe((results,))
    got = _parts(attempt(results, remember=False))
    g = gains.mean(2)
    each = {
        "rate": (gains[1] - gains[0]).mean(0),
        "decay": (gains[:, 1] - gains[:, 0]).mean(0),
        "interaction": gains[1, 1] - gains[0, 1] - gains[1, 0] + gains[0, 0],
    }
    values = {name: float(effect.mean()) for name, effect in each.items()}
    sides = {"rate": g[1] - g[0], "decay": g[:, 1] - g[:, 0], "interaction": torch.zeros(0)}
    for name in EFFECTS:
        value, _, _, n = getattr(got, name)
        want, crossed = values[name], {"rate": "decay", "decay": "rate"}.get(name)
        between = name == "interaction"
        other = [want / 2, want / 4, g[1, 1] - g[0, 0], values["rate"] * values["decay"], 2 * want, g[1, 1]]
        other += [-want, abs(want), g[1, 1] - g[1, 0], g[1, 1] - g[0, 1], values["rate"] - values["decay"]]
        suspects = {
            "rate-for-decay": [values[crossed]] if crossed else [],
            "not-the-interaction": [*other, values["rate"] + values["decay"]] if between else [],
            "effect-sign-flipped": [] if between else [-want, abs(want), max(want, 0.0)],
            "one-side-only": [] if between else [*sides[name], g[1, 1] - g[0, 0]],
            "median-for-mean": [each[name].median(), each[name].quantile(0.5)],
            "sum-for-mean": [2 * want, 4 * want, each[name].sum(), 2 * each[name].sum()],
        }
        attempt.expect(value, want, "wrong-effect", f"{tried}\n(the effect {name})", suspects, ROUNDED)
        if n != 4:
            attempt.fail("wrong-n", tried, f"{name}.n = {n:g}")


@check.property(
    "interval",
    "an interval lies between two quantiles of the mean effect of resampled seeds",
    *(faults.SWAPPED, faults.NO_WIDTH, faults.APART, faults.SPREAD, faults.LEVEL, faults.SYMMETRIC, faults.TURNED),
    *(faults.SIZE, faults.ASIDE, faults.INTERVAL),
)
def interval(attempt: Attempt, draw: Draw) -> None:
    found: list[tuple[float, float]] = []
    asked: list[tuple[Tensor, str]] = []
    sides: list[int] = []
    said = ""
    many = [skewed(draw, seeds) for seeds in (9, 11, 13)]
    for results, signs in many:
        got, gains = _parts(attempt(results, remember=False)), _gains(results)
        for name in EFFECTS:
            value, low, high, _ = getattr(got, name)
            said = f"{name} {value:.4g}, interval ({low:.4g}, {high:.4g})"
            if low > high:
                attempt.fail("ends-swapped", attempt.describe((results,)), said)
            if high - low < 1e-6:
                attempt.fail("no-width", attempt.describe((results,)), said)
            found.append((low, high))
            asked.append((gains, name))
        sides += signs
    right = [right_interval(gains, name) for gains, name in asked]
    both = list(zip(found, right, strict=True))
    # How wide, and by how many standard deviations of the mean both ends lie further to the longer side: with a
    # thousand samples, the means over nine intervals have the standard deviations .011 and .042, and one end has .1.
    wide = [(high - low) / (r.high - r.low) for (low, high), r in both]
    moved = [side * (low + high - r.low - r.high) / r.error for side, ((low, high), r) in zip(sides, both, strict=True)]
    ends = [max(abs(low - r.low), abs(high - r.high)) / r.error for (low, high), r in both]
    if abs(sum(wide) / 9 - 1) < WIDTH and abs(sum(moved) / 9) < TILT and max(ends) < END:
        return
    known = [wrong_intervals(gains, name) for gains, name in asked]
    fits: list[tuple[float, str]] = []
    for id in known[0]:
        for variant in zip(*(suspects[id] for suspects in known), strict=True):
            off = [
                (abs(low - x) + abs(high - y)) / max(y - x, r.error)
                for ((low, high), r), (x, y) in zip(both, variant, strict=True)
            ]
            fits.append((sum(off) / len(off), id))
    best, id = min(fits)
    attempt.fail(id if best < 0.1 else "wrong-interval", attempt.describe(many[-1][:1]), said)


@check.property(
    "edges",
    "one seed, runs that generalise at once, and runs that all fail are no exceptions",
    *(faults.ONE_SEED, faults.AT_ONCE, faults.NOBODY),
)
def edges(attempt: Attempt, draw: Draw) -> None:
    horizon = 64 * draw.integer(2, 9)
    most = math.log2(horizon)
    once = TwoByTwo(torch.tensor([[0.5, horizon], [horizon / 8, 0.0]], dtype=torch.float64)[:, :, None], horizon)
    never = TwoByTwo(torch.full((2, 2, 3), torch.inf, dtype=torch.float64), horizon)
    first, nought = torch.tensor([[most, 0], [3, most]], dtype=torch.float64), torch.zeros(2, 2, dtype=torch.float64)
    for results, want, id in ((once, first, "one-seed"), (never, nought, "nobody-generalises")):
        got, seeds = _parts(attempt(results, remember=False)), results.steps.shape[2]
        rate, decay = float((want[1] - want[0]).mean()), float((want[:, 1] - want[:, 0]).mean())
        between = float(want[1, 1] - want[0, 1] - want[1, 0] + want[0, 0])
        if not close(got.table, want, ROUNDED):
            others = close(got.table.fliplr().diag(), want.fliplr().diag(), ROUNDED) and results is once
            attempt.fail("at-once" if others else id, attempt.describe((results,)), got.table)
        if not close(got.censored, results.steps.isinf().sum(2)):
            attempt.fail(id, attempt.describe((results,)), got.censored)
        for name, effect in zip(EFFECTS, (rate, decay, between), strict=True):
            value, low, high, n = getattr(got, name)
            if not close((value, low, high, n), (effect, effect, effect, seeds), ROUNDED):
                said = f"{name} {value:.4g}, interval ({low:.4g}, {high:.4g}), n {n:g}"
                attempt.fail(id, attempt.describe((results,)), said)
