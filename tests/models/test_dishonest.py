"""Providers that break their word, over real sockets: nothing paid is lost, and it ends at a limit.

The endpoint keeps its own bill. Whatever it says of its replies, what is booked is no less than the
bill, and no call starts that does not fit beside what is booked and in flight.
"""

from __future__ import annotations

import math
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from endpoint import Endpoint, Handler, completion, serving
from facts import facts

from metaco import Company, Limits, Retry, Settings
from metaco.core.errors import ConfigurationError
from metaco.models.openai import OpenAIModel
from metaco.models.providers import Provider
from metaco.run.entries import CallStarted, ReplyReceived
from metaco.run.usage import Cost
from tests.models.test_faults import Order, book, parts_add_up

PRICES = {"p:m": {"prompt": 1000, "reply": 2000}, "p:dear": {"prompt": 5000, "reply": 10_000}}
"""Dollars for a million tokens: a call of m has a worst case of about 33 dollars."""
MOST = 16_384
ASKED = 33.0 * 20
NAN, INFINITY = float("nan"), float("inf")


@dataclass(frozen=True)
class Lie:
    """What a reply says, and what it really costs in tokens.

    Attributes:
        usage: as it is sent; `model`, the name it is sent with.
        reply: the tokens that are on the bill, as a part of the tokens allowed.
        dear: it is billed at the price of the dear model.
    """

    usage: Any = None
    model: str = "m"
    reply: float = 1.0
    dear: bool = False


def counts(reply: Any = 5, prompt: Any = 50, **more: Any) -> dict[str, Any]:
    return {"prompt_tokens": prompt, "completion_tokens": reply, **more}


LIES = {
    "missing": Lie(),
    "empty": Lie({}),
    "a list": Lie([1, 2]),
    "a text": Lie("many"),
    "negative": Lie(counts(-5000)),
    "negative prompt": Lie(counts(5, -50_000)),
    "boolean": Lie(counts(True, False)),
    "fractions": Lie(counts(1.5)),
    "texts": Lie(counts("5", "50")),
    "NaN": Lie(counts(NAN, NAN)),
    "infinite": Lie(counts(INFINITY)),
    "beyond all bounds": Lie(counts(10**300)),
    "null": Lie(counts(None)),
    "one is missing": Lie({"prompt_tokens": 50}),
    "the other is missing": Lie({"completion_tokens": 50}),
    "more cached than sent": Lie(counts(prompt_tokens_details={"cached_tokens": 10**6})),
    "cached below zero": Lie(counts(prompt_tokens_details={"cached_tokens": -(10**6)})),
    "zero": Lie(counts(0, 0)),
    "no reply": Lie(counts(0)),
    "longer": Lie(counts(4 * MOST), reply=4),
    "much longer": Lie(counts(40 * MOST), reply=40),
    "huge": Lie(counts(10**12), reply=10**12 / MOST),
    "dearer": Lie(counts(MOST), "dear", dear=True),
    "dearer and uncounted": Lie(None, "dear", dear=True),
    "dearer and longer": Lie(counts(4 * MOST), "dear", reply=4, dear=True),
    "unknown": Lie(counts(MOST), "nobody-knows-9b"),
    "free by its word": Lie(counts(MOST), "offline"),
}
OVER = ("longer", "much longer", "huge", "dearer", "dearer and uncounted", "dearer and longer")


class Bill:
    """An endpoint that tells a lie and keeps its bill."""

    def __init__(self, endpoint: Endpoint, lie: Lie, flying: int) -> None:
        self.endpoint, self.lie = endpoint, lie
        self.dollars = self.tokens = self.replies = 0.0
        self._lock, self._barrier = threading.Lock(), threading.Barrier(flying)
        endpoint.answer = self.answer

    def answer(self, handler: Handler, body: dict[str, Any]) -> None:
        with suppress(threading.BrokenBarrierError):  # at first as many are in flight as may be
            self._barrier.wait(20)
        lie = self.lie
        with self._lock:
            if not self._barrier.broken:
                self._barrier.abort()
            price = PRICES["p:dear" if lie.dear else "p:m"]
            reply = round(lie.reply * body["max_tokens"])
            self.dollars += (50 * price["prompt"] + reply * price["reply"]) / 1e6
            self.tokens += 50 + reply
            self.replies += 1
        handler.send(200, completion('{"text": "fine"}', usage=lie.usage, model=lie.model))


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setattr("metaco.models.pace._paces", {})
    with serving() as server:
        yield server


@pytest.fixture
async def models() -> AsyncIterator[list[OpenAIModel]]:
    opened: list[OpenAIModel] = []
    yield opened
    for model in opened:
        await model.aclose()


def company(folder: Path, endpoint: Endpoint, models: list[OpenAIModel], **more: Any) -> Company:
    provider = Provider("p", endpoint.url)
    models.append(OpenAIModel("p:m", model="m", base_url=endpoint.url, provider=provider))
    daily = more.pop("daily_cost", INFINITY)
    settings = Settings(prices=PRICES, daily_cost=daily)
    return Company(
        book(), model=models[-1], workspace=folder, settings=settings, retry=Retry(1, 0), **more
    )


