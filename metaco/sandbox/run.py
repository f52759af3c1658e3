"""What every tier does around a command: check the paths, make a directory, return a result."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metaco.core.errors import WorkspaceError
from metaco.core.slots import Slots

from .paths import contained
from .protocol import SandboxLimits, SandboxResult
from .shim import copy
from .visible import resolve_command

__all__ = ["MAX_FILES", "MEBIBYTE", "Job", "Outcome", "TierSandbox", "finish"]

MEBIBYTE = 1 << 20
MAX_FILES = 20_000  # that may exist at once

# Of this process. More at once would only wait for a processor, inside their time limits.
_RUNNING = Slots(os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Job:
    """A command that is ready to run: its paths are checked, its texts are bytes."""

    files: Mapping[str, bytes]
    command: Sequence[str]
    fetch: Sequence[str]
    limits: SandboxLimits
    stdin: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended; `stopped` names the limit that ended it, if one did."""

    code: int | None
    stopped: str
    stdout: bytes | bytearray
    stderr: bytes | bytearray
    files: Mapping[str, bytes]


class TierSandbox(ABC):
    """Runs commands in one tier.

    Args:
        tier: its name.
        on_host: whether a directory of the host holds the copy.
    """

    def __init__(self, tier: str, on_host: bool) -> None:
        self._name = tier
        self._on_host = on_host

    @property
    def tier(self) -> str:
        """The kind of confinement: namespaces, bubblewrap, landlock or plain (none)."""
        return self._name

    async def run(
        self,
        files: Mapping[str, str],
        command: Sequence[str],
        *,
        fetch: Sequence[str] = (),
        limits: SandboxLimits = SandboxLimits(),  # noqa: B008  frozen
        stdin: str = "",
    ) -> SandboxResult:
        """See `metaco.sandbox.Sandbox.run`."""
        texts = zip(contained(files), files.values(), strict=True)
        job = Job(
            files={path: _encode(text) for path, text in texts},
            command=resolve_command(command),
            fetch=contained(fetch),
            limits=limits,
            stdin=_encode(stdin),
        )
        directory = _directory() if self._on_host else contextlib.nullcontext("")
        async with _RUNNING, directory as base:
            started = time.monotonic()
            outcome = await self._execute(job, base)
            seconds = time.monotonic() - started
        return SandboxResult(
            code=None if outcome.stopped else outcome.code,
            stdout=_decode(outcome.stdout),
            stderr=_decode(outcome.stderr),
            files={
                asked: _decode(outcome.files[path])
                for asked, path in zip(fetch, job.fetch, strict=True)
                if path in outcome.files
            },
            stopped=outcome.stopped,
            tier=self.tier,
            seconds=seconds,
        )

    @abstractmethod
    async def _execute(self, job: Job, base: str) -> Outcome:
        """Run a job to its end, or to a limit, and leave no process behind.

        Args:
            base: a new directory of the host; empty where the tier has a file system of its own.
        """


async def finish(work: Coroutine[Any, Any, None]) -> None:
    """Await `work` to its end, even if we are cancelled meanwhile; then pass that on."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _decode(data: bytes | bytearray) -> str:
    return data.decode("utf-8", "replace")


@contextlib.asynccontextmanager
async def _directory() -> AsyncIterator[str]:
    """Make a directory on the host, and delete it with all that is in it.

    Raises:
        WorkspaceError: something in it could not be deleted.
    """
    # Not in a thread, which would go on if we are cancelled: it is one call, and a short one.
    base = tempfile.mkdtemp(prefix="metaco-sandbox-")
    try:
        yield base
    finally:
        await finish(_discard(base))


async def _discard(base: str) -> None:
    try:
        await asyncio.to_thread(copy.delete, base)
    except OSError as error:
        raise WorkspaceError(
            f"The sandbox's directory {base} could not be deleted: {error.strerror}.",
            "Delete it by hand.",
        ) from error
