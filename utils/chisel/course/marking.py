"""One submission: its cells, exercise after exercise, within what it may use in all, and the marks that they get."""

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chisel.course.assignment import Assignment, Exercise
from chisel.course.desk import Desk
from chisel.course.limits import Limits
from chisel.course.reading import read_cells
from chisel.course.submissions import Submission
from chisel.course.transplant import Taken, chapter_of, take
from chisel.course.verdicts import UNGRADED

NOT_ATTEMPTED, PASSED, FAILED = "not attempted", "passed", "failed"
TIME_USED_UP = "time-used-up"
_TICKS = 0.1  # seconds, by which the kernel's count may be short


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


def mark_submission(
    submission: Submission,
    assignments: Sequence[Assignment],
    desk_of: Callable[[Assignment], Desk],
    limits: Limits,
) -> tuple[Result, dict[str, str]]:
    """Return what a submission gets, and the cells that counted by the names of their exercises."""
    if submission.problem:
        return _without_marks(submission, assignments, submission.problem), {}
    cells, problem = read_cells(submission.path)
    if problem:
        return _without_marks(submission, assignments, problem), {}
    assignment = chapter_of(cells, submission.known)
    if assignment is None:
        return _without_marks(submission, assignments, "holds no exercise of any chapter"), {}
    if assignment.stem not in {a.stem for a in assignments}:
        return _without_marks(submission, assignments, f"is a notebook of another chapter ({assignment.stem})"), {}
    taken = take(cells, assignment)
    marks = _marks(assignment, taken, desk_of(assignment), limits)
    sources = {item.exercise: item.source for item in taken if item.source is not None}
    return Result(submission.name, submission.learner, assignment.stem, "", marks), sources


def _without_marks(submission: Submission, assignments: Sequence[Assignment], problem: str) -> Result:
    """Return a result of 0 points, of as many as can be known."""
    only = assignments[0] if len(assignments) == 1 else None
    marks = tuple(Mark(e.name, 0, e.points, FAILED, "no-submission") for e in only.exercises) if only else ()
    return Result(submission.name, submission.learner, only.stem if only else "", problem, marks)


def _marks(assignment: Assignment, taken: Sequence[Taken], desk: Desk, limits: Limits) -> tuple[Mark, ...]:
    """Judge each exercise; the learner's cells of earlier ones run before it, as they do in the notebook.

    A cell that stops or disturbs what runs it does not run again in front of others.
    """
    marks: list[Mark] = []
    earlier: list[tuple[str, str]] = []
    notes: tuple[str, ...] = ()
    spent = _Spent(limits)
    for exercise, item in zip(assignment.exercises, taken, strict=True):
        if item.source is None:
            marks.append(Mark(exercise.name, 0, exercise.points, FAILED, "missing-cell", notes=item.notes))
        elif not item.attempted:
            marks.append(Mark(exercise.name, 0, exercise.points, NOT_ATTEMPTED, "not-attempted", notes=item.notes))
        elif (left := spent.left()) is None:
            marks.append(Mark(exercise.name, 0, exercise.points, FAILED, TIME_USED_UP, spent.words, item.notes))
        else:
            own = (item.exercise, item.source)
            verdict = spent.on(lambda own=own, left=left: desk.judge(own[0], [*earlier, own], left))
            marks.append(_mark(exercise, verdict, (*item.notes, *notes)))
            if verdict.get("alone"):
                notes += (f"The cell of {exercise.name} ends the program or disturbs it, so this one ran without it.",)
            else:
                earlier.append(own)
    return tuple(marks)


def _mark(exercise: Exercise, verdict: dict[str, Any], notes: tuple[str, ...]) -> Mark:
    points = exercise.points if verdict["status"] == PASSED else 0
    words = verdict["text"], (*notes, *verdict["notes"]), verdict["printed"], verdict["seed"]
    return Mark(exercise.name, points, exercise.points, verdict["status"], verdict["id"], *words)


class _Spent:
    """What a submission has used of the seconds that it may use in all."""

    def __init__(self, limits: Limits):
        self._limits = limits
        self._cpu = self._wall = 0.0

    def left(self) -> Limits | None:
        """Return the limits of the next exercise, or None where nothing is left for it."""
        cpu, wall = self._limits.total_cpu - self._cpu, self._limits.total_wall - self._wall
        if min(cpu, wall) < _TICKS:
            return None
        return dataclasses.replace(
            self._limits, cpu=min(self._limits.cpu, math.ceil(cpu)), wall=min(self._limits.wall, math.ceil(wall))
        )

    def on(self, judge: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Judge one exercise, and count what that takes."""
        began = time.monotonic()
        verdict = judge()
        self._wall += time.monotonic() - began
        self._cpu += verdict.get("cpu", 0) / 1000
        return verdict

    @property
    def words(self) -> str:
        limits = self._limits
        return (
            f"This exercise was not run: the ones before it have used up the {limits.total_cpu} CPU-seconds or the "
            f"{limits.total_wall} seconds that a submission may use in all."
        )
