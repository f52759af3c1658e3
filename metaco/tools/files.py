"""Files of a tree in memory: listed, read, searched, written and edited by a model.

Nothing touches a disk. What was changed is kept beside the tree that was given, and each result
carries its changes, so a turn that is resumed has the same tree again (`ToolResult.changes`, made
again by `Files.apply`). Calls of one tree take turns in the order in which they were made.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from metaco.core.errors import ToolError
from metaco.core.paths import distinct, safe_path
from metaco.sandbox.paths import contained
from metaco.tools.child import in_child
from metaco.tools.edit import edited
from metaco.tools.subjects import as_path
from metaco.tools.tool import Tool, ToolResult, tool

__all__ = ["LARGEST", "Files", "matches"]

LARGEST = 1_000_000
"""The most bytes of a file that is written."""
_LINE = 2_000  # characters of a line that is shown
_SECONDS = 5.0  # of a search


class Files:
    """A tree of files, and the tools that work on it.

    Args:
        files: path to text or bytes; it is not changed.

    Raises:
        WorkspaceError: a path leaves the tree.
    """

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._given = dict(zip(contained(files), files.values(), strict=True))
        self._changed: dict[str, str | bytes | None] = {}
        self.turns = asyncio.Lock()  # taken by whatever changes the tree

    @property
    def tree(self) -> dict[str, str | bytes]:
        """All files as they are now."""
        both = {**self._given, **self._changed}
        return {path: both[path] for path in sorted(both) if both[path] is not None}  # type: ignore[misc]

    @property
    def changed(self) -> dict[str, str | bytes | None]:
        """The files that differ from what was given; None for those that are deleted."""
        return {
            path: content
            for path, content in sorted(self._changed.items())
            if content != self._given.get(path)
        }

    @property
    def tools(self) -> list[Tool]:
        """The tools list, read, search, write and edit."""
        return [
            Tool.of(each) for each in (self.list, self.read, self.search, self.write, self.edit)
        ]

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Make the changes of a `ToolResult` again: path to text, ``{"base64": ...}`` or None."""
        for path, content in changes.items():
            is_binary = isinstance(content, Mapping)
            self._changed[path] = b64decode(content["base64"]) if is_binary else content

    def change(self, contents: Mapping[str, str | bytes | None]) -> dict[str, Any]:
        """Change files, None deleting one, and return that as JSON for a `ToolResult`."""
        self._changed.update(contents)
        return {
            path: {"base64": b64encode(each).decode()} if isinstance(each, bytes) else each
            for path, each in contents.items()
        }

    @tool(subject=as_path)
    async def list(self, pattern: str = "**") -> str:
        """List the files whose paths match a pattern, with their length.

        Args:
            pattern: as in *.py for files of that name anywhere, or src/**/*.py.
        """
        async with self.turns:
            tree = self.tree
        found = [path for path in tree if matches(path, pattern)]
        if not found:
            return f"No file matches {pattern}; there are {len(tree)} in all."
        lines = []
        for path in found[:1000]:
            content = tree[path]
            unit = "lines" if isinstance(content, str) else "bytes, binary"
            count = content.count("\n") if isinstance(content, str) else len(content)
            lines.append(f"{path}  {count} {unit}")
        more = [f"... and {len(found) - 1000} more"] if len(found) > 1000 else []
        return "\n".join(lines + more)

    @tool(subject=as_path)
    async def read(self, path: str, start: int = 1, count: int = 400) -> str:
        """Read lines of a file; the numbers before them do not belong to it.

        Args:
            start: the first line, counted from 1.
            count: how many lines.
        """
        async with self.turns:
            text = self._text(path)
        lines = text.removesuffix("\n").split("\n") if text else []
        if start < 1 or count < 1 or start > max(len(lines), 1):
            raise ToolError(f"{path} has the lines 1 to {len(lines)}.", "Ask for some of them.")
        some = lines[start - 1 : start - 1 + count]
        head = f"{path}, lines {start} to {start - 1 + len(some)} of {len(lines)}:"
        shown = [
            f"{n:>6}  {line if len(line) <= _LINE else line[:_LINE] + ' [...]'}".rstrip("\r")
            for n, line in enumerate(some, start)
        ]
        return "\n".join([head, *shown]) if lines else f"{path} is empty."

    @tool
    async def search(self, regex: str, glob: str = "**") -> str:
        """Search the lines of all files for a regular expression of Python.

        Args:
            glob: which files, as in *.py or src/**/*.py.
        """
        async with self.turns:
            tree = self.tree
        texts = {p: t for p, t in tree.items() if isinstance(t, str) and matches(p, glob)}
        slow = f"The search for {regex[:80]!r} took too long; use a simpler expression."
        asked = {"pattern": regex, "files": texts, "most": 100}
        answer = await in_child("grep", asked, _SECONDS, slow)
        if "problem" in answer:
            raise ToolError(f"{regex[:80]!r} is no regular expression: {answer['problem']}.")
        lines = [f"{path}:{number}: {line}" for path, number, line in answer["found"]]
        if not lines:
            return f"No line of {len(texts)} files matches."
        more = answer["count"] - len(lines)
        return "\n".join(lines + ([f"... and {more} more lines"] if more else []))

    @tool(subject=as_path)
    async def write(self, path: str, text: str) -> ToolResult:
        """Write a file as a whole, a new one or one that is there.

        Args:
            text: all it will hold.
        """
        async with self.turns:
            path = self._writable(path)
            was = path in self.tree
            return self._put(path, text, f"{path} was {'replaced' if was else 'created'}.")

    @tool(subject=as_path)
    async def edit(self, path: str, search: str, replace: str) -> ToolResult:
        """Replace one place of a file, which has to occur in it exactly once.

        Args:
            search: what is there now, without the numbers of lines.
            replace: the lines to put there; empty deletes them.
        """
        async with self.turns:
            path = self._writable(path)
            done = edited(self._text(path), search, replace)
            said = f"{path} was changed at line {done.line}. {done.how}".strip()
            return self._put(path, done.text, said)

    def _put(self, path: str, text: str, said: str) -> ToolResult:
        text = text.encode("utf-8", "replace").decode()
        if (size := len(text.encode())) > LARGEST:
            raise ToolError(f"{path} would have {size} bytes; {LARGEST} are allowed.")
        return ToolResult(said, self.change({path: text}))

    def _text(self, path: str) -> str:
        tree = self.tree
        name = path if path in tree else as_path(path).parts[0]
        content = tree.get(name)
        if content is None:
            near = [each for each in tree if each.rpartition("/")[2] == name.rpartition("/")[2]]
            raise ToolError(
                f"There is no file {path!r}.",
                f"Did you mean {', '.join(near[:3])}?" if near else "Use list to see all.",
            )
        if isinstance(content, bytes):
            raise ToolError(f"{name} is binary, with {len(content)} bytes.")
        return content

    def _writable(self, path: str) -> str:
        """Return the plain form of a path that may be written."""
        tree = self.tree
        if path in tree:
            return path
        try:
            plain = safe_path(path)
            if plain not in tree:
                distinct([*tree, plain])
        except ValueError as error:
            raise ToolError(str(error)) from None
        return plain


def matches(path: str, pattern: str) -> bool:
    """Return whether a path matches a pattern, in which ``**`` stands for any folders.

    A pattern without a slash matches names in all folders. No pattern takes long.
    """
    parts = (pattern if "/" in pattern or pattern == "**" else f"**/{pattern}").split("/")
    states = {0}
    for name in path.split("/"):
        for at in sorted(states):  # any folders may be none
            while at < len(parts) - 1 and parts[at] == "**":
                at += 1
                states.add(at)
        states = {at for at in states if at < len(parts) and parts[at] == "**"} | {
            at + 1
            for at in states
            if at < len(parts) and (parts[at] == "**" or fnmatchcase(name, parts[at]))
        }
    return len(parts) in states
