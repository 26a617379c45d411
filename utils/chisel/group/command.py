"""`chisel group`: write one member's predictions and progress, and read a group's together."""

import argparse
import re
from pathlib import Path
from typing import Any

from chisel.core.files import StorageError, write_whole
from chisel.core.journal import JournalError, open_journal
from chisel.group.files import GroupError
from chisel.journal.predictions import PredictionError

_REMEDY = "free some space, or name another file with --html FILE"


def add_parser(subparsers: Any) -> None:
    """Add the subcommand `group`."""
    parser = subparsers.add_parser(
        "group",
        help="share predictions in a reading group",
        description="Files that members write and hand round. Nothing is sent anywhere.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    export = actions.add_parser("export", help="write your predictions and progress to a file")
    export.add_argument(
        "--name", required=True, help="what the group shall call you; nothing else about you is written"
    )
    export.add_argument("--output", type=Path, metavar="FILE", help="default: NAME.json, here")
    export.set_defaults(run=run_export, expected=(GroupError, JournalError, StorageError))
    merge = actions.add_parser("merge", help="show the spread of a group's predictions")
    merge.add_argument("files", nargs="+", type=Path, metavar="FILE", help="what `chisel group export` wrote")
    merge.add_argument("--html", type=Path, metavar="FILE", help="write a page with plots as well, which opens offline")
    merge.add_argument(
        "--hide-answers", action="store_true", help="leave the answers out, for before the results are shown"
    )
    merge.add_argument("--chapter", metavar="NAME", help="this chapter's questions alone, such as reversal_curse")
    merge.set_defaults(run=run_merge, expected=(GroupError, PredictionError, StorageError))


def run_export(args: argparse.Namespace) -> int:
    """Write a member's file."""
    from chisel.group.files import member_of, write_member

    member = member_of(args.name, open_journal())
    path = args.output or Path((re.sub(r"[^\w-]+", "-", member.name).strip("-") or "member") + ".json")
    write_member(member, path)
    done = sum(done for done, _ in member.done.values())
    print(f"wrote {path}, as {member.name}: predictions {len(member.predictions)}, exercises done {done}")
    return 0


def run_merge(args: argparse.Namespace) -> int:
    """Print a group's spread, and write its page."""
    from chisel.group.files import read_members
    from chisel.group.page import as_page, as_text
    from chisel.group.spread import spreads

    members = read_members(args.files)
    found = spreads(members, args.chapter)
    answers = not args.hide_answers
    if args.html:
        write_whole(args.html, as_page(members, found, answers), _REMEDY)
    print(as_text(members, found, answers))
    if args.html:
        print(f"\nwrote {args.html}")
    return 0
