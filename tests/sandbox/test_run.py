"""What every tier does around a command."""

from __future__ import annotations

import asyncio

import pytest

from metaco.sandbox.run import finish


async def test_finish_outlasts_cancellation() -> None:
    steps: list[str] = []
    go_on = asyncio.Event()

    async def work() -> None:
        steps.append("started")
        await go_on.wait()
        steps.append("ended")

    task = asyncio.create_task(finish(work()))
    for _ in range(100):
        await asyncio.sleep(0)
        task.cancel()
    assert steps == ["started"]
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == ["started", "ended"]
