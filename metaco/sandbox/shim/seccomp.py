"""seccomp: the system calls that a confined program does not get.

They fall into five groups: ways out of what the other layers build (mount, unshare, ptrace,
handles), parts of the kernel that tests never need (bpf, io_uring, keys), memory that belongs to
no process and no file system of ours, so that nobody could count it (memfd, System V, shared
mappings without a file), families of sockets that no network namespace holds (vsock), and, where
the network or the user is the host's own, what would reach other programs.
"""

from __future__ import annotations

import os
import struct

from . import kernel

EPERM, EACCES, ENOSYS = 1, 13, 38
PRETEND = 0  # the call does nothing and says that it worked

_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK = 1, 2, 10, 16
_SOCK_STREAM, _SOCK_SEQPACKET, _SOCK_TYPE_MASK = 1, 5, 0xF
_SO_SNDBUF, _SO_RCVBUF = 7, 8
_ANY_BIT = 0xFFFFFFFF
_MAP_SHARED, _MAP_ANONYMOUS, _MAP_HUGETLB = 0x1, 0x20, 0x40000

# Offsets into struct seccomp_data; arguments are 64 bits wide, their low half first.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _ARGUMENT_BYTES = 0, 4, 16, 8
_LOAD, _AND, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_X32_BIT = 0x40000000

_AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# Columns of the tables below: x86_64, aarch64; None where the call does not exist.
_Numbers = dict[str, tuple[int | None, int | None]]

_NEVER: _Numbers = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # parts of the kernel that tests never need
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "modify_ldt": (154, None),
    "iopl": (172, None),
    "ioperm": (173, None),
    "lookup_dcookie": (212, 18),
    "syslog": (103, 116),
    # the machine
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "acct": (163, 89),
    "quotactl": (179, 60),
}
_BY_ARGUMENT: _Numbers = {
    "clone": (56, 220),
    "mmap": (9, 222),
    "prctl": (157, 167),
    "setsockopt": (54, 208),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "prlimit64": (302, 261),
}
# Memory that outlives the mapping of who holds it, or belongs to the kernel.
_UNCOUNTED: _Numbers = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "vmsplice": (278, 75),
    "shmget": (29, 194),
    "shmctl": (31, 195),
    "shmat": (30, 196),
    "semget": (64, 190),
    "semctl": (66, 191),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgctl": (71, 187),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "mq_open": (240, 180),
}
# What Landlock leaves to the permission bits.
_BY_PATH: _Numbers = {
    "chmod": (90, None),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
}
_CLONE3 = 435


def supported() -> bool:
    """Return whether the numbers of this machine's system calls are known."""
    return os.uname().machine in _AUDIT_ARCHITECTURE


def confine(own_network: bool, own_user: bool) -> None:
    """Install the filter for this process and all that come after it.

    Args:
        own_network: a network namespace of its own, where sockets lead nowhere.
        own_user: no file of the host belongs to this user, or none can be named.
    """
    machine = os.uname().machine
    column = list(_AUDIT_ARCHITECTURE).index(machine)
    filter_ = _Filter(_AUDIT_ARCHITECTURE[machine], column)
    filter_.refuse(_NEVER, EPERM)
    filter_.allow_only("clone", 0, kernel.CLONE_NEW, (0,), EPERM)
    # The flags of clone3 cannot be read here; without it the C library uses clone.
    filter_.refuse({"clone3": (_CLONE3, _CLONE3)}, ENOSYS)
    filter_.refuse(_UNCOUNTED, EPERM)
    # Such a mapping keeps all its pages as long as one page of it is mapped, or none is touched.
    filter_.refuse_flags("mmap", 3, _MAP_SHARED | _MAP_ANONYMOUS, EPERM)
    filter_.refuse_flags("mmap", 3, _MAP_HUGETLB, EPERM)
    filter_.refuse_value("prctl", 0, kernel.PR_SET_THP_DISABLE, EPERM)
    # The kernel holds what waits in a socket; its usual size is enough.
    for option in (_SO_SNDBUF, _SO_RCVBUF):
        filter_.refuse_value("setsockopt", 2, option, PRETEND)
    if own_network:
        families: tuple[int, ...] = (_AF_UNIX, _AF_INET, _AF_INET6, _AF_NETLINK)
        filter_.allow_only("socket", 0, _ANY_BIT, families, EACCES)
    else:
        filter_.allow_only("socket", 0, _ANY_BIT, (), EACCES)
        # A datagram pair can send to any unix socket of the host; asyncio's pair is a stream.
        connected = (_SOCK_STREAM, _SOCK_SEQPACKET)
        filter_.allow_only("socketpair", 1, _SOCK_TYPE_MASK, connected, EACCES)
        filter_.allow_only("prlimit64", 0, _ANY_BIT, (0,), EPERM)
    if not own_user:
        # Refusing would break shutil.copy, which sets the mode of what it has copied.
        filter_.refuse(_BY_PATH, PRETEND)
    filter_.install()


