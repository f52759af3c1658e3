"""`metaco tools`: what a model may call."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterable
from typing import Any

from metaco.cli import interrupt
from metaco.cli.exit_codes import CONFIGURATION
from metaco.cli.options import Add, verbose
from metaco.cli.screen import add_row, draw, err, line, out, report, table
from metaco.core.errors import ConfigurationError
from metaco.settings import Settings
from metaco.tools import Fetch, Memory, Skills, Tool, Workbench
from metaco.tools.mcp import Server

__all__ = ["options", "tools"]


def options(add: Add) -> None:
    """Declare the options."""
    add("--open", action="store_true", help="start or ask the MCP servers, and list their tools")
    add("--json", action="store_true", help="one JSON object per line")
    verbose(add)


def tools(args: Namespace) -> int:
    """List the built-in tools, and the MCP servers of the settings or their tools."""
    rows = [row for name, offered in _built_in() for row in _rows(name, offered)]
    servers, code = Settings.load().servers(), 0
    for server in servers:
        if not args.open:
            rows.append(_row(f"mcp.{server.name}", f"{server.where}, not started"))
            continue
        try:
            rows += _rows(f"mcp.{server.name}", interrupt.run(_tools_of(server)))
        except ConfigurationError as error:
            report(error.problem, error.remedy)
            code = CONFIGURATION
    if args.json:
        for row in rows:
            out(json.dumps(row, ensure_ascii=False))
        return code
    made = table("from", "tool", "arguments", "about", whole=("from", "tool"))
    for row in rows:
        arguments = ", ".join(row["schema"].get("properties", {}))
        add_row(made, row["from"], line(row["tool"]), line(arguments), line(row["about"]))
    draw(made)
    if servers and not args.open:
        err("")
        err("To start the MCP servers and list their tools: metaco tools --open")
    return code


def _built_in() -> Iterable[tuple[str, list[Tool]]]:
    """Yield the tools of metaco, by the class that makes them."""

    async def nowhere() -> Any:
        raise ConfigurationError("Nothing runs here.")

    yield "Workbench", Workbench({}, nowhere).tools
    yield "Fetch", Fetch().tools
    yield "Memory", Memory(None).tools
    yield "Skills", Skills([]).tools


async def _tools_of(server: Server) -> list[Tool]:
    async with server.open() as connection:
        return connection.tools


def _rows(source: str, offered: Iterable[Tool]) -> list[dict[str, Any]]:
    return [_row(source, tool.about.partition("\n")[0], tool) for tool in offered]


def _row(source: str, about: str, tool: Tool | None = None) -> dict[str, Any]:
    return {
        "from": source,
        "tool": tool.name if tool else "",
        "about": about,
        "once": tool.once if tool else None,
        "schema": tool.schema if tool else {},
    }
