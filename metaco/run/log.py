"""The log: an append-only sequence of entries, the only state a run has.

Everything else is computed from it: what is ready to run, the workspace, the cost, the page a
person looks at. An *entry* is the envelope; a `metaco.core.document.Message` is what a
role published.

Kinds of entries and their bodies::

    run       sop, options, models, version           written once, first
    input     a message: the requirement, or a change of it
    call      turn, step, model, prompt, worst case   before each attempt to call a model
    reply     text, usage, model, cost, seconds       as it arrives, before it is parsed; one that
                                                      came after another has the attempt's key
    error     status, problem, retry_after, unsure    an attempt that got no reply
    turn      step, reads, publishes                  one action, whole: all or nothing
    failure   step, error, problem, remedy            a turn that failed
    decision  turn, verdict, publishes                a person's word at a gate
    note      base, text                              feedback, or "try again"
    project   folder                                  where the workspace keeps this run's files
    sandbox   sandbox                                 it was switched off, in a resume
    end       status                                  the run came to rest

(run, kind, key) is unique for ever: a second append is refused, which is what makes a turn and a
paid reply happen once, whoever else is writing.
"""

from __future__ import annotations

import asyncio
import json
import math
import queue
import sqlite3
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from metaco.core.errors import LimitReached, LogError, MetacoError

__all__ = ["FORMAT", "Entry", "Log", "Money"]

FORMAT = 1
"""Version of what is written; later versions only add."""

LINGER = 0.002
"""Seconds that a transaction stays open for what follows, while nobody waits for the disk."""

_SLACK = 1e-9  # sums of binary fractions

LONGEST = 0.02
"""Seconds more that it stays open while entries come without a pause."""

_SCHEMA = """
create table if not exists entry(
    run text not null, n integer not null, at real not null,
    kind text not null, key text not null, body text not null,
    primary key (run, n), unique (run, kind, key)
) without rowid;
create index if not exists entry_by_kind on entry(kind, at);
create table if not exists day(day text primary key, dollars real not null) without rowid;
"""

_BOOK = """
insert into day(day, dollars) values(:day, :dollars)
on conflict(day) do update set dollars = dollars + excluded.dollars
"""

_INSERT = """
insert into entry(run, n, at, kind, key, body)
select :run, coalesce(max(n), 0) + 1, :at, :kind, :key, :body from entry where run = :run
on conflict do nothing returning n
"""

# For a log without the table of days: what replies cost, and what calls may cost of which nothing
# was heard yet. Of several attempts at one call the last is the one that the reply answers; the
# others failed, or were lost in a crash.
_SPENT = """
select coalesce(sum(json_extract(body, '$.cost')), 0) from entry e
where at >= ? and (kind = 'reply' or kind = 'call'
    and not exists (select 1 from entry where run = e.run and kind = 'error' and key = e.key
        and not coalesce(json_extract(body, '$.unsure'), 0))
    and not (
        exists (select 1 from entry where run = e.run and kind = 'reply'
            and key = substr(e.key, 1, instr(e.key, '/') - 1))
        and not exists (select 1 from entry where run = e.run and kind = 'call' and n > e.n
            and key >= substr(e.key, 1, instr(e.key, '/'))
            and key < substr(e.key, 1, instr(e.key, '/') - 1) || '0')
    ))
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact of a run.

    Attributes:
        run: the run it belongs to.
        n: its place in that run, from 1, without gaps.
        at: when it was written, in seconds since 1970.
        kind: one of the kinds above.
        key: unique among the entries of this kind in this run.
        body: plain JSON.
    """

    run: str
    n: int
    at: float
    kind: str
    key: str
    body: dict[str, Any]

    def dump(self) -> dict[str, Any]:
        """Return the entry as plain JSON, as `metaco export` writes it."""
        return {name: getattr(self, name) for name in ("run", "n", "at", "kind", "key", "body")}


@dataclass(frozen=True, slots=True)
class Money:
    """What an entry changes about the dollars of a day, in the same transaction.

    A call adds what it may cost at worst, its reply or error what that was too much. It counts for
    the day on which the call began.

    Attributes:
        dollars: what is added; below zero where less was used than was held.
        day: the local date, as ``2026-11-29``.
        most: the most that all runs of the log may use on that day.
    """

    dollars: float
    day: str
    most: float = math.inf

    @staticmethod
    def today(clock: float | None = None) -> str:
        """Return the local date now, or at a time in seconds since 1970."""
        return time.strftime("%Y-%m-%d", time.localtime(clock))


@dataclass(slots=True)
class _Job:
    """A piece of work for the log's thread, and where its answer goes."""

    work: Callable[[sqlite3.Connection], Any]
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Any]
    run: str = ""  # set where it writes
    early: asyncio.Future[Any] | None = None  # gets the answer before it is on disk
    urgent: bool = True  # somebody waits until it is on disk


