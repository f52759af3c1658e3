"""Programs and commands of a model, run in the sandbox on the files of a tree."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from metaco.core.errors import ToolError
from metaco.core.paths import PathSet, safe_path
from metaco.core.sandbox import Sandbox, SandboxLimits, SandboxResult
from metaco.sandbox.portable import portable
from metaco.tools.files import LARGEST, Files
from metaco.tools.inside import REPORT
from metaco.tools.shorten import shorten
from metaco.tools.subjects import as_command
from metaco.tools.tool import Tool, ToolResult, tool

__all__ = ["Run"]

_INSIDE = Path(__file__).with_name("inside.py")
_CODE = 100_000  # bytes; systems take no longer arguments
_OUTPUT = 6_000  # bytes of stdout, and of stderr, that are shown
_MOST = 4_000_000  # bytes of all changed files together
_ROOM = 8_000_000  # bytes that the sandbox lets through: output, and the report as JSON
_LIMITS = SandboxLimits(seconds=60)


class Run:
    """Runs code on the files of a tree; what it changes there is changed in the tree.

    Args:
        files: the tree.
        sandbox: opens the place where the code runs, as `Context.sandbox` does.
        limits: of each run.
    """

    def __init__(
        self,
        files: Files,
        sandbox: Callable[[], Awaitable[Sandbox]],
        limits: SandboxLimits = _LIMITS,
    ) -> None:
        self._files = files
        self._sandbox = sandbox
        self._limits = replace(limits, output_bytes=max(limits.output_bytes, _ROOM))

    @property
    def tools(self) -> list[Tool]:
        """The tools python and shell."""
        return [Tool.of(each) for each in (self.python, self.shell)]

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Make the changes of an earlier run again; see `Files.apply`."""
        self._files.apply(changes)

    @tool(ask="unconfined")
    async def python(self, code: str) -> ToolResult:
        """Run a Python program in the folder of the files, without network. Print what matters."""
        return await self._run("python", code)

    @tool(ask="unconfined", subject=as_command)
    async def shell(self, command: str) -> ToolResult:
        """Run a shell command in the folder of the files, without network."""
        return await self._run("sh", command)

    async def _run(self, program: str, code: str) -> ToolResult:
        if "\0" in code or len(code.encode("utf-8", "replace")) > _CODE:
            raise ToolError("It is too long, or contains a NUL.", "Write it into a file first.")
        sandbox = await self._sandbox()
        async with self._files.turns:
            tree = self._files.tree
            binary = {p: b64encode(c).decode() for p, c in tree.items() if isinstance(c, bytes)}
            job = {"program": program, "code": code, "binary": binary}
            result = await sandbox.run(
                {path: text for path, text in tree.items() if isinstance(text, str)},
                ["python", "-I", "-c", _INSIDE.read_text(encoding="utf-8")],
                fetch=[REPORT],
                limits=self._limits,
                stdin=json.dumps(job | {"largest": LARGEST, "most": _MOST}),
            )
            report = "{}" if result.stopped else result.files.get(REPORT, "")
            contents, left_out = _contents(report, tree)
            return ToolResult(_told(result, contents, left_out), self._files.change(contents))


Content = str | bytes | None


def _contents(report: str, tree: Mapping[str, str | bytes]) -> tuple[dict[str, Content], list[str]]:
    """Return what a run changed, and the paths not kept; the program may have forged it."""
    try:
        said = json.loads(report)
        changed = {path: _content(each) for path, each in said.get("changed", {}).items()}
        contents: dict[str, Content] = {p: None for p in said.get("deleted", []) if p in tree}
        left_out = [str(path) for path in said.get("left_out", [])]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}, ["anything, as the program destroyed the report of its changes"]
    taken = PathSet()
    for path in tree.keys() - contents.keys():
        taken.add(path)
    for path, content in changed.items():
        try:
            if len(content) > LARGEST or (path not in tree and safe_path(path) != path):
                raise ValueError(path)
            taken.add(path)
            contents[path] = content
        except ValueError:
            left_out.append(path)
    return contents, left_out


def _content(said: Any) -> str | bytes:
    if isinstance(said, str):
        return said.encode("utf-8", "replace").decode()
    return b64decode(said["base64"], validate=True)


def _told(result: SandboxResult, contents: Mapping[str, Content], left_out: list[str]) -> str:
    """Return for the model how a run ended."""
    if result.stopped:
        told = [f"Stopped at the limit of {result.stopped}; changes of files are not kept."]
    else:
        told = [f"exit code {result.code}"]
    for name, text in (("stdout", result.stdout), ("stderr", result.stderr)):
        if text.strip():
            told.append(f"{name}:\n{shorten(portable(text).rstrip(), _OUTPUT)}")
    for title, paths in (
        ("changed", [path for path, content in contents.items() if content is not None]),
        ("deleted", [path for path, content in contents.items() if content is None]),
        ("not kept", left_out),
    ):
        if paths:
            shown = ", ".join(path.encode("utf-8", "replace").decode()[:80] for path in paths[:50])
            more = f" and {len(paths) - 50} more" if len(paths) > 50 else ""
            told.append(f"{title}: {shown}{more}")
    return "\n".join(told)
