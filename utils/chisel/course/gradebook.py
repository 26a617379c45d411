"""The gradebook: a CSV file with one line a submission, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from chisel.core.files import write_whole
from chisel.course.grading import REMEDY
from chisel.course.marking import Result

_HEAD = ("learner", "submission", "chapter", "points", "of", "remark")


def write_gradebook(results: Sequence[Result], path: Path) -> None:
    """Write one line a submission: the sum, and points and diagnosis of each exercise.

    The columns of an exercise bear its chapter's number, because two chapters may have exercises of one name.

    Raises:
        StorageError: the file cannot be written.
    """
    columns = list(dict.fromkeys(_column(result, mark.exercise) for result in results for mark in result.marks))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_HEAD, *(word for column in columns for word in (column, f"{column} diagnosis"))])
    for result in results:
        marks = {_column(result, mark.exercise): mark for mark in result.marks}
        line: list[object] = [
            result.learner,
            result.submission,
            result.chapter,
            result.points,
            result.most,
            remark(result),
        ]
        for column in columns:
            mark = marks.get(column)
            line += ["", ""] if mark is None else [mark.points, mark.id]
        writer.writerow([harmless(item) for item in line])
    write_whole(path, text.getvalue(), REMEDY)


def remark(result: Result) -> str:
    """Return what has to be known of a result as a whole: why it could not be graded, or that a person has to look."""
    if result.problem:
        return result.problem
    return "an instructor has to look at it" if result.ungraded else ""


def harmless(item: object) -> object:
    """Return a text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe in front."""
    if not isinstance(item, str):
        return item
    text = " ".join(item.encode("utf-8", "replace").decode().replace("\0", "?").split())
    return "'" + text if text.startswith(("=", "+", "-", "@")) else text


def _column(result: Result, exercise: str) -> str:
    return f"{result.chapter.partition('_')[0]}.{exercise}"
