"""Calls of tools over real sockets: chat completions, the Responses API, and in words."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from endpoint import COUNTED, Answer, Endpoint, choice, chunk, completion, refuses, serving, streams

from metaco.core.document import Document
from metaco.core.errors import ConfigurationError, ProviderError
from metaco.core.model import Exchange, Reply, Request, ToolCall, ToolSpec, Usage
from metaco.core.sampling import Sampling
from metaco.models.openai import OpenAIModel
from metaco.models.providers import Provider, known


class Review(Document):
    findings: list[str]


SCHEMA = {
    "type": "object",
    "properties": {"path": {"type": "string"}},
    "required": ["path"],
    "additionalProperties": False,
}
READ = ToolSpec("read", "Read a file.", SCHEMA)
ASK = Request(
    role="critic",
    action="review",
    system="Be brief.",
    prompt="Answer in JSON.",
    response_type=Review,
    tools=(READ, ToolSpec("list", "List files.", {"type": "object", "properties": {}})),
)
CALL = ToolCall("read", {"path": "a"}, "c1")
LATER = replace(
    ASK,
    exchanges=(
        Exchange(CALL, "1 2", text="I look.", reply=1),
        Exchange(ToolCall("list"), "a b", reply=1),
        Exchange(ToolCall("read", '{"path'), "no JSON", reply=2),
    ),
    rejected_replies=(("?", "Not that."),),
)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as server:
        yield server


@pytest.fixture
async def model_at(endpoint: Endpoint) -> AsyncIterator[Callable[..., OpenAIModel]]:
    models: list[OpenAIModel] = []

    def at(**facts: Any) -> OpenAIModel:
        provider = Provider("openai", endpoint.url, **facts)
        models.append(
            OpenAIModel("openai:tiny", model="tiny", base_url=endpoint.url, provider=provider)
        )
        return models[-1]

    yield at
    for each in models:
        await each.aclose()


def made(*calls: tuple[str, Any]) -> list[dict[str, Any]]:
    return [
        {"id": f"c{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for n, (name, arguments) in enumerate(calls, 1)
    ]


def calls_for(*calls: tuple[str, Any]) -> Answer:
    body = completion() | choice(message={"tool_calls": made(*calls)}, finish_reason="tool_calls")
    return lambda handler, _: handler.send(200, body)


async def test_calls_come_with_their_arguments(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel]
) -> None:
    endpoint.answer = calls_for(("read", '{"path": "a"}'), ("list", ""))
    reply = await model_at().complete(ASK)
    assert reply == Reply(
        "", Usage(10, 2), "tiny-2026-01-01", "tool_calls", calls=(CALL, ToolCall("list"))
    )
    assert [call.id for call in reply.calls] == ["c1", "c2"]
    (body,) = endpoint.bodies
    function = {"name": "read", "description": "Read a file.", "parameters": SCHEMA}
    assert body["tools"][0] == {"type": "function", "function": function}
    assert "response_format" not in body


@pytest.mark.parametrize("arguments", ['{"path": "a', "[1]", "nothing", '"text"', "[" * 100_000])
async def test_arguments_that_are_no_object_stay_a_text(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel], arguments: str
) -> None:
    endpoint.answer = calls_for(("read", arguments))
    (call,) = (await model_at().complete(ASK)).calls
    assert call.arguments == arguments


async def test_streamed_calls_are_put_together(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel]
) -> None:
    first, second = made(("read", ""), ("list", ""))
    deltas: list[dict[str, Any]] = [
        {"index": 0, **first},
        {"index": 0, "function": {"arguments": '{"pa'}},
        {"index": 1, **second},
        {"index": 0, "function": {"arguments": 'th": "a"}'}},
    ]
    parts = [
        {"choices": [{"index": 0, "delta": {"tool_calls": [delta]}, "finish_reason": None}]}
        for delta in deltas
    ]
    endpoint.answer = streams(
        "I look.", *parts, chunk(finish_reason="tool_calls"), COUNTED, b"data: [DONE]"
    )
    pieces: list[str] = []
    reply = await model_at().complete(replace(ASK, on_text=pieces.append))
    assert (reply.text, reply.calls) == ("I look.", (CALL, ToolCall("list")))
    assert pieces == ["I look.", "", "", "", ""]


async def test_a_conversation_is_sent_as_it_was(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel]
) -> None:
    await model_at().complete(LATER)
    messages = endpoint.bodies[0]["messages"]
    assert [message["role"] for message in messages] == [
        *("system", "user", "assistant", "tool", "tool", "assistant", "tool", "assistant", "user")
    ]
    assert messages[2]["content"] == "I look."
    assert [call["id"] for call in messages[2]["tool_calls"]] == ["c1", "call_0_1"]
    assert [messages[n]["tool_call_id"] for n in (3, 4, 6)] == ["c1", "call_0_1", "call_1_0"]
    assert [messages[n]["content"] for n in (3, 4, 6)] == ["1 2", "a b", "no JSON"]
    for message in messages:  # what an endpoint reads again can be read
        for call in message.get("tool_calls", ()):
            assert isinstance(json.loads(call["function"]["arguments"]), dict)


REFUSALS = [
    refuses(400, "registry.ollama.ai/library/tiny does not support tools"),
    refuses(404, "No endpoints found that support tool use."),
    refuses(400, '"auto" tool choice requires --enable-auto-tool-choice to be set'),
    refuses(500, "tools param requires --jinja flag"),
    refuses(400, "Unsupported parameter: 'tools'"),
]
WORDS = 'I look. {"tool": "read", "arguments": {"path": "a"}}'


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_where_tools_are_refused_they_are_told_in_words(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel], refusal: Answer
) -> None:
    def answer(handler: Any, body: dict[str, Any]) -> None:
        said = refusal if "tools" in body else None
        said(handler, body) if said else handler.send(200, completion(WORDS))

    endpoint.answer = answer
    model = model_at()
    assert (await model.complete(ASK)).calls == (CALL,)
    assert (await model.complete(LATER)).calls == (CALL,)
    refused, first, later = endpoint.bodies  # it is refused once
    assert "tools" in refused
    assert "- read(path: text): Read a file." in first["messages"][1]["content"]
    texts = [message["content"] for message in later["messages"][2:]]
    assert texts[0].startswith('I look.\n\n[{"arguments": {"path": "a"}, "tool": "read"}, {')
    assert texts[1] == "Result of read:\n1 2\n\nResult of list:\na b"
    assert texts[-2:] == ["?", "Not that."]


async def test_a_failure_without_a_word_of_tools_stays_one(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel]
) -> None:
    endpoint.answer = refuses(500, "out of memory")
    with pytest.raises(ProviderError):
        await model_at().complete(ASK)
    assert len(endpoint.bodies) == 1


async def test_small_models_are_told_in_words(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel]
) -> None:
    endpoint.answer = lambda handler, _: handler.send(200, completion(WORDS))
    reply = await model_at().complete(replace(ASK, lean=True))
    assert (reply.text, reply.calls) == (WORDS, (CALL,))
    assert "tools" not in endpoint.bodies[0]


async def test_a_last_request_without_tools_has_a_form_again(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel]
) -> None:
    endpoint.answer = lambda handler, _: handler.send(200, completion(WORDS))
    reply = await model_at().complete(replace(LATER, tools=()))
    assert reply.calls == ()
    (body,) = endpoint.bodies
    assert body["response_format"]["type"] == "json_schema"
    assert {message["role"] for message in body["messages"]} == {"system", "user", "assistant"}
    assert "Tools:" not in body["messages"][1]["content"]


# -- the Responses API

USAGE = {"input_tokens": 10, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 3}}
SPOKEN = {"type": "message", "content": [{"type": "output_text", "text": "I look."}]}
WANTED = {"type": "function_call", "call_id": "c1", "name": "read", "arguments": '{"path": "a"}'}
RESPONSE = {
    "model": "tiny-2026-01-01",
    "status": "completed",
    "output": [{"type": "reasoning", "summary": []}, SPOKEN, WANTED],
    "usage": USAGE,
}
EVENTS: list[dict[str, Any]] = [
    {"type": "response.created", "response": {"status": "in_progress"}},
    {"type": "response.reasoning_summary_text.delta", "delta": "Hm."},
    {"type": "response.output_text.delta", "output_index": 1, "delta": "I look."},
    {"type": "response.output_item.added", "output_index": 2, "item": WANTED | {"arguments": ""}},
    {"type": "response.function_call_arguments.delta", "output_index": 2, "delta": '{"path":'},
    {"type": "response.function_call_arguments.delta", "output_index": 2, "delta": ' "a"}'},
    {"type": "response.completed", "response": RESPONSE},
]
WHOLE = Reply("I look.", Usage(10, 2, 3), "tiny-2026-01-01", "stop", calls=(CALL,))


@pytest.mark.parametrize("streamed", [True, False])
async def test_responses_hold_calls(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel], streamed: bool
) -> None:
    whole: Answer = lambda handler, _: handler.send(200, RESPONSE)  # noqa: E731
    endpoint.answer = streams(*EVENTS) if streamed else whole
    assert await model_at(api="responses").complete(LATER) == WHOLE
    assert endpoint.seen[0][0] == "/v1/responses"
    (body,) = endpoint.bodies
    assert body["tools"][0] == {
        "type": "function", "name": "read", "description": "Read a file.", "parameters": SCHEMA,
        "strict": False,
    }  # fmt: skip
    kinds = [item.get("type", item.get("role")) for item in body["input"]]
    assert kinds == [
        "system",
        "user",
        "assistant",
        *("function_call", "function_call", "function_call_output", "function_call_output"),
        *("function_call", "function_call_output"),
        "assistant",
        "user",
    ]
    assert body["input"][3] == WANTED
    assert body["store"] is False
    assert "stream_options" not in body


async def test_responses_get_what_chat_completions_get(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel]
) -> None:
    endpoint.answer = lambda handler, _: handler.send(200, RESPONSE | {"output": [SPOKEN]})
    drawn = Sampling(temperature=0.5, effort="low", seed=3)
    request = replace(ASK, tools=(), sampling=drawn, max_tokens=50)
    reply = await model_at(api="responses").complete(request)
    assert (reply.text, reply.calls, reply.ignored) == ("I look.", (), ("seed",))
    (body,) = endpoint.bodies
    assert body["max_output_tokens"] == 50
    assert body["reasoning"] == {"effort": "low"}
    assert body["temperature"] == 0.5
    assert body["text"]["format"]["type"] == "json_schema"
    assert body["text"]["format"]["schema"]["properties"].keys() == {"findings"}


@pytest.mark.parametrize(
    ("last", "finish"),
    [
        ({"incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ({"incomplete_details": {"reason": "content_filter"}}, "content_filter"),
    ],
)
async def test_why_a_response_ended_is_said(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel], last: Any, finish: str
) -> None:
    ended = {"type": "response.incomplete", "response": RESPONSE | last}
    endpoint.answer = streams(*EVENTS[:-1], ended)
    assert (await model_at(api="responses").complete(ASK)).finish == finish


async def test_a_response_that_failed_is_an_error(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel]
) -> None:
    failed = {"status": "failed", "error": {"code": "server_error", "message": "sorry"}}
    for answer in (
        streams(*EVENTS[:3], {"type": "response.failed", "response": failed}),
        streams(*EVENTS[:3]),
        lambda handler, _: handler.send(200, failed),
    ):
        endpoint.answer = answer
        with pytest.raises(ProviderError):
            await model_at(api="responses").complete(ASK)


async def test_an_endpoint_that_needs_the_responses_api_gets_it(
    endpoint: Endpoint, model_at: Callable[..., OpenAIModel]
) -> None:
    def answer(handler: Any, body: dict[str, Any]) -> None:
        said = "This model is only supported in v1/responses and not in v1/chat/completions."
        refusal = refuses(404, said)
        handler.send(200, RESPONSE) if "input" in body else refusal(handler, body)

    endpoint.answer = answer
    model = model_at()
    assert await model.complete(ASK) == WHOLE
    assert await model.complete(ASK) == WHOLE
    assert [path for path, _ in endpoint.seen] == [
        *("/v1/chat/completions", "/v1/responses", "/v1/responses")
    ]


def test_an_api_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Write chat or responses"):
        known({"gpu": {"base_url": "http://gpu.example/v1", "api": "soap"}})
