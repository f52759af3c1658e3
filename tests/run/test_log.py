"""The log: order, uniqueness, durability, followers, and what happens when the disk is full."""

from __future__ import annotations

import asyncio
import gc
import json
import math
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import aclosing, closing
from pathlib import Path
from typing import Any

import pytest
from facts import note, started
from hypothesis import given, settings
from hypothesis import strategies as st
from shop import Echo, environment, start

from metaco.core.errors import LimitReached, LogError
from metaco.run.codec import decode, dump
from metaco.run.entries import Entry, InputGiven, NoteAdded, RunEnded
from metaco.run.log import Log, Money
from metaco.run.writer import Positions


async def test_entries_are_numbered_without_gaps_in_the_order_of_the_calls(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    writing = [log.append(f"r{n % 3}", str(n), note(str(n))) for n in range(300)]
    await asyncio.gather(*writing)
    for run in range(3):
        entries = await log.read(f"r{run}")
        assert [entry.n for entry in entries] == list(range(1, 101))
        assert [entry.fact for entry in entries] == [note(str(n)) for n in range(run, 300, 3)]


async def test_a_key_is_written_once_whoever_writes(tmp_path: Path) -> None:
    first, second = Log(tmp_path / "log"), Log(tmp_path / "log")
    writing = [log.append("r", str(n), note()) for n in range(50) for log in (first, second)]
    written = [entry for entry in await asyncio.gather(*writing) if entry]
    assert len(written) == 50
    assert sorted(entry.n for entry in written) == list(range(1, 51))
    assert await first.read("r") == await second.read("r")
    assert await first.append("r", "1", RunEnded("done")) is not None  # another kind, another key
    assert await first.append("s", "1", note()) is not None


async def test_reading(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    assert await log.read("r") == []
    assert await log.last("r", RunEnded) is None
    for run in ("b", "a"):
        await log.append(run, "", started(text=run))
        await log.append(run, "1", RunEnded("failed"))
        await log.append(run, "2", RunEnded("done"))
    assert [entry.run for entry in await log.runs()] == ["b", "a"]
    assert [entry.n for entry in await log.read("a", 1)] == [2, 3]
    assert await log.last("a", RunEnded) == RunEnded("done")
    last = await log.last_entry("a", "end")
    assert last
    assert dump(last) == {
        "run": "a",
        "n": 3,
        "at": last.at,
        "kind": "end",
        "key": "2",
        "body": {"status": "done"},
    }


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=8),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers(-(2**70), 2**70)
            | st.floats(allow_nan=False)
            | st.text(st.characters(), max_size=20),
            lambda inner: st.lists(inner, max_size=4),
        ),
        max_size=5,
    )
)
def test_any_body_comes_back_as_it_was_given_out(body: dict[str, object]) -> None:
    async def there_and_back() -> None:
        log = Log()
        entry = await log.append("r", "", InputGiven("1", "Order", "", body))
        assert [entry] == await log.read("r")

    asyncio.run(there_and_back())


