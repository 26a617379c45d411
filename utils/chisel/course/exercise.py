"""One exercise of one submission: its function in an inmate, the check here, and a verdict as plain data."""

import dataclasses
import secrets
import signal
from typing import Any

from chisel.checking.check import ENDLESS, Check
from chisel.checking.graded import LIBRARY_FUNCTION
from chisel.checking.report import FAILED, PASSED, Diagnosis, Finding, Report
from chisel.course import worker
from chisel.course.remote import CLOSED, PRINTED, SILENT, Ended, Line, RemoteFunction
from chisel.course.sandbox import Inmate, Limits, Means, start

NOT_DEFINED = Diagnosis(
    "not-defined",
    "the cell defines no function of this name",
    "Grading runs the notebook's setup, the cells of earlier exercises and this one, and looks for the function.",
)
PROCESS_ENDED = Diagnosis(
    "process-ended",
    "the submission ends the program that it runs in",
    "A function returns or raises. One that ends the program, or crashes it, gives no answer that could be checked.",
)
NO_ANSWER = Diagnosis(
    "no-answer",
    "no answer came within the time",
    "The function did not compute: it waited for something. Grading waits for as long as the limits say.",
)
TOO_MUCH_OUTPUT = Diagnosis(
    "too-much-output",
    "the submission prints without end",
    "It was stopped. Take out what was printed to find a mistake.",
)
GARBLED_ANSWER = Diagnosis(
    "garbled-answer",
    "what came back is no result of a function",
    "The submission writes into the grader's pipe, or gives a result too large to be looked at.",
)
COURSE_IDS = tuple(d.id for d in (NOT_DEFINED, PROCESS_ENDED, NO_ANSWER, TOO_MUCH_OUTPUT, GARBLED_ANSWER))
_CHECK_SECONDS = 20.0  # of CPU for the check's own part: results that are hard to look at are no way to hold it up


def judge(
    task: worker.Task, check: Check, namespace: dict[str, Any], limits: Limits, means: Means, roots: list[str]
) -> dict[str, Any]:
    """Return the verdict: status, id, text, notes, what was printed, the seed of the check's inputs.

    This process must have one thread. The seed is drawn after the inmate has begun, so no copy of it is in there.
    """
    notes = []
    inmate, line, ready = _begin(task, namespace, limits, means, roots)
    if isinstance(ready, Ended) and len(task.cells) > 1:
        inmate.end()
        notes.append("An earlier cell ended the program, so this exercise ran without the earlier ones.")
        task = dataclasses.replace(task, cells=task.cells[-1:])
        inmate, line, ready = _begin(task, namespace, limits, means, roots)
    seed = secrets.randbits(48)
    if isinstance(ready, Ended):
        report = _report(check, seed, None)
    elif ready.get("missing"):
        words = str(ready.get("trouble") or "nothing of that name")[:2000]
        report = _report(check, seed, Finding(NOT_DEFINED, "the cell", words))
    else:
        if ready.get("trouble"):
            notes.append(f"The cell defines the function and then raises: {str(ready['trouble'])[:500]}")
        function: Any = RemoteFunction(line, ready)
        if not ready.get("callable"):
            function = _NotCallable(str(ready.get("shown"))[:300])
        report = check.run(function, seed=seed, cpu_seconds=_CHECK_SECONDS, wall_seconds=limits.wall + _CHECK_SECONDS)
    line.listen_to_the_end()
    ended = inmate.end()
    if line.ended is not None:
        report = _report(check, seed, _finding(line.ended, ended, limits))
    elif report.finding and report.finding.got.startswith(f"RuntimeError: {worker.NOT_AVAILABLE}"):
        got = f"{check.solution.replace(':', '.')}, which is not there in graded work"
        report = dataclasses.replace(report, finding=Finding(LIBRARY_FUNCTION, report.finding.tried, got))
    return {
        "status": report.status,
        "id": report.id,
        "text": str(report),
        "notes": notes,
        "printed": line.printed.decode("utf-8", "replace") if report.status != PASSED else "",
        "seed": seed,
    }


class _NotCallable:
    """Shows what the submission has in the place of a function."""

    def __init__(self, shown: str):
        self._shown = shown

    def __str__(self) -> str:
        return self._shown


def _begin(
    task: worker.Task, namespace: dict[str, Any], limits: Limits, means: Means, roots: list[str]
) -> tuple[Inmate, Line, Any]:
    inmate = start(lambda pipe: worker.serve(task, namespace, pipe), limits, means, roots)
    line = Line(inmate, limits)
    try:
        return inmate, line, line.ask(None)[0]
    except Ended as error:
        return inmate, line, error


def _report(check: Check, seed: int, finding: Finding | None) -> Report:
    return Report(check.exercise, FAILED, finding, {}, lambda: None, check.solution, check.read, check.example, seed)


def _finding(why: Ended, ended: dict[str, int], limits: Limits) -> Finding:
    """Return what to say of a submission whose process is of no use any more."""
    tried = "the cells and the calls of the check, in a process of their own"
    # The kernel counts in ticks and may be early; on a busy machine the clock may end what CPU time would have ended.
    killed = why.why == CLOSED and ended["signal"] == signal.SIGKILL
    if killed and ended["cpu"] >= 500 * limits.cpu:
        return Finding(ENDLESS, tried, f"no answer within {limits.cpu} CPU-seconds")
    if why.why == SILENT and ended["cpu"] >= 250 * limits.cpu:
        return Finding(ENDLESS, tried, f"no answer within {limits.wall} seconds, in which it was computing")
    if why.why == SILENT:
        return Finding(NO_ANSWER, tried, f"no answer within {limits.wall} seconds")
    if why.why == PRINTED:
        return Finding(TOO_MUCH_OUTPUT, tried, f"more than {limits.output} kB of output")
    if why.why == CLOSED:
        number = ended["signal"]
        words = f"exit status {ended['status']}"
        if number:
            words = f"signal {signal.Signals(number).name}" if number in set(signal.Signals) else f"signal {number}"
        return Finding(PROCESS_ENDED, tried, words)
    return Finding(GARBLED_ANSWER, tried, why.why)
