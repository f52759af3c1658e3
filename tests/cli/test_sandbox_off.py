"""Where the sandbox is off, every screen and report says so; where it is not, none does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from metaco.company import UNCONFINED

from .conftest import CREW, Metaco


@pytest.mark.parametrize("off", [True, False])
def test_off_is_said_everywhere(metaco: Metaco, off: bool) -> None:
    options = ["--sandbox", "off"] if off else []
    screen = metaco("a page", "--sop", CREW, *options, "--junit", "j.xml", "--summary", "s.md")
    assert ("sandbox off" in screen.err) is off
    assert (UNCONFINED in screen.out) is off
    assert ('<property name="sandbox" value="off"' in Path("j.xml").read_text()) is off
    assert ("| Sandbox | **off** |" in Path("s.md").read_text()) is off
    assert (UNCONFINED in metaco("show").out) is off
    said = json.loads(metaco("show", "--json").out)
    assert said["sandbox"] == ("off" if off else "auto")
    last = json.loads(metaco("a page", "--sop", CREW, *options, "--json").out.splitlines()[-1])
    assert last["sandbox"] == ("off" if off else "auto")
    assert (UNCONFINED in last["warnings"]) is off


def test_off_in_a_later_part_of_a_run_stays_said(metaco: Metaco) -> None:
    metaco("a page", "--sop", CREW, "--quiet")
    metaco("resume", "last", "--sandbox", "off")
    for options in ([], ["--sandbox", "off"], ["--sandbox", "auto"]):
        said = metaco("resume", "last", "--json", *options)
        assert json.loads(said.out.splitlines()[-1])["sandbox"] == "off"
    assert UNCONFINED in metaco("show").out


def test_require_refuses_before_anything_begins(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metaco.errors import SandboxUnavailable

    async def refuse(mode: str) -> None:
        raise SandboxUnavailable("No tier works here.", "Install bubblewrap.")

    monkeypatch.setattr("metaco.sandbox.open_sandbox", refuse)
    said = metaco("a page", "--sop", CREW, "--sandbox", "require")
    assert said.code == 3
    assert "No tier works here." in said.err
    assert metaco("a page", "--sop", CREW, "--quiet").code == 0  # it runs no code


@pytest.mark.parametrize(("mode", "code"), [("auto", 0), ("require", 3)])
def test_doctor_says_that_tests_are_not_run(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch, mode: str, code: int
) -> None:
    from metaco.sandbox import TierReport

    async def nothing() -> list[TierReport]:
        return [TierReport("landlock", False, "it needs Landlock 3", (), (), "Use Linux 6.2.")]

    monkeypatch.setattr("metaco.sandbox.probe", nothing)
    monkeypatch.setenv("METACO_SANDBOX", mode)
    said = metaco("doctor")
    assert said.code == code
    assert "tests are not run" in said.out
