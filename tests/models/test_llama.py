"""Requests to a real llama.cpp server; skipped where it is not installed (extra `llama`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from facts import facts
from llama import serving_llama
from pydantic import Field

from metaco import (
    Company,
    Document,
    Request,
    Requirement,
    Retry,
    Role,
    Sampling,
    Settings,
    action,
)
from metaco.core.model import Exchange, ToolCall
from metaco.models import open_model
from metaco.models.openai import OpenAIModel
from metaco.models.providers import Provider
from metaco.run.entries import CallStarted, ReplyReceived
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step
from metaco.tools import Tool

pytest.importorskip("xllamacpp")
pytest.importorskip("gguf")
pytestmark = pytest.mark.llama

COLD = Sampling(temperature=0)


class Bag(Document):
    """A bag with a label, and not much in it."""

    label: Annotated[str, Field(pattern="^[a-z]{1,5}$")]
    things: list[Literal["apple", "pear"]] = Field(min_length=1, max_length=3)


class Empty(Document):
    """Nothing."""

    nothing: Literal["nothing"]


class Packer(Role):
    """Packs bags."""

    @action
    async def pack(self, requirement: Requirement) -> Bag | Empty:
        """Pack one, or say that there is nothing."""
        answer: Bag | Empty = await self.ask(Bag | Empty, requirement=requirement)
        return answer


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving_llama(tmp_path_factory.mktemp("llama")) as address:
        yield address


@pytest.fixture
async def model(url: str) -> AsyncIterator[OpenAIModel]:
    opened = open_model("openai:*", base_url=url)
    assert isinstance(opened, OpenAIModel)
    yield opened
    await opened.aclose()


def asks(max_tokens: int = 40, **more: Any) -> Request:
    prompt = more.pop("prompt", "Go on.")
    return Request(
        role="r", action="a", system="Be brief.", prompt=prompt, max_tokens=max_tokens, **more
    )


async def test_a_quick_request_is_streamed_and_counted(model: OpenAIModel) -> None:
    assert model.name == "openai:tiny"  # as the server says
    pieces: list[str] = []
    reply = await model.complete(replace(asks(), on_text=pieces.append))
    assert reply.finish == "length"
    assert reply.usage is not None
    assert reply.usage.reply == 40
    assert "".join(pieces) == reply.text
    assert len(pieces) > 10


async def test_a_seed_draws_the_same_reply_again(model: OpenAIModel) -> None:
    drawn = [Sampling(temperature=1.0, seed=seed) for seed in (1, 1, 2)]
    one, again, other = [(await model.complete(asks(sampling=each))).text for each in drawn]
    assert one == again != other


@pytest.mark.parametrize("temperature", [0.0, 1.0])
async def test_a_list_ends_where_its_constraints_are_part_of_the_schema(
    model: OpenAIModel, temperature: float
) -> None:
    drawn = Sampling(temperature=temperature, seed=1)
    request = asks(400, response_type=Bag, sampling=drawn, prompt="In JSON.")
    reply = await model.complete(request)
    bag = Bag.model_validate_json(reply.text)
    assert 1 <= len(bag.things) <= 3
    assert model.forms[0] == "constraints"


async def test_a_reply_that_goes_round_in_circles_is_ended(model: OpenAIModel) -> None:
    pieces: list[str] = []
    request = replace(asks(4_000, sampling=COLD), on_text=pieces.append)
    reply = await model.complete(request)
    assert reply.finish == "repetition"
    assert reply.usage is not None
    assert len(pieces) <= reply.usage.reply < 2_500
    varied = await model.complete(replace(asks(100), sampling=COLD.varied()))
    assert varied.text[:100] != reply.text[:100]


def put(thing: Literal["apple", "pear"]) -> str:
    """Put a thing onto the shelf."""
    return f"{thing} is there"


async def test_tools_are_told_in_words_where_its_template_knows_none(url: str) -> None:
    """Natively it takes tools and tells its model nothing of them, and does not say so."""
    told = Exchange(ToolCall("put", {"thing": "apple"}), "done", reply=1)
    tokens = []
    for tools in (True, False):
        provider = Provider("llamacpp", url, local=True, renames=True, tools=tools)
        model = OpenAIModel("llamacpp:tiny", model="tiny", base_url=url, provider=provider)
        for exchanges in ((), (told,)):
            request = asks(40, tools=(Tool.of(put).spec,), exchanges=exchanges, sampling=COLD)
            reply = await model.complete(request)
            assert reply.usage is not None
            tokens.append(reply.usage.prompt)
        last = asks(400, exchanges=(told,), response_type=Bag, prompt="In JSON.")
        assert Bag.model_validate_json((await model.complete(last)).text)
        await model.aclose()
    assert tokens[0] < 30
    assert tokens[2] > 150  # a token is a character
    assert tokens[3] > tokens[2]


async def test_a_company_works_with_it(tmp_path: Path, url: str) -> None:
    company = Company(
        SOP("packing", [Step(Packer, "pack", role_name="packer")]),
        workspace=tmp_path,
        settings=Settings(base_url=url, sampling={"packer": {"seed": 4, "max_tokens": 500}}),
        retry=Retry(1, 0),
    )
    result = await company.run("a bag for the road")
    assert result.ok, result
    assert isinstance(result.output, Bag | Empty)
    entries = await company.log.read(result.run)
    assert {call.model for call in facts(entries, CallStarted)} == {"openai:tiny"}
    assert all(not reply.uncounted for reply in facts(entries, ReplyReceived))
