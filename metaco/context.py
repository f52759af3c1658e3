"""The context of a turn: what a role may use while it works."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from metaco.core.document import Document
from metaco.core.errors import ConfigurationError
from metaco.core.model import Reply, Request
from metaco.core.permissions import Permissions
from metaco.core.sampling import Sampling
from metaco.core.sandbox import Sandbox

if TYPE_CHECKING:
    from metaco.tools import Tool

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


async def _resource(name: str) -> Any:
    raise ConfigurationError(f"There is no resource {name!r} outside of a run.", "Run a company.")


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
        resource: gives what lives as long as the run, by its name in ``Company(resources=...)``.
        run: runs another SOP from some documents; returns what it made, what it is for first.
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
    resource: Callable[[str], Awaitable[Any]] = _resource
    run: Callable[[Any, Sequence[Any]], Awaitable[list[Document]]] | None = None
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

    async def mcp(self, server: str) -> list[Tool]:
        """Return the tools of an MCP server: ``[mcp.SERVER]`` of the settings.

        What it offers is in the log: a turn that runs again starts the server only for calls that
        it has not made before.

        Raises:
            ConfigurationError: there is no such server, or it cannot be used.
        """
        from metaco.tools.mcp import Connection, Offer

        async def connection() -> Connection:
            return await self.resource(f"mcp.{server}")  # type: ignore[no-any-return]

        async def offers() -> list[dict[str, Any]]:
            return [asdict(offer) for offer in (await connection()).offers]

        listed = await self.perform("mcp", {"server": server}, offers)
        return [Offer(**each).bound(connection) for each in listed]
