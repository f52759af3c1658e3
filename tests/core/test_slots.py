"""Slots: only so many at once, first come, first served, whatever loop asks."""

from __future__ import annotations

import asyncio

from metaco.core.slots import Slots


async def test_slots_let_only_so_many_in_and_keep_their_order() -> None:
    slots, inside, most, order = Slots(3), 0, 0, []

    async def visit(number: int) -> None:
        nonlocal inside, most
        async with slots:
            order.append(number)
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(visit(number) for number in range(50)))
    assert (most, order) == (3, list(range(50)))


async def test_slots_survive_cancellation() -> None:
    slots = Slots(1)

    async def visit() -> None:
        async with slots:
            await asyncio.sleep(0)

    for pauses in range(6):
        visits = [asyncio.create_task(visit()) for _ in range(8)]
        for _ in range(pauses):
            await asyncio.sleep(0)
        for task in visits[::2]:
            task.cancel()
        await asyncio.wait(visits)
        assert not any(task.cancelled() for task in visits[1::2])
    async with asyncio.timeout(5), slots:
        pass


def test_slots_survive_a_loop_that_closes() -> None:
    slots = Slots(1)
    loop = asyncio.new_event_loop()

    async def hold_and_leave_a_waiter() -> None:
        await slots.__aenter__()
        waiter = asyncio.ensure_future(slots.__aenter__())
        waiter.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.sleep(0)

    loop.run_until_complete(hold_and_leave_a_waiter())
    pending = asyncio.all_tasks(loop)
    loop.close()

    async def pass_through() -> None:
        await slots.__aexit__(None, None, None)
        async with asyncio.timeout(5), slots:
            pass

    asyncio.run(pass_through())
    for task in pending:  # it will never run again; say that we know
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        task.get_coro().close()
