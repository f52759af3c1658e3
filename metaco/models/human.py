"""The model that is a person: they read the prompt at the terminal and write the reply.

What they write takes the way of every reply: it is logged, read, checked, and given back to them
once with what is wrong about it. With EDITOR (or VISUAL) set they write there, else at the
terminal, up to a line with nothing but a dot.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path

from metaco.core.errors import ProviderError
from metaco.core.model import Reply, Request, Usage

__all__ = ["Human", "can_answer", "paused", "read_input", "run_program", "temporary_file"]

paused: ContextVar[Callable[[], AbstractAsyncContextManager[None]]]
paused = ContextVar("paused", default=nullcontext)
"""How to have the terminal to oneself; who shows something there sets it."""

END = "."
"""The line that ends an answer."""


def can_answer() -> bool:
    """Return whether there is a person: a terminal to read from, and one to ask at."""
    try:
        return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
    except ValueError:  # one of them is closed
        return False


class Human:
    """A person at the terminal; asked one thing at a time."""

    name = "human"

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def complete(self, request: Request) -> Reply:
        """Show `request` and return what the person answers; it uses no tokens.

        Raises:
            ProviderError: there was no answer, or no editor (status 400: asking again at once
                would not help).
        """
        async with self._lock, paused.get()():
            await _show(_question(request))
            command = os.environ.get("VISUAL") or os.environ.get("EDITOR")
            suffix = ".json" if request.response_type else ".md"
            text = await (_edited(command, suffix, request) if command else _typed())
        if not text.strip():
            raise ProviderError(
                f"Nobody answered {request.role}.{request.action}.",
                "Run `metaco resume` to be asked again.",
                status=400,
            )
        return Reply(text, Usage(), self.name)


def _question(request: Request) -> str:
    """Return what a person has to know: who they are, what is asked, what was wrong so far."""
    rule = "─" * 72
    parts = [rule, f"You are {request.role}. Your task: {request.action}.", rule]
    parts += [text for text in (request.system, request.prompt) if text]
    for answer, problem in request.rejected_replies:
        parts += [rule, f"You answered:\n\n{answer}", problem]
    parts += [f"With it goes the file {each.name}." for each in request.attachments]
    kind = f"a {request.response_type.__name__} as JSON" if request.response_type else "text"
    return "\n\n".join([*parts, rule, f"Answer with {kind}."])


async def _show(text: str) -> None:
    """Print `text`, through a pager where it is longer than the screen."""
    text = "".join(c for c in text if c.isprintable() or c in "\n\t") + "\n"
    pager = os.environ.get("PAGER") or ("less" if shutil.which("less") else "")
    if pager and text.count("\n") + 4 > shutil.get_terminal_size().lines:
        with temporary_file("prompt.md", text) as file:
            if await run_program(pager, file) == 0:
                return
    sys.stderr.write(f"\n{text}")
    sys.stderr.flush()


async def _edited(command: str, suffix: str, request: Request) -> str:
    """Return what the person writes in an editor; it begins with their answer so far."""
    before = request.rejected_replies[-1][0] if request.rejected_replies else ""
    with temporary_file(f"answer{suffix}", before) as file:
        if code := await run_program(command, file):
            raise ProviderError(
                f"The editor {command!r} ended with {code}, without an answer.",
                "Set EDITOR to one that works, or leave it empty to type here.",
                status=400,
            )
        return _read(file)


@contextmanager
def temporary_file(name: str, text: str) -> Iterator[Path]:
    """Make a file that is gone when it is done with."""
    with tempfile.TemporaryDirectory(prefix="metaco-") as folder:
        file = Path(folder, name)
        file.write_text(text, encoding="utf-8", errors="replace")
        yield file


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


async def run_program(command: str, file: Path) -> int | str:
    """Run `command` on `file` at the terminal; return its exit code, or why it did not start."""
    try:
        process = await asyncio.create_subprocess_exec(*shlex.split(command), str(file))
        return await process.wait()
    except (OSError, ValueError) as error:
        return str(error)


async def _typed() -> str:
    """Return what the person types, up to a line with a dot or the end of the input (Ctrl-D)."""
    sys.stderr.write(
        f"End your answer with a line that is only {END!r}, or with Ctrl-D; "
        "for long ones set EDITOR.\n"
    )
    sys.stderr.flush()
    text, decoder = "", codecs.getincrementaldecoder("utf-8")("replace")
    while chunk := await read_input():
        text += decoder.decode(chunk)
        lines = text.splitlines()
        if text.endswith("\n") and END in lines:
            return "\n".join(lines[: lines.index(END)])
    return text


async def read_input() -> bytes:
    """Return what was typed since the last call, without holding up the event loop.

    It is empty at the end of the input.
    """
    loop, file = asyncio.get_running_loop(), sys.stdin.fileno()
    ready: asyncio.Future[bytes] = loop.create_future()

    def read() -> None:
        if not ready.done():
            ready.set_result(os.read(file, 65536))

    try:
        loop.add_reader(file, read)
    except NotImplementedError:  # Windows
        line: str = await asyncio.to_thread(sys.stdin.readline)
        return line.encode()
    try:
        return await ready
    finally:
        loop.remove_reader(file)
