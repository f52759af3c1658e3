"""Which tier is chosen, how it is reported, and what happens where there is none."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from metaco.core.errors import ConfigurationError, SandboxUnavailable
from metaco.sandbox import CONFINING, open_sandbox, probe
from metaco.sandbox.tiers import Tier

MODES: tuple[Literal["auto", "require"], ...] = ("auto", "require")


async def test_probe_reports_every_tier_best_first() -> None:
    reports = await probe()
    assert [report.name for report in reports] == [*CONFINING, "plain"]
    for report in reports:
        assert report.works == bool(report.confines) == (not report.why_not)
        assert report.works or report.remedy


async def test_auto_takes_the_best_that_works() -> None:
    best = next(report.name for report in await probe() if report.works)
    if best == "plain":
        pytest.skip("no tier confines here")
    assert (await open_sandbox()).tier == best


async def test_off_is_plain() -> None:
    assert (await open_sandbox("off")).tier == "plain"


@pytest.mark.parametrize("mode", ["auto", "require"])
@pytest.mark.parametrize("tiers", [(), ("plain",)])
async def test_nothing_but_off_is_unconfined(
    mode: Literal["auto", "require"], tiers: tuple[str, ...]
) -> None:
    with pytest.raises(SandboxUnavailable, match="No sandbox that confines") as caught:
        await open_sandbox(mode, tiers=tiers)
    assert "--sandbox off" in caught.value.remedy


@pytest.mark.parametrize("mode", ["", "Off", "none", "plain", None])
async def test_an_unknown_mode_is_refused(mode: Any) -> None:
    with pytest.raises(ConfigurationError, match="There is no sandbox"):
        await open_sandbox(mode)


async def test_auto_refuses_where_no_tier_can_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """As without bwrap on the PATH, without Landlock and without namespaces."""
    module = sys.modules["metaco.sandbox.probe"]
    monkeypatch.setattr(module, "_reports", {})
    monkeypatch.setattr("metaco.sandbox.shim.landlock.version", lambda: 0)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("metaco.sandbox.tiers._SHIM", "/nowhere")
    with pytest.raises(SandboxUnavailable) as caught:
        await open_sandbox("auto")
    for reason in ("namespaces: ", "bwrap is not installed", "it needs Landlock 3"):
        assert reason in str(caught.value)


async def test_a_tier_that_leaks_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tier that starts but confines nothing is refused: it is plain under a better name."""
    module = sys.modules["metaco.sandbox.probe"]  # the function hides the module
    monkeypatch.setattr(module, "_reports", {})
    monkeypatch.setattr(module, "tier_named", lambda name: Tier(name, "none", confined=False))
    report = (await probe())[0]
    assert not report.works
    assert "a file outside could be read" in report.why_not
    assert "a port of the host could be reached" in report.why_not
    for mode in MODES:
        with pytest.raises(SandboxUnavailable, match="could be read"):
            await open_sandbox(mode)


async def test_pytest_is_compiled_outside_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Confined programs cannot write beside packages, and would compile them again each time."""
    package = tmp_path / "_pytest" / "__init__.py"
    package.parent.mkdir()
    package.write_text("")
    compiled = Path(importlib.util.cache_from_source(str(package)))
    spec = importlib.machinery.ModuleSpec("_pytest", None, origin=str(package))
    commands: list[Sequence[str]] = []

    class Plain:
        async def run(self, files: object, command: Sequence[str], **options: object) -> None:
            commands.append(command)
            compiled.parent.mkdir()
            compiled.touch()  # noqa: ASYNC240

    if not any(report.works for report in (await probe())[:-1]):
        pytest.skip("no tier confines here")
    monkeypatch.setattr(sys.modules["metaco.sandbox.probe"], "_sandbox", lambda name: Plain())
    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr("importlib.util.find_spec", lambda name: spec)
            await open_sandbox()
    (command,) = commands
    assert command[:3] == ["python", "-m", "pytest"]


WITHOUT_NAMESPACES = """
import asyncio
from metaco.core.errors import SandboxUnavailable
from metaco.sandbox import open_sandbox, probe
async def main():
    reports = {report.name: report for report in await probe()}
    print(reports["namespaces"].works, reports["namespaces"].why_not)
    print(reports["namespaces"].remedy)
    try:
        chosen = (await open_sandbox("auto")).tier
    except SandboxUnavailable:
        chosen = "none"
    print(chosen, reports["landlock"].works)
asyncio.run(main())
"""


def test_namespaces_forbidden() -> None:
    """As in a container: root without CAP_SYS_ADMIN, in a user namespace that allows no more."""
    done = subprocess.run(
        [
            *("unshare", "--user", "--map-root-user", "sh", "-c"),
            "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set "
            '-sys_admin --inh-caps -sys_admin -- "$0" -c "$1"',
            *(sys.executable, WITHOUT_NAMESPACES),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"cannot take namespaces away here: {done.stderr}")
    works, remedy, rest = done.stdout.splitlines()
    assert works.startswith("False") and "unshare" in works
    assert remedy == "Allow user namespaces: sysctl user.max_user_namespaces=15000."
    chosen, landlock = rest.split()
    assert chosen == ("landlock" if landlock == "True" else "none")


ELSEWHERE = """
import asyncio, concurrent.futures, ctypes, os, subprocess, sys, tempfile  # while still themselves
for name in ("resource", "fcntl", "pwd", "grp", "termios"):
    sys.modules[name] = None
for name in ("uname", "fork", "setsid", "geteuid", "getuid", "O_CLOEXEC", "O_NOFOLLOW",
             "O_NONBLOCK", "O_DIRECTORY", "O_PATH", "pidfd_open", "setresuid", "setgroups"):
    delattr(os, name)
def no_library(*args, **options):
    raise TypeError("there is no such library here")
ctypes.CDLL = no_library
sys.platform = "PLATFORM"
from metaco.core.errors import SandboxUnavailable
from metaco.sandbox import open_sandbox, probe
async def main():
    for mode in ("auto", "require"):
        try:
            print((await open_sandbox(mode)).tier)
        except SandboxUnavailable as error:
            print(error)
    print([report.works for report in (await probe())[:3]])
    print((await open_sandbox("off")).tier)
asyncio.run(main())
"""


def test_windows_has_no_tier_that_confines() -> None:
    program = ELSEWHERE.replace("PLATFORM", "win32").replace("(await probe())[:3]", "[]")
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    *errors, _, chosen = done.stdout.splitlines()
    assert len(errors) == 2
    for error in errors:
        assert "needs Linux" in error
        assert "Linux virtual machine" in error
    assert chosen == "plain"
