"""Runs that are no reader's leave nothing in a reader's journal: graders, the book's own notebooks, the tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from chisel.authoring.execute import FIXED_ENVIRONMENT, execute, use_this_python
from chisel.core.journal import CHECK, open_journal, switched_off
from chisel.course.export import export
from chisel.journal.predictions import questions_of

ROOT = Path(__file__).resolve().parents[2]
CLAIM = "reward-never-met"
FIRST = questions_of(CLAIM)[0].id
CELLS = (
    "import os\nfrom chisel.journal.asking import ask\nfrom chisel.journal.predictions import predict, reveal, seal\n"
    "from chisel.update_strength import checks",
    f"ask({CLAIM!r})",
    f"predict({FIRST!r}, 0.7)",
    f"seal({CLAIM!r})",
    f"reveal({CLAIM!r})",
    "report = checks.reward_to_go(lambda rewards, gamma, mask: rewards)",
)


@pytest.fixture(autouse=True)
def own_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("CHISEL_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "utils"))
    return tmp_path / "data"


def notebook(*more: str):
    return new_notebook(cells=[new_code_cell(cell) for cell in (*CELLS, *more)])


def printed_by(document) -> str:
    return "".join(o.get("text", "") for cell in document.cells for o in cell.get("outputs", []))


def run(document, **changed: str) -> str:
    client = NotebookClient(document, timeout=120, kernel_name="python3")
    use_this_python(client)
    client.execute(env=os.environ | changed)
    return printed_by(document)


@pytest.mark.slow
def test_a_reader_s_run_is_recorded(own_data: Path):
    # Else the others would prove nothing.
    assert "You said 0.70" in run(notebook())
    assert {event.kind for event in open_journal().events()} == {"prediction", "sealed", CHECK}
    assert own_data.exists()


@pytest.mark.slow
def test_a_graded_run_is_not(own_data: Path):
    printed = run(notebook(), CHISEL_GRADED="1")
    assert "Yes. " in printed and "You said" not in printed
    assert not own_data.exists()


@pytest.mark.slow
def test_a_run_for_the_book_is_not(own_data: Path):
    document = notebook()
    for index, cell in enumerate(document.cells):
        cell.id = f"cell-{index}"
    execute(document, "a notebook", 120)
    assert "Yes. " in printed_by(document)
    assert not own_data.exists()


def test_what_nbval_and_the_tests_run_is_not():
    # The root's conftest puts these where every kernel that pytest starts has them.
    assert FIXED_ENVIRONMENT["CHISEL_DATA"] == "off"
    code = "import conftest\nfrom chisel.core.journal import switched_off\nprint(switched_off())"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout == "True\n"


@pytest.mark.slow
def test_what_otter_grades_is_not(own_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("otter")
    from nbformat import write

    monkeypatch.setenv("JUPYTER_PATH", str(_this_python(tmp_path)))
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    ran = tmp_path / "ran"
    write(notebook(f"open({str(ran)!r}, 'w').write('to the end')"), tmp_path / "handed-in.ipynb")
    code = "from otter.execute import grade_notebook\ngrade_notebook('handed-in.ipynb', cwd='.', test_dir='.')"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
    assert ran.read_text() == "to the end"
    assert not own_data.exists()


def _this_python(folder: Path) -> Path:
    """Write a kernel python3 that is the running interpreter."""
    place = folder / "kernels-of-this" / "kernels" / "python3"
    place.mkdir(parents=True)
    spec = f'{{"argv": ["{sys.executable}", "-m", "ipykernel_launcher", "-f", "{{connection_file}}"], '
    (place / "kernel.json").write_text(spec + '"display_name": "this", "language": "python"}')
    return folder / "kernels-of-this"


def test_the_exported_course_for_nbgrader_is_graded_without_a_record(tmp_path: Path):
    export("nbgrader", ROOT, ["02"], tmp_path / "course")
    code = (tmp_path / "course" / "nbgrader_config.py").read_text()
    read = "class Anything:\n    def __getattr__(self, name):\n        vars(self)[name] = Anything()\n"
    read += f"        return vars(self)[name]\nget_config = Anything\nexec({code!r})\n"
    read += "from chisel.core.journal import switched_off\nprint(switched_off())"
    said = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, check=True)
    assert said.stdout == "True\n"


def test_a_reader_is_not_switched_off(monkeypatch: pytest.MonkeyPatch):
    assert not switched_off()
    for name, value in (("CHISEL_DATA", "off"), ("CHISEL_GRADED", "1")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            assert switched_off()
