"""Whether there is room for what is about to be done, asked before it is done."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from chisel.reversal_curse.pretrained.errors import ModelError

if TYPE_CHECKING:
    import torch

GIB = 2**30
_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current", "/sys/fs/cgroup/memory.stat"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        "/sys/fs/cgroup/memory/memory.stat",
    ),
)


def free_memory() -> int | None:
    """Return the bytes of memory that a process may still take, or None if this system does not say.

    What a container allows counts too: there the machine's own figure says too much.
    """
    try:
        import psutil
    except ImportError:
        return None
    return min([psutil.virtual_memory().available, *(_left_in_cgroup(*files) for files in _CGROUPS)])


def _left_in_cgroup(limit: str, used: str, details: str) -> int:
    try:
        allowed, taken = (Path(file).read_text(encoding="ascii").strip() for file in (limit, used))
        statistics = dict(line.split() for line in Path(details).read_text(encoding="ascii").splitlines())
    except (OSError, ValueError):
        return 2**62
    if not allowed.isdigit():  # "max"
        return 2**62
    # Pages of files that were read count as taken, and are given back when memory is asked for.
    return int(allowed) - int(taken) + int(statistics.get("inactive_file", 0))


def free_disk(folder: Path) -> int:
    """Return the bytes that are free on the disk that holds `folder`, or will hold it."""
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.is_dir())
    return shutil.disk_usage(there).free


def free_gpu_memory(device: "torch.device") -> int:
    """Return the bytes of memory that are free on a CUDA device."""
    import torch

    return torch.cuda.mem_get_info(device)[0]


def need_memory(size: int, purpose: str, device: "torch.device | None" = None) -> None:
    """Raise ModelError now if `size` bytes are not free for `purpose`, in memory or, if named, on a CUDA device."""
    free = free_gpu_memory(device) if device is not None and device.type == "cuda" else free_memory()
    if free is not None and free < size:
        raise ModelError(
            f"{purpose} needs {size / GIB:.1f} GiB of memory and {free / GIB:.1f} GiB are free: "
            "close other programs or notebooks, or take a machine with more memory"
        )


def need_disk(size: int, folder: Path, purpose: str) -> None:
    """Raise ModelError now if `size` bytes are not free in `folder` for `purpose`."""
    free = free_disk(folder)
    if free < size:
        raise ModelError(
            f"{purpose} needs {size / 1e9:.1f} GB of disk in {folder} and {free / 1e9:.1f} GB are free: "
            "make room, or name another folder with CHISEL_MODELS=DIR"
        )
