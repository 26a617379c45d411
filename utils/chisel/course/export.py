"""Course directories that the stock tools accept as they are."""

from pathlib import Path

from chisel.authoring.files import write_notebook
from chisel.authoring.otter import master_notebook
from chisel.authoring.pipeline import open_project
from chisel.authoring.source import Source
from chisel.core.files import write_whole
from chisel.course.assignment import solution_notebook
from chisel.course.errors import CourseError

_REMEDY = "choose another folder, or free some space"
_NBGRADER = '''"""Settings of nbgrader for this course. Run nbgrader in this folder."""

import os

# A failed check raises, so that nbgrader sees it; and the library's own solution does not count as a learner's.
os.environ["CHISEL_STRICT"] = os.environ["CHISEL_GRADED"] = "1"
# What submissions predict and pass is no progress of yours.
os.environ["CHISEL_DATA"] = "off"

c = get_config()  # noqa: F821  # nbgrader puts it there
c.CourseDirectory.course_id = "reward-is-a-chisel"
c.ExecutePreprocessor.timeout = 120  # seconds a cell; nbgrader's own 30 can stop an honest experiment
c.Execute.timeout = 120
'''
_OTTER = """# Otter masters

One folder a chapter. In this folder:

    otter assign {stem}/{stem}.ipynb dist/{stem}      # what students get, and the autograder
    otter run -a dist/{stem}/autograder/{stem}-autograder_DATE.zip SUBMISSION.ipynb

`otter run` needs this library in the environment that it runs in.
"""


def export(kind: str, root: Path, names: list[str], folder: Path) -> list[Path]:
    """Write a course directory for "nbgrader" or "otter" into `folder`, which must be empty or not there.

    Raises:
        CourseError: the folder holds something already.
        StorageError: it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CourseError(f"{folder} is not an empty folder: choose another, for nothing is overwritten")
    project = open_project(root)
    known = {source.stem.partition("_")[0]: source.stem for source in project.sources}
    sources = [source for source in project.pick([known.get(name, name) for name in names]) if not source.is_start]
    if not sources:
        raise CourseError("no chapter with exercises was named")
    write = _nbgrader if kind == "nbgrader" else _otter
    return write(sources, folder)


def _nbgrader(sources: list[Source], folder: Path) -> list[Path]:
    written = [folder / "nbgrader_config.py"]
    write_whole(written[0], _NBGRADER, _REMEDY)
    for source in sources:
        written.append(folder / "source" / source.stem / f"{source.stem}.ipynb")
        write_notebook(written[-1], solution_notebook(source))
    return written


def _otter(sources: list[Source], folder: Path) -> list[Path]:
    written = [folder / "README.md"]
    write_whole(written[0], _OTTER.format(stem=sources[0].stem), _REMEDY)
    for source in sources:
        written.append(folder / source.stem / f"{source.stem}.ipynb")
        write_notebook(written[-1], master_notebook(source))
    return written
