"""Files that say who is at work: held by their maker, and by nobody else once that is dead.

What was left over when a process was killed can be told from what is in use without asking the
clock or trusting the number of a process: the system takes the lock from a file with the last
process that holds it, whatever ended that.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["held", "left_over", "put"]

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
def held(folder: Path, name: str) -> Iterator[tuple[Path, int]]:
    """Make a new file in `folder`, hold it, and remove it at the end.

    Yields:
        The file and its descriptor. A child that inherits the descriptor holds the file as well.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(exist_ok=True)
    while True:
        path = folder / f"{name}-{secrets.token_hex(8)}.new"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
        mine = True
        with suppress(OSError):  # a disk without locks; there, nothing is ever left over
            mine = _lock(descriptor)
        if mine and path.exists():
            break
        os.close(descriptor)  # somebody took it for left over, between the two calls
    try:
        yield path, descriptor
    finally:
        os.close(descriptor)
        with suppress(OSError):
            path.unlink(missing_ok=True)


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
    with held(folder, "draft") as (draft, _):
        draft.write_bytes(content)
        if sys.platform != "win32":
            draft.replace(target)
            return
    whole = draft.with_suffix(".whole")  # there, what is open cannot be moved
    whole.write_bytes(content)
    whole.replace(target)
