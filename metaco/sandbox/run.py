"""What every tier does around a command: check the paths, make a directory, return a result."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING

from metaco.core.errors import WorkspaceError
from metaco.core.loops import finish
from metaco.core.sandbox import SandboxLimits, SandboxResult
from metaco.core.slots import Slots

from .output import Output
from .paths import contained
from .shim import copy
from .tiers import ON_HOST, Job, Tier
from .visible import resolve_command

if TYPE_CHECKING:
    from .shim.request import Report

__all__ = ["TierSandbox"]

# Of this process. More at once would only wait for a processor, inside their time limits.
_RUNNING = Slots(os.cpu_count() or 1)


class TierSandbox(ABC):
    """Runs commands in one tier.

    Args:
        tier: the kind of confinement.
    """

    def __init__(self, tier: Tier) -> None:
        self._tier = tier

    @property
    def tier(self) -> str:
        """The kind of confinement: namespaces, bubblewrap, landlock or plain (none)."""
        return self._tier.name

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
        output = Output(limits.output_bytes)
        directory = _directory() if self._tier.on_host else contextlib.nullcontext("")
        async with _RUNNING, directory as base:
            started = time.monotonic()
            report = await self._execute(job, base, output)
            seconds = time.monotonic() - started
        stopped = report["stopped"] or ("output" if output.exceeded.is_set() else "")
        return SandboxResult(
            code=None if stopped else report["code"],
            stdout=output.stdout.decode("utf-8", "replace"),
            stderr=output.stderr.decode("utf-8", "replace"),
            files={
                asked: report["files"][path].decode("utf-8", "replace")
                for asked, path in zip(fetch, job.fetch, strict=True)
                if path in report["files"]
            },
            stopped=stopped,
            tier=self.tier,
            seconds=seconds,
        )

    @abstractmethod
    async def _execute(self, job: Job, base: str, output: Output) -> Report:
        """Run a job to its end, or to a limit, and leave no process behind.

        Args:
            base: a new directory of the host; empty where the tier has a file system of its own.
            output: gets what the command prints.
        """


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@contextlib.asynccontextmanager
async def _directory() -> AsyncIterator[str]:
    """Make a directory on the host, and delete it with all that is in it.

    Raises:
        WorkspaceError: something in it could not be deleted.
    """
    # Not in a thread, which would go on if we are cancelled: it is one call, and a short one.
    base = tempfile.mkdtemp(prefix=ON_HOST)
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
