"""What a pipeline relies on: exit codes, JSON lines, reports, and that nobody is ever asked."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from metaco.cli.outcome import empty_outcome
from metaco.core.errors import ProviderError
from metaco.models.offline import Offline

from .conftest import CREW, GATED, Metaco

Spawn = Callable[..., "subprocess.Popen[str]"]
FIELDS = set(empty_outcome("done", 0))


class Nobody:
    """A stdin that must not be read: nobody sits there."""

    def isatty(self) -> bool:
        return False

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(f"stdin was used: {name}")


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Nobody())


async def _refused(self: Offline, request: object) -> None:
    raise ProviderError("The key was refused.", "Give another one.", status=401)


def _look(out: str, code: int) -> dict[str, Any]:
    """Check what every command owes to programs, and return the result."""
    *events, result = [json.loads(line) for line in out.splitlines()]
    assert all({"event", "run", "n", "at", "key", "body"} == set(event) for event in events)
    assert [event["n"] for event in events] == list(range(1, len(events) + 1))
    assert set(result) == FIELDS
    assert (result["event"], result["exit_code"]) == ("result", code)
    assert result["accepted"] == (code == 0)
    root = ElementTree.parse("junit.xml").getroot()
    case = root.find("testsuite/testcase[@name='run']")
    assert case is not None
    assert (len(case) == 0) == (code == 0)
    page = Path("page.md").read_text("utf-8")
    assert page.startswith("## ✅" if code == 0 else "## ❌")
    assert f"| Exit code | {code} |" in page
    return dict(result)


REPORTS = ("--json", "--junit", "junit.xml", "--summary", "page.md")


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        (["a page", "--sop", CREW], 0, "done"),
        (["a bad page", "--sop", CREW], 1, "done"),
        (["", "--sop", CREW], 2, "error"),
        (["a page", "--from", "nothing.json"], 2, "error"),
        (["a page", "--sop", "nothing"], 3, "error"),
        (["a page", "--sop", CREW, "--model", "openai:gpt-5"], 3, "error"),
        (["a page", "--sop", CREW, "--tokens", "1"], 5, "limit"),
        (["a page", "--sop", GATED], 6, "waiting"),
        (["a crash", "--sop", CREW], 7, "failed"),
        (["a page", "--sop", CREW, "--only", "page"], 0, "done"),
    ],
)
def test_every_end_is_told_to_programs(
    metaco: Metaco, words: list[str], code: int, status: str
) -> None:
    result = metaco("run", *words, *REPORTS)
    assert result.code == code
    outcome = _look(result.out, code)
    assert outcome["status"] == status
    if status == "error":
        assert outcome["problem"]
        assert outcome["remedy"]
        assert "Traceback" not in result.err
    else:
        assert outcome["run"]


def test_a_provider_that_refuses_is_4(metaco: Metaco, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Offline, "complete", _refused)
    result = metaco("a page", "--sop", CREW, *REPORTS)
    assert result.code == 4
    assert _look(result.out, 4)["failures"][0]["problem"] == "The key was refused."
    assert "The key was refused." in Path("page.md").read_text()
    assert "The key was refused." in Path("junit.xml").read_text()


def test_an_error_nobody_expected_is_7(metaco: Metaco, monkeypatch: pytest.MonkeyPatch) -> None:
    from metaco.company import Company

    async def burns(self: Company, *words: object, **more: object) -> NoReturn:
        raise ZeroDivisionError("fire")

    monkeypatch.setattr(Company, "run", burns)
    result = metaco("a page", "--sop", CREW, *REPORTS)
    assert result.code == 7
    assert "fire" in _look(result.out, 7)["problem"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_tells_how_far_it_came(
    spawn: Spawn, tmp_path: Path, number: int, code: int
) -> None:
    mark = tmp_path / "reached"
    process = spawn("run", f"hang:{mark}", "--sop", CREW, *REPORTS)
    assert process.stdout
    for line in process.stdout:  # its first entries are there
        if json.loads(line)["event"] == "input":
            first = line
            break
    while not mark.exists() and process.poll() is None:
        pass
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code, err
    result = json.loads(out.splitlines()[-1])
    assert set(result) == FIELDS
    assert (result["status"], result["exit_code"]) == ("interrupted", code)
    assert result["run"] == json.loads(first)["run"]
    assert Path("page.md").read_text().startswith("## ❌")
    ElementTree.parse("junit.xml")


def test_reports_of_a_run_that_is_over(metaco: Metaco) -> None:
    assert metaco("a bad page", "--sop", CREW, *REPORTS).code == 1
    then = Path("page.md").read_text()
    exported = metaco("export", "last", "--junit", "j.xml", "--summary", "p.md")
    assert (exported.code, exported.out) == (0, "")
    now = Path("p.md").read_text()

    def timeless(text: str) -> list[str]:
        return [line for line in text.splitlines() if not line.startswith("| Time")]

    assert timeless(now) == timeless(then)
    assert Path("j.xml").read_text() == Path("junit.xml").read_text()


def test_a_page_holds_what_hostile_documents_say_as_text(metaco: Metaco) -> None:
    assert metaco("an evil | page <script>", "--sop", CREW, *REPORTS).code == 0
    page = Path("page.md").read_text()
    assert "\x1b" not in page
    assert "<script" not in page


def test_a_report_that_cannot_be_written_is_said_before_the_run(metaco: Metaco) -> None:
    result = metaco("a page", "--sop", CREW, "--json", "--junit", "/proc/none/junit.xml")
    assert result.code == 3
    assert "cannot be written" in json.loads(result.out)["problem"]  # the only line
    assert not Path("workspace").exists()


def test_auto_without_github_writes_nothing(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert metaco("a page", "--sop", CREW, "--quiet", "--summary", "auto").code == 0
    assert not Path("auto").exists()
