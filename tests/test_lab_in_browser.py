"""A reader's first half hour in JupyterLab, in a real browser: start page, an exercise typed in, a prediction, progress."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from test_pages_in_browser import FLAGS, browser  # noqa: F401  (a fixture)

ROOT = Path(__file__).resolve().parents[1]
pytestmark = [pytest.mark.slow, pytest.mark.browser]
WAIT = 120_000  # milliseconds: a kernel starts and torch is loaded on a busy machine
CHAPTER = "02_update_strength.ipynb"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Serve a copy of the exercises; yield its address and the folder of the reader's data."""
    work, data = tmp_path / "work", tmp_path / "data"
    shutil.copytree(ROOT / "exercises", work / "exercises", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CHISEL_")} | {
        "CHISEL_DATA": str(data),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "jupyter"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT / "utils"),
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--port-retries=0", "--allow-root",
        "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={work}",
        "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with open(tmp_path / "lab.log", "wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api", server, tmp_path / "lab.log")
            yield f"http://127.0.0.1:{port}", data
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text(errors="replace")[-2000:]
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)  # between two tries, until the deadline above
    pytest.fail(f"JupyterLab did not answer: {log.read_text(errors='replace')[-2000:]}")


def _open(tab, address: str, notebook: str) -> None:
    tab.goto(f"{address}/lab/tree/exercises/{notebook}?reset")
    tab.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for(timeout=WAIT)
    tab.locator('.jp-NotebookPanel:visible .jp-NotebookPanel-toolbar [data-jp-item-name="executionProgress"]').wait_for(
        timeout=WAIT
    )


def _cell(tab, text: str):
    """Return the code cell whose source begins with or holds `text`, scrolled into view."""
    cell = tab.locator(".jp-CodeCell", has_text=text).first
    cell.scroll_into_view_if_needed(timeout=WAIT)
    return cell


def _run(tab, cell) -> None:
    cell.locator(".cm-content").click()
    tab.keyboard.press("Control+Enter")


def _output(tab, cell, text: str) -> None:
    cell.locator(".jp-Cell-outputArea", has_text=re.compile(re.escape(text))).wait_for(timeout=WAIT)


def test_a_reader_opens_solves_predicts_and_sees_the_status_change(lab, browser):  # noqa: F811
    address, data = lab
    tab = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()

    _open(tab, address, "start.ipynb")
    progress = _cell(tab, "show_progress()")
    _run(tab, progress)
    _output(tab, progress, "0 of 13 done")

    _open(tab, address, CHAPTER)
    setup = _cell(tab, "import inspect")
    _run(tab, setup)
    stub = _cell(tab, "def per_step_update")
    stub.locator(".cm-content").click()
    source = stub.locator(".cm-content").inner_text()
    assert "NotImplementedError" in source
    _run(tab, stub)
    check = _cell(tab, "checks.per_step_update(")
    _run(tab, check)
    _output(tab, check, "not attempted")

    _type_solution(tab, stub)
    _run(tab, stub)
    _run(tab, check)
    _output(tab, check, "passed")

    asked = _cell(tab, 'ask("learning-rate-identity")')
    _run(tab, asked)
    slider = asked.locator(".noUi-handle").first
    slider.wait_for(timeout=WAIT)
    slider.click()
    for _ in range(4):
        tab.keyboard.press("ArrowRight")
    asked.get_by_text("recorded: 0.70").wait_for(timeout=WAIT)

    assert (data / "journal.sqlite3").exists()
    said = subprocess.run(
        [sys.executable, "-m", "chisel.cli", "status", "--json"],
        env=os.environ | {"CHISEL_DATA": str(data), "PYTHONPATH": str(ROOT / "utils")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = {e["name"]: e["state"] for c in json.loads(said.stdout)["chapters"] for e in c["exercises"]}
    assert found["per_step_update"] == "done"

    _open(tab, address, "start.ipynb")
    progress = _cell(tab, "show_progress()")
    _run(tab, progress)
    _output(tab, progress, "1 of 13 done")


def _type_solution(tab, stub) -> None:
    """Replace the placeholder by the library's body, key by key, as a reader would."""
    from chisel.authoring.library import load_function

    body = load_function("chisel.update_strength.training:per_step_update").body
    stub.locator(".cm-content").click()
    tab.keyboard.press("Control+End")
    for _ in range(2):  # the two lines of the placeholder
        tab.keyboard.press("Home")
        tab.keyboard.press("Home")
        tab.keyboard.press("Shift+End")
        tab.keyboard.press("Backspace")
        tab.keyboard.press("Backspace")
    tab.keyboard.press("Enter")
    for line in body.splitlines():
        tab.keyboard.press("Home")
        tab.keyboard.press("Shift+End")
        tab.keyboard.insert_text(line)
        tab.keyboard.press("Enter")
