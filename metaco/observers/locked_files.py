"""Locked files that say who is at work: nobody holds one once its maker is dead.

What was left over when a process was killed can be told from what is in use without asking the
clock or trusting the number of a process: the system takes the lock from a file with the last
process that holds it, whatever ended that.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

__all__ = ["exclusive_lock", "left_over", "locked_file", "put"]

if sys.platform == "win32":

    def _lock(descriptor: int) -> bool:
        return True  # what is open elsewhere cannot be removed there, which is enough

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def locked_file(folder: Path, name: str) -> Iterator[tuple[Path, int]]:
    """Make a new file in `folder`, hold it, and remove it at the end.

    Yields:
        The file and its descriptor.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(exist_ok=True)
    while True:
        path = folder / f"{name}-{secrets.token_hex(8)}.new"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        locked = True
        with suppress(OSError):  # a disk without locks; there, nothing is ever left over
            locked = _lock(descriptor)
        if locked and path.exists():
            break
        os.close(descriptor)  # somebody took it for left over, between the two calls
    try:
        yield path, descriptor
    finally:
        os.close(descriptor)
        with suppress(OSError):
            path.unlink(missing_ok=True)


@asynccontextmanager
async def exclusive_lock(path: Path) -> AsyncIterator[tuple[int, str, int]]:
    """Wait until nobody else holds the file, and hold it.

    Yields:
        Its descriptor, for children that are to hold it as well; how the last time ended: nothing
        if well, ``undone`` after an error, ``killed``; and when that had begun, in ns since 1970.

    Raises:
        OSError: it cannot be made.
    """
    path.parent.mkdir(exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        certain = False
        with suppress(OSError):  # a disk without locks
            while not _lock(descriptor):  # noqa: ASYNC110  nobody tells when it is free
                await asyncio.sleep(0.02)
            certain = sys.platform != "win32"
        last, began = os.read(descriptor, 10), os.fstat(descriptor).st_mtime_ns
        _say(descriptor, b"working")
        try:
            yield descriptor, {b"": "", b"working": "killed" * certain}.get(last, "undone"), began
        except BaseException:
            _say(descriptor, b"undone")
            raise
        _say(descriptor, b"")
    finally:
        os.close(descriptor)


def _say(descriptor: int, text: bytes) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, text)


def left_over(folder: Path, name: str) -> Iterator[Path]:
    """Yield the files of this name in `folder` that nobody holds."""
    for path in sorted(folder.glob(f"{name}-*.new")):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDWR)
            try:
                free = _lock(descriptor)
            finally:
                os.close(descriptor)
            if free:
                yield path


def put(target: Path, content: bytes, folder: Path) -> None:
    """Write a file whole or not at all: it is made in `folder`, on the same disk, and moved.

    Raises:
        OSError: it cannot be written.
    """
    with locked_file(folder, "draft") as (draft, _):
        draft.write_bytes(content)
        if sys.platform != "win32":
            draft.replace(target)
            return
    whole = draft.with_suffix(".whole")  # there, what is open cannot be moved
    whole.write_bytes(content)
    whole.replace(target)
