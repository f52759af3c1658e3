"""One process at a time works on a run: counted at a real endpoint."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from shop import Echo, Order, shop

from metaco import Company, Settings
from metaco.core.errors import ConfigurationError, RunBusy, WorkspaceError
from metaco.run.entries import Entry, Fact
from metaco.run.lock import alone, worker
from tests.chaos.endpoint import Endpoint

TEAM = """
import asyncio, sys
from metaco import Company, Settings
from metaco.core.errors import MetacoError
from metaco.core.limits import Limits
from tests.chaos.team import sop

async def main(folder, url, run, wait, calls):
    company = Company(sop(), model="openai:chaos", workspace=folder,
        settings=Settings(base_url=url, api_key="sk-x"), limits=Limits(calls=int(calls)))
    if run == "new":
        return await company.run("book number 1")
    return await company.resume(run, wait=wait == "wait")

try:
    print(asyncio.run(main(*sys.argv[1:])).status)
except MetacoError as error:
    print(type(error).__name__, error)
"""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint(0.0)
    yield server
    server.close()


def begin(*words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", TEAM, *map(str, words)], stdout=subprocess.PIPE, text=True
    )


def open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def replies(folder: Path) -> int:
    with sqlite3.connect(folder / "metaco.db") as db:
        count = db.execute("select count(*) from entry where kind = 'reply'").fetchone()[0]
    db.close()
    return int(count)


async def started(folder: Path, url: str) -> str:
    """Return a run that has stopped after its first call."""
    process = begin(folder, url, "new", "", "1")
    assert process.communicate(timeout=60)[0] == "limit\n"
    return (await Company(shop(), workspace=folder).log.runs())[-1].run


@pytest.mark.parametrize("wait", ["", "wait"])
async def test_processes_on_one_run_pay_once(tmp_path: Path, endpoint: Endpoint, wait: str) -> None:
    run = await started(tmp_path, endpoint.url)
    working = [begin(tmp_path, endpoint.url, run, wait, "50") for _ in range(3)]
    outputs = [(await asyncio.to_thread(process.communicate))[0] for process in working]
    assert "done\n" in outputs
    if wait:
        assert outputs == ["done\n"] * 3
    assert all(text == "done\n" or text.startswith("RunBusy Process") for text in outputs)
    assert set(endpoint.delivered.values()) == {1}
    assert len(endpoint.delivered) == replies(tmp_path) == 6


async def test_in_one_process_as_well(tmp_path: Path) -> None:
    """Another task that resumes a run at work is told so, and does nothing."""
    model = Echo()
    refused: list[str] = []
    first = Company(shop(), model=model, workspace=tmp_path, settings=Settings())
    second = Company(shop(), model=model, workspace=tmp_path, settings=Settings())

    async def intrude(entry: Entry) -> None:
        if entry.kind == "reply" and not refused:
            with pytest.raises(RunBusy, match="This process is working on the run"):
                await second.resume(entry.run)
            refused.append(entry.run)

    first.observers = [intrude]
    result = await first.run(Order(text="hello world", files=3))
    assert result.ok
    assert refused == [result.run]
    assert len(model.asked) == result.cost.total.calls
    assert (await second.resume(result.run)).ok


async def test_who_reads_the_file_of_the_locks_frees_none(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from metaco.run.lock import worker; "
    code += "print(worker(Path(sys.argv[1]), 'r'), end='')"
    look = [sys.executable, "-c", code, str(tmp_path)]
    async with alone(tmp_path, "r"):
        (tmp_path / "metaco.lock").read_bytes()
        assert subprocess.check_output(look) == b"another process"  # noqa: ASYNC221
    assert subprocess.check_output(look) == b""  # noqa: ASYNC221


async def test_a_run_is_locked_before_anybody_can_see_it(tmp_path: Path) -> None:
    company = Company(shop(), model=Echo(), workspace=tmp_path, settings=Settings())
    append = company.log.append
    seen: list[str] = []

    def look(run: str, key: str, fact: Fact, **more: Any) -> Any:
        seen.append(worker(tmp_path, run))
        return append(run, key, fact, **more)

    company.log.append = look  # type: ignore[method-assign]
    assert (await company.run(Order(text="hello world"))).ok
    assert seen[0] == "this process"


async def test_waiting_ends_when_it_is_free_and_can_be_cancelled(tmp_path: Path) -> None:
    async with alone(tmp_path, "r"):

        async def wait() -> None:
            async with alone(tmp_path, "r", wait=True):
                pass

        waiting, given_up = asyncio.create_task(wait()), asyncio.create_task(wait())
        await asyncio.sleep(0)
        given_up.cancel()
        assert not waiting.done()
    async with asyncio.timeout(30):
        await waiting
    with pytest.raises(asyncio.CancelledError):
        await given_up


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
async def test_the_lock_of_the_dead_is_free_also_with_children(tmp_path: Path) -> None:
    code = """
import asyncio, os, sys, time, subprocess
from pathlib import Path
from typing import Any
from metaco.run.lock import alone, worker
async def main():
    async with alone(Path(sys.argv[1]), "r"):
        sub = subprocess.Popen(["sleep", "60"], close_fds=False, stdout=subprocess.DEVNULL)
        ready, there = os.pipe()
        child = os.fork()
        if not child:
            os.close(1)
            os.write(there, b"!")  # what a fork does at its beginning is done
            time.sleep(60)
            os._exit(0)
        os.read(ready, 1)
        print(sub.pid, child, flush=True)
        time.sleep(60)
asyncio.run(main())
"""
    owner = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout
    children = list(map(int, owner.stdout.readline().split()))
    try:
        with pytest.raises(RunBusy, match=f"Process {owner.pid} is working"):
            async with alone(tmp_path, "r"):
                raise AssertionError
        owner.kill()
        owner.wait()
        async with alone(tmp_path, "r"):
            assert worker(tmp_path, "r") == "this process"
    finally:
        owner.kill()
        for child in children:
            os.kill(child, 9)
        owner.communicate()


async def test_a_file_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "metaco.lock").mkdir()
    with pytest.raises(WorkspaceError, match=r"metaco\.lock cannot be opened"):
        async with alone(tmp_path, "r"):
            raise AssertionError


async def test_a_run_killed_before_its_input_says_how_to_start_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = Company(shop(), model=Echo(), workspace=tmp_path, settings=Settings(), name="tea")

    async def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("metaco.run.environment.Environment.put", die)
        with pytest.raises(KeyboardInterrupt):
            await company.run(Order(text="it's a tea"))
    run = (await company.log.runs())[0].run
    with pytest.raises(ConfigurationError) as caught:
        await company.resume(run)
    assert "metaco run 'it'\"'\"'s a tea' --sop " in caught.value.remedy


async def test_runs_do_not_hinder_one_another(tmp_path: Path) -> None:
    """A thousand at once need one open file."""
    before = open_files()
    async with AsyncExitStack() as held:
        for n in range(1000):
            await held.enter_async_context(alone(tmp_path, f"r{n}"))
        assert open_files() <= before + 1
        assert worker(tmp_path, "r7") == "this process"
        assert worker(tmp_path, "r1000") == ""
    assert worker(tmp_path, "r7") == ""