class Log:
    """The entries of all runs of one workspace, in one SQLite file.

    One thread owns the connection and commits what has queued up since the last commit as one
    transaction, so that a thousand runs in one process share their disk writes and the event loop
    never waits for the disk. Use `Log.open` to share one `Log` per file within a process.

    Args:
        path: the file; missing folders are made. ``:memory:`` keeps nothing.

    Raises:
        LogError: the file cannot be opened, or is not a log.
    """

    _opened: ClassVar[weakref.WeakValueDictionary[str, Log]] = weakref.WeakValueDictionary()

    def __init__(self, path: str | Path = ":memory:") -> None:
        self.path = str(path)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._followers: dict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = (
            defaultdict(list)
        )
        self._lock = threading.Lock()
        db: sqlite3.Connection | None = None
        try:
            if self.path != ":memory:":
                Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(
                self.path, isolation_level=None, timeout=30, check_same_thread=False
            )
            db.execute("pragma journal_mode=wal")
            db.execute("pragma synchronous=full")
            _prepare(db)
        except (sqlite3.Error, OSError) as error:
            if db:
                db.close()
            raise LogError(
                f"The log {self.path} cannot be opened: {error}.",
                "Check that the folder can be written and has space, or choose another workspace.",
            ) from error
        thread = threading.Thread(
            target=_serve,
            args=(db, _journal(db), self._jobs, weakref.ref(self)),
            daemon=True,
            name="metaco-log",
        )
        thread.start()
        weakref.finalize(self, self._jobs.put, None)

    @classmethod
    def open(cls, path: str | Path) -> Log:
        """Return the log in file `path`, the same object for the same file while it is in use."""
        name = str(Path(path).absolute())
        log = cls._opened.get(name)
        if log is None:
            log = cls._opened[name] = cls(name)
        return log

    def append(
        self, run: str, kind: str, key: str, body: dict[str, Any]
    ) -> asyncio.Future[Entry | None]:
        """Append an entry; the future is done when it is on disk.

        Entries reach the log in the order of the calls, so a durable entry means that all earlier
        ones of this process are durable too.

        Returns:
            A future of the entry, or of None if (run, kind, key) was there already.
        """
        return self._append(run, kind, key, body).answer

    def append_early(
        self,
        run: str,
        kind: str,
        key: str,
        body: dict[str, Any],
        *,
        urgent: bool = False,
        money: Money | None = None,
    ) -> tuple[asyncio.Future[Entry | None], asyncio.Future[Entry | None]]:
        """Append an entry, and know its place before it is on disk.

        Args:
            urgent: somebody will wait for the disk; else it may take some milliseconds more.
            money: what it changes about the dollars of a day.

        Returns:
            Two futures: of the entry as it has its place in the log, and of the same when it is on
            disk. If the second fails, the entry was never there. Both raise `LimitReached` where
            the day has no room for the money.
        """
        early = asyncio.get_running_loop().create_future()
        return early, self._append(run, kind, key, body, early, urgent, money).answer

    def _append(
        self,
        run: str,
        kind: str,
        key: str,
        body: dict[str, Any],
        early: asyncio.Future[Entry | None] | None = None,
        urgent: bool = True,
        money: Money | None = None,
    ) -> _Job:
        text, at = json.dumps(body, ensure_ascii=False, separators=(",", ":")), time.time()
        try:
            text.encode()
        except UnicodeEncodeError:  # half a character: the entry is what can be read back
            text = text.encode("utf-8", "replace").decode()
            body = json.loads(text)

        def work(db: sqlite3.Connection) -> Entry | None:
            if money:
                _look(db, money)
            facts = {"run": run, "at": at, "kind": kind, "key": key, "body": text}
            row = db.execute(_INSERT, facts).fetchone()
            if row and money and money.dollars:
                db.execute(_BOOK, {"day": money.day, "dollars": money.dollars})
            return Entry(run, row[0], at, kind, key, body) if row else None

        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future(), run, early, urgent)
        self._jobs.put(job)
        return job

    async def read(self, run: str, after: int = 0) -> list[Entry]:
        """Return the entries of `run` behind position `after`."""
        return await self._select("run = ? and n > ? order by n", run, after)

    async def runs(self) -> list[Entry]:
        """Return the first entry of every run, the newest last."""
        return await self._select("kind = 'run' order by at, run")

    async def last(self, run: str, kind: str) -> Entry | None:
        """Return the newest entry of this kind, if there is one."""
        found = await self._select("run = ? and kind = ? order by n desc limit 1", run, kind)
        return found[0] if found else None

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
        await self._put(lambda db: None)

    async def _select(self, where: str, *values: Any) -> list[Entry]:
        def work(db: sqlite3.Connection) -> list[Entry]:
            rows = db.execute(
                f"select run, n, at, kind, key, body from entry where {where}", values
            )
            return [
                Entry(run, n, at, kind, key, json.loads(body))
                for run, n, at, kind, key, body in rows
            ]

        found: list[Entry] = await self._put(work)
        return found

    def _put(self, work: Callable[[sqlite3.Connection], Any]) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        self._jobs.put(job)
        return job.answer

    def _wake(self, runs: Iterable[str]) -> None:
        with self._lock:
            waiting = [follower for run in runs for follower in self._followers.get(run, ())]
        for loop, event in waiting:
            _post(loop, event.set)


