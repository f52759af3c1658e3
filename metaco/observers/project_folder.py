"""A project folder on disk, in which nothing that its owner made is harmed.

A manifest says what metaco last wrote there. A file that is not as it was written belongs to its
owner and stays; a link is not followed out of the folder.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from metaco.core.errors import WorkspaceError
from metaco.core.loops import finish
from metaco.core.paths import safe_path
from metaco.observers.locked_files import left_over, put

__all__ = ["LeftAlone", "ProjectFolder", "content_hash"]

_NOTES = ("run", "files", "noted", "commit")


class LeftAlone(WorkspaceError):
    """A file that is not written because the owner of the folder made it so."""


class ProjectFolder:
    """The folder of one run, with the notes of its manifest.

    Args:
        path: the folder, which need not be there yet.

    Attributes:
        metaco_folder: what is metaco's own in it.
        run: whose folder it is; empty if nobody's.
        files: the hash of what was last written, by path.
        noted: up to which entry of the log that is so.
        commit: the mark of the last commit.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.metaco_folder = path, path / ".metaco"
        self._manifest = self.metaco_folder / "manifest.json"
        self.run, self.noted, self.commit = "", 0, ""
        self.files: dict[str, str] = {}
        with suppress(OSError, ValueError, AttributeError, RecursionError):
            saved = json.loads(self._manifest.read_text("utf-8"))
            for name in _NOTES:
                if type(saved.get(name)) is type(getattr(self, name)):
                    setattr(self, name, saved[name])
        for draft in left_over(self.metaco_folder, "draft"):
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def take(self, run: str) -> None:
        """Make the folder that of a run.

        Raises:
            OSError: it cannot be made.
            WorkspaceError: it cannot be written.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self.run = run
        self.save()

    def save(self) -> None:
        """Write the manifest.

        Raises:
            WorkspaceError: it cannot be written.
        """
        notes = {name: getattr(self, name) for name in _NOTES}
        text = json.dumps(notes, indent=1, sort_keys=True) + "\n"
        try:
            put(self._manifest, text.encode(), self.metaco_folder)
        except OSError as error:
            raise WorkspaceError(
                f"The project folder {self.path} cannot be written: {error}.",
                "Free some space or correct the permissions, then run `metaco rebuild`.",
            ) from error

    async def write(self, path: str, text: str, versions: Mapping[tuple[str, str], int]) -> None:
        """Write a file, unless its owner changed it since we last did.

        Args:
            versions: the entry of the log that a path and the hash of its content are from. A
                process that was killed may have written what it could not note down.

        Raises:
            LeftAlone: its owner changed it, or put a link in its way.
            WorkspaceError: it would lie outside, or in a folder that is metaco's or git's.
            OSError: it cannot be written.
        """
        target, written = self._target(path), content_hash(text.encode())
        if target.is_symlink() or target.is_file():
            current = ""
            if not target.is_symlink():
                current = content_hash(await _content(target))
            if current == written:
                self.files[path] = current
                return
            ours = versions.get((path, current), -1) > self.noted
            if current != self.files.get(path) and not ours:
                raise LeftAlone(
                    f"{path} was changed by hand and is left as it is;",
                    "the new version is in the log.",
                )
        target.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(put, target, text.encode(), self.metaco_folder)
        self.files[path] = written

    def remove(self, path: str) -> None:
        """Remove a file of an earlier version, unless its owner changed it.

        Raises:
            OSError: it cannot be removed.
        """
        known = self.files.pop(path)
        with suppress(WorkspaceError):  # a link of the owner's has taken the place of its folder
            target = self._target(path)
            if target.is_symlink() or not target.is_file():
                return
            if content_hash(target.read_bytes()) == known:
                target.unlink()

    def _target(self, path: str) -> Path:
        """Return where `path` lies in the project; raises what `write` says."""
        try:
            target = self.path / safe_path(path)
        except ValueError as error:
            raise WorkspaceError(
                f"The path {path!r} is not allowed: {error}.", "Use a plain relative path."
            ) from error
        if not target.parent.resolve().is_relative_to(self.path.resolve()):
            raise LeftAlone(
                f"The path {path!r} leads out of the project through a link.",
                "Remove the link from the project folder.",
            )
        return target


def content_hash(content: bytes) -> str:
    """Return what a content is known by in the manifest."""
    return hashlib.sha256(content).hexdigest()


async def _content(path: Path) -> bytes:
    """Return what is in a file, in which its owner may have put much; then it is closed."""
    import aiofiles

    content: list[bytes] = []

    async def read() -> None:
        async with aiofiles.open(path, "rb") as file:
            content.append(await file.read())

    await finish(read())  # else a file that is just being opened in a thread stays open
    return content[0]
