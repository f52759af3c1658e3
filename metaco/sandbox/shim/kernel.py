"""The few Linux system calls for which Python has no name."""

from __future__ import annotations

import ctypes
import os
import struct

CAP_DAC_READ_SEARCH = 2

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
CLONE_NEWTIME = 0x00000080
CLONE_NEW = (
    CLONE_NEWNS
    | CLONE_NEWCGROUP
    | CLONE_NEWUTS
    | CLONE_NEWIPC
    | CLONE_NEWUSER
    | CLONE_NEWPID
    | CLONE_NEWNET
    | CLONE_NEWTIME
)

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_KEEPCAPS = 8
_PR_SET_SECCOMP = 22
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
PR_SET_THP_DISABLE = 41
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_SECCOMP_MODE_FILTER = 2
_SIGKILL = 9
_CAPABILITY_VERSION = 0x20080522

_AF_INET = 2
_SOCK_DGRAM = 2
_SIOCSIFFLAGS = 0x8914
_IFF_UP_RUNNING = 0x1 | 0x40

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    """Return `result`, or raise OSError naming `what` if it says that a call failed."""
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def syscall(what: str, number: int, *args: object) -> int:
    """Make a system call by number; `what` names it in the error."""
    return check(libc.syscall(ctypes.c_long(number), *args), what)


def prctl(what: str, *args: int) -> None:
    """Call prctl(2) with integers."""
    padded = (*args, 0, 0, 0, 0)[:5]
    check(libc.prctl(*(ctypes.c_ulong(arg) for arg in padded)), what)


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` name for new ones."""
    check(libc.unshare(ctypes.c_int(flags)), "unshare")


def die_with_parent() -> None:
    """Ask for SIGKILL when the parent dies."""
    prctl("PR_SET_PDEATHSIG", _PR_SET_PDEATHSIG, _SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of all descendants whose parent ends, so that none escapes."""
    prctl("PR_SET_CHILD_SUBREAPER", _PR_SET_CHILD_SUBREAPER, 1)


def set_dumpable(yes: bool) -> None:
    """Say whether others of our user may look into this process (and we write our uid_map)."""
    prctl("PR_SET_DUMPABLE", _PR_SET_DUMPABLE, int(yes))


def no_new_privileges() -> None:
    """Make setuid programs harmless; Landlock and seccomp ask for it."""
    prctl("PR_SET_NO_NEW_PRIVS", _PR_SET_NO_NEW_PRIVS, 1)


def small_pages() -> None:
    """Use no huge pages: what is given back of one stays with the kernel, and nobody counts it."""
    prctl("PR_SET_THP_DISABLE", PR_SET_THP_DISABLE, 1)


def become(uid: int, keep_search: bool = False) -> None:
    """Turn from root into `uid` (user and group), for good.

    Args:
        keep_search: keep one capability, across exec: to pass through and read where the
            permission bits say no. Only sound where Landlock decides what may be read.
    """
    os.setgroups([])
    if keep_search:
        prctl("PR_SET_KEEPCAPS", _PR_SET_KEEPCAPS, 1)
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    set_capabilities(1 << CAP_DAC_READ_SEARCH if keep_search else 0)
    if keep_search:
        prctl("PR_CAP_AMBIENT", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH)


def set_capabilities(mask: int) -> None:
    """Keep only these capabilities (effective, permitted and inheritable)."""
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    data = struct.pack("6I", mask, mask, mask, 0, 0, 0)
    check(libc.capset(header, data), "capset")


def loopback_up() -> None:
    """Switch on 127.0.0.1 in a new network namespace."""
    fd = check(libc.socket(_AF_INET, _SOCK_DGRAM, 0), "socket")
    try:
        wanted = struct.pack("16sh14x", b"lo", _IFF_UP_RUNNING)
        check(libc.ioctl(fd, ctypes.c_ulong(_SIOCSIFFLAGS), wanted), "SIOCSIFFLAGS")
    finally:
        os.close(fd)


def set_hostname(name: str) -> None:
    """Name the machine, in a UTS namespace of our own."""
    check(libc.sethostname(name.encode(), ctypes.c_size_t(len(name))), "sethostname")


def install_filter(instructions: bytes, count: int) -> None:
    """Give this process and all that come after it a seccomp program."""
    code = ctypes.create_string_buffer(instructions, len(instructions))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", count, ctypes.addressof(code)))
    prctl("PR_SET_SECCOMP", _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(program))
