"""A process that is shut off: limits, namespaces and a filter of system calls, as far as this machine has them.

`start` makes two processes. The *keeper* waits for the other and tells how it ended; the *inmate* gives up everything
and then runs what it is given. Nothing that the inmate runs can reach the keeper or the process that called `start`.
"""

import contextlib
import fcntl
import functools
import json
import math
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from chisel.course import namespaces, seccomp
from chisel.course.limits import Limits

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_PAGE = resource.getpagesize()


@dataclass(frozen=True)
class Means:
    """What shuts a submission off on this machine, beside limits."""

    namespaces: bool
    filter: bool

    @property
    def full(self) -> bool:
        return self.namespaces and self.filter

    def lines(self) -> list[str]:
        """Say in words what is there and what is missing."""
        there = ["limits on CPU time, time, memory, output and files"]
        missing = []
        (there if self.namespaces else missing).append(
            "a view of its own: no network, no other process, no files but the library's, read-only"
        )
        (there if self.filter else missing).append("no new processes or programs, sockets or signals")
        return [f"on: {line}" for line in there] + [f"MISSING on this machine: {line}" for line in missing]


@dataclass(frozen=True)
class Inmate:
    """A running inmate, from outside.

    Attributes:
        pid: to be killed by. keeper: to be waited for. told: where the keeper tells how it ended.
        hold: as long as this is open, the number `pid` is given to no other process.
        pipe: to and from the inmate. output: what it prints.
    """

    pid: int
    keeper: int
    told: int
    hold: int
    pipe: int
    output: int

    def end(self) -> dict[str, int]:
        """End it if it has not ended, and return {"signal": ..., "status": ..., "cpu": milliseconds}."""
        for descriptor in (self.pipe, self.output):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        for kill in (os.kill, os.killpg):  # the second for what it has started, where nothing keeps it from that
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(self.pid, signal.SIGKILL)
        os.close(self.hold)
        said = _read_all(self.told)
        os.close(self.told)
        os.waitpid(self.keeper, 0)
        return json.loads(said) if said else {"signal": signal.SIGKILL, "status": 0, "cpu": 0}


def start(
    run: Callable[[int], None], limits: Limits, means: Means, roots: list[str], hidden: Sequence[str] = ()
) -> Inmate:
    """Run `run(pipe)` in an inmate. This process must have one thread only.

    Args:
        roots: folders that the inmate sees, read-only; it sees no others.
        hidden: files in them that are empty to it.

    Raises:
        OSError: the inmate could not be shut off.
    """
    ours, theirs = _pair()
    read_output, write_output = os.pipe()
    read_told, write_told = os.pipe()
    held, hold = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    keeper = os.fork()
    if keeper == 0:
        with _no_return():
            for descriptor in (ours, read_output, read_told, hold):
                os.close(descriptor)
            view = functools.partial(namespaces.close_root, roots, limits.file, hidden)
            _keep(run, limits, means, view, theirs, write_output, write_told, held)
    for descriptor in (theirs, write_output, write_told, held):
        os.close(descriptor)
    first = os.read(read_told, 256)
    if not first.startswith(b"pid "):
        for descriptor in (ours, read_output, read_told, hold):
            os.close(descriptor)
        os.waitpid(keeper, 0)
        raise OSError(f"cannot shut a submission off: {first.decode(errors='replace') or 'its keeper died'}")
    return Inmate(int(first[4:].split()[0]), keeper, read_told, hold, ours, read_output)


def limit_check(seconds: float, most: int) -> None:
    """Limit this process, which is about to look at what an inmate answers.

    Args:
        seconds: of CPU time. most: bytes of memory beyond what it has.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_AS, _mapped() + most)
    _lower(resource.RLIMIT_CPU, math.ceil(seconds) + 2)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (min(math.ceil(seconds), hard), hard))  # so it ends by SIGXCPU, not SIGKILL


def close_to_others() -> None:
    """Let no other process of the same user look into this one's memory; one of root's still can."""
    if sys.platform == "linux":
        namespaces.prctl(_PR_SET_DUMPABLE, 0)


def find_means(roots: list[str]) -> tuple[Means, str]:
    """Try what this machine has, in a process that is thrown away; return it, and the system's words if it has less."""
    why = ""
    for means in (Means(True, True), Means(True, False), Means(False, True)):
        if means.filter and not seccomp.supported():
            continue
        try:
            inmate = start(_say_hello, Limits(), means, roots)
        except OSError as error:
            why = why or str(error)
            continue
        answer, words = os.read(inmate.pipe, 1), _read_all(inmate.output)
        inmate.end()
        if answer == b"+":
            return means, why
        why = why or words.decode(errors="replace").strip()
    return Means(False, False), why


