"""What a run tells the standard `logging`, and what ``-v`` makes of it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metaco import Company, Document, Limits, ProviderError, Requirement, Retry, Role, action
from metaco.cli import main
from metaco.observers.logging import JSONLines, Lines
from metaco.run.routes import Routes
from metaco.settings import Settings
from metaco.sop.procedure import SOP
from metaco.sop.steps import Node, Step
from metaco.testing import FunctionModel, Scripted

PRIVATE = "a secret plan"
CREW = str(Path(__file__).parents[1] / "cli" / "team" / "crew.yaml")


class Idea(Document):
    text: str


class Thinker(Role):
    @action
    async def think(self, requirement: Requirement) -> Idea:
        return await self.ask(Idea, requirement=requirement)


def company(tmp_path: Path, model: Any) -> Company:
    return Company(
        SOP("thinking", list[Node]([Step(Thinker, "think", role_name="thinker")])),
        model=model,
        workspace=tmp_path,
        limits=Limits(calls=10),
        retry=Retry(attempts=2, first=0.0),
        settings=Settings(),
    )


def events(records: list[logging.LogRecord]) -> list[str]:
    return [record.facts["event"] for record in records]  # type: ignore[attr-defined]


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """What is told, as somebody who configures `logging` would get it."""
    kept: list[logging.LogRecord] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(record)

    handler, logger = Handler(), logging.getLogger("metaco")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield kept
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


async def test_a_run_is_told_in_order_and_without_its_content(
    tmp_path: Path, records: list[logging.LogRecord]
) -> None:
    answers = [ProviderError("Busy.", status=503, retry_after=0.0), Idea(text=PRIVATE)]

    def answer(request: object) -> Any:
        given = answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    result = await company(tmp_path, FunctionModel(answer)).run(PRIVATE)
    assert result.ok
    names = [name for name in events(records) if name not in ("input", "project")]
    assert names == [
        "run.started",
        "turn.started",
        "call.started",
        "call.failed",
        "call.started",
        "call.replied",
        "turn.ended",
        "run.ended",
    ]
    assert not any(PRIVATE in record.getMessage() for record in records)
    assert {record.facts["run"] for record in records} == {result.run}  # type: ignore[attr-defined]
    by_name = dict(zip(events(records), records, strict=True))
    failed, replied = by_name["call.failed"], by_name["call.replied"]
    assert failed.levelno == logging.WARNING
    assert "status=503" in failed.getMessage()
    assert "step=thinker.think" in replied.getMessage()
    again = by_name["call.started"]  # the later one counts
    assert again.levelno == logging.INFO
    assert again.facts["attempt"] == 2  # type: ignore[attr-defined]
    assert again.facts["waited"] >= 0  # type: ignore[attr-defined]
    details = replied.facts  # type: ignore[attr-defined]
    assert details["model"] == "function"
    assert details["prompt_tokens"] > 0
    assert details["seconds"] >= 0
    line = Lines().format(failed)
    assert "\n" not in line
    assert "WARNING" in line
    assert json.loads(JSONLines().format(replied))["reply_tokens"] == details["reply_tokens"]


async def test_what_was_told_before_is_not_told_again(
    tmp_path: Path, records: list[logging.LogRecord]
) -> None:
    first = await company(tmp_path, Scripted([ProviderError("No.", status=401)])).run("x")
    assert events(records)[-2:] == ["turn.failed", "run.ended"]
    records.clear()
    await company(tmp_path, Scripted([Idea(text="y")])).resume(first.run)
    assert events(records)[0] == "run.resumed"
    assert "turn.failed" not in events(records)
    assert "turn.ended" in events(records)


def test_nothing_is_shown_unless_it_is_configured(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from metaco import Company\n"
        f"sys.path.insert(0, {str(Path(CREW).parent)!r})\n"
        "from crew_for_cli import Page\n"
        "from metaco.testing import Scripted\n"
        "model = Scripted({'*': Page(title='a', lines=[])})\n"
        f"company = Company({CREW!r}, model=model, workspace='w')\n"
        "print(asyncio.run(company.run('a page')).status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("done\n", "")


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("METACO_LOG", raising=False)
    monkeypatch.syspath_prepend(str(Path(CREW).parent))
    from crew_for_cli import Page

    model = Scripted({"*": Page(title="a", lines=[])})
    monkeypatch.setattr(Routes, "route_of", lambda self, role: (model,))
    yield
    for name in [name for name in sys.modules if name.startswith("crew_for_cli")]:
        del sys.modules[name]  # other tests import it as code of a folder


@pytest.mark.usefixtures("scripted")
def test_one_v_shows_steps_two_show_calls_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["a page", "--sop", CREW, "-v"]) == 0
    output = capsys.readouterr()
    lines = [line for line in output.err.splitlines() if " run=" in line]
    assert "event=run.started" in lines[0]
    assert "event=run.ended" in lines[-1]
    assert any("event=call.replied" in line and "prompt_tokens=" in line for line in lines)
    assert not any("event=call.started" in line for line in lines)
    assert "event=" not in output.out
    main(["a page", "--sop", CREW, "-vv"])
    assert "event=call.started" in capsys.readouterr().err
    main(["a page", "--sop", CREW])
    assert "event=" not in capsys.readouterr().err


@pytest.mark.usefixtures("scripted")
def test_the_lines_can_be_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METACO_LOG", "json")
    assert main(["run", "a page", "--sop", CREW, "-v"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line[:1] == "{"]
    assert [lines[0]["event"], lines[-1]["event"]] == ["run.started", "run.ended"]
    assert {each["level"] for each in lines} == {"info"}
    assert lines[-1]["status"] == "done"
