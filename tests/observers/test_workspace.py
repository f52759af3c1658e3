"""The project folder: a projection of the log that never harms what is not its own."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from shop import Echo, Order, environment, shop

from metaco.core.document import Document
from metaco.core.errors import RunBusy, WorkspaceError
from metaco.observers.workspace import Workspace, rebuild
from metaco.role import Role, action
from metaco.run.environment import Environment
from metaco.run.gates import Decision
from metaco.run.log import Log
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step


def observed(
    root: Path, log: Log, run: str, name: str = "", known: int = 0, **more: Any
) -> tuple[Environment, Workspace]:
    env = environment(log, more.pop("model", None) or Echo(), run, **more)
    workspace = Workspace(root, env.state.messages, log, run, name, known)
    env.subscribe(workspace)
    return env, workspace


async def made(
    root: Path, run: str = "r", text: str = "hello world", files: int = 2, **more: Any
) -> Workspace:
    env, workspace = observed(root, Log(root / "log"), run, **more)
    await env.open()
    await env.put(Order(text=text, files=files))
    await env.run()
    assert env.warnings == []
    return workspace


async def resumed(
    root: Path, run: str = "r", put: Document | None = None, **more: Any
) -> Workspace:
    log = Log(root / "log")
    known = len(await log.read(run)) + bool(put)
    env, workspace = observed(root, log, run, known=known, **more)
    await env.open()
    if put:
        await env.put(put)
    await env.run()
    assert env.warnings == []
    return workspace


def git(folder: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {".git", ".metaco"} & set(path.relative_to(folder).parts)
    }


def folders(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if path.is_dir())


async def test_files_and_history(tmp_path: Path) -> None:
    workspace = await made(tmp_path)
    folder = workspace.folder
    assert folder == tmp_path / "hello_world"
    assert sorted(files(folder)) == ["f0.txt", "f1.txt"]
    assert (folder / "f0.txt").read_text() == "f0.txt <mend>"
    assert workspace.warnings == []
    log = git(folder, "log", "--reverse", "--format=%an <%ae>: %s (%cn)")
    assert log.splitlines() == [
        "Writer <writer@metaco.invalid>: Write (metaco)",
        "Writer <writer@metaco.invalid>: Fix, round 1 (metaco)",
    ]
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "show", "HEAD~1:f0.txt") == "<<hello> f0.txt>!"
    assert not list(folder.rglob("*.new"))


async def test_deleted_and_rebuilt_it_is_the_same_to_the_byte(tmp_path: Path) -> None:
    workspace = await made(tmp_path, files=3)
    await resumed(tmp_path, put=Order(text="bye world", files=2))
    await resumed(tmp_path, put=Order(text="hello world", files=4))
    folder = workspace.folder
    assert folder
    before, head = files(folder), git(folder, "log", "--format=%H %T %s")
    assert len(head.splitlines()) >= 5
    shutil.rmtree(folder)
    again = await rebuild(tmp_path, shop(), Log(tmp_path / "log"), "r")
    assert again.folder == folder
    assert files(folder) == before
    assert git(folder, "log", "--format=%H %T %s") == head
    assert git(folder, "status", "--porcelain") == ""
    await rebuild(tmp_path, shop(), Log(tmp_path / "log"), "r")  # and once more changes nothing
    assert files(folder) == before
    assert git(folder, "log", "--format=%H %T %s") == head


async def test_a_file_that_a_change_does_away_with_disappears(tmp_path: Path) -> None:
    workspace = await made(tmp_path, files=3)
    assert workspace.folder
    await resumed(tmp_path, put=Order(text="hello world", files=1))
    assert list(files(workspace.folder)) == ["f0.txt"]
    assert git(workspace.folder, "ls-tree", "-r", "--name-only", "HEAD") == "f0.txt"


async def test_an_edit_of_the_owner_survives(tmp_path: Path) -> None:
    folder = (await made(tmp_path, files=3)).folder
    assert folder
    (folder / "f1.txt").write_text("mine")
    (folder / "f2.txt").write_text("mine, too")
    (folder / "notes.txt").write_text("not yours at all")
    later = await resumed(tmp_path, put=Order(text="bye world", files=2))
    assert (folder / "f1.txt").read_text() == "mine"
    assert (folder / "f2.txt").read_text() == "mine, too"  # although its document is gone
    assert (folder / "notes.txt").read_text() == "not yours at all"
    assert later.warnings == [
        "f1.txt was changed by hand and is left as it is; the new version is in the log."
    ]
    assert git(folder, "show", "HEAD:f1.txt") == "<<bye> f1.txt>"  # the two can be compared
    await resumed(tmp_path)
    assert (folder / "f1.txt").read_text() == "mine"


async def test_after_a_crash_nothing_is_taken_for_an_edit(tmp_path: Path) -> None:
    """The files are newer than what was noted down of them."""

    class Killed(Exception):
        pass

    class Dying(Workspace):
        async def _settle(self, n: int) -> None:
            raise Killed  # before anything of the end is noted down

    log = Log(tmp_path / "log")
    env = environment(log, Echo(), "r")
    env.subscribe(Dying(tmp_path, env.state.messages, log, "r"))
    await env.put(Order(text="hello world"))
    await env.run()
    folder = tmp_path / "hello_world"
    assert (folder / "f0.txt").read_text() == "f0.txt <mend>"
    later = await resumed(tmp_path, put=Order(text="bye world"))
    assert later.warnings == []
    assert later.folder == folder
    assert (folder / "f1.txt").read_text() == "<<bye> f1.txt>"


async def test_names_that_are_taken_get_a_suffix(tmp_path: Path) -> None:
    taken = tmp_path / "hello_world"
    taken.mkdir()
    (taken / "f0.txt").write_text("older than metaco")
    (tmp_path / "hello_world_2").write_text("a file")
    first, second = await made(tmp_path, "a"), await made(tmp_path, "b")
    assert first.folder == tmp_path / "hello_world_3"
    assert second.folder == tmp_path / "hello_world_4"
    assert (taken / "f0.txt").read_text() == "older than metaco"
    assert list(files(taken)) == ["f0.txt"]


async def test_two_runs_at_once_never_share_a_folder(tmp_path: Path) -> None:
    workspaces = await asyncio.gather(*(made(tmp_path, f"r{n}") for n in range(12)))
    folders = [workspace.folder for workspace in workspaces]
    assert len(set(folders)) == 12
    assert all(folder and files(folder) for folder in folders)


async def test_two_environments_on_one_run_share_its_folder(tmp_path: Path) -> None:
    pairs = [observed(tmp_path, Log(tmp_path / "log"), "r") for _ in range(2)]
    await pairs[0][0].put(Order(text="hello world", files=4))
    ends = await asyncio.gather(*(env.run() for env, _ in pairs), return_exceptions=True)
    assert all(end == "done" or isinstance(end, RunBusy) for end in ends)
    pairs.append(observed(tmp_path, Log(tmp_path / "log"), "r"))
    assert await pairs[-1][0].run() == "done"
    assert {w.folder for _, w in pairs if w.folder} == {tmp_path / "hello_world"}
    assert pairs[-1][1].folder
    assert folders(tmp_path) == ["hello_world"]


async def test_a_folder_that_went_to_another_run_is_not_touched(tmp_path: Path) -> None:
    first = await made(tmp_path, "a")
    assert first.folder
    shutil.rmtree(first.folder)
    await made(tmp_path, "b", text="hello world again")
    (tmp_path / "hello_world_again").rename(first.folder)
    before = files(first.folder)
    with pytest.raises(WorkspaceError, match="belongs to the run b now"):
        await rebuild(tmp_path, shop(), Log(tmp_path / "log"), "a")
    assert files(first.folder) == before


# ------------------------------------------------------------------ paths that are not trusted


class Loot(Document):
    """Files with paths that nobody should write."""

    paths: list[str]
    name: str = ""

    def artifacts(self) -> dict[str, str]:
        return dict.fromkeys(self.paths, "loot")

    def project(self) -> str:
        return self.name


class Thief(Role):
    """Tries to write where it should not."""

    paths: tuple[str, ...] = ()
    name = ""

    @action
    async def steal(self, order: Order) -> Loot:
        return Loot(paths=[*self.paths, "good.txt"], name=self.name)


def heist(*paths: str, name: str = "loot") -> SOP:
    thief = type("Thief", (Thief,), {"paths": paths, "name": name, "__module__": __name__})
    return SOP("heist", [Step(thief, "steal")], input=Order)


async def test_bad_paths_are_refused_and_good_ones_written(tmp_path: Path) -> None:
    root = tmp_path / "root"
    bad = ["../out.txt", "/tmp/metaco_loot", "a/../../b", ".git/hooks/pre-commit", "x/.git/config"]
    bad += [".metaco/manifest.json", ".Metaco", "x/metaco.toml", "C:\\a", "a\nb", ""]
    workspace = await made(root, sop=heist(*bad))
    assert workspace.folder
    assert list(files(workspace.folder)) == ["good.txt"]
    assert len(workspace.warnings) == len(bad)
    assert git(workspace.folder, "ls-files") == "good.txt"
    assert folders(tmp_path) == ["root"]
    assert not (tmp_path / "out.txt").exists()


async def test_links_are_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    (outside / "f").write_text("safe")
    folder = (await made(root, sop=heist("sub/f", "f"))).folder
    assert folder
    shutil.rmtree(folder / "sub")
    (folder / "sub").symlink_to(outside)
    (folder / "f").unlink()
    (folder / "f").symlink_to(outside / "f")
    later = await rebuild(root, heist("sub/f", "f"), Log(root / "log"), "r")
    assert (outside / "f").read_text() == "safe"
    assert list(files(outside)) == ["f"]
    assert any("leads out of the project through a link" in text for text in later.warnings)
    assert any("f was changed by hand" in text for text in later.warnings)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("../../out", "out"),
        ("/etc/passwd", "etc_passwd"),
        (".git", "git"),
        ("..", "hello_world"),
        ("", "hello_world"),
        ("ein Stück 戏剧", "ein_Stück_戏剧"),
        ("x" * 300, "x" * 60),
    ],
)
async def test_a_project_name_is_no_path(tmp_path: Path, name: str, folder: str) -> None:
    root = tmp_path / "a" / "b" / "root"
    workspace = await made(root, sop=heist(name=name))
    assert workspace.folder == root / folder


async def test_a_file_in_the_way_harms_only_itself(tmp_path: Path) -> None:
    workspace = await made(tmp_path, sop=heist("a", "a/b"))
    assert workspace.folder
    assert sorted(files(workspace.folder)) == ["a", "good.txt"]
    assert len(workspace.warnings) == 1
    assert "a is a file, but a/b requires it to be a folder" in workspace.warnings[0]
    assert not list(workspace.folder.rglob("*.new"))


# ------------------------------------------------------------------ git


async def test_without_git_there_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    workspace = await made(tmp_path)
    assert workspace.warnings == ["git is not installed, so the project has no history."]
    assert workspace.folder
    assert len(files(workspace.folder)) == 2


async def test_nothing_that_lies_about_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hooks, templates, a monitor and filters of the user or the folder are left alone."""
    trap = tmp_path / "trap"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n")
    script.chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text(f"[core]\n\tfsmonitor = {script}\n\thooksPath = {tmp_path}\n")
    for name in ("post-commit", "reference-transaction", "post-index-change"):
        shutil.copy(script, tmp_path / name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = (await made(tmp_path / "root")).folder
    assert folder
    for name in ("post-commit", "reference-transaction", "post-index-change"):
        (folder / ".git" / "hooks").mkdir(exist_ok=True)
        shutil.copy(script, folder / ".git" / "hooks" / name)
    await resumed(tmp_path / "root", put=Order(text="bye world"))
    assert not trap.exists()
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    assert len(git(folder, "log", "--format=%H").splitlines()) == 4


async def test_commits_of_the_owner_stay(tmp_path: Path) -> None:
    folder = (await made(tmp_path)).folder
    assert folder
    (folder / "notes.txt").write_text("mine")
    git(folder, "add", "notes.txt")
    git(folder, "-c", "user.name=Me", "-c", "user.email=me@example.org", "commit", "-qm", "Note")
    await resumed(tmp_path, put=Order(text="bye world"))
    subjects = git(folder, "log", "--reverse", "--format=%s").splitlines()
    assert subjects[2] == "Note"
    assert len(subjects) == 5
    assert git(folder, "show", "HEAD:notes.txt") == "mine"
    git(folder, "checkout", "-q", "-b", "mine")
    later = await resumed(tmp_path, put=Order(text="good world"))
    assert later.warnings == ["The project is not on its branch main, so nothing was committed."]
    git(folder, "checkout", "-q", "main")
    later = await resumed(tmp_path)
    assert len(git(folder, "log", "--format=%s").splitlines()) == 7  # nothing was left out


async def test_what_a_person_edited_at_a_gate_is_what_the_folder_holds(tmp_path: Path) -> None:
    async def ask(turn: Any, documents: list[Document]) -> Decision:
        return Decision("edit", [documents[0].model_copy(update={"text": "as I want it"})])

    workspace = await made(tmp_path, sop=shop(write={"gate": True}), ask=ask)
    assert workspace.folder
    assert (workspace.folder / "f1.txt").read_text() == "as I want it"
    assert "1970" not in git(workspace.folder, "log", "--format=%ai")
