"""Ctrl-C and SIGTERM: the first asks the work to stop, the second ends the process."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Coroutine
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["Interrupted", "ignore_ctrl_c", "run"]

T = TypeVar("T")

_ignoring = False


class Interrupted(KeyboardInterrupt):
    """The work was asked to stop; `code` is 128 + the number of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` until it is done, or until a signal has stopped it.

    Raises:
        Interrupted: it was a signal.
    """
    caught: list[int] = []

    async def main() -> T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task

        def stop(number: int, frame: FrameType | None) -> None:
            if _ignoring and number == signal.SIGINT:  # meant for the editor
                return
            if caught:
                signal.signal(number, signal.SIG_DFL)
                os.kill(os.getpid(), number)
            caught.append(number)
            loop.call_soon_threadsafe(task.cancel)

        before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            before = {n: signal.signal(n, stop) for n in (signal.SIGINT, signal.SIGTERM)}
        try:
            return await work
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    try:
        return asyncio.run(main())
    except asyncio.CancelledError:
        if caught:
            raise Interrupted(caught[0]) from None
        raise


@contextmanager
def ignore_ctrl_c() -> Iterator[None]:
    """Leave Ctrl-C to the program that has the terminal now."""
    global _ignoring
    _ignoring = True
    try:
        yield
    finally:
        _ignoring = False
