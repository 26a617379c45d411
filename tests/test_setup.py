"""What can go wrong at set-up is one line that says what to do, and leaves nothing half-written."""

import ast
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
from pathlib import Path

import pytest

import bootstrap
import debian
import lab
import unchanged

ROOT = Path(__file__).resolve().parent.parent
HERE = sys.version_info[:2]


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what a set-up reads, in which nothing is really installed."""
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setattr(bootstrap, "free_mb", lambda path: 10**6)
    monkeypatch.setattr(bootstrap, "make_venv", lambda root, venv, version: os.makedirs(venv, exist_ok=True))
    return tmp_path


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sets that pip was asked for, in place of pip."""
    asked: list[str] = []
    monkeypatch.setattr(bootstrap, "pip_install", lambda root, venv, name: asked.append(name))
    return asked


def set_up(clone: Path, *arguments: str, version: tuple[int, ...] = HERE) -> int:
    return bootstrap.main(arguments, version, str(clone))


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The only line on standard error."""
    [line] = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("name", ["bootstrap", "debian"])
def test_set_up_parses_under_old_pythons(name):
    ast.parse((ROOT / f"utils/{name}.py").read_text(), feature_version=(3, 6))


@pytest.mark.parametrize("version", [(3, 6), (3, 10), (3, 14), (4, 0)])
def test_wrong_python(version, clone, installs, capsys):
    assert set_up(clone, "learn", version=version) == 1
    line = one_line(capsys)
    assert f"Python {version[0]}.{version[1]} does not fit" in line and "PYTHON=" in line
    assert not installs and not (clone / ".venv").exists()


@pytest.mark.parametrize("version", [(3, 11), (3, 12, 4), (3, 13, 0)])
def test_right_python(version):
    bootstrap.check_python(version)


def test_python_that_is_named_really_starts(monkeypatch):
    monkeypatch.setattr(bootstrap, "starts", lambda name: name == "python3.12")
    with pytest.raises(bootstrap.SetUpError, match=r"with PYTHON=python3\.12$"):
        bootstrap.check_python((3, 9))


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_missing_file(name, clone, installs, capsys):
    (clone / name).unlink()
    assert set_up(clone, "learn") == 1
    line = one_line(capsys)
    assert f"{name} is missing" in line and f"git checkout -- {name}" in line
    assert not installs and not (clone / ".venv").exists()


def test_no_disk_space(clone, installs, capsys, monkeypatch):
    monkeypatch.setattr(bootstrap, "free_mb", lambda path: 100)
    assert set_up(clone, "learn") == 1
    line = one_line(capsys)
    assert "not enough disk space" in line and "0.1 GB are free" in line
    assert not installs and not (clone / ".venv").exists()


def test_only_what_is_missing_must_fit(clone, monkeypatch):
    monkeypatch.setattr(bootstrap, "folder_mb", lambda path: bootstrap.SIZE_MB["learn"])
    monkeypatch.setattr(bootstrap, "free_mb", lambda path: bootstrap.MARGIN_MB)
    bootstrap.check_space(str(clone), str(clone / ".venv"), "learn")
    with pytest.raises(bootstrap.SetUpError):
        bootstrap.check_space(str(clone), str(clone / ".venv"), "test")


def test_no_network(clone, capsys, monkeypatch):
    """With the real pip, whose every index is a closed port of this machine."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", nowhere)
        monkeypatch.setenv("PIP_RETRIES", "0")
        # The interpreter of these tests stands in for .venv's, which would take seconds to make. It stays unchanged.
        monkeypatch.setenv("PIP_DRY_RUN", "1")
        monkeypatch.setattr(bootstrap, "interpreter", lambda venv: sys.executable)
        (clone / ".venv").mkdir()
        assert set_up(clone, "learn") == 1
    line = one_line(capsys)
    assert "no package index could be reached" in line and line.endswith("(pip's log: .venv/pip.log)")
    assert nowhere in (clone / ".venv/pip.log").read_text()
    assert not (clone / ".venv/chisel-stamp.json").exists()


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: Cannot install a and b\nERROR: ResolutionImpossible: for help", "run `make lock`"),
        ("WARNING: Retrying after 'NewConnectionError()'\nERROR: No matching distribution", "check the network"),
        ("ERROR: No matching distribution found for setuptools>=77", "No matching distribution found for setuptools"),
        ("  ERROR: Could not satisfy the requirement setuptools>=77 (from versions: none)", "check the network"),
        ("  ERROR: Failed to build x\nerror: subprocess-exited-with-error", "pip failed: Failed to build x"),
        ("", "pip failed: it gave no reason"),
    ],
)
def test_failed_pip_is_explained(log, expected):
    assert expected in bootstrap.explain(log)
    assert "\n" not in bootstrap.explain(log)


