"""The form of requests: constraints and parameters where an endpoint takes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Literal

import pytest
from endpoint import Answer, Endpoint, Handler, completion, refuses, serving
from pydantic import Field

from metaco import Attachment, Document, Part, Request, Sampling
from metaco.models.openai import OpenAIModel
from metaco.reply import json_schema


class Item(Part):
    name: Annotated[str, Field(pattern=r"^[a-z]{1,9}$")]
    note: Annotated[str, Field(pattern="[a-z]", max_length=80)] = ""


class Basket(Document):
    """A list with an end."""

    items: list[Item] = Field(min_length=1, max_length=3)
    kind: Literal["full", "half"]


class Plain(Document):
    """Nothing to keep to."""

    text: str


def asks(kind: type[Document], **more: Any) -> Request:
    return Request(role="r", action="a", system="", prompt="In JSON.", response_type=kind, **more)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as server:
        yield server


@pytest.fixture
async def model(endpoint: Endpoint) -> AsyncIterator[OpenAIModel]:
    one = OpenAIModel("near:tiny", model="tiny", base_url=endpoint.url)
    yield one
    await one.aclose()


def taking(*forms: str, why: str) -> Answer:
    """Return an endpoint that takes these forms and refuses others like this."""

    def answer(handler: Handler, body: dict[str, Any]) -> None:
        form = form_of(body)
        if form in forms:
            handler.send(200, completion(form))
        else:
            refuses(400, why)(handler, body)

    return answer


def form_of(body: dict[str, Any]) -> str:
    form = body.get("response_format", {})
    return "constraints" if "maxItems" in str(form) else str(form.get("type", "plain"))


def test_constraints_that_endpoints_share_are_in_the_schema() -> None:
    schema = json_schema(Basket, constraints=True)
    assert schema is not None
    items = schema["properties"]["items"]
    assert (items["minItems"], items["maxItems"]) == (1, 3)
    assert schema["properties"]["kind"]["enum"] == ["full", "half"]
    item = schema["$defs"]["Item"]["properties"]
    assert item["name"]["pattern"] == "^[a-z]{1,9}$"
    assert item["note"] == {"type": "string"}  # of a part of a text, which grammars cannot say
    assert "maxItems" not in str(json_schema(Basket))
    assert json_schema(Plain, constraints=True) == json_schema(Plain)


@pytest.mark.parametrize(
    ("forms", "asked"),
    [
        (["constraints"], ["constraints"]),
        (["json_schema"], ["constraints", "json_schema"]),
        (["json_object"], ["constraints", "json_schema", "json_object"]),
        (["plain"], ["constraints", "json_schema", "json_object", "plain"]),
    ],
)
@pytest.mark.parametrize(
    "why",
    [
        "Invalid schema for response_format 'Basket': 'maxItems' is not permitted.",
        "response_format is not supported",
        "Failed to initialize samplers: failed to parse grammar",
        "Pattern must start with '^' and end with '$'",
    ],
)
async def test_constraints_are_tried_first_and_what_is_refused_is_remembered(
    endpoint: Endpoint, model: OpenAIModel, forms: list[str], asked: list[str], why: str
) -> None:
    endpoint.answer = taking(*forms, why=why)
    for _ in range(2):
        assert (await model.complete(asks(Basket))).text == forms[0]
    assert [form_of(body) for body in endpoint.bodies] == [*asked, forms[0]]


async def test_a_schema_without_constraints_is_tried_once(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    endpoint.answer = taking("json_object", why="response_format is not supported")
    assert (await model.complete(asks(Plain))).text == "json_object"
    assert len(endpoint.bodies) == 2


DRAWN = Sampling(
    temperature=0.0,
    top_p=0.5,
    seed=0,
    effort="low",
    stop=("END",),
    headers={"X-Team": "red"},
    extra_body={"min_p": 0.1},
)
SENT = {
    "temperature": 0.0,
    "top_p": 0.5,
    "seed": 0,
    "reasoning_effort": "low",
    "stop": ["END"],
    "min_p": 0.1,
}


async def test_parameters_are_sent_as_the_protocol_calls_them(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    headers: list[str] = []

    def answer(handler: Handler, body: dict[str, Any]) -> None:
        headers.append(handler.headers.get("X-Team", ""))
        handler.send(200, completion("ok"))

    endpoint.answer = answer
    reply = await model.complete(asks(Plain, sampling=DRAWN))
    assert {name: endpoint.bodies[0].get(name) for name in SENT} == SENT
    assert headers == ["red"]
    assert reply.ignored == ()
    await model.complete(asks(Plain))
    assert not SENT.keys() & endpoint.bodies[1].keys()


@pytest.mark.parametrize("name", [name for name in SENT if name != "min_p"])
async def test_a_parameter_that_is_not_taken_is_left_out_from_then_on_and_named(
    endpoint: Endpoint, model: OpenAIModel, name: str
) -> None:
    def answer(handler: Handler, body: dict[str, Any]) -> None:
        message = f"Unsupported value: '{name}' is not supported with this model."
        (refuses(400, message) if name in body else lambda h, _: h.send(200, completion("ok")))(
            handler, body
        )

    endpoint.answer = answer
    for _ in range(2):
        assert (await model.complete(asks(Plain, sampling=DRAWN))).ignored == (name,)
    assert [name in body for body in endpoint.bodies] == [True, False, False]
    assert (await model.complete(asks(Plain))).ignored == ()


async def test_a_value_out_of_range_is_an_error_and_not_left_out(
    endpoint: Endpoint, model: OpenAIModel
) -> None:
    endpoint.answer = refuses(400, "temperature must be at most 1")
    with pytest.raises(Exception, match="temperature must be at most 1"):
        await model.complete(asks(Plain, sampling=Sampling(temperature=1.5)))
    assert len(endpoint.bodies) == 1


async def test_files_go_before_the_prompt(endpoint: Endpoint, model: OpenAIModel) -> None:
    files = (Attachment("a.png", b"\x89PNG"), Attachment("a.pdf", b"%PDF"))
    await model.complete(asks(Plain, attachments=files))
    (message,) = endpoint.bodies[0]["messages"]
    assert message["content"] == [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
        {
            "type": "file",
            "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERg=="},
        },
        {"type": "text", "text": "In JSON."},
    ]
