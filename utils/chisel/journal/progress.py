"""How far a reader has come: for each exercise whether it is done, tried or untouched, and what to do next."""

import ast
import importlib.util
import json
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import chisel
from chisel.core.catalogue import find_chapters
from chisel.core.journal import CHECK, Event, JournalError, open_journal

State = Literal["done", "tried", "untouched"]


@dataclass(frozen=True)
class Exercise:
    """An exercise of a chapter, and what became of it.

    Attributes:
        tries: checks that failed before the first that passed, or until now.
        last: the diagnosis of the last failed check, or "".
    """

    name: str
    state: State
    tries: int
    last: str


@dataclass(frozen=True)
class ChapterProgress:
    """A chapter's exercises in the order in which its notebook has them."""

    package: str
    title: str
    notebook: str
    exercises: tuple[Exercise, ...]

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(exercise.state == "done" for exercise in self.exercises)


def progress(events: Sequence[Event] | None = None) -> tuple[ChapterProgress, ...]:
    """Return the progress in each chapter that has exercises, in the order of the notebooks.

    Args:
        events: of the journal; by default the reader's own.

    Raises:
        JournalError: the journal cannot be read.
    """
    if events is None:
        events = open_journal().events(CHECK)
    notebooks = _notebooks()
    chapters = []
    for chapter in find_chapters():
        package = chapter.package.rpartition(".")[2]
        names = _exercises(chapter.package)
        if names:
            notebook, order = notebooks.get(package, ("", []))
            ordered = [name for name in order if name in names] + sorted(set(names) - set(order))
            own = tuple(_state(package, name, events) for name in ordered)
            chapters.append(ChapterProgress(package, chapter.title, notebook, own))
    return tuple(sorted(chapters, key=lambda chapter: (not chapter.notebook, chapter.notebook)))


def next_step(chapters: Sequence[ChapterProgress]) -> str:
    """Return what to do next: first what was begun, then the first that is untouched."""
    for chapter in chapters:
        for exercise in chapter.exercises:
            if exercise.state == "tried":
                again = f" (last time: {exercise.last})" if exercise.last else ""
                return f"go on with {exercise.name} in {chapter.notebook or chapter.title}{again}"
    for chapter in chapters:
        for exercise in chapter.exercises:
            if exercise.state == "untouched":
                return f"{exercise.name} in {chapter.notebook or chapter.title}"
    return "every exercise is done: attack a claim, or write a chapter"


def show_progress() -> None:
    """Print where the reader stands, for the start page. A journal that cannot be read is one line, not an error."""
    try:
        chapters = progress()
    except JournalError as error:
        print(f"Your progress cannot be read: {error}")
        return
    print(as_text(chapters))


def as_text(chapters: Sequence[ChapterProgress]) -> str:
    """Return the progress as a few lines."""
    lines = []
    for chapter in chapters:
        marks = "".join({"done": "●", "tried": "◐", "untouched": "○"}[e.state] for e in chapter.exercises)
        lines.append(f"{chapter.title:<28} {marks:<14} {chapter.done} of {len(chapter.exercises)} done")
    return "\n".join([*lines, f"Next: {next_step(chapters)}"])


def _state(package: str, name: str, events: Sequence[Event]) -> Exercise:
    own = [event for event in events if event.subject == f"{package}/{name}"]
    failed = 0
    last = ""
    for event in own:
        if event.value.get("status") == "passed":
            return Exercise(name, "done", failed, last)
        if event.value.get("status") == "failed":
            failed, last = failed + 1, str(event.value.get("diagnosis", ""))
    return Exercise(name, "tried" if failed else "untouched", failed, last)


def _exercises(package: str) -> list[str]:
    """Return the exercises of a chapter: its check modules. Nothing is imported, for that would load torch."""
    folder = _folder(package) / "checks"
    if not (folder / "__init__.py").exists():
        return []
    offered = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    bound = {
        alias.asname or alias.name for node in offered.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    modules = [module.name for module in pkgutil.iter_modules([str(folder)])]
    return [name for name in modules if name in bound]


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.submodule_search_locations  # the catalogue has just found it
    return Path(next(iter(spec.submodule_search_locations)))


def _notebooks() -> dict[str, tuple[str, list[str]]]:
    """Return for each chapter its notebook's name and the order of the exercises there, where the folder is at hand."""
    found: dict[str, tuple[str, list[str]]] = {}
    for path in sorted((Path(chisel.__file__).parents[2] / "exercises").glob("*.ipynb")):
        try:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        except (OSError, ValueError, KeyError):
            continue  # a learner's own broken file is no reason to show no progress
        order = [c["id"] for c in cells if c.get("metadata", {}).get("nbgrader", {}).get("solution") and "id" in c]
        text = "".join("".join(c.get("source", "")) for c in cells if c.get("cell_type") == "code")
        for chapter in find_chapters():
            name = chapter.package.rpartition(".")[2]
            if f"from {chapter.package} import" in text and order:
                found[name] = (path.name, order)
    return found
