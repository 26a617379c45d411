"""Grade a folder: find the submissions, judge each, keep each result as soon as it is there, write what came of it."""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from chisel import __version__
from chisel.authoring.build import digest
from chisel.core.files import write_whole
from chisel.course.assignment import Assignment
from chisel.course.desk import Desk
from chisel.course.limits import Limits
from chisel.course.marking import NOT_ATTEMPTED, PASSED, Mark, Result, mark_submission
from chisel.course.reading import MOST_BYTES
from chisel.course.sandbox import Means
from chisel.course.submissions import Submission

REMEDY = "free some space or choose another folder with --out; what is graded is kept"


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
    desks = _Desks(means)
    finished: dict[int, Result] = {}

    def work(number: int) -> tuple[Result, bool]:
        submission = submissions[number]
        place, key = out / "results" / f"{submission.slug}.json", _key(submission, assignments, limits, means)
        kept = None if again else _read(place, key)
        if kept is not None:
            return kept, True
        result, cells = mark_submission(submission, assignments, desks.of, limits)
        if not result.problem:
            _write_transplant(out, submission, assignments, result, cells)
        if not result.ungraded:  # what is no fault of the submission's is tried anew next time
            write_whole(place, json.dumps({"key": key, "result": asdict(result)}, indent=1) + "\n", REMEDY)
        return result, False

    with ThreadPoolExecutor(jobs) as pool:
        try:
            # Chapter by chapter as far as the names tell, for to load another one takes seconds.
            order = sorted(range(len(submissions)), key=lambda number: _stem_in(submissions[number], assignments))
            running = {pool.submit(work, number): number for number in order}
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


def _stem_in(submission: Submission, assignments: Sequence[Assignment]) -> str:
    return next((a.stem for a in assignments if a.stem in submission.name), "")


class _Desks:
    """One desk (a program that has a chapter loaded) for each thread and chapter."""

    def __init__(self, means: Means):
        self._means = means
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
                self._desks[key] = Desk(assignment.setup, self._means)
            return self._desks[key]

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for desk in self._desks.values():
                desk.close()


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
        try:
            found.update(_content(submission.path))
        except OSError as error:  # reading it will say the same
            found.update(str(error.errno).encode())
    return found.hexdigest()


def _content(path: Path) -> bytes:
    status = os.lstat(path)
    if status.st_size > MOST_BYTES:
        return repr((status.st_size, status.st_mtime_ns)).encode()
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _read(place: Path, key: str) -> Result | None:
    """Return a kept result, or None where there is none, or of something else."""
    try:
        kept = json.loads(place.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(kept, dict) or kept.get("key") != key:
        return None
    marks = tuple(Mark(**{**mark, "notes": tuple(mark["notes"])}) for mark in kept["result"]["marks"])
    return Result(**{**kept["result"], "marks": marks})
