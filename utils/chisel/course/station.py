"""A program that has loaded a chapter once and judges one submission after another: `python -m chisel.course.station`.

It speaks JSON with the program that collects the grades. It reads no submission and runs no line of one: for each
exercise it forks, and the fork reads, starts the inmate and answers. So it holds nothing that an inmate's copy of its
memory could give away about another submission, and no seed.
"""

import json
import os
import signal
import struct
import sys
import traceback
from typing import Any

from chisel.course.errors import CheckLost
from chisel.course.limits import Limits
from chisel.course.sandbox import Means, close_to_others
from chisel.course.verdicts import ungraded

_LENGTH = struct.Struct("<Q")
_NO_MORE = 77  # exit status of a fork that found nothing to read
# Ends that what came back can have brought about. SIGKILL is none: that is the system out of memory, or somebody.
_LOST = {-signal.SIGXCPU, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGFPE, -signal.SIGILL}


def main() -> int:
    """Read the chapter from the first line, then answer each line, until there is none."""
    close_to_others()
    requests, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)  # whatever setup cells print is no answer
    chapter = json.loads(_message(requests))
    namespace = _prepare(chapter["setup"])
    _say(answers, {"ready": True})
    while True:
        child = os.fork()
        if child == 0:
            _judge_and_end(requests, answers, chapter, namespace)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code == _NO_MORE:
            return 0
        if code:
            _say(answers, ungraded(f"the process that checks ended with status {code}", lost=code in _LOST))


def _prepare(setup: list[str]) -> dict[str, Any]:
    """Run the instructor's setup cells and return what they define."""
    import torch

    from chisel.course import exercise  # noqa: F401  # loaded once, and not by every fork

    torch.set_num_threads(1)
    # The first use of these loads modules for a second or more, which no learner can help.
    torch.func.vmap(torch.func.grad(torch.sin))(torch.ones(1))
    namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
    for source in setup:
        exec(compile(source, "<setup>", "exec"), namespace)
    return namespace


def _judge_and_end(requests: int, answers: int, chapter: dict[str, Any], namespace: dict[str, Any]) -> None:
    try:
        message = _message(requests)
        os.close(requests)
        if not message:
            os._exit(_NO_MORE)
        _say(answers, _judge(json.loads(message), chapter, namespace))
    except BaseException as error:
        # Whatever it is, this fork ends here and says so; it must not go on as a second station.
        _say(answers, ungraded(traceback.format_exc(), lost=isinstance(error, CheckLost | MemoryError)))
    os._exit(0)


def _judge(request: dict[str, Any], chapter: dict[str, Any], namespace: dict[str, Any]) -> dict[str, Any]:
    from chisel.course import exercise, namespaces, worker

    check = getattr(namespace["checks"], request["exercise"])
    if "cells" not in request:
        return exercise.judge_library(check)
    cells = tuple((str(name), str(source)) for name, source in request["cells"])
    task = worker.Task(request["exercise"], cells, check.solution)
    limits, means = Limits(**request["limits"]), Means(**chapter["means"])
    return exercise.judge(task, check, namespace, limits, means, namespaces.library_folders())


def framed(message: dict[str, Any]) -> bytes:
    """Return a message to a station: its length, then JSON."""
    text = json.dumps(message).encode()
    return _LENGTH.pack(len(text)) + text


def _message(descriptor: int) -> bytes:
    """Read one message and not a byte more, for the next one belongs to another process. Nothing at the end."""
    head = _exactly(descriptor, _LENGTH.size)
    return _exactly(descriptor, _LENGTH.unpack(head)[0]) if head else b""


def _exactly(descriptor: int, count: int) -> bytes:
    read = bytearray()
    while len(read) < count:
        more = os.read(descriptor, count - len(read))
        if not more:
            return b""
        read += more
    return bytes(read)


def _say(answers: int, message: dict[str, Any]) -> None:
    data = memoryview(json.dumps(message).encode() + b"\n")
    while data:
        data = data[os.write(answers, data) :]


if __name__ == "__main__":
    sys.exit(main())
