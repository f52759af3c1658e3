"""The history of a project, written by git itself without touching what git runs on its own.

All commits of a run are handed over as one stream. Hooks, the file-system monitor and the user's
own configuration are off: in a folder that generated code may have written to, they would be a way
to run code outside the sandbox.

What was committed is known by git alone. Each commit ends in a line with its mark, and the branch
is moved only from where it was read, so that a process that writes, is killed and comes again, or
writes at the same time, makes each commit once.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from metaco.core.errors import WorkspaceError
from metaco.core.slots import Slots
from metaco.observers.locked_files import exclusive_lock, put

__all__ = ["Change", "Commit", "History"]

LONGEST = 120.0
"""Seconds that one command of git may take."""

_CONFIG = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.fsync=none",
    "core.filesRefLockTimeout=5000",  # milliseconds
    "gc.auto=0",
)
_MARK = "Metaco-Stage: "
_AT_ONCE = Slots(2 * (os.cpu_count() or 1))  # more processes only wait for one another
_LOCKS = ("HEAD.lock", "config.lock", "index.lock", "packed-refs.lock", "refs/heads/main.lock")


@dataclass(frozen=True, slots=True)
class Change:
    """A file as it is after a commit; None if it is gone."""

    path: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: who made it (a role), why, when (seconds since 1970), and what changed.

    Attributes:
        mark: what it is known by; the same for the same stage of a run, each time it is written.
    """

    author: str
    subject: str
    when: float
    changes: list[Change]
    mark: str


