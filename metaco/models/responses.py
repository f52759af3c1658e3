"""The Responses API of OpenAI: requests and answers, from and into the form of chat completions.

Everything else about an endpoint (what it refuses, how a stream is watched, what a reply must be)
is the same for both, so only the form of what is sent and received is translated here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["body_of", "chunk_of", "completion_of"]

_SAME = ("model", "stream", "temperature", "top_p", "extra_headers", "extra_body")
_FINISH = {"max_output_tokens": "length", "content_filter": "content_filter"}


def body_of(chat: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body that asks what the body of a chat completion asks."""
    asked: dict[str, Any] = {name: chat[name] for name in _SAME if name in chat}
    asked["input"] = [item for message in chat["messages"] for item in _items(message)]
    asked["store"] = False  # the whole conversation is sent each time
    if limit := chat.get("max_completion_tokens") or chat.get("max_tokens"):
        asked["max_output_tokens"] = limit
    if effort := chat.get("reasoning_effort"):
        asked["reasoning"] = {"effort": effort}
    if form := chat.get("response_format"):
        asked["text"] = {"format": {"type": form["type"], **form.get("json_schema", {})}}
    if tools := chat.get("tools"):
        asked["tools"] = [
            {"type": "function", **each["function"], "strict": False} for each in tools
        ]
    return asked


def _items(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the items of the input that a message is."""
    role, content = message["role"], message["content"]
    if role == "tool":
        call = message["tool_call_id"]
        return [{"type": "function_call_output", "call_id": call, "output": content}]
    items: list[dict[str, Any]] = []
    if content:
        parts = content if isinstance(content, str) else list(map(_part, content))
        items.append({"role": role, "content": parts})
    for call in message.get("tool_calls", ()):
        items.append({"type": "function_call", "call_id": call["id"], **call["function"]})
    return items


def _part(part: Mapping[str, Any]) -> dict[str, Any]:
    if part["type"] == "image_url":
        return {"type": "input_image", "image_url": part["image_url"]["url"]}
    if part["type"] == "file":
        return {"type": "input_file", **part["file"]}
    return {"type": "input_text", "text": part["text"]}


def completion_of(response: Any) -> dict[str, Any]:
    """Return the chat completion that says what a response says."""
    response = _table(response)
    content, refusal, calls = "", "", []
    for item in _list(response.get("output")):
        if item.get("type") == "function_call":
            calls.append(_call(item))
        for part in _list(item.get("content")) if item.get("type") == "message" else ():
            content += str(part.get("text") or "")
            refusal += str(part.get("refusal") or "")
    message = {"content": content, "refusal": refusal, **({"tool_calls": calls} if calls else {})}
    choice = {"message": message, "finish_reason": _finish(response)}
    failed = response.get("error") or not response.get("output")
    return _facts(response) | {"choices": [] if failed else [choice]}


def chunk_of(event: Any) -> dict[str, Any]:
    """Return the chunk of a streamed chat completion that says what an event says."""
    event = _table(event)
    kind, delta = str(event.get("type")), event.get("delta")
    if kind == "error":
        return {"error": event}
    if kind in ("response.completed", "response.incomplete", "response.failed"):
        response = _table(event.get("response"))
        return _chunk({}, _finish(response)) | _facts(response)
    if kind == "response.output_text.delta":
        return _chunk({"content": delta})
    if kind == "response.refusal.delta":
        return _chunk({"refusal": delta})
    item, index = _table(event.get("item")), event.get("output_index")
    if kind == "response.output_item.added" and item.get("type") == "function_call":
        return _chunk({"tool_calls": [{"index": index, **_call({**item, "arguments": ""})}]})
    if kind == "response.function_call_arguments.delta":
        return _chunk({"tool_calls": [{"index": index, "function": {"arguments": delta}}]})
    return _chunk({"thought": delta} if kind.endswith(".delta") else {})


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"delta": delta, "finish_reason": finish}]}


def _call(item: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": item.get("name"), "arguments": item.get("arguments")}
    return {"id": item.get("call_id"), "type": "function", "function": function}


def _finish(response: Mapping[str, Any]) -> str:
    why = _table(response.get("incomplete_details")).get("reason")
    return _FINISH.get(str(why), str(why)) if why else "stop"


def _facts(response: Mapping[str, Any]) -> dict[str, Any]:
    """Return the name of the model, the tokens, and the error, as chat completions have them."""
    facts = {name: response[name] for name in ("model", "error") if response.get(name)}
    if usage := _table(response.get("usage")):
        facts["usage"] = {
            "prompt_tokens": usage.get("input_tokens"),
            "completion_tokens": usage.get("output_tokens"),
            "prompt_tokens_details": usage.get("input_tokens_details"),
        }
    return facts


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
