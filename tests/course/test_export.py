"""The stock tools, run on what we export: nbgrader and Otter accept it as it is, and grade as they should."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chisel.authoring.build import build_notebook
from chisel.authoring.files import read_notebook, to_text
from chisel.authoring.pipeline import open_project
from chisel.course.export import export
from course.toycourse import SCALED, SHIFTED

pytestmark = pytest.mark.slow
WRONG = SHIFTED.replace("+", "*")


@pytest.fixture
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own: the tools keep settings and a history there."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("CHISEL_STRICT", "CHISEL_GRADED", "CHISEL_DATA", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)


def run(folder: Path, tool: str, *words: object) -> None:
    programs = str(Path(sys.executable).parent)
    environment = os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"
    }  # nbgrader looks for alembic there
    command = [f"{programs}/{tool}", *map(str, words)]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=400
    )
    assert done.returncode == 0, done.stderr[-3000:]


def submission(toybook: Path, **cells: str) -> str:
    """Return the exercise notebook with these exercises done."""
    (source,) = open_project(toybook / "project").pick(["01_toy"])
    notebook = build_notebook(source, "exercise")
    for item in notebook.cells:
        item.source = cells.get(item.id, item.source)
    return to_text(notebook)


def test_nbgrader_generates_grades_and_gives_feedback(toybook: Path, tmp_path: Path, quiet: None):
    course = tmp_path / "course"
    written = export("nbgrader", toybook / "project", [], course)
    assert {path.name for path in written} == {"nbgrader_config.py", "01_toy.ipynb", "02_other.ipynb"}
    run(course, "nbgrader", "generate_assignment", "01_toy")
    released = read_notebook(course / "release/01_toy/01_toy.ipynb")
    (source,) = open_project(toybook / "project").pick(["01_toy"])
    assert [c.source for c in released.cells] == [c.source for c in build_notebook(source, "exercise").cells]
    for name, cells in {
        "ada": {"scaled": SCALED, "shifted": WRONG},
        "ben": {"scaled": "from toylib.world import scaled\n"},
    }.items():
        place = course / "submitted" / name / "01_toy" / "01_toy.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(submission(toybook, **cells))
    run(course, "nbgrader", "autograde", "01_toy")
    run(course, "nbgrader", "generate_feedback", "01_toy")
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grades = {each.student.id: each.score for each in gradebook.assignment_submissions("01_toy")}
    assert grades == {"ada": 2, "ben": 0}
    assert "the values are wrong" in (course / "feedback/ada/01_toy/01_toy.html").read_text()
    assert "library-function" in (course / "feedback/ben/01_toy/01_toy.html").read_text()
    assert not list((tmp_path / "home").rglob("journal*")), "the instructor's own record"


def test_otter_assigns_and_runs(toybook: Path, tmp_path: Path, quiet: None):
    course = tmp_path / "course"
    export("otter", toybook / "project", ["01"], course)
    run(course, "otter", "assign", "01_toy/01_toy.ipynb", "dist/01_toy")
    (grader,) = (course / "dist/01_toy/autograder").glob("*.zip")
    student = read_notebook(course / "dist/01_toy/student/01_toy.ipynb")
    for name, cell in {"scaled": SCALED, "shifted": WRONG}.items():
        (place,) = (item for item in student.cells if item.source.startswith(f"def {name}"))
        place.source = cell
    (course / "handed-in.ipynb").write_text(to_text(student))
    (course / "out").mkdir()
    run(course, "otter", "run", "-a", grader, "-o", "out", "handed-in.ipynb")
    tests = json.loads((course / "out/results.json").read_text())["tests"]
    assert {test["name"]: test["score"] for test in tests if "score" in test} == {"scaled": 2, "shifted": 0}
    assert not list((tmp_path / "home").rglob("journal*")), "the instructor's own record"
    assert f"otter assign {Path('01_toy/01_toy.ipynb')}" in (course / "README.md").read_text()
    assert os.access(grader, os.R_OK)
