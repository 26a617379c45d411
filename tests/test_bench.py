"""The stopwatch of `chisel bench`: it must see CPU time, in the kernel and its children, and not the wall's."""

import argparse
import time
from pathlib import Path

import nbformat
import pytest

from chisel.bench import BenchError, _comparisons, in_words, paired_times, run, time_cells
from chisel.core.benches import Bench

BUSY = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BUSY!r}], check=True)"


def write(path: Path, **cells: str) -> Path:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("words", id="words")])
    notebook.cells += [nbformat.v4.new_code_cell(source, id=name) for name, source in cells.items()]
    nbformat.write(notebook, path)
    return path


def test_cpu_seconds_go_to_the_cell_that_spends_them(tmp_path):
    path = write(tmp_path / "n.ipynb", idle="import time\ntime.sleep(0.5)", busy=BUSY, child=CHILD, quick="1 + 1")
    times = dict(time_cells(path))
    assert list(times) == ["idle", "busy", "child", "quick"]
    assert times["busy"] >= 0.29 and times["child"] >= 0.29
    assert times["idle"] < 0.2 and times["quick"] < 0.2


def test_a_cell_that_raises_is_named(tmp_path):
    with pytest.raises(BenchError, match=r"n\.ipynb, cell bad: raised ZeroDivisionError: division by zero"):
        time_cells(write(tmp_path / "n.ipynb", good="1", bad="1 / 0"))


def test_a_notebook_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(BenchError, match="is no notebook that can be read"):
        time_cells(tmp_path / "none.ipynb")


def test_pairs_are_timed_in_turn():
    calls = []

    def work(name: str, seconds: float) -> None:
        calls.append(name)
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass

    times = paired_times(lambda: work("fast", 0.01), lambda: work("slow", 0.05), 3)
    assert calls == ["fast", *["fast", "slow"] * 3]
    assert all(slow > fast >= 0.01 for fast, slow in times)


def test_the_ratio_is_a_median_over_pairs():
    bench = Bench("title", print, print)
    assert in_words(bench, [(1.0, 10.0), (1.0, 20.0), (2.0, 60.0)]) == (
        "stacked 1.000 CPU-s, loop 20.000 CPU-s, 20 times faster (10 to 30 over 3 pairs)"
    )


def test_rates_are_compared_where_the_amounts_of_work_differ():
    bench = Bench("title", print, print, ("many", "few"), work=(1000, 10), unit="steps")
    assert in_words(bench, [(2.0, 1.0)]) == (
        "many 2.000 CPU-s (500 steps a second), few 1.000 CPU-s (10 steps a second), "
        "50 times faster (50 to 50 over 1 pairs)"
    )


def test_what_is_not_installed_is_one_line(monkeypatch):
    def needs_more():
        raise ModuleNotFoundError("No module named 'gymnasium'", name="gymnasium")

    monkeypatch.setattr("chisel.bench.time_cells", lambda path: [("cell", 1.0)])
    monkeypatch.setattr("chisel.bench._comparisons", lambda: [Bench("title", needs_more, print)])
    with pytest.raises(BenchError, match="gymnasium is not installed: run `make bench`, which installs it"):
        run(argparse.Namespace(notebooks=[Path("n.ipynb")], pairs=1))


def test_the_first_chapter_compares_its_simulation():
    assert any("bandit" in bench.title for bench in _comparisons())
