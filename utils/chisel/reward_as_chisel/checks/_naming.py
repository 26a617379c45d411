"""Naming a fault by what it would have given, where single precision in between is no fault."""

from collections.abc import Mapping, Sequence
from typing import Any

from chisel.checking import Attempt, close

ROUNDED = 1e-6  # a number times a bool tensor is float32 in torch, whatever it is multiplied with next


def expect(
    attempt: Attempt,
    got: Any,
    want: Any,
    otherwise: str,
    tried: str,
    suspects: Mapping[str, Sequence[Any]] | None = None,
) -> None:
    """Compare with a known value; on a difference report the first suspect that gives what came back."""
    if close(got, want, ROUNDED):
        return
    for id, values in (suspects or {}).items():
        if any(close(got, value, ROUNDED) and not close(value, want, ROUNDED) for value in values):
            attempt.fail(id, tried, got)
    attempt.fail(otherwise, tried, got)
