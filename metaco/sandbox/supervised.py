"""A sandbox that starts the shim, feeds it, listens to it and cleans up behind it."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import os
import socket
from typing import TYPE_CHECKING

from metaco.core.errors import SandboxUnavailable
from metaco.core.loops import finish
from metaco.core.sandbox import SandboxLimits

from .output import Output
from .run import TierSandbox
from .shim.request import encode
from .tiers import Job, Tier

if TYPE_CHECKING:
    from .shim.request import Report, Request

__all__ = ["Supervised"]

_GRACE = 10.0  # seconds for the shim to kill, collect and report before it is killed itself
_DRAIN = 1.0  # seconds for the last output, where something that escaped may keep it open


class Supervised(TierSandbox):
    """Runs commands under the shim."""

    async def _execute(self, job: Job, base: str, output: Output) -> Report:
        shim = _Shim(self._tier, self._tier.request(base, job), job.limits, output)
        report = await shim.run()
        if report["error"]:
            raise SandboxUnavailable(
                f"The sandbox ({self.tier}) could not be set up: {report['error']}.",
                "Run `metaco doctor` to see which kinds of sandbox work here.",
            ) from OSError(report["error"])
        return report


class _Shim:
    """One process of the shim and its three lines to us: stdout, stderr and control."""

    def __init__(self, tier: Tier, request: Request, limits: SandboxLimits, output: Output) -> None:
        self._tier = tier
        self._request = request
        self._limits = limits
        self._output = output
        self._pipes: list[asyncio.ReadTransport] = []
        self._readers: list[asyncio.Task[None]] = []
        self._process: asyncio.subprocess.Process | None = None
        self._control: asyncio.StreamWriter | None = None
        self._unadopted: list[socket.socket | io.FileIO] = []  # which no transport will close

    async def run(self) -> Report:
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
        report["stopped"] = stopped or report["stopped"]
        return report

    async def _start(self) -> asyncio.StreamReader:
        with contextlib.ExitStack() as theirs:
            ours, control = socket.socketpair()
            self._unadopted.append(ours)
            theirs.callback(control.close)
            out = await self._read_into(self._output.stdout, theirs)
            err = await self._read_into(self._output.stderr, theirs)
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
        lines = self._output.stderr.decode("utf-8", "replace").strip().splitlines()
        error = lines[-1] if lines else "the shim ended without a report"
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
