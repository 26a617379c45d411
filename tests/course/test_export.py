"""The stock tools, run on what we export: nbgrader and Otter accept it as it is, and grade as they should."""

import csv
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
from course.toycourse import SCALED

pytestmark = pytest.mark.slow
WRONG = SCALED.replace("*", "+")


@pytest.fixture
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own: the tools keep settings and a history there."""
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("CHISEL_STRICT", "CHISEL_GRADED"):
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


def submission(toybook: Path, cell: str | None) -> str:
    """Return the exercise notebook with one exercise done, or none."""
    (source,) = open_project(toybook / "project").pick(["01_toy"])
    notebook = build_notebook(source, "exercise")
    for item in notebook.cells:
        if item.id == "scaled" and cell:
            item.source = cell
    return to_text(notebook)


def test_nbgrader_generates_grades_and_gives_feedback(toybook: Path, tmp_path: Path, quiet: None):
    course = tmp_path / "course"
    written = export("nbgrader", toybook / "project", [], course)
    assert {path.name for path in written} == {"nbgrader_config.py", "01_toy.ipynb", "02_other.ipynb"}
    run(course, "nbgrader", "generate_assignment", "01_toy")
    released = read_notebook(course / "release/01_toy/01_toy.ipynb")
    (source,) = open_project(toybook / "project").pick(["01_toy"])
    assert [c.source for c in released.cells] == [c.source for c in build_notebook(source, "exercise").cells]
    library = "from toylib.world import scaled\n"
    for name, cell in {"right": SCALED, "wrong": WRONG, "nothing": None, "library": library}.items():
        place = course / "submitted" / name / "01_toy" / "01_toy.ipynb"
        place.parent.mkdir(parents=True)
        place.write_text(submission(toybook, cell))
    run(course, "nbgrader", "autograde", "01_toy")
    run(course, "nbgrader", "generate_feedback", "01_toy")
    run(course, "nbgrader", "export")
    with open(course / "grades.csv", newline="") as file:
        grades = {line["student_id"]: float(line["score"]) for line in csv.DictReader(file)}
    assert grades == {"right": 2, "wrong": 0, "nothing": 0, "library": 0}
    assert "the values are wrong" in (course / "feedback/wrong/01_toy/01_toy.html").read_text()


def test_otter_assigns_and_runs(toybook: Path, tmp_path: Path, quiet: None):
    course = tmp_path / "course"
    export("otter", toybook / "project", ["01"], course)
    run(course, "otter", "assign", "01_toy/01_toy.ipynb", "dist/01_toy")
    (grader,) = (course / "dist/01_toy/autograder").glob("*.zip")
    student = read_notebook(course / "dist/01_toy/student/01_toy.ipynb")
    (scaled,) = (cell for cell in student.cells if cell.source.startswith("def scaled"))
    for cell, points in ((SCALED, 2), (WRONG, 0)):
        scaled.source = cell
        (course / "handed-in.ipynb").write_text(to_text(student))
        (course / "out").mkdir(exist_ok=True)
        run(course, "otter", "run", "-a", grader, "-o", "out", "handed-in.ipynb")
        tests = json.loads((course / "out/results.json").read_text())["tests"]
        assert {test["name"]: test["score"] for test in tests if "score" in test} == {"scaled": points, "shifted": 0}
    assert f"otter assign {Path('01_toy/01_toy.ipynb')}" in (course / "README.md").read_text()
    assert os.access(grader, os.R_OK)
