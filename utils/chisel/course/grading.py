"""Grade a folder: find the submissions, judge each, keep each result as soon as it is there, write what came of it."""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from chisel import __version__
from chisel.authoring.build import digest
from chisel.core.files import write_whole
from chisel.course.assignment import Assignment, Exercise
from chisel.course.desk import Desk
from chisel.course.reading import MOST_BYTES, read_cells
from chisel.course.sandbox import Limits, Means
from chisel.course.submissions import Submission
from chisel.course.transplant import Taken, chapter_of, take
from chisel.course.verdicts import UNGRADED

REMEDY = "free some space or choose another folder with --out; what is graded is kept"
NOT_ATTEMPTED, PASSED = "not attempted", "passed"


@dataclass(frozen=True)
class Mark:
    """What one exercise got. `points` of `most`; `id` is the diagnosis, or the status where there is none."""

    exercise: str
    points: int
    most: int
    status: str
    id: str
    text: str = ""
    notes: tuple[str, ...] = ()
    printed: str = ""
    seed: int | None = None


@dataclass(frozen=True)
class Result:
    """What one submission got. `problem` says why it could not be graded at all, if so."""

    submission: str
    learner: str
    chapter: str
    problem: str
    marks: tuple[Mark, ...] = field(default=())

    @property
    def points(self) -> int:
        return sum(mark.points for mark in self.marks)

    @property
    def most(self) -> int:
        return sum(mark.most for mark in self.marks)

    @property
    def ungraded(self) -> bool:
        """Whether somebody has to look at it, because the fault is not the learner's."""
        return any(mark.status == UNGRADED for mark in self.marks)


def grade(
    submissions: Sequence[Submission],
    assignments: Sequence[Assignment],
    out: Path,
    *,
    jobs: int,
    limits: Limits,
    means: Means,
    again: bool = False,
    say: Callable[[str], None] = print,
) -> list[Result]:
    """Grade every submission, `jobs` at a time, and return the results in the order of the submissions.

    Each result is written to `out` as soon as it is there; one that is there already, of the same file and the same
    assignment, is taken from there unless `again`.
    """
    desks = _Desks(limits, means)
    finished: dict[int, Result] = {}

    def work(number: int) -> tuple[Result, bool]:
        submission = submissions[number]
        place, key = out / "results" / f"{submission.slug}.json", _key(submission, assignments, limits, means)
        kept = None if again else _read(place, key)
        if kept is not None:
            return kept, True
        result, cells = _grade_one(submission, assignments, desks)
        if not result.problem:
            _write_transplant(out, submission, assignments, result, cells)
        if not result.ungraded:  # what is no fault of the submission's is tried anew next time
            write_whole(place, json.dumps({"key": key, "result": asdict(result)}, indent=1) + "\n", REMEDY)
        return result, False

    with ThreadPoolExecutor(jobs) as pool:
        try:
            running = {pool.submit(work, number): number for number in range(len(submissions))}
            for future in as_completed(running):
                result, old = future.result()
                finished[running[future]] = result
                say(f"{len(finished)}/{len(submissions)} {line(result)}{' (kept)' if old else ''}")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            desks.close()
    return [finished[number] for number in range(len(submissions))]


def line(result: Result) -> str:
    """Return a result as one line."""
    if result.problem:
        return f"{result.submission}: 0, {result.problem}"
    odd = [f"{mark.exercise}: {mark.id}" for mark in result.marks if mark.status not in (PASSED, NOT_ATTEMPTED)]
    return f"{result.submission}: {result.points} of {result.most}" + (f" ({', '.join(odd)})" if odd else "")


class _Desks:
    """One desk (a program that has a chapter loaded) for each thread and chapter."""

    def __init__(self, limits: Limits, means: Means):
        self._limits, self._means = limits, means
        self._lock = threading.Lock()
        self._desks: dict[tuple[int, str], Desk] = {}
        self._closed = False

    def of(self, assignment: Assignment) -> Desk:
        thread = threading.get_ident()
        with self._lock:
            if self._closed:
                raise RuntimeError("grading has ended")
            for (owner, stem), desk in list(self._desks.items()):
                if owner == thread and stem != assignment.stem:  # one at a time, for memory
                    desk.close()
                    del self._desks[owner, stem]
            key = thread, assignment.stem
            if key not in self._desks:
                self._desks[key] = Desk(assignment.setup, self._limits, self._means)
            return self._desks[key]

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for desk in self._desks.values():
                desk.close()


