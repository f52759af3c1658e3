"""What a task holds open is opened and closed by that task, whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from metaco.core.held import Held


@asynccontextmanager
async def task() -> AsyncIterator[asyncio.Task[None] | None]:
    """Give the task that opens, and want to be closed by it."""
    mine = asyncio.current_task()
    yield mine
    assert asyncio.current_task() is mine


async def test_it_is_opened_and_closed_by_one_task() -> None:
    held = Held(task())
    one, two = await asyncio.gather(held.value(), held.value())
    assert one is two is not asyncio.current_task()
    await asyncio.create_task(held.close())


async def test_who_stops_waiting_does_not_stop_it() -> None:
    ready = asyncio.Event()

    @asynccontextmanager
    async def slow() -> AsyncIterator[int]:
        await ready.wait()
        yield 1

    held = Held(slow())
    impatient = asyncio.create_task(held.value())
    patient = asyncio.create_task(held.value())
    await asyncio.wait([impatient], timeout=0)
    impatient.cancel()
    ready.set()
    assert await patient == 1
    await held.close()


async def test_what_is_closed_before_it_is_open_never_opens() -> None:
    begun, opened = asyncio.Event(), False

    @asynccontextmanager
    async def never() -> AsyncIterator[int]:
        nonlocal opened
        begun.set()
        await asyncio.Event().wait()
        opened = True
        yield 1

    held = Held(never())
    await begun.wait()
    await held.close()
    assert not opened
    with pytest.raises(asyncio.CancelledError):
        await held.value()


@pytest.mark.parametrize("when", ["open", "close"])
async def test_errors_are_raised_where_they_belong(when: str) -> None:
    @asynccontextmanager
    async def wrong() -> AsyncIterator[int]:
        if when == "open":
            raise ValueError(when)
        yield 1
        raise ValueError(when)

    held = Held(wrong())
    if when == "open":
        with pytest.raises(ValueError, match="open"):
            await held.value()
        await held.close()
    else:
        assert await held.value() == 1
        with pytest.raises(ValueError, match="close"):
            await held.close()
