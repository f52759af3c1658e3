"""The plain tier where there is no fork (Windows): a child process, watched from here.

It keeps the environment clean, the time, the output and the disk within their limits, and kills
the tree of processes in the end. It confines nothing, and memory, processor and processes are
not limited.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from metaco.core.loops import finish
from metaco.core.sandbox import SandboxLimits

from .output import Output
from .run import TierSandbox
from .shim import copy
from .tiers import MAX_FILES, MEBIBYTE, Job
from .visible import environment

if TYPE_CHECKING:
    from .shim.request import Report

__all__ = ["Direct"]

_DISK_INTERVAL = 0.25  # seconds between two looks at the disk
# Without these Windows starts no program; they hold no secrets.
_WINDOWS = ("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR")


class Direct(TierSandbox):
    """Runs commands as plain children of this process."""

    async def _execute(self, job: Job, base: str, output: Output) -> Report:
        await asyncio.to_thread(copy.create, base, dict(job.files), 0)
        try:
            process = await _start(base, job.command)
        except OSError as error:
            output.stderr += f"{job.command[0]}: {error.strerror}\n".encode()
            return {"error": "", "code": 127, "stopped": "", "files": {}}
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(job.stdin)
        process.stdin.close()
        readers: list[asyncio.Task[object]] = [
            asyncio.create_task(output.collect(process.stdout, output.stdout)),
            asyncio.create_task(output.collect(process.stderr, output.stderr)),
        ]
        reasons: dict[asyncio.Task[object], str] = {
            asyncio.create_task(process.wait()): "",
            asyncio.create_task(output.exceeded.wait()): "output",
            asyncio.create_task(_disk_exceeded(base, job.limits)): "disk",
        }
        try:
            done, _ = await asyncio.wait(
                reasons, timeout=job.limits.seconds, return_when=asyncio.FIRST_COMPLETED
            )
            stopped = next((reasons[task] for task in reasons if task in done), "time")
            code = process.returncode
        finally:
            await finish(_end(process, readers, list(reasons)))
        files = await asyncio.to_thread(_fetch, base, job.fetch, job.limits.output_bytes)
        return {"error": "", "code": code, "stopped": stopped, "files": files}


async def _start(base: str, command: Sequence[str]) -> asyncio.subprocess.Process:
    variables = environment(f"{base}/{copy.HOME}", f"{base}/{copy.TEMPORARY}")
    variables |= {name: os.environ[name] for name in _WINDOWS if name in os.environ}
    if sys.platform == "win32":
        temporary = variables["TMPDIR"]
        variables |= {"TEMP": temporary, "TMP": temporary, "USERPROFILE": variables["HOME"]}
    return await asyncio.create_subprocess_exec(
        shutil.which(command[0], path=variables["PATH"]) or command[0],
        *command[1:],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        cwd=f"{base}/{copy.PROJECT}",
        env=variables,
    )


async def _end(
    process: asyncio.subprocess.Process,
    readers: list[asyncio.Task[object]],
    watchers: list[asyncio.Task[object]],
) -> None:
    await _kill_tree(process)
    await process.wait()
    await asyncio.wait(readers, timeout=1.0)
    for task in (*readers, *watchers):
        task.cancel()
    await asyncio.wait([*readers, *watchers])


async def _kill_tree(process: asyncio.subprocess.Process) -> None:
    if sys.platform == "win32":
        killer = await asyncio.create_subprocess_exec(
            *("taskkill", "/T", "/F", "/PID", str(process.pid)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await killer.wait()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


async def _disk_exceeded(base: str, limits: SandboxLimits) -> None:
    while True:
        size, count = await asyncio.to_thread(copy.usage, base)
        if size > limits.disk_mb * MEBIBYTE or count > MAX_FILES:
            return
        await asyncio.sleep(_DISK_INTERVAL)


def _fetch(base: str, paths: Sequence[str], most: int) -> dict[str, bytes]:
    """Read what was asked for; all processes have ended, so that nothing moves under us."""
    project = Path(base).resolve() / copy.PROJECT
    contents = {}
    for path in paths:
        file = project / path
        if file.is_file() and file.resolve() == file:
            with file.open("rb") as stream:
                contents[path] = stream.read(most)
    return contents
