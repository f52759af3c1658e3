"""Runs work on hostile texts in a process that can be stopped.

A regular expression of a model may take for ever, and so may the HTML of a stranger. Neither can be
interrupted in a thread, as both hold the interpreter's lock: a child of its own with limits on time
and memory can. The code it runs is metaco's, so it needs no sandbox.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from metaco.core.errors import ToolError

__all__ = ["in_child"]


async def in_child(script: str, value: Any, seconds: float, slow: str) -> Any:
    """Run a script of this folder, which reads JSON and writes JSON, and return what it wrote.

    Args:
        script: the name of its module; it may import the standard library only.
        value: what it reads.
        seconds: of wall time.
        slow: what to say where the time is over.

    Raises:
        ToolError: the time or the memory was not enough.
    """
    path = Path(__file__).with_name(f"{script}.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", str(path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
    )  # fmt: skip
    try:
        async with asyncio.timeout(seconds):
            out, _ = await process.communicate(json.dumps(value).encode())
    except TimeoutError:
        raise ToolError(slow) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ToolError(slow)
    return json.loads(out)
