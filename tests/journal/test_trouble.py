"""What goes wrong around a journal: two writers, full disks, folders that take no files, damaged files, crashes."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from chisel.cli import main
from chisel.core.journal import CHECK, PREDICTION, Journal, JournalError, open_journal
from chisel.journal.predictions import predict, questions_of

ROOT = Path(__file__).resolve().parents[2]
CLAIM = "reward-never-met"
FIRST, SECOND = (question.id for question in questions_of(CLAIM)[:2])
# What a notebook does, whatever happens: it asks, predicts, checks, reveals, shows the progress, and comes to its end.
SESSION = f"""
from chisel.checking.keeping import keep_outcome
from chisel.journal.asking import ask
from chisel.journal.predictions import predict, reveal
from chisel.journal.progress import show_progress
from chisel.update_strength import checks
print(ask({CLAIM!r}))
predict({FIRST!r}, 0.7)
checks.reward_to_go(lambda rewards, gamma, mask: rewards * 0)
reveal({CLAIM!r})
show_progress()
print("the end")
"""


@pytest.fixture(autouse=True)
def own_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHISEL_DATA", str(tmp_path / "data"))


def python(code: str, before: tuple[str, ...] = (), **changed: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "utils")} | changed
    command = [*before, sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def goes_on(found: subprocess.CompletedProcess[str], says: str) -> None:
    """Assert that the session came to its end, and that each thing that was not recorded was said in one line."""
    assert found.returncode == 0 and found.stdout.endswith("the end\n"), found.stdout + found.stderr
    lines = found.stderr.splitlines()
    assert lines and all(line.startswith("not recorded: ") and says in line for line in lines), found.stderr
    assert len(lines) == 3  # the prediction, the check, the seal
    assert "reward_to_go" in found.stdout and "P(button first)" in found.stdout


WRITER = """
import sys
from chisel.checking.keeping import keep_outcome
from chisel.core.journal import CHECK, record
from chisel.journal.predictions import predict
print("ready", flush=True)
sys.stdin.readline()
for number in range(50):
    predict({question!r}, number / 50)
    assert record(CHECK, "update_strength/{name}", {{"status": "failed", "number": number}})
"""


@pytest.mark.slow
def test_two_notebooks_that_predict_and_check_at_once_lose_nothing():
    names = {"reward_to_go": FIRST, "score_matrix": SECOND}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER.format(name=name, question=question)],
            env=os.environ | {"PYTHONPATH": str(ROOT / "utils")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name, question in names.items()
    ]
    for writer in writers:
        assert writer.stdout is not None and writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate(timeout=300)
        assert writer.returncode == 0 and errors == ""
    events = open_journal().events()
    assert [event.number for event in events] == list(range(1, 201))
    for name, question in names.items():
        said = [event.value["credence"] for event in events if event.subject == question]
        assert said == [number / 50 for number in range(50)]
        tried = [event.value["number"] for event in events if event.subject == f"update_strength/{name}"]
        assert tried == list(range(50))
    places = {event.subject: event.number for event in events}
    assert places[FIRST] > 100 and places[SECOND] > 100, "the two did not write at once"


def test_a_writer_that_is_killed_in_the_middle_leaves_what_was_whole():
    predict(FIRST, 0.25)
    killed = python(
        """if True:
        import os, signal, sqlite3
        from chisel.core.journal import open_journal
        file = sqlite3.connect(open_journal().path, isolation_level=None)
        file.execute("PRAGMA cache_size = 1")  # so that what is not whole yet goes into the file
        file.execute("BEGIN IMMEDIATE")
        for _ in range(2000):
            file.execute("INSERT INTO events (at, kind, subject, value) VALUES ('t', 'check', 'a/b', ?)", ("y" * 500,))
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    path = open_journal().path
    assert killed.returncode < 0 and path.with_name(path.name + "-journal").stat().st_size > 0
    assert [event.value for event in open_journal().events()] == [{"credence": 0.25}]
    predict(FIRST, 0.75)
    assert [event.number for event in open_journal().events()] == [1, 2]


def test_a_file_that_may_not_grow_keeps_what_it_has():
    predict(FIRST, 0.25)
    code = """if True:
        import resource, signal
        from chisel.core.journal import CHECK, record
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
        kept = sum(record(CHECK, "a/b", {"filler": "x" * 2000}) is not None for _ in range(30))
        print(kept)
        """
    found = python(code)
    assert found.returncode == 0
    kept = int(found.stdout)
    assert 0 < kept < 30 and found.stderr.count("not recorded: ") == found.stderr.count("\n") == 30 - kept
    assert "free some space" in found.stderr
    assert len(open_journal().events(CHECK)) == kept and len(open_journal().events(PREDICTION)) == 1


