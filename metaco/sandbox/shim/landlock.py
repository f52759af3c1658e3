"""Landlock: a list of directories that a process and its children may read or write."""

from __future__ import annotations

import ctypes
import os
import stat
import struct

from . import kernel

_CREATE_RULESET = 444
_ADD_RULE = 445
_RESTRICT_SELF = 446
_ASK_VERSION = 1
_RULE_PATH_BENEATH = 1

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_REFER = 1 << 13
_TRUNCATE = 1 << 14
_IOCTL_DEV = 1 << 15
_FIRST_RIGHTS = (1 << 13) - 1  # all that version 1 knows

_READ = _EXECUTE | _READ_FILE | _READ_DIR
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV

_TCP = 0b11  # bind and connect
_SCOPES = 0b11  # abstract unix sockets and signals

# From this version on (Linux 6.2) a file outside can no longer be truncated.
CONFINES_TRUNCATION = 3
# From this version on (Linux 6.12) signals to processes outside are refused.
CONFINES_SIGNALS = 6


def version() -> int:
    """Return the version of Landlock in this kernel, 0 without it."""
    try:
        return kernel.syscall(
            "landlock_create_ruleset",
            _CREATE_RULESET,
            None,
            ctypes.c_size_t(0),
            ctypes.c_uint(_ASK_VERSION),
        )
    except OSError:
        return 0


def restrict(read: list[str], write: list[str], own_network: bool) -> None:
    """Confine this process to what lies below these paths; those that do not exist are skipped.

    Args:
        own_network: leave TCP alone, since it leads nowhere.
    """
    known = version()
    rights = _rights(known)
    ruleset = _ruleset(known, rights, own_network)
    for paths, access in ((read, _READ), (write, rights)):
        for path in paths:
            _allow(ruleset, path, access & rights)
    kernel.syscall("landlock_restrict_self", _RESTRICT_SELF, ctypes.c_int(ruleset), 0)
    os.close(ruleset)


def _rights(known: int) -> int:
    rights = _FIRST_RIGHTS
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        if known >= since:
            rights |= right
    return rights


def _ruleset(known: int, rights: int, own_network: bool) -> int:
    network = _TCP if known >= 4 and not own_network else 0
    scopes = _SCOPES if known >= CONFINES_SIGNALS else 0
    size = 8 if known < 4 else 16 if known < CONFINES_SIGNALS else 24
    attributes = struct.pack("QQQ", rights, network, scopes)
    return kernel.syscall(
        "landlock_create_ruleset",
        _CREATE_RULESET,
        ctypes.c_char_p(attributes),
        ctypes.c_size_t(size),
        ctypes.c_uint(0),
    )


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            access &= _ON_FILES
        rule = struct.pack("=Qi", access, fd)
        kernel.syscall(
            "landlock_add_rule",
            _ADD_RULE,
            ctypes.c_int(ruleset),
            ctypes.c_int(_RULE_PATH_BENEATH),
            ctypes.c_char_p(rule),
            ctypes.c_uint(0),
        )
    finally:
        os.close(fd)
