"""The check of `symmetrised_logits`: constant where a + b - c is the same, with the right means, for any modulus.

The first property asks whether entries with the same a + b - c are equal, the second whether they sum to what the
logits there sum to: together these two say that each is the mean, and neither says so alone.
"""

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Diagnosis, Draw, TensorLike, close

ROUNDED = 1e-6  # a mean with single precision in between is no fault

check = Check(
    exercise="symmetrised_logits",
    solution="chisel.lr_mode_shift.measurements:symmetrised_logits",
    arguments=("logits",),
    returns=TensorLike(like="logits", shape=lambda a: tuple(a["logits"].shape)),
    example="p = 2, logits [[[4, 1], [2, 0]], [[6, 8], [0, 7]]]: a + b - c is even at (0,0,0), (0,1,1), (1,0,1) and "
    "(1,1,0), with the logits 4, 0, 8, 0 and mean 3; it is odd at the others, with 1, 2, 6, 7 and mean 4  ->  "
    "[[[3, 4], [4, 3]], [[4, 3], [3, 4]]]",
    read="the section 'What the network computes' of the chapter",
)

UNCHANGED = Diagnosis(
    "still-varies",
    "entries with the same (a + b - c) mod p are not the same",
    "The result may depend on a + b - c alone. Take a one higher and c one higher: nothing may change.",
)
SIGN = Diagnosis(
    "other-combination",
    "the mean is over another combination of a, b and c",
    "For the right answer c = a + b, whatever a is, and so for an answer that is wrong by 1: it is (a + b - c) mod p "
    "that is the same then. Turn a, b or c round, or leave one out, and right answers are mixed with wrong ones.",
)
MODULUS = Diagnosis(
    "modulus-missing",
    "a + b - c is not taken modulo p",
    "On a clock with p hours a + b - c = -1 and a + b - c = p - 1 are the same.",
)
SWAPPED = Diagnosis(
    "pairs-only",
    "only (a, b) and (b, a) are averaged, or one axis",
    "Logits that are the same for a + b and b + a need not depend on the sum alone.",
)
RESIDUAL = Diagnosis(
    "residual",
    "this is what is left when the symmetrised part is taken away",
    "It adds up to 0 over all entries with the same a + b - c. Asked for is the other part.",
)
SUMMED = Diagnosis(
    "sum-for-mean",
    "entries are added up, or divided by another count than their own",
    "Logits that are the same everywhere have to come back as they are. Count how many (a, b, c) share one a + b - c.",
)
CENTRED = Diagnosis(
    "level-taken-out",
    "the common level of the logits is taken out",
    "A constant depends on a + b - c alone too: it is no reason to change anything.",
)
ONE = Diagnosis(
    "one-entry-for-all",
    "one of the entries stands for all with the same a + b - c",
    "The first, the largest or the middle one is one of them; what they have in common is their mean.",
)
MEANS = Diagnosis(
    "wrong-means",
    "entries with the same a + b - c have another mean than before",
    "What is taken away has to sum to 0 over them, else it is not orthogonal to what is left.",
)
EDGE = Diagnosis(
    "small-modulus",
    "with a modulus of 1 or 2 the answer is wrong",
    "There is nothing special about them: with p = 1 nothing is to be averaged, with p = 2 there are two classes.",
)


def _classes(p: int, combine: tuple[int, int, int] = (1, 1, -1), wrap: bool = True) -> Tensor:
    """Return the class [p, p, p] of each (a, b, c)."""
    a, b, c = torch.meshgrid(*(torch.arange(p),) * 3, indexing="ij")
    found = combine[0] * a + combine[1] * b + combine[2] * c
    return found % p if wrap else found - found.min()


def _averaged(logits: Tensor, classes: Tensor) -> Tensor:
    """Return the mean over each class, at each of its entries."""
    result = torch.empty_like(logits)
    for d in classes.unique().tolist():
        result[classes == d] = logits[classes == d].mean()
    return result


