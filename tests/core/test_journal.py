"""The reader's journal: append-only, whole, and clear where it cannot be written."""

import multiprocessing
import sqlite3
from pathlib import Path

import pytest

from chisel.core.journal import CHECK, PREDICTION, Journal, JournalError, data_folder, open_journal, record


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "data" / "journal.sqlite3")


def test_no_file_is_made_by_reading(journal: Journal):
    assert journal.events() == []
    assert not journal.path.exists()


def test_events_come_back_in_their_order_with_their_time(journal: Journal):
    journal.add(PREDICTION, "a-question", {"credence": 0.7})
    journal.add(CHECK, "chapter/exercise", {"status": "passed"})
    first, second = journal.events()
    assert (first.kind, first.subject, first.value) == (PREDICTION, "a-question", {"credence": 0.7})
    assert (second.number, second.kind) == (2, CHECK)
    assert first.at <= second.at and first.at.endswith("+00:00")
    assert journal.events(CHECK) == [second]


@pytest.mark.parametrize("statement", ["UPDATE events SET value = '{}'", "DELETE FROM events"])
def test_an_event_cannot_be_changed_or_removed(journal: Journal, statement: str):
    journal.add(PREDICTION, "a-question", {"credence": 0.7})
    connection = sqlite3.connect(journal.path)
    with pytest.raises(sqlite3.IntegrityError, match="an event is never"):
        connection.execute(statement)
    connection.close()
    assert len(journal.events()) == 1


def _write(path: Path, writer: int, count: int) -> None:
    for number in range(count):
        Journal(path).add(PREDICTION, f"writer-{writer}", {"credence": number / count})


def test_two_notebooks_that_write_at_once_lose_nothing(journal: Journal):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(journal.path, writer, 40)) for writer in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
        assert writer.exitcode == 0
    events = journal.events()
    assert len(events) == 120
    for writer in range(3):
        own = [event.value["credence"] for event in events if event.subject == f"writer-{writer}"]
        assert own == [number / 40 for number in range(40)]


def test_a_damaged_file_is_named_and_left_alone(journal: Journal):
    journal.path.parent.mkdir()
    journal.path.write_bytes(b"this is no database, and longer than its header" * 100)
    before = journal.path.read_bytes()
    for action in (journal.events, lambda: journal.add(CHECK, "a/b", {})):
        with pytest.raises(JournalError, match=r"is damaged.*move it away"):
            action()
    assert journal.path.read_bytes() == before


def test_a_file_cut_off_in_the_middle_is_damaged_and_left_alone(journal: Journal):
    for number in range(200):
        journal.add(PREDICTION, f"question-{number}", {"credence": 0.5})
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(JournalError, match="is damaged"):
        journal.events()
    assert journal.path.read_bytes() == whole[: len(whole) // 2]


def test_a_file_of_another_version_is_left_alone(journal: Journal):
    journal.add(CHECK, "a/b", {})
    connection = sqlite3.connect(journal.path)
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    for action in (journal.events, lambda: journal.add(CHECK, "a/b", {})):
        with pytest.raises(JournalError, match="another version"):
            action()


def test_a_full_disk_loses_no_earlier_event(journal: Journal):
    journal.add(CHECK, "a/b", {"status": "failed"})
    # SQLite meets a full disk wherever the file may not grow: a limit on its pages raises the same error.
    limited = _limited(journal)
    with pytest.raises(JournalError, match="the disk is full"):
        for _ in range(1000):
            limited.add(CHECK, "a/b", {"filler": "x" * 4000})
    events = journal.events()
    assert events[0].value == {"status": "failed"}
    assert [event.number for event in events] == list(range(1, len(events) + 1))


def _limited(journal: Journal) -> Journal:
    class Limited(Journal):
        def _opened(self, write: bool):
            from contextlib import contextmanager

            @contextmanager
            def opened():
                with Journal._opened(self, write) as connection:
                    connection.execute("PRAGMA max_page_count = 20")
                    yield connection

            return opened()

    return Limited(journal.path)


def test_a_home_that_is_a_file(tmp_path: Path):
    (tmp_path / "home").write_text("")
    with pytest.raises(JournalError, match="CHISEL_DATA=DIR"):
        Journal(tmp_path / "home" / "journal.sqlite3").add(CHECK, "a/b", {})


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.delenv("CHISEL_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_folder() == tmp_path / "chisel"
    monkeypatch.setenv("CHISEL_DATA", str(tmp_path / "mine"))
    assert open_journal().path == tmp_path / "mine" / "journal.sqlite3"


def test_a_notebook_goes_on_when_nothing_can_be_recorded(monkeypatch, tmp_path: Path, capsys):
    (tmp_path / "home").write_text("")
    monkeypatch.setenv("CHISEL_DATA", str(tmp_path / "home"))
    assert record(CHECK, "a/b", {}) is None
    said = capsys.readouterr().err
    assert said.startswith("not recorded: ") and said.count("\n") == 1


def test_off_means_off(monkeypatch, tmp_path: Path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHISEL_DATA", "off")
    assert record(CHECK, "a/b", {}) is None
    assert list(tmp_path.iterdir()) == [] and capsys.readouterr().err == ""