class History:
    """The git repository in `folder`, made on first use.

    Args:
        folder: the project.
        metaco_folder: a folder in it that is metaco's own and no part of the history.
    """

    def __init__(self, folder: Path, metaco_folder: Path) -> None:
        self.folder, self.metaco_folder = folder, metaco_folder
        self._git_folder = folder / ".git"

    async def write(self, commits: list[Commit], noted: str = "") -> list[str]:
        """Append those of `commits` to the branch main that it does not hold.

        The files in the folder are not touched. The same commits give the same hashes.

        Args:
            commits: the whole history of the run, in order.
            noted: the mark of the last one known to be written. Where the owner has made another
                history of them, main has no marks, and they still are not written again.

        Returns:
            Warnings: why there is no history, where somebody wants it so.

        Raises:
            WorkspaceError: git cannot write.
        """
        if not shutil.which("git"):
            return ["git is not installed, so the project has no history."]
        try:
            async with (
                exclusive_lock(self.metaco_folder / "git") as (descriptor, last, began),
                _AT_ONCE,
            ):
                if last == "killed":
                    self._clear(began)
                return await self._write(commits, noted, descriptor, fix_index=bool(last))
        except OSError as error:
            raise _failure(str(error)) from error

    async def _write(
        self, commits: list[Commit], noted: str, descriptor: int, fix_index: bool
    ) -> list[str]:
        if await self._branch(descriptor) != "refs/heads/main":
            return ["The project is not on its branch main, so nothing was committed."]
        self._exclude()
        for _ in range(10):
            head, missing = await self._missing(commits, noted, descriptor)
            if not missing and not (fix_index and head):
                return []
            code, problem = 0, ""
            if missing:
                code, _, problem = await self._git(
                    "fast-import",
                    "--quiet",
                    "--done",  # else the half of a stream would pass for the whole
                    "--date-format=raw",
                    stdin=_stream(missing, head),
                    inherits=descriptor,
                )
            if not code:
                break
            if "does not contain" not in problem:  # somebody else was faster
                raise _failure(problem)
        else:
            raise _failure("the branch main is changed all the time")
        for _ in range(10):
            code, _, problem = await self._git("read-tree", "HEAD", inherits=descriptor)
            if not code:
                return []
            await asyncio.sleep(0.1)  # git does not wait for this lock itself
        raise _failure(problem)

    async def _branch(self, descriptor: int) -> str:
        """Return the current branch, in a repository that is made or repaired where need be."""
        head = self._git_folder / "HEAD"
        new = not self._git_folder.is_file() and not head.exists()
        for make in (new, True):
            if make:
                if head.is_file() and not head.stat().st_size:
                    head.unlink()  # the machine went down while it was written
                code, _, problem = await self._git(
                    "init", "-q", "--template=", "-b", "main", inherits=descriptor
                )
                if code:
                    raise _failure(problem)
            code, branch, problem = await self._git(
                "symbolic-ref", "-q", "HEAD", inherits=descriptor
            )
            if code in (0, 1):
                return branch.strip()
        raise _failure(problem)

    async def _missing(
        self, commits: list[Commit], noted: str, descriptor: int
    ) -> tuple[str, list[Commit]]:
        """Return the head of main, and the commits behind the last one that main holds."""
        code, head, _ = await self._git(
            "rev-parse", "-q", "--verify", "refs/heads/main^{commit}", inherits=descriptor
        )
        if code:
            return "", commits
        options = ("--format=%B", "--no-show-signature", "--no-notes", "--no-color", "--no-mailmap")
        code, messages, problem = await self._git(
            "log", *options, head.strip(), inherits=descriptor
        )
        if code:
            raise _failure(problem)
        written = {noted, *re.findall(rf"(?m)^{_MARK}(\S+)$", messages)}
        last = max((n for n, commit in enumerate(commits, 1) if commit.mark in written), default=0)
        return head.strip(), commits[last:]

    def _clear(self, began: int) -> None:
        """Remove the locks of a git of ours that was killed: those made since it began."""
        for lock in (self._git_folder / name for name in _LOCKS):
            with suppress(OSError):
                if lock.stat().st_mtime_ns >= began:
                    lock.unlink()

    def _exclude(self) -> None:
        """Keep what is ours out of what git shows as new."""
        file = self._git_folder / "info" / "exclude"
        if not self._git_folder.is_dir() or file.is_symlink():
            return
        known = file.read_text("utf-8", "replace") if file.exists() else ""
        if f"{self.metaco_folder.name}/" in known.splitlines():
            return
        file.parent.mkdir(exist_ok=True)
        gap = "\n" if known and not known.endswith("\n") else ""
        put(file, f"{known}{gap}{self.metaco_folder.name}/\n".encode(), self.metaco_folder)

    async def _git(self, *args: str, inherits: int, stdin: bytes = b"") -> tuple[int, str, str]:
        """Run git, and return its exit code, output and errors.

        Args:
            inherits: a descriptor that it inherits, so that it is seen to be alive.

        Raises:
            WorkspaceError: it took too long.
        """
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
            pass_fds=() if sys.platform == "win32" else (inherits,),
            start_new_session=True,  # Ctrl-C is for us, and we end it in order
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
        try:
            async with asyncio.timeout(LONGEST):
                out, err = await process.communicate(stdin)
        except TimeoutError as error:
            raise _failure(f"`git {args[0]}` took more than {LONGEST:g} s") from error
        finally:
            if process.returncode is None:
                process.terminate()  # it gives back its locks
                await process.wait()
        return (
            process.returncode or 0,
            out.decode("utf-8", "replace"),
            err.decode("utf-8", "replace"),
        )


def _failure(problem: str) -> WorkspaceError:
    lines = " ".join(problem.split()).rstrip(".")
    return WorkspaceError(
        f"git could not write the history: {lines}.", "Fix that, then run `metaco rebuild`."
    )


def _stream(commits: list[Commit], head: str) -> bytes:
    """Return the commits on top of `head` in the format of `git fast-import`."""
    out = bytearray()
    for n, commit in enumerate(commits):
        when = f"{int(commit.when)} +0000"
        name = commit.author.replace("_", " ").title()
        mail = "".join(c for c in commit.author if c.isalnum() or c in "._-")
        out += b"commit refs/heads/main\n"
        out += f"author {_author_name(name)} <{mail}@metaco.invalid> {when}\n".encode()
        out += f"committer metaco <metaco@metaco.invalid> {when}\n".encode()
        out += _data(f"{commit.subject}\n\n{_MARK}{commit.mark}\n".encode())
        if head and n == 0:
            out += f"from {head}\n".encode()
        for change in commit.changes:
            path = change.path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            if change.text is None:
                out += f'D "{path}"\n'.encode()
            else:
                out += f'M 100644 inline "{path}"\n'.encode() + _data(change.text.encode())
    return bytes(out + b"done\n")


def _data(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content + b"\n"


def _author_name(name: str) -> str:
    return "".join(c for c in name if c not in "<>\n").strip() or "metaco"
