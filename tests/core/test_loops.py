"""Calls that reach an event loop from other threads: all of them, in order, with few wake-ups."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from metaco.core.loops import Outbox, finish, post


class Counted:
    """A loop that counts how often it is woken."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop, self.wakes = loop, 0

    def call_soon_threadsafe(self, call: Callable[..., Any], *args: Any) -> None:
        self.wakes += 1
        self.loop.call_soon_threadsafe(call, *args)


def _put_all(outbox: Outbox, call: Callable[[int], None], count: int) -> None:
    for n in range(count):
        outbox.put(call, n)


async def test_many_calls_wake_the_loop_once() -> None:
    counted, seen = Counted(asyncio.get_running_loop()), list[int]()
    outbox = Outbox(counted)  # type: ignore[arg-type]
    thread = threading.Thread(target=_put_all, args=(outbox, seen.append, 100))
    thread.start()
    thread.join()  # the loop is busy meanwhile
    assert (seen, counted.wakes) == ([], 2)  # one more, in case Ctrl-C strikes the first
    await asyncio.sleep(0)
    assert seen == list(range(100))
    outbox.put(seen.append, 100)  # after that it has to be woken again
    assert counted.wakes == 4
    await asyncio.sleep(0)
    assert seen[-1] == 100


class Interrupted(Counted):
    """A loop in which Ctrl-C strikes the first call before it begins."""

    def call_soon_threadsafe(self, call: Callable[..., Any], *args: Any) -> None:
        self.wakes += 1
        if self.wakes > 1:
            self.loop.call_soon_threadsafe(call, *args)


async def test_an_interrupt_makes_no_loop_deaf() -> None:
    loop, seen, struck = asyncio.get_running_loop(), list[int](), list[int]()

    def strike(n: int) -> None:
        if not struck:
            struck.append(n)
            raise KeyboardInterrupt
        seen.append(n)

    outbox = Outbox(Interrupted(loop))  # type: ignore[arg-type]
    thread = threading.Thread(target=_put_all, args=(outbox, seen.append, 2))
    thread.start()
    thread.join()
    await asyncio.sleep(0)
    assert seen == [0, 1]
    outbox.put(strike, 2)
    outbox.put(seen.append, 3)
    with pytest.raises(KeyboardInterrupt):
        outbox._deliver()
    await asyncio.sleep(0)
    assert (struck, seen) == ([2], [0, 1, 2, 3])  # what was struck is done again, in its order


async def test_what_comes_while_it_delivers_is_not_lost() -> None:
    """Several threads put while the loop takes: everything arrives, each thread's in order."""
    outbox, seen, each = Outbox(asyncio.get_running_loop()), list[tuple[int, int]](), 5_000
    everything = asyncio.Event()

    def see(who: int, n: int) -> None:
        seen.append((who, n))
        if len(seen) == 3 * each:
            everything.set()

    threads = [
        threading.Thread(target=_put_all, args=(outbox, partial(see, who), each))
        for who in range(3)
    ]
    for thread in threads:
        thread.start()
    async with asyncio.timeout(30):
        await everything.wait()
    for thread in threads:
        thread.join()
    for who in range(3):
        assert [n for name, n in seen if name == who] == list(range(each))


async def test_a_call_that_fails_holds_up_none_behind_it() -> None:
    loop, seen, problems = asyncio.get_running_loop(), list[int](), list[dict[str, Any]]()
    loop.set_exception_handler(lambda _, context: problems.append(context))

    def fail() -> None:
        raise ValueError("x")

    outbox = Outbox(loop)
    outbox.put(fail)
    outbox.put(seen.append, 1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert seen == [1]
    assert [str(problem["exception"]) for problem in problems] == ["x"]


@pytest.mark.filterwarnings("error")
def test_in_a_closed_loop_nobody_waits_any_more() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    assert not post(loop, print, "never")
    Outbox(loop).put(print, "never")


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
