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
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from metaco.document import Message
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
        known: how many entries the log held before; what they say is not written version by
            version, but once, behind the last of them.
    """

    def __init__(
        self, root: Path, sop: SOP, log: Log, run: str, name: str = "", known: int = 0
    ) -> None:
        self.root, self.log, self.run, self.wish = root, log, run, name
        self.state = State(sop, run)
        self.folder: Path | None = None
        self.warnings: list[str] = []
        self._when: dict[str, float] = {}
        self._versions: dict[tuple[str, str], int] = {}  # path and hash: when the log had it
        self._manifest: dict[str, Any] = _blank("")
        self._known = known

    async def __call__(self, entry: Entry) -> None:
        """Show one more entry."""
        self.state.extend([entry])
        messages = self._published(entry)
        for message in messages:
            self._when.setdefault(message.id, entry.at)
            self.wish = self.wish or message.body.project()
            for path, text in _safe(message).items():
                self._versions[path, _hash(text.encode())] = entry.n
        if entry.n > self._known:
            await self._write({p: t for message in messages for p, t in _safe(message).items()})
        elif entry.n == self._known:
            await self._write(self._tree(self.state.stages()))
        if entry.kind == "end":
            await self._settle(entry.n)

    def _tree(self, stages: Iterable[Stage]) -> dict[str, str]:
        """Return all files of the run, the last version of each: what was given comes first."""
        return _files(self.state.inputs.values()) | _tree(stages)

    def _published(self, entry: Entry) -> list[Message]:
        if entry.kind == "input":
            return [self.state.decode(entry.body)]
        if entry.kind == "turn":
            messages = self.state.memory[entry.key]
            for path, problem in (item for m in messages for item in _unsafe(m).items()):
                self._warn(f"{path!r} was not written: {problem}.")
            return messages
        if entry.kind == "decision":
            return [self.state.decode(raw) for raw in entry.body["publishes"]]
        return []

    async def _settle(self, n: int) -> None:
        """Bring the folder to the state of the run, and its history."""
        stages = self.state.stages()
        tree = self._tree(stages)
        if not self.folder:
            if not tree:
                return
            self.folder = await self._take_folder()
        if n >= self._known:
            await self._write(tree)
            for path in sorted(self._manifest["files"].keys() - tree.keys()):
                self._remove(path)
            self._manifest["noted"] = n
        if n > self._manifest["committed"] and await self._commit(stages, tree):
            self._manifest["committed"] = n
        self._save()

    def _warn(self, *problems: str) -> None:
        self.warnings += [problem for problem in problems if problem not in self.warnings]

    # -- the folder

    async def _take_folder(self) -> Path:
        """Return the folder of this run: the one it has, else a new one that nobody else has."""
        if self.state.project:
            folder = self.root / self.state.project
            self._load(folder)
            if self._manifest["run"] not in ("", self.run):
                raise WorkspaceError(
                    f"The project folder {folder} belongs to the run {self._manifest['run']} now.",
                    f"Move it away, then run `metaco rebuild {self.run}`.",
                )
            folder.mkdir(parents=True, exist_ok=True)
            self._manifest["run"] = self.run
            self._save(folder)
            return folder
        wish = _folder_name(self.wish) or _folder_name(_text(self.state)) or "project"
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
                if folder.name != self.state.project:
                    shutil.rmtree(folder)  # it is new, and nothing is in it but the manifest
                return await self._take_folder()
            return folder
        raise AssertionError("unreachable")

    def _load(self, folder: Path) -> None:
        try:
            found = json.loads((folder / _MANIFEST).read_text("utf-8"))
            self._manifest = {**_blank(""), **found}
        except (OSError, ValueError, TypeError):
            self._manifest = _blank("")

    def _save(self, folder: Path | None = None) -> None:
        where = folder or self.folder
        assert where
        path = where / _MANIFEST
        path.parent.mkdir(exist_ok=True)
        _replace(path, json.dumps(self._manifest, indent=1, sort_keys=True) + "\n")

    # -- files

    async def _write(self, files: Mapping[str, str]) -> None:
        """Write files; one that cannot be written is a warning and no loss for the others."""
        if files and not self.folder:
            self.folder = await self._take_folder()
        for path, text in files.items():
            try:
                await self._write_one(path, text)
            except WorkspaceError as error:
                self._warn(str(error))

    async def _write_one(self, path: str, text: str) -> None:
        """Write a file, unless its owner changed it since we last did."""
        import aiofiles

        target, known = self._place(path), self._manifest["files"].get(path)
        if target.is_symlink() or target.is_file():
            there = _hash(target.read_bytes()) if not target.is_symlink() else ""
            if there == _hash(text.encode()):
                self._manifest["files"][path] = there
                return
            # A process that was killed may have written what it could not note down.
            ours = self._versions.get((path, there), -1) > self._manifest["noted"]
            if there != known and not ours:
                self._warn(
                    f"{path} was changed by hand and is left as it is; "
                    "the new version is in the log."
                )
                return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}.{os.getpid()}-{id(self):x}.new")
            async with aiofiles.open(draft, "w", encoding="utf-8", newline="\n") as file:
                await file.write(text)
            try:
                draft.replace(target)
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise WorkspaceError(
                f"{target} cannot be written: {error}.",
                "Free some space or mend the permissions, then run `metaco rebuild`.",
            ) from error
        self._manifest["files"][path] = _hash(text.encode())

    def _remove(self, path: str) -> None:
        """Remove a file of an earlier version, unless its owner changed it."""
        known = self._manifest["files"].pop(path)
        try:
            target = self._place(path)
        except WorkspaceError:
            return  # a link of the owner's has taken the place of its folder
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

    async def _commit(self, stages: list[Stage], tree: dict[str, str]) -> bool:
        """Write one commit per stage that has none yet; false where git could not."""
        assert self.folder
        known, before = list(self._manifest["commits"]), dict(self._manifest["tree"])
        commits = []
        given = self.state.inputs.values()
        name = "given " + " ".join(message.id for message in given)
        if (files := _files(given)) and name not in known:
            known.append(name)
            when = max(self._when.get(message.id, 0.0) for message in given)
            commits.append(Commit("metaco", "Given", when, self._changes(before, files)))
        for stage in stages:
            name = "/".join(map(str, stage.path)) + " " + " ".join(m.id for m in stage.messages)
            if name in known:
                continue
            known.append(name)
            commits.append(self._stage_commit(stage, self._changes(before, _tree([stage]))))
        gone = dict.fromkeys(before.keys() - tree.keys())
        if rest := self._changes(before, {**tree, **gone}):
            last = max(self._when.values())
            commits.append(Commit("metaco", "Settle on the current documents", last, rest))
        if commits := [commit for commit in commits if commit.changes]:
            problems = await History(self.folder).write(commits)
            self._warn(*problems)
            if problems:
                return False
        self._manifest |= {"commits": known, "tree": before}
        return True

    def _changes(self, before: dict[str, str], files: dict[str, Any]) -> list[Change]:
        """Return what `files` changes in `before`, and bring that up to date."""
        changes = []
        for path, text in sorted(files.items()):
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
    entries = await log.read(run)
    workspace = Workspace(root, sop, log, run, known=len(entries))
    for entry in entries:  # the folder's name must be known before its files
        if entry.kind == "project":
            workspace.state.project = entry.body["folder"]
    for entry in entries:
        await workspace(entry)
    return workspace


def _blank(run: str) -> dict[str, Any]:
    return {
        "run": run,
        "files": {},  # path -> hash of what was last written
        "noted": 0,  # up to where in the log that is so
        "tree": {},  # path -> hash of what was last committed
        "commits": [],
        "committed": 0,
    }


def _safe(message: Message) -> dict[str, str]:
    """Return the artifacts of a message that may be written, by their plain paths."""
    files = {}
    for path, text in message.body.artifacts().items():
        with suppress(ValueError):
            files[safe_path(path)] = text
    return files


def _unsafe(message: Message) -> dict[str, str]:
    """Return the other ones, and what is wrong with them."""
    wrong = {}
    for path in message.body.artifacts():
        try:
            safe_path(path)
        except ValueError as error:
            wrong[path] = str(error).rstrip(".")
    return wrong


def _tree(stages: Iterable[Stage]) -> dict[str, str]:
    """Return all files that these stages make, the last version of each."""
    return {p: t for stage in stages for p, t in _files(stage.messages).items()}


def _files(messages: Iterable[Message]) -> dict[str, str]:
    return {p: t for message in messages for p, t in _safe(message).items()}


def _text(state: State) -> str:
    """Return the first words of the input."""
    text = " ".join(str(getattr(m.body, "text", "")) for m in state.inputs.values())
    return " ".join(re.findall(r"[a-z0-9]+", text.lower())[:4])[:40]


def _folder_name(wish: str) -> str:
    """Return what of `wish` can be the name of a folder; documents are not trusted with paths."""
    return "_".join(re.findall(r"[\w.-]+", wish))[:60].strip("._-")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
