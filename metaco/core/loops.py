"""Event loops: calls from other threads, and work that a cancellation must not break off."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

__all__ = ["Outbox", "finish", "post"]


def post(loop: asyncio.AbstractEventLoop, call: Callable[..., Any], *args: Any) -> bool:
    """Have `loop` call something, from any thread.

    Returns:
        Whether it still runs; in a loop that is closed nobody waits any more.
    """
    try:
        here: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
    except RuntimeError:
        here = None
    try:
        if here is loop:
            loop.call_soon(call, *args)  # nobody has to be woken
        else:
            loop.call_soon_threadsafe(call, *args)
    except RuntimeError:
        return False
    return True


async def finish(work: Coroutine[Any, Any, object]) -> None:
    """Await `work` to its end, even if we are cancelled meanwhile; then pass that on."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled


class Outbox:
    """Calls on their way from another thread to an event loop, which is woken once for many.

    Args:
        loop: makes the calls, in the order in which they were put here; one that is interrupted by
            Ctrl-C is repeated.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._calls: deque[tuple[Callable[..., Any], tuple[Any, ...]]] = deque()
        self._woken = False

    def put(self, call: Callable[..., Any], *args: Any) -> None:
        """Have the loop call something soon."""
        self._calls.append((call, args))
        if not self._woken:
            self._woken = True
            post(self.loop, self._deliver)
            post(self.loop, self._deliver)  # Ctrl-C may strike the first one before it begins

    def _deliver(self) -> None:
        self._woken = False  # first: what is put from now on wakes the loop again
        try:
            while self._calls:
                call, args = self._calls[0]
                try:
                    call(*args)
                except Exception:
                    self._calls.popleft()
                    raise
                self._calls.popleft()  # only now: after a Ctrl-C it is called again
        finally:
            if self._calls:  # one of them raised
                post(self.loop, self._deliver)
