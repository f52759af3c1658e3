"""Observers: anyone who wants to see a run, shown its log entry by entry, each at its own pace."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from metaco.core.errors import MetacoError
from metaco.core.redaction import redact
from metaco.run.entries import CallStarted, Entry, RunEnded
from metaco.run.log import Log

__all__ = ["Observer", "Observers"]

Observer = Callable[[Entry], Awaitable[None] | None]
"""Anyone who wants to see a run: called with each entry, in order.

One that has a method ``on_text(call, text)`` is also called with each piece of a reply as it comes,
in the event loop, so it has to be quick. The pieces are shown and forgotten: nothing of them is in
the log, those of a failed attempt come again, and they may hold keys that the log does not.
"""

GRACE = 10.0
"""Seconds that slow observers get after the end of a run."""


@dataclass(eq=False, slots=True)
class _Watch:
    """An observer and how far it has come."""

    observer: Observer
    n: int
    awaited: bool
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Observers:
    """The observers of one run. None of them can slow it down or break it.

    Attributes:
        warnings: which of them failed or were too slow.
        failed: the warnings about those who are awaited.
    """

    def __init__(self, log: Log, run: str) -> None:
        self.log, self.run = log, run
        self.warnings: list[str] = []
        self.failed: list[str] = []
        self._all: list[tuple[Observer, int, bool]] = []
        self._watching: list[_Watch] = []
        self._end = ""
        self._listening: list[Callable[[CallStarted, str], object]] = []

    def add(self, observer: Observer, after: int, awaited: bool) -> None:
        """Show `observer` the entries behind position `after`, also while the run goes on."""
        self._all.append((observer, after, awaited))
        if self._end:
            self._begin(observer, after, awaited)

    def start(self, end: str) -> None:
        """Begin to show the log, up to the entry `end` with this key."""
        self._end = end
        for facts in self._all:
            self._begin(*facts)

    def on_text(self, call: CallStarted, text: str) -> None:
        """Show a piece of the reply to `call` to those who want it."""
        for listener in list(self._listening):
            try:
                listener(call, text)
            except Exception as error:  # noqa: BLE001  recorded; it must not break the call
                self._listening.remove(listener)
                self._warn(listener, error)

    async def caught_up(self, n: int) -> None:
        """Wait until those who are awaited have seen everything up to position `n`."""
        for watch in self._watching:
            while watch.awaited and watch.n < n and watch.task and not watch.task.done():
                watch.moved.clear()
                moved = asyncio.create_task(watch.moved.wait())
                await asyncio.wait([moved, watch.task], return_when=asyncio.FIRST_COMPLETED)
                moved.cancel()

    def drop(self) -> None:
        """Wait for none of them: the end they look for will not be written."""
        for watch in self._watching:
            if watch.task:
                watch.task.cancel()

    async def finish(self) -> None:
        """Let them see the end: those who are awaited in any case, the others in some time."""
        watching = {watch.task: watch.awaited for watch in self._watching if watch.task}
        self._watching, self._listening, self._end = [], [], ""
        if not watching:
            return
        try:
            await asyncio.wait(watching, timeout=GRACE)
            slow = [task for task, awaited in watching.items() if not awaited and not task.done()]
            for task in slow:
                task.cancel()
            if slow:
                self.warnings.append(
                    f"{len(slow)} observers had not seen everything {GRACE:g} s after the end; "
                    "they can go on from the log."
                )
            await asyncio.wait(watching)
        finally:
            for task in watching:  # the wait for them was broken off
                task.cancel()
            await asyncio.wait(watching)

    def _begin(self, observer: Observer, after: int, awaited: bool) -> None:
        watch = _Watch(observer, after, awaited)
        watch.task = asyncio.create_task(self._show(watch, self._end))
        self._watching.append(watch)
        if listener := getattr(observer, "on_text", None):
            self._listening.append(listener)

    async def _show(self, watch: _Watch, end: str) -> None:
        """Show one observer the log to this run's `end`, which is not that of another process."""
        observer = watch.observer
        try:
            async with aclosing(self.log.follow(self.run, watch.n)) as entries:
                async for entry in entries:
                    if _is_async(observer):
                        await observer(entry)  # type: ignore[misc]
                    else:
                        await asyncio.to_thread(observer, entry)
                    watch.n = entry.n
                    watch.moved.set()
                    if isinstance(entry.fact, RunEnded) and entry.key == end:
                        return
        except Exception as error:  # noqa: BLE001  recorded; an observer must not break the run
            self._warn(observer, error)
            if watch.awaited:
                self.failed.append(self.warnings[-1])

    def _warn(self, observer: object, error: Exception) -> None:
        name = getattr(observer, "__name__", type(observer).__name__)
        problem = redact(str(error) if isinstance(error, MetacoError) else f"{error!r}.")
        self.warnings.append(f"The observer {name} failed and was dropped: {problem}")


def _is_async(observer: Observer) -> bool:
    return inspect.iscoroutinefunction(observer) or inspect.iscoroutinefunction(
        getattr(type(observer), "__call__", None)  # noqa: B004  an object with async __call__
    )
