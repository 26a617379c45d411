"""Naming a mistake by what it explains: it has to give what came back on every input, not on one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from chisel.checking import Attempt, close

TOLERANCE = 1e-5  # everything here is float32


@dataclass(frozen=True)
class Case:
    """What was tried, what came back, what should have; and what each mistake gives, asked for only if it is needed."""

    tried: str
    got: Tensor
    want: Tensor
    suspects: Callable[[], Mapping[str, Sequence[Tensor]]]


def settle(attempt: Attempt, cases: Sequence[Case], otherwise: str) -> None:
    """Pass if all cases are right; report the first mistake that explains all of them, or `otherwise`."""
    wrong = [case for case in cases if not close(case.got, case.want, TOLERANCE)]
    if not wrong:
        return
    known = [case.suspects() for case in cases]
    for id in known[0]:
        for variant in zip(*(suspects[id] for suspects in known), strict=True):
            if all(close(case.got, value, TOLERANCE) for case, value in zip(cases, variant, strict=True)):
                attempt.fail(id, wrong[0].tried, wrong[0].got)
    attempt.fail(otherwise, wrong[0].tried, wrong[0].got)
