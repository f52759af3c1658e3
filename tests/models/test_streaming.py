"""Streamed replies: put together, or ended when they stop or go round in circles."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from itertools import pairwise
from typing import Any

import pytest
from endpoint import (
    COUNTED,
    END,
    Endpoint,
    Handler,
    chunk,
    completion,
    emit,
    refuses,
    serving,
    streams,
)
from hypothesis import given
from hypothesis import strategies as st

from metaco.core.errors import ProviderError
from metaco.core.model import Reply, Request, Usage
from metaco.models.openai import OpenAIModel
from metaco.models.providers import Provider
from metaco.models.streaming import assembled, repeats

ASK = Request(role="critic", action="review", system="", prompt="Go on.")


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as server:
        yield server


@pytest.fixture
async def model(endpoint: Endpoint) -> AsyncIterator[OpenAIModel]:
    provider = Provider("near", endpoint.url, local=True, idle=1)
    one = OpenAIModel("near:tiny", model="tiny", base_url=endpoint.url, provider=provider)
    yield one
    await one.aclose()


async def failure(model: OpenAIModel) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await model.complete(ASK)
    return caught.value


async def test_a_streamed_reply_is_that_which_comes_at_once(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    endpoint.answer = streams("so ", b": keep-alive", {"choices": []}, "ist \u2028es\u0085", *END)
    pieces: list[str] = []
    request = Request(role="r", action="a", system="", prompt="p", on_text=pieces.append)
    reply = await model.complete(request)
    assert reply == Reply("so ist \u2028es\u0085", Usage(10, 2), "tiny-2026-01-01", "stop")
    assert pieces == ["so ", "ist \u2028es\u0085"]
    assert endpoint.bodies[0]["stream"] is True


async def test_text_is_shown_before_the_reply_has_ended(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    def rest(handler: Handler, body: dict[str, Any]) -> None:
        assert endpoint.released.wait(30)
        emit(handler, "word", *END)

    endpoint.answer = streams("first ", then=rest)
    shown: list[str] = []

    def show(text: str) -> None:
        shown.append(text)
        endpoint.released.set()  # only now does the endpoint go on

    request = Request(role="r", action="a", system="", prompt="p", on_text=show)
    assert (await model.complete(request)).text == "first word"
    assert shown == ["first ", "word"]


@pytest.mark.parametrize("refused", ["stream_options", "stream"])
async def test_what_an_endpoint_refuses_of_streaming_is_left_out(
    endpoint: Endpoint, model: OpenAIModel, refused: str
) -> None:
    def answer(handler: Handler, body: dict[str, Any]) -> None:
        if refused in body:
            refuses(422, f"Extra inputs are not permitted: {refused}")(handler, body)
        elif "stream" in body:
            streams("ok", *END)(handler, body)
        else:
            handler.send(200, completion("ok"))

    endpoint.answer = answer
    for _ in range(2):
        assert (await model.complete(ASK)).text == "ok"
    assert [refused in body for body in endpoint.bodies] == [True, False, False]
    assert "stream_options" not in endpoint.bodies[-1]


async def test_an_endpoint_that_counts_whole_replies_only_is_streamed_once(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    def answer(handler: Handler, body: dict[str, Any]) -> None:
        if "stream" in body:
            streams("ok", chunk(finish_reason="stop"), b"data: [DONE]")(handler, body)
        else:
            handler.send(200, completion("ok"))

    endpoint.answer = answer
    assert [(await model.complete(ASK)).usage for _ in range(2)] == [None, Usage(10, 2)]


async def test_a_reply_that_stops_is_given_up_and_may_be_billed(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    def beats(handler: Handler, body: dict[str, Any]) -> None:
        try:
            while not endpoint.released.wait(0.05):
                handler.wfile.write(b": a comment is no token\n\n")
        except OSError:
            pass  # the client has left, as it should

    endpoint.answer = streams("half a ", then=beats)
    error = await failure(model)
    assert "no token came for 1 seconds" in error.problem
    assert "idle" in error.remedy
    assert error.maybe_billed


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        (["half"], "broke off"),
        ([], "broke off"),
        (["half", {"error": {"message": "the card burns", "code": 503}}], "the card burns"),
        (["half", b"data: {not json"], "did not return a chat completion"),
        (["half", b"data: [1]"], "did not return a chat completion"),
    ],
)
async def test_a_stream_that_breaks_off_is_a_failure(
    endpoint: Endpoint, model: OpenAIModel, events: list[Any], problem: str
) -> None:
    endpoint.answer = streams(*events)
    error = await failure(model)
    assert problem in error.problem
    assert error.status == (503 if "card" in problem else None)


async def test_a_reply_that_repeats_itself_is_ended_and_what_it_used_is_booked(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    gone = threading.Event()

    def forever(handler: Handler, body: dict[str, Any]) -> None:
        try:
            while True:
                emit(handler, "and so on ", "and on, ")
        except OSError:
            gone.set()

    endpoint.answer = streams("It goes on ", then=forever)
    reply = await model.complete(ASK)
    assert reply.finish == "repetition"
    assert len(reply.text) < 4_000
    assert reply.usage is not None
    assert 200 < reply.usage.reply < 1_000
    assert await asyncio.to_thread(gone.wait, 30)  # nothing more is written, nor paid
    assert "stream" in endpoint.bodies[0]
    endpoint.answer = streams("ok", *END)
    await model.complete(ASK)
    assert "stream" in endpoint.bodies[1]  # this was no fault of streaming


LOOPS = [
    "the " * 600,
    "\n" * 2_000,
    "Once.\n" + "I am a language model and cannot do that.\n" * 60,
    '{"items": [' + '{"name": "a", "why": "because it is so"}, ' * 60,
    "x" * 5_000 + ("A sentence of some length that comes again and again, " * 3 + "\n") * 12,
]
FINE = [
    "",
    "short",
    "\n".join(map(str, range(1, 401))),
    "\n".join(f"| {n} | a row of a table | yes |" for n in range(200)),
    "def f(x):\n    return x\n\n\n" * 7,
    "=" * 1_000,
    "\n".join("#" + "." * 38 + "#" for _ in range(24)),
    "".join(chr(97 + n * n % 26) for n in range(1_400)) + "the " * 300,
]


@pytest.mark.parametrize("text", LOOPS)
def test_what_goes_round_in_circles(text: str) -> None:
    assert repeats(text)
    assert not repeats(f"{text} This is the end of it, and no more of the same, once and for all.")


@pytest.mark.parametrize("text", FINE)
def test_what_only_looks_like_it(text: str) -> None:
    assert not repeats(text)


async def put_together(data: bytes, cuts: list[int]) -> tuple[dict[str, Any], list[str]]:
    places = [0, *sorted(cuts), len(data)]

    async def chunks() -> AsyncIterator[bytes]:
        for begin, end in pairwise(places):
            yield data[begin:end]

    pieces: list[str] = []
    return await assembled(chunks(), pieces.append, idle=30), pieces


CALLS = [
    {"index": 0, "id": "c1", "function": {"name": "read", "arguments": ""}},
    {"index": 0, "function": {"arguments": '{"path": '}},
    {"index": 1, "id": "c2", "function": {"name": "list"}},
    {"index": 0, "function": {"arguments": '"a.py"}'}},
]
EVENTS = [
    *({"choices": [{"delta": {"role": "assistant", "reasoning_content": t}}]} for t in ("Hm", "m")),
    *(chunk(text) for text in ("ä€", "\u2028", "𝄞\n", "data: x")),
    *({"choices": [{"delta": {"tool_calls": [call]}}]} for call in CALLS),
    chunk(finish_reason="tool_calls"),
    COUNTED,
]
DATA = b"".join(b"data:" + json.dumps(e, ensure_ascii=False).encode() + b"\r\n\r\n" for e in EVENTS)


@given(st.lists(st.integers(0, len(DATA)), max_size=20))
def test_wherever_the_network_cuts_a_stream_the_reply_is_the_same(cuts: list[int]) -> None:
    whole, pieces = asyncio.run(put_together(DATA, cuts))
    (choice,) = whole["choices"]
    message = choice["message"]
    assert message["content"] == "ä€\u2028𝄞\ndata: x" == "".join(pieces)
    assert [call["function"] for call in message["tool_calls"]] == [
        {"name": "read", "arguments": '{"path": "a.py"}'},
        {"name": "list", "arguments": ""},
    ]
    assert (choice["finish_reason"], whole["usage"]) == ("tool_calls", COUNTED["usage"])
    assert pieces.count("") == 2 + len(CALLS)  # thoughts and calls are tokens, and no text