async def test_followers_get_what_is_there_and_what_comes(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    for n in range(3):
        await log.append("r", str(n), note())
    seen: list[int] = []
    started = asyncio.Event()

    async def follow(after: int) -> None:
        async with aclosing(log.follow("r", after)) as entries:
            async for entry in entries:
                seen.append(entry.n)
                started.set()
                if entry.n == 6:
                    return

    task = asyncio.create_task(follow(1))
    await started.wait()
    for n in range(3, 6):
        await log.append("r", str(n), note())
        await log.append("other", str(n), note())
    await task
    assert seen == [2, 3, 4, 5, 6]
    assert not log._followers


async def test_a_follower_sees_what_another_process_wrote(tmp_path: Path) -> None:
    """Two logs on one file know nothing of each other; polling finds what the other one wrote."""
    mine, other = Log(tmp_path / "log"), Log(tmp_path / "log")
    async with aclosing(mine.follow("r", poll=0.005)) as entries:
        for n in range(1, 4):
            await other.append("r", str(n), note())
            assert (await anext(entries)).n == n


async def test_open_shares_a_log_while_it_is_used(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "log"
    log = Log.open(path)
    assert Log.open(str(path)) is log
    names = [thread.name for thread in threading.enumerate()].count("metaco-log")
    del log
    gc.collect()
    assert await Log.open(path).append("r", "", note()) is not None
    assert [t.name for t in threading.enumerate()].count("metaco-log") <= names + 1


async def test_it_is_durable_and_shared(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    await log.append("r", "", RunEnded("done"))
    with sqlite3.connect(tmp_path / "log") as db:  # what any other process would see
        assert db.execute("select body from entry").fetchall() == [('{"status":"done"}',)]
        assert db.execute("pragma journal_mode").fetchone() == ("wal",)
    db.close()
    await log.close()


def test_threads_with_loops_of_their_own(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")

    async def write(name: str) -> None:
        await asyncio.gather(*(log.append("r", f"{name}{n}", note()) for n in range(50)))

    threads = [threading.Thread(target=asyncio.run, args=(write(n),)) for n in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asyncio.run(log.read("r"))) == 200


# ------------------------------------------------------------------ what goes wrong


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LogError, match="cannot be opened"):
        Log(tmp_path / "file" / "log")


def test_a_file_that_is_no_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("this is a letter, and no database at all" * 100)
    with pytest.raises(LogError, match="not a database"):
        Log(tmp_path / "log")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(LogError, match="cannot be opened"):
        Log(tmp_path / "log")


def _fill(log: Log) -> None:
    """Let the disk have no more pages than the log has now."""

    def work(db: sqlite3.Connection, last: Positions, requests: list[Any]) -> list[Any]:
        pages = db.execute("pragma page_count").fetchone()[0]
        return [db.execute(f"pragma max_page_count={pages}").fetchall()]

    log._store._writer.put(work)


def _give_room(log: Log) -> None:
    log._store._writer.put(lambda db, *_: [db.execute("pragma max_page_count=1000000").fetchall()])


async def test_a_full_disk_is_an_error_for_each_who_writes(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    await log.append("r", "", started())
    _fill(log)
    big = note("x" * 100_000)
    writing = [log.append("r", str(n), big) for n in range(5)]
    answers = await asyncio.gather(*writing, return_exceptions=True)
    assert all(isinstance(answer, LogError) for answer in answers)
    assert "full" in str(answers[0])
    assert [entry.kind for entry in await log.read("r")] == ["run"]  # it can still be read
    _give_room(log)
    entry = await log.append("r", "0", big)
    assert entry
    assert entry.n == 2  # and goes on without a gap


async def test_a_run_on_a_full_disk_ends_with_the_error(tmp_path: Path) -> None:
    async def fill(request: object) -> None:
        _fill(log)

    log = Log(tmp_path / "log")
    with pytest.raises(LogError, match="full"):
        await start(log, Echo(fill), files=200)
    _give_room(log)
    assert await environment(log, Echo()).run() == "done"


async def test_a_damaged_entry_harms_only_who_reads_it(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    await log.append("bad", "", note())
    await log.append("good", "", note())
    log._store._writer.put(
        lambda db, last, _: [db.execute("update entry set body = '{' where run = 'bad'").rowcount]
    )
    bad, good = await asyncio.gather(log.read("bad"), log.read("good"), return_exceptions=True)
    assert isinstance(bad, LogError)
    assert isinstance(good, list)
    assert len(good) == 1
    assert await log.append("good", "2", note()) is not None


async def test_what_is_not_json_is_refused_where_it_is_given(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        Log().append("r", "", NoteAdded("", "", object()))  # type: ignore[arg-type]


async def test_a_log_of_another_sop_says_so(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    await log.append("r", "", InputGiven("1", "Novel", "", {}))
    with pytest.raises(LogError, match="holds a Novel, which the SOP shop does not know"):
        await environment(log, Echo()).run()


async def test_entries_survive_export(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    await start(log, Echo())
    lines = [json.dumps(dump(entry)) for entry in await log.read("r")]
    assert list(map(_entry, lines)) == await log.read("r")


def _entry(line: str) -> Entry:
    facts = json.loads(line)
    fact = decode(facts.pop("kind"), json.dumps(facts.pop("body")))
    return Entry(**facts, fact=fact)


async def test_a_journal_that_is_gone_is_noticed_and_nothing_is_acknowledged(
    tmp_path: Path,
) -> None:
    """As when an observer copies the workspace while another process looks at it."""
    path = tmp_path / "log"
    code = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); "
    code += "print(db.execute('select count(*) from entry').fetchone()[0]); db.close()"

    def look() -> bytes:
        return subprocess.check_output([sys.executable, "-c", code, str(path)])

    log = Log(path)
    await log.append("r", "1", note())
    path.read_bytes()  # frees the locks of this process
    assert look() == b"1\n"
    for key in "23":
        with pytest.raises(LogError, match="The journal of the log is gone"):
            await log.append("r", key, note())
    assert look() == b"1\n"


# ------------------------------------------------------------------ many at once

WANTED = st.tuples(
    st.sampled_from("ab"),  # the run
    st.sampled_from("0123456789"),  # the key
    st.booleans(),  # the kind
    st.sampled_from([None, -1.0, 0.0, 1.0]),  # the dollars
    st.sampled_from([math.inf, math.inf, math.inf, 3.0]),  # the most of the day
    st.booleans(),  # early
)


@settings(max_examples=150, deadline=None)
@given(batches=st.lists(st.lists(WANTED, max_size=70), min_size=1, max_size=3))
def test_entries_that_come_together_are_those_that_come_one_by_one(
    batches: list[list[tuple[str, str, bool, float | None, float, bool]]],
) -> None:
    async def work() -> None:
        with tempfile.TemporaryDirectory() as folder:
            log = Log(path := Path(folder) / "log")
            there, last, used = set[tuple[str, str, str]](), Counter[str](), 0.0
            for batch in batches:
                seen, writing, expected = list[Entry | None](), [], list[int | str | None]()
                for run, key, noted, dollars, most, early in batch:
                    money = None if dollars is None else Money(dollars, "2026-11-30", most)
                    fact = note() if noted else started()
                    writing.append(
                        log.append(run, key, fact, early=early, money=money, positioned=seen.append)
                    )
                    if dollars is not None and dollars >= 0 and used + dollars > most:
                        expected.append("refused")
                        continue
                    known = (run, fact.kind, key) in there
                    there.add((run, fact.kind, key))
                    last[run] += not known
                    used += 0.0 if known else dollars or 0.0
                    expected.append(None if known else last[run])
                answers = await asyncio.gather(*writing, return_exceptions=True)
                positions = [each.n if isinstance(each, Entry) else each for each in answers]
                assert [
                    "refused" if isinstance(each, LimitReached) else each for each in positions
                ] == expected
                assert seen == [each for each in answers if not isinstance(each, BaseException)]
            for run in "ab":
                entries = await log.read(run)
                assert [entry.n for entry in entries] == list(range(1, last[run] + 1))
            await log.close()
            with closing(sqlite3.connect(path)) as db:
                booked = dict(db.execute("select * from day")).get("2026-11-30", 0.0)
            assert booked == pytest.approx(used)

    asyncio.run(work())


async def test_positions_that_another_process_has_taken_are_not_given_again(
    tmp_path: Path,
) -> None:
    one, other = Log(tmp_path / "log"), Log(tmp_path / "log")
    for n in range(5):
        assert await (one if n % 2 else other).append("r", str(n), note())
        both = [each.append("r", f"{n}/{m}", note()) for each in (one, other) for m in range(20)]
        assert sum(entry is not None for entry in await asyncio.gather(*both)) == 20
    entries = await one.read("r")
    assert [entry.n for entry in entries] == list(range(1, 5 * 21 + 1))


async def test_an_entry_that_cannot_be_written_harms_only_who_writes_it(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    await log.append("r", "first", note())
    writing = [log.append("\ud800" if n == 3 else "r", str(n), note()) for n in range(20)]
    answers = await asyncio.gather(*writing, return_exceptions=True)
    assert [n for n, each in enumerate(answers) if isinstance(each, LogError)] == [3]
    await log.append("r", "last", note())
    assert [entry.n for entry in await log.read("r")] == list(range(1, 22))
