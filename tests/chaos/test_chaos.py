"""A hundred companies, a third of all answers bad, and the process killed again and again."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from facts import by_key

from metaco import Log
from metaco.run.entries import CallFailed, CallStarted, ReplyReceived, RunStarted
from metaco.run.state import State
from metaco.run.usage import Cost
from tests.chaos.endpoint import Endpoint
from tests.chaos.team import sop, tokens_of

COMPANIES = 100
KILLS = 5
TYPED = {"ProviderError", "ReplyError", "TimeoutError"}


def work(workspace: Path, endpoint: Endpoint, kill_after: int | None) -> list[list[str]] | None:
    """Run the worker; kill it when it has made `kill_after` requests.

    Returns:
        The lines it printed, or None if it was killed.
    """
    command = [sys.executable, "-m", "tests.chaos.worker", str(workspace), endpoint.url]
    endpoint.close_after(math.inf if kill_after is None else kill_after)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as problem:
        process = subprocess.Popen(
            [*command, str(COMPANIES)],
            cwd=Path(__file__).parent.parent.parent,
            env={**os.environ, "NO_PROXY": "127.0.0.1"},
            stdout=out,
            stderr=problem,
        )
        while process.poll() is None:
            if endpoint.held.is_set():
                process.kill()
                process.wait()
                endpoint.open()
                return None
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
        for file in (out, problem):
            file.seek(0)
        assert process.returncode == 0, problem.read()[-2000:]
        return [line.split() for line in out.read().splitlines()]


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {".git", ".metaco"} & set(path.parts) and path.suffix == ".md"
    }


def test_nothing_is_lost_and_nothing_is_paid_twice(tmp_path: Path) -> None:
    rng, kills, rounds = random.Random(5), 0, 0
    chaos, calm = Endpoint(0.3), Endpoint(0.0)
    try:
        ends: dict[int, list[str]] = {}
        while rounds < 40:
            rounds += 1
            lines = work(tmp_path / "a", chaos, rng.randint(20, 150) if kills < KILLS else None)
            if lines is None:
                kills += 1
                continue
            ends = {int(n): rest for n, *rest in lines}
            assert len(ends) == COMPANIES
            for status, *errors in ends.values():
                assert status in ("done", "failed", "limit")
                assert set(errors) <= TYPED
            if all(status in ("done", "limit") for status, *_ in ends.values()):
                break
        limited = {n for n, (status, *_) in ends.items() if status == "limit"}
        assert limited <= set(range(9, COMPANIES, 10))  # those that may use next to nothing
        assert all(status == "done" for n, (status, *_) in ends.items() if n not in limited), ends
        assert kills == KILLS
        assert work(tmp_path / "b", calm, None) is not None
    finally:
        chaos.close()
        calm.close()
    for n in set(range(COMPANIES)) - limited:
        assert files(tmp_path / "a" / f"book_{n}") == files(tmp_path / "b" / f"book_{n}"), n
    paid, lost, failed, late = asyncio.run(audit(tmp_path / "a", limited))
    for prompt, times in chaos.delivered.items():
        # Every request is in the log, and what arrived is there as a reply: missing may only be
        # what was under way when the process was killed, or came when the client had given up.
        known = paid[prompt] + lost[prompt] + failed[prompt]
        assert times + chaos.refused[prompt] <= known, prompt
        assert failed[prompt] - late[prompt] <= chaos.refused[prompt], prompt
    asked = sum(chaos.faults.values())
    print(
        f"\n{COMPANIES} companies, {len(limited)} stopped at their limit, {kills} kills, "
        f"{rounds} starts; {asked} requests, "
        f"{1 - chaos.faults[''] / asked:.0%} bad; {sum(paid.values())} replies logged, "
        f"{sum(lost.values())} calls lost to kills"
    )


async def audit(workspace: Path, limited: set[int]) -> list[Counter[str]]:
    """Check every log, and count calls by prompt.

    Returns:
        Those that were logged as paid, that were lost in flight, that failed, and of these the
        ones that took too long.
    """
    log = Log.open(workspace / "metaco.db")
    paid, lost, failed, late = (Counter[str]() for _ in range(4))
    for first in await log.runs():
        entries = await log.read(first.run)
        assert [entry.n for entry in entries] == list(range(1, len(entries) + 1))
        keys = [(entry.kind, entry.key) for entry in entries]
        assert len(keys) == len(set(keys))
        assert isinstance(first.fact, RunStarted)
        number = int(first.fact.name.rpartition("_")[2])
        state = State(sop(), first.run, entries)
        assert number in limited or state.status == "done"
        perhaps = sum(call.unanswered * call.worst[0] for call in state.calls.values())
        assert Cost.of(entries).total.tokens + perhaps <= tokens_of(number)
        calls, heard = by_key(entries, CallStarted), by_key(entries, CallFailed)
        replied = by_key(entries, ReplyReceived)
        for key, call in calls.items():
            prompt = call.prompt
            if call.call in replied and key == last_attempt(calls, call.call):
                paid[prompt] += 1
            elif key not in heard:
                lost[prompt] += 1
            else:
                failed[prompt] += 1
                late[prompt] += "did not answer within" in heard[key].problem
    await log.close()
    return [paid, lost, failed, late]


def last_attempt(calls: Mapping[str, object], call: str) -> str:
    """Return the key of the attempt that got the reply: the last one."""
    numbers = [int(key.rpartition("/")[2]) for key in calls if key.startswith(f"{call}/")]
    return f"{call}/{max(numbers)}"
