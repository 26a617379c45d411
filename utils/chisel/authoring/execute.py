"""Run a solution notebook in a kernel that sees nothing of this machine but the environment it is in."""

import copy
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from chisel.authoring.errors import AuthoringError
from chisel.authoring.outputs import normalise, output_faults

# One thread: results do not depend on the number of cores, and two threads on a busy machine are far slower.
# tqdm reads its variable itself, so no bar reaches standard error, here or under nbval.
FIXED_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
    "PYTHONHASHSEED": "0",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "CHISEL_DATA": "off",  # what a run for the book or for the tests does is no reader's progress
}
# Each would change what a notebook prints.
_UNSET = ("CHISEL_SCALE", "CHISEL_STRICT", "CHISEL_GRADED", "CHISEL_CHECK_SEED", "PYTHONSTARTUP")


def execute(notebook: NotebookNode, label: str, timeout: int) -> list[str]:
    """Execute `notebook` in place and normalise its outputs. `label` names it in messages; `timeout` is in s a cell.

    The kernel works in an empty folder, so that no cell can depend on where it was started.

    Returns:
        Notes for the author, for example that a cell wrote a warning.

    Raises:
        AuthoringError: a cell raised, ran over time, killed the kernel, or printed what no notebook may store.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    reached = ["(no cell yet)"]
    metadata = copy.deepcopy(notebook.metadata)
    with (
        tempfile.TemporaryDirectory(prefix="chisel-work-") as folder,
        tempfile.TemporaryDirectory(prefix="chisel-ipython-") as settings,
    ):
        client = NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            store_widget_state=False,
            record_timing=False,
            extra_arguments=["--log-level=ERROR"],  # it warns that its local socket is not encrypted
            on_cell_start=lambda cell, cell_index: reached.append(cell["id"]),
        )
        use_this_python(client)
        try:
            client.execute(env=_environment(os.environ, settings))
        except CellExecutionError as error:
            message = " ".join(error.evalue.split())[:200]
            raise AuthoringError(f"{label}, cell {reached[-1]}: raised {error.ename}: {message}") from error
        except CellTimeoutError as error:
            raise AuthoringError(f"{label}, cell {reached[-1]}: ran for more than {timeout} s") from error
        except DeadKernelError as error:
            raise AuthoringError(f"{label}, cell {reached[-1]}: its kernel died (out of memory?)") from error
    notebook.metadata = metadata  # the client has put the kernel's Python version there
    notes = normalise(notebook)
    faults = output_faults(notebook)
    if faults:
        raise AuthoringError("\n".join(f"{label}, {fault}" for fault in faults))
    return [f"{label}, {note}" for note in notes]


def use_this_python(client: Any) -> None:
    """Let `client`, a NotebookClient, start the running interpreter and no other.

    A kernel `python3` that is installed for the user would come first, and it may be another Python.
    """
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

    client.create_kernel_manager().kernel_spec_manager = ThisPython()


def search_path(inherited: Mapping[str, str]) -> str:
    """Return PYTHONPATH for a kernel: relative entries resolved, for it starts in another folder, and this library."""
    given = [str(Path(part).absolute()) for part in inherited.get("PYTHONPATH", "").split(os.pathsep) if part]
    return os.pathsep.join([*given, str(Path(__file__).resolve().parents[2])])


def _environment(inherited: Mapping[str, str], settings: str) -> dict[str, str]:
    environment = {key: value for key, value in inherited.items() if key not in _UNSET} | FIXED_ENVIRONMENT
    environment["PYTHONPATH"] = search_path(inherited)
    environment["IPYTHONDIR"] = settings  # no start-up files, no history of the person at the keyboard
    return environment
