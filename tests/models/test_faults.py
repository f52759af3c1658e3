"""Providers that fail in every way, over real sockets: who is asked, when, and what is paid.

Nobody sleeps here: waits are recorded. The only time that passes is that of replies that do not
come, a tenth of a second each.
"""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from endpoint import (
    Answer,
    Endpoint,
    Handler,
    choice,
    refuses,
    resets,
    says,
    serving,
    stops_midway,
    waits,
)
from facts import facts

from metaco import Company, Limits, Retry, Settings
from metaco.core.document import Document
from metaco.models.openai import OpenAIModel
from metaco.models.providers import Provider
from metaco.role import Role, action
from metaco.run.entries import CallFailed, CallStarted, Entry, ReplyReceived
from metaco.run.environment import Environment
from metaco.run.log import Log
from metaco.run.options import Options
from metaco.run.usage import Cost, Used
from metaco.sop.procedure import SOP
from metaco.sop.steps import Node, Step

GOOD = '{"text": "fine"}'
PRICES = {"first:m": {"prompt": 1000, "reply": 2000}, "second:m": {"prompt": 1, "reply": 1}}
FIRST, SECOND = 10 * 0.001 + 2 * 0.002, (10 + 2) / 1e6
"""What one reply of each provider costs."""


class Order(Document):
    """How many notes are wanted."""

    text: str = "notes"
    notes: int = 1


class Topic(Document):
    """What a note is about."""

    name: str

    @property
    def key(self) -> str:
        return self.name


class Note(Document):
    """A note."""

    text: str


class Page(Document):
    """A note with its place."""

    name: str
    text: str

    @property
    def key(self) -> str:
        return self.name


class Book(Document):
    """All notes."""

    pages: list[str]


class Editor(Role):
    """Divides the work."""

    @action
    async def plan(self, order: Order) -> list[Topic]:
        """Choose topics."""
        return [Topic(name=f"t{n}") for n in range(order.notes)]

    @action
    async def write(self, topic: Topic) -> Page:
        """Write a note."""
        return Page(name=topic.name, text=(await self.ask(Note, topic=topic)).text)

    @action
    async def bind(self, pages: list[Page]) -> Book:
        """Put the notes together."""
        last = await self.ask(Note, pages=pages)
        return Book(pages=[*(page.text for page in pages), last.text])


_ACTIONS = ("plan", "write", "bind")


def book(parallel: int = 100) -> SOP:
    lines: list[Node] = [
        Step(Editor, name, role_name="editor", parallel=parallel) for name in _ACTIONS
    ]
    return SOP("book", lines, input=Order, output=Book)


def single() -> SOP:
    lines: list[Node] = [Step(Editor, name, role_name="editor") for name in _ACTIONS[:2]]
    return SOP("single", lines, input=Order, output=Page)


@dataclass
class Providers:
    """Two providers on this machine, and the seconds that were waited for them."""

    first: Endpoint
    second: Endpoint
    waits: list[float]
    on_wait: Callable[[], None] = lambda: None
    models: list[OpenAIModel] = field(default_factory=list)

    def model(self, name: str, timeout: float = 30.0) -> OpenAIModel:
        url = getattr(self, name).url
        provider = Provider(name, url)
        self.models.append(
            OpenAIModel(f"{name}:m", model="m", base_url=url, provider=provider, timeout=timeout)
        )
        return self.models[-1]


@pytest.fixture
async def providers(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Providers]:
    monkeypatch.setattr("metaco.models.pace._paces", {})  # ports come again
    with ExitStack() as stack:
        first = stack.enter_context(serving(listening=False))
        second = stack.enter_context(serving())
        first.answer = second.answer = says(GOOD, model="m")
        both = Providers(first, second, [])
        sleep = asyncio.sleep

        async def record(seconds: float, *_: Any) -> None:
            if seconds > 0:
                both.waits.append(seconds)
                both.on_wait()
            await sleep(0)

        monkeypatch.setattr(asyncio, "sleep", record)
        yield both
        for model in both.models:
            await model.aclose()


def times(number: int, fault: Answer, then: Answer) -> Answer:
    """Fail so often, and then answer."""
    seen: list[int] = []

    def answer(handler: Handler, body: dict[str, Any]) -> None:
        seen.append(1)
        (fault if len(seen) <= number else then)(handler, body)

    return answer


def garbage(handler: Handler, _: dict[str, Any]) -> None:
    handler.send(200, '{"id": "c1", "choices": [{]}')


async def nobody() -> Any:
    raise AssertionError("nobody runs code here")


