"""`chisel new-chapter`: what it writes passes the tests of every chapter; bad input leaves nothing behind."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from chisel.authoring import new_chapter
from chisel.authoring.new_chapter import LONGEST, NewChapterError, make_plan, toc_with, write_chapter

ROOT = Path(__file__).resolve().parents[1]
TOC = """\
format: jb-book
root: book/intro
parts:
  # a comment that stays
  - caption: Chapters
    numbered: 1
    chapters:
      - file: book/first

  - caption: Reference
    chapters:
      - file: book/glossary
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in miniature with one chapter, `first`."""
    for folder in ("utils/chisel/first", "tests/galleries/first", "tests/first", "solutions", "book"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "utils/chisel/cli.py").write_text("")
    (tmp_path / "solutions/00_start.py").write_text("")
    (tmp_path / "solutions/07_first.py").write_text("")
    (tmp_path / "book/glossary.md").write_text("")
    (tmp_path / "_toc.yml").write_text(TOC)
    return tmp_path


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def run(root: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    new_chapter.add_parser(parser.add_subparsers())
    return new_chapter.run(parser.parse_args(["new-chapter", "--root", str(root), *words]))


def test_everything_is_written_and_numbered(checkout, capsys):
    before = files(checkout)
    assert run(checkout, "second_one", "--files-only") == 0
    after = files(checkout)
    new = after.keys() - before.keys()
    assert {"solutions/08_second_one.py", "book/second_one.md", "utils/chisel/second_one/claims.py"} <= new
    assert {"tests/galleries/second_one/__init__.py", "tests/galleries/second_one/prob_found.py"} <= new
    assert {name for name in before if after[name] != before[name]} == {"_toc.yml"}
    for name in new:
        assert not name.endswith(".txt")
        assert not re.search(r"@[A-Z]+@", after[name].decode()), f"{name} holds a mark that was not filled in"
    assert b"# Second one" in after["book/second_one.md"]
    assert "chisel notebooks 00_start 08_second_one" in capsys.readouterr().out


def test_table_of_contents_gets_one_entry(checkout):
    text = toc_with(TOC, make_plan(checkout, "second"))
    kept = [line for line in text.splitlines() if line not in TOC.splitlines()]
    assert [line.strip() for line in kept] == [
        "- file: book/second",
        "sections:",
        "- file: exercises/08_second",
        "title: Exercises",
        "- file: solutions/08_second",
        "title: Solutions, executed",
    ]
    chapters = yaml.safe_load(text)["parts"][0]["chapters"]
    pages = [
        {"file": "exercises/08_second", "title": "Exercises"},
        {"file": "solutions/08_second", "title": "Solutions, executed"},
    ]
    assert chapters == [{"file": "book/first"}, {"file": "book/second", "sections": pages}]
    assert yaml.safe_load(text)["parts"][1] == yaml.safe_load(TOC)["parts"][1]


def test_the_part_may_be_the_last_one(checkout):
    short = TOC.partition("\n  - caption: Reference")[0]
    assert yaml.safe_load(toc_with(short, make_plan(checkout, "second")))["parts"][0]["chapters"][-1]["sections"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["2nd"], "'2nd' will not do as a chapter's name"),
        (["Second"], "use lower-case words with _ between them"),
        (["second-one"], "such as reward_shaping"),
        (["second_"], "will not do"),
        (["../second"], "will not do"),
        (["class"], "no Python keyword"),
        (["a" * (LONGEST + 1)], f"at most {LONGEST} characters"),
        (["core"], "chisel.core is part of the shared floor: choose another name"),
        (["first"], "utils/chisel/first exists already: choose another name"),
        (["cli"], "utils/chisel/cli.py exists already"),
        (["glossary"], "book/glossary.md exists already"),
        (["galleries"], "tests/galleries exists already"),
        (["second", ""], "'' will not do as a title"),
        (["second", 'A "title"'], "without quotes"),
        (["second", "two\nlines"], "one line of 1 to 70 characters"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(checkout, words, says):
    before = files(checkout)
    with pytest.raises(NewChapterError) as caught:
        run(checkout, *words, "--files-only")
    assert says in str(caught.value) and len(str(caught.value).splitlines()) == 1
    assert files(checkout) == before


def test_a_folder_that_is_no_checkout(tmp_path):
    with pytest.raises(NewChapterError, match="is no checkout of this project"):
        run(tmp_path, "second")


def test_a_table_of_contents_without_chapters(checkout):
    (checkout / "_toc.yml").write_text("format: jb-book\nroot: book/intro\n")
    before = files(checkout)
    with pytest.raises(NewChapterError, match="has no part"):
        run(checkout, "second", "--files-only")
    assert files(checkout) == before


@pytest.mark.parametrize("error", [OSError(28, "No space left on device", "x"), KeyboardInterrupt()])
@pytest.mark.parametrize("survived", range(5))
def test_a_failure_half_way_leaves_nothing(checkout, monkeypatch, error, survived):
    before, rename, moves = files(checkout), Path.rename, []

    def fails_later(path: Path, target: Path) -> Path:
        if len(moves) == survived:
            raise error
        moves.append(target)
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fails_later)
    expected = NewChapterError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        write_chapter(make_plan(checkout, "second"))
    assert files(checkout) == before
    assert not [path for path in checkout.rglob("*") if "second" in path.name or path.name.startswith(".new")]


def test_a_step_that_fails_afterwards_is_told(checkout, monkeypatch, capsys):
    monkeypatch.setattr(new_chapter, "_chisel", lambda root, arguments: int(arguments[0] == "notebooks"))
    assert run(checkout, "second") == 1
    assert "`chisel notebooks 00_start 08_second` failed" in capsys.readouterr().err


def test_the_command_says_it_in_one_line():
    words = [sys.executable, "-m", "chisel.cli", "new-chapter", "core"]
    done = subprocess.run(words, capture_output=True, text=True, env=environment(ROOT), check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == "chisel: chisel.core is part of the shared floor: choose another name\n"


def environment(root: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(root / "utils"), "PYTHONDONTWRITEBYTECODE": "1"}


# The longest name, so that no line of a template is too long, and a late one, for the order of imports.
PROBE = "zeta_" + "x" * (LONGEST - 5)


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with no chapter but a new one, whose claim is measured and whose notebooks are written."""
    root = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("core", "checking", "authoring", "publishing", "journal", "group", "course"):
        shutil.copytree(ROOT / "utils/chisel" / name, root / "utils/chisel" / name, ignore=ignored)
    for path in (ROOT / "utils/chisel").glob("*.py"):
        shutil.copy(path, root / "utils/chisel")
    for name in ("tests/galleries/__init__.py", "tests/galleries/gallery.py", "solutions/00_start.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    shutil.copy(ROOT / "tests/conftest.py", root / "tests")
    for name in ("galleries", "claims", "imports", "notebooks", "docstrings"):
        shutil.copy(ROOT / f"tests/test_{name}.py", root / "tests")
    for name in ("_toc.yml", "pyproject.toml", "conftest.py", "CITATION.cff"):
        shutil.copy(ROOT / name, root)
    (root / "book").mkdir()
    done = in_copy(root, "-m", "chisel.cli", "new-chapter", PROBE, "A title that is as long as it may be, " + "x" * 32)
    assert "VERDICT: holds\n" in done.stdout and "Left to you" in done.stdout
    return root


def in_copy(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, *words)
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment(root), check=False)
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
    return done


