"""The feed: the way of one run to its log and back, entry by entry."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from functools import partial

from metaco.core.errors import MetacoError
from metaco.core.loops import finish
from metaco.run.entries import Entry, Fact
from metaco.run.log import Log, Money

__all__ = ["Feed"]


class Feed:
    """Appends entries of one run, and hands on all there are in their order.

    Those of this process are handed on as soon as they have their position, before they are on
    disk; those of others are read from the log where they leave a gap.

    Args:
        log, run: where the entries are kept.
        apply: takes in an entry while nobody takes them from `entries`.
        on_failure: called if an entry that was gone on with does not get onto the disk.

    Attributes:
        n: the position of the last entry that was applied.
    """

    def __init__(
        self,
        log: Log,
        run: str,
        apply: Callable[[Entry], object],
        on_failure: Callable[[MetacoError], None],
    ) -> None:
        self.log, self.run, self.n = log, run, 0
        self._apply, self._on_failure = apply, on_failure
        self._is_open = False
        self._here: dict[int, Entry] = {}
        self._moved = asyncio.Event()
        self._waiting: dict[int, asyncio.Event] = {}

    async def append(
        self,
        key: str,
        fact: Fact,
        money: Money | None = None,
        *,
        early: bool = False,
        begun: Callable[[], None] | None = None,
    ) -> bool:
        """Append an entry, and return once it is applied and on disk.

        A cancel is raised once it is known whether the entry is there.

        Args:
            money: what it changes about the dollars of a day.
            early: return before it is on disk. What follows from it is behind it in the log: no
                call is made, and no run ends, before it is on disk as well.
            begun: called if the entry is new, also where a cancel is raised.

        Returns:
            Whether it is new: false if there was one of that kind and key.
        """
        try:
            entry = await self.log.append(
                self.run,
                key,
                fact,
                early=early,
                money=money,
                positioned=partial(self._take, begun),
                on_failure=self._on_failure,
            )
            if self._is_open:
                await self._applied(entry.n if entry else await self._read_on())
            if not self._is_open:
                await self.catch_up()
        except asyncio.CancelledError:
            await finish(self._read_on())  # it is known then whether the entry is there
            raise
        return entry is not None

    async def catch_up(self) -> None:
        """Apply what the log holds and is not applied yet."""
        for entry in await self.log.read(self.run, self.n):
            if entry.n > self.n:
                self.n = entry.n
                self._apply(entry)

    async def entries(self, busy: Callable[[], bool]) -> AsyncGenerator[Entry, None]:
        """Yield each further entry; it is applied when the next one is asked for.

        Args:
            busy: returns whether there may be more; `wake` has it asked again.
        """
        self._is_open, self._here = True, {}
        try:
            while True:
                if entry := self._here.pop(self.n + 1, None):
                    yield entry
                    self.n = entry.n
                    if waiting := self._waiting.pop(self.n, None):
                        waiting.set()
                elif self._here:  # others write as well
                    await self._read_on()
                elif busy():
                    self._moved.clear()
                    await self._moved.wait()
                else:
                    return
        finally:
            self._is_open = False
            for waiting in self._waiting.values():
                waiting.set()
            self._waiting.clear()

    def wake(self) -> None:
        """Have it asked again whether there may be more entries."""
        self._moved.set()

    def _take(self, begun: Callable[[], None] | None, entry: Entry | None) -> None:
        """Take in an entry of our own that has its position."""
        if entry:
            self._put(entry)
            if begun:
                begun()

    def _put(self, entry: Entry) -> None:
        if entry.n > self.n:
            self._here[entry.n] = entry
            self._moved.set()

    async def _read_on(self) -> int:
        """Take in all that the log holds by now; return its last position."""
        entries = await self.log.read(self.run, self.n)
        for entry in entries:
            self._put(entry)
        return entries[-1].n if entries else self.n

    async def _applied(self, n: int) -> None:
        """Wait until the entry at `n` is applied, or nobody takes entries any more."""
        if self.n < n:
            await self._waiting.setdefault(n, asyncio.Event()).wait()
