"""The grader's end of a station: starts it, asks it, starts it anew if it is lost."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chisel.authoring.execute import FIXED_ENVIRONMENT
from chisel.course import station
from chisel.course.errors import CourseError
from chisel.course.limits import Limits
from chisel.course.sandbox import Means
from chisel.course.verdicts import UNGRADED, ungraded

_START_SECONDS = 300  # to load a chapter on a busy machine


class Desk:
    """A station with a chapter loaded. One thread at a time may use it."""

    def __init__(self, setup: Sequence[str], means: Means):
        self._first = {"setup": list(setup), "means": asdict(means)}
        self._process: subprocess.Popen[bytes] | None = None

    def judge(self, exercise: str, cells: Sequence[tuple[str, str]], limits: Limits) -> dict[str, Any]:
        """Return the verdict on one exercise; see `chisel.course.exercise.judge`.

        Where the check itself is lost over it, the library's function decides whose fault that is. A station that is
        lost is started anew, and it is tried again.

        Raises:
            CourseError: the station does not start.
        """
        request = {"exercise": exercise, "cells": list(cells), "limits": asdict(limits)}
        for _ in range(2):
            answer = self._ask(request, 4 * limits.wall + 120)
            if answer is not None and answer.get("lost"):
                control = self._ask({"exercise": exercise}, 120)
                return control if control is not None and control["status"] != UNGRADED else answer
            if answer is not None:
                return answer
            self.close()
        return ungraded("the grader was lost over it twice")

    def close(self) -> None:
        """End the station and everything that it has started."""
        if self._process is None:
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process = None

    def _ask(self, message: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        if self._process is None:
            self._start()
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(station.framed(message))
            self._process.stdin.flush()
        except OSError:
            return None
        return self._hear(seconds)

    def _start(self) -> None:
        library = str(Path(__file__).resolve().parents[2])
        given = [os.path.abspath(p) for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
        # Nothing of the instructor's environment: an inmate is a copy of a copy of this process.
        environment = {
            **FIXED_ENVIRONMENT,
            "OPENBLAS_NUM_THREADS": "1",
            "CHISEL_SCALE": "laptop",
            "CUDA_VISIBLE_DEVICES": "",
            "PYTHONPATH": os.pathsep.join([*given, library]),
            "PATH": os.environ.get("PATH", ""),
            "LANG": "C.UTF-8",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "chisel.course.station"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        if self._ask(self._first, _START_SECONDS) is None:
            self.close()
            raise CourseError("the chapter's setup cells do not run here: open its notebook and run the first cells")

    def _hear(self, seconds: float) -> dict[str, Any] | None:
        assert self._process is not None and self._process.stdout is not None
        descriptor, until, answer = self._process.stdout.fileno(), time.monotonic() + seconds, bytearray()
        while not answer.endswith(b"\n"):
            if not select.select([descriptor], [], [], max(0.0, until - time.monotonic()))[0]:
                return None
            more = os.read(descriptor, 1 << 16)
            if not more:
                return None
            answer += more
        return json.loads(answer)
