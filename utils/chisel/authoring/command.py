"""`chisel notebooks`: write the notebooks from their percent sources, or check that they agree."""

import argparse
import sys
from pathlib import Path

import chisel
from chisel.authoring.errors import AuthoringError
from chisel.core.files import StorageError


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register `chisel notebooks`."""
    parser = subparsers.add_parser(
        "notebooks",
        help="write solution and exercise notebooks from solutions/NN_topic.py",
        description="Write solution notebooks (executed) and exercise notebooks from the percent sources. "
        "Notebooks that are up to date are left alone; one that was edited by hand is not overwritten.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="a source such as 02_update_strength; default: all")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="write nothing; say where notebooks and sources disagree")
    mode.add_argument("--if-missing", action="store_true", help="write only exercise notebooks that do not exist")
    mode.add_argument("--force", action="store_true", help="write and execute everything, and drop edits made by hand")
    mode.add_argument("--otter", type=Path, metavar="FOLDER", help="write master notebooks for Otter Assign instead")
    parser.add_argument("--timeout", type=int, default=600, metavar="S", help="seconds a cell may take (default 600)")
    parser.add_argument("--root", type=Path, help="the checkout; default: the one that this package runs from")
    parser.set_defaults(run=run, expected=(AuthoringError, StorageError))


def run(args: argparse.Namespace) -> int:
    """Do what the arguments ask; return 0, or 1 where `--check` finds a difference."""
    try:
        return _run(args)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("chisel"):
            raise
        # A learner's environment can write exercise notebooks, and holds no more.
        raise AuthoringError(f"{error.name} is not installed: run `make notebooks`, which installs it") from error


def _run(args: argparse.Namespace) -> int:
    from chisel.authoring.pipeline import drift, open_project, update, write_missing_exercises

    project = open_project(args.root or Path(chisel.__file__).resolve().parents[2])
    if args.check:
        lines = drift(project, args.names)
        for line in lines:
            print(line, file=sys.stderr)
        if not lines:
            print("notebooks and sources agree")
        return 1 if lines else 0
    if args.if_missing:
        for path in write_missing_exercises(project, args.names):
            print(f"{path.parent.name}/{path.name}: written")
        return 0
    if args.otter:
        from chisel.authoring.otter import write_masters

        for path in write_masters(project, args.names, args.otter):
            print(f"{path}: written")
        return 0
    for line in update(project, args.names, force=args.force, timeout=args.timeout):
        print(line, flush=True)
    return 0
