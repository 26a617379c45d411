"""A program that has loaded a chapter once and judges one submission after another: `python -m chisel.course.station`.

It speaks JSON, one line a message, with the program that collects the grades. It runs no line of a submission: for each
exercise it forks, and the fork starts the inmate. It never holds a seed, so neither does an inmate's copy of its memory.
"""

import json
import os
import select
import signal
import sys
import time
import traceback
from typing import Any

from chisel.course.sandbox import Limits, Means


def main() -> int:
    """Read the chapter from the first line, then answer each line, until there is none."""
    told, answers = os.fdopen(os.dup(0), "rb"), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)  # whatever setup cells print is no answer
    chapter = json.loads(told.readline())
    namespace = _prepare(chapter["setup"])
    _say(answers, {"ready": True})
    limits, means = Limits(**chapter["limits"]), Means(**chapter["means"])
    for line in iter(told.readline, b""):
        request = json.loads(line)
        verdict = _apart(request, namespace, limits, means, chapter["roots"])
        _say(answers, verdict)
    return 0


def _prepare(setup: list[str]) -> dict[str, Any]:
    """Run the instructor's setup cells and return what they define."""
    import torch

    torch.set_num_threads(1)
    namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
    for source in setup:
        exec(compile(source, "<setup>", "exec"), namespace)
    # What is loaded here is loaded once, and not by every inmate on its own CPU time.
    from chisel.course import exercise  # noqa: F401

    return namespace


def _apart(
    request: dict[str, Any], namespace: dict[str, Any], limits: Limits, means: Means, roots: list[str]
) -> dict[str, Any]:
    """Judge one exercise in a process of its own, and wait for it no longer than it can need."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            os.write(writing, json.dumps(_judge(request, namespace, limits, means, roots)).encode())
        except BaseException:
            # Whatever it is, this fork ends here and says so; it must not go on as a second station.
            os.write(writing, json.dumps(_ours(traceback.format_exc())).encode())
        os._exit(0)
    os.close(writing)
    answer, until = bytearray(), time.monotonic() + 3 * limits.wall + 60
    while select.select([reading], [], [], max(0.0, until - time.monotonic()))[0]:
        more = os.read(reading, 1 << 16)
        if not more:
            break
        answer += more
    os.close(reading)
    os.kill(child, signal.SIGKILL)  # and with it its keeper, and with that the inmate
    os.waitpid(child, 0)
    try:
        return json.loads(answer)
    except ValueError:
        return _ours("the process that checks ended without a verdict")


def _judge(
    request: dict[str, Any], namespace: dict[str, Any], limits: Limits, means: Means, roots: list[str]
) -> dict[str, Any]:
    from chisel.course import exercise, worker

    check = getattr(namespace["checks"], request["exercise"])
    cells = tuple((str(name), str(source)) for name, source in request["cells"])
    return exercise.judge(
        worker.Task(request["exercise"], cells, check.solution), check, namespace, limits, means, roots
    )


def _ours(words: str) -> dict[str, Any]:
    """A verdict that somebody has to look at."""
    last = words.strip().splitlines()[-1][:500]
    text = f"This exercise could not be graded; an instructor has to look at it. ({last})"
    return {"status": "ungraded", "id": "ungraded", "text": text, "notes": [], "printed": "", "seed": None}


def _say(answers: int, message: dict[str, Any]) -> None:
    data = memoryview(json.dumps(message).encode() + b"\n")
    while data:
        data = data[os.write(answers, data) :]


if __name__ == "__main__":
    sys.exit(main())
