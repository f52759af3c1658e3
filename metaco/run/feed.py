"""The feed: the entries of a run in their order, as they get their positions in the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from metaco.run.entries import Entry
from metaco.run.log import Log

__all__ = ["Feed"]


class Feed:
    """Hands on the entries of one run, one after the other, to one who applies them.

    Those of this process are put here as soon as they have their position, before they are on
    disk; those of others are read from the log where they leave a gap.

    Args:
        log, run: where the entries are kept.

    Attributes:
        n: the position of the last entry that was applied.
        is_open: whether somebody applies entries now.
    """

    def __init__(self, log: Log, run: str) -> None:
        self.log, self.run = log, run
        self.n, self.is_open = 0, False
        self._here: dict[int, Entry] = {}
        self._moved = asyncio.Event()
        self._waiting: dict[int, asyncio.Event] = {}

    async def entries(self, after: int, busy: Callable[[], bool]) -> AsyncGenerator[Entry, None]:
        """Yield each entry behind `after`; an entry is applied when the next one is asked for.

        Args:
            busy: returns whether there may be more; `wake` has it asked again.
        """
        self.n, self.is_open, self._here = after, True, {}
        try:
            while True:
                if entry := self._here.pop(self.n + 1, None):
                    yield entry
                    self._advance(entry.n)
                elif self._here:  # others write as well
                    await self.read_on()
                elif busy():
                    self._moved.clear()
                    await self._moved.wait()
                else:
                    return
        finally:
            self.is_open = False
            for waiting in self._waiting.values():
                waiting.set()
            self._waiting.clear()

    def put(self, entry: Entry) -> None:
        """Take in an entry that has its position."""
        if entry.n > self.n:
            self._here[entry.n] = entry
            self._moved.set()

    def wake(self) -> None:
        """Have it asked again whether there may be more entries."""
        self._moved.set()

    async def read_on(self) -> int:
        """Take in all that the log holds by now; return its last position."""
        entries = await self.log.read(self.run, self.n)
        for entry in entries:
            self.put(entry)
        return entries[-1].n if entries else self.n

    async def applied(self, n: int) -> None:
        """Wait until the entry at `n` is applied, or nobody applies entries any more."""
        if self.is_open and self.n < n:
            await self._waiting.setdefault(n, asyncio.Event()).wait()

    def _advance(self, n: int) -> None:
        self.n = n
        if waiting := self._waiting.pop(n, None):
            waiting.set()
