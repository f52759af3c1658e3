"""Routes and budgets with doubles: who answers, and what is spent by whom in which time."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections.abc import Callable, Coroutine, Generator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from facts import call, facts, failed, reply
from shop import Echo, Order, Plan, environment, open_log, say, shop, start

from metaco import Company, Limits, Retry, Settings
from metaco.core.errors import ConfigurationError, LimitReached, ProviderError
from metaco.core.model import Model, Reply, Request, Usage
from metaco.role import Role, action
from metaco.run.entries import CallFailed, CallStarted, Fact, ReplyReceived, RunStarted
from metaco.run.log import Log, Money
from metaco.run.usage import Cost, Used
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step

DOLLAR = {"prompt": 100_000.0, "reply": 100_000.0}  # ten cents a token


class Named(Echo):
    """An echo under a name of its own, which may fail."""

    def __init__(self, name: str, *errors: Exception, real: str = "") -> None:
        super().__init__()
        self.name, self.errors, self.real = name, list(errors), real

    async def complete(self, request: Request) -> Reply:
        if self.errors:
            self.asked.append(request.prompt)
            raise self.errors.pop(0)
        await super().complete(request)
        return Reply("ok", Usage(5, 5), self.real or self.name.partition(":")[2])


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No provider has failed yet."""
    monkeypatch.setattr("metaco.models.pace._paces", {})


def company(folder: Path, model: Any, **more: Any) -> Company:
    settings = more.pop("settings", Settings(prices={"a:m": DOLLAR, "b:m": DOLLAR}))
    return Company(
        shop(), model=model, workspace=folder, settings=settings, retry=Retry(1, 0), **more
    )


def parts_add_up(cost: Cost) -> None:
    for group in (cost.by_role, cost.by_step, cost.by_model):
        for name in Used.__dataclass_fields__:
            whole = getattr(cost.total, name)
            assert sum(getattr(used, name) for used in group.values()) == pytest.approx(whole)


# ------------------------------------------------------------------ routes


async def test_the_next_model_answers_and_the_log_names_it(tmp_path: Path) -> None:
    first, second = Named("a:m", *[ProviderError("no", status=401)] * 99), Named("b:m")
    one = company(tmp_path, [first, second])
    result = await one.run(Order(text="hello world"))
    assert result.ok
    entries = await one.log.read(result.run)
    (start,) = facts(entries, RunStarted)
    assert start.models == dict.fromkeys(("planner", "writer", "tester"), "a:m,b:m")
    assert {reply.model for reply in facts(entries, ReplyReceived)} == {"b:m"}
    assert len(first.asked) == 1  # it rests after its refusal
    parts_add_up(result.cost)
    assert result.cost.by_model["a:m"].failed == 1


async def test_where_all_rest_all_are_asked_in_their_order(tmp_path: Path) -> None:
    down = [ProviderError("down", status=503)]
    first, second = Named("a:m", *down), Named("b:m", *down)
    one = company(tmp_path, [first, second])
    failed = await one.run(Order(text="hello world"))
    assert failed.status == "failed"
    assert (len(first.asked), len(second.asked)) == (1, 1)
    assert (await one.resume(failed.run)).ok
    assert len(second.asked) == 1  # the first is well again, and asked first


async def test_an_error_that_is_no_failure_of_the_provider_is_not_passed_on(
    tmp_path: Path,
) -> None:
    first, second = Named("a:m", ZeroDivisionError("oops")), Named("b:m")
    result = await company(tmp_path, [first, second]).run(Order(text="hello world"))
    assert result.status == "failed"
    assert second.asked == []


@pytest.mark.parametrize(
    ("asked", "real", "surprise"),
    [
        ("openai:gpt-5-mini", "gpt-5-mini-2025-08-07", False),
        ("openrouter:meta-llama/llama-3.1:free", "meta-llama/llama-3.1", False),
        ("mistral:mistral-large-latest", "mistral-large-2411", False),
        ("ollama:qwen2.5:7b", "qwen2.5:7b", False),
        ("azure:my-deployment", "gpt-4o", False),
        ("gpt-5", "gpt-4o", True),
        ("openai:gpt-5", "llama-3", True),
    ],
)
async def test_another_model_than_asked_for(
    tmp_path: Path, asked: str, real: str, surprise: bool
) -> None:
    model = Named(asked, real=real)
    env = await start(open_log(tmp_path), model)
    expected = [f"{asked} was requested, but {real} replied."]
    assert env.warnings == (expected if surprise else [])
    first, *_ = facts(await env.log.read("r"), ReplyReceived)
    assert first.answered_by == real


