"""Tools of MCP servers: programs of others that are started, or asked at an address.

::

    server = Server.of("files", {"command": ["python", "server.py"]}, "here")
    async with server.open() as connection:
        result = await connection.tools[0].call({"path": "notes.txt"})

A server is code of somebody else and runs with the permissions of its user, not in the sandbox. It
gets what `Server.env` names, the arguments of calls, and nothing more: no model, no files, no word
with the person. The library is the extra ``metaco[mcp]``; it speaks the stateless protocol, and the
older one with servers that know no other.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, fields
from typing import Any

from metaco.core.document import digest
from metaco.core.errors import ConfigurationError, MetacoError, ToolError
from metaco.core.held import Held
from metaco.core.redaction import redact, register_secret
from metaco.core.suggest import suggest
from metaco.tools.content import as_result
from metaco.tools.shorten import shorten
from metaco.tools.tool import Tool, ToolResult

__all__ = ["Connection", "Offer", "Server", "not_installed"]

_PAGES = 100
"""The most pages of a list of tools that are read."""


@dataclass(frozen=True, slots=True)
class Server:
    """An MCP server, as the settings say it: ``[mcp.NAME]``.

    Attributes:
        name: what it is called here; the names of its tools begin with it.
        command: starts it, a word each; it is talked to over its standard input and output.
        url: where it is instead, by HTTP.
        env: variables that `command` gets, besides HOME, LOGNAME, PATH, SHELL, TERM and USER.
        key_env: the variable whose value goes to `url` as a bearer token.
        timeout: seconds that its start may take, and each call.
        allow: its tools that are offered, by the names it gives them; all if there are none.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    env: tuple[str, ...] = ()
    key_env: str = ""
    timeout: float = 60.0
    allow: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, table: Any, source: str) -> Server:
        """Read a server from a table as it stands in settings.

        Args:
            source: what to call the table in messages.

        Raises:
            ConfigurationError: a name is not known, or a value cannot be used.
        """
        where = f"mcp.{name} ({source})"
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,31}", name):
            raise ConfigurationError(
                f"{name!r} is no name for an MCP server ({source}).", "Write one as [mcp.files]."
            )
        if not isinstance(table, Mapping):
            raise ConfigurationError(f"{where} is not a table.", _EXAMPLE)
        known = [each.name for each in fields(cls)][1:]
        for key, value in table.items():
            if key not in known:
                raise ConfigurationError(
                    f"{where} has no setting {key!r}.", suggest(key, known, "There are")
                )
            if not _FITS[key](value):
                raise ConfigurationError(f"{key} = {value!r} of {where} cannot be used.", _EXAMPLE)
        if ("command" in table) == ("url" in table):
            raise ConfigurationError(f"{where} needs either a command or a url.", _EXAMPLE)
        for key, other in (("env", "command"), ("key_env", "url")):
            if key in table and other not in table:
                raise ConfigurationError(f"{key} of {where} is for one with {other}.", _EXAMPLE)
        values: dict[str, Any] = dict(table)
        lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
        return cls(name, **values | lists)

    @property
    def where(self) -> str:
        """What it is, for people: its command, or its address without what may be secret there."""
        return f"`{' '.join(self.command)}`" if self.command else self.url.partition("?")[0]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Connection]:
        """Start or reach the server for as long as the context lasts.

        Raises:
            ConfigurationError: that fails, the extra is not installed, a variable is not set, or a
                tool of `allow` is not there.
        """
        connection = Connection(self)
        try:
            await connection.start()
            yield connection
        finally:
            await connection.close()


_EXAMPLE = 'Write [mcp.files] command = ["python", "server.py"], or [mcp.web] url = "https://...".'


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "command": lambda value: _is_words(value) and bool(value),
    "url": lambda value: isinstance(value, str) and bool(re.match(r"https?://[^\s@]+$", value)),
    "env": _is_words,
    "key_env": lambda value: isinstance(value, str) and bool(value),
    "timeout": lambda value: isinstance(value, int | float) and 0 < value < 1e6,
    "allow": lambda value: _is_words(value) and bool(value),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool that a server has, as plain JSON can hold it.

    Attributes:
        tool: what the server calls it.
        name, about, schema, once: see `Tool`. The schema is as the server gave it: an argument
            that it does not require may be left out.
    """

    tool: str
    name: str
    about: str
    schema: Mapping[str, Any]
    once: bool

    def bound(self, connection: Callable[[], Awaitable[Connection]]) -> Tool:
        """Return it as a tool that asks for the connection once it is called."""

        async def run(arguments: Mapping[str, Any]) -> ToolResult:
            return await (await connection()).call(self.tool, arguments)

        return Tool(self.name, self.about, self.schema, run, self.once, ask="yes")


class Connection:
    """A server that is open; `Server.open` makes it.

    A server that ends is started once more, for the next call.

    Attributes:
        offers: the tools it has and may be asked for.
        version: of the protocol.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.offers: list[Offer] = []
        self.version = ""
        self._held: Held[Any] | None = None
        self._starts = 0

    @property
    def tools(self) -> list[Tool]:
        """The same as tools."""

        async def this() -> Connection:
            return self

        return [offer.bound(this) for offer in self.offers]

    async def start(self) -> None:
        """Open it, and ask what tools it has."""
        client = await self._hold().value()
        name, self.version = self.server.name, client.protocol_version
        try:
            async with asyncio.timeout(self.server.timeout):
                listed = await _listed(client)
        except Exception as error:
            raise _unusable(self.server, error) from error
        names = [each.name for each in listed]
        for wanted in self.server.allow:
            if wanted not in names:
                raise ConfigurationError(
                    f"The MCP server {name} has no tool {wanted!r}, which allow names.",
                    suggest(wanted, names, "It has"),
                )
        allowed = self.server.allow or names
        self.offers = [_offer(name, each) for each in listed if each.name in allowed]

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> ToolResult:
        """Call a tool by the name that the server gives it.

        Raises:
            ToolError: it took too long, the server refused, or it ended.
        """
        name = self.server.name
        if not isinstance(arguments, Mapping):
            raise ToolError(f"The arguments of {tool} are no JSON object.", "Send an object.")
        held = self._hold()
        try:
            client = await held.value()
        except ConfigurationError as error:  # it does not start again
            await self._drop(held)
            raise ToolError(error.problem) from error
        try:
            async with asyncio.timeout(self.server.timeout):
                return as_result(await client.call_tool(tool, dict(arguments)))
        except TimeoutError:
            raise ToolError(
                f"{tool} took longer than {self.server.timeout:g} seconds.",
                "Whether it was done is not known.",
            ) from None
        except Exception as error:
            if not _is_closed(error):
                text = redact(shorten(str(error) or repr(error), 2000))
                raise ToolError(f"The MCP server {name} refused: {text}") from error
        await self._drop(held)
        raise ToolError(
            f"The MCP server {name} ended. Whether {tool} was done is not known.",
            "The next call starts it again; what it had in memory is gone." * (self._starts < 2),
        )

    async def close(self) -> None:
        """End it."""
        await self._drop(self._held)

    def _hold(self) -> Held[Any]:
        """Return the server as it is held open, or begin to."""
        if self._held is None:
            if self._starts == 2:
                raise ToolError(f"The MCP server {self.server.name} has ended twice.")
            self._starts += 1
            self._held = Held(_client(self.server))
        return self._held

    async def _drop(self, held: Held[Any] | None) -> None:
        if held is not None and self._held is held:
            self._held = None
            with suppress(Exception):  # it is gone, one way or another
                await held.close()


