"""A filter of system calls for the rest of a process's life: no new processes or programs, no sockets, no signals.

The kernel's own means ("seccomp"), for x86-64 and 64-bit ARM under Linux. What is refused fails with "operation not
permitted". Threads remain allowed, for torch and Python start them.
"""

import ctypes
import os
import platform
import struct

# number on x86-64, number on 64-bit ARM; None where there is none
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),  # files in memory that no limit counts
    "memfd_secret": (447, 447),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "reboot": (169, 142),
    "swapon": (167, 224),
}
_CLONE, _CLONE3 = (56, 220), (435, 435)
# Refused with some values of an argument: the numbers as above, which argument, which values.
_REFUSED_WITH: dict[str, tuple[tuple[int, int], int, tuple[int, ...]]] = {
    "prctl": ((157, 167), 0, (1,)),  # PR_SET_PDEATHSIG: this process shall die with its parent
    "fcntl": ((72, 25), 1, (8, 10, 15)),  # F_SETOWN, F_SETSIG, F_SETOWN_EX: signals by way of a descriptor
    "ioctl": ((16, 29), 1, (0x5412, 0x8901, 0x8902)),  # TIOCSTI, FIOSETOWN, SIOCSPGRP
}
_PRLIMIT = (302, 261)  # allowed for this process, number 0
_AUDIT = (0xC000003E, 0xC00000B7)
_THREAD, _X32 = 0x00010000, 0x40000000
_ALLOW, _EPERM, _ENOSYS, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_LOAD, _EQUAL, _ABOVE, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 38, 22


def supported() -> bool:
    """Say whether this module knows the machine; whether its kernel agrees is found out by `install`."""
    return os.uname().sysname == "Linux" and platform.machine() in ("x86_64", "aarch64") and struct.calcsize("P") == 8


def install() -> None:
    """Refuse the calls in this process from here on. It cannot be undone.

    Raises:
        OSError: the kernel does not take the filter.
    """
    machine = 0 if platform.machine() == "x86_64" else 1
    program = b"".join(_program(machine))
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a 16-bit count, padding, a pointer
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code)))
    for arguments in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, 2, ctypes.addressof(header), 0, 0)):
        if libc.prctl(*(ctypes.c_ulong(a) for a in arguments)) != 0:
            raise OSError(ctypes.get_errno(), "the kernel takes no seccomp filter")


def _program(machine: int) -> list[bytes]:
    """Return the filter, one instruction (code, jump if true, jump if false, operand) an item."""

    def line(code: int, operand: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, operand)

    lines = [line(_LOAD, 4), line(_EQUAL, _AUDIT[machine], 1, 0), line(_RETURN, _KILL), line(_LOAD, 0)]
    lines += [line(_ABOVE, _X32, 0, 1), line(_RETURN, _EPERM)]  # x32 calls have numbers of their own
    lines += [line(_EQUAL, _CLONE3[machine], 0, 1), line(_RETURN, _ENOSYS)]  # libc falls back to clone
    for numbers in _REFUSED.values():
        if (number := numbers[machine]) is not None:
            lines += [line(_EQUAL, number, 0, 1), line(_RETURN, _EPERM)]
    # clone: threads only. The flags are the first argument, at byte 16.
    lines += [line(_EQUAL, _CLONE[machine], 0, 4), line(_LOAD, 16), line(_ANY_BIT, _THREAD, 1, 0)]
    lines += [line(_RETURN, _EPERM), line(_RETURN, _ALLOW)]
    for pair, argument, values in _REFUSED_WITH.values():
        lines += [line(_EQUAL, pair[machine], 0, 2 * len(values) + 2), line(_LOAD, 16 + 8 * argument)]
        for value in values:
            lines += [line(_EQUAL, value, 0, 1), line(_RETURN, _EPERM)]
        lines += [line(_RETURN, _ALLOW)]
    lines += [line(_EQUAL, _PRLIMIT[machine], 0, 3), line(_LOAD, 16), line(_EQUAL, 0, 1, 0), line(_RETURN, _EPERM)]
    return [*lines, line(_RETURN, _ALLOW)]
