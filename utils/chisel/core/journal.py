"""What a reader did, kept on the reader's own machine: an append-only log of events in one SQLite file.

Events are only ever added; triggers in the file refuse to change or remove one. All that is shown (progress, scores,
calibration) is computed from the log. Nothing is sent anywhere.
"""

import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PREDICTION, SEALED, CHECK = "prediction", "sealed", "check"  # the kinds of events
OFF = "off"
NAME = "journal.sqlite3"
VERSION = 1
WAIT_SECONDS = 30.0  # for another notebook to finish writing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    value TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER IF NOT EXISTS events_remain BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'an event is never removed'); END;
"""


ELSEWHERE = "name another folder with CHISEL_DATA=DIR"


class JournalError(RuntimeError):
    """The journal cannot be read or written. The message is one line that says what is wrong and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback, which would say nothing to a reader."""
        return [str(self)]


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        number: its place in the log, from 1.
        at: when, in UTC, as ISO 8601.
        kind: PREDICTION (a credence), SEALED (an answer was shown) or CHECK (an exercise was checked).
        subject: the id of the question, or "chapter/exercise".
        value: what else there is to say.
    """

    number: int
    at: str
    kind: str
    subject: str
    value: Mapping[str, Any]


def data_folder() -> Path:
    """Return the folder of the reader's data: $CHISEL_DATA, else $XDG_DATA_HOME/chisel, else ~/.local/share/chisel.

    Raises:
        JournalError: there is no home folder.
    """
    if named := os.environ.get("CHISEL_DATA"):
        return Path(named)
    if base := os.environ.get("XDG_DATA_HOME"):
        return Path(base) / "chisel"
    try:
        return Path.home() / ".local" / "share" / "chisel"
    except RuntimeError as error:
        raise JournalError(f"there is no home folder: {ELSEWHERE}") from error


def switched_off() -> bool:
    """Say whether nothing is to be recorded: $CHISEL_DATA is "off", or a grader is at work and not a reader."""
    return os.environ.get("CHISEL_DATA") == OFF or os.environ.get("CHISEL_GRADED") == "1" or _in_otter()


def _in_otter() -> bool:
    """Say whether Otter runs this notebook to grade it. It sets no variable, but its own mark in the kernel."""
    return getattr(getattr(sys.modules.get("otter"), "Notebook", None), "_grading_mode", False) is True


@dataclass(frozen=True)
class Journal:
    """The log in one file, which is made when the first event is added."""

    path: Path

    def add(self, kind: str, subject: str, value: Mapping[str, Any]) -> Event:
        """Add an event, once it is safely on the disk, and return it.

        Raises:
            JournalError: the file is damaged or of another version, the disk is full, or the folder takes no files.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        text = json.dumps(dict(value), sort_keys=True, allow_nan=False)
        with self._opened(write=True) as connection:
            cursor = connection.execute(
                "INSERT INTO events (at, kind, subject, value) VALUES (?, ?, ?, ?)", (at, kind, subject, text)
            )
            number = cursor.lastrowid
        assert number is not None  # an INSERT that did not raise has one
        return Event(number, at, kind, subject, value)

    def events(self, *kinds: str) -> list[Event]:
        """Return the events of these kinds (all without any) in their order; none where there is no journal yet.

        Raises:
            JournalError: the file cannot be read, is damaged or of another version.
        """
        try:
            self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise JournalError(f"cannot read {self.path} ({error.strerror}): {ELSEWHERE}") from error
        with self._opened(write=False) as connection:
            rows = []
            if _version_of(connection):  # else nothing was ever written: the disk was full, say, at the first try
                rows = connection.execute("SELECT number, at, kind, subject, value FROM events ORDER BY number")
            every = [self._event(*row) for row in rows]
        return [event for event in every if not kinds or event.kind in kinds]

    def _event(self, number: int, at: str, kind: str, subject: str, text: str) -> Event:
        try:
            value = json.loads(text)
            whole = isinstance(value, dict) and (kind != PREDICTION or 0 <= value["credence"] <= 1)
        except (ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            raise JournalError(f"{self.path} is damaged (event {number} cannot be read): {_ANEW}; {_UNTOUCHED}")
        return Event(number, at, kind, subject, value)

    @contextmanager
    def _opened(self, write: bool) -> Iterator[sqlite3.Connection]:
        """Open the file, in one transaction when it is written."""
        try:
            if write:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            # A reader makes no file, yet may have to undo half an event that a crash has left: so not `mode=ro`.
            address = f"{self.path.absolute().as_uri()}?mode={'rwc' if write else 'rw'}"
            with closing(sqlite3.connect(address, timeout=WAIT_SECONDS, uri=True, isolation_level=None)) as file:
                if write:
                    file.execute("PRAGMA synchronous = FULL")
                    file.execute("BEGIN IMMEDIATE")  # waits for another writer, and holds off the next
                version = _version_of(file)
                if version not in (0, VERSION):
                    raise JournalError(
                        f"{self.path} was written by another version (form {version}, this one knows {VERSION}): "
                        f"update the project, or {ELSEWHERE}; {_UNTOUCHED}"
                    )
                if write and version == 0:
                    for statement in _statements(_SCHEMA):
                        file.execute(statement)
                    file.execute(f"PRAGMA user_version = {VERSION}")
                yield file
                if write:
                    file.execute("COMMIT")
        except sqlite3.Error as error:
            raise JournalError(f"{_what_is_wrong(error, self.path)}; {_UNTOUCHED}") from error
        except OSError as error:
            raise JournalError(f"cannot write {self.path} ({error.strerror}): {ELSEWHERE}") from error


_ANEW = f"move it away to begin a new one, or {ELSEWHERE}"
_UNTOUCHED = "what was recorded before is untouched"


def open_journal() -> Journal:
    """Return the reader's journal. No file is touched yet."""
    return Journal(data_folder() / NAME)


def record(kind: str, subject: str, value: Mapping[str, Any]) -> Event | None:
    """Add an event to the reader's journal, and say so on standard error, in one line, where that cannot be done.

    A notebook must go on when a disk is full. Returns None where nothing was recorded.
    """
    if switched_off():
        return None
    try:
        return open_journal().add(kind, subject, value)
    except JournalError as error:
        print(f"not recorded: {error}", file=sys.stderr)
        return None


def _version_of(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _statements(script: str) -> list[str]:
    """Split the schema: `executescript` would end the transaction that keeps two writers apart."""
    found, draft = [], ""
    for line in script.strip().splitlines():
        draft += line + "\n"
        if sqlite3.complete_statement(draft):
            found.append(draft)
            draft = ""
    return found


def _what_is_wrong(error: sqlite3.Error, path: Path) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return f"the disk is full, so {path} takes no more: free some space"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path} was busy for {WAIT_SECONDS:.0f} seconds: another program holds it; try again"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR")):  # the last: a table is not there
        return f"{path} is damaged ({error}): {_ANEW}"
    return f"cannot use {path} ({error}): free some space if the disk is full, or {ELSEWHERE}"
