"""One exercise of one submission: its function in an inmate, the check here, and a verdict as plain data."""

import dataclasses
import importlib
import secrets
import signal
import warnings
from typing import Any

from chisel.checking.check import ENDLESS, Check
from chisel.checking.graded import LIBRARY_FUNCTION
from chisel.checking.report import FAILED, PASSED, Diagnosis, Finding, Report
from chisel.course import worker
from chisel.course.errors import CheckLost
from chisel.course.limits import Limits
from chisel.course.remote import CLOSED, PRINTED, RAISES, SILENT, Ended, Line, RemoteFunction
from chisel.course.sandbox import Inmate, Means, limit_check, start

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
GRADIENT_RAISES = Diagnosis(
    "gradient-raises",
    "the result's gradient cannot be computed",
    "Asked for it, the result raises an error: in a `backward` or a hook of your own, or because a value was changed "
    "in place that the gradient needs.",
)
UNREADABLE = Diagnosis(
    "unreadable-answer",
    "the check stumbles over what comes back",
    "It passes the library's function, so it is this result that it cannot look at: one that takes without end to be "
    "looked at, or is made of parts that none of the exercise's results is made of.",
)
# Of the check's own part, which takes a fraction of them: results that are hard to look at are no way to hold it up.
_CHECK_SECONDS, CHECK_MEMORY = 10.0, 1536 << 20


def judge(
    task: worker.Task, check: Check, namespace: dict[str, Any], limits: Limits, means: Means, roots: list[str]
) -> dict[str, Any]:
    """Return the verdict: status, id, text, notes, what was printed, the seed of the check's inputs.

    And `alone`, whether this cell is nothing to run in front of later exercises, for it does not come to its end or
    writes into the pipe; and `cpu`, the milliseconds that all this took.

    This process must have one thread, and is good for one verdict. The seed is drawn after the inmate has begun, so no
    copy of it is in there.
    """
    notes, cpu = [], 0
    inmate, line, ready = _begin(task, namespace, limits, means, roots)
    if isinstance(ready, Ended) and len(task.cells) > 1:
        cpu = inmate.end()["cpu"]
        notes.append("With the cells of earlier exercises this one does not begin, so it ran without them.")
        task = dataclasses.replace(task, cells=task.cells[-1:])
        inmate, line, ready = _begin(task, namespace, limits, means, roots)
    limit_check(_CHECK_SECONDS + 5, CHECK_MEMORY)
    warnings.simplefilter("ignore")  # torch's, about odd tensors, would come out at the instructor's
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
        report = _run(check, function, seed, limits.wall + _CHECK_SECONDS)
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
        "alone": isinstance(ready, Ended) or report.id == GARBLED_ANSWER.id,
        "cpu": cpu + ended["cpu"],
    }


def _run(check: Check, function: Any, seed: int, wall: float) -> Report:
    try:
        return check.run(function, seed=seed, cpu_seconds=_CHECK_SECONDS, wall_seconds=wall)
    except RuntimeError as error:
        raise CheckLost(str(error)) from error


def judge_library(check: Check) -> dict[str, Any]:
    """Return the verdict on an answer over which the check was lost: unreadable, if it passes the library's function.

    Raises:
        RuntimeError: the check does not pass it either, so the fault is not the submission's.
    """
    module, _, name = check.solution.partition(":")
    report = check.run(getattr(importlib.import_module(module), name), cpu_seconds=_CHECK_SECONDS)
    if not report:
        raise RuntimeError(f"the check {check.exercise!r} does not pass the library's function: {report.id}")
    finding = Finding(UNREADABLE, "the calls of the check", "a result over which the process that checks was lost")
    report = _report(check, report.seed, finding)
    return {"status": report.status, "id": report.id, "text": str(report), "notes": [], "printed": "", "seed": None}


class _NotCallable:
    """Shows what the submission has in the place of a function."""

    def __init__(self, shown: str):
        self._shown = shown

    def __str__(self) -> str:
        return self._shown


def _begin(
    task: worker.Task, namespace: dict[str, Any], limits: Limits, means: Means, roots: list[str]
) -> tuple[Inmate, Line, Any]:
    module = importlib.import_module(task.solution.partition(":")[0])  # now, for in there it cannot be read
    hidden = [path for path in (module.__file__, module.__cached__) if path is not None]
    inmate = start(lambda pipe: worker.serve(task, namespace, pipe), limits, means, roots, hidden)
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
    if why.why.startswith(RAISES):
        return Finding(GRADIENT_RAISES, tried, why.why.removeprefix(RAISES))
    return Finding(GARBLED_ANSWER, tried, why.why)
