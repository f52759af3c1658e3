"""A person at a terminal: whether there is one, what they type, and programs they work in."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from pathlib import Path
from typing import TextIO

__all__ = ["can_answer", "read_input", "run_program"]


def can_answer() -> bool:
    """Return whether there is a person: a terminal to read from, and one to ask at."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


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


async def run_program(command: str, file: Path) -> int | str:
    """Run `command` on `file` at the terminal; return its exit code, or why it did not start."""
    try:
        process = await asyncio.create_subprocess_exec(*shlex.split(command), str(file))
        return await process.wait()
    except (OSError, ValueError) as error:
        return str(error)
