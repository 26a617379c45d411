"""A view of the system that holds next to nothing, by Linux's user, mount, network, IPC and process namespaces.

An ordinary user may make them where the system allows it. Inside there is no network, not even the machine's own
loopback; of all files there are the given folders, read-only, and an empty work folder in memory; no other process can
be seen or named, and all of them end with the first.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = (
    0x00020000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _BIND, _REC, _PRIVATE, _DETACH = 1, 2, 4, 8, 4096, 16384, 1 << 18, 2
NOBODY = 65534
_PR_SET_DUMPABLE = 4
_MOUNT_SETATTR = 442  # the same on every machine
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
# What programs are linked with; the folders of Python and of its packages come beside them.
_SYSTEM = ("/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/lib", "/lib64", "/etc/ld.so.cache", "/nix/store")
_DEVICES = ("null", "zero", "random", "urandom")
_PLACES = ("/mnt", "/media", "/srv", "/opt", "/run", "/var", "/sys")


def enter() -> None:
    """Put this process, and its children to come, into namespaces of its own.

    Raises:
        OSError: the system does not allow it.
    """
    if sys.platform != "linux":
        raise OSError("namespaces are Linux's")
    prctl(_PR_SET_DUMPABLE, 1)  # else its files in /proc, which are written to below, are root's
    flags = ctypes.c_int(_NEWNS | _NEWUTS | _NEWIPC | _NEWUSER | _NEWPID | _NEWNET)
    user, group = os.geteuid(), os.getegid()
    if user != 0:
        _call("unshare", flags)
        _write_maps("self", f"{user} {user} 1", f"{group} {group} 1")
        return
    # Root can become nobody in there, but only if somebody outside says that there is a nobody.
    waiting, done = os.pipe()
    itself = os.getpid()
    helper = os.fork()
    if helper == 0:
        os.close(done)
        os.read(waiting, 1)
        try:
            _write_maps(str(itself), *[f"0 0 1\n{NOBODY} {NOBODY} 1"] * 2)
        except OSError:
            os._exit(1)
        os._exit(0)
    try:
        _call("unshare", flags)
    finally:
        os.close(waiting)
        os.close(done)
        _, status = os.waitpid(helper, 0)
    if status:
        raise OSError("root cannot say who is nobody in a user namespace")


def _write_maps(process: str, users: str, groups: str) -> None:
    own = (("setgroups", "deny"),) if process == "self" else ()  # asked of whoever is not root
    for name, text in (*own, ("uid_map", users), ("gid_map", groups)):
        with open(f"/proc/{process}/{name}", "w") as file:
            file.write(text)


def close_root(roots: list[str], megabytes: int, hidden: Sequence[str] = ()) -> None:
    """Let this process see `roots` and what programs are linked with, read-only, and nothing else.

    Args:
        megabytes: that its files in /work and /tmp may have together.
        hidden: files that are empty in there.

    Raises:
        OSError: the system does not allow it.
    """
    sources = _apart([path for path in (*_SYSTEM, *roots) if os.path.lexists(path)])
    place = next(p for p in _PLACES if os.path.isdir(p) and not any(_within(s, p) for s in sources))
    _mount(None, "/", None, _REC | _PRIVATE)
    _mount("tmpfs", place, "tmpfs", _NOSUID | _NODEV, f"size={megabytes}m,nr_inodes=20000,mode=0755")
    for source in sources:
        target = Path(place + source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.islink(source):
            target.symlink_to(os.readlink(source))
            continue
        target.mkdir() if os.path.isdir(source) else target.touch()
        _mount(source, str(target), None, _BIND | _REC)
        _read_only(str(target))
    Path(place, "dev").mkdir()
    for name in ("work", "tmp"):
        folder = Path(place, name)
        if str(folder).removeprefix(place) not in sources:
            folder.mkdir(exist_ok=True)  # /tmp is there if something in it is a source
            if os.geteuid() == 0:
                os.chown(folder, NOBODY, NOBODY)
    for name in _DEVICES:
        Path(place, "dev", name).touch()
        _mount(f"/dev/{name}", f"{place}/dev/{name}", None, _BIND)
    for path in hidden:
        if os.path.isfile(place + path):
            _mount("/dev/null", place + path, None, _BIND)
    os.chdir(place)
    number = {"x86_64": 155, "aarch64": 41}.get(platform.machine())
    if number is None:
        raise OSError(f"changing the root is not known for {platform.machine()}")
    # New over old in the same place, then the old one, now on top, is taken away.
    _call("syscall", ctypes.c_long(number), ctypes.c_char_p(b"."), ctypes.c_char_p(b"."))
    _call("umount2", ctypes.c_char_p(b"."), ctypes.c_int(_DETACH))
    os.chdir("/")


def drop_capabilities() -> None:
    """Give up what being first in a user namespace allows.

    Raises:
        OSError: it cannot be given up.
    """
    header = ctypes.create_string_buffer(struct.pack("II", 0x20080522, 0))
    _call("capset", header, ctypes.create_string_buffer(struct.pack("6I", *[0] * 6)))


def prctl(what: int, value: int) -> None:
    """Call prctl.

    Raises:
        OSError: it failed.
    """
    _call("prctl", *(ctypes.c_ulong(n) for n in (what, value, 0, 0, 0)))


def library_folders() -> list[str]:
    """Return the folders that Python, its packages and this library are read from, links and what they lead to.

    Not all of `sys.path`: the folder that somebody happens to stand in is often there, and is nobody's business.
    """
    given = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    packages = [path for path in sys.path if "-packages" in path]
    found = [sys.prefix, sys.base_prefix, *packages, *given, str(Path(__file__).resolve().parents[2])]
    both = {path for entry in found for path in (os.path.abspath(entry), os.path.realpath(entry))}
    return sorted(both - {"/"})


def _apart(paths: list[str]) -> list[str]:
    """Return the paths without those that lie in another of them. Links stay: they lead to another."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not any(_within(path, other) and not os.path.islink(other) for other in kept):
            kept.append(path)
    return kept


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _read_only(target: str) -> None:
    attributes = struct.pack("QQQQ", _RDONLY | _NOSUID | _NODEV, 0, 0, 0)
    _call(
        "syscall",
        ctypes.c_long(_MOUNT_SETATTR),
        ctypes.c_long(_AT_FDCWD),
        ctypes.c_char_p(target.encode()),
        ctypes.c_long(_AT_RECURSIVE),
        ctypes.create_string_buffer(attributes),
        ctypes.c_size_t(len(attributes)),
    )


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str = "") -> None:
    words = [ctypes.c_char_p(os.fsencode(w) if w is not None else None) for w in (source, target, kind)]
    _call("mount", *words, ctypes.c_ulong(flags), ctypes.c_char_p(options.encode()))


def _call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    function = getattr(libc, name)
    function.restype = ctypes.c_long
    if function(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