@asynccontextmanager
async def _client(server: Server) -> AsyncIterator[Any]:
    """Start the server or reach it; and say why, where that fails."""
    try:
        from httpx2 import AsyncClient, Timeout
        from mcp import Client, StdioServerParameters
        from mcp.client.stdio import stdio_client
        from mcp.client.streamable_http import streamable_http_client
    except ImportError as error:
        raise not_installed() from error
    if not (logger := logging.getLogger("mcp")).handlers:
        logger.addHandler(logging.NullHandler())  # else it writes to the terminal
    values = _variables(server)
    transport: Any
    # What it writes to stderr is nobody's until it fails.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        async with AsyncExitStack() as stack:
            if server.command:
                first, *rest = server.command
                transport = stdio_client(
                    StdioServerParameters(command=first, args=rest, env=values), said
                )
            else:
                key = values.get(server.key_env)
                headers = {"Authorization": f"Bearer {key}"} if key else {}
                patience = Timeout(server.timeout, read=None)  # calls have a time limit anyway
                http = AsyncClient(headers=headers, timeout=patience)
                await stack.enter_async_context(http)
                transport = streamable_http_client(server.url, http_client=http)
            try:
                async with asyncio.timeout(server.timeout):
                    client = await stack.enter_async_context(Client(transport, cache=None))
            except Exception as error:
                said.seek(0)
                raise _unusable(server, error, said.read()) from error
            yield client


def not_installed() -> ConfigurationError:
    """Return what to raise where the library is not there."""
    return ConfigurationError(
        "MCP needs the extra mcp, which is not installed.", "Run pip install 'metaco[mcp]'."
    )


def _variables(server: Server) -> dict[str, str]:
    """Return what the server may know of the environment."""
    names = [*server.env, *([server.key_env] if server.key_env else [])]
    for name in names:
        if not os.environ.get(name):
            raise ConfigurationError(
                f"The MCP server {server.name} needs the variable {name}, which is not set.",
                "Set it, or take it out of its settings.",
            )
    values = {name: os.environ[name] for name in names}
    register_secret(*values.values())
    return values


def _unusable(server: Server, error: BaseException, said: str = "") -> MetacoError:
    """Return what to raise where a server does not start, or does not say what it has."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        why = f"it took longer than {server.timeout:g} seconds"
    else:
        last = said.strip().splitlines()[-1:]
        why = redact(shorten("; ".join([str(error) or repr(error), *last]), 1000)).rstrip(".")
    return ConfigurationError(
        f"The MCP server {server.name} cannot be used: {why}.",
        f"Try {server.where} on its own; its settings are [mcp.{server.name}].",
    )


def _is_closed(error: Exception) -> bool:
    from anyio import BrokenResourceError, ClosedResourceError
    from mcp import MCPError
    from mcp_types import CONNECTION_CLOSED

    if isinstance(error, MCPError):
        return bool(error.code == CONNECTION_CLOSED)
    return isinstance(error, BrokenResourceError | ClosedResourceError | OSError)


async def _listed(client: Any) -> list[Any]:
    """Return all tools of a server, page by page."""
    found: list[Any] = []
    cursor = None
    for _ in range(_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += page.tools
        if not (cursor := page.next_cursor):
            break
    return found


def _offer(server: str, tool: Any) -> Offer:
    hints = tool.annotations
    name = tool.name if tool.name.startswith(f"{server}_") else f"{server}_{tool.name}"
    name = re.sub(r"[^\w-]", "_", name, flags=re.ASCII)
    if len(name) > 64:
        name = f"{name[:55]}_{digest(tool.name)[:8]}"
    return Offer(
        tool=tool.name,
        name=name,
        about=tool.description or tool.title or tool.name,
        schema=tool.input_schema,
        once=not (hints and (hints.read_only_hint or hints.idempotent_hint)),
    )
