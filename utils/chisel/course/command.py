"""`chisel course`: hand the exercise notebooks out with nbgrader or Otter, and grade what comes back."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import chisel
from chisel.authoring.errors import AuthoringError
from chisel.core.files import StorageError
from chisel.course.errors import CourseError
from chisel.course.limits import Limits


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `chisel course`."""
    parser = subparsers.add_parser(
        "course",
        help="export a course directory, or grade submitted notebooks",
        description="Export a course directory for nbgrader or Otter, or grade notebooks without trusting them.",
    )
    parts = parser.add_subparsers(title="parts", metavar="PART", required=True)
    out = parts.add_parser("export", help="write a course directory that nbgrader or Otter accept as it is")
    out.add_argument("folder", type=Path, metavar="DIR", help="an empty or new folder")
    out.add_argument("--to", choices=("nbgrader", "otter"), required=True, help="whose course directory")
    out.set_defaults(run=run_export, expected=(CourseError, AuthoringError, StorageError))
    grade = parts.add_parser(
        "grade",
        help="grade a folder of submitted notebooks",
        description="Grade DIR/LEARNER.ipynb or DIR/LEARNER/*.ipynb. Of a submission only the solution cells count. "
        "The same command goes on after an interruption.",
    )
    grade.add_argument("folder", type=Path, metavar="DIR", help="the submissions")
    grade.add_argument("--jobs", type=_count, default=os.cpu_count() or 1, metavar="N", help="submissions at a time")
    grade.add_argument("--out", type=Path, metavar="DIR", help="where the grades go; default: DIR-graded")
    grade.add_argument("--again", action="store_true", help="grade anew what was graded before")
    grade.add_argument(
        "--weak-isolation", action="store_true", help="grade even if this machine cannot shut submissions off wholly"
    )
    for limit in fields(Limits):
        unit, words = limit.metadata["unit"], f"{limit.metadata['words']}; default: %(default)s"
        grade.add_argument(
            f"--{limit.name.replace('_', '-')}", type=_count, metavar=unit, default=limit.default, help=words
        )
    grade.set_defaults(run=run_grade, expected=(CourseError, StorageError))
    for part, words in ((out, "all"), (grade, "as each notebook shows")):
        part.add_argument("--chapter", action="append", default=[], metavar="NN", help=f"the chapter; default: {words}")
        part.add_argument("--root", type=Path, help="the checkout; default: the one that this package runs from")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _root(args: argparse.Namespace) -> Path:
    return args.root or Path(chisel.__file__).resolve().parents[2]


@contextlib.contextmanager
def _installed() -> Iterator[None]:
    """Say what is missing in a line, where notebooks cannot be handled."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("chisel"):
            raise
        if error.name in ("resource", "fcntl"):
            raise CourseError("grading needs Linux; on Windows, run it in the Windows Subsystem for Linux") from error
        raise CourseError(f"{error.name} is not installed: run `make lab` or `make quick`, which install it") from error


def run_export(args: argparse.Namespace) -> int:
    """Write the course directory."""
    with _installed():
        return _export(args)


def run_grade(args: argparse.Namespace) -> int:
    """Grade the folder; return 0, or 1 where somebody has to look at a submission."""
    with _installed():
        return _grade(args)


def _export(args: argparse.Namespace) -> int:
    from chisel.course.export import export

    for path in export(args.to, _root(args), args.chapter, args.folder):
        print(f"{path}: written")
    return 0


def _grade(args: argparse.Namespace) -> int:
    from chisel.core.files import check_writable
    from chisel.course.assignment import read_assignments
    from chisel.course.feedback import write_feedback
    from chisel.course.gradebook import write_gradebook
    from chisel.course.grading import REMEDY, grade
    from chisel.course.namespaces import library_folders
    from chisel.course.sandbox import close_to_others, find_means
    from chisel.course.submissions import find_submissions

    known = read_assignments(_root(args), [])
    assignments = read_assignments(_root(args), args.chapter) if args.chapter else known
    submissions = find_submissions(args.folder, known)
    folder = args.folder.resolve()
    out = args.out or folder.with_name(f"{folder.name}-graded")
    if out.resolve().is_relative_to(folder):
        raise CourseError(f"{out} lies in the folder of submissions: choose another with --out")
    for place in (folder, out.resolve()):
        if seen := [root for root in library_folders() if place.is_relative_to(root)]:
            raise CourseError(f"{place} lies in {seen[0]}, which every submission can read: choose another place")
    check_writable(out, REMEDY)
    close_to_others()
    means, why = find_means(library_folders())
    for text in means.lines():
        print(text, file=sys.stderr)
    if not means.full and not args.weak_isolation:
        raise CourseError(
            f"submissions cannot be shut off wholly on this machine ({why or 'not Linux on x86-64 or ARM'})\n"
            "use another machine, or take the risk with --weak-isolation; the page 'As a course' says what it is"
        )
    limits = Limits(**{limit.name: getattr(args, limit.name) for limit in fields(Limits)})
    results = grade(
        submissions, assignments, out, jobs=args.jobs, limits=limits, means=means, again=args.again, say=_say
    )
    write_gradebook(results, out / "gradebook.csv")
    write_feedback([(s.slug, r) for s, r in zip(submissions, results, strict=True)], out / "feedback")
    print(f"{out / 'gradebook.csv'}: written, with {len(results)} pages of feedback beside it")
    odd = [result.submission for result in results if result.ungraded]
    for name in odd:
        print(f"{name}: somebody has to look at it; the fault is the grader's", file=sys.stderr)
    return 1 if odd else 0


def _say(text: str) -> None:
    print(text, flush=True)
