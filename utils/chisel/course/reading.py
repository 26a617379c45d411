"""Reads one submitted notebook: `python -m chisel.course.reading FILE` prints its code cells as JSON.

It is a program of its own, under limits, because reading a file can go wrong in more ways than a grader should survive:
it may be huge, endless, nested a million deep, or no text at all.
"""

import ast
import json
import os
import resource
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_BYTES = 64 << 20  # of a notebook; pictures and figures count
_MOST_SOURCE, _MOST_CELLS = 2_000_000, 10_000  # characters of all code cells, and how many
_CPU_SECONDS, _MEMORY = 20, 1 << 30


@dataclass(frozen=True)
class CodeCell:
    """A submitted code cell: its id, its nbgrader `grade_id` (either may be empty), its text, and what was left out."""

    id: str
    grade_id: str
    source: str
    dropped: tuple[str, ...] = ()


def read_cells(path: Path) -> tuple[tuple[CodeCell, ...], str]:
    """Return a notebook's code cells, and in words what is wrong with it if something is.

    Links and special files are not followed or opened.
    """
    try:
        status = os.lstat(path)
    except OSError as error:
        return (), f"cannot be read ({error.strerror})"
    if stat.S_ISLNK(status.st_mode):
        return (), "is a link; a submission has to be a file"
    if not stat.S_ISREG(status.st_mode):
        return (), "is no ordinary file"
    if status.st_size > MOST_BYTES:
        return (), f"has {status.st_size / 2**20:.0f} MB; the most is {MOST_BYTES >> 20} MB: clear the outputs"
    command = [sys.executable, "-P", "-m", "chisel.course.reading", os.fspath(path)]
    library = str(Path(__file__).resolve().parents[2])
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # Python warns of odd code, and a file may be full of it
            timeout=120,
            check=False,
            env={"PYTHONPATH": library, "LANG": "C.UTF-8"},
        )
        found = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return (), "cannot be read within the limits on time and memory"
    cells = (CodeCell(id, grade_id, source, tuple(dropped)) for id, grade_id, source, dropped in found["cells"])
    return tuple(cells), found["problem"]


def main(path: str) -> int:
    """Print {"cells": [[id, grade_id, source, lines left out], ...], "problem": "..."}."""
    for what, most in ((resource.RLIMIT_CPU, _CPU_SECONDS), (resource.RLIMIT_AS, _MEMORY)):
        resource.setrlimit(what, (most, most))
    cells: list[list[Any]] = []
    problem = ""
    try:
        cells = _code_cells(_content(path))
        if len(cells) > _MOST_CELLS or sum(len(source) for _, _, source, _ in cells) > _MOST_SOURCE:
            cells, problem = [], "holds more code than a person could have written"
    except MemoryError:
        problem = "needs too much memory to be read"
    except (OSError, ValueError, RecursionError) as error:
        problem = f"is not a notebook ({_words(error)})"
    print(json.dumps({"cells": cells, "problem": problem}))
    return 0


def _content(path: str) -> Any:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    if not data.strip():
        raise ValueError("the file is empty")
    return json.loads(data)


def _code_cells(content: Any) -> list[list[Any]]:
    cells = content.get("cells") if isinstance(content, dict) else None
    if isinstance(content, dict) and "worksheets" in content:
        raise ValueError("it is in a format of 2014 or before: open it in JupyterLab and save it")
    if not isinstance(cells, list):
        raise ValueError("it has no list of cells")
    return [_code_cell(cell) for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]


def _code_cell(cell: dict[str, Any]) -> list[Any]:
    source = cell.get("source", "")
    lines = [source] if isinstance(source, str) else source if isinstance(source, list) else []
    metadata = cell.get("metadata")
    grader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = grader.get("grade_id") if isinstance(grader, dict) else ""
    names = [str(name)[:100] if isinstance(name, str) else "" for name in (cell.get("id"), grade_id)]
    return [*names, *without_magics("".join(line for line in lines if isinstance(line, str)))]


def without_magics(source: str) -> tuple[str, list[str]]:
    """Return the source without notebook commands (`%timeit`, `!ls`), and those; only if it is no Python as it is."""
    if _parses(source):
        return source, []
    lines = source.splitlines()
    dropped = [line for line in lines if line.startswith(("%", "!"))]
    kept = "\n".join("" if line in dropped else line for line in lines)
    return (kept, dropped) if dropped and _parses(kept) else (source, [])


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True


def _words(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "boxes within boxes without end"
    return " ".join(str(error).split())[:200]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
