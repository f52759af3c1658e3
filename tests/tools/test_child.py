"""A child works on hostile texts and ends, whatever they are."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest

from metaco.core.errors import ToolError
from metaco.tools.child import in_child

HANGS = {"pattern": "(a+)+$", "files": {"a": "a" * 60 + "b"}, "most": 1}


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks into /proc")
async def test_nothing_is_left_where_it_is_cancelled_or_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = asyncio.Event()
    begin = asyncio.create_subprocess_exec

    async def begin_and_say(*args: Any, **options: Any) -> asyncio.subprocess.Process:
        process = await begin(*args, **options)
        begun.set()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", begin_and_say)
    before = children()
    with pytest.raises(ToolError, match="slow"):
        await in_child("grep", HANGS, 0.3, "slow")
    begun.clear()
    task = asyncio.create_task(in_child("grep", HANGS, 60, "slow"))
    await begun.wait()
    assert len(children() - before) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == before


async def test_a_child_that_runs_out_of_memory_is_a_sentence() -> None:
    started = time.monotonic()
    huge = {"pattern": "(" * 90_000 + ")" * 90_000, "files": {"a": "x"}, "most": 1}
    try:
        assert "problem" in await in_child("grep", huge, 5, "slow")
    except ToolError as error:
        assert str(error) == "slow"
    assert time.monotonic() - started < 10
