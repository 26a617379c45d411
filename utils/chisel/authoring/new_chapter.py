"""`chisel new-chapter NAME`: a working skeleton of a chapter, all of it or nothing.

What it writes stands in `chapter_template/`: a small example with every part that a chapter has, so that an author
replaces things that work one by one. It is a tool for a checkout; an installed package has no place for a chapter.
"""

import argparse
import contextlib
import keyword
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import chisel

SHARED = ("core", "checking", "authoring", "publishing", "journal", "group", "course")
LONGEST = 22  # a longer name would push a line of the templates over the line length
_BY_HAND = """\
Left to you:
  1. replace the example; `grep -rn TODO` in the files above finds the places
  2. add a line to the lists of chapters in book/intro.md and book/reading_group.md, and one to CHANGELOG.md
  3. `make test`, after every step"""


class NewChapterError(RuntimeError):
    """The chapter cannot be written. The message says why in one line, and nothing was changed."""


@dataclass(frozen=True)
class Plan:
    """What a new chapter is called and where its parts go; each target is new, only `toc` is there already."""

    root: Path
    name: str
    title: str
    stem: str

    @property
    def targets(self) -> dict[str, Path]:
        """Return the place of each part by its name in `chapter_template/`."""
        return {
            "package": self.root / "utils" / "chisel" / self.name,
            "gallery.py.txt": self.root / "tests" / "galleries" / self.name,
            "tests": self.root / "tests" / self.name,
            "source.py.txt": self.root / "solutions" / f"{self.stem}.py",
            "page.md.txt": self.root / "book" / f"{self.name}.md",
        }

    @property
    def words(self) -> Mapping[str, str]:
        """Return what replaces each mark of a template."""
        slug, number = self.name.replace("_", "-"), str(int(self.stem.split("_")[0]))
        return {"@NAME@": self.name, "@SLUG@": slug, "@TITLE@": self.title, "@STEM@": self.stem, "@NUMBER@": number}


def add_parser(subparsers: Any) -> None:
    """Add the subcommand `new-chapter`."""
    parser = subparsers.add_parser(
        "new-chapter",
        help="write a working skeleton of a chapter",
        description="Write a chapter that works and passes the tests: package, check with gallery, claim, figure, "
        "tests, percent source and page. Then measure its claim and write its notebooks.",
    )
    parser.add_argument("name", metavar="NAME", help="of the package, such as reward_shaping")
    parser.add_argument("title", nargs="?", metavar="TITLE", help="of the page; default: from the name")
    parser.add_argument("--files-only", action="store_true", help="neither measure nor execute anything")
    parser.add_argument("--root", type=Path, help="the checkout; default: the one that this package runs from")
    parser.set_defaults(run=run, expected=(NewChapterError,))


def run(args: argparse.Namespace) -> int:
    """Write the skeleton and return the exit status: 1 where the files are written and a later step failed.

    Raises:
        NewChapterError: a bad name or title, or no checkout; nothing was written.
    """
    root = (args.root or Path(chisel.__file__).resolve().parents[2]).absolute()
    plan = make_plan(root, args.name, args.title)
    write_chapter(plan)
    print("\n".join(f"written: {path.relative_to(root)}" for path in [*plan.targets.values(), root / "_toc.yml"]))
    steps = (["claims", f"{plan.words['@SLUG@']}-found-within"], ["notebooks", "00_start", plan.stem])
    for step in steps:
        command = f"chisel {' '.join(step)}"
        if args.files_only:
            print(f"still to run: {command}")
            continue
        print(f"running: {command}", flush=True)
        if _chisel(root, step):
            print(f"chisel: the files are written, but `{command}` failed: mend that, run it again", file=sys.stderr)
            return 1
    print(_BY_HAND)
    return 0


