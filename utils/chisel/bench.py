"""`chisel bench`: CPU-seconds of each notebook cell, and what batching buys over the plain way of doing the same."""

import argparse
import importlib
import importlib.util
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import chisel
from chisel.core.benches import Bench
from chisel.core.catalogue import find_chapters

CELL_LIMIT, NOTEBOOK_LIMIT = 40.0, 120.0  # CPU-seconds on one thread at the default scale
# The children's time counts too: a cell may run its work in another process.
_CLOCK = "print(sum(__import__('os').times()[:4]))"


class BenchError(RuntimeError):
    """Something cannot be timed. The message is one line."""


def add_parser(subparsers: Any) -> None:
    """Add the subcommand `bench`."""
    parser = subparsers.add_parser(
        "bench",
        help="time the notebooks, and batched work against the plain way",
        description="Print CPU-seconds per cell of each notebook, then batched work against the plain way.",
    )
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="default: all of the checkout")
    parser.add_argument("--pairs", type=int, default=5, metavar="N", help="paired runs a comparison (default: 5)")
    parser.set_defaults(run=run, expected=(BenchError,))


def run(args: argparse.Namespace) -> int:
    """Time everything and return the exit status."""
    if args.pairs < 1:
        raise BenchError(f"--pairs must be at least 1, not {args.pairs}")
    for notebook in args.notebooks or _all_notebooks():
        cells = time_cells(notebook)
        name, most = max(cells, key=lambda cell: cell[1], default=("none", 0.0))
        total = sum(seconds for _, seconds in cells)
        print(f"{notebook.parent.name}/{notebook.name}: CPU-seconds of {len(cells)} code cells")
        for cell, seconds in cells:
            print(f"  {seconds:8.2f}  {cell}")
        print(f"  {total:8.2f}  in all (limit {NOTEBOOK_LIMIT:g}); largest {name}: {most:.2f} (limit {CELL_LIMIT:g})\n")
    for bench in _comparisons():
        try:
            times = paired_times(bench.fast, bench.slow, args.pairs)
        except ModuleNotFoundError as error:
            raise BenchError(f"{error.name} is not installed: run `make bench`, which installs it") from error
        print(f"{bench.title}: {in_words(bench, times)}", flush=True)
    return 0


def time_cells(path: Path) -> list[tuple[str, float]]:
    """Run the notebook at `path` in a fresh kernel on one thread; return (cell id, CPU-seconds) of each code cell.

    Raises:
        BenchError: no such notebook, nbclient is not installed, or a cell raised.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError

        from chisel.authoring.execute import FIXED_ENVIRONMENT, search_path, use_this_python
    except ModuleNotFoundError as error:
        raise BenchError(f"{error.name} is not installed: run `make bench`, which installs it") from error

    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        raise BenchError(f"{path} is no notebook that can be read ({error}): run `make notebooks`") from error
    cells = list(enumerate(notebook.cells))
    notebook.cells.append(nbformat.v4.new_code_cell(_CLOCK))  # Never one of the cells that are timed.
    times = []
    with tempfile.TemporaryDirectory(prefix="chisel-bench-") as folder:
        client = NotebookClient(
            notebook,
            timeout=None,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            extra_arguments=["--log-level=ERROR"],
        )
        use_this_python(client)
        with client.setup_kernel(env={**os.environ, "PYTHONPATH": search_path(os.environ), **FIXED_ENVIRONMENT}):
            before = _cpu_seconds(client)
            for index, cell in cells:
                if cell.cell_type == "code":
                    try:
                        client.execute_cell(cell, index)
                    except CellExecutionError as error:
                        raise BenchError(f"{path}, cell {cell.id}: raised {error.ename}: {error.evalue}") from error
                    after = _cpu_seconds(client)
                    times.append((cell.id, after - before))
                    before = after
    return times


def paired_times(fast: Callable[[], Any], slow: Callable[[], Any], pairs: int) -> list[tuple[float, float]]:
    """Return CPU-seconds of (`fast`, `slow`), run in turn `pairs` times on one thread after one warm-up of `fast`."""
    from chisel.core.pools import one_thread

    def seconds(work: Callable[[], Any]) -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    with one_thread():
        fast()
        return [(seconds(fast), seconds(slow)) for _ in range(pairs)]


def in_words(bench: Bench, times: Sequence[tuple[float, float]]) -> str:
    """Return the paired times of a comparison in words: the medians and the ratio with its range over the pairs."""
    (fast_name, slow_name), (fast_work, slow_work) = bench.names, bench.work or (1, 1)
    ratios = sorted((slow / slow_work) / max(fast / fast_work, 1e-12) for fast, slow in times)
    fast, slow = (statistics.median(column) for column in zip(*times, strict=True))
    shown = [f"{fast_name} {fast:.3f} CPU-s", f"{slow_name} {slow:.3f} CPU-s"]
    if bench.work:
        shown[0] += f" ({fast_work / max(fast, 1e-12):,.0f} {bench.unit} a second)"
        shown[1] += f" ({slow_work / max(slow, 1e-12):,.0f} {bench.unit} a second)"
    middle, least, most = (f"{ratio:.3g}" for ratio in (statistics.median(ratios), ratios[0], ratios[-1]))
    return f"{', '.join(shown)}, {middle} times faster ({least} to {most} over {len(times)} pairs)"


def _all_notebooks() -> list[Path]:
    root = Path(chisel.__file__).resolve().parents[2]
    found = sorted(path for folder in ("exercises", "solutions") for path in (root / folder).glob("[0-9]*.ipynb"))
    if not found:
        raise BenchError(f"no notebooks in {root / 'exercises'} and {root / 'solutions'}: run `make notebooks`")
    return found


def _comparisons() -> list[Bench]:
    """Return the comparisons of every chapter that has a module `bench` with a list BENCHES."""
    modules = [f"{chapter.package}.bench" for chapter in find_chapters()]
    return [
        entry for name in modules if importlib.util.find_spec(name) for entry in importlib.import_module(name).BENCHES
    ]


def _cpu_seconds(client: Any) -> float:
    """Ask the kernel, through the last cell, how much CPU time it and its children have had."""
    last = len(client.nb.cells) - 1
    return float(client.execute_cell(client.nb.cells[last], last, store_history=False)["outputs"][0]["text"])
