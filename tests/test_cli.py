"""The `chisel` command: what it answers to nonsense, and how errors meant for people come out."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chisel import __version__, cli

ROOT = Path(cli.__file__).resolve().parents[1]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, check=False)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return python("-m", "chisel.cli", *arguments)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "chisel: the following arguments are required: COMMAND"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        (["notebooks", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["notebooks", "nonsense", "--root", "/nowhere"], "no percent source in /nowhere/solutions"),
        (["notebooks", "--check", "--force"], "not allowed with argument"),
        (["notebooks", "--timeout", "soon"], "invalid int value: 'soon'"),
    ],
)
def test_bad_input_is_one_line_and_status_2(arguments: list[str], line: str):
    finished = run(*arguments)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert line in finished.stderr
    assert len(finished.stderr.splitlines()) == 1


def test_version_and_help():
    assert run("--version").stdout == f"chisel {__version__}\n"
    assert "notebooks" in run("--help").stdout


def test_help_needs_no_heavy_import():
    code = "import sys, chisel.cli; chisel.cli.build_parser(); print({'torch', 'jupytext'} & set(sys.modules))"
    assert python("-c", code).stdout == "set()\n"


@pytest.mark.parametrize(
    ("raised", "status", "words"),
    [(ValueError("one\ntwo"), 2, "chisel: one\nchisel: two\n"), (KeyboardInterrupt(), 130, "nothing is half-written")],
)
def test_expected_errors_and_interrupts_have_no_traceback(monkeypatch, capsys, raised, status, words):
    def fail(_args: argparse.Namespace) -> int:
        raise raised

    parser = argparse.ArgumentParser()
    parser.set_defaults(run=fail, expected=(ValueError,))
    monkeypatch.setattr(cli, "build_parser", lambda: parser)
    assert cli.main([]) == status
    assert words in capsys.readouterr().err


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch):
    def fail(_args: argparse.Namespace) -> int:
        raise RuntimeError("ours")

    parser = argparse.ArgumentParser()
    parser.set_defaults(run=fail, expected=(ValueError,))
    monkeypatch.setattr(cli, "build_parser", lambda: parser)
    with pytest.raises(RuntimeError, match="ours"):
        cli.main([])


def test_a_reader_that_goes_away_is_no_fault():
    """As in `chisel status | head`: the reader is gone before the first line is written."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "chisel.cli", "status"], stdout=write, stderr=subprocess.PIPE,
            text=True, env=environment | {"CHISEL_DATA": "off"}, check=False,
        )  # fmt: skip
    finally:
        os.close(write)
    assert done.returncode == cli.UNREAD
    assert not done.stderr