def test_finished_set_up_calls_nothing(clone, installs):
    assert set_up(clone, "learn") == 0
    assert set_up(clone, "learn") == 0
    assert installs == ["learn"]


def test_larger_set_satisfies_a_smaller_one_and_not_the_other_way(clone, installs):
    for name in ("learn", "author", "learn", "test", "author", "learn"):
        assert set_up(clone, name) == 0
    assert installs == ["learn", "author", "test"]


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_changed_input_installs_again(name, clone, installs):
    set_up(clone, "learn")
    (clone / name).write_text((clone / name).read_text() + "# changed\n")
    set_up(clone, "learn")
    assert installs == ["learn", "learn"]


def test_other_python_and_other_place_install_again(clone, installs, tmp_path_factory):
    set_up(clone, "learn")
    set_up(clone, "learn", version=(3, 11) if HERE != (3, 11) else (3, 12))
    moved = tmp_path_factory.mktemp("moved") / "clone"
    shutil.copytree(clone, moved)
    set_up(moved, "learn")
    assert installs == ["learn"] * 3


def test_damaged_stamp_installs_again(clone, installs):
    set_up(clone, "learn")
    (clone / ".venv/chisel-stamp.json").write_text('{"set": "lea')
    assert set_up(clone, "learn") == 0
    assert installs == ["learn", "learn"]


@pytest.mark.parametrize(
    ("raised", "status", "expected"),
    [
        (KeyboardInterrupt(), 130, "run the same command again"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (bootstrap.SetUpError("pip failed"), 1, "pip failed"),
    ],
)
def test_interrupted_set_up_is_carried_on(raised, status, expected, clone, capsys, monkeypatch):
    def fail(root, venv, name):
        raise raised

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, "pip_install", lambda root, venv, name: None)
        assert set_up(clone, "learn") == 0
        patch.setattr(bootstrap, "pip_install", fail)
        assert set_up(clone, "test") == status
    assert expected in one_line(capsys)
    assert not (clone / ".venv/chisel-stamp.json").exists(), "an environment in an unknown state is not finished"
    asked = []
    monkeypatch.setattr(bootstrap, "pip_install", lambda root, venv, name: asked.append(name))
    assert set_up(clone, "test") == 0
    assert asked == ["test"]


def test_half_made_environment_is_made_afresh(clone, installs, monkeypatch):
    made = []
    monkeypatch.setattr(bootstrap, "make_venv", lambda root, venv, version: made.append(venv))
    (clone / ".venv/bin").mkdir(parents=True)
    (clone / ".venv/bin/python").symlink_to("/nonexistent/python")
    assert set_up(clone, "learn") == 0
    assert made == [str(clone / ".venv")]


def test_working_environment_is_kept(monkeypatch):
    monkeypatch.setattr(bootstrap, "interpreter", lambda venv: sys.executable)
    assert bootstrap.is_usable("ignored", HERE)
    assert not bootstrap.is_usable("ignored", (3, 99))


