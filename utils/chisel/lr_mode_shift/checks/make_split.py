"""The check of `make_split`: rows, completeness, sizes, what the seed decides, and what chance does not tell.

Any draws will do, in any order of rows: what is looked at is what every split has, and how splits differ. A right
solution fails by chance once in 10^5 checks.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Draw
from chisel.checking.contract import WRONG_DEVICE, WRONG_DTYPE, WRONG_SHAPE, WRONG_TYPE, Arguments, Problem, show
from chisel.lr_mode_shift.checks import _split_faults as faults


@dataclass(frozen=True)
class Split:
    """A pair of int64 tensors with rows of three."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        if not isinstance(result, tuple | list) or len(result) != 2:
            what = f"{len(result)} things" if isinstance(result, tuple | list) else f"a {type(result).__name__}"
            return WRONG_TYPE, f"{what}, where (train, val) is promised"
        for name, part in zip(("train", "val"), result, strict=True):
            if type(part) is not Tensor or part.layout != torch.strided:
                return WRONG_TYPE, f"`{name}` is a {type(part).__name__}, where a tensor is promised"
            if part.dim() != 2 or part.shape[1] != 3:
                return WRONG_SHAPE, f"`{name}` has shape {list(part.shape)}, where rows of three are promised"
            if part.dtype != torch.int64:
                return WRONG_DTYPE, f"`{name}` is {part.dtype}, where torch.int64 is promised"
            if part.device.type != "cpu":
                return WRONG_DEVICE, f"`{name}` is on {part.device}, where the cpu is promised"
        return None

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


check = Check(
    exercise="make_split",
    solution="chisel.lr_mode_shift.addition:make_split",
    arguments=("p", "fraction", "seed"),
    returns=Split(),
    example="p 3, fraction 0.5: of the nine pairs four are trained on  ->  for instance train [[2, 2, 1], [0, 1, 1], "
    "[1, 0, 1], [1, 2, 0]] and val with the other five",
    read="the section 'Addition modulo p' of the chapter",
    single_precision=False,
)
# p, fraction, and how many pairs are trained on; the fraction of all is a whole number in the second only
SIZES = ((5, 0.3, 7), (4, 0.5, 8), (7, 0.25, 12), (3, 0.7, 6), (6, 0.9, 32))


def _splits(attempt: Attempt, draw: Draw) -> Iterator[tuple[int, float, str, tuple[Tensor, Tensor]]]:
    for p, fraction, _ in SIZES:
        arguments = p, fraction, draw.integer(0, 2**31)
        train, val = attempt(*arguments, remember=p == 5)
        yield p, fraction, attempt.describe(arguments), (train, val)


@check.property(
    "rows",
    "a row is two numbers below p, and their sum modulo p",
    *(faults.ONE, faults.MODULUS, faults.RANGE, faults.OPERATION, faults.TORN, faults.LABEL),
)
def rows(attempt: Attempt, draw: Draw) -> None:
    for p, _, tried, parts in _splits(attempt, draw):
        every = torch.cat(list(parts))
        one, other, last = every.unbind(1)
        inside, right = bool(((every >= 0) & (every < p)).all()), last == (one + other) % p
        if inside and bool(right.all()):
            continue
        wrong = ~right | (every < 0).any(1) | (every >= p).any(1)
        got = f"the row {every[wrong][0].tolist()}"
        if bool((every[:, :2] >= 1).all()) and int(every[:, :2].max()) == p:
            attempt.fail("numbers-from-one", tried, got)
        if torch.equal(last, one + other):
            attempt.fail("no-modulus", tried, got)
        if not inside:
            attempt.fail("numbers-out-of-range", tried, got)
        if any(torch.equal(last, x % p) for x in (one * other, one - other, other - one, (one - other).abs())):
            attempt.fail("other-operation", tried, got)
        if all(Counter(part[:, 2].tolist()) == Counter((part[:, :2].sum(1) % p).tolist()) for part in parts):
            attempt.fail("labels-torn-off", tried, got)
        attempt.fail("wrong-label", tried, got)


@check.property(
    "complete",
    "each pair stands in one of the two sets, once",
    *(faults.OVERLAP, faults.TWICE, faults.ONE_ORDER, faults.MISSING),
)
def complete(attempt: Attempt, draw: Draw) -> None:
    for p, _, tried, parts in _splits(attempt, draw):
        train, val = (Counter((a, b) for a, b, _ in part.tolist()) for part in parts)
        both, many = sorted(train.keys() & val.keys()), sorted(pair for pair, n in (train + val).items() if n > 1)
        if both:
            attempt.fail("overlap", tried, f"{len(both)} pairs that stand in both sets, the first of them {both[0]}")
        if many:
            attempt.fail(
                "pair-twice", tried, f"{len(many)} pairs that stand more than once, the first of them {many[0]}"
            )
        missing = [(a, b) for a in range(p) for b in range(p) if (a, b) not in train and (a, b) not in val]
        if missing:
            one_order = all(((b, a) in train or (b, a) in val) and a != b for a, b in missing)
            id = "one-order-only" if one_order and len(missing) == p * (p - 1) // 2 else "pairs-missing"
            attempt.fail(id, tried, f"two sets without {len(missing)} of the pairs, the first of them {missing[0]}")