def _suspects(logits: Tensor) -> dict[str, list[Tensor]]:
    """What known mistakes make of these logits."""
    p = len(logits)
    others = [(1, 1, 1), (1, -1, -1), (1, -1, 1), (1, 1, 0), (1, 0, -1), (0, 1, -1), (0, 0, 1), (2, 1, -1), (1, 2, -1)]
    others += [(1, 0, 0), (0, 1, 0), (1, 1, -2), (1, 0, 1), (0, 1, 1), (1, -1, 0)]
    right = _averaged(logits, _classes(p))
    axes: list[tuple[int, ...]] = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]
    flat = (logits.mean(axis, keepdim=True).expand_as(logits) for axis in axes)
    turned = (logits + logits.permute(order) for order in ((1, 0, 2), (2, 1, 0), (0, 2, 1)))
    return {
        # The last three: averaged rightly, and given to the entries of another class.
        "other-combination": [
            *(_averaged(logits, _classes(p, combine)) for combine in others),
            *(right[0, 0][classes] for classes in (_classes(p), (_classes(p) + 1) % p, (_classes(p) - 1) % p)),
        ],
        "modulus-missing": [_averaged(logits, _classes(p, wrap=False))],
        "pairs-only": [*flat, *(t / 2 for t in turned)],
        "residual": [logits - right],
        "sum-for-mean": [right * p**power for power in (-3, -2, -1, 1, 2, 3)],
        "level-taken-out": [right - logits.mean(), right - right.amax(), right - right.amax(2, keepdim=True)],
        "one-entry-for-all": _picked(logits),
    }


def _picked(logits: Tensor) -> list[Tensor]:
    p, classes = len(logits), _classes(len(logits))
    found = []
    for pick in (Tensor.max, Tensor.min, Tensor.median, lambda x: x[0], lambda x: x[-1]):
        chosen = torch.stack([pick(logits[classes == d]) for d in range(p)])
        found.append(chosen[classes])
    # An entry with b = 0, c = 0, or a = b = 0.
    found += [logits[:, 0, 0][classes], logits[0, :, 0][classes], logits[0, 0][-classes % p]]
    return found


@check.property(
    "depends",
    "the result depends on (a + b - c) mod p alone",
    *(SIGN, MODULUS, SWAPPED, RESIDUAL, UNCHANGED),
)
def depends(attempt: Attempt, draw: Draw) -> None:
    for p in (5, 6):
        logits = 2 * draw.normal(p, p, p) + draw.normal(p)
        got, tried = attempt(logits, remember=p == 5), attempt.describe((logits,))
        # One more in a, and one more in c or one less in b.
        turns = ((0, 2), (1, 1)), ((0, 1), (1, -1)), ((1, 2), (1, 1))
        if not all(close(got.roll(steps, axes), got, ROUNDED) for axes, steps in turns):
            known = _suspects(logits)
            named = {id: known[id] for id in ("other-combination", "modulus-missing", "pairs-only", "residual")}
            attempt.blame(got, tried, named, "still-varies")


@check.property(
    "means",
    "the entries with the same (a + b - c) mod p keep their mean",
    *(SUMMED, CENTRED, ONE, SIGN, MEANS),
)
def means(attempt: Attempt, draw: Draw) -> None:
    for p in (4, 5):
        logits = 3 * draw.normal(p, p, p) + draw.number(1, 2)
        got, tried = attempt(logits), attempt.describe((logits,))
        if not close(_averaged(got - logits, _classes(p)), torch.zeros_like(logits), 10 * ROUNDED):
            known = _suspects(logits)
            named = {id: known[id] for id in ("sum-for-mean", "level-taken-out", "one-entry-for-all")}
            attempt.blame(got, tried, {**named, "other-combination": known["other-combination"]}, "wrong-means")


@check.property("small", "a modulus of 1 or 2 is no exception", EDGE)
def small(attempt: Attempt, draw: Draw) -> None:
    for p in (1, 2):
        logits = draw.normal(p, p, p) - 3
        want = _averaged(logits, _classes(p))
        attempt.expect(attempt(logits), want, "small-modulus", attempt.describe((logits,)), tolerance=ROUNDED)
