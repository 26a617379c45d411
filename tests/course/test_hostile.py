"""Submissions that mean harm or are broken, in one folder with honest ones: each gets what it deserves, and no more."""

import csv
import json
import os
import stat
import time
from pathlib import Path

import pytest

from chisel.course.assignment import read_assignments
from chisel.course.feedback import write_feedback
from chisel.course.gradebook import write_gradebook
from chisel.course.grading import grade
from chisel.course.limits import Limits
from chisel.course.marking import Result
from chisel.course.namespaces import library_folders
from chisel.course.sandbox import find_means
from chisel.course.submissions import find_submissions
from course.answers import ANSWERS
from course.attacks import ATTACKS as DEEDS
from course.toycourse import SCALED, SHIFTED, code, notebook, stations

pytestmark = pytest.mark.slow
LIMITS = Limits(cpu=1, wall=8, memory=1024)
ATTACKS = DEEDS | ANSWERS
CHECK = ("scaled-check", "check_scaled = checks.scaled(scaled)")
HONEST = (("scaled", SCALED), ("shifted", SHIFTED))
ODD_NAMES = ("=cmd|' C calc'!A0", "<script>alert(3)", "a b\tc\nd", "-rf", "ünï")


def write_files(folder: Path) -> dict[str, str]:
    """Write files that are odd as files; return the problem of each that cannot be graded."""
    whole = notebook(*HONEST)
    (folder / "empty.ipynb").write_text("")
    (folder / "damaged.ipynb").write_text(whole[: len(whole) // 2])
    (folder / "nul.ipynb").write_bytes(b"\0" * 1000)
    (folder / "list.ipynb").write_text("[1, 2]")
    (folder / "deep.ipynb").write_text("[" * 200_000)
    (folder / "no cells.ipynb").write_text(notebook())
    (folder / "other.ipynb").write_text(notebook(("squared", "def squared(values):\n    return values**2\n")))
    os.truncate(os.open(folder / "large.ipynb", os.O_CREAT | os.O_WRONLY), 200 << 20)
    os.mkfifo(folder / "pipe.ipynb")
    (folder / "link.ipynb").symlink_to(folder / "honest.ipynb")
    (folder / "linked").symlink_to(folder.parent)
    (folder / "folder.ipynb").mkdir()
    (folder / "handed in nothing").mkdir()
    (folder / "deep inside" / "/".join("abcdefgh")).mkdir(parents=True)
    (folder / "old.ipynb").write_text(json.dumps({"nbformat": 3, "worksheets": [json.loads(whole)]}))
    many = {"cells": [{"cell_type": "code"}] * 100_000}
    (folder / "many cells.ipynb").write_text(json.dumps(many))
    odd = json.loads(whole) | {"cells": [1, None, {"cell_type": "code", "source": {}}, *json.loads(whole)["cells"]]}
    (folder / "odd cells.ipynb").write_text(json.dumps(odd))
    return {
        "empty.ipynb": "the file is empty",
        "damaged.ipynb": "is not a notebook",
        "nul.ipynb": "is not a notebook",
        "list.ipynb": "it has no list of cells",
        "deep.ipynb": "boxes within boxes",
        "no cells.ipynb": "holds no exercise",
        "other.ipynb": "another chapter",
        "large.ipynb": "200 MB",
        "pipe.ipynb": "no ordinary file",
        "link.ipynb": "is a link",
        "linked": "is a link",
        "folder.ipynb": "without a notebook",
        "handed in nothing": "without a notebook",
        "deep inside/a/b/c/d/e/f/g/h": "too deep inside",
        "old.ipynb": "a format of 2014",
        "many cells.ipynb": "more code than a person",
    }


def write_edits(folder: Path) -> dict[str, tuple[int, str]]:
    """Write notebooks whose cells were moved about; return points of 5 and a word of a note for each."""
    wrong = ("scaled", "def scaled(values, factor):\n    return values\n")
    forged = ("scaled-check", "check_scaled = True  # passed")
    edits: dict[str, tuple[str, int, str]] = {
        "honest": (notebook(("setup", "import torch"), HONEST[0], CHECK, HONEST[1]), 5, ""),
        "tests deleted": (notebook(*HONEST), 5, ""),
        "tests edited": (notebook(wrong, forged, HONEST[1]), 3, ""),
        "tests doubled": (notebook(wrong, forged, CHECK, CHECK, HONEST[1]), 3, ""),
        "setup edited": (notebook(("setup", "raise SystemExit"), *HONEST), 5, ""),
        "solution doubled": (notebook(HONEST[0], wrong, HONEST[1]), 5, "2 cells bear the name"),
        "solution doubled, wrong first": (notebook(wrong, HONEST[0], HONEST[1]), 3, "2 cells bear the name"),
        "solution deleted": (notebook(HONEST[1]), 3, "is missing"),
        "without ids": (notebook(*HONEST, ids=False), 5, ""),
        "without grade ids": (notebook(*HONEST, grade_ids=False), 5, ""),
        "the other way round": (notebook(*HONEST[::-1]), 5, ""),
        "uses the earlier one": (
            notebook(HONEST[0], ("shifted", "def shifted(values, by):\n    return scaled(values, 1.0) + by\n")), 5, ""
        ),
        "earlier one ends the program": (
            notebook(("scaled", "import os\nos._exit(0)\n"), HONEST[1]), 3, "ran without it"
        ),
    }  # fmt: skip
    for name, (text, _, _) in edits.items():
        (folder / f"{name}.ipynb").write_text(text)
    pasted = json.loads(notebook(*HONEST))
    pasted["cells"].insert(
        0, code("scaled", "def scaled(values, factor):\n    return 0\n", ids=False) | {"id": "pasted"}
    )
    (folder / "pasted.ipynb").write_text(json.dumps(pasted))  # a copy of the cell has a new id and the old grade_id
    return {name: (points, note) for name, (_, points, note) in edits.items()} | {"pasted": (5, "2 cells")}


class Graded:
    """What came of the folder, and what it held."""

    def __init__(self, toybook: Path, folder: Path, out: Path):
        self.folder, self.out = folder, out
        for number, (name, (cell, _, _)) in enumerate(ATTACKS.items()):
            beside = HONEST[1:] if name in DEEDS else ()  # to answer oddly harms no neighbour
            text = notebook(("scaled", cell.replace("@FOLDER@", str(folder))), *beside)
            (folder / f"attack {number}.ipynb").write_text(text)
        self.edits = write_edits(folder)
        for name in ODD_NAMES:
            (folder / f"{name}.ipynb").write_text(notebook(*HONEST))
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xfe.ipynb")).write_text(notebook(*HONEST))
        self.problems = write_files(folder)
        self.before = listing(folder)
        known = read_assignments(toybook / "project", [])
        self.submissions = find_submissions(folder, known)
        self.means, why = find_means(library_folders())
        if not self.means.full:
            pytest.skip(f"until this machine can shut submissions off wholly ({why})")
        began = time.monotonic()
        results = grade(
            self.submissions, known[:1], out, jobs=2, limits=LIMITS, means=self.means, say=lambda text: None
        )
        self.seconds = time.monotonic() - began
        self.by_name: dict[str, Result] = {result.submission: result for result in results}
        write_gradebook(results, out / "gradebook.csv")
        self.pages = write_feedback(
            [(s.slug, r) for s, r in zip(self.submissions, results, strict=True)], out / "feedback"
        )


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {path.name: (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.iterdir()}


@pytest.fixture(scope="module")
def graded(toybook: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    folder = tmp_path_factory.mktemp("submissions")
    folder.chmod(0o777)  # so that it is not for its permissions that nothing is written
    return Graded(toybook, folder, tmp_path_factory.mktemp("graded"))


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_what_it_deserves(graded: Graded, name: str):
    _, points, id = ATTACKS[name]
    result = graded.by_name[f"attack {list(ATTACKS).index(name)}.ipynb"]
    mark = result.marks[0]
    want = mark.points if points is None else points, mark.id if id == "*" else id
    assert (mark.points, mark.id) == want, mark.text
    assert mark.text


@pytest.mark.parametrize("name", DEEDS)
def test_the_exercise_beside_an_attack_is_graded_by_its_merit(graded: Graded, name: str):
    mark = graded.by_name[f"attack {list(ATTACKS).index(name)}.ipynb"].marks[1]
    assert (mark.points, mark.id) == (3, "passed"), mark.text


def test_moved_cells_change_nothing(graded: Graded):
    for name, (points, note) in graded.edits.items():
        result = graded.by_name[f"{name}.ipynb"]
        assert result.points == points, (name, result)
        assert note in " ".join(n for mark in result.marks for n in mark.notes), name


def test_odd_files_get_nothing_and_a_reason(graded: Graded):
    for name, words in graded.problems.items():
        assert words in graded.by_name[name].problem
        assert graded.by_name[name].points == 0
        assert graded.by_name[name].most == 5
    assert graded.by_name["odd cells.ipynb"].points == 5


def test_odd_names_are_graded_like_others(graded: Graded):
    odd = [
        result
        for name, result in graded.by_name.items()
        if name.startswith(("=cmd", "<script", "a b", "-rf", "ü", "??"))
    ]
    assert len(odd) == 6
    assert all(result.points == 5 for result in odd)


def test_nothing_was_written_and_nothing_is_left_running(graded: Graded, toybook: Path):
    assert listing(graded.folder) == graded.before
    assert not stations(toybook)


def test_no_submission_took_longer_than_its_limits(graded: Graded):
    waits = sum(id == "no-answer" for _, _, id in ATTACKS.values())
    computes = sum(id == "endless" for _, _, id in ATTACKS.values())
    generous = 20 * (waits * LIMITS.wall + computes * LIMITS.cpu) + 10 * len(graded.submissions)
    assert graded.seconds < generous


def test_the_gradebook_holds_no_formula(graded: Graded):
    with open(graded.out / "gradebook.csv", newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert len(lines) == 1 + len(graded.submissions)
    assert {len(line) for line in lines} == {len(lines[0])}
    assert not [item for line in lines for item in line if item.startswith(("=", "+", "-", "@"))]
    assert any(line[0].startswith("'=cmd") for line in lines)


def test_the_pages_hold_no_markup_of_a_submission(graded: Graded):
    texts = [path.read_text(encoding="utf-8") for path in graded.pages]
    assert len(set(graded.pages)) == len(graded.submissions)
    for text in texts:
        assert len(text) < 50_000
        assert "\x1b" not in text
        assert "<script" not in text and "<img" not in text and "http:" not in text
    assert any("&lt;script&gt;alert(1)" in text for text in texts)
    assert any("&lt;img src=x" in text for text in texts)
    assert any("&lt;script&gt;alert(3)" in text for text in texts)


def test_files_of_results_are_ordinary_and_stay_in_their_folder(graded: Graded):
    for path in graded.out.rglob("*"):
        assert stat.S_ISREG(path.lstat().st_mode) or path.is_dir()
        assert path.name.isascii()
