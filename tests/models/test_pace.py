"""How fast a provider is asked, with a clock that only these tests turn."""

from __future__ import annotations

import asyncio
import threading
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaco.models.pace import Pace, WaitedTooLong, pace_of
from metaco.models.providers import Provider


class Clock:
    """A time that passes while somebody sleeps, and not otherwise."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def paced(clock: Clock, **limits: int) -> Pace:
    return Pace(**limits, clock=clock, sleep=clock.sleep)


async def test_without_limits_nobody_waits() -> None:
    clock = Clock()
    pace = paced(clock)
    for _ in range(1000):
        async with pace.slot(10**9):
            pass
    assert clock.slept == []
    assert len(pace._sent) <= 1  # and nothing is kept


async def test_requests_of_a_minute_are_limited() -> None:
    clock = Clock()
    pace = paced(clock, requests=3)
    times = []
    for _ in range(8):
        async with pace.slot(1):
            times.append(clock.now)
            clock.now += 1
    assert times == [0, 1, 2, 60, 61, 62, 120, 121]


async def test_tokens_count_as_asked_for_until_the_reply_says_what_was_used() -> None:
    clock = Clock()
    pace = paced(clock, tokens=100)
    async with pace.slot(80) as sent:
        sent.tokens = 30
    async with pace.slot(70):
        pass
    assert clock.now == 0
    async with pace.slot(1):
        pass
    assert clock.now == 60


async def test_a_request_above_the_limit_goes_alone() -> None:
    clock = Clock()
    pace = paced(clock, tokens=100)
    for _ in range(3):
        async with pace.slot(500):
            pass
    assert clock.now == 120


@given(
    requests=st.none() | st.integers(1, 5),
    tokens=st.none() | st.integers(10, 100),
    asked=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 30)), max_size=30),
)
def test_no_minute_holds_more_than_allowed(
    requests: int | None, tokens: int | None, asked: list[tuple[int, int]]
) -> None:
    async def work() -> list[tuple[float, int]]:
        clock = Clock()
        pace = Pace(None, requests, tokens, clock=clock, sleep=clock.sleep)
        sent = []
        for size, pause in asked:
            async with pace.slot(size):
                sent.append((clock.now, size))
            clock.now += pause
        return sent

    sent = asyncio.run(work())
    for start, _ in sent:
        window = [size for at, size in sent if start <= at < start + 60]
        assert requests is None or len(window) <= requests
        assert tokens is None or len(window) == 1 or sum(window) <= tokens


async def test_those_in_flight_are_limited_and_all_get_their_turn() -> None:
    pace = Pace(parallel=3)
    flying = most = done = 0

    async def ask() -> None:
        nonlocal flying, most, done
        async with pace.slot(1):
            flying += 1
            most = max(most, flying)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            flying -= 1
            done += 1

    await asyncio.gather(*(ask() for _ in range(50)))
    assert (most, done) == (3, 50)


async def test_who_is_cancelled_while_waiting_holds_no_place() -> None:
    pace = Pace(parallel=1)
    async with pace.slot(1):
        waiting = asyncio.create_task(pace.slot(1).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with asyncio.timeout(5), pace.slot(1):
        pass


async def test_who_waits_too_long_holds_no_place() -> None:
    busy, full = Pace(parallel=1), Pace(requests=1)
    async with busy.slot(1), full.slot(1):
        for pace in (busy, full):  # one has no room at the same time, one none in this minute
            with pytest.raises(WaitedTooLong):
                async with pace.slot(1, 0.01):
                    raise AssertionError
    async with asyncio.timeout(5), busy.slot(1, 5):
        pass


async def test_a_timeout_of_what_is_done_in_a_turn_is_not_one_of_the_wait() -> None:
    with pytest.raises(TimeoutError):
        async with Pace(parallel=1).slot(1, 60):
            raise TimeoutError


def test_companies_in_the_loops_of_several_threads_share_it() -> None:
    pace, lock = Pace(parallel=2), threading.Lock()
    flying = most = done = 0

    async def ask() -> None:
        nonlocal flying, most, done
        async with pace.slot(1):
            with lock:
                flying += 1
                most = max(most, flying)
            await asyncio.sleep(0)
            with lock:
                flying -= 1
                done += 1

    async def work() -> None:
        await asyncio.gather(*(ask() for _ in range(20)))

    threads = [threading.Thread(target=asyncio.run, args=(work(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most <= 2
    assert done == 80


def test_a_provider_that_failed_rests_and_recovers() -> None:
    clock = Clock()
    pace = paced(clock)
    assert not pace.rests
    pace.rest(30)
    assert pace.rests
    clock.now = 30
    assert not pace.rests
    pace.rest(30)
    pace.recover()
    assert not pace.rests


async def test_a_provider_has_one_pace_whoever_asks() -> None:
    one = Provider("pace-of-a-test", "http://nobody.invalid/v1", parallel=3)
    other = Provider("pace-of-a-test", "http://other.invalid/v1")
    assert pace_of(one) is pace_of(one)
    assert pace_of(one) is not pace_of(other)
    async with AsyncExitStack() as in_flight:
        for _ in range(3):
            await in_flight.enter_async_context(pace_of(one).slot(1))
        pace_of(replace(one, parallel=5))  # another company, with settings of its own
        fourth = pace_of(one).slot(1)
        entered = asyncio.create_task(fourth.__aenter__())
        for _ in range(5):
            await asyncio.sleep(0)
        assert not entered.done()
    await entered
    await fourth.__aexit__(None, None, None)


def test_a_provider_limits_what_is_in_flight() -> None:
    far = Provider("far", "https://far.example/v1")
    near = Provider("near", "http://localhost:1/v1", local=True)
    assert (far.at_once, near.at_once, Provider("double").at_once) == (128, 32, None)
    assert replace(near, parallel=2).at_once == 2
