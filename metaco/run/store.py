"""The entries of all runs of a workspace in one SQLite file, and the dollars of each day.

Nothing but this module and the thread in `metaco.run.writer` knows SQLite.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from metaco.core.errors import LimitReached, LogError, MetacoError
from metaco.run.codec import decode, encode
from metaco.run.entries import Entry, Fact
from metaco.run.writer import OnCommit, Positions, Writer

__all__ = ["Money", "Store"]

_SLACK = 1e-9  # sums of binary fractions

_SCHEMA = """
create table if not exists entry(
    run text not null, n integer not null, at real not null,
    kind text not null, key text not null, body text not null,
    primary key (run, n), unique (run, kind, key)
);
create index if not exists entry_run on entry(at) where kind = 'run';
drop index if exists entry_by_kind;
create table if not exists day(day text primary key, dollars real not null) without rowid;
create table if not exists blob(hash text primary key, body text not null);
"""

_BOOK = """
insert into day(day, dollars) values(?, ?)
on conflict(day) do update set dollars = dollars + excluded.dollars
"""

_LAST = "select coalesce(max(n), 0) from entry where run = ?"

_INSERT = "insert into entry(run, n, at, kind, key, body) values "
_UNLESS_THERE = " on conflict(run, kind, key) do nothing"
_TOGETHER = (64, 16, 4, 1)
"""How many entries one statement inserts; each has its own, and SQLite keeps it compiled."""


@dataclass(frozen=True, slots=True)
class Money:
    """What an entry changes about the dollars of a day, in the same transaction.

    A call adds what it may cost at worst, its reply or error what that was too much. It counts for
    the day on which the call began.

    Attributes:
        dollars: what is added; below zero where less was used than was reserved.
        day: the local date, as ``2026-11-29``.
        most: the most that all runs of the log may use on that day.
    """

    dollars: float
    day: str
    most: float = math.inf

    @property
    def is_limited(self) -> bool:
        """Whether the day may have no room for it."""
        return self.most < math.inf and self.dollars >= 0

    @staticmethod
    def today(clock: float | None = None) -> str:
        """Return the local date now, or at a time in seconds since 1970."""
        return time.strftime("%Y-%m-%d", time.localtime(clock))


class Store:
    """One SQLite file.

    Args:
        path: the file; missing folders are made. ``:memory:`` keeps nothing.
        on_commit: see `metaco.run.writer.OnCommit`.

    Raises:
        LogError: the file cannot be opened, or is not a log.
    """

    def __init__(self, path: str, on_commit: OnCommit) -> None:
        self._writer = Writer(_connect(path), on_commit)

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
        """Append an entry, unless there is one of this kind and key; see `Log.append`."""
        text, fact = encode(fact)
        request = _Append(run, key, time.time(), fact, text, money)
        return self._writer.put(_append, request, run, early, positioned, on_failure)

    def read(self, run: str, after: int) -> asyncio.Future[list[Entry]]:
        """Return the entries of `run` behind position `after`."""
        return self._select("run = ? and n > ? order by n", run, after)

    def read_starts(self) -> asyncio.Future[list[Entry]]:
        """Return the first entry of every run, the newest last."""
        return self._select("kind = 'run' order by at, run")

    def read_last(self, run: str, kind: str) -> asyncio.Future[list[Entry]]:
        """Return the newest entry of a kind in `run`, if there is one."""
        return self._select("run = ? and kind = ? order by n desc limit 1", run, kind)

    def keep(self, text: str) -> asyncio.Future[str]:
        """Keep a text, unless it is there; return its hash. See `Log.keep`."""
        name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return self._writer.put(_keep, (name, text))

    def kept(self, name: str) -> asyncio.Future[str]:
        """Return the text with this hash."""
        return self._writer.put(_kept, name)

    def flush(self) -> asyncio.Future[None]:
        """Return a future that is done when everything is on disk."""
        return self._writer.put(lambda db, last, requests: [None])

    def _select(self, where: str, *values: Any) -> asyncio.Future[list[Entry]]:
        def work(db: sqlite3.Connection, last: Positions, requests: list[None]) -> list[Any]:
            rows = db.execute(
                f"select run, n, at, key, kind, body from entry where {where}", values
            )
            return [
                [Entry(run, n, at, key, decode(kind, body)) for run, n, at, key, kind, body in rows]
            ]

        return self._writer.put(work)


@dataclass(frozen=True, slots=True)
class _Append:
    """An entry that shall be in the log, with its fact as text too."""

    run: str
    key: str
    at: float
    fact: Fact
    text: str
    money: Money | None


def _append(
    db: sqlite3.Connection, last: Positions, wanted: list[_Append]
) -> list[Entry | Exception | None]:
    """Append entries in their order, by few statements where that gives the same."""
    answers: list[Entry | Exception | None] = []
    while wanted:
        size = next(size for size in _TOGETHER if size <= len(wanted))
        some, wanted = wanted[:size], wanted[size:]
        together = size > 1 and not any(each.money and each.money.is_limited for each in some)
        entries: list[Entry] = []
        with suppress(ValueError):  # the one that cannot be written is found one by one
            entries = _insert(db, last, some) if together else []
        answers += entries or [_append_one(db, last, each) for each in some]
    return answers


def _keep(
    db: sqlite3.Connection, last: Positions, wanted: list[tuple[str, str]]
) -> list[str | Exception]:
    db.executemany("insert into blob(hash, body) values(?, ?) on conflict do nothing", wanted)
    return [name for name, _ in wanted]


def _kept(db: sqlite3.Connection, last: Positions, names: list[str]) -> list[Any]:
    select = "select body from blob where hash = ?"
    rows = [db.execute(select, (name,)).fetchone() for name in names]
    return [row[0] if row else ValueError("a long result is not there") for row in rows]


def _append_one(
    db: sqlite3.Connection, last: Positions, wanted: _Append
) -> Entry | Exception | None:
    if wanted.money and (refusal := _refusal(db, wanted.money)):
        return refusal
    try:
        return next(iter(_insert(db, last, [wanted])), None)
    except ValueError as error:  # as half a character in a name
        return error


def _insert(db: sqlite3.Connection, last: Positions, wanted: list[_Append]) -> list[Entry]:
    """Append entries by one statement, or none where one of them is there already."""
    now, dollars = dict[str, int](), dict[str, float]()
    entries, values = list[Entry](), list[Any]()
    for each in wanted:
        run = each.run
        if run not in last:
            last[run] = db.execute(_LAST, (run,)).fetchone()[0]
        n = now[run] = now.get(run, last[run]) + 1
        entries.append(Entry(run, n, each.at, each.key, each.fact))
        values += (run, n, each.at, each.fact.kind, each.key, each.text)
        if each.money and each.money.dollars:
            day = each.money.day
            dollars[day] = dollars.get(day, 0.0) + each.money.dollars
    if db.execute(_inserting(len(wanted)), values).rowcount < len(wanted):
        if len(wanted) > 1:
            for run in now:
                db.execute("delete from entry where run = ? and n > ?", (run, last[run]))
        return []
    last.update(now)
    db.executemany(_BOOK, dollars.items())
    return entries


@cache
def _inserting(rows: int) -> str:
    return f"{_INSERT}{', '.join(['(?, ?, ?, ?, ?, ?)'] * rows)}{_UNLESS_THERE}"


def _connect(path: str) -> sqlite3.Connection:
    db: sqlite3.Connection | None = None
    try:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
        db.execute("pragma page_size=16384")  # of a new file; entries are some KB long
        db.execute("pragma journal_mode=wal")
        db.execute("pragma synchronous=full")
        _prepare(db)
    except (sqlite3.Error, OSError) as error:
        if db:
            db.close()
        raise LogError(
            f"The log {path} cannot be opened: {error}.",
            "Check that the folder can be written and has space, or choose another workspace.",
        ) from error
    return db


def _prepare(db: sqlite3.Connection) -> None:
    """Make the tables, and the index that an earlier version did not have."""
    known = {name for (name,) in db.execute("select name from sqlite_master")}
    if {"entry", "day", "entry_run", "blob"} <= known:
        return
    try:
        db.execute("begin immediate")  # executescript would end it
        for statement in _SCHEMA.split(";"):
            db.execute(statement)
        db.execute("commit")
    except sqlite3.OperationalError:
        if not {"entry", "day"} <= known:
            raise
        # It may be read only: an earlier version has no long results, and the index saves time.
        if db.in_transaction:
            db.execute("rollback")


def _refusal(db: sqlite3.Connection, money: Money) -> LimitReached | None:
    """Return why a day has no room for money, if so."""
    if not money.is_limited:
        return None
    row = db.execute("select dollars from day where day = ?", (money.day,)).fetchone()
    used = row[0] if row else 0.0
    if used + money.dollars <= money.most + _SLACK:
        return None
    return LimitReached(
        f"${used:.4f} of the ${money.most:.2f} of this day is spent or in use, and the next "
        f"call may cost ${money.dollars:.4f}.",
        "Run `metaco resume` tomorrow, or with a higher daily_cost (METACO_DAILY_COST).",
        limit="daily_cost",
    )
