"""The log: an append-only sequence of entries, the only state a run has.

Everything else is computed from it: what is ready to run, the workspace, the cost, what
every command prints. An *entry* is the envelope; a `metaco.core.document.Message` is what a
role published. What entries say is in `metaco.run.entries`, where they are kept in
`metaco.run.store`.

(run, kind, key) is unique for ever: a second append is refused, which is what makes a turn and a
paid reply happen once, whoever else is writing.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable
from pathlib import Path
from typing import ClassVar, TypeVar

from metaco.core.errors import MetacoError
from metaco.core.loops import post
from metaco.run.entries import (
    Entry,
    Fact,
    ProjectNamed,
    RunEnded,
    RunStarted,
    SandboxDisabled,
)
from metaco.run.store import Money, Store

__all__ = ["Log", "Money"]

F = TypeVar("F", RunStarted, ProjectNamed, SandboxDisabled, RunEnded)


class Log:
    """The entries of all runs of one workspace.

    Use `Log.open` to share one `Log` per file within a process.

    Args:
        path: the file; missing folders are made. ``:memory:`` keeps nothing.

    Raises:
        LogError: the file cannot be opened, or is not a log.
    """

    _opened: ClassVar[weakref.WeakValueDictionary[str, Log]] = weakref.WeakValueDictionary()

    def __init__(self, path: str | Path = ":memory:") -> None:
        self.path = str(path)
        self._followers: dict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = (
            defaultdict(list)
        )
        self._lock = threading.Lock()
        self._store = Store(self.path, weakref.WeakMethod(self._wake))

    @classmethod
    def open(cls, path: str | Path) -> Log:
        """Return the log in file `path`, the same object for the same file while it is in use."""
        name = str(Path(path).absolute())
        log = cls._opened.get(name)
        if log is None:
            log = cls._opened[name] = cls(name)
        return log

    def append(
        self,
        run: str,
        key: str,
        fact: Fact,
        *,
        early: bool = False,
        money: Money | None = None,
        positioned: Callable[[Entry | None], None] | None = None,
        on_failure: Callable[[MetacoError], None] | None = None,
    ) -> asyncio.Future[Entry | None]:
        """Append an entry; the future is done when it is on disk.

        Entries reach the log in the order of the calls, so a durable entry means that all earlier
        ones of this process are durable too.

        Args:
            early: the future is done when the entry has its position in the log; it may take some
                milliseconds more until it is on disk.
            money: what it changes about the dollars of a day.
            positioned: called with the same as soon as the entry has its position.
            on_failure: called if it does not get onto the disk and the future can no longer say so.

        Returns:
            A future of the entry, or of None if (run, kind, key) was there already. It raises
            `LimitReached` where the day has no room for the money.

        Raises:
            TypeError: the fact is no plain JSON.
        """
        return self._store.append(
            run, key, fact, early=early, money=money, positioned=positioned, on_failure=on_failure
        )

    async def keep(self, text: str) -> str:
        """Keep a text beside the entries, each once; return the hash under which it is found."""
        return await self._store.keep(text)

    async def kept(self, name: str) -> str:
        """Return the text that is kept under a hash.

        Raises:
            LogError: there is none.
        """
        return await self._store.kept(name)

    async def read(self, run: str, after: int = 0) -> list[Entry]:
        """Return the entries of `run` behind position `after`."""
        return await self._store.read(run, after)

    async def runs(self) -> list[Entry]:
        """Return the first entry of every run, the newest last."""
        return await self._store.read_starts()

    async def last_entry(self, run: str, kind: str) -> Entry | None:
        """Return the newest entry of a kind, if there is one."""
        entries = await self._store.read_last(run, kind)
        return entries[0] if entries else None

    async def last(self, run: str, kind: type[F]) -> F | None:
        """Return what the newest entry of a kind says, if there is one."""
        entry = await self.last_entry(run, str(kind.kind))
        return entry.fact if entry and isinstance(entry.fact, kind) else None

    async def follow(
        self, run: str, after: int = 0, *, poll: float | None = None
    ) -> AsyncGenerator[Entry, None]:
        """Yield the entries of `run` behind `after`, then each new one as it is written.

        Args:
            poll: seconds after which to look for entries that other processes wrote; None where
                only this process writes.
        """
        follower = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._followers[run].append(follower)
        try:
            while True:
                follower[1].clear()
                for entry in await self.read(run, after):
                    after = entry.n
                    yield entry
                if not follower[1].is_set():
                    try:
                        await asyncio.wait_for(follower[1].wait(), poll)
                    except TimeoutError:
                        continue
        finally:
            with self._lock:
                self._followers[run].remove(follower)
                if not self._followers[run]:
                    del self._followers[run]

    async def close(self) -> None:
        """Wait until everything is on disk."""
        await self._store.flush()

    def _wake(self, runs: Iterable[str]) -> None:
        with self._lock:
            waiting = [follower for run in runs for follower in self._followers.get(run, ())]
        for loop, event in waiting:
            post(loop, event.set)
