"""The project folder is written once, also if writers are killed or work at the same time."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from shop import Echo, Order, environment, shop

from metaco.company import Company
from metaco.core.document import Document
from metaco.core.errors import ConfigurationError, WorkspaceError
from metaco.observers.git import Change, Commit, History
from metaco.observers.locked_files import left_over, locked_file
from metaco.observers.project_folder import ProjectFolder
from metaco.observers.workspace import Workspace, rebuild
from metaco.role import Role, action
from metaco.run.entries import ProjectNamed
from metaco.run.log import Log
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step
from tests.observers.test_workspace import files, git, made, resumed

PROJECTION = Path(__file__).parents[1] / "fixtures" / "projection.py"
SUBJECTS = ["Write", "Fix, round 1"]


def start(root: Path, what: str, point: str = "", path: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, str(PROJECTION), str(root), what, *filter(None, [point])]
    more = {"PATH": f"{path}{os.pathsep}{os.environ['PATH']}"} if path else {}
    return subprocess.Popen(
        command,
        env={**os.environ, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(root: Path, what: str, point: str = "", path: str = "") -> tuple[int, str]:
    process = start(root, what, point, path)
    out, err = process.communicate(timeout=120)
    return process.returncode, out.strip() or err


def whole(root: Path) -> None:
    """Check that the folder is as if nothing had happened."""
    folder = root / "hello_world"
    assert git(folder, "log", "--reverse", "--format=%s").splitlines() == SUBJECTS
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "fsck", "--no-progress", "--no-dangling") == ""
    assert (folder / ".git" / "info" / "exclude").read_text() == ".metaco/\n"
    assert sorted(files(folder)) == ["f0.txt", "f1.txt", "f2.txt"]
    assert not [path for path in folder.rglob("*") if path.suffix in (".new", ".lock")]
    assert [path.name for path in root.iterdir() if path.is_dir()] == ["hello_world"]


POINTS = [f"git:{n}{when}" for n in range(1, 6) for when in ("", "-")]
POINTS += [f"put:{n}{when}" for n in range(2, 8) for when in ("", "-")]


@pytest.mark.parametrize("point", POINTS)
def test_killed_and_opened_again(tmp_path: Path, point: str) -> None:
    code, output = run(tmp_path, "run", point)
    assert code in (0, -signal.SIGKILL), output
    assert run(tmp_path, "resume") == (0, "[] []")
    whole(tmp_path)


WRAPPER = """#!{python}
import os, signal, subprocess, sys
real, folder = {real!r}, os.environ["GIT_DIR"]
if {command!r} in sys.argv and not os.path.exists({once!r}):
    open({once!r}, "w").close()
    {deed}
