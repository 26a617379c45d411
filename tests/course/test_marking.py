"""What a submission may use in all, whose fault a check that stumbles is, and machines that cannot shut it off."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chisel import cli
from chisel.course import sandbox
from chisel.course.assignment import read_assignments
from chisel.course.desk import Desk
from chisel.course.limits import Limits
from chisel.course.marking import TIME_USED_UP, Result, mark_submission
from chisel.course.namespaces import library_folders
from chisel.course.sandbox import Means, find_means
from chisel.course.submissions import find_submissions
from course.toycourse import SCALED, SHIFTED, notebook

pytestmark = pytest.mark.slow
SQUARED = "def squared(values):\n    return values**2\n"
BUSY = "import time\nbegin = time.process_time()\nwhile time.process_time() < begin + 0.5:\n    pass\n"


@pytest.fixture(scope="module")
def means() -> Means:
    found, why = find_means(library_folders())
    if not found.full:
        pytest.skip(f"until this machine can shut submissions off wholly ({why})")
    return found


@pytest.fixture(scope="module")
def desks(toybook: Path, means: Means) -> Iterator[dict[str, Desk]]:
    """A desk for each chapter of the toy book: to load one takes seconds."""
    made = {each.stem: Desk(each.setup, means) for each in read_assignments(toybook / "project", [])}
    yield made
    for desk in made.values():
        desk.close()


def marked(toybook: Path, folder: Path, desks: dict[str, Desk], limits: Limits, text: str) -> Result:
    folder.mkdir()
    (folder / "a.ipynb").write_text(text)
    known = read_assignments(toybook / "project", [])
    (submission,) = find_submissions(folder, known)
    return mark_submission(submission, known, lambda assignment: desks[assignment.stem], limits)[0]


def test_seconds_are_counted_over_all_exercises(toybook: Path, tmp_path: Path, desks: dict[str, Desk]):
    sleepy = "import time\ntime.sleep(1.2)\n"
    for name, cell, limits in (
        ("cpu", BUSY, Limits(cpu=5, total_cpu=1)),
        ("wall", sleepy, Limits(wall=30, total_wall=2)),
    ):
        text = notebook(("scaled", cell + cell + SCALED), ("shifted", SHIFTED))
        first, second = marked(toybook, tmp_path / name, desks, limits, text).marks
        assert first.id in ("passed", "endless", "no-answer")
        assert (second.id, second.points) == (TIME_USED_UP, 0)
        assert "in all" in second.text


def test_what_is_left_limits_the_next_exercise(toybook: Path, tmp_path: Path, desks: dict[str, Desk]):
    text = notebook(("scaled", BUSY + SCALED), ("shifted", BUSY * 4 + SHIFTED))
    first, second = marked(toybook, tmp_path / "in", desks, Limits(cpu=4, total_cpu=2), text).marks
    assert first.id == "passed"
    assert second.id == "endless" and "within 2 CPU-seconds" in second.text


def test_a_check_that_stumbles_over_an_answer_is_the_answers_fault(
    toybook: Path, tmp_path: Path, desks: dict[str, Desk]
):
    stumbling = "def squared(values):\n    return -(values**2)\n"
    for name, cell, id in (("a", SQUARED, "passed"), ("b", stumbling, "unreadable-answer")):
        result = marked(toybook, tmp_path / name, desks, Limits(), notebook(("squared", cell)))
        assert [mark.id for mark in result.marks] == [id], result.marks
        assert not result.ungraded


def test_a_check_that_stumbles_over_the_librarys_function_grades_nobody(toybook: Path, means: Means):
    broken = "from toylib import checks\nchecks.scaled.properties.clear()\n"
    desk = Desk([broken], means)
    verdict = desk.judge("scaled", [("scaled", SCALED)], Limits())
    desk.close()
    assert verdict["status"] == "ungraded" and "no property" in verdict["text"]


@pytest.mark.parametrize("means", [Means(True, False), Means(False, False)], ids=str)
def test_a_machine_with_less_grades_all_the_same(toybook: Path, tmp_path: Path, means: Means):
    _, why = find_means(library_folders())
    if why:
        pytest.skip(f"until this machine can shut submissions off wholly ({why})")
    cell = "def scaled(values, factor):\n    import os\n    os.abort()\n"
    desk = Desk(read_assignments(toybook / "project", ["01"])[0].setup, means)
    text = notebook(("scaled", cell), ("shifted", SHIFTED))
    result = marked(toybook, tmp_path / "in", {"01_toy": desk}, Limits(), text)
    desk.close()
    assert [mark.id for mark in result.marks] == ["process-ended", "passed"]


def test_less_is_said_and_has_to_be_asked_for(toybook: Path, tmp_path: Path, monkeypatch, capsys):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_text(notebook(("scaled", SCALED)))
    monkeypatch.setattr(sandbox, "find_means", lambda roots: (Means(False, True), "unshare: not permitted"))
    monkeypatch.setattr(sandbox, "close_to_others", lambda: None)  # for this process goes on
    words = ["course", "grade", str(tmp_path / "in"), "--root", str(toybook / "project"), "--jobs", "1"]
    assert cli.main(words) == 2
    assert "cannot be shut off wholly on this machine (unshare: not permitted)" in capsys.readouterr().err
    assert not (tmp_path / "in-graded" / "gradebook.csv").exists()
    assert cli.main([*words, "--weak-isolation"]) == 0
    assert "MISSING on this machine: a view of its own" in capsys.readouterr().err
    assert ",2,5," in (tmp_path / "in-graded" / "gradebook.csv").read_text()
