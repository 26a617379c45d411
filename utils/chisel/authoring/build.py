"""A percent source -> the cells of the solution notebook and of the exercise notebook, not yet executed."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Literal

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from chisel.authoring.library import load_function
from chisel.authoring.rules import PLACEHOLDER, split_hints
from chisel.authoring.source import Cell, Exercise, Source

Variant = Literal["solution", "exercise"]

BEGIN, END = "    ### BEGIN SOLUTION", "    ### END SOLUTION"
_SUMMARIES = ("Hint 1: a nudge", "Hint 2: the key idea", "Hint 3: nearly the code")
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# The kernel would report its own Python version here, and a notebook would change with the machine that ran it.
_LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
# What Jupyter writes into a cell's metadata when somebody looks at the notebook; no edit.
_VOLATILE = {"trusted", "collapsed", "scrolled", "execution", "ExecuteTime", "jp-MarkdownHeadingCollapsed"}


def build_notebook(source: Source, variant: Variant, chapters: Sequence[Source] = ()) -> NotebookNode:
    """Return one variant of a sound source (see `rules.require_sound`), with ids from names and no outputs.

    Args:
        chapters: the other sources, for the list on the start page.
    """
    cells: list[NotebookNode] = []
    exercises = {cell.name: exercise for cell, exercise in source.exercises}
    for cell in source.cells:
        if cell.exercise is not None:
            cells += [_solution_cell(cell, cell.exercise, variant), _check_cell(cell, cell.exercise)]
        elif cell.kind == "code":
            cells.append(_code(cell.name, cell.text, cell.tags, _nbgrader(cell.name, locked=True)))
        else:
            header = exercises.get(cell.name.removesuffix("-header")) if cell.name.endswith("-header") else None
            cells.append(_markdown(cell, header, chapters))
    notebook = new_notebook(cells=cells, metadata={"kernelspec": dict(_KERNEL), "language_info": dict(_LANGUAGE)})
    notebook.nbformat_minor = 5
    notebook.metadata["chisel"] = {"source": source.label, "variant": variant, "cells": digest(notebook)}
    return notebook


def describe_cells(notebook: NotebookNode) -> dict[str, dict[str, Any]]:
    """Return what the author decides about each cell, by cell id: kind, text, metadata. Outputs are left out."""
    return {
        cell.get("id", f"(cell {number})"): {
            "cell type": cell.cell_type,
            "text": cell.source,
            "metadata": {key: value for key, value in cell.metadata.items() if key not in _VOLATILE},
        }
        for number, cell in enumerate(notebook.cells, start=1)
    }


def digest(notebook: NotebookNode) -> str:
    """Return a short hash of `describe_cells`, order included."""
    text = json.dumps(list(describe_cells(notebook).items()), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _solution_cell(cell: Cell, exercise: Exercise, variant: Variant) -> NotebookNode:
    function = load_function(exercise.reference)
    stub = exercise.scaffold or f"{function.head}\n{PLACEHOLDER}"
    comment = f"{cell.text.strip()}\n\n" if cell.text.strip() else ""
    text = comment + stub
    if variant == "solution":
        text = text.replace(PLACEHOLDER, f"{BEGIN}\n{function.body}\n{END}")
    return _code(cell.name, text, cell.tags, _nbgrader(cell.name, solution=True))


def _check_cell(cell: Cell, exercise: Exercise) -> NotebookNode:
    name = cell.name
    grader = _nbgrader(f"{name}-check", grade=True, locked=True, points=exercise.points)
    return _code(f"{name}-check", f"check_{name} = checks.{name}({name})", (), grader)


def _markdown(cell: Cell, header: Exercise | None, chapters: Sequence[Source]) -> NotebookNode:
    text = cell.text
    if header is not None:
        text += f"\n\n*Difficulty {header.difficulty} of 5, about {header.minutes} minutes.*"
    if cell.hints:
        text = ""
        for title, hint in reversed(list(zip(_SUMMARIES, split_hints(cell.text), strict=True))):
            # Each inside the one before, so that they open in order.
            inner = f"{hint}\n\n{text}" if text else hint
            text = f"<details>\n<summary>{title}</summary>\n\n{inner}\n\n</details>"
    if cell.chapters:
        text += "\n\n" + "\n".join(_chapter_line(number, chapter) for number, chapter in enumerate(chapters, start=1))
    metadata = {"tags": list(cell.tags)} if cell.tags else {}
    return new_markdown_cell(text.rstrip(), id=cell.name, metadata=metadata)


def _chapter_line(number: int, chapter: Source) -> str:
    minutes = sum(exercise.minutes for _, exercise in chapter.exercises)
    count = len(chapter.exercises)
    return f"{number}. [{chapter.title}]({chapter.stem}.ipynb): {count} exercises, about {minutes} minutes"


def _code(name: str, text: str, tags: Sequence[str], grader: dict[str, Any]) -> NotebookNode:
    metadata: dict[str, Any] = {"nbgrader": grader}
    if tags:
        metadata["tags"] = list(tags)
    return new_code_cell(text, id=name, metadata=metadata)


def _nbgrader(
    grade_id: str, *, grade: bool = False, solution: bool = False, locked: bool = False, points: int | None = None
) -> dict[str, Any]:
    """Return nbgrader's metadata, schema version 3. Locked cells are restored before grading, setup included."""
    metadata: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
    }
    return metadata if points is None else metadata | {"points": points}
