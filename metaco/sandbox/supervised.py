"""A sandbox that starts the shim, feeds it, listens to it and cleans up behind it."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import os
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from metaco.core.errors import SandboxUnavailable, WorkspaceError

from .output import Output
from .paths import contained
from .protocol import Limits, Result
from .shim import copy
from .shim.request import encode
from .slots import Slots
from .tiers import Tier

if TYPE_CHECKING:
    from .shim.request import Report, Request

__all__ = ["RUNNING", "Supervised", "directory", "finish"]

# Of this process. More at once would only wait for a processor, inside their time limits.
RUNNING = Slots(os.cpu_count() or 1)

_GRACE = 10.0  # seconds for the shim to kill, collect and report before it is killed itself
_DRAIN = 1.0  # seconds for the last output, where something that escaped may keep it open


class Supervised:
    """Runs commands under the shim.

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
        limits: Limits = Limits(),  # noqa: B008  frozen
        stdin: str = "",
    ) -> Result:
        """See `metaco.sandbox.Sandbox.run`."""
        texts = zip(contained(files), files.values(), strict=True)
        data = {path: text.encode("utf-8", "surrogatepass") for path, text in texts}
        wanted = contained(fetch)
        host = directory() if self._tier.on_host else contextlib.nullcontext("")
        async with RUNNING, host as base:
            request = self._tier.request(
                base, data, command, wanted, limits, stdin.encode("utf-8", "surrogatepass")
            )
            started = time.monotonic()
            run = _Run(self._tier, request, limits)
            report = await run.result()
            seconds = time.monotonic() - started
        if report["error"]:
            raise SandboxUnavailable(
                f"The sandbox ({self.tier}) could not be set up: {report['error']}.",
                "Run `metaco doctor` to see which kinds of sandbox work here.",
            ) from OSError(report["error"])
        found = {
            path: report["files"][plain].decode("utf-8", "replace")
            for path, plain in zip(fetch, wanted, strict=True)
            if plain in report["files"]
        }
        return Result(
            code=report["code"],
            stdout=run.stdout.decode("utf-8", "replace"),
            stderr=run.stderr.decode("utf-8", "replace"),
            files=found,
            stopped=report["stopped"],
            tier=self.tier,
            seconds=seconds,
        )


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


class _Run:
    """One process of the shim and its three lines to us: stdout, stderr and control."""

    def __init__(self, tier: Tier, request: Request, limits: Limits) -> None:
        self._tier = tier
        self._request = request
        self._limits = limits
        self._output = Output(limits.output_bytes)
        self.stdout = bytearray()
        self.stderr = bytearray()
        self._pipes: list[asyncio.ReadTransport] = []
        self._readers: list[asyncio.Task[None]] = []
        self._process: asyncio.subprocess.Process | None = None
        self._control: asyncio.StreamWriter | None = None
        self._unadopted: list[socket.socket | io.FileIO] = []  # which no transport will close

    async def result(self) -> Report:
        """Run to the end, or to a limit, and leave nothing behind."""
        try:
            reader = await self._start()
            answer = asyncio.ensure_future(_read_all(reader))
            try:
                stopped = await self._until_done(answer)
                data = await asyncio.wait_for(answer, _GRACE)
            except TimeoutError:
                stopped, data = stopped or "time", b""
            finally:
                answer.cancel()
                await asyncio.wait([answer])
            await self._rest_of_output()
        finally:
            await finish(self._close())
        if not data:
            return self._without_answer(stopped)
        report: Report = ast.literal_eval(data.decode())
        if stopped:
            report["stopped"], report["code"] = stopped, None
        elif self._output.exceeded.is_set():
            report["stopped"], report["code"] = "output", None
        return report

    async def _start(self) -> asyncio.StreamReader:
        with contextlib.ExitStack() as theirs:
            ours, control = socket.socketpair()
            self._unadopted.append(ours)
            theirs.callback(control.close)
            out = await self._read_into(self.stdout, theirs)
            err = await self._read_into(self.stderr, theirs)
            reader, self._control = await asyncio.open_connection(sock=ours, limit=1 << 20)
            self._unadopted.remove(ours)
            await self._spawn(control.fileno(), out, err)
        with contextlib.suppress(ConnectionError):  # then the missing answer tells the story
            self._control.write(encode(self._request))
            await self._control.drain()
        return reader

    async def _spawn(self, control: int, out: int, err: int) -> None:
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._tier.argv(control, self._limits),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                pass_fds=(control,),
                start_new_session=True,
                cwd="/",
                env=_environment(self._request),
            )
        except OSError as error:
            raise SandboxUnavailable(
                f"The sandbox ({self._tier.name}) could not be started: {error}.",
                "Run `metaco doctor` to see which kinds of sandbox work here.",
            ) from error

    async def _read_into(self, into: bytearray, theirs: contextlib.ExitStack) -> int:
        """Make a pipe, read it from now on, and return its other end."""
        read, write = os.pipe()
        theirs.callback(os.close, write)
        pipe = os.fdopen(read, "rb", buffering=0)
        self._unadopted.append(pipe)
        stream = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(stream)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: protocol, pipe)
        self._unadopted.remove(pipe)
        self._pipes.append(transport)
        self._readers.append(asyncio.ensure_future(self._output.collect(stream, into)))
        return write

    async def _until_done(self, answer: asyncio.Future[bytes]) -> str:
        """Wait for the answer or the first limit that strikes; return which one it was."""
        exceeded = asyncio.ensure_future(self._output.exceeded.wait())
        try:
            done, _ = await asyncio.wait(
                (answer, exceeded),
                timeout=self._limits.seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            exceeded.cancel()
        if answer in done:
            return ""
        self._stop()
        return "output" if exceeded in done else "time"

    async def _rest_of_output(self) -> None:
        if self._readers:
            await asyncio.wait(self._readers, timeout=_DRAIN)

    def _stop(self) -> None:
        """Tell the shim to end everything."""
        if self._control is not None and self._control.can_write_eof():
            with contextlib.suppress(OSError):  # it has ended by itself
                self._control.write_eof()

    async def _close(self) -> None:
        """End the shim and all below it, whatever state we are in, and let go of everything."""
        self._stop()
        if self._process is not None:
            try:
                await asyncio.wait_for(self._process.wait(), _GRACE)
            except TimeoutError:
                self._process.kill()  # what it made dies with it, or sees that we hung up
                await self._process.wait()
        for reader in self._readers:
            reader.cancel()
        if self._readers:
            await asyncio.wait(self._readers)
        for pipe in self._pipes:
            pipe.close()
        for loose in self._unadopted:
            loose.close()
        if self._control is not None:
            self._control.close()
            with contextlib.suppress(ConnectionError):
                await self._control.wait_closed()

    def _without_answer(self, stopped: str) -> Report:
        if stopped:
            return {"error": "", "code": None, "stopped": stopped, "files": {}}
        said = self.stderr.decode("utf-8", "replace").strip().splitlines()
        error = said[-1] if said else "the shim ended without a word"
        return {"error": error, "code": None, "stopped": "", "files": {}}


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""  # it ended before it had read what we wrote


def _environment(request: Request) -> dict[str, str]:
    """Return the shim's own environment: enough for the interpreter to start."""
    kept = ("PATH", "LANG", "LD_LIBRARY_PATH")
    given = request["environment"]
    return {name: given[name] for name in kept if name in given}


@contextlib.asynccontextmanager
async def directory() -> AsyncIterator[str]:
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
