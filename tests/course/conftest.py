"""A toy book on disk, importable here and in programs started from here."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import chisel
from course.toycourse import write_project


@pytest.fixture(scope="module")
def toybook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the toy book: `library` and `project`."""
    root = tmp_path_factory.mktemp("toybook")
    write_project(root)
    for folder in (root, *root.parents):
        if folder.name.startswith("pytest-"):
            folder.chmod(0o755)  # an inmate that root has started is nobody, who has to read the library
    root.chmod(0o755)
    package_root = Path(chisel.__file__).resolve().parents[1]
    with pytest.MonkeyPatch.context() as patch:
        given = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
        patch.setenv("PYTHONPATH", os.pathsep.join([str(root / "library"), str(package_root), *given]))
        patch.syspath_prepend(str(root / "library"))
        yield root
