"""Where the sandbox is off, every screen and report says so; where it is not, none does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from metaco.core.artifacts import UNCONFINED, Artifacts, noted
from metaco.core.errors import SandboxUnavailable
from metaco.roles.documents import SourceFile, TestFile, TestsPassed
from metaco.roles.qa_engineer.run import run
from metaco.sandbox import open_sandbox

from .conftest import CREW, Metaco


@pytest.mark.parametrize("off", [True, False])
def test_off_is_said_everywhere(metaco: Metaco, off: bool) -> None:
    options = ["--sandbox", "off"] if off else []
    screen = metaco("a page", "--sop", CREW, *options, "--junit", "j.xml", "--summary", "s.md")
    assert ("sandbox off" in screen.err) is off
    assert (UNCONFINED in screen.out) is off
    assert ('<property name="sandbox" value="off"' in Path("j.xml").read_text()) is off
    assert ("| Sandbox | **off** |" in Path("s.md").read_text()) is off
    for command in ("show", "cost", "rebuild"):
        result = metaco(command, "last")
        assert (UNCONFINED in result.out + result.err) is off
    assert ("done, sandbox off" in metaco("runs").out) is off
    for command in ("runs", "cost"):
        assert json.loads(metaco(command, "--json").out)["sandbox"] == ("off" if off else "auto")
    assert (UNCONFINED in Path("workspace/page/docs/page.md").read_text()) is off
    shown = json.loads(metaco("show", "--json").out)
    assert shown["sandbox"] == ("off" if off else "auto")
    last = json.loads(metaco("a page", "--sop", CREW, *options, "--json").out.splitlines()[-1])
    assert last["sandbox"] == ("off" if off else "auto")
    assert (UNCONFINED in last["warnings"]) is off


def test_off_in_a_later_part_of_a_run_stays_said(metaco: Metaco) -> None:
    metaco("a page", "--sop", CREW, "--quiet")
    metaco("resume", "last", "--sandbox", "off")
    for options in ([], ["--sandbox", "off"], ["--sandbox", "auto"]):
        result = metaco("resume", "last", "--json", *options)
        assert json.loads(result.out.splitlines()[-1])["sandbox"] == "off"
    assert UNCONFINED in metaco("show").out


def test_what_is_untested_is_shown_afterwards(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(mode: str) -> None:
        raise SandboxUnavailable("No tier works here.", "Install bubblewrap.")

    monkeypatch.setattr("metaco.sandbox.open_sandbox", refuse)
    assert metaco("a word counter", "--sop", "quick", "--model", "offline", "--quiet").code == 1
    text = metaco("show").out
    assert "✗ Not accepted." in text
    assert "Tests not run: No tier works here. Install bubblewrap." in text
    assert "Untested" in text
    assert json.loads(metaco("show", "--json").out)["accepted"] is False


def test_what_a_document_holds_as_it_is_stays() -> None:
    report = TestsPassed(outcomes=[], environment="Python")
    assert noted("") in Artifacts.of(report, unconfined=True).files["docs/tests.md"]
    assert Artifacts.of(report).files == report.artifacts()
    program = SourceFile(path="app/help.md", content="# Help\n")
    assert Artifacts.of(program, unconfined=True).files == program.artifacts()


def test_tests_say_that_they_ran_unconfined() -> None:
    files = [SourceFile(path="app/__init__.py", content="")]
    tests = [TestFile(path="tests/test_app.py", content="def test_it():\n    pass\n")]

    async def ran() -> str:
        return (await run(await open_sandbox("off"), files, tests))[1]

    assert asyncio.run(ran()) == "Python, unconfined: the sandbox was off"


def test_require_refuses_before_anything_begins(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(mode: str) -> None:
        raise SandboxUnavailable("No tier works here.", "Install bubblewrap.")

    monkeypatch.setattr("metaco.sandbox.open_sandbox", refuse)
    result = metaco("a page", "--sop", CREW, "--sandbox", "require")
    assert result.code == 3
    assert "No tier works here." in result.err
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
    result = metaco("doctor")
    assert result.code == code
    assert "tests are not run" in result.out