LIMITS: dict[str, dict[str, Any]] = {
    "dollars": {"limits": Limits(cost=ASKED)},
    "tokens": {"limits": Limits(tokens=20 * MOST)},
    "of the role": {"limits": Limits(roles={"editor": Limits(cost=ASKED)})},
    "of the day": {"daily_cost": ASKED},
}
CASES = [(name, flying, "dollars") for name in LIES for flying in (1, 8)]
CASES += [(name, 8, limit) for name in ("missing", "longer", "dearer") for limit in LIMITS][1:]


@pytest.mark.parametrize(("name", "flying", "limit"), dict.fromkeys(CASES))
async def test_a_reply_that_breaks_its_word(
    tmp_path: Path,
    endpoint: Endpoint,
    models: list[OpenAIModel],
    name: str,
    flying: int,
    limit: str,
) -> None:
    bill = Bill(endpoint, LIES[name], flying)
    one = company(tmp_path, endpoint, models, parallel=flying, **LIMITS[limit])
    result = await one.run(Order(notes=40))
    used, entries = result.cost.total, await one.log.read(result.run)
    assert used.calls == bill.replies == sum(entry.kind == "reply" for entry in entries)
    assert used.failed == 0
    assert used.dollars >= bill.dollars * (1 - 1e-9)
    assert used.tokens >= bill.tokens
    assert result.status == "limit"
    parts_add_up(result.cost)
    assert Cost.of(entries) == result.cost
    # No call began that did not fit beside all that was booked and reserved when it began.
    booked, flights = 0.0, {}
    counted = "tokens" if limit == "tokens" else "cost"
    most = 20 * MOST if limit == "tokens" else ASKED
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, CallStarted):
            flights[fact.call] = getattr(fact, counted)
            assert booked + sum(flights.values()) <= most * (1 + 1e-9)
        elif isinstance(fact, ReplyReceived):
            del flights[entry.key]
            tokens = fact.prompt_tokens + fact.reply_tokens
            booked += tokens if counted == "tokens" else fact.cost or 0.0
    if name in OVER:
        assert any("p:m" in warning for warning in result.warnings)
        if booked > most and limit != "of the day":
            assert any("exceeded the limit of" in warning for warning in result.warnings)
    else:
        assert booked <= most * (1 + 1e-9)
    # What it did is remembered: going on with the same limits calls nobody.
    again = await company(tmp_path, endpoint, models, parallel=flying, **LIMITS[limit]).resume(
        result.run
    )
    assert again.status == "limit"
    assert bill.replies == used.calls


async def test_what_it_did_is_reserved_from_the_log_on(
    tmp_path: Path, endpoint: Endpoint, models: list[OpenAIModel]
) -> None:
    Bill(endpoint, LIES["dearer and longer"], 1)
    limits = Limits(calls=1)
    one = company(tmp_path, endpoint, models, limits=limits)
    result = await one.run(Order(notes=5))
    calls = facts(await one.log.read(result.run), CallStarted)
    more = await company(tmp_path, endpoint, models, limits=Limits(calls=2)).resume(result.run)
    calls += facts(await one.log.read(result.run), CallStarted)[1:]
    first, second = calls
    assert second.tokens > 3.5 * first.tokens
    assert (second.cost or 0.0) > 19 * (first.cost or math.inf)
    assert any("exceeded its reply limit" in warning for warning in more.warnings)
    assert any("dear replied" in warning for warning in more.warnings)


@pytest.mark.parametrize("value", [0, 0.0, 1e-9, 5])
@pytest.mark.parametrize("name", ["cost", "tokens", "calls", "minutes"])
async def test_whatever_limits_a_run_it_can_be_resumed(
    tmp_path: Path, endpoint: Endpoint, models: list[OpenAIModel], name: str, value: float
) -> None:
    if name in ("tokens", "calls"):
        value = int(value)
    limits = Limits(**{name: value})  # type: ignore[arg-type]
    assert Limits.of(limits.dump(), "here") == limits
    roles = Limits(roles={"editor": Limits(**{name: value})}) if name != "minutes" else limits  # type: ignore[arg-type]
    assert Limits.of(roles.dump(), "here") == roles
    if value:
        return
    result = await company(tmp_path, endpoint, models, limits=roles).run(Order())
    assert result.status == "limit"
    again = await company(tmp_path, endpoint, models, limits=None).resume(result.run)
    assert again.status == "limit"
    assert endpoint.bodies == []


def test_what_cannot_be_a_limit_is_refused_at_once() -> None:
    for wrong in ({"cost": -1.0}, {"cost": NAN}, {"cost": INFINITY}, {"tokens": 1.5}):
        with pytest.raises(ConfigurationError, match="limit"):
            Limits(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="whole runs only"):
        Limits(roles={"editor": Limits(minutes=1)})
