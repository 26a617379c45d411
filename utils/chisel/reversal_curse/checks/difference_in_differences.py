"""The check of `difference_in_differences`: what right names gain, what all names gain, and two names alone.

In the first property no other name gains anything on average, in the second the right one gains nothing of its own.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Diagnosis, Draw, Number

ROUNDED = 1e-5  # `torch.tensor` of a number is in single precision, which is no fault

check = Check(
    exercise="difference_in_differences",
    solution="chisel.reversal_curse.measurements:difference_in_differences",
    arguments=("before", "after"),
    returns=Number(),
    example="before [[-5, -5], [-7, -6]], after [[-1, -2], [-3, -2]]: the right names are ahead by 0 and 1 before, "
    "by 1 and 1 after  ->  1 - 0.5 = 0.5",
    read="the section 'A real language model' of the chapter",
)

SWAPPED = Diagnosis(
    "before-after-swapped",
    "before and after are in each other's place",
    "Here training has raised the right names, and a rise counts as positive.",
)
AFTER_ONLY = Diagnosis(
    "one-matrix-only",
    "only one of the two matrices counts",
    "The right names can be ahead before any training. Only what has changed is due to it.",
)
ITSELF = Diagnosis(
    "itself-among-the-others",
    "the right name is compared with a mean that it is part of",
    "Then it is compared with itself in part, and every lead comes out smaller, by one part in N.",
)
SUMMED = Diagnosis(
    "sum-for-mean",
    "something is added up where the mean is asked for",
    "With twice as many prompts, or names, and the same lead for each, the answer has to stay as it is.",
)
SIGN_LOST = Diagnosis(
    "sign-lost",
    "the sign of a change is lost",
    "Right names can fall behind, on average or for one prompt. That counts as negative.",
)
RATIO = Diagnosis(
    "ratio",
    "this is a ratio of after to before, or of probabilities, not a difference of log-probabilities",
    "Scores are in nats, and so is the answer: a lead that grows from -1 to 2 has grown by 3.",
)
RIVAL = Diagnosis(
    "one-name-for-all",
    "the right name is compared with one other name, or prompts are, not with the mean of all others",
    "The largest, the middle or the next one of the others is one draw. The mean uses all of them.",
)
WRONG = Diagnosis(
    "wrong-gain",
    "this is not what the right names have gained",
    "Here all names but the right one have gained nothing on average, so it is the mean gain of the right names.",
)
RAW = Diagnosis(
    "raw-gain",
    "what all names gain counts as well",
    "Every name has become likelier after some prompts, or one name after every prompt. Nobody has learned from that "
    "who belongs to whom.",
)
EDGE = Diagnosis(
    "edge-size",
    "with two names the answer is wrong",
    "One right name and one other are enough: there is a lead before and a lead after.",
)


def _lead(scores: Tensor) -> list[float]:
    """Return by how much each right name is ahead of the mean of the others."""
    count = len(scores)
    return [float(scores[i, i] - sum(scores[i, j] for j in range(count) if j != i) / (count - 1)) for i in range(count)]


def _specific(draw: Draw, mean: float, count: int) -> Tensor:
    """Draw changes [N, N] of the right names, with this mean, and of the others so that none gains on average."""
    others, change = ~torch.eye(count, dtype=torch.bool), draw.normal(count, count)
    change = change - (change * others).sum(1, keepdim=True) / (count - 1)
    right = draw.normal(count)
    return torch.where(others, change, torch.diag(right - right.mean() + mean))


@check.property(
    "right-names",
    "where only right names gain, their mean gain comes back",
    *(SWAPPED, AFTER_ONLY, ITSELF, SUMMED, SIGN_LOST, RATIO, RIVAL, WRONG),
)
def right_names(attempt: Attempt, draw: Draw) -> None:
    cases = ((4, draw.number(1.5, 2.5), -1.0), (6, -draw.number(1.5, 2.5), 0.8), (9, draw.number(0.4, 0.8), 2.0))
    for count, gain, ahead in cases:
        before = 0.5 * draw.normal(count, count) + 2 * draw.normal(count, 1) + draw.normal(1, count) - 6
        before = before + ahead * torch.eye(count, dtype=before.dtype)
        after = before + _specific(draw, gain, count)
        got, tried = attempt(before, after), attempt.describe((before, after))
        old, new = (torch.tensor(_lead(matrix), dtype=matrix.dtype) for matrix in (before, after))
        past, now = float(old.mean()), float(new.mean())
        suspects = {
            "sign-lost": [
                *(abs(gain), max(gain, 0.0), abs(now) - abs(past)),
                *((new - old).abs().mean(), (new - old).clamp(min=0).mean(), new.abs().mean() - old.abs().mean()),
            ],
            "before-after-swapped": [-gain],
            "one-matrix-only": [now, past, -past, before.diagonal().mean(), after.diagonal().mean()],
            "itself-among-the-others": [gain * (count - 1) / count],
            "sum-for-mean": [gain * count, gain * (count - 1), gain * count * (count - 1)],
            "ratio": [
                *(now / past, (now - past) / past, (now - past) / abs(past), now / abs(past)),
                *(_ratio(after, f) - _ratio(before, f) for f in (torch.exp, _shares)),
                *((after / before).diagonal().mean(), now / past - 1),
            ],
            "one-name-for-all": [
                *(_against(after, rival) - _against(before, rival) for rival in (max, min, _middle, _next)),
                *(new.median() - old.median(), (new - old).median()),
            ],
        }
        attempt.expect(got, gain, "wrong-gain", tried, suspects, ROUNDED)


def _shares(scores: Tensor) -> Tensor:
    return scores.softmax(1)


def _ratio(scores: Tensor, of: Callable[[Tensor], Tensor]) -> float:
    return sum(_lead(of(scores))) / len(scores)


def _against(scores: Tensor, rival: Callable[[list[float]], float]) -> float:
    """Return the mean lead over one of the others; these come as a list that begins behind the right name."""
    rows = [row[i + 1 :] + row[:i] for i, row in enumerate(scores.tolist())]
    return sum(float(scores[i, i]) - rival(row) for i, row in enumerate(rows)) / len(rows)


def _next(others: list[float]) -> float:
    return others[0]


def _middle(others: list[float]) -> float:
    return sorted(others)[(len(others) - 1) // 2]


@check.property("all-names", "what all names gain after a prompt, or one name after all prompts, drops out", RAW)
def all_names(attempt: Attempt, draw: Draw) -> None:
    for count, common in ((5, 13.0), (3, -2.0), (8, 0.0)):
        before = draw.normal(count, count) - 20
        after = before + common + draw.normal(count, 1) + 3 * draw.uniform(0, 1, 1, count)
        tried = attempt.describe((before, after))
        attempt.expect(attempt(before, after, float32=False), 0.0, "raw-gain", tried, tolerance=ROUNDED)


@check.property("two-names", "two names are enough", EDGE)
def two_names(attempt: Attempt, draw: Draw) -> None:
    for gain in (1.2, -0.7):
        before = draw.normal(2, 2)
        after = before + _specific(draw, gain, 2)
        attempt.expect(attempt(before, after), gain, "edge-size", attempt.describe((before, after)), tolerance=ROUNDED)
