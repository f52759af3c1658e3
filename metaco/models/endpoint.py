"""What an endpoint answered, read with care: a reply, or why it refuses."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from metaco.core.errors import ProviderError
from metaco.core.model import Reply, ToolCall, Usage
from metaco.core.redaction import redact, without_keys

if TYPE_CHECKING:
    import openai

__all__ = [
    "numbers_in",
    "refusal_text",
    "reply_of",
    "retry_after",
    "room_left",
    "short",
]


def reply_of(completion: Any) -> Reply:
    """Make the reply of the JSON that an endpoint sent; nothing in it is taken for granted."""
    error = _table(completion).get("error")  # gateways report failures with status 200, too
    choices = _table(completion).get("choices")
    if not isinstance(choices, list) or not choices:
        code = error.get("code") if isinstance(error, dict) else None
        raise ProviderError(
            f"The endpoint sent no choice: {short(str(error or completion))}.",
            "Try again later, or check that the base URL is an OpenAI-compatible one.",
            status=code if isinstance(code, int) and 400 <= code < 600 else None,
            maybe_billed=not error,  # what it left out may be on the bill
        )
    choice = _table(choices[0])
    message = _table(choice.get("message"))
    text = _text(message.get("content"))
    finish = choice.get("finish_reason") or "stop"
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal and not text:
        text, finish = refusal, "content_filter"
    model = _table(completion).get("model")
    calls = _calls(message.get("tool_calls"))
    usage = _usage(_table(_table(completion).get("usage")))
    if usage and not (usage.prompt and (usage.reply or not (text or calls))):
        usage = None  # something was sent, and something came
    model = model if isinstance(model, str) else ""
    # Some gateways repeat what they were sent. From here on log, documents and recordings agree.
    return Reply(
        without_keys(text), usage, without_keys(model), without_keys(str(finish)), calls=calls
    )


def _calls(said: Any) -> tuple[ToolCall, ...]:
    """Return the calls of tools in a message; arguments that are no object stay a text."""
    calls = []
    for each in said if isinstance(said, list) else ():
        function = _table(_table(each).get("function"))
        name, given = function.get("name"), function.get("arguments")
        text = without_keys(given if isinstance(given, str) else json.dumps(given or {}))
        try:
            arguments = json.loads(text.strip() or "{}", strict=False)
        except (ValueError, RecursionError):  # not mended: it may be the beginning only
            arguments = None
        if isinstance(name, str) and name:
            made = arguments if isinstance(arguments, dict) else text
            calls.append(ToolCall(without_keys(name), made, str(_table(each).get("id") or "")))
    return tuple(calls)


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(content: Any) -> str:
    if isinstance(content, list):  # some endpoints send parts
        return "".join(_text(p.get("text")) for p in content if isinstance(p, dict))
    return content if isinstance(content, str) else ""


def _usage(counts: dict[str, Any]) -> Usage | None:
    """Return what the endpoint counted, or None where that cannot be."""
    cached = _table(counts.get("prompt_tokens_details")).get("cached_tokens")
    if type(cached) is not int:
        cached = counts.get("prompt_cache_hit_tokens")  # DeepSeek's name for it
    prompt, reply = (counts.get(f"{name}_tokens") for name in ("prompt", "completion"))
    usage = Usage(prompt, reply, cached if type(cached) is int else 0)  # type: ignore[arg-type]
    return usage if usage.sound else None


def refusal_text(error: openai.APIStatusError) -> str:
    """Return what the endpoint says of its refusal, whatever form it gave it."""
    body: Any = error.body
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        body = body["error"]
    if isinstance(body, dict):
        parts = [body.get(k) for k in ("message", "code", "param", "detail", "error")]
        body = "; ".join(str(p) for p in parts if p)
    if not body:
        return error.message
    return re.sub(r"<[^>]*>", " ", body) if isinstance(body, str) else str(body)


def room_left(error: ProviderError) -> int:
    """Return the tokens that a refused prompt leaves for its reply, if the refusal tells."""
    size = re.search(r"maximum context length (?:is|of) (\d+)", error.problem)
    sent = re.search(r"(\d+) (?:input tokens|in the (?:messages|prompt))", error.problem)
    room = int(size[1]) - int(sent[1]) if size and sent and error.status == 400 else 0
    return room if room >= 256 else 0


def numbers_in(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"(?<![\w.-])\d{1,9}(?![\w-])", text.replace(",", ""))]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds an endpoint asks to wait: milliseconds, seconds or an HTTP date."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        try:
            seconds = float(value) / unit
        except ValueError:
            try:
                seconds = parsedate_to_datetime(value).timestamp() - time.time()
            except (ValueError, TypeError, OverflowError):
                continue
        if math.isfinite(seconds):
            return max(seconds, 0.0)
    return None


def short(text: str, most: int = 400) -> str:
    text = " ".join(redact(text).split())  # first, so that no half of a key is left
    return text if len(text) <= most else text[: most - 3] + "..."