@pytest.mark.slow
def test_the_skeleton_passes_the_tests_of_a_chapter(skeleton):
    options = ("-q", "-p", "no:cacheprovider", "-k", "not order_of_the_book")  # the others are not in the copy
    done = in_copy(skeleton, "-m", "pytest", *options, "tests")
    assert " passed" in done.stdout
    assert "failed" not in done.stdout and "error" not in done.stdout


@pytest.mark.slow
def test_the_skeleton_agrees_with_its_notebooks_and_the_rules_of_prose(skeleton):
    assert in_copy(skeleton, "-m", "chisel.cli", "notebooks", "--check").stdout == "notebooks and sources agree\n"
    in_copy(skeleton, "-m", "chisel.publishing.lint", f"book/{PROBE}.md", f"solutions/01_{PROBE}.py")
    code = (f"utils/chisel/{PROBE}", f"tests/{PROBE}", f"tests/galleries/{PROBE}")
    in_copy(skeleton, "-m", "ruff", "check", "--no-cache", *code, "solutions")
    in_copy(skeleton, "-m", "ruff", "format", "--no-cache", "--check", *code)


@pytest.mark.slow
def test_the_skeleton_says_that_it_is_one(skeleton):
    page = (skeleton / "book" / f"{PROBE}.md").read_text()
    assert "This chapter is a draft" in page
    shown = "\n".join(line for line in page.splitlines() if not line.startswith("%"))
    assert "TODO" not in shown, "a reader must not meet a note to the author"
    for name in ("solutions", "exercises"):
        assert "TODO" not in (skeleton / name / f"01_{PROBE}.ipynb").read_text()
