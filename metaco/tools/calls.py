"""Calls of tools: made, described to models without native calls, and read from their replies."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from metaco.core.errors import ReplyError, ToolError
from metaco.core.model import Reply, Request
from metaco.core.suggest import suggest
from metaco.core.tool_calls import ToolCall, ToolSpec, by_reply
from metaco.reply.objects import find, repair, without_thoughts
from metaco.tools.tool import Tool, ToolResult

__all__ = ["call_tool", "described", "in_text", "parse_calls", "with_calls"]


async def call_tool(tools: Mapping[str, Tool], call: ToolCall) -> ToolResult:
    """Call the tool that a model named; one that is not there is a result that failed.

    Raises:
        MetacoError: as `Tool.call`.
    """
    if tool := tools.get(call.tool):
        return await tool.call(call.arguments)
    remedy = suggest(call.tool[:80], sorted(tools), "The tools are")
    error = ToolError(f"There is no tool {call.tool[:80]!r}.", remedy)
    return ToolResult(str(error), failed=True)


def described(tools: Iterable[Tool | ToolSpec]) -> str:
    """Return what tools there are and how to call them, for models without native calls."""
    lines = ["Tools:"]
    for tool in tools:
        fields: Mapping[str, Any] = tool.schema.get("properties", {})
        shown = ", ".join(f"{name}: {_kind(node)}" for name, node in fields.items())
        lines.append(f"- {tool.name}({shown}): {' '.join(tool.about.split())}")
        lines += [
            f"  {name}: {node['description']}" for name, node in fields.items()
            if node.get("description")
        ]  # fmt: skip
    return "\n".join(
        [
            *lines,
            "",
            "To call a tool, answer with JSON alone, or with a list of such objects:",
            '{"tool": "NAME", "arguments": {"ARGUMENT": VALUE}}',
        ]
    )


def in_text(request: Request) -> Request:
    """Return a request that holds its tools and what came of calls in words.

    `with_calls` reads the reply to it.
    """
    said = []
    for some in by_reply(request.exchanges):
        calls = [json.loads(str(each.call)) for each in some]
        call = json.dumps(calls if len(calls) > 1 else calls[0], ensure_ascii=False)
        results = [f"Result of {each.call.tool}:\n{each.result}" for each in some]
        said.append(("\n\n".join(filter(None, [some[0].text, call])), "\n\n".join(results)))
    tools = [described(request.tools), "An answer without a call is final."]
    return replace(
        request,
        prompt="\n\n".join([request.prompt, *(tools if request.tools else [])]),
        rejected_replies=(*said, *request.rejected_replies),
        tools=(),
        exchanges=(),
    )


def with_calls(reply: Reply, tools: Iterable[ToolSpec]) -> Reply:
    """Return a reply with the calls that its text holds, if it does."""
    try:
        calls = parse_calls(reply.text, [each.name for each in tools])
    except ReplyError:  # what cannot be read will be said to the model as of any answer
        return reply
    return replace(reply, calls=tuple(calls))


_KINDS = {"string": "text", "integer": "whole number", "boolean": "true or false"}


def _kind(node: Mapping[str, Any]) -> str:
    for several in ("anyOf", "oneOf"):
        if several in node:
            inner = [_kind(one) for one in node[several] if one.get("type") != "null"]
            optional = "?" if len(inner) < len(node[several]) else ""
            return " or ".join(inner) + optional
    if "enum" in node:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in node["enum"])
    kind = str(node.get("type", "object" if "$ref" in node else "any"))
    if kind == "array":
        return f"[{_kind(node.get('items', {}))}, ...]"
    return _KINDS.get(kind, kind)


def parse_calls(text: str, names: Collection[str]) -> list[ToolCall]:
    """Return the calls in a reply, in order; none where it holds something else, as an answer.

    Args:
        text: the reply as it came, with words, fences or thoughts around the calls or without.
        names: of the tools there are. An object that names another under ``tool`` is a call, too.

    Raises:
        ReplyError: it ends within an object, so that a call may be missing.
    """
    try:
        calls = [call for value in _values(text) for call in _calls(value, names)]
    except RecursionError:
        raise ReplyError("The reply is nested too deeply.", text=text) from None
    return calls


def _values(text: str) -> Iterator[Any]:
    scan = find(text)
    if scan.unfinished:
        raise ReplyError("The reply ends within a JSON object: send the calls again.", text=text)
    if scan.listed > 1:  # objects of a list, which the scan only counts
        answer = without_thoughts(text)
        for start in re.finditer(r"\[\s*\{", answer):
            try:
                value, _ = json.JSONDecoder(strict=False).raw_decode(answer, start.start())
            except ValueError:
                value = repair(answer[start.start() : answer.rfind("]") + 1])
            if isinstance(value, list):
                yield value
                return
        raise ReplyError("The list in the reply is no JSON: send the calls again.", text=text)
    yield from scan.objects


def _calls(value: Any, names: Collection[str], depth: int = 3) -> Iterator[ToolCall]:
    """Yield the calls in a value: an object, a list of them, or what models wrap around them."""
    if isinstance(value, list):
        for one in value:
            yield from _calls(one, names, depth)
    if not isinstance(value, dict) or not depth:
        return
    name = value.get("tool", value.get("name", value.get("function")))
    key = next((key for key in _ARGUMENTS if key in value), "")
    arguments = _object(value.get(key, {}))
    sure = "tool" in value and (key or len(value) == 1)
    if isinstance(name, str) and arguments is not None and (sure or (key and name in names)):
        yield ToolCall(name, arguments)
    else:
        for wrapper in ("tool", "tool_calls", "calls", "function", "tool_call"):
            yield from _calls(value.get(wrapper), names, depth - 1)


_ARGUMENTS = ("arguments", "args", "parameters", "input")


def _object(value: Any) -> dict[str, Any] | None:
    """Return an object that may be in a string, as endpoints write arguments."""
    if isinstance(value, str):
        try:
            value = json.loads(value or "{}", strict=False)
        except ValueError:
            return None
    return {} if value is None else value if isinstance(value, dict) else None
