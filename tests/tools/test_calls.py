"""Calls are read out of whatever a model wrote, and nothing else is taken for one."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaco.core.errors import ReplyError
from metaco.tools import Tool, ToolCall, call_tool, described, parse_calls


def read(path: str, start: int = 1) -> str:
    """Read a file.

    Args:
        path: the file.
    """
    return f"{path} {start}"


A, B = ToolCall("read", {"path": "a"}), ToolCall("read", {"path": "b {x} [y]"})
ONE = '{"tool": "read", "arguments": {"path": "a"}}'
TWO = '{"tool": "read", "arguments": {"path": "b {x} [y]"}}'


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        (ONE, [A]),
        (f"I will look.\n```json\n{ONE}\n```\nThen we see.", [A]),
        (f"[{ONE}, {TWO}]", [A, B]),
        (f"Both:\n```\n[\n{ONE},\n{TWO},\n]\n```", [A, B]),
        (f"{ONE}\n{TWO}", [A, B]),
        (f"First {ONE} and then {TWO}.", [A, B]),
        (f"<think>maybe {TWO}</think>{ONE}", [A]),
        (f'{{"tool_calls": [{ONE}, {TWO}]}}', [A, B]),
        ('{"name": "read", "arguments": "{\\"path\\": \\"a\\"}"}', [A]),
        ('{"type": "function", "function": {"name": "read", "arguments": {"path": "a"}}}', [A]),
        ('{"tool": {"name": "read", "parameters": {"path": "a"}}}', [A]),
        ("{'tool': 'read', 'args': {'path': 'a',},}", [A]),
        ('{"tool": "read"}', [ToolCall("read")]),
        ('{"tool": "read", "arguments": null}', [ToolCall("read")]),
        ('{"tool": "fly", "arguments": {}}', [ToolCall("fly")]),
        # answers, not calls
        ("The answer is 42.", []),
        ("", []),
        ("[]", []),
        ('{"name": "read"}', []),
        ('{"name": "Ada", "arguments": {"for": "reason"}}', []),
        ('{"tool": "hammer", "weight": 3}', []),
        ('{"tool": "read", "arguments": "not json"}', []),
        ('{"summary": "I used {tool: read}"}', []),
    ],
)
def test_calls_in_a_reply(text: str, calls: list[ToolCall]) -> None:
    assert parse_calls(text, ["read"]) == calls


@pytest.mark.parametrize("text", [ONE[:-3], f"[{ONE}, {TWO[:-20]}"])
def test_a_reply_that_is_cut_off_is_no_call(text: str) -> None:
    with pytest.raises(ReplyError):
        parse_calls(text, ["read"])


arguments = st.dictionaries(
    st.text(min_size=1), st.text() | st.integers() | st.booleans() | st.lists(st.text())
)


@given(st.lists(st.tuples(st.sampled_from(["read", "write"]), arguments), min_size=1, max_size=4))
def test_what_is_asked_for_is_read_as_it_is(wanted: list[tuple[str, dict[str, object]]]) -> None:
    text = json.dumps([{"tool": name, "arguments": args} for name, args in wanted])
    calls = parse_calls(f"```json\n{text}\n```", ["read", "write"])
    assert [(call.tool, call.dump()["arguments"]) for call in calls] == wanted


@given(st.text(alphabet='{}[]":,tool argumens\\\n`read1'))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_calls(text, ["read"])
    except ReplyError as error:
        assert error.text == text


def test_a_deep_reply_is_refused_or_nothing() -> None:
    for text in ("[" * 100_000, '{"tool":' * 5_000 + "1" + "}" * 5_000):
        with suppress(ReplyError):
            assert parse_calls(text, ["read"]) == []


def test_tools_are_described_in_few_words() -> None:
    text = described([Tool.of(read)])
    assert "- read(path: text, start: whole number?): Read a file.\n  path: the file." in text
    assert '{"tool": "NAME", "arguments":' in text


async def test_a_call_is_made_or_the_model_reads_why_not() -> None:
    tools = {"read": Tool.of(read)}
    assert (await call_tool(tools, A)).text == "a 1"
    result = await call_tool(tools, ToolCall("raed", {}))
    assert result.failed and "Did you mean read?" in result.text
    assert "The tools are read." in (await call_tool(tools, ToolCall("x" * 10**6, {}))).text


def test_equal_calls_have_one_text() -> None:
    assert str(ToolCall("a", {"x": 1, "y": 2}, id="1")) == str(ToolCall("a", {"y": 2, "x": 1}))
