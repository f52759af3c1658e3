"""A semaphore for all event loops and threads of this process."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from types import TracebackType

from metaco.core.loops import post

__all__ = ["Slots"]


class Slots:
    """A fair semaphore that belongs to no event loop: first come, first served.

    Use it as ``async with slots:``, or acquire and release. Waiting blocks no thread.

    Args:
        count: how many may be inside at once.
    """

    def __init__(self, count: int) -> None:
        self._free = count
        self._lock = threading.Lock()
        # None while nobody waits: there are several of these per run, most of them without a limit.
        self._waiting: deque[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] | None = None

    async def acquire(self) -> None:
        """Wait until there is room inside, and take it."""
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return
            loop = asyncio.get_running_loop()
            turn: asyncio.Future[None] = loop.create_future()
            self._waiting = self._waiting or deque()
            self._waiting.append((loop, turn))
        try:
            await turn
        except asyncio.CancelledError:
            with self._lock:
                waited = self._waiting is not None and (loop, turn) in self._waiting
                if self._waiting and waited:
                    self._waiting.remove((loop, turn))
            if not waited and (turn.cancelled() or turn.done()):
                self.release()  # the slot was on its way to us, or had just arrived
            raise

    def release(self) -> None:
        """Give the room to the one that waits longest, or back."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._free += 1
                    return
                loop, turn = self._waiting.popleft()
            if post(loop, _wake, turn):
                return

    async def __aenter__(self) -> None:
        await self.acquire()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _wake(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_result(None)
