"""A typed function is a tool: described by its docstring, checked, and never raising at a model."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from metaco.core.errors import ConfigurationError, LimitReached, ToolError
from metaco.core.redaction import register_secret
from metaco.tools import Tool, ToolResult, tool, tools_by_name
from metaco.tools.tool import STORED


class Place(BaseModel):
    """A part of an argument, with names that JSON schema uses itself."""

    title: str
    default: int = 0


def weather(
    city: str, days: int = 3, unit: Literal["C", "F"] = "C", at: Place | None = None
) -> str:
    """Say what the weather will be.

    It may be wrong.

    Args:
        city: its name,
            as it is called there.
        days, unit: how far, and in what.

    Raises:
        ToolError: nobody knows.
    """
    return f"{city} {days} {unit} {at.title if at else ''}".strip()


def test_a_function_describes_itself() -> None:
    made = Tool.of(weather)
    assert (made.name, made.about) == (
        "weather",
        "Say what the weather will be.\n\nIt may be wrong.",
    )
    assert made.schema["required"] == ["city", "days", "unit", "at"]
    fields = made.schema["properties"]
    assert fields["city"] == {
        "type": "string",
        "description": "its name, as it is called there.",
    }
    assert fields["days"]["anyOf"] == [{"type": "integer"}, {"type": "null"}]
    assert fields["days"]["description"] == "how far, and in what. Default: 3."
    assert not made.once


def objects(node: Any) -> list[Mapping[str, Any]]:
    """Return all objects of a schema."""
    if isinstance(node, list):
        return [each for one in node for each in objects(one)]
    if not isinstance(node, dict):
        return []
    inner = [each for one in node.values() for each in objects(one)]
    return [node, *inner] if node.get("type") == "object" else inner


def nothing() -> None:
    """Do nothing."""


@pytest.mark.parametrize("function", [weather, nothing])
def test_the_schema_has_the_strict_form(function: Any) -> None:
    schema = Tool.of(function).schema
    assert objects(schema)
    for each in objects(schema):
        assert each["additionalProperties"] is False
        assert each["required"] == list(each["properties"])
    (place,) = schema.get("$defs", {"": {"properties": {"title": 1, "default": 1}}}).values()
    assert set(place["properties"]) == {"title", "default"}


async def test_it_is_called_with_what_a_model_gave() -> None:
    made = Tool.of(weather)
    assert await made.call({"city": "Rome"}) == ToolResult("Rome 3 C")
    given = {"city": "Rome", "days": None, "unit": "F", "at": {"title": "port"}}
    assert (await made.call(given)).text == "Rome 3 F port"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "city is missing"),
        ({"city": "Rome", "town": 1}, "town is not one of them"),
        ({"city": "Rome", "days": "soon"}, "days: Input should be a valid integer"),
        ({"city": None}, "city: Input should be a valid string, got null"),
        ({"city": "Rome", "unit": "K"}, "'C' or 'F', got \"K\""),
        ({"city": "Rome", "at": {}}, "at.title is missing"),
        (["Rome"], "no JSON object"),
        ("Rome", "no JSON object"),
        ({"city": "x" * 10**6, "days": "y" * 10**6}, "bytes are left out"),
    ],
)
async def test_wrong_arguments_are_a_sentence_for_the_model(arguments: Any, said: str) -> None:
    result = await Tool.of(weather).call(arguments)
    assert result.failed and "weather" in result.text and said in result.text
    assert len(result.text) < 500


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from(["city", "days", "unit", "at", "x"]), json_values))
def test_no_arguments_make_a_call_raise(arguments: dict[str, Any]) -> None:
    asyncio.run(Tool.of(weather).call(arguments)).text.encode()


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def apply(self, changes: Mapping[str, Any]) -> None:
        self.count = changes["count"]

    @tool(name="add", once=True)
    async def plus(self, n: int) -> ToolResult:
        """Add to the counter."""
        self.count += n
        return ToolResult("done", {"count": self.count})


async def test_a_method_is_a_tool_whose_changes_can_be_made_again() -> None:
    made = Tool.of(Counter().plus)
    assert (made.name, made.once) == ("add", True)
    result = await made.call({"n": 3})
    assert result.changes == {"count": 3}
    other = Counter()
    again = Tool.of(other.plus)
    assert again.apply
    again.apply(result.changes)
    assert other.count == 3


async def test_a_sync_function_runs_in_a_thread_and_an_async_one_does_not() -> None:
    def where() -> bool:
        """Say where."""
        return threading.current_thread() is threading.main_thread()

    async def where_too() -> bool:
        """Say where."""
        return where()

    assert [(await Tool.of(f).call({})).text for f in (where, where_too)] == ["false", "true"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        (None, ""),
        ({"a": [1, Place(title="t")]}, '{"a":[1,{"title":"t","default":0}]}'),
        (b"\xff\x00", '"_wA="'),
        ("half \ud800", "half ?"),
    ],
)
async def test_what_it_returns_becomes_text(value: Any, text: str) -> None:
    async def give() -> Any:
        """Give it."""
        return value

    assert (await Tool.of(give).call({})).text == text


async def test_a_huge_result_is_cut_twice() -> None:
    def flood() -> str:
        """Flood."""
        return "a" * 300_000 + "é" * 1_000_000 + "z" * 300_000

    result = await Tool.of(flood).call({})
    assert STORED - 3 <= len(result.text.encode()) <= STORED
    assert len(result.shown(500).encode()) <= 500
    assert result.shown(500).startswith("aaa") and result.shown(500).endswith("zzz")
    assert "bytes are left out" in result.shown(500)


async def test_errors_go_to_the_model_without_keys_and_those_of_metaco_up() -> None:
    register_secret("a-secret-of-16-chars")

    def fail(how: str) -> str:
        """Fail."""
        if how == "tool":
            raise ToolError("It is closed.", "Come later.")
        if how == "limit":
            raise LimitReached("No money.")
        raise KeyError("a-secret-of-16-chars")

    made = Tool.of(fail)
    assert await made.call({"how": "tool"}) == ToolResult("It is closed. Come later.", failed=True)
    assert (await made.call({"how": ""})).text == "fail failed. KeyError: '***'"
    with pytest.raises(LimitReached):
        await made.call({"how": "limit"})


def no_doc(x: int) -> None:
    pass


def no_hint(x) -> None:  # type: ignore[no-untyped-def]
    """Do."""


def no_name(*x: int) -> None:
    """Do."""


def no_json(x: Path | threading.Thread) -> None:
    """Do."""


@pytest.mark.parametrize("function", [no_doc, no_hint, no_name, no_json, lambda: None])
def test_what_cannot_be_described_is_an_error(function: Any) -> None:
    with pytest.raises(ConfigurationError, match="tool"):
        Tool.of(function)


def test_two_of_one_name_are_an_error() -> None:
    assert list(tools_by_name([weather, Tool.of(nothing)])) == ["weather", "nothing"]
    with pytest.raises(ConfigurationError, match="Two tools are called weather"):
        tools_by_name([weather, Tool.of(weather)])


def test_the_schema_can_be_sent() -> None:
    assert json.loads(json.dumps(Tool.of(weather).schema)) == Tool.of(weather).schema