def test_python_without_venv(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(debian, "apt_command", lambda: None)
    with pytest.raises(bootstrap.SetUpError, match=r"apt-get install python3\.12-venv"):
        bootstrap.make_venv(str(tmp_path), str(tmp_path / ".venv"), (3, 12))
    assert not (tmp_path / ".venv").exists()


def test_finished_set_up_is_quick(clone, installs):
    set_up(clone, "learn")
    (clone / "utils").mkdir()
    for name in ("bootstrap.py", "debian.py"):
        shutil.copy(ROOT / "utils" / name, clone / "utils")
    stamp = bootstrap.stamp_for(str(clone), "learn", HERE, bootstrap.read_inputs(str(clone)))
    bootstrap.write_stamp(str(clone / ".venv/chisel-stamp.json"), stamp)
    start = time.monotonic()
    subprocess.run([sys.executable, str(clone / "utils/bootstrap.py"), "learn"], check=True)
    assert time.monotonic() - start < 5


def test_no_browser_and_no_right_to_install_one(clone, installs, capsys, monkeypatch):
    (clone / ".venv").mkdir()
    monkeypatch.setattr(debian, "find_browser", lambda: None)
    monkeypatch.setattr(debian, "apt_command", lambda: None)
    assert set_up(clone, "test", "--browser") == 0, "the other tests run without a browser"
    assert "`sudo apt-get install chromium` ends that" in capsys.readouterr().out


def test_browser_is_installed_where_that_is_allowed(clone, installs, monkeypatch):
    (clone / ".venv").mkdir()
    record = clone / "record"
    fake = clone / "apt-get"
    fake.write_text(f'#!/bin/sh\necho "$DEBIAN_FRONTEND $@" >> {record}\n')
    fake.chmod(0o755)
    monkeypatch.setattr(debian, "find_browser", lambda: None)
    monkeypatch.setattr(debian, "apt_command", lambda: [str(fake)])
    assert set_up(clone, "test", "--browser") == 0
    update, install = record.read_text().splitlines()
    assert update == "noninteractive update"
    assert install.startswith("noninteractive install -y") and install.endswith(" chromium")


@pytest.mark.parametrize(
    ("there", "fetched", "said"),
    [
        (0, 0, []),
        (1, 0, ["fetching and converting"]),
        (1, 2, ["fetching and converting", "not measured by the tests: chisel: no network"]),
    ],
)
def test_the_pretrained_model_is_fetched_once_and_missing_it_stops_nothing(
    there, fetched, said, clone, installs, capsys, monkeypatch
):
    program = clone / "python"
    prepare = f'echo "chisel: no network" >&2; exit {fetched}'
    program.write_text(f'#!/bin/sh\ncase "$*" in\n*status) exit {there};;\n*prepare) {prepare};;\nesac\n')
    program.chmod(0o755)
    monkeypatch.setattr(bootstrap, "interpreter", lambda venv: str(program))
    (clone / ".venv").mkdir()
    capsys.readouterr()
    assert set_up(clone, "test", "--model") == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "model" in line]
    assert len(lines) == len(said) and all(words in line for words, line in zip(said, lines, strict=True))


# The lab.


@pytest.fixture
def start_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "exercises").mkdir()
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / lab.START).write_text(json.dumps(notebook))
    monkeypatch.setattr(lab, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("form", ["--port={}", "--port {}", "--ServerApp.port={}"])
def test_port_in_use(form, start_page, taken_port, capsys):
    arguments = ["--ip=127.0.0.1", *form.format(taken_port).split()]
    assert lab.main(arguments) == 1
    line = one_line(capsys)
    assert f"port {taken_port}" in line and "choose another" in line


@pytest.mark.parametrize("port", ["http", "0", "70000", ""])
def test_no_port_number(port, start_page, capsys):
    assert lab.main([f"--port={port}"]) == 1
    assert "no port number" in one_line(capsys)


def test_missing_start_page(start_page, capsys):
    (start_page / lab.START).unlink()
    assert lab.main([]) == 1
    assert "make notebooks" in one_line(capsys)


def test_port_that_was_asked_for_is_the_only_one_tried(start_page):
    assert "--ServerApp.port_retries=0" in lab.command([f"--port={free_port()}"])
    assert "--ServerApp.port_retries=0" not in lab.command([])


@pytest.mark.slow
def test_lab_answers_and_asks_no_other_host(start_page):
    """The real server, on the start page, with its questions to other hosts turned off."""
    (start_page / "utils").mkdir()
    shutil.copy(ROOT / "utils/lab.py", start_page / "utils")
    shutil.copytree(ROOT / "utils/lab_settings", start_page / "utils/lab_settings")
    port = free_port()
    own = {"HOME": str(start_page), "JUPYTER_CONFIG_DIR": str(start_page / "c"), "IPYTHONDIR": str(start_page / "i")}
    program = [sys.executable, "utils/lab.py", "--no-browser", f"--port={port}", "--IdentityProvider.token=t"]
    with open(start_page / "log", "w") as log:
        server = subprocess.Popen(program, cwd=start_page, env={**os.environ, **own}, stdout=log, stderr=log)
        try:
            page = answer(f"http://localhost:{port}/?token=t", server, start_page / "log")
            notices = "lab/api/settings/@jupyterlab/apputils-extension:notification"
            asked = json.loads(answer(f"http://localhost:{port}/{notices}?token=t", server, start_page / "log"))
        finally:
            server.terminate()
            server.wait(30)
    settings = json.loads(re.findall(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)[0])
    assert settings["treePath"] == lab.START
    assert settings["news"] == {"disabled": True}
    assert asked["schema"]["properties"]["fetchNews"]["default"] == "false", "or it asks whether to fetch news"
    assert settings["extensionManager"]["name"] == "read-only"


def answer(url: str, server: subprocess.Popen, log: Path) -> str:
    """Return the page at `url` once the server gives it."""
    deadline = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as reply:
                return reply.read().decode()
        except urllib.error.URLError:
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)


