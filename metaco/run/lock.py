"""One at a time works on a run: a lock in a file that the kernel frees when its owner dies.

All runs of a workspace share one file, of which each locks one byte, so that a thousand runs at
once need one open file. The kernel knows the owner; nothing is written that could be out of date.

On Linux the lock belongs to our open file (F_OFD_SETLK of fcntl(2)). Elsewhere it belongs to the
process, and whoever opens and closes the file in it frees all its locks. Who deletes the file while
somebody works takes the lock away.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import struct
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from metaco.core.errors import RunBusy, WorkspaceError

__all__ = ["alone", "worker"]

_FILE = "metaco.lock"
_LOOK = 0.2  # seconds between two looks at a lock that is waited for

# Locks do not tell apart who works within a process, so the runs it works on are kept here. The
# files stay open: closing one would free all its locks.
_open: dict[tuple[int, int], int] = {}
_ours: set[tuple[int, str]] = set()
_guard = threading.Lock()


@asynccontextmanager
async def alone(root: Path, run: str, *, wait: bool = False) -> AsyncIterator[None]:
    """Be the only one who works on `run` of the workspace `root`.

    Args:
        wait: until the other one is done; else it is an error that there is one.

    Raises:
        RunBusy: somebody else works on it.
        WorkspaceError: the file of the locks cannot be made, or its file system has no locks.
    """
    file = _file(root)
    while not _take(file, run):
        if not wait:
            raise RunBusy(
                f"{_owner(file, run)} is working on the run {run}.",
                "Wait for it with `metaco resume --wait`, or end it first.",
            )
        await asyncio.sleep(_LOOK)
    try:
        yield
    finally:
        _free(file, run)


def worker(root: Path, run: str) -> str:
    """Return who works on `run` now, as ``process 4711``; empty if nobody does."""
    file = _file(root)
    with _guard:
        if (file, run) not in _ours and not _locked(file, _offset(run)):
            return ""
    return _owner(file, run).lower()


def _file(root: Path) -> int:
    """Return the open file of the workspace's locks, the same one each time."""
    path = root / _FILE
    with _guard:
        try:
            root.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.touch()
            known = (path.stat().st_dev, path.stat().st_ino)
            if known not in _open:
                _open[known] = os.open(path, os.O_RDWR)
        except OSError as error:
            raise WorkspaceError(
                f"The file {path} cannot be opened: {error.strerror}.",
                "Correct its permissions, or choose another workspace.",
            ) from error
        return _open[known]


def _offset(run: str) -> int:
    """Return which byte stands for a run; the file need not be that long."""
    return int.from_bytes(hashlib.sha256(run.encode()).digest()[:7], "big")


def _take(file: int, run: str) -> bool:
    with _guard:
        if (file, run) in _ours:
            return False
        try:
            taken = _lock(file, _offset(run))
        except OSError as error:
            raise WorkspaceError(
                f"The file system of the workspace does not support locks: {error.strerror}.",
                "Choose another one with --workspace; without locks a run could be paid twice.",
            ) from error
        if taken:
            _ours.add((file, run))
        return taken


def _free(file: int, run: str) -> None:
    with _guard:
        _ours.discard((file, run))
        _unlock(file, _offset(run))


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, offset: int) -> bool:
        os.lseek(file, offset, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _unlock(file: int, offset: int) -> None:
        os.lseek(file, offset, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

    def _locked(file: int, offset: int) -> bool:
        if taken := _lock(file, offset):
            _unlock(file, offset)
        return not taken

    def _owner(file: int, run: str) -> str:
        return "This process" if (file, run) in _ours else "Another process"

else:
    import fcntl

    # struct flock on 64-bit Linux: type, whence, start, length, pid; there are no pids of locks
    # that belong to files, so that one of the process, on another byte, says who it is.
    _FLOCK = "hhqqi4x" if sys.platform == "linux" and struct.calcsize("P") == 8 else ""
    _NAMED = 1 << 56

    def _ask(file: int, command: str, kind: int, offset: int) -> tuple[int, ...]:
        asked = struct.pack(_FLOCK, kind, os.SEEK_SET, offset, 1, 0)
        return struct.unpack(_FLOCK, fcntl.fcntl(file, getattr(fcntl, command), asked))

    def _lock(file: int, offset: int) -> bool:
        try:
            if _FLOCK:
                _ask(file, "F_OFD_SETLK", fcntl.F_WRLCK, offset)
                _ask(file, "F_SETLK", fcntl.F_WRLCK, offset + _NAMED)
            else:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, offset)
        except (BlockingIOError, PermissionError):  # the second is how some systems say it
            return False
        return True

    def _unlock(file: int, offset: int) -> None:
        if _FLOCK:
            _ask(file, "F_SETLK", fcntl.F_UNLCK, offset + _NAMED)
            _ask(file, "F_OFD_SETLK", fcntl.F_UNLCK, offset)
        else:
            fcntl.lockf(file, fcntl.LOCK_UN, 1, offset)

    def _locked(file: int, offset: int) -> bool:
        if _FLOCK:
            return _ask(file, "F_OFD_GETLK", fcntl.F_WRLCK, offset)[0] != fcntl.F_UNLCK
        if taken := _lock(file, offset):
            _unlock(file, offset)
        return not taken

    def _forget() -> None:
        """Let go of the files in a child, which would keep what its parent has locked."""
        global _guard
        _guard = threading.Lock()
        for file in _open.values():
            os.close(file)
        _open.clear()
        _ours.clear()

    os.register_at_fork(after_in_child=_forget)

    def _owner(file: int, run: str) -> str:
        """Return who works on a run, as far as the kernel says it."""
        if (file, run) in _ours:
            return "This process"
        if _FLOCK:
            pid = _ask(file, "F_GETLK", fcntl.F_WRLCK, _offset(run) + _NAMED)[-1]
            if pid > 0:  # 0: in another container
                return f"Process {pid}"
        return "Another process"
