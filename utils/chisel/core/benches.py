"""Two ways of doing the same work, for `make bench` to time in pairs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Bench:
    """A comparison; a chapter lists its own as BENCHES in its module `bench`.

    Attributes:
        title: what is done.
        fast, slow: callables without arguments that do it.
        names: of the two ways.
        work: how much each of them does, where that differs or is to be reported; then rates are compared.
        unit: of `work`.
    """

    title: str
    fast: Callable[[], Any]
    slow: Callable[[], Any]
    names: tuple[str, str] = ("stacked", "loop")
    work: tuple[float, float] | None = None
    unit: str = ""