def _prepare(db: sqlite3.Connection) -> None:
    """Make the tables, and the row of today where an earlier version wrote the log without it."""
    known = {name for (name,) in db.execute("select name from sqlite_master")}
    if {"entry", "day", "entry_by_kind"} <= known:
        return
    db.execute("begin immediate")  # executescript would end it
    for statement in _SCHEMA.split(";"):
        db.execute(statement)
    if "entry" in known and not db.execute("select 1 from day").fetchone():
        today = Money.today()
        midnight = time.mktime(time.strptime(today, "%Y-%m-%d"))
        dollars = db.execute(_SPENT, (midnight,)).fetchone()[0]
        db.execute(_BOOK, {"day": today, "dollars": dollars})
    db.execute("commit")


def _look(db: sqlite3.Connection, money: Money) -> None:
    """Refuse what a day has no room for."""
    if money.most == math.inf or money.dollars < 0:
        return
    found = db.execute("select dollars from day where day = ?", (money.day,)).fetchone()
    used = found[0] if found else 0.0
    if used + money.dollars > money.most + _SLACK:
        raise LimitReached(
            f"${used:.4f} of the ${money.most:.2f} of this day is spent or in use, and the next "
            f"call may cost ${money.dollars:.4f}.",
            "Run `metaco resume` tomorrow, or with a higher daily_cost (METACO_DAILY_COST).",
            limit="daily_cost",
        )


def _serve(
    db: sqlite3.Connection,
    journal: tuple[int, int] | None,
    jobs: queue.SimpleQueue[_Job | None],
    log: weakref.ref[Log],
) -> None:
    """Commit what has queued up, again and again, until None comes."""
    try:
        closing = False
        lost: LogError | None = None
        while not closing:
            batch: list[tuple[_Job, Any]] = []
            failure: Exception | None = lost
            for job in _queued(jobs):
                if job is None:
                    closing = True
                    break
                failure = failure or _begin(db, job)
                answer = failure or _try(db, job)
                if isinstance(answer, sqlite3.Error):
                    failure = answer
                if job.early and not failure:
                    _post(job.loop, _resolve, [(job.early, answer)])
                batch.append((job, answer))
            failure = failure or _commit(db)
            if journal and journal != _journal(db):
                failure = lost = LogError(
                    "The journal of the log is gone: code in this process opened and closed the "
                    "file, which frees its locks.",
                    "Copy metaco.db from another process only, then run `metaco resume`.",
                )
            if failure:
                _roll_back(db)
                batch = [(job, failure) for job, _ in batch]
            for loop in {job.loop for job, _ in batch}:
                mine = [(job, answer) for job, answer in batch if job.loop is loop]
                _post(loop, _resolve, [(job.answer, answer) for job, answer in mine])
                _post(loop, _resolve, [(j.early, answer) for j, answer in mine if j.early])
            if (runs := {job.run for job, _ in batch if job.run}) and (alive := log()):
                alive._wake(runs)
            alive = None
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
        found = Path(f"{file}-wal").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _queued(jobs: queue.SimpleQueue[_Job | None]) -> Iterator[_Job | None]:
    """Yield the jobs of one transaction: all there are, and while nobody waits, what follows."""
    job = jobs.get()
    urgent = job is None or job.urgent
    deadline = time.monotonic() + LINGER
    yield job
    while time.monotonic() < deadline + LONGEST:
        left = 0.0 if urgent else deadline - time.monotonic()
        try:
            job = jobs.get(timeout=left) if left > 0 else jobs.get_nowait()
        except queue.Empty:
            return
        urgent = urgent or job is None or job.urgent
        yield job


def _begin(db: sqlite3.Connection, job: _Job) -> sqlite3.Error | None:
    """Begin a transaction where `job` needs one and there is none; return what failed."""
    try:
        if job.run and not db.in_transaction:
            db.execute("begin immediate")
    except sqlite3.Error as error:
        return error
    return None


def _try(db: sqlite3.Connection, job: _Job) -> Any:
    """Return what the job gave, or the error it raised."""
    try:
        return job.work(db)
    except Exception as error:  # noqa: BLE001  handed to whoever waits for the answer
        return error


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


def _resolve(answers: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, answer in answers:
        if future.done():
            continue
        if isinstance(answer, sqlite3.Error):
            failure = LogError(
                f"The log cannot be written or read: {answer}.",
                "Free some disk space or choose another workspace, then run `metaco resume`.",
            )
            future.set_exception(failure)
        elif isinstance(answer, MetacoError):  # a check refused it
            future.set_exception(answer)
        elif isinstance(answer, Exception):
            failure = LogError(
                f"The log holds an entry that cannot be read: {answer}.",
                "Restore metaco.db from a copy, or choose another workspace.",
            )
            future.set_exception(failure)
        else:
            future.set_result(answer)


def _post(loop: asyncio.AbstractEventLoop, call: Callable[..., Any], *args: Any) -> None:
    try:
        loop.call_soon_threadsafe(call, *args)
    except RuntimeError:  # that loop is closed: nobody is waiting there any more
        return