@check.property(
    "sizes",
    "so many pairs are trained on",
    *(faults.FRACTION, faults.EXCHANGED, faults.ROUNDED, faults.SIZES),
)
def sizes(attempt: Attempt, draw: Draw) -> None:
    few, many = (len(attempt(6, fraction, 3, remember=False)[0]) for fraction in (0.3, 0.8))
    if few == many:
        attempt.fail("fraction-ignored", "p = 6, seed = 3, fraction = 0.3 and then 0.8", f"both times {few} rows")
    splits = [(p, fraction, tried, len(train)) for p, fraction, tried, (train, _) in _splits(attempt, draw)]
    found, want = [n for *_, n in splits], [n for *_, n in SIZES]
    wrong = next((i for i, n in enumerate(want) if found[i] != n), None)
    if wrong is None:
        return
    p, _, tried, n = splits[wrong]
    got = f"{n} rows to train on and {p * p} pairs in all"
    whole = [(p * p, fraction * p * p) for p, fraction, *_ in splits]
    if found in ([n - int(share) for n, share in whole], [int(n - share) for n, share in whole]):
        attempt.fail("shares-exchanged", tried, got)
    if found in ([round(share) for _, share in whole], [int(share + 0.5) for _, share in whole]) or found == [
        ceil(share) for _, share in whole
    ]:
        attempt.fail("rounded-otherwise", tried, got)
    attempt.fail("wrong-size", tried, got)


@check.property("seed", "another seed gives another split", faults.SEED)
def seeds(attempt: Attempt, draw: Draw) -> None:
    # Number 0 may be taken for no seed at all.
    for one, other in ((0, 1), (draw.integer(2, 999), draw.integer(2**20, 2**31))):
        first, second = (_trained(attempt(8, 0.4, seed, remember=False)[0], 8) for seed in (one, other))
        if torch.equal(first, second):
            tried = f"p = 8, fraction = 0.4, with the seeds {one} and {other}"
            attempt.fail("seed-ignored", tried, f"twice the same {int(first.sum())} pairs in the training set")


@check.property(
    "chance",
    "where a pair goes depends on chance alone",
    *(faults.MIRRORED, faults.EVEN, faults.IN_ORDER, faults.FEW, faults.FIXED),
)
def chance(attempt: Attempt, draw: Draw) -> None:
    p, first = 6, draw.integer(0, 2**30)
    some = [*range(first, first + 8), *(draw.integer(2**30, 2**31) for _ in range(16))]  # neighbours, and large ones
    tried = f"p = {p}, fraction = 0.5, with the seeds {', '.join(map(str, some))}"
    trained = torch.stack([_trained(attempt(p, 0.5, seed, remember=False)[0], p) for seed in some])  # [24, p, p]
    several = trained.unique(dim=0)  # some may have come twice
    upper = torch.triu(torch.ones(p, p, dtype=torch.bool), 1)
    alike = (several == several.mT)[:, upper]
    if not _like_chance(alike):
        got = f"(a, b) and (b, a) on the same side {int(alike.sum())} times out of {alike.numel()}"
        attempt.fail("mirror-images-tied", tried, got)
    labels = (torch.arange(p)[:, None] + torch.arange(p)) % p
    by_label = torch.stack([several[:, labels == label].sum(1) for label in range(p)], 1)
    groups = {"first number": several.sum(2), "second number": several.sum(1), "label": by_label}
    for what, counts in groups.items():  # [24, p]
        if bool((((counts > 0) & (counts < p)).sum(1) <= 2).all()):
            got = f"training sets in which each {what} stands {show(counts[0])} times, or the like: all or nothing"
            attempt.fail("in-order", tried, got)
    for what, counts in groups.items():  # within 1 of each other by chance in one split of 150
        if bool((counts.amax(1) - counts.amin(1) <= 1).all()):
            got = f"training sets in which each {what} stands {show(counts[0])} times, and so on"
            attempt.fail("shares-forced", tried, got)
    line = several.flatten(1)
    for step in range(1, p * p // 2):
        alike = line == line.roll(step, 1)
        if not _like_chance(alike):
            got = (
                f"with the pairs (0, 0), (0, 1), (0, 2) ... in a ring, those {step} places apart are on the same side "
            )
            attempt.fail("in-order", tried, f"{got}{int(alike.sum())} times out of {alike.numel()}")
    if len(several) < len(some) - 1:  # of 9 * 10^9
        attempt.fail("few-splits", tried, f"{len(several)} different training sets")
    times = trained.sum(0)
    always = ((times == 0) | (times == len(some))).nonzero()  # by chance one of 36 pairs once in 2 * 10^5 checks
    if len(always):
        side = "trained on" if bool(times[tuple(always[0])]) else "left for validation"
        attempt.fail("same-pairs-always", tried, f"{tuple(always[0].tolist())} is {side} in all {len(some)} splits")


def _trained(train: Tensor, p: int) -> Tensor:
    """Return [p, p] bool: which pairs are trained on."""
    mask = torch.zeros(p, p, dtype=torch.bool)
    mask[train[:, 0].clamp(0, p - 1), train[:, 1].clamp(0, p - 1)] = True
    return mask


def _like_chance(alike: Tensor) -> bool:
    """Say whether two of 36 places, half of them marked, are as often alike as by chance: within six deviations."""
    chance = 17 / 35
    return abs(float(alike.sum()) - chance * alike.numel()) <= 6 * sqrt(alike.numel() * chance * (1 - chance))