def test_routes_come_from_names(tmp_path: Path) -> None:
    settings = Settings(
        model="offline,offline:one-bug",
        role_models={"writer": "offline:never-fixes,offline"},
        prices={},
    )
    one = company(tmp_path, None, settings=settings)
    assert [m.name for m in one.routes.route_of("planner")] == ["offline", "offline:one-bug"]
    assert [m.name for m in one.routes.route_of("writer")] == ["offline:never-fixes", "offline"]
    assert one.routes.route_of("writer")[0].name == "offline:never-fixes"
    mixed: list[str | Model] = ["offline", Echo()]
    assert [m.name for m in company(tmp_path, mixed).routes.route_of("x")] == [
        "offline",
        "scripted",
    ]
    with pytest.raises(ConfigurationError, match="No model is named"):
        company(tmp_path, " , ").routes.route_of("planner")


# ------------------------------------------------------------------ budgets of roles


async def test_a_role_has_a_budget_of_its_own(tmp_path: Path) -> None:
    limits = Limits(roles={"writer": Limits(calls=2)})
    env = await start(open_log(tmp_path), model := Echo(), files=6, limits=limits)
    assert len(model.asked) == 3  # the planner's call, and two of the writer's
    assert "by the role writer" in str(env.limit)
    assert "[limits.roles.writer]" in str(env.limit)
    more = environment(env.log, model, limits=Limits(roles={"writer": Limits(calls=99)}))
    assert await more.run() == "done"
    assert len(model.asked) == 9


async def test_dollars_of_a_role_from_the_settings(tmp_path: Path) -> None:
    settings = Settings(prices={"a:m": DOLLAR}, limits={"roles": {"writer": {"cost": 7.5}}})
    one = company(tmp_path, Named("a:m"), settings=settings)
    result = await one.run(Order(text="hello world", files=20))
    assert result.status == "limit"
    spent_by = {role: used.dollars for role, used in result.cost.by_role.items()}
    assert spent_by["planner"] == 1
    assert 4 <= spent_by["writer"] <= 7.5  # a call may cost up to 2.5 dollars
    parts_add_up(result.cost)
    begun = await one.log.last(result.run, RunStarted)
    assert begun
    assert begun.limits == {}  # what the settings say holds on the day
    more = replace(settings, limits={"roles": {"writer": {"cost": 12}}})
    result = await company(tmp_path, Named("a:m"), settings=more).resume(result.run)
    assert result.status == "limit"
    raised = Limits(roles={"writer": Limits(cost=500)})
    again = company(tmp_path, Named("a:m"), settings=settings, limits=raised)
    assert (await again.resume(result.run)).ok


# ------------------------------------------------------------------ the budget of a day


async def test_a_day_holds_for_all_runs_of_a_workspace(tmp_path: Path) -> None:
    settings = Settings(prices={"a:m": DOLLAR}, daily_cost=20.0)
    order = Order(text="hello world", files=4)
    runs = [company(tmp_path, Named("a:m"), settings=settings).run(order) for _ in range(6)]
    results = await asyncio.gather(*runs)
    total = sum(result.cost.total.dollars for result in results)
    assert 10 <= total <= 20  # what surely fits, and no more
    assert "limit" in {result.status for result in results}
    limited = next(result for result in results if result.status == "limit")
    assert "of this day" in limited.problem
    assert "daily_cost" in limited.problem
    rich = Settings(prices={"a:m": DOLLAR}, daily_cost=1000.0)
    assert (await company(tmp_path, Named("a:m"), settings=rich).resume(limited.run)).ok