# Steps that are skipped when nothing changed.


@pytest.fixture
def step(tmp_path: Path):
    """Run a step that copies `source` to `built/copy`; return its status and how often it has run."""
    (tmp_path / "source").write_text("1")
    script = "import pathlib; p = pathlib.Path('built'); p.mkdir(exist_ok=True); "
    script += "q = pathlib.Path('runs'); q.write_text(q.read_text() + '.' if q.exists() else '.'); "
    script += "(p / 'copy').write_text(str(int(pathlib.Path('source').read_text())))"

    def run() -> tuple[int, int]:
        status = unchanged.run(tmp_path, "copy", [sys.executable, "-c", script], ["source"], ["built"], ["built"])
        return status, len((tmp_path / "runs").read_text())

    return run


def test_unchanged_step_runs_once(step, tmp_path):
    assert step() == (0, 1)
    os.utime(tmp_path / "source")
    assert step() == (0, 1)


def test_changed_input_and_edited_or_lost_output_run_it_again(step, tmp_path):
    assert step() == (0, 1)
    (tmp_path / "source").write_text("2")
    assert step() == (0, 2)
    (tmp_path / "built/copy").write_text("3")
    assert step() == (0, 3)
    assert (tmp_path / "built/copy").read_text() == "2"
    shutil.rmtree(tmp_path / "built")
    assert step() == (0, 4)


def test_step_starts_from_clean(step, tmp_path):
    step()
    (tmp_path / "built/left over").touch()
    step()
    assert [p.name for p in (tmp_path / "built").iterdir()] == ["copy"]


def test_failed_step_is_not_finished(step, tmp_path, capfd):
    (tmp_path / "source").write_text("x")
    assert step() == (1, 1)
    assert step() == (1, 2)
    (tmp_path / "source").write_text("1")
    assert step() == (0, 3)


def test_input_that_changes_during_the_run_is_not_missed(tmp_path):
    (tmp_path / "source").write_text("1")
    script = "open('source', 'a').write('1')"
    command = [sys.executable, "-c", script]
    for runs in (1, 2, 3):
        assert unchanged.run(tmp_path, "grow", command, ["source"], [], []) == 0
        assert len((tmp_path / "source").read_text()) == 1 + runs


# The Makefile.


def test_every_target_is_explained_and_can_be_resolved():
    makefile = (ROOT / "Makefile").read_text()
    [phony] = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    targets = {target for target in phony.split() if target != "help" and not target.endswith("-env")}
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^make (\w+)", shown, re.MULTILINE)) == targets
    readme = (ROOT / "README.md").read_text()
    for target in sorted(targets):
        assert f"make {target}" in readme, f"README.md does not tell of `make {target}`"
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, check=True)


def test_readme_starts_with_the_two_commands():
    commands = re.findall(r"^make \w+", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert commands[:2] == ["make lab", "make test"]


def test_ci_runs_what_a_developer_types():
    assert (ROOT / ".ci/run").read_text().splitlines()[-1] == "exec make test"
    assert os.access(ROOT / ".ci/run", os.X_OK)