async def work(folder: Path, route: list[OpenAIModel], attempts: int) -> tuple[Any, list[Entry]]:
    """Have one note written; return what came of it and the entries about calls."""
    log = Log(folder / "metaco.db")
    environment = Environment(
        single(),
        log,
        "r",
        models=lambda _: route,
        sandbox=nobody,
        options=Options(retry=Retry(attempts, first=2.0, longest=8.0), prices=PRICES),
    )
    await environment.put(Order())
    await environment.run()
    entries = await log.read("r")
    total = Cost.of(entries).total
    assert total == environment.cost.total
    return environment, [entry for entry in entries if entry.kind in ("call", "reply", "error")]


def story(entries: list[Entry]) -> str:
    """Tell who was asked (1, 2) and what came (+ a reply, the status, or ? for none)."""
    text = ""
    for entry in entries:
        if isinstance(entry.fact, CallStarted):
            text += " 1" if entry.fact.model == "first:m" else " 2"
        elif isinstance(entry.fact, CallFailed):
            text += str(entry.fact.status or "?")
        else:
            text += "+"
    return text.strip()


@dataclass(frozen=True)
class Fault:
    """A way to fail, and what is to be seen of it.

    Attributes:
        again: with a provider that fails twice and then answers.
        other: with a provider that always fails, and another that does not.
        alone: with a provider that always fails, and none else.
        waits: how long the first two waits are, from and to.
    """

    answer: Answer | None
    again: str
    other: str
    alone: str
    waits: tuple[tuple[float, float], ...] = ()
    replies: int = 0


BACKOFF = ((1.5, 2.0), (3.0, 4.0))
OVERFLOW = refuses(400, "maximum context length is 9 tokens", "context_length_exceeded")
FAULTS = {
    "429 with Retry-After": Fault(
        refuses(429, Retry_After="7"), "1429 1429 1+", "1429 1429 2+", "1429 1429", ((7, 7), (7, 7))
    ),
    "429": Fault(refuses(429), "1429 1429 1+", "1429 1429 2+", "1429 1429", BACKOFF),
    "500": Fault(refuses(500), "1500 1500 1+", "1500 1500 2+", "1500 1500", BACKOFF),
    "timeout": Fault(waits, "1? 1? 1+", "1? 1? 2+", "1? 1?", BACKOFF),
    "refused": Fault(None, "1? 1? 1+", "1? 1? 2+", "1? 1?", BACKOFF),
    "reset": Fault(resets, "1? 1? 1+", "1? 1? 2+", "1? 1?", BACKOFF),
    "no JSON": Fault(garbage, "1? 1? 1+", "1? 1? 2+", "1? 1?", BACKOFF),
    "cut": Fault(stops_midway, "1? 1? 1+", "1? 1? 2+", "1? 1?", BACKOFF),
    # never again on the same model
    "401": Fault(refuses(401), "1401", "1401 2+", "1401"),
    "402": Fault(refuses(429, "insufficient_quota"), "1402", "1402 2+", "1402"),
    "403": Fault(refuses(403), "1403", "1403 2+", "1403"),
    "404": Fault(refuses(404), "1404", "1404 2+", "1404"),
    "context overflow": Fault(OVERFLOW, "1413", "1413 2+", "1413"),
    "400": Fault(refuses(400), "1400", "1400", "1400"),
    # replies: paid, read, and given back once
    "empty": Fault(says(""), "1+ 1+", "1+ 1+", "1+ 1+"),
    "content filter": Fault(
        says("", **choice(finish_reason="content_filter")), "1+ 1+", "1+ 1+", "1+ 1+"
    ),
    "wrong model": Fault(says(GOOD, model="another-7b"), "1+", "1+", "1+"),
    "no usage": Fault(says(GOOD, model="m", usage=None), "1+", "1+", "1+"),
}
FINE = ("wrong model", "no usage")


def prepare(providers: Providers, name: str, answer: Answer | None) -> float:
    """Let the first provider fail; return the seconds a reply may take."""
    if answer:
        providers.first.answer = answer
        providers.first.begin()
    return 0.1 if name == "timeout" else 30.0


