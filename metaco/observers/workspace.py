"""The workspace: the folder in which a person sees what a run made.

It is a projection of the log. Each message may have artifacts, files with their text; the folder
holds those of the current messages, and its git history has one commit per stage with the role as
author. Delete the folder and `rebuild` writes it again, byte for byte.

What is there already is safe: a taken name gets a suffix, and a file that its owner changed since
it was written is left as it is. A process that was killed, or one that works at the same time,
changes nothing about the result: what it did not finish is finished when the run is opened again.
"""

from __future__ import annotations

import itertools
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from metaco.core.artifacts import Artifacts
from metaco.core.document import Message, digest
from metaco.core.errors import WorkspaceError
from metaco.observers.git import Change, Commit, History
from metaco.observers.project_folder import LeftAlone, ProjectFolder, content_hash
from metaco.run.entries import (
    DecisionMade,
    Entry,
    InputGiven,
    ProjectNamed,
    RunEnded,
    TurnCompleted,
)
from metaco.run.lock import alone
from metaco.run.log import Log
from metaco.run.messages import Messages
from metaco.run.state import State
from metaco.sop.procedure import SOP

__all__ = ["Workspace", "rebuild"]


class Workspace:
    """An observer that keeps the project folder of one run in step with its log.

    Args:
        root: the folder that holds all projects.
        messages: reads the messages of the run; who else reads them can share it.
        log, run: the run to show.
        name: what to call the project, if its documents are not to decide.
        known: how many entries the log held before; what they say is not written version by
            version, but once, behind the last of them.

    Attributes:
        folder: the project, once there is one.
        warnings: what a person should know: files and commits that were left out, and why.
        problems: what is wrong with the folder, so that it does not hold what the log holds.
    """

    def __init__(
        self, root: Path, messages: Messages, log: Log, run: str, name: str = "", known: int = 0
    ) -> None:
        self.root, self.log, self.run, self.name = root, log, run, name
        self.state = State(messages.sop, run, messages=messages)
        self.warnings: list[str] = []
        self.problems: list[str] = []
        self._when: dict[str, float] = {}
        self._artifacts: dict[str, dict[str, str]] = {}  # of each message
        self._versions: dict[tuple[str, str], int] = {}  # path and hash: when the log had it
        self._project: ProjectFolder | None = None
        self._known = known
        self._commits: list[Commit] = []  # the history as the log has it
        self._committed: dict[str, str] = {}  # path and hash, behind the last of them

    @property
    def folder(self) -> Path | None:
        return self._project.path if self._project else None

    async def __call__(self, entry: Entry) -> None:
        """Show one more entry."""
        self.state.apply(entry)
        messages = self._published(entry)
        for message in messages:
            self._when.setdefault(message.id, entry.at)
            for path, text in self._files([message]).items():
                self._versions[path, content_hash(text.encode())] = entry.n
        ended = isinstance(entry.fact, RunEnded)
        if ended:
            self._note_commits()
        if entry.n == self._known or (ended and entry.n > self._known):
            await self._settle(entry.n)
        elif entry.n > self._known:
            await self._write(self._files(messages))

    def _tree(self) -> dict[str, str]:
        """Return all files of the run, the last version of each: what was given comes first."""
        stages = [m for stage in self.state.stages() for m in stage.messages]
        return self._files([*self.state.inputs.values(), *stages])

    def _files(self, messages: Iterable[Message]) -> dict[str, str]:
        """Return what may be written of what these messages put into the project."""
        files: dict[str, str] = {}
        for message in messages:
            if message.id not in self._artifacts:
                try:
                    artifacts = Artifacts.of(message.body, self.state.sandbox == "off")
                    self.name = self.name or artifacts.project
                except TypeError as error:  # its class is not the one that was published
                    self._problem(f"{error} Its files are not written.")
                    artifacts = Artifacts()
                for path, why in artifacts.refused.items():
                    self._warn(f"{path!r} was not written: {why.rstrip('.')}.")
                self._artifacts[message.id] = artifacts.files
            files |= self._artifacts[message.id]
        return files

    def _published(self, entry: Entry) -> list[Message]:
        match entry.fact:
            case InputGiven() as published:
                return [self.state.messages.decode(published)]
            case TurnCompleted():
                return self.state.memory[entry.key]
            case DecisionMade(publishes=publishes):
                return list(map(self.state.messages.decode, publishes))
        return []

    async def _settle(self, n: int) -> None:
        """Bring the folder to the state of the run, and its history."""
        tree = self._tree()
        if not self._project:
            if not tree:
                return
            self._project = await self._take_folder()
        project = self._project
        await self._write(tree)
        if self.state.status == "done":  # else what is missing may be on its way
            for path in sorted(project.files.keys() - tree.keys()):
                try:
                    project.remove(path)
                except OSError as error:
                    self._problem(f"{path} cannot be removed: {error}.")
        project.noted = n
        if self._commits:
            try:
                history = History(project.path, project.metaco_folder)
                problems = await history.write(self._commits, project.commit)
            except WorkspaceError as error:
                self._problem(error.problem)
            else:
                self._warn(*problems)
                if not problems:
                    project.commit = self._commits[-1].mark
        project.save()

    async def _write(self, files: Mapping[str, str]) -> None:
        """Write files; one that cannot be written is a problem and no loss for the others."""
        if files and not self._project:
            self._project = await self._take_folder()
        for path, text in files.items():
            assert self._project
            try:
                await self._project.write(path, text, self._versions)
            except LeftAlone as error:
                self._warn(str(error))
            except WorkspaceError as error:
                self._problem(error.problem)
            except OSError as error:
                self._problem(f"{path} cannot be written: {error}.")

    async def finish(self, unseen: Iterable[str] = ()) -> tuple[str, ...]:
        """Return why the folder does not hold what the log holds, and what to do about it.

        The log keeps it, so that every later command says the same of the run.

        Args:
            unseen: why the workspace, or another observer that is awaited, saw no end of the run.
        """
        problems = (*unseen, *self.problems)
        remedy = f"When that is fixed, `metaco rebuild {self.run}` writes what is missing."
        unwritten = (*problems, remedy) if problems else ()
        if unwritten != self.state.unwritten:
            fact = ProjectNamed(self.folder.name if self.folder else "", unwritten)
            entry = await self.log.append(self.run, secrets.token_hex(8), fact)
            if entry:
                self.state.apply(entry)
        return unwritten

    def _warn(self, *problems: str) -> None:
        self.warnings += [problem for problem in problems if problem not in self.warnings]

    def _problem(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    # -- the folder

    async def _take_folder(self) -> ProjectFolder:
        """Return the folder of this run: the one it has, else a new one that nobody else has."""
        if self.state.project:
            project = self._known_folder()
            if project.run not in ("", self.run):
                raise WorkspaceError(
                    f"The project folder {project.path} belongs to the run {project.run} now.",
                    f"Move it away, then run `metaco rebuild {self.run}`.",
                )
            project.take(self.run)
            return project
        name = _folder_name(self.name) or _folder_name(_text(self.state)) or "project"
        for n in itertools.count(1):
            path = self.root / (name if n == 1 else f"{name}_{n}")
            try:
                path.mkdir(parents=True)
            except FileExistsError:
                if ProjectFolder(path).run != self.run:
                    continue
            except OSError as error:
                raise WorkspaceError(
                    f"The project folder {path} cannot be made: {error}.",
                    "Choose another place with --workspace.",
                ) from error
            project = ProjectFolder(path)
            project.take(self.run)
            entry = await self.log.append(self.run, "", ProjectNamed(path.name))
            if entry is None:  # another process was faster; its folder is the run's
                known = await self.log.last(self.run, ProjectNamed)
                assert known
                self.state.project = known.folder
                if path.name != self.state.project:
                    shutil.rmtree(path)  # it is new, and nothing is in it but the manifest
                self._known_folder()
                return await self._take_folder()
            return project
        raise AssertionError("unreachable")

    def _known_folder(self) -> ProjectFolder:
        """Return the folder that the log names, which is not trusted with paths either.

        Raises:
            WorkspaceError: it is no folder of this workspace.
        """
        name = self.state.project
        if isinstance(name, str) and re.fullmatch(r"[^\W_][\w.-]*", name):
            folder = self.root / name
            if not folder.is_symlink():
                return ProjectFolder(folder)
        raise WorkspaceError(
            f"The log names {name!r} as the project folder, not a folder of {self.root}.",
            "Nothing is written. Restore metaco.db from a copy, or put a folder in the place of "
            "a link.",
        )

    # -- history

    def _note_commits(self) -> None:
        """Add to the history what the state of the run adds to it: one commit per stage.

        A stage that is not done yet waits, so that it has one commit also where a run is
        interrupted within.
        """
        commits: list[Commit] = []
        marks = {commit.mark for commit in self._commits}
        given = list(self.state.inputs.values())
        mark = digest(self.run, "given", [message.id for message in given])
        if mark not in marks:
            commits.append(Commit("metaco", "Given", *self._change(given), mark))
        for stage in self.state.stages():
            mark = digest(self.run, stage.place, [message.id for message in stage.messages])
            if stage.done and mark not in marks:
                what = stage.step.action.replace("_", " ").capitalize()
                round = f", round {stage.place[-2]}" if len(stage.place) > 1 else ""
                facts = self._change(stage.messages)
                commits.append(Commit(stage.step.role_name, f"{what}{round}", *facts, mark))
        if self.state.status == "done":
            tree = self._tree()
            gone = dict.fromkeys(self._committed.keys() - tree.keys())
            if rest := self._changes({**tree, **gone}):
                last = max(self._when.values())
                mark = digest(self.run, "settle", self.state.n)
                what = "Settle on the current documents"
                commits.append(Commit("metaco", what, last, rest, mark))
        self._commits += [commit for commit in commits if commit.changes]

    def _change(self, messages: Iterable[Message]) -> tuple[float, list[Change]]:
        """Return when these were published, and what they change."""
        when = max((self._when.get(message.id, 0.0) for message in messages), default=0.0)
        return when, self._changes(self._files(messages))

    def _changes(self, files: Mapping[str, str | None]) -> list[Change]:
        """Return what `files` changes in what is committed, and bring that up to date."""
        changes = []
        for path, text in sorted(files.items()):
            if text is None:
                del self._committed[path]
                changes.append(Change(path, None))
            elif self._committed.get(path) != (mark := content_hash(text.encode())):
                self._committed[path] = mark
                changes.append(Change(path, text))
        return changes


async def rebuild(root: Path, sop: SOP, log: Log, run: str) -> Workspace:
    """Write the project folder of `run` again from its log, and return its workspace.

    Raises:
        RunBusy: somebody else works on the run.
    """
    async with alone(root, run):
        entries = await log.read(run)
        workspace = Workspace(root, Messages(sop), log, run, known=len(entries))
        for entry in entries:  # the folder's name must be known before its files
            if isinstance(entry.fact, ProjectNamed) and entry.fact.folder:
                workspace.state.project = entry.fact.folder
        for entry in entries:
            await workspace(entry)
        await workspace.finish()
        return workspace


def _text(state: State) -> str:
    """Return the first words of the input."""
    text = " ".join(str(getattr(m.body, "text", "")) for m in state.inputs.values())
    return " ".join(re.findall(r"[a-z0-9]+", text.lower())[:4])[:40]


def _folder_name(name: str) -> str:
    """Return what of `name` can be the name of a folder; documents are not trusted with paths."""
    return "_".join(re.findall(r"[\w.-]+", name))[:60].strip("._-")
