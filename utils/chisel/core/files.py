"""Files that are either whole or not there."""

import contextlib
import os
from pathlib import Path


class StorageError(RuntimeError):
    """A file cannot be written. The message names it and the way out."""


def write_whole(path: Path, text: str, remedy: str) -> None:
    """Write `text` to `path` so that a reader, a crash or Ctrl-C never sees half of it.

    Args:
        remedy: what the user can do if it cannot be written; the end of the error's sentence.

    Raises:
        StorageError: no permission, no space, a folder that is a file.
    """
    write_whole_bytes(path, text.encode("utf-8"), remedy)


def write_whole_bytes(path: Path, content: bytes, remedy: str) -> None:
    """Write `content` to `path` as `write_whole` writes text."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(draft, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise StorageError(f"cannot write {path} ({error.strerror or error}): {remedy}") from error
    finally:
        _remove(draft)


def check_writable(folder: Path, remedy: str) -> None:
    """Find out now, and not after an hour of measuring, whether `folder` takes files.

    Raises:
        StorageError: it does not.
    """
    probe = folder / "writable"
    write_whole(probe, "", remedy)
    _remove(probe)


def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # Already renamed, or its folder never was.
        path.unlink()
