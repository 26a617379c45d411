"""An assignment: what grading needs to know of a chapter, taken from the notebook that the installed library gives."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from chisel.authoring.build import build_notebook
from chisel.authoring.errors import AuthoringError
from chisel.authoring.pipeline import Project, open_project
from chisel.authoring.source import Source
from chisel.course.errors import CourseError


@dataclass(frozen=True)
class Exercise:
    """One exercise: `name` is the function's, and the id of its cell; `stub` is that cell as it is handed out."""

    name: str
    points: int
    stub: str


@dataclass(frozen=True)
class Assignment:
    """One chapter as it is graded.

    Attributes:
        stem: the notebook's name, for example "02_update_strength".
        setup: the instructor's code cells in front of the first exercise. They are all that a function may need.
        notebook: the exercise notebook.
    """

    stem: str
    title: str
    exercises: tuple[Exercise, ...]
    setup: tuple[str, ...]
    notebook: NotebookNode

    @property
    def number(self) -> str:
        return self.stem.partition("_")[0]

    @property
    def points(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    def with_cells(self, cells: Mapping[str, str]) -> NotebookNode:
        """Return the instructor's notebook with a learner's solution cells in it, and nothing else of theirs."""
        notebook = copy.deepcopy(self.notebook)
        for cell in notebook.cells:
            if cell.id in cells:
                cell.source = cells[cell.id]
        return notebook


def read_assignments(root: Path, names: list[str]) -> tuple[Assignment, ...]:
    """Return the chapters called `names` (a number, a stem or a topic), or all.

    Raises:
        CourseError: there is no such chapter, or no checkout at `root`.
    """
    try:
        project = open_project(root)
        known = {source.stem.partition("_")[0]: source.stem for source in project.sources}
        picked = project.pick([known.get(name, name) for name in names])
    except AuthoringError as error:
        raise CourseError(str(error)) from error
    found = tuple(read_assignment(project, source) for source in picked if not source.is_start)
    if not found:
        raise CourseError(f"{', '.join(names)} is no chapter with exercises")
    return found


def read_assignment(project: Project, source: Source) -> Assignment:
    """Return one chapter as an assignment."""
    notebook = project.expected(source)[project.exercise_path(source)]
    names = [cell.name for cell, _ in source.exercises]
    cells = {cell.id: cell for cell in notebook.cells}
    exercises = [
        Exercise(name, int(cells[f"{name}-check"].metadata["nbgrader"]["points"]), cells[name].source) for name in names
    ]
    first = [cell.id for cell in notebook.cells].index(names[0]) if names else 0
    setup = [cell.source for cell in notebook.cells[:first] if cell.cell_type == "code"]
    return Assignment(source.stem, source.title, tuple(exercises), tuple(setup), notebook)


def solution_notebook(source: Source) -> NotebookNode:
    """Return the solution notebook, without outputs."""
    return build_notebook(source, "solution")
