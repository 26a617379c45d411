"""What a bootstrap of means gives with endless samples, computed and not drawn; and what other intervals give."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from chisel.checking import Draw
from chisel.core.statistics import student_quantile
from chisel.lr_mode_shift.records import TwoByTwo

_GRID = 1024
_HORIZON = 2**18

Interval = tuple[float, float]


class Right(NamedTuple):
    """What the bootstrap gives: two ends, and the standard deviation of the samples' means."""

    low: float
    high: float
    error: float


def skewed(draw: Draw, seeds: int) -> tuple[TwoByTwo, tuple[int, ...]]:
    """Draw results whose effects are each spread far to one side, and the three sides.

    The runs of one seed are all slow or all quick, by far more than the effects differ.
    """
    signs = (1, -1, 1) if seeds % 4 == 1 else (-1, 1, -1)
    rate, decay, interaction = (sign * _lopsided(draw, seeds) for sign in signs)
    common = draw.uniform(6, 12, seeds)[draw.permutation(seeds)]
    raised, decayed = rate - interaction / 2, decay - interaction / 2
    both = common + raised + decayed + interaction
    gains = torch.stack([torch.stack([common, common + decayed]), torch.stack([common + raised, both])])
    return TwoByTwo(_HORIZON / 2**gains, _HORIZON), signs


def _lopsided(draw: Draw, seeds: int) -> Tensor:
    """Most of these numbers are small, a few are large: the quantiles of an exponential distribution, in any order."""
    share = (torch.arange(seeds, dtype=torch.float64) + draw.uniform(0.4, 0.6, seeds)) / seeds
    return draw.number(0.5, 0.7) * -torch.log1p(-share)[draw.permutation(seeds)]


def quantiles(values: Tensor, levels: Sequence[float], count: int) -> list[float]:
    """Quantiles of the mean of `count` draws from `values: [S]`, with replacement.

    The distribution of a sum of draws is that of one draw, convolved with itself.
    """
    low = float(values.min())
    unit = (float(values.max()) - low) * count / (_GRID - 2)  # no sum of draws leaves the grid
    place = (values - low) / unit
    floor = place.floor()
    one = torch.zeros(_GRID, dtype=torch.float64)
    one.index_add_(0, floor.long(), 1 - (place - floor))  # between two points of the grid, so that the mean is kept
    one.index_add_(0, floor.long() + 1, place - floor)
    total = torch.fft.irfft(torch.fft.rfft(one / len(values)) ** count, _GRID).cumsum(0)
    found = torch.searchsorted(total, torch.tensor(levels, dtype=torch.float64))
    return [low + unit * int(index) / count for index in found]


def weighted(gains: Tensor, effect: str) -> Tensor:
    """Return `gains: [2, 2, S]` with the weights that they have in an effect: it is their sum."""
    weights = {
        "rate": [[-0.5, -0.5], [0.5, 0.5]],
        "decay": [[-0.5, 0.5], [-0.5, 0.5]],
        "interaction": [[1.0, -1.0], [-1.0, 1.0]],
    }
    return gains * torch.tensor(weights[effect], dtype=gains.dtype)[:, :, None]


def right_interval(gains: Tensor, effect: str) -> Right:
    """Return what the bootstrap gives for an effect of `gains: [2, 2, S]`."""
    each = weighted(gains, effect).sum((0, 1))
    low, high = quantiles(each, (0.025, 0.975), len(each))
    return Right(low, high, float(each.std(unbiased=False)) / math.sqrt(len(each)))


def wrong_intervals(gains: Tensor, effect: str) -> dict[str, list[Interval]]:
    """Return what mistakes, by the ids of their diagnoses, may give for an effect of `gains: [2, 2, S]`."""
    parts, seeds = weighted(gains, effect), gains.shape[2]
    each = parts.sum((0, 1))
    right, mean = right_interval(gains, effect), float(each.mean())
    error = right.error
    unbiased, student = error * math.sqrt(seeds / (seeds - 1)), student_quantile(seeds - 1)
    # Each run for itself; the two arms that an effect compares; and the other two pairs.
    arms = {"rate": (1, 0, 1), "decay": (0, 1, 0), "interaction": (0, 0, 1)}[effect]
    apart = [parts.var(2, unbiased=False).sum()]
    apart += [parts.sum(axis).var(1, unbiased=False).sum() for axis in arms]
    levels = ((0.05, 0.95), (0.1, 0.9), (0.005, 0.995), (0.16, 0.84), (0.25, 0.75), (0.01, 0.99), (0.05, 1 - 1e-9))
    other = quantiles(each, [level for pair in levels for level in pair], seeds)
    close = (quantiles(each, (0.025, 0.975), size) for size in ((seeds + 1) // 2, seeds // 2, 2 * seeds, 4 * seeds))
    large = (1.96 * error * math.sqrt(seeds / size) for size in (100, 1000, 2000))
    spread = (each.quantile(0.025), each.quantile(0.975)), (each.min(), each.max())

    def around(half: float) -> Interval:
        return mean - half, mean + half

    return {
        "not-from-samples": [
            around(half) for half in (1.96 * error, 1.96 * unbiased, student * unbiased, student * error)
        ],
        "another-level": [
            *zip(other[::2], other[1::2], strict=True),
            *(around(factor * error) for factor in (1, 1.645, 2.576, 3)),
        ],
        "runs-drawn-apart": [around(1.96 * math.sqrt(float(variance) / seeds)) for variance in apart],
        "spread-not-error": [
            *(around(factor * error * math.sqrt(seeds)) for factor in (1, 1.96)),
            *((float(low), float(high)) for low, high in spread),
        ],
        "other-sample-size": [*((low, high) for low, high in close), *(around(half) for half in large)],
        "turned-round": [(2 * mean - right.high, 2 * mean - right.low)],
        "not-around-the-effect": [(right.low - mean, right.high - mean), (-1.96 * error, 1.96 * error)],
    }
