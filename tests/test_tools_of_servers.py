"""A model calls the tools of an MCP server, which a line of an SOP names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from metaco import SOP, Company, Document, Requirement, Role, SOPError, action
from metaco.core.permissions import Permissions
from metaco.settings import Settings
from metaco.sop.steps import Step, resolve_tool
from metaco.testing import Scripted
from metaco.tools import ToolCall

pytest.importorskip("mcp")
pytestmark = pytest.mark.mcp

SERVER = Path(__file__).parent / "fixtures" / "mcp_server.py"


class Sum(Document):
    text: str


class Adder(Role):
    """Adds."""

    @action
    async def add(self, requirement: Requirement) -> Sum:
        """Add the numbers."""
        return await self.ask(Sum, requirement=requirement)


def company(folder: Path, model: Any, **permissions: tuple[str, ...]) -> Company:
    lines = [Step(Adder, "add", role_name="adder", tools=(resolve_tool("mcp.sums"),))]
    settings = Settings(
        mcp={"sums": {"command": [sys.executable, str(SERVER)]}},
        permissions=Permissions(**permissions),
    )
    sop = SOP("adding", [*lines], output=Sum)
    return Company(sop, model=model, workspace=folder, settings=settings)


SCRIPT: list[Any] = [ToolCall("sums_add", {"a": 2, "b": 3}), Sum(text="five")]


async def test_a_model_calls_a_tool_of_a_server(tmp_path: Path) -> None:
    model = Scripted(SCRIPT)
    result = await company(tmp_path, model, allow=("sums_*",)).run("2 and 3")
    assert result.output == Sum(text="five")
    (exchange,) = model.requests[-1].exchanges
    assert exchange.result == "5"


async def test_a_person_is_asked_before_a_server_is_and_then_it_is_called_once(
    tmp_path: Path,
) -> None:
    model = Scripted(SCRIPT)
    team = company(tmp_path, model)
    result = await team.run("2 and 3")
    assert result.status == "waiting"
    assert "May adder call sums_add" in result.questions[0].text
    result = await team.resume(result.run, answers={"": "yes"})
    assert result.output == Sum(text="five")
    assert len(model.requests) == 2  # the reply with the call was not paid again


def test_a_line_names_a_server() -> None:
    text = "steps:\n  - product_manager.write_prd: {tools: [mcp.files], allow: 'files_*'}\n"
    (step,) = SOP.parse(text, "p.yaml").steps()
    assert step.tools == ("mcp.files",)
    with pytest.raises(SOPError, match="or mcp"):
        SOP.parse(text.replace("mcp.files", "files"), "p.yaml")
