"""Honest submissions, interruptions, exports: a course as it should go."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chisel import cli
from chisel.authoring.build import build_notebook
from chisel.authoring.files import to_text
from chisel.authoring.pipeline import open_project
from chisel.course import namespaces
from chisel.course.sandbox import find_means
from course.toycourse import SCALED, SHIFTED, notebook, stations

pytestmark = pytest.mark.slow
WHOLE = notebook(("scaled", SCALED), ("shifted", SHIFTED))
SLOW = "import time\ntime.sleep(1)\n"


@pytest.fixture(scope="module", autouse=True)
def shut_off() -> None:
    means, why = find_means(namespaces.library_folders())
    if not means.full:
        pytest.skip(f"until this machine can shut submissions off wholly ({why})")


def command(toybook: Path, *words: object) -> list[str]:
    return [sys.executable, "-P", "-m", "chisel.cli", "course", *map(str, words), "--root", str(toybook / "project")]


def course(toybook: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(toybook, *words), capture_output=True, text=True, check=False, timeout=300)


def grades(out: Path) -> dict[str, dict[str, str]]:
    with open(out / "gradebook.csv", newline="", encoding="utf-8") as file:
        return {line["submission"]: line for line in csv.DictReader(file)}


def test_solution_and_exercise_notebooks_get_all_and_nothing_on_every_try(toybook: Path, tmp_path: Path):
    folder = tmp_path / "in"
    (folder / "nobody").mkdir(parents=True)
    for source in open_project(toybook / "project").pick(["01_toy", "02_other"]):
        (folder / f"solved {source.stem}.ipynb").write_text(to_text(build_notebook(source, "solution")))
        (folder / "nobody" / f"{source.stem}.ipynb").write_text(to_text(build_notebook(source, "exercise")))
    seeds = set()
    for number in range(2):
        done = course(toybook, "grade", folder, "--jobs", 1, "--again")
        assert done.returncode == 0, done.stderr
        found = grades(tmp_path / "in-graded")
        assert {name: (line["points"], line["of"]) for name, line in found.items()} == {
            "solved 01_toy.ipynb": ("5", "5"),
            "solved 02_other.ipynb": ("1", "1"),
            "nobody/01_toy.ipynb": ("0", "5"),
            "nobody/02_other.ipynb": ("0", "1"),
        }, number
        assert found["nobody/01_toy.ipynb"]["01.shifted diagnosis"] == "not-attempted"
        for path in (tmp_path / "in-graded" / "results").glob("solved*"):
            seeds |= {mark["seed"] for mark in json.loads(path.read_text())["result"]["marks"]}
    assert len(seeds) == 6, "the inputs are others each time"
    pages = [path.read_text() for path in (tmp_path / "in-graded" / "feedback").glob("*.html")]
    assert len(pages) == 4 and sum("not attempted" in page for page in pages) == 2
    assert sum("✓ shifted: passed" in page for page in pages) == 1


def test_an_interrupted_run_goes_on_where_it_was(toybook: Path, tmp_path: Path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.ipynb").write_text(notebook(("scaled", SLOW + SCALED), ("shifted", SHIFTED)))
    (folder / "last.ipynb").write_text(WHOLE)
    words = command(toybook, "grade", folder, "--jobs", 1, "--chapter", "01")
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as run:
        assert run.stdout is not None
        first = [run.stdout.readline() for _ in range(2)]
        assert os.geteuid() or stations(toybook), "there is one to be seen"
        os.killpg(run.pid, signal.SIGKILL)
    kept = sorted((tmp_path / "in-graded" / "results").glob("*.json"))
    assert len(kept) >= 2 and all("5 of 5" in line for line in first)
    before = {path: path.stat().st_mtime_ns for path in kept}
    (folder / "last.ipynb").write_text(notebook(("scaled", SCALED)))  # and somebody hands in anew
    done = course(toybook, "grade", folder, "--jobs", 2, "--chapter", "toy")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("(kept)") == len(kept)
    assert {path: path.stat().st_mtime_ns for path in kept} == before
    assert {name: line["points"] for name, line in grades(tmp_path / "in-graded").items()} == {
        **{f"{number}.ipynb": "5" for number in range(4)},
        "last.ipynb": "2",
    }
    until = time.monotonic() + 60
    while stations(toybook):
        assert time.monotonic() < until, "a station goes on without its grader"
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["grade", "nowhere"], "nowhere is not a folder"),
        (["grade", "EMPTY"], "no notebook"),
        (["grade", "IN", "--out", "IN/graded"], "lies in the folder of submissions"),
        (["grade", "IN", "--chapter", "99"], "unknown notebook '99'"),
        (["grade", "IN", "--chapter", "00"], "no chapter with exercises"),
        (["grade", "IN", "--jobs", "0"], "0 is not 1 or more"),
        (["grade", str(Path(namespaces.__file__).parents[1])], "no notebook"),
        (["export", "IN", "--to", "nbgrader"], "not an empty folder"),
        (["export", "NEW", "--to", "moodle"], "invalid choice"),
        (["export", "NEW", "--chapter", "nonsense", "--to", "otter"], "unknown notebook 'nonsense'"),
    ],
)
def test_bad_input_is_one_line_and_status_2(toybook: Path, tmp_path: Path, words: list[str], line: str, capsys):
    (tmp_path / "EMPTY").mkdir()
    (tmp_path / "IN").mkdir()
    (tmp_path / "IN" / "a.ipynb").write_text(WHOLE)
    named = [str(tmp_path / w) if w.split("/")[0] in ("EMPTY", "IN", "NEW") else w for w in words]
    try:
        status = cli.main(["course", *named, "--root", str(toybook / "project")])
    except SystemExit as error:  # what argparse does
        status = error.code
    assert status == 2
    assert line in capsys.readouterr().err
    assert not (tmp_path / "NEW").exists() and not (tmp_path / "IN-graded").exists()


def test_a_library_that_submissions_can_read_is_no_place_for_grades(toybook: Path, tmp_path: Path, capsys):
    (tmp_path / "a.ipynb").write_text(WHOLE)
    words = ["course", "grade", str(tmp_path), "--out", str(toybook / "library" / "graded")]
    assert cli.main([*words, "--root", str(toybook / "project")]) == 2
    assert "every submission can read" in capsys.readouterr().err


def test_a_chapter_that_does_not_start_is_said_and_grades_nobody(toybook: Path, tmp_path: Path, monkeypatch):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.ipynb").write_text(WHOLE)
    broken = tmp_path / "broken" / "toylib"
    (broken / "checks").mkdir(parents=True)
    (broken / "__init__.py").write_text("")
    (broken / "world.py").write_text((toybook / "library/toylib/world.py").read_text())
    checks = (toybook / "library/toylib/checks/__init__.py").read_text()
    (broken / "checks" / "__init__.py").write_text(f"{checks}\nraise RuntimeError('broken')\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(broken.parent), os.environ["PYTHONPATH"]]))
    done = course(toybook, "grade", folder)
    assert done.returncode == 2 and "setup cells do not run" in done.stderr
    assert not list((tmp_path / "in-graded").glob("results/*"))
