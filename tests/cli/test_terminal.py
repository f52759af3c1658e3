"""A person at a terminal, and the signals a shell sends; each in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import CREW, GATED, PATIENCE, Metaco, Open, plain

Spawn = Callable[..., subprocess.Popen[str]]


def test_progress_and_result_at_a_terminal(terminal: Open) -> None:
    screen = terminal("a page", "--sop", CREW)
    assert screen.end() == 0
    assert "\x1b[" in screen.text
    text = plain(screen.text)
    assert "metaco  a page" in text
    assert "• Crew.write_page" in text
    assert "✓ Done. A page." in text


def test_a_page_of_the_docs_is_drawn(terminal: Open) -> None:
    screen = terminal("docs", "concepts")
    assert screen.end() == 0
    assert "\x1b[" in screen.text
    assert "# Concepts" not in plain(screen.text) and "Concepts" in plain(screen.text)


def test_no_color_is_respected(terminal: Open) -> None:
    screen = terminal("a page", "--sop", CREW, NO_COLOR="1")
    assert screen.end() == 0
    assert "\x1b" not in screen.text
    assert "• Crew.write_page" in screen.text


def test_a_gate_shows_the_document_and_asks(terminal: Open) -> None:
    screen = terminal("a page about tea", "--sop", GATED)
    shown = plain(screen.until("[l]ater? "))
    assert "a page about tea" in shown
    assert "Crew.write_page is waiting for your decision." in shown
    screen.type("what?\n")
    screen.until("[l]ater? ")
    screen.type("f\n")
    screen.until("different? ")
    screen.type("with lemon\n")
    assert "Again, with: with lemon" in plain(screen.until("[l]ater? "))
    screen.type("a\n")
    assert screen.end() == 0
    assert "Crew.write_page  approved" in plain(screen.text)


def test_a_gate_lets_edit_until_it_is_valid(terminal: Open, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text(
        "#!/bin/sh\n"
        f'if [ -e {tmp_path}/second ]; then sed -i \'s/: 1,/: "Mine",/\' "$1"; exit; fi\n'
        f'touch {tmp_path}/second; sed -i \'s/"A page"/1/\' "$1"\n'
    )
    editor.chmod(0o755)
    screen = terminal("a page about tea", "--sop", GATED, EDITOR=str(editor))
    screen.until("[l]ater? ")
    screen.type("e\n")
    assert "Page.title" in screen.until("Edit again?")
    screen.type("y\n")
    assert screen.end() == 0
    assert Path("workspace/page/docs/page.md").read_text().startswith("# Mine\n")


def test_an_editor_that_is_missing_is_said(terminal: Open) -> None:
    screen = terminal("a page", "--sop", GATED, "--quiet", EDITOR="no-such-editor")
    screen.until("[l]ater? ")
    screen.type("e\n")
    assert "cannot be started" in screen.until("[l]ater? ")
    screen.type("s\n")
    assert screen.end() == 1


@pytest.mark.parametrize("answer", ["l\n", "\x04"])
def test_a_gate_can_be_left_for_later(terminal: Open, metaco: Metaco, answer: str) -> None:
    screen = terminal("a page", "--sop", GATED)
    screen.until("[l]ater? ")
    screen.type(answer)
    assert screen.end() == 6
    assert "metaco resume 2" in screen.text
    assert metaco("resume", "--approve", "Page").code == 0


def test_ctrl_c_at_a_gate(terminal: Open, metaco: Metaco) -> None:
    screen = terminal("a page", "--sop", GATED)
    screen.until("[l]ater? ")
    os.killpg(screen.process.pid, signal.SIGINT)
    assert screen.end() == 130
    assert metaco("resume", "--yes").code == 0


def hanging(spawn: Spawn, marker: Path, **options: object) -> subprocess.Popen[str]:
    """Start a run and return when its first turn is at work."""
    process = spawn(f"a page hang:{marker}", "--sop", CREW, start_new_session=True, **options)
    deadline = time.monotonic() + PATIENCE
    while not marker.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_a_run_that_resume_finishes(
    spawn: Spawn, metaco: Metaco, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    marker = tmp_path / "hangs"
    process = hanging(spawn, marker)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, err
    assert out == ""
    assert "Traceback" not in err
    run = metaco("runs").out.split()[5]
    assert err.splitlines()[-1] == f"Interrupted. Resume with: metaco resume {run}"
    assert "interrupted" in metaco("runs").out
    (tmp_path / "hangs.go").touch()
    assert metaco("resume").code == 0


def test_a_second_ctrl_c_kills(spawn: Spawn, metaco: Metaco, tmp_path: Path) -> None:
    marker = tmp_path / "hangs"
    process = hanging(spawn, marker)
    os.kill(process.pid, signal.SIGSTOP)  # so that both signals are there when it goes on
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    os.kill(process.pid, signal.SIGCONT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode in (-signal.SIGTERM, -signal.SIGINT)
    (tmp_path / "hangs.go").touch()
    assert metaco("resume").code == 0


def test_a_killed_run_goes_on(spawn: Spawn, metaco: Metaco, tmp_path: Path) -> None:
    process = hanging(spawn, tmp_path / "hangs")
    process.kill()
    process.communicate()
    result = metaco("runs")
    assert "unfinished" in result.out
    assert "Ready to go on:\n  Crew.write_page" in metaco("show").out
    (tmp_path / "hangs.go").touch()
    assert metaco("resume").code == 0


@pytest.mark.parametrize(
    "words",
    [["resume"], ["resume", "--stop", "write_page"], ["rebuild"], ["resume", "--change", "x"]],
)
def test_a_run_at_work_is_left_alone(
    spawn: Spawn, metaco: Metaco, tmp_path: Path, words: list[str]
) -> None:
    process = hanging(spawn, tmp_path / "hangs")
    before = metaco("export", "last").out
    result = metaco(*words)
    assert result.code == 3
    assert f"Process {process.pid} is working on the run" in result.err
    assert "--wait" in result.err
    assert "Resuming" not in result.err
    assert metaco("export", "last").out == before
    waiting = spawn("resume", "--wait")
    assert waiting.stderr
    assert waiting.stderr.readline().startswith(f"Waiting for process {process.pid}, which is")
    (tmp_path / "hangs.go").touch()
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    waiting.communicate(timeout=PATIENCE)
    assert waiting.returncode == 0
    kinds = [json.loads(line)["kind"] for line in metaco("export", "last").out.splitlines()]
    assert kinds.count("turn") == kinds.count("end") == 2


def test_no_prompt_without_a_terminal(spawn: Spawn) -> None:
    process = spawn("a page", "--sop", GATED, stdin=subprocess.PIPE)
    out, err = process.communicate("a\n", timeout=PATIENCE)
    assert process.returncode == 6
    assert "[a]pprove" not in out + err
    assert "--approve Crew.write_page" in out
