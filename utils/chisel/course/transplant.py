"""Which of a submission's cells count: those of the exercises, by their ids, and no others."""

from collections.abc import Sequence
from dataclasses import dataclass

from chisel.course.assignment import Assignment
from chisel.course.reading import CodeCell


@dataclass(frozen=True)
class Taken:
    """The cell that counts for one exercise; `source` is None where there is none.

    Attributes:
        attempted: whether it differs from the stub that was handed out.
        notes: what the learner and the instructor should know.
    """

    exercise: str
    source: str | None
    attempted: bool
    notes: tuple[str, ...]


def take(cells: Sequence[CodeCell], assignment: Assignment) -> tuple[Taken, ...]:
    """Return the cell that counts for each exercise of the assignment, in its order.

    A cell with the exercise's id comes first; without one, a cell with its nbgrader `grade_id`, as an editor that gives
    ids anew leaves it. Of several the first counts.
    """
    taken = []
    for exercise in assignment.exercises:
        by_id = [cell for cell in cells if cell.id == exercise.name]
        by_grade_id = [cell for cell in cells if cell.grade_id == exercise.name and cell.id != exercise.name]
        candidates = by_id + by_grade_id
        if not candidates:
            taken.append(Taken(exercise.name, None, False, ("The cell of this exercise is missing.",)))
            continue
        notes = []
        if len(candidates) > 1:
            notes.append(f"{len(candidates)} cells bear the name of this exercise; the first of them counts.")
        source = candidates[0].source
        if candidates[0].dropped:
            notes.append(f"Left out, for it is no Python: {', '.join(candidates[0].dropped)[:200]}")
        attempted = _plain(source) != _plain(exercise.stub)
        taken.append(Taken(exercise.name, source, attempted, tuple(notes)))
    return tuple(taken)


def chapter_of(cells: Sequence[CodeCell], assignments: Sequence[Assignment]) -> Assignment | None:
    """Return the assignment most of whose exercises have a cell in this notebook, or None."""

    def share(assignment: Assignment) -> float:
        names = {exercise.name for exercise in assignment.exercises}
        return len(names & {name for cell in cells for name in (cell.id, cell.grade_id)}) / max(1, len(names))

    best = max(assignments, key=share, default=None)
    return best if best is not None and share(best) > 0 else None


def _plain(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
