"""Scores of predictions that came with a credence, and how well such credences are calibrated.

A credence p is the probability that its holder gives to "yes". Both scores are proper: in expectation the best credence
is the one that is believed. Saying one half each time has a Brier score of a quarter and a log score of one bit.

Source: Brier (1950); Good (1952).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

ALWAYS_HALF_BRIER, ALWAYS_HALF_LOG = 0.25, 1.0
BINS = 5


@dataclass(frozen=True)
class Scored:
    """A prediction whose question is settled: the credence in "yes", and whether it was yes."""

    question: str
    chapter: str
    credence: float
    outcome: bool

    @property
    def brier(self) -> float:
        """Squared distance of credence and outcome: 0 is best, 1 worst."""
        return (self.credence - self.outcome) ** 2

    @property
    def log(self) -> float:
        """Bits of surprise at the outcome: 0 is best; endless for a certainty that was wrong."""
        believed = self.credence if self.outcome else 1 - self.credence
        return 0.0 - math.log2(believed) if believed > 0 else math.inf  # and no -0.0


@dataclass(frozen=True)
class Bin:
    """Predictions with similar credences: their mean credence, the share that came out yes, and how many they are."""

    low: float
    high: float
    credence: float
    share: float
    n: int


def mean_brier(scored: Sequence[Scored]) -> float:
    """Return the mean Brier score.

    Raises:
        ValueError: there is nothing to score.
    """
    if not scored:
        raise ValueError("no prediction is settled yet")
    return math.fsum(each.brier for each in scored) / len(scored)


def mean_log(scored: Sequence[Scored]) -> float:
    """Return the mean log score in bits, infinite if a certainty was wrong; errors as `mean_brier`."""
    if not scored:
        raise ValueError("no prediction is settled yet")
    return math.fsum(each.log for each in scored) / len(scored)


def in_bits(log: float) -> str:
    """Write a log score; it has no end where a certainty was wrong."""
    return f"{log:.2f} bits" if math.isfinite(log) else "without end (a certainty was wrong)"


def calibration(scored: Sequence[Scored], bins: int = BINS) -> list[Bin]:
    """Return the bins of the reliability diagram that hold a prediction, by credence. The last one holds 1."""
    found = []
    for index in range(bins):
        low, high = index / bins, (index + 1) / bins
        inside = [each for each in scored if min(int(each.credence * bins), bins - 1) == index]
        if inside:
            mean = math.fsum(each.credence for each in inside) / len(inside)
            found.append(Bin(low, high, mean, sum(each.outcome for each in inside) / len(inside), len(inside)))
    return found
