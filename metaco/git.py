"""The history of a project, written by git itself without touching what git runs on its own.

All commits of a run are handed over as one stream. Hooks, the file-system monitor and the user's
own configuration are off: in a folder that generated code may have written to, they would be a way
to run code outside the sandbox.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Change", "Commit", "History"]

_CONFIG = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "gc.auto=0", "core.fsync=none")


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it is after a commit; None if it is gone."""

    path: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: who made it (a role), why, when (seconds since 1970), and what changed."""

    author: str
    subject: str
    when: float
    changes: list[Change]


class History:
    """The git repository in `folder`, made on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def write(self, commits: list[Commit]) -> list[str]:
        """Append `commits` to the branch main.

        The files in the folder are not touched. The same commits give the same hashes.

        Returns:
            Warnings: why there is no history, where that is so.
        """
        if not shutil.which("git"):
            return ["git is not installed, so the project has no history."]
        if not (self.folder / ".git").exists():
            code, _, problem = await self._git("init", "-q", "--template=", "-b", "main")
            if code:
                return [f"git could not start a history: {problem.strip()}."]
            exclude = self.folder / ".git" / "info"
            exclude.mkdir(exist_ok=True)
            (exclude / "exclude").write_text(".metaco/\n", encoding="utf-8")
        code, head, _ = await self._git("symbolic-ref", "-q", "HEAD")
        if code or head.strip() != "refs/heads/main":
            return ["The project is not on its branch main, so nothing was committed."]
        born = (await self._git("rev-parse", "-q", "--verify", "HEAD"))[0] == 0
        code, _, problem = await self._git(
            "fast-import", "--quiet", "--date-format=raw", stdin=_stream(commits, born)
        )
        if code:
            return [f"git could not write the history: {problem.strip()}."]
        await self._git("read-tree", "HEAD")
        return []

    async def _git(self, *args: str, stdin: bytes = b"") -> tuple[int, str, str]:
        settings = [part for item in _CONFIG for part in ("-c", item)]
        keep = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            "git",
            *settings,
            *args,
            cwd=self.folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={
                **keep,
                "HOME": str(self.folder),
                "GIT_DIR": str(self.folder.absolute() / ".git"),
                "GIT_WORK_TREE": str(self.folder.absolute()),
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
                "GIT_TERMINAL_PROMPT": "0",
                "LC_ALL": "C.UTF-8",
            },
        )
        out, err = await process.communicate(stdin)
        return (
            process.returncode or 0,
            out.decode("utf-8", "replace"),
            err.decode("utf-8", "replace"),
        )


def _stream(commits: list[Commit], born: bool) -> bytes:
    """Return the commits in the format of `git fast-import`."""
    out = bytearray()
    for n, commit in enumerate(commits):
        when = f"{int(commit.when)} +0000"
        name = commit.author.replace("_", " ").title()
        mail = "".join(c for c in commit.author if c.isalnum() or c in "._-")
        out += b"commit refs/heads/main\n"
        out += f"author {_plain(name)} <{mail}@metaco.invalid> {when}\n".encode()
        out += f"committer metaco <metaco@metaco.invalid> {when}\n".encode()
        out += _data(commit.subject.encode())
        if born and n == 0:
            out += b"from refs/heads/main^0\n"
        for change in commit.changes:
            path = change.path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            if change.text is None:
                out += f'D "{path}"\n'.encode()
            else:
                out += f'M 100644 inline "{path}"\n'.encode() + _data(change.text.encode())
    return bytes(out + b"done\n") if commits else b""


def _data(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content + b"\n"


def _plain(name: str) -> str:
    return "".join(c for c in name if c not in "<>\n").strip() or "metaco"