@pytest.mark.parametrize("name", FAULTS)
async def test_again_on_the_same_model(tmp_path: Path, providers: Providers, name: str) -> None:
    fault = FAULTS[name]
    model = providers.model("first", prepare(providers, name, fault.answer))

    def recover() -> None:  # not by the count of requests: one may be given up before it is sent
        if len(providers.waits) == 2:
            providers.first.answer, model.timeout = says(GOOD, model="m"), 30.0
            if not fault.answer:
                providers.first.begin()

    providers.on_wait = recover
    environment, entries = await work(tmp_path, [model], 5)
    assert story(entries) == fault.again
    assert len(providers.waits) == len(fault.waits)
    for wait, (low, high) in zip(providers.waits, fault.waits, strict=True):
        assert low <= wait <= high
    done = "+" in fault.again and name not in ("empty", "content filter")
    assert environment.state.status == ("done" if done else "failed")
    assert environment.cost.total.calls == fault.again.count("+")
    if fault.waits:
        assert environment.cost.total.dollars == pytest.approx(FIRST)  # once, whatever came before


@pytest.mark.parametrize("name", FAULTS)
async def test_the_next_of_the_route(tmp_path: Path, providers: Providers, name: str) -> None:
    fault = FAULTS[name]
    timeout = prepare(providers, name, fault.answer)
    route = [providers.model("first", timeout), providers.model("second")]
    environment, entries = await work(tmp_path, route, 2)
    assert story(entries) == fault.other
    assert len(providers.waits) == len(fault.waits[:1])
    fell_back = "2+" in fault.other
    assert environment.state.status == ("done" if fell_back or name in FINE else "failed")
    assert len(providers.second.bodies) == fell_back
    if fell_back:
        assert environment.cost.total.dollars == pytest.approx(SECOND)
        assert environment.cost.by_model["second:m"].calls == 1
        errors = [entry for entry in entries if entry.kind == "error"]
        assert (
            environment.cost.by_model["first:m"].failed
            == environment.cost.total.failed
            == len(errors)
        )


@pytest.mark.parametrize("name", FAULTS)
async def test_the_end_of_the_attempts(tmp_path: Path, providers: Providers, name: str) -> None:
    fault = FAULTS[name]
    timeout = prepare(providers, name, fault.answer)
    environment, entries = await work(tmp_path, [providers.model("first", timeout)], 2)
    assert story(entries) == fault.alone
    assert environment.state.status == ("done" if name in FINE else "failed")
    assert len(providers.waits) == len(fault.waits[:1])
    calls = [entry for entry in entries if entry.kind == "call"]
    keys = [(entry.kind, entry.key) for entry in entries]
    assert len(keys) == len(set(keys))
    assert environment.cost.total.calls + environment.cost.total.failed == len(calls)
    for failure in environment.state.failures.values():
        assert failure.problem
        assert failure.remedy or name in ("empty", "content filter")


async def test_another_model_than_asked_for_is_said_once(
    tmp_path: Path, providers: Providers
) -> None:
    prepare(providers, "", says(GOOD, model="another-7b"))
    result = await company(tmp_path, providers, "first").run(Order(notes=5))
    assert result.ok
    assert result.warnings == ("first:m was requested, but another-7b replied.",)


async def test_usage_that_is_missing_books_the_worst_case_and_says_so(
    tmp_path: Path, providers: Providers
) -> None:
    prepare(providers, "", says(GOOD, model="m", usage=None))
    environment, entries = await work(tmp_path, [providers.model("first")], 1)
    (call,), (reply,) = facts(entries, CallStarted), facts(entries, ReplyReceived)
    assert reply.uncounted
    assert reply.prompt_tokens + reply.reply_tokens == call.tokens
    assert reply.cost == call.cost
    assert environment.cost.total.uncounted == 1
    assert (
        "first:m does not count its tokens; the most they can be is booked." in environment.warnings
    )


async def test_a_long_wait_is_not_worth_it_where_there_is_another(
    tmp_path: Path, providers: Providers
) -> None:
    prepare(providers, "", refuses(429, Retry_After="60"))
    route = [providers.model("first"), providers.model("second")]
    _, entries = await work(tmp_path, route, 5)
    assert story(entries) == "1429 2+"
    assert providers.waits == []


# ------------------------------------------------------------------ whole companies


def company(folder: Path, providers: Providers, *names: str, **more: Any) -> Company:
    settings = Settings(prices=PRICES)
    route = [providers.model(name) for name in names]
    retry = Retry(2, 2.0, 8.0)
    sop = more.pop("sop", None) or book()
    return Company(sop, model=route, workspace=folder, settings=settings, retry=retry, **more)


def parts_add_up(cost: Cost) -> None:
    for group in (cost.by_role, cost.by_step, cost.by_model):
        for name in Used.__dataclass_fields__:
            whole = getattr(cost.total, name)
            assert sum(getattr(used, name) for used in group.values()) == pytest.approx(whole)