async def test_another_process_counts_as_well(tmp_path: Path) -> None:
    settings = Settings(prices={"a:m": DOLLAR}, daily_cost=20.0)
    one = company(tmp_path, Named("a:m"), settings=settings)
    other = Log(tmp_path / "metaco.db")  # a connection of its own, as another process has
    money = Money(19.5, Money.today())
    await other.append("elsewhere", "c/1", call(cost=19.5), money=money)
    result = await one.run(Order(text="hello world"))
    assert result.status == "limit"
    assert result.cost.total.calls == 0
    money = Money(-19.5, Money.today())
    await other.append("elsewhere", "c/1", failed(), money=money)
    assert (await one.resume(result.run)).ok


async def test_a_day_is_one_row_changed_with_the_entry(tmp_path: Path) -> None:
    log, path = Log(tmp_path / "metaco.db"), tmp_path / "metaco.db"

    async def add(fact: Fact, key: str, dollars: float, most: float = math.inf) -> bool:
        money = Money(dollars, "2026-11-29", most)
        return await log.append("r", key, fact, money=money) is not None

    def booked() -> float:
        with sqlite3.connect(path) as db:
            row = db.execute("select dollars from day where day = '2026-11-29'").fetchone()
        db.close()
        return float(row[0]) if row else 0.0

    assert await add(call(), "a/1", 5.0, 5.0)
    with pytest.raises(LimitReached, match="of this day"):
        await add(call(), "b/1", 0.01, 5.0)
    assert booked() == 5
    assert await add(reply(), "a", 2 - 5)
    assert not await add(reply(), "a", 2 - 5)  # there already: booked once
    assert booked() == 2
    assert await add(call(), "b/1", 3.0, 5.0)
    assert await log.append("r", "c/1", call(), money=Money(5, "2026-11-30", 5))
    assert booked() == 5  # another day is another row
    writing = [log.append("r", f"d/{n}", call(), money=Money(1, "x", 3)) for n in range(9)]
    answers = await asyncio.gather(*writing, return_exceptions=True)
    assert sum(isinstance(each, LimitReached) for each in answers) == 6


# ------------------------------------------------------------------ prices that are not known


@pytest.mark.parametrize(
    ("given", "more"),
    [
        (Limits(cost=1), {}),
        (Limits(roles={"writer": Limits(cost=1)}), {}),
        (None, {"limits": {"cost": 1}}),
        (None, {"daily_cost": 1.0}),
    ],
)
async def test_dollars_nobody_can_count_are_refused_before_anything_starts(
    tmp_path: Path, given: Limits | None, more: dict[str, Any]
) -> None:
    model = Named("nobody:m")
    one = company(tmp_path, model, settings=Settings(**more), limits=given)
    with pytest.raises(ConfigurationError, match=r"price of nobody:m is not known") as caught:
        await one.run(Order(text="hello world"))
    assert "--tokens" in caught.value.remedy
    assert model.asked == []
    assert await one.log.runs() == []
    bounded = (given or Limits()).replaced_by(Limits(tokens=100_000))
    two = company(tmp_path, model, settings=Settings(**more), limits=bounded)
    result = await two.run(Order(text="hello world"))
    assert result.ok
    assert result.cost.total.unpriced == 5
    parts_add_up(result.cost)


async def test_the_limits_of_an_sop_itself_are_a_warning_if_tokens_are_limited(
    tmp_path: Path,
) -> None:
    one = company(tmp_path, Named("nobody:m"), settings=Settings())
    one.sop.limits = Limits(cost=1, tokens=100_000)
    result = await one.run(Order(text="hello world"))
    assert result.ok
    assert result.warnings == ("The price of nobody:m is not known; its tokens are limited.",)
    two = company(tmp_path, Named("nobody:m"), settings=Settings())
    two.sop.limits = Limits(cost=1)
    with pytest.raises(ConfigurationError):
        await two.run(Order(text="hello world"))


async def test_local_models_cost_nothing(tmp_path: Path) -> None:
    one = company(tmp_path, Named("ollama:m"), settings=Settings(), limits=Limits(cost=0.01))
    result = await one.run(Order(text="hello world"))
    assert result.ok
    assert (result.cost.total.dollars, result.cost.total.unpriced) == (0, 0)


# ------------------------------------------------------------------ roles that do not wait


