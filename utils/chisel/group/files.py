"""One member's predictions and progress as a file, and the files of a group read together."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chisel.core.catalogue import find_questions
from chisel.core.files import write_whole
from chisel.core.journal import CHECK, PREDICTION, SEALED, Journal
from chisel.journal.predictions import standing
from chisel.journal.progress import progress

FORM = "chisel-group"
VERSION = 1
LONGEST_NAME = 60
REMEDY = "free some space, or name another file with --output FILE"


_AGAIN = "ask its member to export it again; nothing was merged"


class GroupError(RuntimeError):
    """A file that cannot be used, or a name that cannot be taken. The message is one line."""


@dataclass(frozen=True)
class Member:
    """What one member says.

    Attributes:
        name: of the member's own choice.
        predictions: question id -> credence in "yes", whether the answer was shown since or not.
        done: chapter -> exercises done and exercises in all.
    """

    name: str
    predictions: Mapping[str, float]
    done: Mapping[str, tuple[int, int]]


def member_of(name: str, journal: Journal) -> Member:
    """Return what the journal says of its reader, under a name of the reader's choice.

    Raises:
        GroupError: the name is empty, too long or has characters that do not print.
        JournalError: the journal cannot be read.
    """
    name = name.strip()
    if not _can_be_shown(name):
        raise GroupError(f"a name has 1 to {LONGEST_NAME} characters that print: choose another with --name")
    events = journal.events(PREDICTION, SEALED, CHECK)
    asked = {question.id for question in find_questions()}  # what an older version asked, nobody could merge
    said = {p.question: p.credence for p in standing(events).values() if p.question in asked}
    chapters = progress([event for event in events if event.kind == CHECK])
    return Member(name, said, {c.package: (c.done, len(c.exercises)) for c in chapters})


def _can_be_shown(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME and name.isprintable() and not name.isspace()


def write_member(member: Member, path: Path) -> None:
    """Write a member's file, and nothing about the machine or the time.

    Raises:
        StorageError: the file cannot be written.
    """
    content = {"form": FORM, "version": VERSION, **asdict(member)}
    write_whole(path, json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n", REMEDY)


def read_members(paths: Sequence[Path]) -> list[Member]:
    """Read the files of a group; all of them, or none.

    Raises:
        GroupError: a file is not there or not a member's file, is of another version, names a question that this
            version does not ask, or two members have one name. The message names the file.
    """
    if not paths:
        raise GroupError("nothing to merge: name the files that `chisel group export` wrote")
    known = {question.id for question in find_questions()}
    members: dict[str, tuple[Path, Member]] = {}
    for path in paths:
        member = _read(path, known)
        if member.name in members:
            raise GroupError(
                f"{members[member.name][0]} and {path} are both of {member.name!r}: one has to choose another"
            )
        members[member.name] = (path, member)
    return [member for _, member in members.values()]


def _read(path: Path, known: set[str]) -> Member:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GroupError(f"cannot read {path} ({error.strerror})") from error
    except (ValueError, RecursionError) as error:  # not JSON, not UTF-8, or endlessly nested
        raise GroupError(f"{path} is damaged: {_AGAIN}") from error
    if not isinstance(content, dict) or content.get("form") != FORM:
        raise GroupError(f"{path} is no file of `chisel group export`")
    if content.get("version") != VERSION:
        raise GroupError(
            f"{path} was written by another version (form {content.get('version')}, this one reads {VERSION}): "
            "update whichever is older and export again; nothing was merged"
        )
    member = _member(content, path)
    if strange := sorted(set(member.predictions) - known):
        raise GroupError(
            f"{path} answers questions that this version does not ask ({', '.join(strange)}): "
            "update whichever is older and export again; nothing was merged"
        )
    return member


def _member(content: Mapping[str, Any], path: Path) -> Member:
    name, said, done = (content.get(key) for key in ("name", "predictions", "done"))
    if not isinstance(name, str) or not isinstance(said, dict) or not isinstance(done, dict):
        raise GroupError(f"{path} is damaged: {_AGAIN}")
    if not _can_be_shown(name):
        raise GroupError(f"{path} is of a member whose name cannot be shown: {_AGAIN}")
    for question, credence in said.items():
        if isinstance(credence, bool) or not isinstance(credence, int | float) or not 0 <= credence <= 1:
            raise GroupError(f"{path}: the credence for {question} is {credence!r}, not a number from 0 to 1")
    for chapter, counts in done.items():
        if not (isinstance(counts, list) and len(counts) == 2 and all(type(count) is int for count in counts)) or not (
            0 <= counts[0] <= counts[1]
        ):
            raise GroupError(f"{path}: the progress in {chapter} is {counts!r}, not two counts")
    return Member(name, {q: float(c) for q, c in said.items()}, {c: (n[0], n[1]) for c, n in done.items()})
