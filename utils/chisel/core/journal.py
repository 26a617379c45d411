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


class JournalError(RuntimeError):
    """The journal cannot be read or written. The message is one line that says what is wrong and what to do."""


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
    """Return the folder of the reader's data: $CHISEL_DATA, else $XDG_DATA_HOME/chisel, else ~/.local/share/chisel."""
    if named := os.environ.get("CHISEL_DATA"):
        return Path(named)
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "chisel"


def switched_off() -> bool:
    """Say whether nothing is to be recorded: $CHISEL_DATA is "off"."""
    return os.environ.get("CHISEL_DATA") == OFF


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
        if not self.path.exists():
            return []
        with self._opened(write=False) as connection:
            rows = connection.execute("SELECT number, at, kind, subject, value FROM events ORDER BY number").fetchall()
        every = [Event(number, at, kind, subject, json.loads(value)) for number, at, kind, subject, value in rows]
        return [event for event in every if not kinds or event.kind in kinds]

    @contextmanager
    def _opened(self, write: bool) -> Iterator[sqlite3.Connection]:
        """Open the file, in one transaction when it is written."""
        try:
            if write:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            address = self.path if write else f"{self.path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, timeout=WAIT_SECONDS, uri=not write, isolation_level=None)) as file:
                if write:
                    file.execute("PRAGMA synchronous = FULL")
                    file.execute("BEGIN IMMEDIATE")  # waits for another writer, and holds off the next
                version = file.execute("PRAGMA user_version").fetchone()[0]
                if version not in (0, VERSION):
                    raise JournalError(
                        f"{self.path} was written by another version (form {version}, this one knows {VERSION}): "
                        "update the project; nothing was changed"
                    )
                if write and version == 0:
                    for statement in _statements(_SCHEMA):
                        file.execute(statement)
                    file.execute(f"PRAGMA user_version = {VERSION}")
                yield file
                if write:
                    file.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise JournalError(f"{_what_is_wrong(error, self.path)}; what was recorded before is untouched") from error
        except OSError as error:
            raise JournalError(
                f"cannot write {self.path} ({error.strerror}): name another folder with CHISEL_DATA=DIR"
            ) from error


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


def _statements(script: str) -> list[str]:
    """Split the schema: `executescript` would end the transaction that keeps two writers apart."""
    found, draft = [], ""
    for line in script.strip().splitlines():
        draft += line + "\n"
        if sqlite3.complete_statement(draft):
            found.append(draft)
            draft = ""
    return found


def _what_is_wrong(error: sqlite3.DatabaseError, path: Path) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return f"the disk is full, so {path} takes no more: free some space"
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR")):
        return f"cannot write {path} ({error}): name another folder with CHISEL_DATA=DIR"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return f"{path} was busy for {WAIT_SECONDS:.0f} seconds: another program holds it; try again"
    return f"{path} is damaged ({error}): move it away to begin a new one, or name another folder with CHISEL_DATA=DIR"