class _Filter:
    """A program for the kernel's filter machine: a list of tests, each of which may answer."""

    def __init__(self, architecture: int, column: int) -> None:
        self._column = column
        self._code: list[bytes] = []
        self._add(_LOAD, _ARCHITECTURE)
        self._add(_IF_EQUAL, architecture, 1, 0)
        self._add(_RETURN, _KILL)
        self._add(_LOAD, _NUMBER)
        # x86_64 has a second set of numbers above this bit; elsewhere there is nothing there.
        self._add(_IF_AT_LEAST, _X32_BIT, 0, 1)
        self._add(_RETURN, _FAIL | EPERM)

    def refuse(self, calls: _Numbers, error: int) -> None:
        """Answer these calls with `error`."""
        for numbers in calls.values():
            number = numbers[self._column]
            if number is not None:
                self._add(_IF_EQUAL, number, 0, 1)
                self._add(_RETURN, _FAIL | error)

    def allow_only(
        self, name: str, argument: int, mask: int, values: tuple[int, ...], error: int
    ) -> None:
        """Answer with `error` unless the masked argument is one of `values`."""
        number = _BY_ARGUMENT[name][self._column]
        if number is None:
            return
        to_end = len(values) + 4
        self._add(_IF_EQUAL, number, 0, to_end)
        self._add(_LOAD, _FIRST_ARGUMENT + argument * _ARGUMENT_BYTES)
        self._add(_AND, mask)
        for left, value in enumerate(reversed(values)):
            self._add(_IF_EQUAL, value, len(values) - left, 0)
        self._add(_RETURN, _FAIL | error)
        self._add(_RETURN, _ALLOW)

    def refuse_flags(self, name: str, argument: int, flags: int, error: int) -> None:
        """Answer with `error` if the argument holds all of these bits."""
        self._refuse(name, argument, flags, flags, error)

    def refuse_value(self, name: str, argument: int, value: int, error: int) -> None:
        """Answer with `error` if the argument is this value."""
        self._refuse(name, argument, _ANY_BIT, value, error)

    def _refuse(self, name: str, argument: int, mask: int, value: int, error: int) -> None:
        number = _BY_ARGUMENT[name][self._column]
        if number is None:
            return
        self._add(_IF_EQUAL, number, 0, 5)
        self._add(_LOAD, _FIRST_ARGUMENT + argument * _ARGUMENT_BYTES)
        self._add(_AND, mask)
        self._add(_IF_EQUAL, value, 0, 1)
        self._add(_RETURN, _FAIL | error)
        self._add(_LOAD, _NUMBER)  # for the tests that come after

    def install(self) -> None:
        self._add(_RETURN, _ALLOW)
        kernel.install_filter(b"".join(self._code), len(self._code))

    def _add(self, code: int, value: int, then: int = 0, otherwise: int = 0) -> None:
        self._code.append(struct.pack("=HBBI", code, then, otherwise, value))
