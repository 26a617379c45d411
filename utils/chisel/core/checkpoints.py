"""Training that can be interrupted and gone on with, in this process or, through a checkpoint file, in another.

The file is whole or not there, and is never taken for another training's.
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, Protocol

import torch
from torch import Tensor

from chisel.core.files import check_writable, write_whole_bytes
from chisel.core.progress import progress

REMEDY = "free some space, or name another file for the checkpoint"
WAY_OUT = "delete it to start anew, or name another file"
_MARK = b"chisel checkpoint 1 "


class CheckpointError(RuntimeError):
    """A checkpoint cannot be gone on from. The message names the file and the way out; the file is left as it is."""


@dataclass(frozen=True)
class Checkpoint:
    """Where a training keeps its state.

    Attributes:
        path: of the file.
        identity: what makes it this training and no other, by name: its settings, shapes, seeds.
    """

    path: Path
    identity: Mapping[str, Any]

    def prepare(self) -> None:
        """Find out now, and not when there is something to save, whether the file can be written.

        Raises:
            StorageError: it cannot.
        """
        check_writable(self.path.parent, REMEDY)

    def save(self, state: Mapping[str, Any]) -> None:
        """Put `state` in the place of what was saved before. Interrupted, it leaves what was saved before.

        Args:
            state: tensors, numbers, strings, and lists, tuples and dicts of those.

        Raises:
            StorageError: the file cannot be written.
        """
        content = io.BytesIO()
        torch.save({"identity": dict(self.identity), "state": dict(state)}, content)
        payload = content.getvalue()
        write_whole_bytes(self.path, _MARK + _digest([payload]) + b"\n" + payload, REMEDY)

    def load(self) -> dict[str, Any] | None:
        """Return the state that was saved last, with its tensors on the CPU, or None if there is no file.

        Raises:
            CheckpointError: the file is damaged, is no checkpoint, or belongs to another training.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CheckpointError(
                f"cannot read the checkpoint {self.path} ({error.strerror or error}): {REMEDY}"
            ) from error
        head, _, payload = content.partition(b"\n")
        if head != _MARK + _digest([payload]):
            raise CheckpointError(f"{self.path} is damaged or no checkpoint of this version: {WAY_OUT}")
        saved = torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)
        if differences := self._differences(saved["identity"]):
            raise CheckpointError(f"{self.path} belongs to another training ({differences}): {WAY_OUT}")
        return saved["state"]

    def remove(self) -> None:
        """Remove the file, if it is there."""
        self.path.unlink(missing_ok=True)

    def _differences(self, saved: Mapping[str, Any]) -> str:
        names = [name for name in {**self.identity, **saved} if self.identity.get(name) != saved.get(name)]
        shown = [f"{name} is {saved.get(name)} there and {self.identity.get(name)} here" for name in names[:3]]
        return "; ".join(shown + [f"{len(names) - 3} more"] * (len(names) > 3))


class Training(Protocol):
    """What `train_until` needs of a trainer."""

    done: int

    def update(self) -> None:
        """Make one update and count it in `done`."""
        ...

    def state(self) -> dict[str, Any]:
        """Return a copy of all that changes in training, "done" among it."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Go back, or on, to a `state`."""
        ...

    def identity(self) -> dict[str, Any]:
        """Return what tells this training from any other."""
        ...


def train_until(training: Training, until: int, description: str, checkpoint: Path | None, every: int) -> None:
    """Make updates until `until` are done in all, behind a progress bar; an update happens wholly or not at all.

    Args:
        checkpoint: the file that keeps the state, after each `every` updates and at Ctrl-C. If it is there, it is gone
            on from; at the end it is removed.

    Raises:
        ValueError: so many updates are done already, or `every` is below 1.
        CheckpointError: the file is damaged or belongs to another training. It is left alone.
        StorageError: the file cannot be written.
    """
    if until < training.done or until == training.done > 0:
        raise ValueError(
            f"{training.done} updates are done already: `until` counts from the first one, so {until} adds none"
        )
    if every < 1:
        raise ValueError(f"a checkpoint is saved every 1 or more updates, not every {every}")
    file = Checkpoint(checkpoint, training.identity()) if checkpoint else None
    if file:
        file.prepare()
        _go_on_from(file, training, until)
    whole = training.state()
    try:
        for _ in progress(range(training.done, until), description):
            training.update()
            whole = training.state()
            if file and training.done % every == 0:
                file.save(whole)
    except KeyboardInterrupt:  # perhaps in the middle of an update: then that update has not been made
        if file:
            file.save(whole)
        training.restore(whole)
        raise
    if file:
        file.remove()


def _go_on_from(file: Checkpoint, training: Training, until: int) -> None:
    state = file.load()
    if state is None:
        return
    if not training.done <= state["done"] <= until:
        raise CheckpointError(
            f"{file.path} holds a training after {state['done']} updates, which does not lie between {training.done} "
            f"and {until}: {WAY_OUT}"
        )
    training.restore(state)


def fingerprint(tensors: Iterable[Tensor]) -> str:
    """Return a short name for the values of `tensors`: equal for equal ones, on whatever device they are."""
    return _digest(t.detach().cpu().contiguous().numpy().tobytes() for t in tensors).decode()[:12]


def code_fingerprint(function: Callable[..., Any]) -> str:
    """Return a short name for what a python function does, wherever it stands and whatever its comments say."""
    code = getattr(function, "__code__", None)
    return _digest(_code_parts(code) if code else [repr(type(function)).encode()]).decode()[:12]


def _code_parts(code: CodeType) -> Iterator[bytes]:
    yield code.co_code + repr((code.co_names, code.co_varnames)).encode()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_parts(constant)
        else:
            yield repr(constant).encode()


def _digest(parts: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest().encode()