async def test_the_first_provider_dies_at_the_fifth_call(
    tmp_path: Path, providers: Providers
) -> None:
    prepare(providers, "", times(4, says(GOOD, model="m"), resets))
    one = company(tmp_path, providers, "first", "second", parallel=1)
    result = await one.run(Order(notes=12))
    assert result.ok
    assert isinstance(result.output, Book)
    assert len(result.output.pages) == 13
    entries = await one.log.read(result.run)
    steps = story([entry for entry in entries if entry.kind in ("call", "reply", "error")]).split()
    assert steps[:4] == ["1+"] * 4
    assert steps[-9:] == ["2+"] * 9
    # Each of the eight tries it once; as one fails for good, the others leave it alone, too.
    assert steps[4:-9] == ["1?"] * 9
    assert result.cost.total.dollars == pytest.approx(4 * FIRST + 9 * SECOND)
    parts_add_up(result.cost)


async def test_every_third_reply_is_bad(tmp_path: Path, providers: Providers) -> None:
    lock, sent = threading.Lock(), []

    def answer(handler: Handler, body: dict[str, Any]) -> None:
        with lock:
            sent.append(1)
            bad = len(sent) % 3 == 0
        good = says(GOOD, model="m")
        (says('{"text": "fi', model="m") if bad else good)(handler, body)

    prepare(providers, "", answer)
    one = company(tmp_path, providers, "first", sop=book(parallel=1))
    result = await one.run(Order(notes=20))
    assert result.ok
    assert result.cost.total.calls == len(sent)
    assert len(sent) == 21 + (len(sent) // 3)  # each bad one was asked for once more
    assert result.cost.total.dollars == pytest.approx(len(sent) * FIRST)


async def test_no_budget_is_passed_with_24_calls_in_flight(
    tmp_path: Path, providers: Providers
) -> None:
    rng, lock, full = random.Random(7), threading.Lock(), threading.Event()
    flying = most = 0
    billed = 0.0

    def answer(handler: Handler, body: dict[str, Any]) -> None:
        nonlocal flying, most, billed
        with lock:
            flying, most = flying + 1, max(most, flying + 1)
            if flying == 24:
                full.set()
        full.wait(5)
        prompt = len(json.dumps(body["messages"])) // 5
        used = {"prompt_tokens": prompt, "completion_tokens": rng.randint(1, body["max_tokens"])}
        with lock:
            flying -= 1
            billed += prompt * 0.001 + used["completion_tokens"] * 0.002
        says(GOOD, model="m", usage=used)(handler, body)

    prepare(providers, "", answer)
    worst = 16_384 * 0.002 + 2.6  # what a call may cost, and some more
    limit = 24 * worst
    one = company(tmp_path, providers, "first", limits=Limits(cost=limit))
    result = await one.run(Order(notes=100))
    assert result.status == "limit"
    assert most >= 24
    assert billed == pytest.approx(result.cost.total.dollars)
    assert limit - worst < billed <= limit
    parts_add_up(result.cost)
    more = company(tmp_path, providers, "first", limits=Limits(cost=10_000))
    done = await more.resume(result.run)
    assert done.ok
    assert done.cost.total.calls == 101  # nothing twice
    assert billed == pytest.approx(done.cost.total.dollars)
    parts_add_up(done.cost)
    assert Cost.of(await one.log.read(result.run)) == done.cost


async def test_replies_that_got_lost_count_as_paid(tmp_path: Path, providers: Providers) -> None:
    """The provider sends a bill for what it wrote, whether or not it arrived."""
    lock, sent = threading.Lock(), 0
    billed = 0.0

    def answer(handler: Handler, body: dict[str, Any]) -> None:
        nonlocal sent, billed
        with lock:
            sent += 1
            fault = (None, stops_midway, garbage)[sent % 3]
            used = body["max_tokens"] if fault else 2
            billed += 10 * 0.001 + used * 0.002
        (fault or says(GOOD, model="m"))(handler, body)

    prepare(providers, "", answer)
    worst = 16_384 * 0.002 + 0.6
    limit = 10 * worst
    one = company(tmp_path, providers, "first", limits=Limits(cost=limit))
    result = await one.run(Order(notes=40))
    assert result.status == "limit"
    assert "on calls whose reply did not arrive" in result.problem
    assert limit / 2 < billed <= limit
    before = billed
    again = await company(tmp_path, providers, "first").resume(result.run)  # the log remembers it
    assert again.status == "limit"
    assert billed <= limit
    assert billed - before < worst
    parts_add_up(again.cost)
