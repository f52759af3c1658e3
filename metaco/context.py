"""The context of a turn: what a role may use while it works."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from metaco.core.document import Document
from metaco.core.model import Reply, Request
from metaco.core.permissions import Permissions
from metaco.core.sampling import Sampling
from metaco.core.sandbox import Sandbox

__all__ = ["Call", "Context", "How", "Perform"]

How: TypeAlias = Literal["again", "once", "ask"]
"""What to do about an effect that was begun and of which nothing was heard: do it again, never in
silence; or a person ends it."""


class Perform(Protocol):
    """Does something outside, unless it was done before; see `metaco.run.effects`."""

    async def __call__(
        self, name: str, about: Any, do: Callable[[], Awaitable[Any]], how: How = "again"
    ) -> Any: ...


async def _perform(
    name: str, about: Any, do: Callable[[], Awaitable[Any]], how: How = "again"
) -> Any:
    """Do it, where there is no run that could remember it."""
    return await do()


def _nothing(kind: str) -> str:
    return ""


class Call(Protocol):
    """Sends a request to the model of this role; the reply is logged before it is returned."""

    async def __call__(self, request: Request) -> Reply: ...


@dataclass(slots=True)
class Context:
    """What a role may use during one turn.

    Attributes:
        role, action: the names under which the SOP knows them.
        call: the way to the model.
        sandbox: opens the place where generated code may run.
        perform: the way to everything else outside.
        notes: what a person said about earlier versions; empty texts mean "try again".
        previous: what this turn published before the last note.
        findings: what `ask` could not get fixed; shown to the user and kept in the log.
        left_out: what of the replies could not be used; a warning of the run says so.
        model: the name of the model that will answer.
        lean: whether it gets short prompts, as small models need them.
        system: the system prompt of the SOP, if it has one.
        sampling: how replies are drawn, as settings and SOP say it of this role.
        tools: what the SOP lets the model call, besides what the role itself offers.
        permissions: what it may do with tools.
        granted: returns which earlier answer of a person allows one more call of a kind, and counts
            that; empty where none does.
        window: the most tokens that a conversation with tools may have.
    """

    role: str
    action: str
    call: Call
    sandbox: Callable[[], Awaitable[Sandbox]]
    perform: Perform = _perform
    notes: tuple[str, ...] = ()
    previous: tuple[Document, ...] = ()
    findings: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    model: str = ""
    lean: bool = False
    system: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    tools: tuple[Any, ...] = ()
    permissions: Permissions = field(default_factory=Permissions)
    granted: Callable[[str], str] = _nothing
    window: int = 100_000
