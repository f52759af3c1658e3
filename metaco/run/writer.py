"""The thread that owns the connection to an SQLite file, and does what is put to it.

It commits what has queued up since the last commit as one transaction, so that a thousand runs in
one process share their disk writes and the event loop never waits for the disk.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias

from metaco.core.errors import LogError, MetacoError
from metaco.core.loops import Outbox

__all__ = ["Job", "OnCommit", "Positions", "Work", "Writer"]

TOGETHER = 64
"""The most jobs that are done in one go; the loop can do its own work in between."""

LINGER = 0.002
"""Seconds that a transaction stays open for what follows, while nobody waits for the disk."""

LONGEST = 0.02
"""Seconds more that it stays open while entries come without a pause."""

OnCommit: TypeAlias = "weakref.WeakMethod[Callable[[set[str]], None]]"
"""Told, in the thread of the writer, of which runs a transaction has written something."""


class Positions(dict[str, int]):
    """The last positions of runs, as long as nobody else has written."""

    _version = 0

    def keep(self, version: int) -> None:
        """Forget them if another connection has changed the file, which gives it a new version."""
        if version != self._version:
            self.clear()
            self._version = version


Work: TypeAlias = "Callable[[sqlite3.Connection, Positions, list[Any]], list[Any]]"
"""What the thread does for requests that came in a row: with the connection, and with the last
positions of runs, as far as they are known. It returns an answer each; an error can be one."""


@dataclass(slots=True)
class Job:
    """A piece of work for the thread, and where its answer goes.

    Attributes:
        work: what is done; jobs with the same that come in a row are done together.
        request: what it is done for.
        outbox: the way to the loop that waits.
        answer: gets what the work returned, once that is on disk.
        run: of which it writes something.
        early: the answer is wanted before it is on disk.
        positioned: called with the same once it is known, before it is on disk.
        on_failure: called if it does not get there and nobody waits for the answer any more.
    """

    work: Work
    request: Any
    outbox: Outbox
    answer: asyncio.Future[Any]
    run: str = ""
    early: bool = False
    positioned: Callable[[Any], None] | None = None
    on_failure: Callable[[MetacoError], None] | None = None


class Writer:
    """Starts the thread, which ends with it.

    Args:
        db: the connection; nobody else uses it from now on.
        on_commit: see `OnCommit`.
    """

    def __init__(self, db: sqlite3.Connection, on_commit: OnCommit) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._outbox: Outbox | None = None
        thread = threading.Thread(
            target=_serve,
            args=(db, _journal(db), self._jobs, on_commit),
            daemon=True,
            name="metaco-log",
        )
        thread.start()
        weakref.finalize(self, self._jobs.put, None)

    def put(
        self,
        work: Work,
        request: Any = None,
        run: str = "",
        early: bool = False,
        positioned: Callable[[Any], None] | None = None,
        on_failure: Callable[[MetacoError], None] | None = None,
    ) -> asyncio.Future[Any]:
        """Have the thread do `work`; the future has what it returns. The arguments are in `Job`."""
        loop, outbox = asyncio.get_running_loop(), self._outbox
        if not outbox or outbox.loop is not loop:
            outbox = self._outbox = Outbox(loop)
        job = Job(work, request, outbox, loop.create_future(), run, early, positioned, on_failure)
        self._jobs.put(job)
        return job.answer


def _serve(
    db: sqlite3.Connection,
    journal: tuple[int, int] | None,
    jobs: queue.SimpleQueue[Job | None],
    on_commit: OnCommit,
) -> None:
    """Commit what has queued up, again and again, until None comes."""
    try:
        closing = False
        lost: LogError | None = None
        last = Positions()
        while not closing:
            batch: list[tuple[Job, Any]] = []
            failure: Exception | None = lost
            for queued in _queued(jobs):
                closing = queued[-1] is None
                for _, same in groupby(filter(None, queued), attrgetter("work")):
                    group = list(same)
                    answers = [failure] * len(group) if failure else _do(db, last, group)
                    failure = next((a for a in answers if isinstance(a, sqlite3.Error)), failure)
                    batch += zip(group, answers, strict=True)
                    if not failure:
                        _tell_early(group, answers)
                if closing:
                    break
            failure = failure or _commit(db)
            if journal and journal != _journal(db):
                failure = lost = LogError(
                    "The journal of the log is gone: code in this process opened and closed the "
                    "file, which frees its locks.",
                    "Copy metaco.db from another process only, then run `metaco resume`.",
                )
            if failure:
                _roll_back(db)
                last.clear()
            for job, answer in batch:
                if failure:
                    job.outbox.put(_fail, job, failure)
                elif not job.early:
                    job.outbox.put(_resolve, job.answer, answer)
            if (runs := {job.run for job, _ in batch if job.run}) and (tell := on_commit()):
                tell(runs)
            tell = None
    finally:
        db.close()


def _journal(db: sqlite3.Connection) -> tuple[int, int] | None:
    """Return which file is the journal now; what is committed to another one is lost.

    SQLite locks by process: whoever in ours opens and closes the file of a log frees its locks, and
    the next process believes to be the last one and removes the journal that we write.
    Source: https://www.sqlite.org/howtocorrupt.html, 2.2.
    """
    ((_, _, file),) = db.execute("pragma database_list").fetchall()
    try:
        journal = Path(f"{file}-wal").stat()
    except OSError:
        return None
    return journal.st_dev, journal.st_ino


def _queued(jobs: queue.SimpleQueue[Job | None]) -> Iterator[list[Job | None]]:
    """Yield the jobs of one transaction: all there are, and while nobody waits, what follows."""
    queued, urgent = _all_of(jobs, jobs.get()), False
    deadline = time.monotonic() + LINGER
    while True:
        yield queued
        urgent = urgent or any(job is None or not job.early for job in queued)
        left = deadline - time.monotonic()
        if left < -LONGEST:
            return
        try:
            first = jobs.get_nowait() if urgent or left <= 0 else jobs.get(timeout=left)
        except queue.Empty:
            return
        queued = _all_of(jobs, first)


def _all_of(jobs: queue.SimpleQueue[Job | None], first: Job | None) -> list[Job | None]:
    """Return a job and what is behind it already."""
    queued = [first]
    with suppress(queue.Empty):
        while len(queued) < TOGETHER:
            queued.append(jobs.get_nowait())
    return queued


def _do(db: sqlite3.Connection, last: Positions, group: list[Job]) -> list[Any]:
    """Return what jobs with the same work gave, or the error they raised."""
    try:
        if not db.in_transaction and any(job.run for job in group):
            db.execute("begin immediate")
            last.keep(db.execute("pragma data_version").fetchone()[0])
        return group[0].work(db, last, [job.request for job in group])
    except Exception as error:  # noqa: BLE001  handed to whoever waits for the answer
        return [error] * len(group)


def _commit(db: sqlite3.Connection) -> sqlite3.Error | None:
    try:
        if db.in_transaction:
            db.execute("commit")
    except sqlite3.Error as error:
        return error
    return None


def _roll_back(db: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):
        if db.in_transaction:
            db.execute("rollback")


def _tell_early(group: list[Job], answers: list[Any]) -> None:
    """Hand on what is not on disk yet to those who want it then."""
    for job, answer in zip(group, answers, strict=True):
        if job.positioned and not isinstance(answer, Exception):
            job.outbox.put(job.positioned, answer)
        if job.early:
            job.outbox.put(_resolve, job.answer, answer)


def _resolve(future: asyncio.Future[Any], answer: Any) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(_explained(answer))
    else:
        future.set_result(answer)


def _fail(job: Job, error: Exception) -> None:
    """Hand on that a job did not get onto the disk."""
    if job.on_failure and job.answer.done():
        job.on_failure(_explained(error))
    else:
        _resolve(job.answer, error)


def _explained(error: Exception) -> MetacoError:
    """Return what a person is told of an error of a job."""
    if isinstance(error, sqlite3.Error):
        return LogError(
            f"The log cannot be written or read: {error}.",
            "Free some disk space or choose another workspace, then run `metaco resume`.",
        )
    if isinstance(error, MetacoError):  # a check refused it
        return error
    return LogError(
        f"The log holds an entry that cannot be read: {error}.",
        "Restore metaco.db from a copy, or choose another workspace.",
    )