def _grade_one(
    submission: Submission, assignments: Sequence[Assignment], desks: _Desks
) -> tuple[Result, dict[str, str]]:
    def failed(problem: str, chapter: Assignment | None) -> tuple[Result, dict[str, str]]:
        assignment = chapter or (assignments[0] if len(assignments) == 1 else None)
        marks = (
            tuple(Mark(e.name, 0, e.points, "failed", "no-submission") for e in assignment.exercises)
            if assignment
            else ()
        )
        return Result(submission.name, submission.learner, assignment.stem if assignment else "", problem, marks), {}

    if submission.problem:
        return failed(submission.problem, None)
    cells, problem = read_cells(submission.path)
    if problem:
        return failed(problem, None)
    assignment = chapter_of(cells, submission.known)
    if assignment is None:
        return failed("holds no exercise of any chapter", None)
    if assignment.stem not in {a.stem for a in assignments}:
        return failed(f"is a notebook of another chapter ({assignment.stem})", None)
    taken = take(cells, assignment)
    desk = desks.of(assignment)
    marks = tuple(
        _mark(exercise, item, taken[:number], desk)
        for number, (exercise, item) in enumerate(zip(assignment.exercises, taken, strict=True))
    )
    sources = {item.exercise: item.source for item in taken if item.source is not None}
    return Result(submission.name, submission.learner, assignment.stem, "", marks), sources


def _mark(exercise: Exercise, taken: Taken, earlier: Sequence[Taken], desk: Desk) -> Mark:
    """Judge one exercise; the learner's cells of earlier exercises run before it, as they do in the notebook."""
    if taken.source is None:
        return Mark(exercise.name, 0, exercise.points, "failed", "missing-cell", notes=taken.notes)
    if not taken.attempted:
        return Mark(exercise.name, 0, exercise.points, NOT_ATTEMPTED, "not-attempted", notes=taken.notes)
    cells = [(e.exercise, e.source) for e in (*earlier, taken) if e.attempted and e.source is not None]
    verdict: dict[str, Any] = desk.judge(exercise.name, cells)
    return Mark(
        exercise.name,
        exercise.points if verdict["status"] == PASSED else 0,
        exercise.points,
        verdict["status"],
        verdict["id"],
        verdict["text"],
        (*taken.notes, *verdict["notes"]),
        verdict["printed"],
        verdict["seed"],
    )


def _write_transplant(
    out: Path, submission: Submission, assignments: Sequence[Assignment], result: Result, cells: dict[str, str]
) -> None:
    import nbformat

    (assignment,) = (a for a in assignments if a.stem == result.chapter)
    text = nbformat.writes(assignment.with_cells({name: _clean(text) for name, text in cells.items()}))
    write_whole(out / "notebooks" / f"{submission.slug}.ipynb", text + "\n", REMEDY)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _key(submission: Submission, assignments: Sequence[Assignment], limits: Limits, means: Means) -> str:
    """Return what a kept result depends on, as a hash."""
    parts = [__version__, repr(limits), repr(means), *(f"{a.stem} {digest(a.notebook)}" for a in assignments)]
    found = hashlib.sha256(json.dumps(parts).encode())
    if not submission.problem:
        status = os.lstat(submission.path)
        found.update(repr((status.st_size, status.st_mode)).encode())
        if status.st_size <= MOST_BYTES:
            with open(os.open(submission.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                while block := file.read(1 << 20):
                    found.update(block)
    return found.hexdigest()


def _read(place: Path, key: str) -> Result | None:
    """Return a kept result, or None where there is none, or of something else."""
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if kept.get("key") != key:
        return None
    marks = tuple(Mark(**{**mark, "notes": tuple(mark["notes"])}) for mark in kept["result"]["marks"])
    return Result(**{**kept["result"], "marks": marks})
