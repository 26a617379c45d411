"""What a submission may use. Pure Python, so that the command can name the defaults on any system."""

import dataclasses
from dataclasses import dataclass
from typing import Any


def _limit(default: int, unit: str, words: str) -> Any:
    return dataclasses.field(default=default, metadata={"unit": unit, "words": words})


@dataclass(frozen=True)
class Limits:
    """What a submission may use, in whole numbers. Each is an option of `chisel course grade`.

    `memory` comes on top of what the libraries take; `file` holds for each file and for all together. What is left for
    an exercise of `total_cpu` and `total_wall` may be less than its own.
    """

    cpu: int = _limit(5, "S", "CPU-seconds of an exercise")
    wall: int = _limit(30, "S", "seconds of an exercise")
    total_cpu: int = _limit(60, "S", "CPU-seconds of all exercises of a submission")
    total_wall: int = _limit(300, "S", "seconds of all exercises of a submission")
    memory: int = _limit(2048, "MB", "memory of a submission, beside the libraries'")
    output: int = _limit(1024, "kB", "what an exercise may print")
    file: int = _limit(32, "MB", "files that an exercise may write, into an empty folder of its own")
