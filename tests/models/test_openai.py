"""The endpoint model over real sockets, against endpoints that misbehave."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from email.utils import formatdate
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
    trickles,
    waits,
)

from metaco.core.document import Document
from metaco.core.errors import ConfigurationError, ProviderError, RealCallBlocked
from metaco.core.model import Reply, Request, Usage
from metaco.models import open_model
from metaco.models import openai as openai_models
from metaco.models.openai import OpenAIModel
from metaco.testing import allow_real_calls, block_real_calls

KEY = "canary-0123456789abcdef"


class Review(Document):
    findings: list[str]


class Free(Document):
    sizes: dict[str, int]


ASK = Request(role="critic", action="review", system="Be brief.", prompt="Answer in JSON.")
WANTS = Request(
    role="critic", action="review", system="", prompt="Answer in JSON.", response_type=Review
)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as server:
        yield server


@pytest.fixture
async def model(endpoint: Endpoint) -> AsyncIterator[OpenAIModel]:
    one = OpenAIModel("openai:tiny", model="tiny", base_url=endpoint.url, api_key=KEY)
    yield one
    await one.aclose()


async def failure(model: OpenAIModel, request: Request = ASK) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await model.complete(request)
    return caught.value


# -- what goes out and what comes back


async def test_sends_the_prompt_and_returns_the_reply(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    assert await model.complete(ASK) == Reply("ok", Usage(10, 2, 0), "tiny-2026-01-01", "stop")
    assert endpoint.seen == [("/v1/chat/completions", f"Bearer {KEY}")]
    assert endpoint.bodies == [
        {
            "model": "tiny",
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Answer in JSON."},
            ],
            "max_tokens": 16_384,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
    ]


async def test_earlier_replies_become_turns_of_the_conversation(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    earlier = (("{}", "findings is missing"), ("  ", "it is empty"))
    await model.complete(
        Request(
            role="r", action="a", system="", prompt="Go.", rejected_replies=earlier, max_tokens=99
        )
    )
    assert endpoint.bodies[0]["max_tokens"] == 99
    assert [(m["role"], m["content"]) for m in endpoint.bodies[0]["messages"]] == [
        ("user", "Go."),
        ("assistant", "{}"),
        ("user", "findings is missing"),
        ("assistant", "(nothing)"),
        ("user", "it is empty"),
    ]


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, None),
        ({}, None),
        ({"prompt_tokens": "many", "completion_tokens": 2}, None),
        ({"prompt_tokens": 9, "completion_tokens": 2}, Usage(9, 2, 0)),
        (
            {
                "prompt_tokens": 9,
                "completion_tokens": 2,
                "prompt_tokens_details": {"cached_tokens": 4},
            },
            Usage(9, 2, 4),
        ),
        (
            {"prompt_tokens": 9, "completion_tokens": 2, "prompt_cache_hit_tokens": 5},
            Usage(9, 2, 5),
        ),
    ],
)
async def test_usage_is_what_the_endpoint_counted_or_none(
    endpoint: Endpoint, model: OpenAIModel, usage: Any, expected: Usage | None
) -> None:
    endpoint.answer = says("ok", usage=usage)
    assert (await model.complete(ASK)).usage == expected


@pytest.mark.parametrize(
    ("answer", "text", "finish"),
    [
        (choice(), "", "stop"),
        (choice(message={"content": ""}), "", "stop"),
        (choice(finish_reason="length", message={"content": "half"}), "half", "length"),
        (choice(finish_reason="content_filter"), "", "content_filter"),
        (choice(message={"refusal": "I won't."}), "I won't.", "content_filter"),
        (choice(finish_reason=None, message={"content": "ok"}), "ok", "stop"),
        (choice(message={"content": [{"type": "text", "text": "o"}, {"text": "k"}]}), "ok", "stop"),
        (choice(message={"content": {"odd": 1}}), "", "stop"),
    ],
)
async def test_an_empty_or_withheld_answer_is_a_reply(
    endpoint: Endpoint, model: OpenAIModel, answer: dict[str, Any], text: str, finish: str
) -> None:
    endpoint.answer = says("", **answer)
    reply = await model.complete(ASK)
    assert (reply.text, reply.finish) == (text, finish)
    assert reply.usage == Usage(10, 2)


async def test_the_real_name_is_given_also_if_it_is_another_one(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    endpoint.answer = says("ok", model="something-else")
    assert (await model.complete(ASK)).model == "something-else"
    endpoint.answer = says("ok", model=None)
    assert (await model.complete(ASK)).model == ""


# -- what endpoints refuse is left out


def accepting(*, schema: bool, mode: bool, limit: str) -> Answer:
    def answer(handler: Handler, body: dict[str, Any]) -> None:
        form = body.get("response_format", {}).get("type")
        if other := [
            n for n in ("max_tokens", "max_completion_tokens") if n in body and n != limit
        ]:
            message = f"Unsupported parameter: '{other[0]}' is not supported with tiny-2024-08-06."
            refuses(400, f"{message} Use '{limit}' instead.")(handler, body)
        elif form == "json_schema" and not schema:
            refuses(400, "Invalid parameter: 'response_format' of type 'json_schema'.")(
                handler, body
            )
        elif form == "json_object" and not mode:
            refuses(422, "response_format: unknown field")(handler, body)
        else:
            says(form or "plain")(handler, body)

    return answer


@pytest.mark.parametrize("limit", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize(
    ("schema", "mode", "form", "calls"),
    [(True, True, "json_schema", 1), (False, True, "json_object", 2), (False, False, "plain", 3)],
)
async def test_finds_the_form_that_the_endpoint_takes_and_remembers_it(
    endpoint: Endpoint,
    model: OpenAIModel,
    schema: bool,
    mode: bool,
    form: str,
    calls: int,
    limit: str,
) -> None:
    endpoint.answer = accepting(schema=schema, mode=mode, limit=limit)
    assert (await model.complete(WANTS)).text == form
    assert len(endpoint.bodies) == calls + (limit != "max_tokens")
    endpoint.bodies.clear()
    assert (await model.complete(WANTS)).text == form
    assert len(endpoint.bodies) == 1


async def test_many_calls_at_once_learn_the_form_together(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    endpoint.answer = accepting(schema=False, mode=False, limit="max_completion_tokens")
    replies = await asyncio.gather(*(model.complete(WANTS) for _ in range(8)))
    assert {reply.text for reply in replies} == {"plain"}


async def test_sends_a_strict_schema_where_there_is_one(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    await model.complete(WANTS)
    form = endpoint.bodies[0]["response_format"]
    assert form["json_schema"]["name"] == "Review"
    assert form["json_schema"]["strict"] is True
    assert form["json_schema"]["schema"]["required"] == ["findings"]
    free = Request(role="r", action="a", system="", prompt="As JSON.", response_type=Free)
    await model.complete(free)
    assert endpoint.bodies[1]["response_format"] == {"type": "json_object"}
    silent = Request(role="r", action="a", system="", prompt="As a list.", response_type=Free)
    await model.complete(silent)
    assert "response_format" not in endpoint.bodies[2]


async def test_a_refused_json_mode_is_not_asked_for_again_without_a_schema(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    endpoint.answer = accepting(schema=True, mode=False, limit="max_tokens")
    free = Request(role="r", action="a", system="", prompt="As JSON.", response_type=Free)
    assert (await model.complete(free)).text == "plain"
    assert (await model.complete(free)).text == "plain"
    assert len(endpoint.bodies) == 3
    assert (await model.complete(WANTS)).text == "json_schema"


@pytest.mark.parametrize(
    "message",
    [
        "max_tokens is too large: 16384. This model supports at most 4096 completion tokens.",
        "Invalid max_tokens value, the valid range of max_tokens is [1, 4,096]",
        "max_tokens: 16384 > 4096, which is the maximum allowed number of output tokens for tiny",
    ],
)
async def test_asks_for_fewer_tokens_where_the_model_gives_fewer(
    endpoint: Endpoint, model: OpenAIModel, message: str
) -> None:
    def answer(handler: Handler, body: dict[str, Any]) -> None:
        (refuses(400, message) if body["max_tokens"] > 4096 else says("ok"))(handler, body)

    endpoint.answer = answer
    await model.complete(ASK)
    await model.complete(ASK)
    assert [body["max_tokens"] for body in endpoint.bodies] == [16_384, 4096, 4096]


async def test_a_small_context_leaves_less_room_for_one_reply_only(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    message = (
        "'max_tokens' is too large: 16384. This model's maximum context length is 8192 tokens"
        " and your request has 192 input tokens."
    )

    def answer(handler: Handler, body: dict[str, Any]) -> None:
        (refuses(400, message) if body["max_tokens"] > 8000 else says("ok"))(handler, body)

    endpoint.answer = answer
    await model.complete(ASK)
    await model.complete(ASK)
    assert [body["max_tokens"] for body in endpoint.bodies] == [16_384, 8000] * 2


async def test_a_prompt_that_is_too_long_is_refused_once(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    endpoint.answer = refuses(
        400,
        "This model's maximum context length is 8192 tokens. However, your messages resulted in"
        " 9000 tokens.",
        "context_length_exceeded",
    )
    error = await failure(model, WANTS)
    assert error.status == 413
    assert "larger context" in error.remedy
    assert len(endpoint.bodies) == 1


# -- failures


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (400, "supports"),
        (401, "OPENAI_API_KEY"),
        (402, "credit"),
        (403, "--model"),
        (404, "/v1"),
        (408, "later"),
        (409, ""),
        (413, "larger context"),
        (422, ""),
        (429, "less at once"),
        (500, "later"),
        (503, "later"),
        (529, "later"),
    ],
)
async def test_a_refusal_is_told_with_its_status_and_a_remedy(
    endpoint: Endpoint, model: OpenAIModel, status: int, remedy: str
) -> None:
    endpoint.answer = refuses(status, "the words of the provider")
    error = await failure(model, WANTS)
    assert error.status == status
    assert f"openai:tiny refused the call ({status}): the words of the provider" in error.problem
    assert remedy in error.remedy
    assert error.retry_after is None
    assert len(endpoint.bodies) == 1  # nobody tries again here


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ({"Retry_After": "7"}, 7, 7),
        ({"Retry_After": "1.5"}, 1.5, 1.5),
        ({"retry_after_ms": "250", "Retry_After": "9"}, 0.25, 0.25),
        ({"Retry_After": "in 100"}, 80, 100),
        ({"Retry_After": "in -100"}, 0, 0),
        ({"Retry_After": "-3"}, 0, 0),
    ],
)
async def test_retry_after_is_read_as_seconds_or_as_a_date(
    endpoint: Endpoint, model: OpenAIModel, headers: dict[str, str], low: float, high: float
) -> None:
    if (date := headers.get("Retry_After", "")).startswith("in "):  # a date, counted from now
        when = time.time() + int(date.removeprefix("in "))
        headers = {"Retry_After": formatdate(when, usegmt=True)}
    endpoint.answer = refuses(429, "slow down", **headers)
    wait = (await failure(model)).retry_after
    assert wait is not None
    assert low <= wait <= high


@pytest.mark.parametrize("value", ["soon", "nan", "inf", "", "99 Foo"])
async def test_a_strange_retry_after_is_none(
    endpoint: Endpoint, model: OpenAIModel, value: str
) -> None:
    endpoint.answer = refuses(503, "slow down", Retry_After=value)
    assert (await failure(model)).retry_after is None


async def test_a_quota_that_is_used_up_is_no_reason_to_wait(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    endpoint.answer = refuses(429, "You exceeded your current quota.", "insufficient_quota")
    error = await failure(model)
    assert error.status == 402
    assert "credit" in error.remedy


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("{not json", "application/json"),
        ("<html><body>Welcome</body></html>", "text/html"),
        ("", "application/json"),
        ("null", "application/json"),
        ("[]", "application/json"),
        ('"ok"', "application/json"),
        ("{}", "application/json"),
        ('{"choices": []}', "application/json"),
        ('{"choices": null}', "application/json"),
        ('{"choices": "ok"}', "application/json"),
    ],
)
async def test_an_answer_that_is_none_is_a_failure_without_a_status(
    endpoint: Endpoint, model: OpenAIModel, body: str, kind: str
) -> None:
    endpoint.answer = lambda handler, _: handler.send(200, body, kind)
    error = await failure(model)
    assert error.status is None
    assert "base URL" in error.remedy


@pytest.mark.parametrize("choices", [[None], [{}], [{"message": None}], ["ok"]])
async def test_a_choice_without_a_message_is_an_empty_reply_or_a_failure(
    endpoint: Endpoint, model: OpenAIModel, choices: list[Any]
) -> None:
    endpoint.answer = says("ok", choices=choices)
    try:
        assert (await model.complete(ASK)).text == ""
    except ProviderError as error:
        assert error.problem


async def test_an_error_with_status_200_is_an_error(endpoint: Endpoint, model: OpenAIModel) -> None:
    body = {"error": {"message": "upstream is down", "code": 503}}
    endpoint.answer = lambda handler, _: handler.send(200, body)
    error = await failure(model)
    assert error.status == 503
    assert "upstream is down" in error.problem


@pytest.mark.parametrize("body", ["<html>Bad <b>gateway</b></html>", "", "plain words"])
async def test_a_refusal_in_html_or_without_words(
    endpoint: Endpoint, model: OpenAIModel, body: str
) -> None:
    endpoint.answer = lambda handler, _: handler.send(502, body, "text/html")
    error = await failure(model)
    assert error.status == 502
    assert "<" not in error.problem


async def test_a_long_refusal_is_cut(endpoint: Endpoint, model: OpenAIModel) -> None:
    endpoint.answer = refuses(500, "very " * 5000)
    assert len(str(await failure(model))) < 600


@pytest.mark.parametrize("answer", [resets, stops_midway])
async def test_a_broken_connection_is_a_failure_without_a_status(
    endpoint: Endpoint, model: OpenAIModel, answer: Answer
) -> None:
    endpoint.answer = answer
    error = await failure(model)
    assert error.status is None
    assert "could not be reached" in error.problem
    endpoint.answer = says("back")
    assert (await model.complete(ASK)).text == "back"


async def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        model = OpenAIModel("openai:tiny", model="tiny", base_url=url, api_key=KEY)
        error = await failure(model)
        await model.aclose()
    assert error.status is None
    assert url in error.problem
    assert "server runs" in error.remedy


@pytest.mark.parametrize("answer", [waits, trickles])
async def test_an_answer_that_takes_too_long_is_given_up(
    endpoint: Endpoint, answer: Answer
) -> None:
    endpoint.answer = answer
    model = OpenAIModel("openai:tiny", model="tiny", base_url=endpoint.url, timeout=0.2)
    error = await failure(model)
    assert error.status is None
    assert "within 0.2 seconds" in error.problem
    assert "timeout" in error.remedy
    endpoint.released.set()
    await model.aclose()


async def test_a_call_can_be_cancelled(endpoint: Endpoint, model: OpenAIModel) -> None:
    arrived = asyncio.Event()
    loop = asyncio.get_running_loop()

    def answer(handler: Handler, body: dict[str, Any]) -> None:
        loop.call_soon_threadsafe(arrived.set)
        waits(handler, body)

    endpoint.answer = answer
    task = asyncio.create_task(model.complete(ASK))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# -- keys


@pytest.mark.parametrize(
    "message",
    [
        f"Incorrect API key provided: {KEY}. Find yours at https://x.org.",
        "Incorrect API key provided: sk-proj-abcd********wxyz.",
        "Token sk-0123456789 is not valid",
        f"{'x' * 380} {KEY}",
        f"header Authorization: Bearer {KEY}",
    ],
)
@pytest.mark.parametrize("status", [401, 200, 500])
async def test_the_key_is_in_no_message(
    endpoint: Endpoint, model: OpenAIModel, message: str, status: int
) -> None:
    endpoint.answer = refuses(status, message)
    error = await failure(model)
    for secret in (KEY, KEY[:12], "sk-proj-abcd", "wxyz", "sk-0123456789"):
        assert secret not in str(error)
        assert secret not in repr(error)
    assert error.__cause__ is None
    assert KEY not in repr(model)


async def test_a_password_in_the_base_url_is_in_no_message() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://me:secret@127.0.0.1:{free.getsockname()[1]}/v1"
        model = OpenAIModel("openai:tiny", model="tiny", base_url=url)
        assert "secret" not in repr(model)
        assert "secret" not in str(await failure(model))
        await model.aclose()


# -- connections


async def test_models_at_one_endpoint_share_a_client_until_the_last_is_closed(
    endpoint: Endpoint,
) -> None:
    one, two = (OpenAIModel(n, model=n, base_url=endpoint.url, api_key=KEY) for n in "ab")
    other = OpenAIModel("c", model="c", base_url=endpoint.url, api_key="another")
    assert one._shared().client is two._shared().client
    assert one._shared().client is not other._shared().client
    client = one._shared().client
    await one.aclose()
    assert not client.is_closed()
    assert (await two.complete(ASK)).text == "ok"
    await two.aclose()
    assert client.is_closed()
    assert (await two.complete(ASK)).text == "ok"  # a closed model opens again
    await two.aclose()
    await other.aclose()
    await other.aclose()


async def test_many_keys_are_closed_at_once_twice_and_by_all(endpoint: Endpoint) -> None:
    models = [
        OpenAIModel(f"m{n}", model="m", base_url=endpoint.url, api_key=f"{KEY}-{n % 10}")
        for n in range(20)
    ]
    clients = {model._shared().client for model in models}
    assert len(clients) == 10
    await asyncio.gather(*(model.aclose() for model in models * 2))
    assert all(client.is_closed() for client in clients)
    assert (await models[0].complete(ASK)).text == "ok"
    await asyncio.gather(*(model.aclose() for model in models))


async def test_what_is_in_flight_is_answered_before_its_client_is_closed(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    loop, arrived = asyncio.get_running_loop(), asyncio.Event()

    def answer(handler: Handler, body: dict[str, Any]) -> None:
        loop.call_soon_threadsafe(arrived.set)
        endpoint.released.wait(30)
        says("late")(handler, body)

    endpoint.answer = answer
    client = model._shared().client
    call = asyncio.create_task(model.complete(ASK))
    await arrived.wait()
    await model.aclose()
    assert not client.is_closed()
    endpoint.released.set()
    assert (await call).text == "late"
    assert client.is_closed()


def test_the_loops_of_several_threads_have_clients_of_their_own(endpoint: Endpoint) -> None:
    model = OpenAIModel("openai:tiny", model="tiny", base_url=endpoint.url, api_key=KEY)
    barrier, failed = threading.Barrier(4), []

    async def use() -> None:
        for _ in range(3):
            client = model._shared().client
            await asyncio.to_thread(barrier.wait, 30)  # all have one before any is closed
            assert (await model.complete(ASK)).text == "ok"
            await model.aclose()
            assert client.is_closed()

    def work() -> None:
        try:
            asyncio.run(use())
        except BaseException as error:  # noqa: BLE001  shown by the test
            failed.append(error)
            barrier.abort()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


async def test_the_place_of_a_client_does_not_tell_its_key(model: OpenAIModel) -> None:
    model._shared()
    assert KEY not in repr(list(openai_models._clients_here()))


def test_a_model_works_in_one_event_loop_after_another(endpoint: Endpoint) -> None:
    model = OpenAIModel("openai:tiny", model="tiny", base_url=endpoint.url)

    async def once() -> str:
        reply = await model.complete(ASK)
        await model.aclose()
        return reply.text

    assert [asyncio.run(once()) for _ in range(3)] == ["ok"] * 3


async def test_a_proxy_of_the_environment_is_not_used_for_this_machine(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    model = OpenAIModel("openai:tiny", model="tiny", base_url=endpoint.url)
    assert (await model.complete(ASK)).text == "ok"
    await model.aclose()


# -- opening by name, and the switch


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    return monkeypatch


OFFICIAL = "https://api.openai.com/v1"
MINE = "http://gpu.example:8000/v1"


@pytest.mark.parametrize(
    ("name", "base_url", "shown", "model", "url"),
    [
        ("openai:gpt-5-mini", None, "openai:gpt-5-mini", "gpt-5-mini", OFFICIAL),
        ("openai/gpt-5-mini", None, "openai:gpt-5-mini", "gpt-5-mini", OFFICIAL),
        ("OpenAI:gpt-5-mini", None, "openai:gpt-5-mini", "gpt-5-mini", OFFICIAL),
        ("gpt-5-mini", None, "gpt-5-mini", "gpt-5-mini", OFFICIAL),
        ("openai:gpt-5-mini", MINE + "/", "openai:gpt-5-mini", "gpt-5-mini", MINE),
        ("openai/gpt-oss-20b", MINE, "openai/gpt-oss-20b", "openai/gpt-oss-20b", MINE),
        ("llama3.1:8b", MINE, "llama3.1:8b", "llama3.1:8b", MINE),
        ("meta/llama-3", MINE, "meta/llama-3", "meta/llama-3", MINE),
        ("openai:meta/llama-3", MINE, "openai:meta/llama-3", "meta/llama-3", MINE),
        (" gpt-5-mini ", None, "gpt-5-mini", "gpt-5-mini", OFFICIAL),
    ],
)
def test_names(
    bare: object, name: str, base_url: str | None, shown: str, model: str, url: str
) -> None:
    opened = open_model(name, base_url=base_url, api_key=KEY, timeout=5)
    assert isinstance(opened, OpenAIModel)
    assert (opened.name, opened.model, opened.base_url) == (shown, model, url)
    assert opened.timeout == 5


def test_key_and_base_url_come_from_the_environment(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("OPENAI_API_KEY", KEY)
    assert open_model("gpt-5-mini").name == "gpt-5-mini"
    bare.setenv("OPENAI_BASE_URL", MINE)
    opened = open_model("llama3:8b")
    assert isinstance(opened, OpenAIModel)
    assert opened.base_url == MINE


def test_an_endpoint_of_ones_own_needs_no_key(bare: object) -> None:
    assert open_model("llama3:8b", base_url="http://localhost:11434/v1").name == "llama3:8b"


@pytest.mark.parametrize("name", ["gpt-5-mini", "openai:gpt-5-mini"])
@pytest.mark.parametrize("base_url", [None, OFFICIAL])
def test_without_a_key_the_way_out_is_named(bare: object, name: str, base_url: str | None) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_model(name, base_url=base_url)
    assert "OPENAI_API_KEY" in caught.value.remedy
    assert "--model offline" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "base_url", "problem"),
    [
        ("", None, "names no model"),
        ("openai:", None, "names no model"),
        ("nobody:gpt-5", None, "the unknown provider 'nobody'"),
        ("gpt-5", "gpu.example:8000", "is not the address of an endpoint"),
        ("gpt-5", "ftp://gpu.example", "is not the address of an endpoint"),
        ("gpt-5", "http://", "is not the address of an endpoint"),
        ("offline:lazy", None, "is not a fault mode of the offline model"),
        ("offline:", None, "is not a fault mode of the offline model"),
    ],
)
def test_names_that_are_none(bare: object, name: str, base_url: str | None, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_model(name, base_url=base_url, api_key=KEY)
    assert problem in caught.value.problem
    assert caught.value.remedy


async def test_a_blocked_call_does_not_leave_this_machine() -> None:
    model = OpenAIModel("openai:gpt-5-mini", model="gpt-5-mini", base_url=OFFICIAL, api_key=KEY)
    with block_real_calls(), pytest.raises(RealCallBlocked, match=r"metaco\.testing"):
        await model.complete(ASK)


async def test_an_allowed_call_is_made() -> None:
    """The name cannot be resolved anywhere (RFC 6761), so nothing is called in the end."""
    url = "http://nobody.invalid/v1"
    model = OpenAIModel("openai:tiny", model="tiny", base_url=url, timeout=20)
    with block_real_calls():
        with allow_real_calls():
            assert (await failure(model)).status is None
        with pytest.raises(RealCallBlocked):
            await model.complete(ASK)
    await model.aclose()


async def test_this_machine_may_always_be_called(endpoint: Endpoint, model: OpenAIModel) -> None:
    with block_real_calls():
        assert (await model.complete(ASK)).text == "ok"
