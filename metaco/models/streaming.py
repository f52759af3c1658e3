"""A streamed reply, put together: what the endpoint would have sent in one piece.

Nothing half-done leaves this module: a reply is whole, or was ended because it repeats itself, or
is a `ProviderError`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from metaco.core.errors import ProviderError

__all__ = ["assembled", "repeats"]

_TIMES, _LENGTH, _SAMPLE, _WINDOW = 8, 1500, 64, 12_000


def _as_it_is(chunk: Any) -> Any:
    return chunk


async def assembled(
    chunks: AsyncIterator[bytes],
    on_text: Callable[[str], None],
    idle: float,
    read: Callable[[Any], Any] = _as_it_is,
) -> dict[str, Any]:
    """Return a streamed chat completion in one piece, and in how many `pieces` it came.

    Args:
        chunks: the body of the response, as it comes.
        on_text: is called with each piece of the reply; an empty one stands for a token of a
            thought, or of a call to a tool.
        idle: seconds within which another token has to follow.
        read: makes a chunk of a chat completion of each object in the stream.

    Raises:
        ProviderError: no token came for so long, or the stream broke off.
        ValueError: it is no stream of a chat completion.
    """
    whole, loop = _Whole(), asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as guard:  # the first token may take longer
            async for line in _lines(chunks):
                name, _, data = line.partition(b":")
                if name != b"data":
                    continue  # a comment that keeps the connection open is no token
                if (data := data.strip()) == b"[DONE]":
                    whole.ended = True
                    break
                for piece in whole.take(read(json.loads(data))):
                    guard.reschedule(loop.time() + idle)
                    on_text(piece)
                if whole.loops():
                    break
    except TimeoutError:
        if not guard.expired():
            raise
        raise ProviderError(
            f"The reply stopped: no token came for {idle:g} seconds.",
            "Try again later, or increase idle of the provider in metaco.toml.",
            maybe_billed=True,
        ) from None
    return whole.completion()


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the lines of a body; texts may hold what other readers take for the end of one."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line
    yield rest


class _Whole:
    """A chat completion that grows."""

    def __init__(self) -> None:
        self.ended = False
        self._facts: dict[str, Any] = {}
        self._texts: dict[str, list[str]] = {"content": [], "refusal": []}
        self._tools: dict[int, dict[str, Any]] = {}
        self._finish: object = None
        self._tail, self._unseen, self._pieces = "", 0, 0

    def take(self, chunk: Any) -> list[str]:
        """Take in one more chunk and return the pieces of text in it."""
        if not isinstance(chunk, dict):
            raise ValueError("a chunk of the stream is no object")
        self._facts |= {k: v for k, v in chunk.items() if v and k in ("model", "usage", "error")}
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return []
        self._finish = choice.get("finish_reason") or self._finish
        delta = choice.get("delta")
        pieces = self._add(delta) if isinstance(delta, dict) else []
        self._pieces += len(pieces)
        return pieces

    def _add(self, delta: dict[str, Any]) -> list[str]:
        pieces = []
        for name, value in delta.items():
            if name == "tool_calls" and isinstance(value, list):
                for call in value:
                    self._add_tool(call)
                pieces.append("")
            elif isinstance(value, str) and value and name != "role":
                self._tail, self._unseen = self._tail + value, self._unseen + len(value)
                if name in self._texts:
                    self._texts[name].append(value)
                pieces.append(value if name == "content" else "")
        return pieces

    def _add_tool(self, call: Any) -> None:
        call = call if isinstance(call, dict) else {}
        known = self._tools.setdefault(int(call.get("index") or 0), {"type": "function"})
        if call.get("id"):
            known["id"] = call["id"]
        function = known.setdefault("function", {"name": "", "arguments": ""})
        for name, value in (call.get("function") or {}).items():
            function[name] = function.get(name, "") + (value or "")

    def loops(self) -> bool:
        """Return whether the reply repeats itself; looked at now and then."""
        if self._unseen < 256:
            return False
        self._tail, self._unseen = self._tail[-_WINDOW:], 0
        if repeats(self._tail):
            self._finish, self.ended = "repetition", True
        return self._finish == "repetition"

    def completion(self) -> dict[str, Any]:
        if not (self.ended or self._finish or "error" in self._facts):
            raise ProviderError(
                "The reply broke off before its end.", "Try again later.", maybe_billed=True
            )
        texts = {name: "".join(parts) for name, parts in self._texts.items() if parts}
        tools = [call for _, call in sorted(self._tools.items())]
        message = {**texts, **({"tool_calls": tools} if tools else {})}
        choice = {"message": message, "finish_reason": self._finish}
        choices = [] if "error" in self._facts else [choice]
        return {**self._facts, "choices": choices, "pieces": self._pieces}


def repeats(text: str) -> bool:
    """Return whether `text` ends in the same words over and over, beyond what has a meaning."""
    place = text.rfind(text[-_SAMPLE:], 0, -1)
    if place < 0 or len(text) < _SAMPLE:
        return False
    period = len(text) - _SAMPLE - place
    length = max(_LENGTH, period * _TIMES)
    return len(text) >= length and text[-length:-period] == text[period - length :]