os.execv(real, ["git", *sys.argv[1:]])
"""
DEEDS = {
    "the parent dies and git goes on": "os.kill(os.getppid(), signal.SIGKILL)",
    "both die": "os.kill(os.getppid(), signal.SIGKILL); os.kill(os.getpid(), signal.SIGKILL)",
    "both die and a lock stays": (
        "open(os.path.join(folder, LOCK), 'w').close();"
        "os.kill(os.getppid(), signal.SIGKILL); os.kill(os.getpid(), signal.SIGKILL)"
    ),
    "half a stream": (
        "text = sys.stdin.buffer.read(); done = subprocess.run([real, *sys.argv[1:]],"
        "input=text[:len(text) * 2 // 3]); os.kill(os.getppid(), signal.SIGKILL); sys.exit(1)"
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("command", ["init", "fast-import", "read-tree"])
def test_killed_with_git_at_work(tmp_path: Path, command: str, deed: str) -> None:
    lock = {"init": "config.lock", "read-tree": "index.lock"}.get(command, "refs/heads/main.lock")
    if deed == "half a stream" and command != "fast-import":
        return
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True)
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin" / "git"
    does = DEEDS[deed].replace("LOCK", repr(lock))
    if command == "init":
        does = does.replace("open(", "os.makedirs(folder); open(", 1)
    wrapper.write_text(
        WRAPPER.format(
            python=sys.executable,
            real=real.stdout.strip(),
            command=command,
            once=str(tmp_path / "once"),
            deed=does,
        )
    )
    wrapper.chmod(0o755)
    root = tmp_path / "root"
    root.mkdir()
    assert run(root, "run", path=str(wrapper.parent))[0] == -signal.SIGKILL
    assert run(root, "resume") == (0, "[] []")
    whole(root)


@pytest.mark.parametrize("point", ["git:2~", "git:3-~", "put:6~"])
def test_interrupted_while_it_is_written(tmp_path: Path, point: str) -> None:
    run(tmp_path, "run", point)
    assert run(tmp_path, "resume") == (0, "[] []")
    whole(tmp_path)


def test_several_at_once(tmp_path: Path) -> None:
    run(tmp_path, "run", "git:1")
    several = [start(tmp_path, what) for what in ("rebuild", "rebuild", "resume", "rebuild")]
    outputs = {process.communicate(timeout=120)[0].strip() for process in several}
    assert "[] []" in outputs
    assert outputs <= {"[] []", "busy"}
    whole(tmp_path)


async def test_a_lock_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    folder = (await made(tmp_path, files=3)).folder
    assert folder
    lock = folder / ".git" / "refs" / "heads" / "main.lock"
    lock.touch()
    (folder / "f0.txt").unlink()
    env = environment(Log(tmp_path / "log"), Echo())
    workspace = Workspace(tmp_path, env.state.messages, env.log, "r", known=env.state.n)
    env.subscribe(workspace, awaited=True)
    await env.open()
    await env.put(Order(text="bye world", files=3))
    await env.run()
    assert lock.exists()
    assert "main.lock" in workspace.problems[0]
    assert (await workspace.finish())[-1].startswith(
        "When that is fixed, `metaco rebuild r` writes"
    )
    lock.unlink()
    again = await rebuild(tmp_path, shop(), Log(tmp_path / "log"), "r")
    assert again.problems == []
    assert len(git(folder, "log", "--format=%s").splitlines()) == 4


async def test_a_branch_that_moved_meanwhile_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = [Commit("a", f"c{n}", n, [Change("f", f"{n}")], f"m{n}") for n in range(4)]
    history = History(tmp_path, tmp_path / ".metaco")
    await history.write(commits[:1])
    missing, slow = history._missing, True

    async def first_somebody_else(*args: Any) -> Any:
        nonlocal slow
        result = await missing(*args)
        if slow:
            slow = False
            await History(tmp_path, tmp_path / ".other").write(commits[:3])  # no lock between them
        return result

    monkeypatch.setattr(history, "_missing", first_somebody_else)
    assert await history.write(commits) == []
    assert git(tmp_path, "log", "--reverse", "--format=%s").split() == ["c0", "c1", "c2", "c3"]


async def test_history_that_the_owner_wrote_anew_is_not_written_again(tmp_path: Path) -> None:
    folder = (await made(tmp_path)).folder
    assert folder
    me = ("-c", "user.name=Me", "-c", "user.email=me@example.org")
    git(folder, "reset", "-q", "--soft", "HEAD~1")
    git(folder, *me, "commit", "-q", "--amend", "-m", "All of it")
    await resumed(tmp_path)
    assert git(folder, "log", "--format=%s") == "All of it"
    await resumed(tmp_path, put=Order(text="bye world"))
    subjects = git(folder, "log", "--reverse", "--format=%s").splitlines()
    assert subjects == ["All of it", "Write", "Settle on the current documents"]


async def test_an_interrupted_stage_has_one_commit_in_the_end(tmp_path: Path) -> None:
    async def stop(request: Any) -> None:
        if "f1" in request.prompt:
            running.cancel()
            await asyncio.Event().wait()

    env = environment(Log(tmp_path / "log"), Echo(stop), parallel=1)
    workspace = Workspace(tmp_path, env.state.messages, env.log, "r")
    env.subscribe(workspace, awaited=True)
    await env.put(Order(text="hello world", files=3))
    running = asyncio.create_task(env.run())
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (tmp_path / "hello_world" / "f0.txt").exists()
    await resumed(tmp_path)
    whole(tmp_path)


async def test_many_at_once_have_their_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metaco.run.observers.GRACE", 0.0)  # it is not what they depend on
    await asyncio.gather(*(watched(tmp_path, f"r{n}") for n in range(12)))
    for n in range(12):
        folder = tmp_path / f"p{n}"
        assert git(folder, "log", "--reverse", "--format=%s").splitlines() == SUBJECTS


async def watched(root: Path, run: str, **more: Any) -> tuple[Any, Workspace]:
    env = environment(Log.open(root / "log"), Echo(), run, **more)
    workspace = Workspace(root, env.state.messages, env.log, run, f"p{run[1:]}")
    env.subscribe(workspace, awaited=True)
    await env.put(Order(text="hello world"))
    await env.run()
    return env, workspace


def test_what_is_held_is_not_left_over(tmp_path: Path) -> None:
    with locked_file(tmp_path, "draft") as (path, _):
        assert list(left_over(tmp_path, "draft")) == []
    assert not path.exists()
    (tmp_path / "draft-0.new").touch()
    (tmp_path / "mine.new").touch()
    assert [path.name for path in left_over(tmp_path, "draft")] == ["draft-0.new"]


# ------------------------------------------------------------------ what makes a run not ok


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "p1").write_text("a file")

    class Taken(Workspace):
        async def _take_folder(self) -> ProjectFolder:
            return ProjectFolder(self.root / "p1")

    env = environment(Log(tmp_path / "log"), Echo(), "r")
    workspace = Taken(tmp_path, env.state.messages, env.log, "r")
    env.subscribe(workspace, awaited=True)
    await env.put(Order(text="hello world"))
    assert await env.run() == "done"
    assert "cannot be written" in (await workspace.finish(env.unseen))[0]
    assert "`metaco rebuild r`" in (await workspace.finish(env.unseen))[-1]


async def test_an_awaited_observer_that_fails_is_kept_in_mind(tmp_path: Path) -> None:
    async def fail(entry: Any) -> None:
        raise OSError(28, "No space left on device")

    env = environment(Log(tmp_path / "log"), Echo())
    env.subscribe(fail, awaited=True)
    await env.put(Order(text="hello world"))
    assert await env.run() == "done"
    assert "No space left" in env.unseen[0]


def everything(root: Path) -> list[Path]:
    return sorted(root.rglob("*"))


@pytest.mark.parametrize(
    "name", ["../out", "/tmp/metaco_out", "a/b", "..", ".", "", ".git", "a\\b", 7]
)
async def test_a_log_names_no_folder_elsewhere(tmp_path: Path, name: Any) -> None:
    root = tmp_path / "deep" / "root"
    log = Log(root / "log")
    env = environment(log, Echo())
    await log.append("r", "", ProjectNamed(name))
    await env.open()
    await env.put(Order(text="hello world"))
    await env.run()
    (root / "metaco.lock").touch()
    before = everything(tmp_path)
    with pytest.raises(WorkspaceError, match="not a folder of"):
        await rebuild(root, shop(), log, "r")
    assert everything(tmp_path) == before


async def test_a_log_names_no_link(tmp_path: Path) -> None:
    folder, outside = (await made(tmp_path)).folder, tmp_path / "outside"
    assert folder
    folder.rename(outside)
    before = files(outside)
    (outside / "f0.txt").unlink()
    folder.symlink_to(outside)
    with pytest.raises(WorkspaceError, match="not a folder of"):
        await rebuild(tmp_path, shop(), Log(tmp_path / "log"), "r")
    assert files(outside).keys() == before.keys() - {"f0.txt"}


# ------------------------------------------------------------------ files that are none


class Odd(Document):
    """A document whose files are whatever the test says."""

    name: str = ""

    @property
    def key(self) -> str:
        return self.name

    def artifacts(self) -> Any:
        return FILES.get(self.name, dict)()

    def project(self) -> Any:
        return b"x" if self.name == "name" else ""

    def accepted(self) -> Any:
        return _raise() if self.name == "accepts" else True


class Rival(Document):
    """Of another kind."""

    def artifacts(self) -> dict[str, str]:
        return {"good.txt": "good"}


class Other(Document):
    """Of another kind."""

    def artifacts(self) -> dict[str, str]:
        return {"docs/plan.md": "mine"}


def _raise() -> Any:
    raise ZeroDivisionError("no files")


FILES: dict[str, Any] = {
    "bytes": lambda: {"a.png": b"x"},
    "number": lambda: {"a.txt": 1},
    "path": lambda: {3: "x"},
    "list": lambda: ["a"],
    "nothing": lambda: None,
    "raises": _raise,
    "leaves": lambda: sys.exit(0),
    "twin": lambda: {"Good.txt": "bad"},
    "theirs": lambda: {"docs/plan.md": "bad"},
    "below": lambda: {"good.txt/x": "bad"},
    "settings": lambda: {"pyproject.toml": "[tool.metaco]\nsandbox = 'off'\n", "b.txt": "b"},
}
WRONG = {
    "bytes": "Odd.artifacts() returns bytes for 'a.png'",
    "number": "Odd.artifacts() returns int for 'a.txt'",
    "path": "Odd.artifacts() returns int as a path: 3",
    "list": "Odd.artifacts() returns list",
    "nothing": "Odd.artifacts() returns NoneType",
    "raises": "Odd.artifacts() raises ZeroDivisionError('no files')",
    "leaves": "Odd.artifacts() raises SystemExit(0)",
    "name": "Odd.project() returns bytes; return text",
    "accepts": "Odd.accepted() raises ZeroDivisionError('no files')",
    "twin": "good.txt and Good.txt are the same file",
    "theirs": "docs/plan.md is a file of Other",
    "below": "good.txt is a file, but good.txt/x requires it to be a folder",
}


class Maker(Role):
    """Makes odd files."""

    name = ""

    @action
    async def plan(self, order: Order) -> Other:
        return Other()

    @action
    async def good(self, other: Other) -> Rival:
        return Rival()

    @action
    async def odd(self, rival: Rival) -> Odd:
        return Odd(name=self.name)


def odd(name: str) -> SOP:
    maker = type("Maker", (Maker,), {"name": name, "__module__": __name__})
    return SOP("odd", [Step(maker, n) for n in ("plan", "good", "odd")], input=Order)


@pytest.mark.parametrize("name", WRONG)
async def test_files_that_are_none_fail_their_turn_and_nothing_else(
    tmp_path: Path, name: str
) -> None:
    env, workspace = await watched(tmp_path, "r1", sop=odd(name))
    assert env.state.status == "failed"
    ((failure),) = env.state.failures.values()
    assert failure.step.endswith(".odd")
    assert WRONG[name] in failure.problem
    assert workspace.problems == env.unseen == []
    assert workspace.folder
    assert sorted(files(workspace.folder)) == ["docs/plan.md", "good.txt"]
    assert (workspace.folder / "good.txt").read_text() == "good"


async def test_settings_of_ours_are_left_out(tmp_path: Path) -> None:
    env, workspace = await watched(tmp_path, "r1", sop=odd("settings"))
    assert env.state.status == "done"
    assert workspace.folder
    assert sorted(files(workspace.folder)) == ["b.txt", "docs/plan.md", "good.txt"]
    assert any("[tool.metaco]" in text for text in workspace.warnings)


async def test_what_is_given_is_checked_too(tmp_path: Path) -> None:
    env = environment(Log(tmp_path / "log"), Echo(), sop=odd("twin"))
    with pytest.raises(TypeError, match=r"Odd\.artifacts"):
        await env.put(Odd(name="bytes"))


async def test_a_company_says_so_before_anything_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rival, "artifacts", lambda self: ["a"])
    company = Company(odd("twin").starting_from([Rival]), model="offline", workspace=tmp_path)
    with pytest.raises(ConfigurationError, match=r"Rival\.artifacts\(\) returns list"):
        await company.run(given=[Rival()])
    assert await company.log.runs() == []


async def test_a_run_whose_folder_is_not_whole_is_not_ok(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p").mkdir()
    company = Company(odd("settings"), model="offline", workspace=tmp_path, name="p")
    write = ProjectFolder.write

    async def too_late(self: ProjectFolder, path: str, text: str, versions: Any) -> None:
        folder = tmp_path / "p_2"
        if path == "b.txt" and folder.is_dir():
            shutil.rmtree(folder)
            folder.write_text("a file")
        await write(self, path, text, versions)

    monkeypatch.setattr(ProjectFolder, "write", too_late)
    result = await company.run(Order(text="hello world"))
    assert (result.status, result.ok) == ("done", False)
    assert f"`metaco rebuild {result.run}`" in result.unwritten[-1]
