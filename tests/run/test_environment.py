"""The environment with a real log and a model that is a double."""

from __future__ import annotations

import asyncio
import functools
import gc
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from crashing import Crash, CrashingLog
from facts import facts
from graphs import snapshot
from shop import (
    Delivery,
    Echo,
    File,
    Order,
    Passed,
    Plan,
    Planner,
    environment,
    open_log,
    say,
    shop,
    start,
    unanswered,
)

from metaco.core.document import Document
from metaco.core.errors import (
    LimitReached,
    LogError,
    ProviderError,
    ReplyError,
    RunBusy,
)
from metaco.core.limits import Limits
from metaco.core.model import Reply, Request, Usage
from metaco.models.pace import Pace, Sent
from metaco.role import Role, action
from metaco.run.entries import CallFailed, Entry, ProjectNamed, RunEnded
from metaco.run.gates import Decision
from metaco.run.log import Log
from metaco.run.options import Retry
from metaco.run.state import State
from metaco.run.turn import Turn
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step


async def test_a_run_makes_what_the_sop_says(tmp_path: Path) -> None:
    model = Echo()
    env = await start(open_log(tmp_path), model, files=3)
    assert env.state.status == "done"
    delivery = env.state.output()
    assert isinstance(delivery, Delivery)
    assert delivery.passed
    assert delivery.files["f0.txt"] == "f0.txt <mend>"
    assert sorted(model.asked) == [
        "<hello> f0.txt",
        "<hello> f1.txt",
        "<hello> f2.txt",
        "hello",
        "mend",
        "mend",
    ]
    assert env.cost.total.calls == 6
    assert env.cost.total.tokens == 60
    entries = await env.log.read("r")
    assert [entry.n for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[-1].kind == "end"
    assert entries[-1].fact == RunEnded("done")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_crash_at_any_append_loses_nothing_and_repeats_nothing(
    tmp_path: Path, after: bool
) -> None:
    clean = await start(open_log(tmp_path), Echo())
    needed = Counter(entry.kind for entry in await clean.log.read("r"))
    crashes = 0
    while True:
        run, model = f"r{crashes}", Echo()
        log = CrashingLog(clean.log, crashes + 1, after)
        try:
            await start(log, model, run)  # type: ignore[arg-type]
            break
        except Crash:
            crashes += 1
        before = await clean.log.read(run)
        replies = sum(entry.kind == "reply" for entry in before)
        again = Echo()
        later = environment(clean.log, again, run)
        await later.open()
        if not later.state.inputs:
            await later.put(Order(text="hello world"))
        assert await later.run() == "done"
        assert later.state.documents() == clean.state.documents()
        assert len(again.asked) == needed["reply"] - replies  # exactly those not in the log
        entries = await clean.log.read(run)
        kinds = Counter(entry.kind for entry in entries)
        assert kinds["turn"] == needed["turn"]
        assert kinds["reply"] == needed["reply"]
        assert snapshot(State(shop(), run, entries)) == snapshot(later.state)
        assert later.cost.total.calls == needed["reply"]
    assert crashes == sum(needed.values())


async def test_a_cancelled_run_can_be_resumed(tmp_path: Path) -> None:
    reached = asyncio.Event()

    async def hang(request: Request) -> None:
        if "f1" in request.prompt:
            reached.set()
            await asyncio.Event().wait()

    log = open_log(tmp_path)
    task = asyncio.create_task(start(log, Echo(hang)))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    entries = await log.read("r")
    assert entries[-1].fact == RunEnded("interrupted")
    problems = [entry.fact for entry in entries if isinstance(entry.fact, CallFailed)]
    assert problems
    assert {fact.problem for fact in problems} == {
        "The run was interrupted before the answer came."
    }
    assert all(fact.maybe_billed for fact in problems)
    assert unanswered(entries) == 0
    later = environment(log, model := Echo())
    assert await later.run() == "done"
    assert "hello" not in model.asked
    assert later.state.calls[next(iter(later.state.calls))].unanswered == 0


async def test_a_change_that_changes_nothing_below_costs_one_call(tmp_path: Path) -> None:
    env = await start(open_log(tmp_path), model := Echo())
    model.asked.clear()
    await env.put(Order(text="hello moon"))
    assert await env.run() == "done"
    assert model.asked == ["hello"]  # the plan is the same, so nothing below it is done again
    await env.put(Order(text="bye world", files=1))
    assert await env.run() == "done"
    delivery = env.state.output()
    assert isinstance(delivery, Delivery)
    assert list(delivery.files) == ["f0.txt"]
    model.asked.clear()
    await env.put(Order(text="hello world"))
    assert await env.run() == "done"
    assert model.asked == []  # and back again is free


async def test_a_change_in_the_middle_of_a_run(tmp_path: Path) -> None:
    changing: list[Any] = []

    async def change(request: Request) -> None:
        if "f1" in request.prompt and not changing:
            changing.append(None)
            await env.put(Order(text="bye world", files=3))

    env = environment(open_log(tmp_path), Echo(change))
    await env.put(Order(text="hello world"))
    assert await env.run() == "done"
    delivery = env.state.output()
    assert isinstance(delivery, Delivery)
    assert delivery.files["f2.txt"] == "<<bye> f2.txt>"
    assert snapshot(State(shop(), "r", await env.log.read("r"))) == snapshot(env.state)


# ------------------------------------------------------------------ providers that fail


class Failing(Echo):
    """Raises the given errors first, for prompts that contain `word`."""

    def __init__(self, *errors: Exception, word: str = "f1") -> None:
        super().__init__()
        self.errors, self.word = list(errors), word

    async def complete(self, request: Request) -> Reply:
        if self.word in request.prompt and self.errors:
            self.asked.append(request.prompt)
            raise self.errors.pop(0)
        return await super().complete(request)


async def test_a_provider_that_fails_is_asked_again(tmp_path: Path) -> None:
    model = Failing(ProviderError("down", status=503), ProviderError("slow down", status=429))
    env = await start(open_log(tmp_path), model)
    assert env.state.status == "done"
    assert env.cost.total.failed == 2
    assert model.asked.count("<hello> f1.txt") == 3


async def test_a_refusal_is_never_asked_again_and_stops_only_its_own_turn(tmp_path: Path) -> None:
    model = Failing(ProviderError("no such key", "Set one.", status=401))
    env = await start(open_log(tmp_path), model)
    assert env.state.status == "failed"
    assert model.asked.count("<hello> f1.txt") == 1
    assert "<hello> f0.txt" in model.asked
    (failure,) = env.state.failures.values()
    assert failure.step == "writer.write"
    assert failure.subject == "f1.txt"
    assert failure.remedy == "Set one."
    (turns,) = env.state.failed.values()
    await env.note(turns[0], None)
    assert await env.run() == "done"
    assert model.asked.count("<hello> f1.txt") == 2
    assert model.asked.count("<hello> f0.txt") == 1


async def test_the_wait_a_provider_asks_for_is_honoured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def record(seconds: float, *_: Any) -> None:
        if seconds:
            waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", record)
    errors = [ProviderError("a", status=429, retry_after=7.5), ProviderError("b", status=500)]
    model = Failing(*errors, ProviderError("c", status=500))
    await start(open_log(tmp_path), model, retry=Retry(attempts=4, first=2.0, longest=3.0))
    assert waits[0] == 7.5
    assert 2.25 <= waits[1] <= 3.0
    assert 2.25 <= waits[2] <= 3.0


async def test_attempts_come_to_an_end(tmp_path: Path) -> None:
    model = Failing(*[ProviderError("down", status=503)] * 9)
    env = await start(open_log(tmp_path), model)
    assert env.state.status == "failed"
    assert model.asked.count("<hello> f1.txt") == 3


async def test_an_error_of_the_model_itself_is_recorded(tmp_path: Path) -> None:
    env = await start(open_log(tmp_path), Failing(ZeroDivisionError("oops")))
    assert env.state.status == "failed"
    assert env.cost.total.failed == 1
    (failure,) = env.state.failures.values()
    assert failure.error == "ZeroDivisionError"
    assert "oops" in str(failure.trace)


# ------------------------------------------------------------------ roles that fail


def _one_step(role: type[Role], name: str = "act") -> SOP:
    return SOP("one", [Step(role, name, role_name="role")], input=Order)


async def _attempt(tmp_path: Path, role: type[Role]) -> Any:
    return await start(open_log(tmp_path), Echo(), sop=_one_step(role))


async def test_a_reply_that_cannot_be_read_is_asked_for_afresh(tmp_path: Path) -> None:
    readable = False

    class Reader(Role):
        @action
        async def act(self, order: Order) -> Passed:
            request = Request("role", "act", "", f"say {len(self.context.notes)}")
            reply = await self.context.call(request)
            if not readable:
                raise ReplyError("This is no answer.", text=reply.text)
            return Passed()

    env = environment(open_log(tmp_path), model := Echo(), sop=_one_step(Reader))
    await env.put(Order(text="x"))
    assert await env.run() == "failed"
    ((key, turns),) = env.state.failed.items()
    assert env.state.failures[key].text == "<say 0>"
    readable = True
    await env.note(turns[0], "")
    assert await env.run() == "done"
    assert model.asked == ["say 0", "say 1"]


async def test_what_a_role_publishes_must_be_what_it_said(tmp_path: Path) -> None:
    class Liar(Role):
        @action
        async def act(self, order: Order) -> Passed:
            return File(path="a", text="b")  # type: ignore[return-value]

    env = await _attempt(tmp_path, Liar)
    (failure,) = env.state.failures.values()
    assert failure.error == "TypeError"
    assert "publishes Passed, not File" in failure.problem


class Secret(Passed):
    """A kind that the SOP below does not name."""


class Odd(Document):
    """Says more than it can read back."""

    text: str = ""

    def model_dump(self, **more: Any) -> dict[str, Any]:
        return super().model_dump(**more) | {"surplus": 1}


async def test_what_could_not_be_read_back_never_gets_into_the_log(tmp_path: Path) -> None:
    class Hider(Role):
        @action
        async def act(self, order: Order) -> Passed:
            return Secret()

        @action
        async def odd(self, order: Order) -> Odd:
            return Odd()

    for name, problem in (("act", "Secret is not a document"), ("odd", "Odd cannot be read back")):
        log, sop = Log(tmp_path / name), _one_step(Hider, name)
        env = await start(log, Echo(), sop=sop)
        (failure,) = env.state.failures.values()
        assert problem in failure.problem
        assert snapshot(State(sop, "r", await log.read("r"))) == snapshot(env.state)


async def test_a_role_that_cancels_itself_has_failed(tmp_path: Path) -> None:
    class Quitter(Role):
        @action
        async def act(self, order: Order) -> Passed:
            raise asyncio.CancelledError

    env = await _attempt(tmp_path, Quitter)
    assert env.state.status == "failed"


async def test_half_a_character_survives(tmp_path: Path) -> None:
    class Half(Role):
        @action
        async def act(self, order: Order) -> File:
            return File(path="a", text="half \ud83d of it")

    env = await _attempt(tmp_path, Half)
    (message,) = [m for m in env.state.documents() if isinstance(m.body, File)]
    later = State(env.sop, "r", await env.log.read("r"))
    assert message in later.documents()
    assert snapshot(later) == snapshot(env.state)


# ------------------------------------------------------------------ limits


class Counting(Echo):
    """Knows how many calls are in flight, and how many were at the most."""

    flying = most = 0

    async def complete(self, request: Request) -> Reply:
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            for _ in range(5):
                await asyncio.sleep(0)
            return await super().complete(request)
        finally:
            self.flying -= 1


@pytest.mark.parametrize("calls", [1, 2, 5, 12])
async def test_calls_are_limited(tmp_path: Path, calls: int) -> None:
    model = Counting()
    env = await start(open_log(tmp_path), model, files=20, limits=Limits(calls=calls))
    assert len(model.asked) == calls
    assert env.limit
    assert env.state.status == "open"
    entries = await env.log.read("r")
    end = facts(entries, RunEnded)[-1]
    assert end.status == "limit"
    assert "calls" in end.problem
    more = environment(env.log, model, limits=Limits(calls=1000))
    assert await more.run() == "done"
    assert len(model.asked) == 23  # nothing twice


async def test_tokens_are_limited_with_many_calls_in_flight(tmp_path: Path) -> None:
    for tokens in (40, 100, 200):
        model = Counting()
        log = Log(tmp_path / str(tokens))
        env = await start(log, model, files=20, limits=Limits(tokens=tokens))
        assert env.limit
        assert 10 * len(model.asked) <= tokens
        assert 10 * len(model.asked) > tokens - 35  # all that fits is used


async def test_dollars_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def price(model: str, provider: Any, usage: Usage, *_: Any, **more: Any) -> float:
        return (usage.prompt + usage.reply) / 100

    monkeypatch.setattr("metaco.models.prices.price", price)
    model = Counting()
    env = await start(open_log(tmp_path), model, files=20, limits=Limits(cost=1.0))
    assert env.limit
    assert "$" in str(env.limit)
    assert 0.6 < env.cost.total.dollars <= 1.0


async def test_a_price_that_is_not_known_cannot_be_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metaco.models.prices.price", lambda *_, **more: None)
    env = await start(open_log(tmp_path), model := Echo(), limits=Limits(cost=1.0))
    assert model.asked == []
    assert "not known" in str(env.limit)
    other = environment(env.log, model, limits=Limits(cost=1.0, tokens=10_000))
    assert await other.run() == "done"
    assert other.cost.total.unpriced == 4 + 1


async def test_calls_lost_in_a_crash_count_for_ever(tmp_path: Path) -> None:
    """What was in flight may have been paid, also when the call was repeated since."""
    log, made = open_log(tmp_path), 0

    async def die(request: Request) -> None:
        raise Crash

    for _ in range(3):
        env = environment(log, model := Echo(die), limits=Limits(calls=4))
        await env.open()
        if not env.state.inputs:
            await env.put(Order(text="hello world"))
        with pytest.raises(Crash):
            await env.run()
        made += len(model.asked)
    assert made == 3
    env = environment(log, model := Echo(), limits=Limits(calls=4))
    assert await env.run() == "limit"
    assert len(model.asked) == 1
    env = environment(log, model, limits=Limits(calls=4))
    assert await env.run() == "limit"
    assert len(model.asked) == 1
    assert unanswered(await log.read("r")) == 3


async def test_minutes_are_limited(tmp_path: Path) -> None:
    async def hang(request: Request) -> None:
        await asyncio.Event().wait()

    env = await start(open_log(tmp_path), Echo(hang), limits=Limits(minutes=0.0005))
    assert "time limit" in str(env.limit)
    assert facts(await env.log.read("r"), RunEnded)[-1].status == "limit"
    more = environment(env.log, Echo(), limits=Limits(minutes=10))
    assert await more.run() == "done"


async def test_a_call_that_is_cut_off_says_why(tmp_path: Path) -> None:
    async def hang(request: Request) -> None:
        await asyncio.Event().wait()

    async def give_up(request: Request) -> None:
        raise TimeoutError

    for minutes in (0.002, 0.01, 0.05, 0.5):  # enough for the call to begin
        log, limits = Log(tmp_path / f"{minutes}"), Limits(minutes=minutes)
        env = await start(log, Echo(hang), limits=limits)
        entries = await log.read("r")
        if errors := facts(entries, CallFailed):
            break
    (error,) = errors
    assert f"time limit of {minutes} minutes is reached" in error.problem
    assert "--minutes" in error.problem
    assert error.maybe_billed
    assert facts(entries, RunEnded)[-1].limit == "minutes"
    retry = Retry(1, 0)
    env = await start(Log(tmp_path / "b"), Echo(give_up), retry=retry)
    (failure,) = env.state.failures.values()
    assert failure.error == "ProviderError"
    assert failure.problem == "scripted did not answer in time."
    assert "more time" in failure.remedy


async def test_a_role_that_stops_waiting_is_not_an_interrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def hang(request: Request) -> None:
        asked.set()
        await asyncio.Event().wait()

    async def impatient(self: Planner, order: Order) -> Plan:
        call = asyncio.create_task(say(self, "hello"))
        await asked.wait()
        call.cancel()
        await asyncio.wait([call])
        raise TimeoutError

    monkeypatch.setattr(Planner, "plan", functools.wraps(Planner.plan)(impatient))
    env = await start(open_log(tmp_path), Echo(hang))
    (error,) = facts(await env.log.read("r"), CallFailed)
    assert error.problem == "The role planner did not wait for the answer."
    (failure,) = env.state.failures.values()
    assert failure.problem == "The role planner stopped waiting by itself: TimeoutError()."
    assert "the code of the role" in failure.remedy


async def test_no_call_waits_beyond_the_time_limit(tmp_path: Path) -> None:
    model = Failing(ProviderError("later", status=429, retry_after=500.0), word="hello")
    env = await start(open_log(tmp_path), model, limits=Limits(minutes=0.0005))
    assert "time limit" in str(env.limit)


class Stuck(Pace):
    """The pace of a provider that lets nothing through, or only once the time is up."""

    def __init__(self, wait: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self.wait = wait

    async def _send(self, tokens: int) -> Sent:
        await self.wait()
        return await super()._send(tokens)


@pytest.mark.parametrize("when", ["never", "too late"])
async def test_the_time_limit_holds_for_what_waits_for_its_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    async def wait() -> None:
        if when == "never":
            await asyncio.Event().wait()
        env._calls._budget.deadline = 0.0  # the last of its minutes is over meanwhile

    limits = Limits(minutes=0.0005 if when == "never" else 10)
    env = environment(open_log(tmp_path), model := Echo(), limits=limits)
    monkeypatch.setattr("metaco.run.calls.pace_of", lambda provider: Stuck(wait))
    await env.put(Order(text="hello world"))
    assert await env.run() == "limit"
    assert env.limit
    assert env.limit.limit == "minutes"
    assert model.asked == []
    assert {entry.kind for entry in await env.log.read("r")} == {"input", "end"}


class Full(Counting):
    """Holds the first calls of writers until as many are in flight as may be, and looks for more.

    Whoever else was let in has an entry in the log: once that was read, it has come.
    """

    def __init__(self, log: Log, room: int) -> None:
        super().__init__(self._hold)
        self._log, self._room, self._full = log, room, asyncio.Event()

    async def _hold(self, request: Request) -> None:
        if request.role != "writer":
            return
        if self.flying == self._room:
            for _ in range(5):
                await self._log.read("r")
            self._full.set()
        await self._full.wait()


@pytest.mark.parametrize(
    ("room", "options"),
    [(3, {"parallel": 3}), (2, {"sop": shop(write={"parallel": 2})}), (20, {})],
)
async def test_parallel_limits(tmp_path: Path, room: int, options: dict[str, Any]) -> None:
    log = open_log(tmp_path)
    model = Full(log, room)
    await start(log, model, files=20, **options)
    assert model.most == room


# ------------------------------------------------------------------ gates


async def test_a_run_waits_at_a_gate_and_goes_on_in_another_process(tmp_path: Path) -> None:
    log, model = open_log(tmp_path), Echo()
    sop = shop(plan={"gate": True})
    env = await start(log, model, sop=sop)
    assert env.state.status == "waiting"
    assert model.asked == ["hello"]
    later = environment(log, model, sop=sop)
    assert await later.run() == "waiting"
    ((turn,),) = later.state.waiting.values()
    await later.decide(turn, Decision("approve"))
    assert await later.run() == "done"


async def test_people_approve_edit_send_back_and_stop(tmp_path: Path) -> None:
    seen: list[Any] = []
    answers = [Decision("feedback", text="louder"), Decision("edit", [])]

    async def ask(turn: Turn, documents: list[Document]) -> Decision:
        seen.append(documents[0])
        answer = answers[len(seen) - 1]
        if answer.verdict == "edit":
            return Decision("edit", [documents[0].model_copy(update={"title": "mine"})])
        return answer

    sop = shop(plan={"gate": True})
    env = await start(open_log(tmp_path), model := Echo(), sop=sop, ask=ask)
    assert env.state.status == "done"
    assert [document.title for document in seen] == ["<hello>", "<hello louder>"]
    assert "mine f0.txt" in model.asked


async def test_a_stop_ends_the_run_and_can_be_taken_back(tmp_path: Path) -> None:
    async def stop(turn: Turn, documents: list[Document]) -> Decision:
        return Decision("stop" if turn.subject == "f0.txt" else "approve")

    sop = shop(write={"gate": True, "parallel": 1})
    log, model = open_log(tmp_path), Echo()
    env = await start(log, model, sop=sop, ask=stop, files=6)
    assert env.state.status == "stopped"
    assert len(model.asked) < 7  # what had not begun did not begin
    later = environment(log, model, sop=sop)
    assert await later.run() == "stopped"

    async def approve(turn: Turn, documents: list[Document]) -> Decision:
        return Decision("approve")

    later = environment(log, model, sop=sop, ask=approve)
    assert await later.run() == "done"


async def test_an_edit_must_be_of_the_right_kind(tmp_path: Path) -> None:
    env = await start(open_log(tmp_path), Echo(), sop=shop(plan={"gate": True}))
    ((turn,),) = env.state.waiting.values()
    with pytest.raises(TypeError, match="publishes Plan, not File"):
        await env.decide(turn, Decision("edit", [File(path="a", text="b")]))
    assert await env.run() == "waiting"


# ------------------------------------------------------------------ several at once


async def test_two_environments_on_one_run(tmp_path: Path) -> None:
    """What one has begun to ask the other one does not ask: it leaves, also without a lock."""
    log, model = open_log(tmp_path), Echo()
    first, second = environment(log, model), environment(open_log(tmp_path), model)
    await first.put(Order(text="hello world", files=5))
    ends = await asyncio.gather(first.run(), second.run(), return_exceptions=True)
    assert any(isinstance(end, RunBusy) for end in ends)
    assert all(end == "done" or isinstance(end, RunBusy) for end in ends)
    entries = await log.read("r")
    keys = [(entry.kind, entry.key) for entry in entries]
    assert len(keys) == len(set(keys))
    assert len(model.asked) == sum(entry.kind == "call" for entry in entries)
    assert await environment(log, Echo()).run() == "done"


async def test_what_somebody_else_asks_meanwhile_is_not_asked(tmp_path: Path) -> None:
    """Also where we read of it in the log before we come to ask it."""
    log, others = open_log(tmp_path), asyncio.Event()
    tasks: list[asyncio.Task[str]] = []

    async def never(request: Request) -> None:
        if len(second.asked) == 5:
            others.set()
        await asyncio.Event().wait()

    async def begin(request: Request) -> None:
        if len(first.asked) == 2:  # the first file; the others wait for their turn
            tasks.append(asyncio.create_task(environment(open_log(tmp_path), second).run()))
            await others.wait()

    first, second = Echo(begin), Echo(never)
    env = environment(log, first, parallel=1)
    await env.put(Order(text="hello world", files=5))
    with pytest.raises(RunBusy, match="Another process is working on the run r"):
        await env.run()
    assert len(first.asked) == 2
    tasks[0].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await environment(log, Echo()).run() == "done"


async def test_the_observers_of_one_environment_see_its_own_end(tmp_path: Path) -> None:
    """The end that another one of the same run writes is not theirs."""
    log, released = open_log(tmp_path), asyncio.Event()

    async def wait(request: Request) -> None:
        if "f1" in request.prompt:
            await released.wait()

    slow = environment(log, Echo(wait))
    fast = environment(log, Echo(), limits=Limits(calls=0))
    seen: list[Entry] = []
    slow.subscribe(seen.append)
    await slow.put(Order(text="hello world"))
    running = asyncio.create_task(slow.run())
    await fast.run()
    released.set()
    await running
    assert [end.status for end in facts(seen, RunEnded)] == ["limit", "done"]


async def test_two_hundred_at_once(tmp_path: Path) -> None:
    log, model = open_log(tmp_path), Echo()
    runs = [start(log, model, f"r{n}", files=3) for n in range(200)]
    environments = await asyncio.gather(*runs)
    assert {env.state.status for env in environments} == {"done"}
    assert len(await log.runs()) == 0
    assert len(model.asked) == 200 * 6


def test_runs_in_one_loop_after_the_other(tmp_path: Path) -> None:
    """Log.open gives the same log to loops that follow one another."""
    path = tmp_path / "metaco.db"
    log = Log.open(path)
    for n in range(3):
        env = asyncio.run(start(Log.open(path), Echo(), f"r{n}"))
        assert env.state.status == "done"
        assert env.log is log


async def test_run_twice_is_run_once(tmp_path: Path) -> None:
    env = await start(open_log(tmp_path), model := Echo())
    model.asked.clear()
    assert await env.run() == "done"
    assert model.asked == []
    assert [e.kind for e in await env.log.read("r")].count("end") == 2


# ------------------------------------------------------------------ observers


async def test_observers_see_everything_in_order(tmp_path: Path) -> None:
    plain: list[Entry] = []
    awaited: list[Entry] = []

    async def watch(entry: Entry) -> None:
        awaited.append(entry)

    log = open_log(tmp_path)
    env = environment(log, Echo())
    env.subscribe(plain.append)
    env.subscribe(watch)
    await env.put(Order(text="hello world"))
    await env.run()
    entries = await log.read("r")
    assert plain == entries
    assert awaited == entries

    later = environment(log, Echo())
    tail: list[Entry] = []
    later.subscribe(tail.append, after=entries[-3].n)
    await later.run()
    assert tail[:2] == entries[-2:]
    assert len(tail) == 3


async def test_an_observer_may_come_late(tmp_path: Path) -> None:
    seen: list[Entry] = []

    async def join(request: Request) -> None:
        if "f1" in request.prompt:
            env.subscribe(seen.append)

    env = environment(open_log(tmp_path), Echo(join))
    await env.put(Order(text="hello world"))
    await env.run()
    assert seen == await env.log.read("r")


async def test_the_end_waits_for_an_observer_that_writes(tmp_path: Path) -> None:
    """What it writes stands before the end; one that fails is waited for no more."""
    log = open_log(tmp_path)

    async def write(entry: Entry) -> None:
        if entry.kind == "turn":
            for _ in range(20):
                await asyncio.sleep(0)
            await log.append("r", "", ProjectNamed("here"))

    async def fail(entry: Entry) -> None:
        raise ZeroDivisionError

    env = environment(log, Echo())
    env.subscribe(write, awaited=True)
    env.subscribe(fail, awaited=True)
    await env.put(Order(text="hello world"))
    assert await env.run() == "done"
    kinds = [entry.kind for entry in await log.read("r")]
    assert kinds.index("project") < kinds.index("end") == len(kinds) - 1
    assert env.state.project == "here"


async def test_a_failing_observer_is_dropped(tmp_path: Path) -> None:
    def fail(entry: Entry) -> None:
        raise ZeroDivisionError(entry.n)

    env = environment(open_log(tmp_path), Echo())
    env.subscribe(fail)
    await env.put(Order(text="hello world"))
    assert await env.run() == "done"
    assert env.warnings == ["The observer fail failed and was dropped: ZeroDivisionError(1)."]


async def test_a_slow_observer_does_not_hold_up_the_run(tmp_path: Path) -> None:
    """It sees its first entry only once the run is over, and still sees all."""
    over, seen = asyncio.Event(), list[Entry]()

    async def slow(entry: Entry) -> None:
        await over.wait()
        seen.append(entry)

    async def quick(entry: Entry) -> None:
        if entry.kind == "end":
            assert not seen
            over.set()

    env = environment(open_log(tmp_path), Echo())
    env.subscribe(slow)
    env.subscribe(quick)
    await env.put(Order(text="hello world"))
    assert await env.run() == "done"
    assert seen == await env.log.read("r")
    assert env.warnings == []


async def test_an_observer_that_never_ends_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metaco.run.observers.GRACE", 0.01)

    async def hang(entry: Entry) -> None:
        await asyncio.Event().wait()

    env = environment(open_log(tmp_path), Echo())
    env.subscribe(hang)
    await env.put(Order(text="hello world"))
    assert await env.run() == "done"
    assert "1 observers had not seen everything" in env.warnings[0]


# ------------------------------------------------------------------ a log that fails


async def test_a_log_that_cannot_be_written_ends_the_run_at_once(tmp_path: Path) -> None:
    class Full:
        def __init__(self, log: Log) -> None:
            self.log, self.left = log, 7

        def append(self, *facts: Any, **more: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise LogError("The disk is full.", "Free some space.")
            return self.log.append(*facts, **more)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.log, name)

    async def hang(entry: Entry) -> None:
        await asyncio.Event().wait()

    log = open_log(tmp_path)
    env = environment(Full(log), Echo())  # type: ignore[arg-type]
    env.subscribe(hang)
    await env.put(Order(text="hello world"))
    with pytest.raises(LogError, match="The disk is full"):
        await env.run()
    assert await environment(log, Echo()).run() == "done"


async def test_what_fails_while_the_run_is_ending_fails_in_silence(
    tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    """Each call that is cut off by the first error wants to log that, on a disk that is full."""

    class Full:
        def __init__(self, log: Log) -> None:
            self.log, self.waiting = log, 0

        def append(self, *facts: Any, early: bool = False, **more: Any) -> Any:
            answer = self.log.append(*facts, early=early, **more)
            if self.waiting == 5 and early:
                full = LogError("The disk is full.", "Free some space.")
                answer.add_done_callback(lambda _: more["on_failure"](full))
            return answer

        def __getattr__(self, name: str) -> Any:
            return getattr(self.log, name)

    async def hang(request: Request) -> None:
        if request.action == "write":
            log.waiting += 1
            if log.waiting < 5:
                await asyncio.Event().wait()

    log = Full(open_log(tmp_path))
    problems: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    env = environment(log, Echo(hang))  # type: ignore[arg-type]
    await env.put(Order(text="hello world", files=5))
    with pytest.raises(LogError, match="The disk is full"):
        await env.run()
    gc.collect()
    assert problems == []
    assert [str(warning.message) for warning in recwarn] == []


async def test_limit_reached_is_an_error_of_ours() -> None:
    assert str(LimitReached("No more.", "Give more.")) == "No more. Give more."
