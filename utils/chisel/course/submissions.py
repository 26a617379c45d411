"""The files of a folder of submissions, whatever they are called and whatever they are."""

import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chisel.course.assignment import Assignment
from chisel.course.errors import CourseError

_DEEPEST = 8  # folders within folders


@dataclass(frozen=True)
class Submission:
    """One file that was handed in.

    Attributes:
        name: its path in the folder, in characters that can be printed.
        learner: whose it is: the folder that it lies in, else the file's name.
        slug: a name for files about it: short, of letters that every system takes, and no other submission's.
        problem: why it cannot be looked at, if so.
        known: all chapters, to recognise a notebook of another one.
    """

    path: Path
    name: str
    learner: str
    slug: str
    problem: str = ""
    known: tuple[Assignment, ...] = ()


def find_submissions(folder: Path, known: Sequence[Assignment]) -> tuple[Submission, ...]:
    """Return every notebook in `folder`, as `LEARNER.ipynb` or in a folder `LEARNER`, ordered by name.

    Links are listed, and never followed; and so is what looks like a submission and holds none.

    Raises:
        CourseError: there is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        raise CourseError(f"{folder} is not a folder")
    found = sorted(_walk(os.fsencode(folder), b""), key=lambda item: item[0])
    if not any(inside.endswith(b".ipynb") for inside, _ in found):
        raise CourseError(f"no notebook (*.ipynb) in {folder}: submissions are LEARNER.ipynb or LEARNER/NN_topic.ipynb")
    return tuple(_submission(folder, inside, problem, tuple(known)) for inside, problem in found)


def _walk(folder: bytes, inside: bytes, depth: int = 0) -> Iterator[tuple[bytes, str]]:
    """Yield (path inside, problem). Bytes, for a name need not be text."""
    try:
        with os.scandir(os.path.join(folder, inside)) as found:
            entries = [(entry.name, entry.stat(follow_symlinks=False).st_mode) for entry in found]
    except OSError as error:
        yield inside, f"cannot be read ({error.strerror})"
        return
    for name, mode in entries:
        path = os.path.join(inside, name)
        if name.startswith(b"."):
            continue
        if stat.S_ISLNK(mode) and (name.endswith(b".ipynb") or depth == 0):
            yield path, "is a link; a submission has to be a file"
        elif stat.S_ISDIR(mode):
            within = list(_walk(folder, path, depth + 1)) if depth < _DEEPEST else []
            if not within and (depth == 0 or depth == _DEEPEST or name.endswith(b".ipynb")):
                yield path, "is a folder without a notebook, or with one too deep inside"
            yield from within
        elif name.endswith(b".ipynb"):
            yield path, "" if stat.S_ISREG(mode) else "is no ordinary file"


def _submission(folder: Path, inside: bytes, problem: str, known: tuple[Assignment, ...]) -> Submission:
    name = readable(inside)
    first, _, rest = name.partition("/")
    learner = first if rest else first.removesuffix(".ipynb")
    word = re.sub(r"[^A-Za-z0-9]+", "-", name.removesuffix(".ipynb")).strip("-").lower()[:60]
    slug = f"{word or 'file'}-{hashlib.sha256(inside).hexdigest()[:16]}"
    return Submission(folder / os.fsdecode(inside), name, learner, slug, problem, known)


def readable(name: bytes) -> str:
    """Return a file's name with what is no text, or would move the cursor, written as a question mark."""
    text = name.decode("utf-8", "replace").replace("\ufffd", "?")
    return "".join(character if character.isprintable() else "?" for character in text)
