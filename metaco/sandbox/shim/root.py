"""A file system of the sandbox's own: an empty root, the interpreter read-only, one writable place.

What is not mounted does not exist, and what is written goes to memory of a fixed size that
disappears with the sandbox.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct

from . import kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .request import NewRoot

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 0x1, 0x2, 0x4, 0x8
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_MNT_DETACH = 2
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_MOUNT_SETATTR = 442  # since Linux 5.12
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTR_READ_ONLY, _ATTR_NO_SETUID = 0x1, 0x2

_OLD = "/.host"
_ROOT_OPTIONS = "mode=755,size=4m,nr_inodes=4096"
# What can be mapped and shared without a file would be memory that nobody counts: /dev/zero is
# /dev/full, which reads the same and cannot be mapped.
_DEVICES = {name: name for name in ("null", "full", "random", "urandom", "tty")} | {"zero": "full"}
_DEVICE_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "ptmx": "pts/ptmx",
}
SHARED_MEMORY = "shm"  # below the writable place; the command sees it as /dev/shm
TEMPORARY = "tmp"  # below the writable place; the command sees it as /tmp too


def enter(root: NewRoot, home: str, disk_bytes: int, disk_files: int) -> None:
    """Replace the file system of this process, in a mount namespace of its own.

    Args:
        home: where in the sandbox the writable place is.
        disk_bytes, disk_files: the most that it holds.
    """
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    _mount("root", root["anchor"], "tmpfs", _MS_NOSUID | _MS_NODEV, _ROOT_OPTIONS)
    os.chdir(root["anchor"])
    os.mkdir("." + _OLD, 0o700)
    number = _PIVOT_ROOT[os.uname().machine]
    kernel.syscall("pivot_root", number, b".", b"." + _OLD.encode())
    os.chdir("/")

    _writable(home, disk_bytes, disk_files)  # first, as an interpreter may lie below /tmp
    for source, target in root["binds"]:
        _bind(_OLD + source, target)
        _restrict(target, _ATTR_READ_ONLY | _ATTR_NO_SETUID, _AT_RECURSIVE)
    for target, link in root["links"]:
        os.makedirs(os.path.dirname(link), exist_ok=True)
        os.symlink(target, link)
    _devices(home)
    _processes()

    kernel.check(kernel.libc.umount2(_OLD.encode(), _MNT_DETACH), "umount2")
    os.rmdir(_OLD)
    _restrict("/", _ATTR_READ_ONLY, 0)


def _writable(home: str, disk_bytes: int, disk_files: int) -> None:
    os.makedirs(home)
    options = f"mode=755,size={disk_bytes},nr_inodes={disk_files}"
    _mount("sandbox", home, "tmpfs", _MS_NOSUID | _MS_NODEV, options)
    for name in (TEMPORARY, SHARED_MEMORY):
        os.mkdir(f"{home}/{name}")
        os.chmod(f"{home}/{name}", 0o1777)
    _bind(f"{home}/{TEMPORARY}", "/tmp")


def _devices(home: str) -> None:
    os.mkdir("/dev")
    for name, source in _DEVICES.items():
        _bind(f"{_OLD}/dev/{source}", f"/dev/{name}")
    for name, target in _DEVICE_LINKS.items():
        os.symlink(target, f"/dev/{name}")
    _bind(f"{home}/{SHARED_MEMORY}", "/dev/shm")
    os.mkdir("/dev/pts")
    try:
        options = "newinstance,ptmxmode=0666,mode=620"
        _mount("devpts", "/dev/pts", "devpts", _MS_NOSUID | _MS_NOEXEC, options)
    except OSError:
        pass  # a program that wants a terminal is told that there is none


def _processes() -> None:
    os.mkdir("/proc")
    # Read-only, because a root without capabilities may still write the settings below it.
    flags = _MS_RDONLY | _MS_NOSUID | _MS_NODEV | _MS_NOEXEC
    try:
        _mount("proc", "/proc", "proc", flags)
    except OSError as error:
        # Containers that mask parts of /proc forbid a new one.
        raise OSError(error.errno, f"{error.strerror}; without it memory is not seen") from error


def _bind(source: str, target: str) -> None:
    if stat.S_ISDIR(os.stat(source).st_mode):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))
    _mount(source, target, None, _MS_BIND | _MS_REC)


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    words = (None if word is None else word.encode() for word in (source, target, kind, options))
    what, where, type_, data = words
    kernel.check(
        kernel.libc.mount(what, where, type_, ctypes.c_ulong(flags), data),
        f"mount {kind or source or ''} on {target}",
    )


def _restrict(target: str, attributes: int, flags: int) -> None:
    kernel.syscall(
        "mount_setattr",
        _MOUNT_SETATTR,
        ctypes.c_int(_AT_FDCWD),
        target.encode(),
        ctypes.c_uint(flags),
        struct.pack("QQQQ", attributes, 0, 0, 0),
        ctypes.c_size_t(32),
    )
