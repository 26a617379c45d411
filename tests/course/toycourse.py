"""A toy book of two chapters, whose checks are real ones, for courses to be made of."""

import json
import os
from pathlib import Path
from typing import Any

WORLD = '''"""The toy library."""

from torch import Tensor


def scaled(values: Tensor, factor: float) -> Tensor:
    """Multiply `values: [N]` by the factor."""
    return values * factor


def shifted(values: Tensor, by: float) -> Tensor:
    """Add a number to `values: [N]`."""
    return values + by


def squared(values: Tensor) -> Tensor:
    """Square `values: [N]`."""
    return values**2
'''

CHECKS = '''"""Toy checks."""

import math

import torch

from chisel.checking import Check, Diagnosis, TensorLike


def _check(name, arguments, want):
    check = Check(
        exercise=name,
        solution=f"toylib.world:{name}",
        arguments=arguments,
        returns=TensorLike(like="values", shape=lambda a: tuple(a["values"].shape)),
        example="none",
        read="nowhere",
    )
    wrong = Diagnosis("wrong-values", "the values are wrong", "They are others.")

    @check.property("values", "the values are right", wrong)
    def values(attempt, draw):
        for size in (3, 2):
            given = [draw.normal(size), *(draw.number(1, 2) for _ in arguments[1:])]
            attempt.expect(attempt(*given), want(*given), "wrong-values", attempt.describe(given))

    @check.property("slope", "a gradient passes", wrong)
    def slope(attempt, draw):
        given = [draw.normal(3).requires_grad_(), *(draw.number(1, 2) for _ in arguments[1:])]
        tried = attempt.describe(given)
        (found,) = attempt.gradient(attempt(*given).sum(), given[:1], tried)
        (right,) = torch.autograd.grad(want(*given).sum(), given[:1])
        attempt.expect(found, right, "wrong-values", tried)

    return check


scaled = _check("scaled", ("values", "factor"), lambda values, factor: values * factor)
shifted = _check("shifted", ("values", "by"), lambda values, by: values + by)
squared = _check("squared", ("values",), lambda values: values**2)


@squared.property("root", "the root of the sum can be drawn", Diagnosis("unused", "never", "Never."))
def root(attempt, draw):
    math.sqrt(attempt(draw.normal(3)).sum())  # stumbles over a negative number, as no check should


squared.properties.insert(0, squared.properties.pop())
'''

_START = """# %% [markdown] name="welcome"
# # Start here

# %% [markdown] name="chapters" chapters=true
# ## Chapters
"""

_HEAD = """# %% [markdown] name="title"
# # A toy chapter

# %% name="setup"
import torch
from torch import Tensor

from toylib import checks
"""

_EXERCISE = """
# %% [markdown] name="@-header"
# ## @

# %% exercise="toylib.world:@" name="@" difficulty=1 minutes=5 points={points}

# %% [markdown] name="@-hints" hints=true
# One.
# ---
# Two.
# ---
# Three.

# %% name="@-use"
check_@.yours_or_library()
"""


def write_project(root: Path) -> None:
    """Write the library `toylib` under `root / "library"` and the percent sources under `root / "project"`."""
    first = "".join(_EXERCISE.replace("@", name).format(points=n) for name, n in (("scaled", 2), ("shifted", 3)))
    second = _EXERCISE.replace("@", "squared").format(points=1)
    files = {
        "library/toylib/__init__.py": '"""Toy."""\n',
        "library/toylib/world.py": WORLD,
        "library/toylib/checks/__init__.py": CHECKS,
        "project/solutions/00_start.py": _START,
        "project/solutions/01_toy.py": _HEAD + first,
        "project/solutions/02_other.py": _HEAD + second,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


SCALED = "def scaled(values, factor):\n    return values * factor\n"
SHIFTED = "def shifted(values, by):\n    return values + by\n"


def notebook(*cells: tuple[str, str], grade_ids: bool = True, ids: bool = True) -> str:
    """Return a notebook of code cells (id, source) as text."""
    return json.dumps(
        {"cells": [code(*cell, grade_ids, ids) for cell in cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    )


def code(name: str, source: str, grade_ids: bool = True, ids: bool = True) -> dict[str, Any]:
    """Return one code cell."""
    metadata = {"nbgrader": {"grade_id": name}} if grade_ids else {}
    cell = {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [], "execution_count": None}
    return cell | {"id": name} if ids else cell


def stations(toybook: Path) -> list[Path]:
    """Return the stations that run with this toy book; others may belong to a test beside this one."""
    return [
        path.parent
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if b"chisel.course.station" in _content(path) and os.fsencode(toybook) in _content(path.with_name("environ"))
    ]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended since, or is closed even to its own user
        return b""