def in_a_small_tmpfs(folder: Path, size: str = "64k") -> tuple[str, ...]:
    """Return what to put before a command so that `folder` is a full disk to it, where this machine lets us."""
    mount = f"mount -t tmpfs -o size={size} tmpfs {folder}"
    before = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
    if not shutil.which("unshare") or subprocess.run([*before, mount], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    return (*before, f'{mount} && exec "$@"', "sh")


def test_a_full_disk_stops_no_notebook(tmp_path: Path):
    folder = tmp_path / "disk"
    folder.mkdir()
    fill = f"open({str(folder / 'filler')!r}, 'wb', 0).write(bytes(65536))"
    found = python(fill + "\n" + SESSION, in_a_small_tmpfs(folder), CHISEL_DATA=str(folder))
    goes_on(found, "free some space")


def test_a_disk_that_runs_full_keeps_what_it_has(tmp_path: Path):
    folder = tmp_path / "disk"
    folder.mkdir()
    code = """if True:
        from chisel.core.journal import CHECK, open_journal, record
        kept = sum(record(CHECK, "a/b", {"filler": "x" * 2000}) is not None for _ in range(60))
        print(kept, len(open_journal().events()))
        """
    found = python(code, in_a_small_tmpfs(folder), CHISEL_DATA=str(folder))
    kept, read = map(int, found.stdout.split())
    assert 0 < kept == read < 60
    assert "the disk is full" in found.stderr and found.stderr.count("not recorded: ") == 60 - kept


def as_nobody() -> tuple[str, ...]:
    """Return what to put before a command so that file permissions bind it: root may write everywhere."""
    if os.geteuid():
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("root may write everywhere: run the tests as another user")
    return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.fixture
def readable(tmp_path: Path) -> Path:
    """A folder in a place that another user can reach."""
    if python("pass", as_nobody()).returncode:
        pytest.skip("another user cannot run this Python")
    for parent in (tmp_path, *tmp_path.parents[:3]):
        if parent.stat().st_uid == os.geteuid() and parent != Path(parent.anchor):
            parent.chmod(parent.stat().st_mode | 0o111)
    return tmp_path


def test_a_home_that_takes_no_files_stops_no_notebook(readable: Path):
    home = readable / "home"
    home.mkdir(mode=0o555)
    environment = {"HOME": str(home), "CHISEL_DATA": "", "XDG_DATA_HOME": ""}
    goes_on(python(SESSION, as_nobody(), **environment), "CHISEL_DATA=DIR")


def test_a_journal_that_may_only_be_read_is_still_shown(readable: Path):
    predict(FIRST, 0.25)
    path = open_journal().path
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        found = python(SESSION, as_nobody())
    finally:
        path.parent.chmod(0o755)
        path.chmod(0o644)
    goes_on(found, "CHISEL_DATA=DIR")
    assert "recorded: 0.25" in found.stdout and len(open_journal().events()) == 1


def test_a_folder_that_may_not_be_looked_into(readable: Path):
    folder = readable / "locked"
    folder.mkdir(mode=0o700)
    (folder / "data").mkdir()
    if not as_nobody():
        folder.chmod(0)
    try:
        found = python(SESSION, as_nobody(), CHISEL_DATA=str(folder / "data"))
    finally:
        folder.chmod(0o700)
    goes_on(found, "CHISEL_DATA=DIR")


def test_no_home_at_all(monkeypatch: pytest.MonkeyPatch, capsys):
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("CHISEL_DATA", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    predict(FIRST, 0.5)
    assert (
        capsys.readouterr().err == "not recorded: there is no home folder: name another folder with CHISEL_DATA=DIR\n"
    )
    assert main(["status"]) == 2


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database, and longer than its header" * 100)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scribbled_over(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)


def another_table(path: Path) -> None:
    path.unlink()
    file = sqlite3.connect(path)
    file.executescript("CREATE TABLE other (x); PRAGMA user_version = 1;")
    file.close()


def no_json_in_it(path: Path) -> None:
    add(path, PREDICTION, "{credence")


def no_credence_in_it(path: Path) -> None:
    add(path, PREDICTION, '{"confidence": 0.5}')


def a_wild_credence_in_it(path: Path) -> None:
    add(path, PREDICTION, '{"credence": "high"}')


def add(path: Path, kind: str, value: str) -> None:
    file = sqlite3.connect(path)
    file.execute("INSERT INTO events (at, kind, subject, value) VALUES ('t', ?, ?, ?)", (kind, FIRST, value))
    file.commit()
    file.close()


DAMAGES = [garbage, cut_off, scribbled_over, another_table, no_json_in_it, no_credence_in_it, a_wild_credence_in_it]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_journal_is_said_and_stops_nothing(damage, capsys):
    for _ in range(100):
        open_journal().add(CHECK, "update_strength/reward_to_go", {"status": "failed", "diagnosis": "x" * 40})
    path = open_journal().path
    damage(path)
    with pytest.raises(JournalError, match=r"is damaged.*move it away"):
        open_journal().events()
    before = path.read_bytes()
    for command in (["status"], ["calibration"], ["group", "export", "--name", "Ada", "--output", "ada.json"]):
        assert main(command) == 2
        said = capsys.readouterr().err
        assert "is damaged" in said and said.count("\n") == 1
    predict(FIRST, 0.5)
    assert capsys.readouterr().err.startswith("not recorded: ")
    assert path.read_bytes() == before  # there for whoever wants to mend it


def test_an_empty_file_is_a_journal_in_which_nothing_stands_yet():
    path = open_journal().path
    path.parent.mkdir()
    path.touch()  # what a disk leaves that was full at the first event
    assert open_journal().events() == []
    predict(FIRST, 0.5)
    assert len(open_journal().events()) == 1


def test_a_newer_journal_stops_no_notebook():
    predict(FIRST, 0.5)
    file = sqlite3.connect(open_journal().path)
    file.execute("PRAGMA user_version = 2")
    file.close()
    before = open_journal().path.read_bytes()
    goes_on(python(SESSION), "another version")
    assert open_journal().path.read_bytes() == before


def test_a_journal_that_another_program_holds_is_said_to_be_busy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chisel.core.journal.WAIT_SECONDS", 0.05)
    journal = Journal(open_journal().path)
    journal.add(CHECK, "a/b", {})
    holder = sqlite3.connect(journal.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    for action in (journal.events, lambda: journal.add(CHECK, "a/b", {})):
        with pytest.raises(JournalError, match="another program holds it"):
            action()
    holder.close()
    assert len(journal.events()) == 1
