"""The workspace: the folder in which a person sees what a run made.

It is a projection of the log. Each message may have artifacts, files with their text; the folder
holds those of the current messages, and its git history has one commit per stage with the role as
author. Delete the folder and `rebuild` writes it again, byte for byte.

What is there already is safe: a taken name gets a suffix, and a file that its owner changed since
it was written is left as it is.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from metaco.errors import WorkspaceError
from metaco.git import Change, Commit, History
from metaco.log import Entry, Log
from metaco.paths import safe_path
from metaco.sop import SOP
from metaco.state import Stage, State

__all__ = ["Workspace", "rebuild"]

_MANIFEST = ".metaco/manifest.json"


class Workspace:
    """An observer that keeps the project folder of one run in step with its log.

    Args:
        root: the folder that holds all projects.
        sop, log, run: the run to show.
        name: what to call the project, if its documents shall not decide.
    """

    def __init__(self, root: Path, sop: SOP, log: Log, run: str, name: str = "") -> None:
        self.root, self.log, self.run, self.wish = root, log, run, name
        self.state = State(sop, run)
        self.folder: Path | None = None
        self.kept: list[str] = []
        self.warnings: list[str] = []
        self._when: dict[str, float] = {}
        self._waiting: list[Entry] = []

    async def __call__(self, entry: Entry) -> None:
        """Show one more entry."""
        self.state.extend([entry])
        if entry.kind == "turn":
            for raw in entry.body["publishes"]:
                self._when.setdefault(raw["id"], entry.at)
            await self._show(self.state.memory[entry.key])
        elif entry.kind == "end":
            await self._settle()

    async def _show(self, messages: Iterable[Any]) -> None:
        """Write what was just published, so that a person can look at it while the run goes on."""
        for message in messages:
            artifacts = message.body.artifacts()
            self.wish = self.wish or message.body.project()
            if artifacts and not self.folder:
                self.folder = await self._take_folder()
            for path, text in artifacts.items():
                await self._write(path, text)

    async def _settle(self) -> None:
        """Bring the folder to the state of the run, and its history."""
        stages = self.state.stages()
        tree: dict[str, str] = {}
        for stage in stages:
            tree.update(_artifacts(stage))
        if not self.folder:
            return
        for path, text in tree.items():
            await self._write(path, text)
        for path in sorted(self._manifest["files"].keys() - tree.keys()):
            self._remove(path)
        await self._commit(stages, tree)
        self._save()

    # -- the folder

    async def _take_folder(self) -> Path:
        """Return the folder of this run: the one it has, else a new one that nobody else has."""
        if self.state.project:
            folder = self.root / self.state.project
            self._load(folder)
            folder.mkdir(parents=True, exist_ok=True)
            self._save(folder)
            return folder
        wish = self.wish or _slug(self.state)
        for n in itertools.count(1):
            folder = self.root / (wish if n == 1 else f"{wish}_{n}")
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                self._load(folder)
                if self._manifest["run"] != self.run:
                    continue
            except OSError as error:
                raise WorkspaceError(
                    f"The project folder {folder} cannot be made: {error}.",
                    "Choose another place with --workspace.",
                ) from error
            self._load(folder)
            self._manifest["run"] = self.run
            self._save(folder)
            entry = await self.log.append(self.run, "project", "", {"folder": folder.name})
            if entry is None:  # another process was faster; its folder is the run's
                known = await self.log.last(self.run, "project")
                assert known
                self.state.project = known.body["folder"]
                return await self._take_folder()
            return folder
        raise AssertionError("unreachable")

    def _load(self, folder: Path) -> None:
        try:
            self._manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text("utf-8"))
        except (OSError, ValueError):
            self._manifest = {"run": "", "files": {}, "commits": [], "tree": {}}

    def _save(self, folder: Path | None = None) -> None:
        where = folder or self.folder
        assert where
        path = where / _MANIFEST
        path.parent.mkdir(exist_ok=True)
        _replace(path, json.dumps(self._manifest, indent=1, sort_keys=True) + "\n")

    # -- files

    async def _write(self, path: str, text: str) -> None:
        """Write a file, unless its owner changed it since we last did."""
        import aiofiles

        target, known = self._place(path), self._manifest["files"].get(path)
        if target.is_symlink() or target.is_file():
            there = _hash(target.read_bytes()) if not target.is_symlink() else ""
            if there == _hash(text.encode()):
                self._manifest["files"][path] = there
                return
            if there != known:
                if path not in self.kept:
                    self.kept.append(path)
                    self.warnings.append(
                        f"{path} was changed by hand and is left as it is; "
                        "the new version is in the log."
                    )
                return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}.{os.getpid()}.new")
            async with aiofiles.open(draft, "w", encoding="utf-8", newline="\n") as file:
                await file.write(text)
            draft.replace(target)
        except OSError as error:
            raise WorkspaceError(
                f"{target} cannot be written: {error}.",
                "Free some space or mend the permissions, then run `metaco rebuild`.",
            ) from error
        self._manifest["files"][path] = _hash(text.encode())

    def _remove(self, path: str) -> None:
        """Remove a file of an earlier version, unless its owner changed it."""
        target = self._place(path)
        known = self._manifest["files"].pop(path)
        if target.is_file() and not target.is_symlink() and _hash(target.read_bytes()) == known:
            target.unlink()

    def _place(self, path: str) -> Path:
        """Return where `path` lies in the project.

        Raises:
            WorkspaceError: it would lie outside, or in a folder that is metaco's or git's.
        """
        assert self.folder
        try:
            target = self.folder / safe_path(path)
        except ValueError as error:
            raise WorkspaceError(
                f"The path {path!r} is not allowed: {error}.", "Use a plain relative path."
            ) from error
        if not target.parent.resolve().is_relative_to(self.folder.resolve()):
            raise WorkspaceError(
                f"The path {path!r} leads out of the project through a link.",
                "Remove the link from the project folder.",
            )
        return target

    # -- history

    async def _commit(self, stages: list[Stage], tree: dict[str, str]) -> None:
        """Write one commit per stage that has none yet."""
        assert self.folder
        known, before = self._manifest["commits"], dict(self._manifest["tree"])
        commits = []
        for stage in stages:
            name = "/".join(map(str, stage.path)) + " " + " ".join(m.id for m in stage.messages)
            if name in known:
                continue
            known.append(name)
            commits.append(self._stage_commit(stage, self._changes(before, _artifacts(stage))))
        gone = dict.fromkeys(before.keys() - tree.keys())
        if rest := self._changes(before, {**tree, **gone}):
            last = max(self._when.values())
            commits.append(Commit("metaco", "Settle on the current documents", last, rest))
        self._manifest["tree"] = before
        if commits := [commit for commit in commits if commit.changes]:
            self.warnings += await History(self.folder).write(commits)

    def _changes(self, before: dict[str, str], files: dict[str, Any]) -> list[Change]:
        """Return what `files` changes in `before`, and bring that up to date."""
        changes = []
        for path, text in sorted(files.items()):
            if path in self.kept:
                continue
            if text is None:
                before.pop(path)
                changes.append(Change(path, None))
            elif before.get(path) != (mark := _hash(text.encode())):
                before[path] = mark
                changes.append(Change(path, text))
        return changes

    def _stage_commit(self, stage: Stage, changes: list[Change]) -> Commit:
        what = stage.step.action.replace("_", " ").capitalize()
        round = f", round {stage.path[-2]}" if len(stage.path) > 1 else ""
        when = max(self._when.get(message.id, 0.0) for message in stage.messages)
        return Commit(stage.step.as_, f"{what}{round}", when, changes)


async def rebuild(root: Path, sop: SOP, log: Log, run: str) -> Workspace:
    """Write the project folder of `run` again from its log, and return its workspace."""
    workspace = Workspace(root, sop, log, run)
    entries = await log.read(run)
    for entry in entries:  # the folder's name must be known before its files
        if entry.kind == "project":
            workspace.state.project = entry.body["folder"]
    for entry in entries:
        await workspace(entry)
    return workspace


def _artifacts(stage: Stage) -> dict[str, str]:
    files: dict[str, str] = {}
    for message in stage.messages:
        files.update(message.body.artifacts())
    return files


def _slug(state: State) -> str:
    """Return a folder name made of the first words of the input."""
    text = " ".join(str(getattr(m.body, "text", "")) for m in state.inputs.values())
    words = re.findall(r"[a-z0-9]+", text.lower())
    return "_".join(words[:4])[:40] or "project"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
