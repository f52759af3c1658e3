"""A person as a model: at a terminal of their own, or with an editor."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from metaco.core.document import Document
from metaco.core.errors import ConfigurationError, ProviderError
from metaco.core.model import Reply, Request, Usage
from metaco.models import human, open_model


class Review(Document):
    findings: list[str]


ASK = Request(role="critic", action="review", system="Be brief.", prompt="What of this?")
WANTS = Request(role="critic", action="review", system="", prompt="What?", response_type=Review)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A terminal in the place of stdin; what is written to it was typed."""
    for name in ("VISUAL", "EDITOR", "PAGER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    master, slave = pty.openpty()
    with os.fdopen(slave) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield master
    os.close(master)


def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    file = tmp_path / "editor"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(file))


async def test_shows_the_prompt_and_takes_what_is_typed(
    terminal: int, capsys: pytest.CaptureFixture[str]
) -> None:
    os.write(terminal, "Schön,\nreally.\n.\nnot this\n".encode())
    assert await human.Human().complete(ASK) == Reply("Schön,\nreally.", Usage(), "human")
    shown = capsys.readouterr().err
    for text in ("You are critic. Your task: review.", "Be brief.", "What of this?", "with text"):
        assert text in shown


async def test_the_end_of_the_input_ends_the_answer(terminal: int) -> None:
    os.write(terminal, b"done\n\x04")
    assert (await human.Human().complete(ASK)).text == "done\n"


async def test_no_answer_is_a_failure_that_is_not_tried_again(terminal: int) -> None:
    os.write(terminal, b".\n")
    with pytest.raises(ProviderError, match=r"Nobody answered critic\.review") as caught:
        await human.Human().complete(ASK)
    assert caught.value.status == 400


async def test_what_was_wrong_is_shown_with_the_answer(
    terminal: int, capsys: pytest.CaptureFixture[str]
) -> None:
    os.write(terminal, b"better\n.\n")
    again = Request(
        "critic",
        "review",
        "",
        "What?",
        response_type=Review,
        rejected_replies=(("bad", "no list"),),
    )
    await human.Human().complete(again)
    shown = capsys.readouterr().err
    assert "You answered:\n\nbad" in shown
    assert "no list" in shown
    assert "a Review as JSON" in shown


async def test_an_editor_is_used_and_begins_with_the_answer_so_far(
    terminal: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor(tmp_path, monkeypatch, 'echo " and more" >> "$1"; echo "$1" > ' + f"{tmp_path}/name")
    again = Request(
        "critic", "review", "", "What?", response_type=Review, rejected_replies=(("first", "no"),)
    )
    assert (await human.Human().complete(again)).text == "first and more\n"
    name = (tmp_path / "name").read_text().strip()
    assert name.endswith(".json")
    assert not Path(name).exists()  # noqa: ASYNC240  a test may wait for the disk


@pytest.mark.parametrize("command", ["exit 3", ""])
async def test_an_editor_that_fails(
    terminal: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    editor(tmp_path, monkeypatch, command)
    if not command:
        monkeypatch.setenv("EDITOR", "no-such-editor")
    with pytest.raises(ProviderError, match=r"The editor .* without an answer"):
        await human.Human().complete(WANTS)


async def test_a_long_prompt_goes_through_the_pager(
    terminal: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pager = tmp_path / "pager"
    pager.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/seen\n')
    pager.chmod(0o755)
    monkeypatch.setenv("PAGER", str(pager))
    os.write(terminal, b"ok\n.\n")
    long = Request("critic", "review", "", "\n".join(f"line {n}\x1b" for n in range(500)))
    await human.Human().complete(long)
    seen = (tmp_path / "seen").read_text()
    assert "line 499" in seen
    assert "\x1b" not in seen
    assert "line 499" not in capsys.readouterr().err


async def test_one_question_at_a_time_and_the_terminal_for_it_alone(
    terminal: int,
) -> None:
    events: list[str] = []
    first = asyncio.Event()

    @asynccontextmanager
    async def paused():  # type: ignore[no-untyped-def]
        events.append("in")
        yield
        events.append("out")
        first.set()

    human.paused.set(paused)
    person = human.Human()
    both = asyncio.gather(person.complete(ASK), person.complete(ASK))
    os.write(terminal, b"one\n.\n")
    await first.wait()
    os.write(terminal, b"two\n.\n")
    assert [reply.text for reply in await both] == ["one", "two"]
    assert events == ["in", "out", "in", "out"]


def test_without_a_terminal_nobody_is_there() -> None:
    with pytest.raises(ConfigurationError, match="requires a terminal"):
        open_model("human")


def test_at_a_terminal_somebody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(human, "can_answer", lambda: True)
    assert open_model("human").name == "human"
