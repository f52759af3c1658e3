"""Nothing is left behind: not after a cancellation, not after a crash, not after twenty at once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from metaco.sandbox import Sandbox, SandboxLimits, open_sandbox, probe
from metaco.sandbox.supervised import Supervised
from metaco.sandbox.tiers import Tier

from .conftest import copies, processes_with

STUBBORN = """
import os, signal, subprocess, sys, threading
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        threading.Event().wait()
    os._exit(0)
threading.Event().wait()
"""


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that other processes do, of which nobody tells us."""
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def until_running(marker: str) -> None:
    """Wait for the program and its daemon: two processes with the marker, besides the shims."""
    await until(lambda: len(processes_with(marker)) >= 2)


def zombies() -> list[int]:
    pids = []
    for children in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        for pid in map(int, children.read_text().split()):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                pids.append(pid)
    return pids


async def test_cancellation_leaves_nothing(any_sandbox: Sandbox, marker: str) -> None:
    files = {"main.py": STUBBORN}
    run = asyncio.create_task(any_sandbox.run(files, ["python", "main.py", marker]))
    await until_running(marker)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert processes_with(marker) == []
    assert copies() == set()
    assert zombies() == []


async def test_impatient_cancellation_leaves_nothing(any_sandbox: Sandbox, marker: str) -> None:
    files = {"main.py": STUBBORN}
    run = asyncio.create_task(any_sandbox.run(files, ["python", "main.py", marker]))
    await until_running(marker)
    while not run.done():
        run.cancel()
        await asyncio.sleep(0)
    assert run.cancelled()
    assert processes_with(marker) == []
    assert copies() == set()
    assert zombies() == []


@pytest.mark.parametrize("pauses", range(0, 40, 3))
async def test_cancellation_at_any_moment(pauses: int, marker: str) -> None:
    sandbox = Supervised(Tier("plain", "none", confined=False))
    run = asyncio.create_task(sandbox.run({"main.py": STUBBORN}, ["python", "main.py", marker]))
    for _ in range(pauses):
        await asyncio.sleep(0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert processes_with(marker) == []
    assert copies() == set()


async def test_death_of_metaco_leaves_nothing(any_sandbox: Sandbox, marker: str) -> None:
    mode = "off" if any_sandbox.tier == "plain" else "auto"
    metaco = f"""
import asyncio
from metaco.sandbox import open_sandbox
async def main():
    sandbox = await open_sandbox({mode!r}, tiers={(any_sandbox.tier,)!r})
    await sandbox.run({{"main.py": {STUBBORN!r}}}, ["python", "main.py", "{marker}"])
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-", stdin=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(metaco.encode())
    process.stdin.close()
    await until_running(marker)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    await until(lambda: not processes_with(marker))
    await until(lambda: not copies())


async def test_twenty_at_once(any_sandbox: Sandbox) -> None:
    async def one(number: int) -> str:
        program = f"import os; open('x', 'w').write('{number}'); print(open('x').read())"
        result = await any_sandbox.run(
            {}, ["python", "-c", program], limits=SandboxLimits(processes=8)
        )
        return result.stdout + result.stderr

    outputs = await asyncio.gather(*(one(number) for number in range(20)))
    assert outputs == [f"{number}\n" for number in range(20)]
    assert copies() == set()
    assert zombies() == []


def test_several_event_loops_at_once(marker: str) -> None:
    codes: list[int | None] = []
    confined = any(report.works for report in asyncio.run(probe())[:-1])
    mode: Literal["auto", "off"] = "auto" if confined else "off"

    async def work() -> None:
        sandbox = await open_sandbox(mode)
        runs = [sandbox.run({}, ["python", "-c", "pass"]) for _ in range(3)]
        codes.extend(result.code for result in await asyncio.gather(*runs))

    threads = [threading.Thread(target=asyncio.run, args=(work(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [0] * 12
