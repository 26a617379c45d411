"""The `chisel` command. Each subcommand is a small module that registers itself; this file knows no more than its name.

A command module offers `add_parser(subparsers)`, which adds one parser and sets two defaults on it:

    parser.set_defaults(run=run, expected=(SomeError,))

`run(args) -> int` does the work and returns the exit status. `expected` lists the errors whose message is meant for the
person at the keyboard: they become lines on standard error and exit status 2, without a traceback. Anything else is
a fault of ours and keeps its traceback. Import torch and the like inside `run`, so that `chisel --help` is instant.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from chisel import __version__

# To add a subcommand, add its module here. The order is the order of `chisel --help`.
COMMANDS = (
    "chisel.authoring.command",
    "chisel.claims_cli",
    "chisel.journal.command",
    "chisel.group.command",
    "chisel.course.command",
    "chisel.lm_cli",
    "chisel.authoring.new_chapter",
    "chisel.bench",
)

BAD_INPUT = 2
INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended
UNREAD = 141  # and for one whose reader went away, as `| head` does


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; argparse itself would print the usage before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see `{self.prog} --help`)\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with every subcommand in it."""
    parser = _Parser(prog="chisel", description="Reward Is a Chisel: notebooks, claims and measurements.")
    parser.add_argument("--version", action="version", version=f"chisel {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        importlib.import_module(module).add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (by default the process's own) and return the exit status."""
    args = build_parser().parse_args(arguments)
    try:
        status = args.run(args)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Python flushes once more when it ends, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREAD
    except args.expected as error:
        for line in str(error).splitlines():
            print(f"chisel: {line}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("chisel: interrupted; what was finished is kept and nothing is half-written", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
