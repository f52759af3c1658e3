"""What models and tools say to one another, as plain data: offers, calls, exchanges."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

__all__ = ["Exchange", "ToolCall", "ToolSpec", "by_reply"]


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """What a model is told of a tool.

    Attributes:
        name: what the model calls it.
        about: what it does.
        schema: its arguments as JSON schema.
    """

    name: str
    about: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a model wants done.

    Attributes:
        tool: its name.
        arguments: by name, as they came; a text where they are no JSON object.
        id: what an endpoint with native calls calls it.
    """

    tool: str
    arguments: Mapping[str, Any] | str = field(default_factory=dict)
    id: str = field(default="", compare=False)

    def __str__(self) -> str:
        """The call as JSON, the same for equal calls."""
        return json.dumps(
            {"tool": self.tool, "arguments": self.arguments}, sort_keys=True, ensure_ascii=False
        )

    def dump(self) -> dict[str, Any]:
        """Return what logs and recordings hold of it, as plain JSON; `ToolCall(**it)` reads it."""
        arguments = self.arguments if isinstance(self.arguments, str) else dict(self.arguments)
        id_ = {"id": self.id} if self.id else {}
        return {"tool": self.tool, "arguments": arguments, **id_}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call and the text of its result.

    Attributes:
        call: what the model wanted done.
        result: what it is told of it.
        text: what it said besides; with several calls in one reply, the first of them has it.
        reply: the ordinal of the reply that made the call, from 1.
    """

    call: ToolCall
    result: str
    text: str = ""
    reply: int = 0

    def dump(self) -> dict[str, Any]:
        """Return what logs, recordings and digests hold of it, as plain JSON."""
        call = self.call.dump()
        call.pop("id", None)  # chosen by an endpoint, and no part of what is said
        return {**call, "result": self.result}


def by_reply(exchanges: Sequence[Exchange]) -> list[list[Exchange]]:
    """Return exchanges by the replies that made them, in order."""
    return [list(some) for _, some in groupby(exchanges, lambda each: each.reply)]