def make_plan(root: Path, name: str, title: str | None = None) -> Plan:
    """Return the plan for a chapter in the checkout `root`, numbered after the last one.

    Raises:
        NewChapterError: the name or title will not do, a target exists, or `root` is no checkout.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or keyword.iskeyword(name) or len(name) > LONGEST:
        raise NewChapterError(
            f"{name!r} will not do as a chapter's name: use lower-case words with _ between them, such as "
            f"reward_shaping, no Python keyword, at most {LONGEST} characters"
        )
    if name in SHARED:
        raise NewChapterError(f"chisel.{name} is part of the shared floor: choose another name")
    title = name.replace("_", " ").capitalize() if title is None else title.strip()
    if not re.fullmatch(r"[^\"'\\`$@{}<>*\n]{1,70}", title):
        raise NewChapterError(
            f"{title!r} will not do as a title: one line of 1 to 70 characters, without quotes, backslashes or markup"
        )
    if not (root / "_toc.yml").is_file() or not (root / "utils" / "chisel").is_dir():
        raise NewChapterError(f"{root} is no checkout of this project: run in one, or name one with --root")
    numbers = [int(path.name[:2]) for path in (root / "solutions").glob("[0-9][0-9]_*.py")]
    plan = Plan(root, name, title, f"{max(numbers, default=0) + 1:02d}_{name}")
    for path in plan.targets.values():
        for taken in (path, path.with_suffix(".py")):
            if taken.exists():
                raise NewChapterError(f"{taken.relative_to(root)} exists already: choose another name")
    return plan


def write_chapter(plan: Plan) -> None:
    """Write every file of the plan and the chapter's entry in `_toc.yml`; on any failure, none of it.

    Raises:
        NewChapterError: a file cannot be written.
    """
    toc = plan.root / "_toc.yml"
    template = files("chisel.authoring") / "chapter_template"
    try:
        contents = toc_with(toc.read_text(encoding="utf-8"), plan)
        with tempfile.TemporaryDirectory(prefix=".new-chapter-", dir=plan.root) as folder:
            drafts = {}
            for part, target in plan.targets.items():
                drafts[target] = Path(folder) / part
                _fill(template / part, drafts[target], plan.words)
            gallery = drafts[plan.targets["gallery.py.txt"]]
            _into_package(gallery, "prob_found.py")
            (Path(folder) / "_toc.yml").write_text(contents, encoding="utf-8")
            with _all_or_nothing() as moved:
                for target, draft in drafts.items():
                    moved.append(target)
                    draft.rename(target)
                os.replace(Path(folder) / "_toc.yml", toc)  # last, for this one cannot be taken back
    except OSError as error:
        raise NewChapterError(f"cannot write {error.filename} ({error.strerror}); nothing was changed") from error


def toc_with(text: str, plan: Plan) -> str:
    """Return the table of contents `text` with the chapter at the end of the part "Chapters".

    Raises:
        NewChapterError: there is no such part.
    """
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.strip() == "- caption: Chapters"), None)
    if start is None:
        raise NewChapterError("_toc.yml has no part `- caption: Chapters`: put it back; nothing was changed")
    indent = len(lines[start]) - len(lines[start].lstrip())
    following = range(start + 1, len(lines))
    end = next((i for i in following if lines[i].strip() and not lines[i].startswith(" " * (indent + 1))), len(lines))
    while not lines[end - 1].strip():
        end -= 1
    pages = {"exercises": "Exercises", "solutions": "Solutions, executed"}
    entry = [f"- file: book/{plan.name}", "  sections:"]
    for folder, title in pages.items():
        entry += [f"    - file: {folder}/{plan.stem}", f"      title: {title}"]
    return "\n".join([*lines[:end], *(" " * (indent + 4) + line for line in entry), *lines[end:]]) + "\n"


def _fill(template: Traversable, draft: Path, words: Mapping[str, str]) -> None:
    """Copy a template, file or folder, to `draft`, without the `.txt` of each file inside and with its marks filled."""
    if template.is_dir():
        draft.mkdir()
        for inner in template.iterdir():
            _fill(inner, draft / inner.name.removesuffix(".txt"), words)
        return
    text = template.read_text(encoding="utf-8")
    for mark, word in words.items():
        text = text.replace(mark, word)
    draft.write_text(_with_sorted_imports(text), encoding="utf-8")


def _with_sorted_imports(text: str) -> str:
    """Sort each run of one-line `from chisel...` imports, whose order depends on the chapter's name."""

    def in_order(run: re.Match[str]) -> str:
        return "".join(sorted(run[0].splitlines(keepends=True), key=lambda line: line.split()[1]))

    return re.sub(r"(?:^from chisel\S* import .+\n)+", in_order, text, flags=re.MULTILINE)


def _into_package(file: Path, name: str) -> None:
    """Turn `file` into a package of the same name that holds it as the module `name`."""
    text = file.read_bytes()
    file.unlink()
    file.mkdir()
    (file / "__init__.py").touch()
    (file / name).write_bytes(text)


@contextlib.contextmanager
def _all_or_nothing() -> Iterator[list[Path]]:
    """Remove what was put into the list again if the block does not come to its end, Ctrl-C included."""
    made: list[Path] = []
    try:
        yield made
    except BaseException:
        for path in made:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        raise


def _chisel(root: Path, arguments: list[str]) -> int:
    """Run a `chisel` command on the package in `root`, in a process of its own, and return its exit status."""
    given = os.environ.get("PYTHONPATH")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(root / "utils"), *([given] if given else [])])}
    return subprocess.run([sys.executable, "-m", "chisel.cli", *arguments], env=environment, check=False).returncode
