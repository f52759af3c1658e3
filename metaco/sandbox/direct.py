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
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from .output import Output
from .paths import contained
from .places import environment, program
from .protocol import Limits, Result
from .shim import copy
from .supervised import RUNNING, directory, finish

__all__ = ["Direct"]

_LOOK = 0.25  # seconds between two looks at the disk
_FILES = 20_000
_MEBIBYTE = 1 << 20
# Without these Windows starts no program; they hold no secrets.
_WINDOWS = ("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR")


class Direct:
    """Runs commands as plain children of this process."""

    @property
    def tier(self) -> str:
        """Always plain."""
        return "plain"

    async def run(
        self,
        files: Mapping[str, str],
        command: Sequence[str],
        *,
        fetch: Sequence[str] = (),
        limits: Limits = Limits(),  # noqa: B008  frozen
        stdin: str = "",
    ) -> Result:
        """See `metaco.sandbox.Sandbox.run`."""
        texts = zip(contained(files), files.values(), strict=True)
        data = {path: text.encode("utf-8", "surrogatepass") for path, text in texts}
        wanted = contained(fetch)
        async with RUNNING, directory() as base:
            await asyncio.to_thread(copy.create, base, data, 0)
            started = time.monotonic()
            code, stopped, out, err = await _run(
                base, command, limits, stdin.encode("utf-8", "surrogatepass")
            )
            seconds = time.monotonic() - started
            found = await asyncio.to_thread(_fetch, base, wanted, limits.output_bytes)
        return Result(
            code=None if stopped else code,
            stdout=out.decode("utf-8", "replace"),
            stderr=err.decode("utf-8", "replace"),
            files={
                path: found[plain]
                for path, plain in zip(fetch, wanted, strict=True)
                if plain in found
            },
            stopped=stopped,
            tier=self.tier,
            seconds=seconds,
        )


async def _run(
    base: str, command: Sequence[str], limits: Limits, stdin: bytes
) -> tuple[int | None, str, bytearray, bytearray]:
    first, *rest = program(command)
    variables = environment(f"{base}/{copy.HOME}", f"{base}/{copy.TEMPORARY}")
    temporary = variables["TMPDIR"]
    variables |= {name: os.environ[name] for name in _WINDOWS if name in os.environ}
    if sys.platform == "win32":
        variables |= {"TEMP": temporary, "TMP": temporary, "USERPROFILE": variables["HOME"]}
    out, err = bytearray(), bytearray()
    output = Output(limits.output_bytes)
    try:
        process = await asyncio.create_subprocess_exec(
            shutil.which(first, path=variables["PATH"]) or first,
            *rest,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            cwd=f"{base}/{copy.PROJECT}",
            env=variables,
        )
    except OSError as error:
        return 127, "", out, bytearray(f"{command[0]}: {error.strerror}\n".encode())
    assert process.stdin and process.stdout and process.stderr
    process.stdin.write(stdin)
    process.stdin.close()
    tasks: list[asyncio.Task[object]] = [
        asyncio.create_task(output.collect(process.stdout, out)),
        asyncio.create_task(output.collect(process.stderr, err)),
    ]
    reasons: dict[asyncio.Task[object], str] = {
        asyncio.create_task(process.wait()): "",
        asyncio.create_task(output.exceeded.wait()): "output",
        asyncio.create_task(_disk_exceeded(base, limits)): "disk",
    }
    try:
        done, _ = await asyncio.wait(
            reasons, timeout=limits.seconds, return_when=asyncio.FIRST_COMPLETED
        )
        stopped = next((reasons[task] for task in reasons if task in done), "time")
        return process.returncode, stopped, out, err
    finally:
        await finish(_end(process, tasks, list(reasons)))


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


async def _disk_exceeded(base: str, limits: Limits) -> None:
    while True:
        size, count = await asyncio.to_thread(copy.usage, base)
        if size > limits.disk_mb * _MEBIBYTE or count > _FILES:
            return
        await asyncio.sleep(_LOOK)


def _fetch(base: str, paths: list[str], most: int) -> dict[str, str]:
    """Read what was asked for; all processes have ended, so that nothing moves under us."""
    project = Path(base).resolve() / copy.PROJECT
    found = {}
    for path in paths:
        file = project / path
        if file.is_file() and file.resolve() == file:
            with file.open("rb") as stream:
                found[path] = stream.read(most).decode("utf-8", "replace")
    return found
