"""Training that is interrupted at the worst moments goes on as if nothing had happened, or says why it cannot."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch

from chisel.core.checkpoints import Checkpoint, CheckpointError, code_fingerprint, fingerprint, train_until
from chisel.core.files import StorageError


class Counting:
    """A training whose state is a number that doubles; `trouble` is called in the middle of each update."""

    def __init__(self, trouble=lambda done: None, start: float = 1.0) -> None:
        self.done, self.number, self.start, self.trouble = 0, torch.tensor(start), start, trouble

    def update(self) -> None:
        self.number += self.number
        self.trouble(self.done)
        self.done += 1

    def state(self) -> dict[str, Any]:
        return {"done": self.done, "number": self.number.clone()}

    def restore(self, state: dict[str, Any]) -> None:
        self.done, self.number = state["done"], state["number"].clone()

    def identity(self) -> dict[str, Any]:
        return {"start": self.start, "shapes": (1, 2)}


def interrupt_at(update: int):
    def trouble(done: int) -> None:
        if done == update:
            raise KeyboardInterrupt

    return trouble


def run(training: Counting, until: int, path: Path | None, every: int = 4) -> Counting:
    train_until(training, until, "counting", path, every)
    return training


@pytest.mark.parametrize("at", [0, 3, 4, 5, 9])
def test_another_process_goes_on_where_an_interrupted_one_was(tmp_path, at):
    path = tmp_path / "sub" / "run.ckpt"
    with pytest.raises(KeyboardInterrupt):
        run(Counting(interrupt_at(at)), 10, path)
    saved = Checkpoint(path, Counting().identity()).load()
    assert saved is not None and saved["done"] == at and saved["number"] == 2.0**at
    assert run(Counting(), 10, path).number == 2.0**10
    assert list(path.parent.iterdir()) == [], "the checkpoint is removed at the end, and leaves nothing"


@pytest.mark.parametrize("path", [None, "run.ckpt"])
def test_the_same_call_goes_on_where_it_was_interrupted(tmp_path, path):
    training = Counting(interrupt_at(7))
    file = tmp_path / path if path else None
    with pytest.raises(KeyboardInterrupt):
        run(training, 10, file)
    assert (training.done, float(training.number)) == (7, 2.0**7), "half an update is no update"
    training.trouble = lambda done: None
    assert run(training, 10, file).number == 2.0**10


def test_whoever_dies_without_a_word_leaves_the_last_regular_checkpoint(tmp_path):
    def die(done: int) -> None:
        if done == 10:
            raise MemoryError

    path = tmp_path / "run.ckpt"
    with pytest.raises(MemoryError):
        run(Counting(die), 20, path)
    training = Counting()
    updates = []
    training.trouble = updates.append
    assert run(training, 20, path).number == 2.0**20
    assert updates == list(range(8, 20))


def test_an_interrupt_while_saving_leaves_a_whole_checkpoint(tmp_path, monkeypatch):
    path, replace, calls = tmp_path / "run.ckpt", os.replace, []

    def interrupted(draft, target):
        calls.append(target)
        if target == path and len(calls) > 3:  # the first is the probe; then updates 4 and 8
            raise KeyboardInterrupt
        replace(draft, target)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(Counting(), 20, path)
    monkeypatch.undo()
    saved = Checkpoint(path, Counting().identity()).load()
    assert saved is not None and saved["done"] == 8
    assert [file.name for file in tmp_path.iterdir()] == ["run.ckpt"]


def saved_at(path: Path, at: int = 6) -> bytes:
    with pytest.raises(KeyboardInterrupt):
        run(Counting(interrupt_at(at)), 10, path)
    return path.read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:100],
        lambda content: content[:-1],
        lambda content: content + b"\0",
        lambda content: content[:400] + bytes([content[400] ^ 1]) + content[401:],
        lambda content: content.replace(b"checkpoint 1", b"checkpoint 2"),
        lambda content: content[content.index(b"\n") + 1 :],  # what torch itself would have saved
        lambda content: b"notes of mine\n",
    ],
    ids=["empty", "cut", "one short", "one more", "one bit", "newer", "plain torch", "notes"],
)
def test_a_damaged_file_is_one_sentence_and_left_alone(tmp_path, damage):
    path = tmp_path / "run.ckpt"
    content = damage(saved_at(path))
    path.write_bytes(content)
    training = Counting()
    with pytest.raises(CheckpointError, match=r"run\.ckpt is damaged or .*: delete it to start anew, or name another"):
        run(training, 10, path)
    assert path.read_bytes() == content and training.done == 0


def test_another_trainings_checkpoint_is_refused_with_what_differs(tmp_path):
    path = tmp_path / "run.ckpt"
    content = saved_at(path)
    with pytest.raises(CheckpointError, match=r"another training \(start is 1\.0 there and 3\.0 here\): delete it"):
        run(Counting(start=3.0), 10, path)
    assert path.read_bytes() == content


def test_many_differences_are_counted(tmp_path):
    path = tmp_path / "x"
    Checkpoint(path, dict.fromkeys("abcde", 1)).save({"done": 0})
    with pytest.raises(CheckpointError, match=r"\(a is 1 there and 2 here; b is .*; c is .* here; 2 more\)"):
        Checkpoint(path, dict.fromkeys("abcde", 2)).load()
    with pytest.raises(CheckpointError, match=r"\(f is None there and 1 here\)"):
        Checkpoint(path, dict.fromkeys("abcdef", 1)).load()


def test_a_checkpoint_beyond_the_goal_is_refused(tmp_path):
    path = tmp_path / "run.ckpt"
    saved_at(path)
    with pytest.raises(CheckpointError, match="after 6 updates, which does not lie between 0 and 5"):
        run(Counting(), 5, path)


def test_a_file_where_none_can_be_is_told_before_the_first_update(tmp_path):
    (tmp_path / "file").write_text("in the way")
    training = Counting()
    with pytest.raises(StorageError, match=r"cannot write .*: free some space, or name another file"):
        run(training, 10, tmp_path / "file" / "run.ckpt")
    assert training.done == 0
    with pytest.raises(CheckpointError, match="cannot read the checkpoint"):
        run(training, 10, tmp_path)  # a folder


def test_until_counts_from_the_first_update():
    training = run(Counting(), 3, None)
    assert run(training, 5, None).done == 5
    for until in (5, 4):
        with pytest.raises(ValueError, match="5 updates are done already"):
            run(training, until, None)
    assert run(Counting(), 0, None).done == 0
    with pytest.raises(ValueError, match="every 1 or more updates, not every 0"):
        run(Counting(), 3, None, every=0)


def test_fingerprints_tell_values_and_not_layouts():
    values = torch.arange(6.0).view(2, 3)
    assert fingerprint([values]) == fingerprint([values.t().contiguous().t()])
    assert fingerprint([values]) != fingerprint([values + 1e-6])
    assert fingerprint([values, values]) != fingerprint([values])


def test_code_is_told_by_what_it_does():
    def defined(text: str):
        space: dict[str, Any] = {}
        exec(compile(text, f"cell {hash(text)}", "exec"), space)
        return code_fingerprint(space["f"])

    first = defined("def f(x):\n    return [x * y for y in (1, 2)]")
    assert first == defined("# elsewhere\n\ndef f(x):\n    # a remark\n    return [x * y for y in (1, 2)]")
    others = ["[x * y for y in (1, 3)]", "[x + y for y in (1, 2)]", "[x * y for y in (x, 2)]", "max(x)", "min(x)"]
    names = {defined(f"def f(x):\n    return {text}") for text in others}
    assert len(names | {first}) == 6
    assert code_fingerprint(torch.sum) != first  # not written in python
