"""Context managers that are held open by a task of their own.

Some have to be closed by the very task that opened them, as those of anyio; turns are tasks that
come and go.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Generic, TypeVar

__all__ = ["Held"]

T = TypeVar("T")


class Held(Generic[T]):
    """A context manager that is open until `close`; it begins to open at once.

    Args:
        manager: what is opened.
    """

    def __init__(self, manager: AbstractAsyncContextManager[T]) -> None:
        self._opened: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._end = asyncio.Event()
        self._task = asyncio.create_task(self._hold(manager))

    async def value(self) -> T:
        """Wait until it is open, and return what it gives; raises what opening it raises."""
        return await asyncio.shield(self._opened)

    async def close(self) -> None:
        """Close it; what is not open yet does not get there. Raises what closing it raises."""
        if self._opened.done():
            self._end.set()
        else:
            self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.result()

    async def _hold(self, manager: AbstractAsyncContextManager[T]) -> None:
        try:
            async with manager as value:
                self._opened.set_result(value)
                await self._end.wait()
        except Exception as error:
            if self._opened.done():
                raise
            self._opened.set_exception(error)
            self._opened.exception()  # nobody may be left to hear of it
        finally:
            self._opened.cancel()
