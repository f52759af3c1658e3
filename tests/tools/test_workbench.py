"""A workbench is what its results made of the files it was given."""

from __future__ import annotations

import json

import pytest

from metaco.core.errors import SandboxUnavailable
from metaco.core.sandbox import Sandbox
from metaco.sandbox import open_sandbox
from metaco.tools import ToolCall, Workbench, call_tool, tools_by_name

GIVEN = {
    "calc.py": "def add(a, b):\n    return a - b\n",
    "test.py": "import calc\nassert calc.add(1, 1) == 2\n",
}


async def opened() -> Sandbox:
    try:
        return await open_sandbox("require")
    except SandboxUnavailable as error:
        pytest.skip(str(error))


async def test_a_bug_is_found_and_fixed_and_the_turn_can_be_resumed() -> None:
    bench = Workbench(GIVEN, opened)
    tools = tools_by_name(bench.tools)
    assert list(tools) == ["list", "read", "search", "write", "edit", "python", "shell"]
    test = ToolCall("shell", {"command": "python3 -B test.py || python -B test.py"})
    fix = ToolCall("edit", {"path": "calc.py", "search": "a - b", "replace": "a + b"})
    results = [await call_tool(tools, call) for call in (test, fix, test)]
    assert "AssertionError" in results[0].text and results[0].text.startswith("exit code 1")
    assert results[2].text == "exit code 0"

    again = Workbench(GIVEN, opened)
    for call, result in zip((test, fix, test), results, strict=True):
        apply = tools_by_name(again.tools)[call.tool].apply
        assert apply
        apply(json.loads(json.dumps(result.changes)))
    assert again.files.tree == bench.files.tree != GIVEN
    assert again.files.changed == {"calc.py": "def add(a, b):\n    return a + b\n"}


def test_without_a_sandbox_nothing_runs() -> None:
    assert list(tools_by_name(Workbench({}).tools)) == ["list", "read", "search", "write", "edit"]