class CancelledAt:
    """Work whose task is cancelled at its n-th wait, before or while it waits."""

    def __init__(self, work: Coroutine[Any, Any, str], at: int, *, before: bool) -> None:
        self.work, self.left, self.before = work, at, before

    def __await__(self) -> Generator[Any, Any, str]:
        task, steps = asyncio.current_task(), self.work.__await__()
        assert task
        step: Callable[[], Any] = partial(next, steps)
        while True:
            try:
                future = step()
            except StopIteration as end:
                return str(end.value)
            self.left -= 1
            if not self.left and self.before:
                task.cancel()
            elif not self.left:
                asyncio.get_running_loop().call_soon(task.cancel)
            try:
                yield future
            except BaseException as error:  # noqa: BLE001  the work's to handle
                step = partial(steps.throw, error)
            else:
                step = partial(next, steps)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("limit", ["calls", "tokens", "cost"])
async def test_whenever_a_role_stops_waiting_no_limit_is_passed(
    tmp_path: Path, limit: str, before: bool
) -> None:
    """The call is unsent and costs nothing, or is booked, before there is room for another."""

    class Impatient(Role):
        @action
        async def plan(self, order: Order) -> Plan:
            """Asks with too little patience, and asks again."""

            async def ask(at: int) -> str:
                return await CancelledAt(say(self, order.text), at, before=before)

            impatient = asyncio.create_task(ask(len(reached) + 1))
            await asyncio.wait([impatient])
            reached.append(impatient.cancelled())
            await say(self, order.text)
            return Plan(title="", paths=[])

    sop = SOP("s", [Step(Impatient, "plan", role_name="planner")], input=Order, output=Plan)
    reached: list[bool] = []
    while not reached or reached[-1]:
        model, path = Named("a:m"), tmp_path / str(len(reached))
        limits = {"calls": Limits(calls=1), "tokens": Limits(tokens=30)}
        limits["cost"] = Limits(cost=0.003)
        env = environment(
            Log(path),
            model,
            sop=sop,
            limits=limits[limit],
            prices={"a:m": {"prompt": 100.0, "reply": 100.0}},
            daily_cost=10.0,
        )
        await env.put(Order(text="hello"))
        assert await env.run() in ("done", "limit")
        entries = await env.log.read("r")
        replies, failures = facts(entries, ReplyReceived), facts(entries, CallFailed)
        unsent = [each for each in failures if not each.maybe_billed]
        assert len(facts(entries, CallStarted)) == len(replies) + len(failures)
        assert len(model.asked) <= len(replies) + len(failures) - len(unsent)
        assert limit != "calls" or len(model.asked) <= 1
        assert env.cost.total.tokens <= 30
        assert env._calls._budget._in_flight.calls == 0
        worst = facts(entries, CallStarted)[0].cost or 0.0
        with closing(sqlite3.connect(path)) as db:
            (booked,) = db.execute("select dollars from day").fetchone()
        assert booked == pytest.approx(
            sum(each.cost or 0.0 for each in replies) + worst * (len(failures) - len(unsent))
        )
    assert len(reached) == 4  # it waits for the log twice, and for the model


async def test_nothing_is_sent_once_the_minutes_are_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log takes its time, as another process is writing, until they are."""
    log, model = Log(tmp_path / "log"), Named("a:m")
    env, append = environment(log, model, limits=Limits(minutes=10)), log.append

    def late(run: str, key: str, fact: Fact, **more: Any) -> Any:
        if isinstance(fact, CallStarted):
            env._calls._budget.deadline = 0.0
        return append(run, key, fact, **more)

    monkeypatch.setattr(log, "append", late)
    await env.put(Order(text="hello world"))
    assert await env.run() == "limit"
    assert model.asked == []
    (failure,) = facts(await log.read("r"), CallFailed)
    assert not failure.maybe_billed


@pytest.mark.parametrize("parallel", [0, -1, 2.5, True])
def test_how_many_calls_may_be_in_flight_is_a_whole_number(tmp_path: Path, parallel: Any) -> None:
    with pytest.raises(ConfigurationError, match="parallel is"):
        company(tmp_path, Echo(), parallel=parallel)
