"""Files and the means to run them, over one tree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from metaco.core.sandbox import Sandbox
from metaco.tools.files import Files
from metaco.tools.run import Run
from metaco.tools.tool import Tool

__all__ = ["Workbench"]


class Workbench:
    """A copy of some files that a model may read, change and run.

    The tree is what its results made of the files: `ToolResult.changes`, applied in order to a new
    workbench over the same files, give the same tree.

    Args:
        files: path to text or bytes; they are not changed.
        sandbox: opens the place where code runs, as `Context.sandbox` does; without it there is
            nothing to run code with.

    Raises:
        WorkspaceError: a path leaves the tree.
    """

    def __init__(
        self,
        files: Mapping[str, str | bytes],
        sandbox: Callable[[], Awaitable[Sandbox]] | None = None,
    ) -> None:
        self.files = Files(files)
        self._run = Run(self.files, sandbox) if sandbox else None

    @property
    def tools(self) -> list[Tool]:
        """All tools: list, read, search, write, edit, and python and shell with a sandbox."""
        return self.files.tools + (self._run.tools if self._run else [])
