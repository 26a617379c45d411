"""Pairs of accuracy curves whose outcome is known, for the check of `shift_metrics`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from chisel.checking import Draw
from chisel.lr_mode_shift.records import DEAD, NO_DROP, RE_MEMORISED, TANDEM, VAL_COLLAPSE

SWITCH = 6  # where the rate is raised, unless a case says otherwise


@dataclass(frozen=True)
class Case:
    """Two curves, their outcome, and what it means to call it another one.

    Attributes:
        words: what the curves do.
        train, val: [T].
        faults: wrong outcome -> id of the diagnosis.
    """

    words: str
    train: Tensor
    val: Tensor
    outcome: str
    faults: Mapping[str, str] = field(default_factory=dict)
    switch: int = SWITCH


def path(*points: float) -> Tensor:
    """These accuracies, one a step."""
    return torch.tensor(points, dtype=torch.float64)


def line(start: float, end: float, count: int) -> Tensor:
    """Accuracies that go straight from `start` to `end`."""
    return torch.linspace(start, end, count, dtype=torch.float64)


MEMORISED = path(0.05, 0.2, 0.45, 0.7, 0.9, 0.97, 1.0)  # up to the switch and with it
CHANCE = path(0.03, 0.05, 0.04, 0.06, 0.05, 0.04, 0.05)


def after(before: Tensor, *pieces: Tensor) -> Tensor:
    """A curve: what was before and at the switch, then the pieces."""
    return torch.cat([before, *pieces])


def beside(curve: Tensor, draw: Draw, gap: float, r: float) -> Tensor:
    """Draw a curve whose mean distance from this one is `gap`, always to the same side, and whose correlation is `r`.

    It swings 0.8 times as far as `curve`, so that must not swing far.
    """
    centred = curve - curve.mean()
    noise = draw.normal(len(curve))
    noise = noise - noise.mean()
    noise = noise - centred * (noise @ centred) / (centred @ centred)
    noise = noise * centred.norm() / noise.norm()
    return curve.mean() - gap + 0.8 * (r * centred + math.sqrt(1 - r * r) * noise)


def typical(draw: Draw) -> list[Case]:
    """Every outcome where it is clear, and where several apply."""
    low = draw.number(0.01, 0.02)
    flicker = path(0.02, 0.07, 0.04, 0.09, 0.03, 0.06, 0.08, 0.05, 0.1)
    rise = path(0.2, 0.3, 0.42, 0.55, 0.63, 0.72, 0.8, 0.86, 0.9, 0.93)
    shaken = path(0.6, 0.66, 0.62, 0.68, 0.61, 0.65, 0.63, 0.67, 0.64)
    return [
        Case(
            "training accuracy falls to chance and stays there, validation accuracy flickers with it",
            after(MEMORISED, path(0.4), low + flicker),
            after(CHANCE, path(0.05), low + 0.9 * flicker),
            DEAD,
            dict.fromkeys((TANDEM, RE_MEMORISED), "dead-called-tandem"),
        ),
        Case(
            "both fall and rise together, and in the end all is lost",
            after(MEMORISED, rise, path(0.4, 0.08)),
            after(CHANCE, rise - 0.05, path(0.3, 0.06)),
            DEAD,
            dict.fromkeys((TANDEM, RE_MEMORISED), "dead-called-tandem"),
        ),
        Case(
            "trained at the high rate from the first step on, and never away from chance",
            low + flicker,
            low + 0.9 * flicker,
            DEAD,
            {NO_DROP: "other-order"},
            switch=0,
        ),
        Case(
            "training accuracy falls almost to chance, and both come back together",
            after(MEMORISED, path(0.5, 0.06), rise),
            after(CHANCE, path(0.05, 0.04), rise - 0.06),
            TANDEM,
            {DEAD: "alive-called-dead"},
        ),
        Case(
            "training accuracy drops by half, and both rise together",
            after(MEMORISED, 0.4 + 0.6 * rise),
            after(CHANCE, 0.35 + 0.6 * rise),
            TANDEM,
        ),
        Case(
            "training accuracy drops and is back long before validation accuracy, which has only begun to rise",
            after(MEMORISED, path(0.4, 0.8, 0.95), line(0.97, 1, 8)),
            after(CHANCE, path(0.05, 0.07, 0.08), line(0.1, 0.25, 8)),
            RE_MEMORISED,
            {DEAD: "alive-called-dead"},
        ),
        Case(
            "training accuracy drops; both rise together, far apart",
            after(MEMORISED, 0.45 + 0.5 * rise),
            after(CHANCE, 0.05 + 0.5 * rise),
            RE_MEMORISED,
            {TANDEM: "either-is-enough"},
        ),
        Case(
            "training accuracy drops; then both are close and do not go together",
            after(MEMORISED, shaken),
            after(CHANCE, beside(shaken, draw, 0.04, draw.number(-0.5, 0.3))),
            RE_MEMORISED,
            {TANDEM: "either-is-enough"},
        ),
        Case(
            "the drop comes with the last step, right down to validation accuracy",
            after(MEMORISED, line(1, 0.98, 5), path(0.5)),
            after(CHANCE, line(0.1, 0.45, 5), path(0.48)),
            RE_MEMORISED,
            {TANDEM: "nan-passes"},
        ),
        Case(
            "training accuracy stays at 1 throughout, validation accuracy rises",
            after(MEMORISED, line(1, 1, 9)),
            after(CHANCE, line(0.1, 0.95, 9)),
            NO_DROP,
            {VAL_COLLAPSE: "rise-called-collapse"},
        ),
        Case(
            "training accuracy hardly drops, and from its minimum on both rise together",
            after(MEMORISED, path(1, 0.99, 0.96, 0.94), 0.9 + 0.1 * rise[4:]),
            after(CHANCE, path(0.3, 0.6, 0.8, 0.87), 0.85 + 0.12 * rise[4:]),
            NO_DROP,
            {TANDEM: "other-order", VAL_COLLAPSE: "rise-called-collapse"},
        ),
    ]


def collapses(draw: Draw) -> list[Case]:
    """Validation accuracy that falls, alone or not, and that does not."""
    steady = line(1, 0.95, 4)
    return [
        Case(
            "validation accuracy rises, falls and rises again to 1; training accuracy stays above .9",
            after(MEMORISED, steady, line(0.95, 1, 8)),
            after(CHANCE, line(0.2, 0.86, 4), line(0.6, draw.number(0.1, 0.2), 3), line(0.3, 1, 5)),
            VAL_COLLAPSE,
            {NO_DROP: "collapse-unseen"},
        ),
        Case(
            "validation accuracy rises and falls away, a little at each step; training accuracy stays above .9",
            after(MEMORISED, steady, line(0.95, 0.99, 14)),
            after(CHANCE, line(0.2, 0.8, 4), line(0.77, draw.number(0.35, 0.4), 14)),
            VAL_COLLAPSE,
            {NO_DROP: "collapse-unseen"},
        ),
        Case(
            "validation accuracy rises, falls, and rises higher than before",
            after(MEMORISED, steady, line(0.95, 1, 6)),
            after(CHANCE, line(0.3, 0.7, 4), path(0.35, 0.25, 0.5, 0.9, 1, 0.98)),
            VAL_COLLAPSE,
            {NO_DROP: "collapse-unseen"},
        ),
        Case(
            "validation accuracy is lost before the switch, and rises after it",
            after(MEMORISED, steady, line(0.95, 1, 6)),
            after(path(0.03, 0.3, 0.7, 0.9, 0.8, 0.4, 0.05), line(0.2, 0.5, 4), line(0.6, 0.95, 6)),
            NO_DROP,
            {VAL_COLLAPSE: "collapse-from-before-the-switch"},
        ),
        Case(
            "validation accuracy rises from chance to 1, and falls never",
            after(MEMORISED, steady, line(0.95, 1, 6)),
            after(CHANCE, line(0.06, 0.5, 4), line(0.6, 1, 6)),
            NO_DROP,
            {VAL_COLLAPSE: "rise-called-collapse"},
        ),
        Case(
            "validation accuracy rises and falls, and so does training accuracy, on a single step",
            after(MEMORISED, line(1, 0.99, 4), path(draw.number(0.6, 0.7)), line(0.99, 1, 12)),
            after(CHANCE, line(0.2, 0.8, 4), path(0.3), line(0.2, 0.4, 12)),
            RE_MEMORISED,
            {VAL_COLLAPSE: "training-fell-too"},
        ),
    ]


def close_calls(draw: Draw) -> list[Case]:
    """One measurement close to its threshold, all others far from theirs."""
    rise = path(0.1, 0.17, 0.14, 0.21, 0.25, 0.2, 0.28)
    swing = 0.55 + 0.1 * path(0, 0.5, 0.3, 0.9, 0.6, 1, 0.7, 0.2, 0.8)
    climb, fall = line(0.1, 0.5, 4), path(0.5, 0.45, 0.4, 0.42)

    def end(last: float, outcome: str) -> Case:
        train = after(MEMORISED, rise, path(last))
        return Case(f"the last training accuracy is {last}", train, after(CHANCE, train[SWITCH + 1 :] - 0.04), outcome)

    def lowest(least: float, outcome: str) -> Case:
        train, val = path(1, 1, 0.99, 0.98, least, 0.97, 1, 1), torch.cat([climb, fall - 0.3])
        words = f"validation accuracy collapses, the lowest training accuracy is {least}"
        return Case(words, after(MEMORISED, train), after(CHANCE, val), outcome)

    def fallen(size: float, outcome: str) -> Case:
        top = max(size, 0.5)
        val = path(0.1, top, top - size / 2, top - size, top - size / 3, top)
        words = f"training accuracy stays at 1, validation accuracy falls by {size}"
        return Case(words, after(MEMORISED, line(1, 1, 6)), after(CHANCE, val), outcome)

    def dropped(size: float, outcome: str) -> Case:
        train = 1 - size + torch.cat([path(0), line(0.01, 0.05, 8)])
        words = f"the drop is {size}; then both rise together"
        return Case(words, after(MEMORISED, train), after(CHANCE, train - 0.03), outcome)

    def apart(gap: float, r: float, outcome: str) -> Case:
        train = after(MEMORISED, swing)
        return Case(f"the gap is {gap}, r is {r}", train, after(CHANCE, beside(swing, draw, gap, r)), outcome)

    return [
        *(end(0.28, DEAD), end(0.32, TANDEM)),
        *(lowest(0.89, RE_MEMORISED), lowest(0.91, VAL_COLLAPSE)),
        *(fallen(0.28, NO_DROP), fallen(0.32, VAL_COLLAPSE)),
        *(dropped(0.09, NO_DROP), dropped(0.11, TANDEM)),
        *(apart(0.14, 0.95, TANDEM), apart(0.16, 0.95, RE_MEMORISED)),
        *(apart(0.08, 0.83, TANDEM), apart(0.08, 0.77, RE_MEMORISED)),
    ]


def ties(draw: Draw) -> list[Case]:
    """One measurement just at its threshold, without any arithmetic that could round it away."""
    last, least, top, start = 0.3, 0.9, 0.3, 0.1  # nothing is taken from these but 0
    rise = path(0.1, 0.14, 0.17, 0.21, 0.25)
    fresh = path(0, 0.15, 0.3, 0.5, 0.65, 0.8, 0.9)
    return [
        Case(
            "the last training accuracy is just .3",
            after(MEMORISED, rise, path(last)),
            after(CHANCE, rise - 0.03, path(0.26)),
            TANDEM,
            {DEAD: "threshold-itself"},
        ),
        Case(
            "validation accuracy collapses, the lowest training accuracy is just .9",
            after(MEMORISED, path(1, 0.95, least, 0.95, 1, 1)),
            after(CHANCE, path(0.4, 0.8, 0.5, 0.2, 0.3, 0.9)),
            VAL_COLLAPSE,
            dict.fromkeys((NO_DROP, RE_MEMORISED, TANDEM), "threshold-itself"),
        ),
        Case(
            "training accuracy stays at 1, validation accuracy falls by just .3",
            after(MEMORISED, line(1, 1, 6)),
            after(0 * CHANCE, path(0.1, top, 0.2, 0, 0.1, 0.25)),
            VAL_COLLAPSE,
            {NO_DROP: "threshold-itself"},
        ),
        Case(
            "the drop is just .1; then both rise together",
            torch.cat([path(start), fresh]),
            torch.cat([path(0.02), 0.9 * fresh]),
            TANDEM,
            {NO_DROP: "threshold-itself"},
            switch=0,
        ),
    ]