def _say_hello(pipe: int) -> None:
    """Prove that the library can be read."""
    with open(os.__file__), open(__file__):
        os.write(pipe, b"+")


@contextlib.contextmanager
def _no_return():  # a generator of nothing
    """Leave a forked child here, whatever happens, and not where its parent goes on."""
    try:
        yield
    except BaseException as error:
        os.write(2, f"chisel: {type(error).__name__}: {error}\n".encode(errors="replace"))
        os._exit(70)
    os._exit(0)


def _keep(
    run: Callable[[int], None],
    limits: Limits,
    means: Means,
    close_root: Callable[[], None],
    pipe: int,
    output: int,
    told: int,
    held: int,
) -> NoReturn:
    """Be the keeper: start the inmate, wait for it, tell how it ended."""
    _die_with_parent()
    try:
        if means.namespaces:
            namespaces.enter()
        ready, go = os.pipe()
        inmate = os.fork()
    except OSError as error:
        os.write(told, str(error).encode())
        os._exit(1)
    if inmate == 0:
        with _no_return():
            os.close(go)
            _give_up(limits, means, close_root, pipe, output, ready)
            run(3)
    for descriptor in (pipe, output, ready):
        os.close(descriptor)
    os.write(told, f"pid {inmate}".encode().ljust(32))
    os.close(go)
    os.waitid(os.P_PID, inmate, os.WEXITED | os.WNOWAIT)
    os.read(held, 1)  # until nobody is going to kill it by its number any more
    _, status, used = os.wait4(inmate, 0)
    code = os.waitstatus_to_exitcode(status)
    cpu = round(1000 * (used.ru_utime + used.ru_stime))
    os.write(told, json.dumps({"signal": max(0, -code), "status": max(0, code), "cpu": cpu}).encode())
    os._exit(0)


def _give_up(limits: Limits, means: Means, close_root: Callable[[], None], pipe: int, output: int, ready: int) -> None:
    """Be the inmate, and keep nothing but descriptor 3, the pipe, and what is printed."""
    _die_with_parent()
    os.setsid()  # the group of processes that it was born into is the grader's
    os.read(ready, 1)  # until the keeper has told this process's number
    mapped = _mapped()
    if means.namespaces:
        close_root()
    if os.geteuid() == 0:
        _become_nobody()
        _die_with_parent()
    os.chdir("/work" if means.namespaces else "/")
    null = os.open("/dev/null", os.O_RDWR)
    # Above all numbers that are about to be given, so that none of them is overwritten.
    pipe, output, null = (_moved(descriptor) for descriptor in (pipe, output, null))
    for number, descriptor in enumerate((null, output, output, pipe)):
        os.dup2(descriptor, number, inheritable=True)
    os.closerange(4, 1 << 16)
    os.environ.clear()
    os.environ.update(PATH="/usr/bin:/bin", HOME=os.getcwd(), TMPDIR="/tmp", LANG="C.UTF-8", OMP_NUM_THREADS="1")
    _limit(limits, mapped)
    if means.namespaces:
        namespaces.drop_capabilities()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    if means.filter:
        seccomp.install()


def _limit(limits: Limits, mapped: int) -> None:
    for what, most in (
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_AS, mapped + (limits.memory << 20)),
        (resource.RLIMIT_FSIZE, limits.file << 20),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_NPROC, 64),
    ):
        _lower(what, most)


def _lower(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _mapped() -> int:
    """Return the bytes of memory that this process has mapped, libraries included."""
    if not os.path.exists("/proc/self/statm"):
        return 8 << 30  # a generous guess, where the system does not say
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * _PAGE


def _become_nobody() -> None:
    """Drop root for good: its files and devices would be open to the inmate in any namespace."""
    os.setgroups([])
    os.setresgid(namespaces.NOBODY, namespaces.NOBODY, namespaces.NOBODY)
    os.setresuid(namespaces.NOBODY, namespaces.NOBODY, namespaces.NOBODY)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        namespaces.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _moved(descriptor: int) -> int:
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD, 100)


def _pair() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


def _read_all(descriptor: int) -> bytes:
    read = bytearray()
    while more := os.read(descriptor, 4096):
        read += more
    return bytes(read)
