"""A reader in JupyterLab, in a real browser: start page, an exercise typed in, a prediction, progress."""

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
from playwright.sync_api import expect

from chisel.authoring.library import load_function
from test_pages_in_browser import browser  # noqa: F401  (a fixture)

ROOT = Path(__file__).resolve().parents[1]
pytestmark = [pytest.mark.slow, pytest.mark.browser]
WAIT = 120_000  # milliseconds: a kernel starts and torch is loaded on a busy machine
CHAPTER = "02_update_strength.ipynb"
PLACEHOLDER = ("raise NotImplementedError()", "# YOUR CODE HERE")  # the last lines of a stub, from below


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
    """Open a notebook and wait until its kernel listens: what is run before that is lost without a word."""
    tab.goto(f"{address}/lab/tree/exercises/{notebook}?reset")
    tab.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for(timeout=WAIT)
    tab.locator(".jp-StatusBar-Left", has_text=re.compile(r"\|\s*Idle")).wait_for(timeout=WAIT)


def _cell(tab, text: str):
    """Return the code cell that holds `text`, scrolled into view."""
    cell = tab.locator(".jp-CodeCell", has_text=text).first
    cell.scroll_into_view_if_needed(timeout=WAIT)
    return cell


def _run(tab, text: str, prints: str = ""):
    """Run the code cell that holds `text`, as a reader does, and wait until it is done and says what it should."""
    cell = _cell(tab, text)
    prompt = cell.locator(".jp-InputPrompt")
    before = re.sub(r"\D", "", prompt.inner_text()) or "0"
    cell.locator(".cm-content").click()
    tab.keyboard.press("Control+Enter")
    expect(prompt).to_have_text(re.compile(rf"\[(?!{before}\])\d+\]"), timeout=WAIT)  # [*] while it runs
    if prints:
        expect(cell.locator(".jp-Cell-outputArea")).to_contain_text(prints, timeout=WAIT)
    return cell


def _type_solution(tab) -> None:
    """Take out the placeholder of per_step_update and type the library's body in its place, key by key."""
    content = _cell(tab, "def per_step_update").locator(".cm-content")
    content.click()
    tab.keyboard.press("Control+End")
    for _ in PLACEHOLDER:
        tab.keyboard.press("Shift+Home")  # to the indentation, then to the beginning of the line
        tab.keyboard.press("Shift+Home")
        tab.keyboard.press("Backspace")
        tab.keyboard.press("Backspace")  # and the line itself
    for line in load_function("chisel.update_strength.training:per_step_update").body.splitlines():
        tab.keyboard.press("Enter")
        tab.keyboard.press("Shift+Home")  # what is typed takes the place of the indentation that the editor offers
        tab.keyboard.type(line)
    source = content.inner_text()
    assert "weights" in source and not any(line in source for line in PLACEHOLDER), source


def _status(data: Path) -> dict[str, str]:
    """Return what `chisel status --json` says of each exercise."""
    said = subprocess.run(
        [sys.executable, "-m", "chisel.cli", "status", "--json"],
        env=os.environ | {"CHISEL_DATA": str(data), "PYTHONPATH": str(ROOT / "utils")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {e["name"]: e["state"] for c in json.loads(said.stdout)["chapters"] for e in c["exercises"]}


def test_a_reader_opens_solves_predicts_and_sees_the_status_change(lab, browser):  # noqa: F811
    address, data = lab
    tab = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()

    _open(tab, address, "start.ipynb")
    _run(tab, "show_progress()", "0 of 13 done")
    assert _status(data)["per_step_update"] == "untouched"

    _open(tab, address, CHAPTER)
    _run(tab, "import inspect")
    _run(tab, "from chisel.update_strength import checks")
    _run(tab, "def per_step_update")
    _run(tab, "checks.per_step_update(", "not attempted")
    _type_solution(tab)
    _run(tab, "def per_step_update")
    _run(tab, "checks.per_step_update(", "passed")
    assert _status(data)["per_step_update"] == "done"

    asked = _run(tab, 'ask("learning-rate-identity")')
    handle = asked.locator(".noUi-handle").first
    handle.wait_for(timeout=WAIT)
    handle.focus()
    for _ in range(4):
        tab.keyboard.press("ArrowRight")
    asked.get_by_text("recorded: 0.70").wait_for(timeout=WAIT)

    _run(tab, 'reveal("learning-rate-identity")', "You said 0.70: Brier")
    asked = _run(tab, 'ask("learning-rate-identity")')
    asked.get_by_text("sealed: 0.70").wait_for(timeout=WAIT)
    expect(asked.locator(".jupyter-widgets.widget-slider .noUi-target").first).to_have_attribute("disabled", "true")

    _open(tab, address, "start.ipynb")
    _run(tab, "show_progress()", "1 of 13 done")
