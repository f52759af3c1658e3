"""Limits hold with many calls in flight; costs add up."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from facts import failed, reply, turn
from hypothesis import given, settings
from hypothesis import strategies as st

from metaco.core.errors import LimitReached
from metaco.core.limits import Limits
from metaco.run.budget import Budget, WorstCase
from metaco.run.entries import Entry, Fact
from metaco.run.usage import Cost, Used


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 30),
    st.integers(1, 300),
    st.integers(1, 40),
    st.lists(st.integers(1, 20), max_size=3),
    st.integers(0, 2**32),
)
def test_no_limit_is_passed_and_none_is_wasted(
    calls: int, tokens: int, tasks: int, lost: list[int], seed: int
) -> None:
    rng = random.Random(seed)
    limits = Limits(calls=calls, tokens=tokens, cost=tokens / 10)
    used = Used()
    budget = Budget(limits, used, [WorstCase(n, n / 10) for n in lost])
    refused: list[int] = []

    async def call(worst: int) -> None:
        try:
            reservation = await budget.reserve(WorstCase(worst, worst / 10))
            for _ in range(rng.randint(0, 3)):
                await asyncio.sleep(0)
            real = rng.randint(0, worst)
            used.calls, used.reply = used.calls + 1, used.reply + real
            used.dollars += real / 10
            assert used.calls + len(lost) <= calls
            assert used.tokens + sum(lost) <= tokens
            reservation.release()
        except LimitReached:
            refused.append(worst)

    async def work() -> None:
        async with asyncio.timeout(20):
            await asyncio.gather(*(call(rng.randint(1, 20)) for _ in range(tasks)))

    asyncio.run(work())
    assert used.calls + len(refused) == tasks
    for worst in refused:  # nobody was refused who would have found room in the end
        full = used.calls + len(lost) >= calls
        assert full or used.tokens + sum(lost) + worst > tokens


async def test_a_call_that_fits_waits_for_room() -> None:
    budget = Budget(Limits(tokens=10), Used())
    order: list[str] = []

    async def second() -> None:
        (await budget.reserve(WorstCase(6, None))).release()
        order.append("second")

    reservation = await budget.reserve(WorstCase(6, None))
    waiting = asyncio.create_task(second())
    await asyncio.sleep(0)
    order.append("first")
    reservation.release()
    await waiting
    assert order == ["first", "second"]
    with pytest.raises(LimitReached, match="0 of 10 tokens are used and the next call may need 11"):
        await budget.reserve(WorstCase(11, None))


async def test_what_a_reply_used_beyond_its_worst_case_is_held_until_it_is_released() -> None:
    budget = Budget(Limits(tokens=10), Used())
    reservation = await budget.reserve(WorstCase(4, None))
    (await budget.reserve(WorstCase(6, None))).release()
    reservation.grow(WorstCase(1, None))
    waiting = asyncio.create_task(budget.reserve(WorstCase(6, None)))
    await asyncio.sleep(0)
    assert not waiting.done()
    reservation.release()
    (await waiting).release()
    (await budget.reserve(WorstCase(10, None))).release()  # nothing is left over


async def test_no_limits_and_no_time() -> None:
    assert await Budget(Limits(), Used()).reserve(WorstCase(10**9, None))
    left = Budget(Limits(minutes=2), Used()).seconds_left()
    assert left is not None
    assert 119 < left <= 120
    assert Budget(Limits(), Used()).seconds_left() is None
    with pytest.raises(LimitReached, match="time limit of 1e-09 minutes"):
        await Budget(Limits(minutes=1e-9), Used()).reserve(WorstCase(1, None))


def test_parts_of_the_cost_add_up() -> None:
    def entry(n: int, fact: Fact) -> Entry:
        return Entry("r", n, 0.0, str(n), fact)

    tokens: dict[str, Any] = {
        "prompt_tokens": 10,
        "reply_tokens": 5,
        "cached_tokens": 4,
        "seconds": 0.5,
    }
    cost = Cost.of(
        [
            entry(1, reply(step="a.x", model="m", cost=0.25, **tokens)),
            entry(2, reply(step="a.y", model="m", cost=None, **tokens)),
            entry(3, reply(step="b.z", model="n", cost=0.5, **tokens)),
            entry(4, failed(step="b.z", model="n")),
            entry(5, turn("b.z")),
        ]
    )
    assert cost.total == Used(3, 1, 30, 15, 12, 0.75, 1, 1.5)
    assert cost.total.tokens == 45
    assert {role: used.calls for role, used in cost.by_role.items()} == {"a": 2, "b": 1}
    for parts in (cost.by_role, cost.by_step, cost.by_model):
        for name in Used.__dataclass_fields__:
            total = sum(getattr(used, name) for used in parts.values())
            assert total == getattr(cost.total, name)
