"""Programs that take more than they are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from metaco.sandbox import Sandbox, SandboxLimits

from .conftest import processes_with

# No rlimit on processes holds root. It is left to a program in plain, and where there is no other.
NOBODY_ELSE = Path("/proc/self/uid_map").read_text().split()[2] == "1"


async def test_endless_loop(any_sandbox: Sandbox) -> None:
    limits = SandboxLimits(seconds=20, cpu_seconds=1)
    result = await any_sandbox.run({}, ["python", "-c", "while True: pass"], limits=limits)
    assert (result.code, result.stopped) == (None, "cpu")


async def test_endless_wait_that_ignores_sigterm(any_sandbox: Sandbox, marker: str) -> None:
    program = (
        "import signal, threading\n"
        "for s in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:\n"
        "    signal.signal(s, signal.SIG_IGN)\n"
        "print('before')\n"
        "threading.Event().wait()"
    )
    result = await any_sandbox.run(
        {}, ["python", "-c", program, marker], limits=SandboxLimits(seconds=0.5)
    )
    assert (result.code, result.stopped) == (None, "time")
    assert result.stdout in ("before\n", "")  # half a second is little on a busy machine
    assert processes_with(marker) == []


async def test_what_was_made_before_a_limit_comes_back(sandbox: Sandbox) -> None:
    program = """
import threading
open("notes", "w").write("so far")
print("x" * 1000)
threading.Event().wait()
"""
    limits = SandboxLimits(seconds=60, output_bytes=1000)
    result = await sandbox.run({}, ["python", "-c", program], fetch=["notes"], limits=limits)
    assert (result.stopped, result.stdout) == ("output", "x" * 1000)
    assert result.files == {"notes": "so far"}


async def test_fork_bomb(any_sandbox: Sandbox, marker: str) -> None:
    program = """
import os, time
for count in range(2000):
    try:
        if os.fork() == 0:
            time.sleep(600)
    except OSError as error:
        print(count, type(error).__name__)
        break
else:
    time.sleep(600)
"""
    result = await any_sandbox.run(
        {}, ["python", "-c", program, marker], limits=SandboxLimits(seconds=20, processes=24)
    )
    if result.stopped:
        assert (result.code, result.stopped) == (None, "processes")
        assert result.tier == "plain" or NOBODY_ELSE
    else:
        count, error = result.stdout.split()
        assert 8 <= int(count) <= 24
        assert error == "BlockingIOError"
    assert processes_with(marker) == []


async def test_fork_bomb_that_never_ends(sandbox: Sandbox, marker: str) -> None:
    program = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
    result = await sandbox.run(
        {}, ["python", "-c", program, marker], limits=SandboxLimits(seconds=0.8, processes=24)
    )
    assert result.stopped in ("time", "cpu", "processes")
    assert processes_with(marker) == []


async def test_ten_gigabytes_at_once(any_sandbox: Sandbox) -> None:
    program = "x = bytearray(10 << 30); print(len(x))"
    result = await any_sandbox.run({}, ["python", "-c", program], limits=SandboxLimits(seconds=20))
    assert result.code == 1
    assert "MemoryError" in result.stderr
    assert result.stdout == ""


async def test_much_memory_in_many_processes(sandbox: Sandbox) -> None:
    program = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        break
pages = b"x" * (100 << 20)
time.sleep(600)
"""
    result = await sandbox.run(
        {}, ["python", "-c", program], limits=SandboxLimits(seconds=30, memory_mb=256)
    )
    assert (result.code, result.stopped) == (None, "memory")


async def test_memory_that_processes_share_counts_once(sandbox: Sandbox) -> None:
    program = """
import os, time
pages = b"x" * (100 << 20)
for _ in range(6):
    if os.fork() == 0:
        time.sleep(0.5)
        os._exit(0)
for _ in range(6):
    os.wait()
print("done")
"""
    result = await sandbox.run(
        {}, ["python", "-c", program], limits=SandboxLimits(seconds=30, memory_mb=300)
    )
    assert (result.code, result.stdout, result.stopped) == (0, "done\n", "")


FILL = """
import os, sys, time
written = 0
try:
    for number in range({files}):
        with open(f"file{{number}}", "wb", 0) as file:
            for _ in range({megabytes}):
                written += file.write(b"x" * (1 << 20))
except OSError as error:
    print(written >> 20, number, error.strerror)
    sys.exit(1)
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("files", "megabytes", "column", "most"),
    [(1, 100_000, 0, 8), (400, 1, 0, 8), (10_000, 0, 1, 2_000)],
)
async def test_disk_and_number_of_files(
    sandbox: Sandbox,
    files: int,
    megabytes: int,
    column: int,
    most: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("metaco.sandbox.tiers.MAX_FILES", 2_000)
    program = FILL.format(files=files, megabytes=megabytes)
    limits = SandboxLimits(seconds=30, disk_mb=8)
    result = await sandbox.run({}, ["python", "-c", program], limits=limits)
    if result.stopped:
        assert (result.code, result.stopped) == (None, "disk")
    else:
        assert result.code == 1
        assert int(result.stdout.split()[column]) <= most


async def test_folders_too_deep_for_a_path(any_sandbox: Sandbox) -> None:
    program = """
import os
for _ in range(620):  # 4,340 characters
    os.mkdir("folder")
    os.chdir("folder")
    open("file", "w").close()
os.chmod(".", 0)
"""
    result = await any_sandbox.run({}, ["python", "-c", program], limits=SandboxLimits(seconds=20))
    assert result.code == 0 or result.stopped == "disk"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_two_hundred_megabytes_of_output(any_sandbox: Sandbox, stream: str) -> None:
    program = f"import sys\nfor _ in range(200): sys.{stream}.write('x' * (1 << 20))"
    limits = SandboxLimits(seconds=30, output_bytes=100_000)
    result = await any_sandbox.run({}, ["python", "-c", program], limits=limits)
    assert (result.code, result.stopped) == (None, "output")
    assert len(result.stdout) + len(result.stderr) == 100_000


async def test_little_too_much_output(any_sandbox: Sandbox) -> None:
    limits = SandboxLimits(seconds=30, output_bytes=1000)
    result = await any_sandbox.run({}, ["python", "-c", "print('x' * 1000)"], limits=limits)
    assert (result.code, result.stopped, len(result.stdout)) == (None, "output", 1000)


async def test_big_fetched_files_are_cut(sandbox: Sandbox) -> None:
    result = await sandbox.run(
        {},
        ["python", "-c", "open('big', 'w').write('x' * 5000)"],
        fetch=["big"],
        limits=SandboxLimits(output_bytes=1000),
    )
    assert result.files == {"big": "x" * 1000}


async def test_open_files(sandbox: Sandbox) -> None:
    program = "import os; files = [os.open('/dev/null', 0) for _ in range(100)]"
    result = await sandbox.run({}, ["python", "-c", program], limits=SandboxLimits(open_files=50))
    assert result.code == 1
    assert "Too many open files" in result.stderr
