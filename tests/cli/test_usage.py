"""What is wrong with a command line is said in one sentence with a remedy, and code 2."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from metaco.cli import HELP
from metaco.cli.command import COMMANDS

from .conftest import CREW, Completed, Metaco

HEAVY = ("pydantic", "yaml", "openai", "rich", "jinja2", "mermaid", "asyncio", "tenacity")


def complaint(result: Completed, *words: str) -> None:
    """The answer is a problem and a remedy on stderr, and nothing more."""
    assert result.out == ""
    assert result.err.startswith("metaco: ")
    assert "Traceback" not in result.err
    assert len(result.err.splitlines()) == 2
    assert result.err.splitlines()[0].endswith((".", "?"))
    for word in words:
        assert word in result.err


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["run", "--help"], ["run", "--modle"]]
)
def test_what_needs_no_work_loads_nothing_heavy(words: list[str]) -> None:
    program = (
        "import sys; from metaco.cli import main; main(sys.argv[1:]); "
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_the_help_names_every_command(metaco: Metaco) -> None:
    result = metaco("--help")
    assert result == (0, HELP, "")
    assert all(f"\n  {command} " in HELP for command in COMMANDS)
    assert all(len(line) <= 100 for line in HELP.splitlines())


def test_no_words_are_answered_with_the_help(metaco: Metaco) -> None:
    assert metaco() == (2, HELP, "")


def test_version(metaco: Metaco) -> None:
    result = metaco("--version")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("metaco 0.")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_and_refuses_unknown_options(metaco: Metaco, command: str) -> None:
    for words in ((command, "--help"), ("help", command)):
        result = metaco(*words)
        assert result.code == 0
        assert result.out.startswith(f"usage: metaco {command}")
        assert result.err == ""
    result = metaco(command, "--verbos")
    assert result.code == 2
    complaint(result)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["resmue"], ["'resmue'", "metaco resume"]),
        (["exprot", "last"], ["metaco export"]),
        (["rnu", "a todo list"], ["'rnu'", "metaco run"]),
        (["help", "nothing"], ["no command 'nothing'"]),
        (["--modle", "x", "a list"], ["--modle", "--model?"]),
        (["a list", "--bogus"], ["--bogus", "--help"]),
        ([""], ["empty", 'metaco "a snake']),
        (["run"], ["empty"]),
        (["run", "  "], ["empty"]),
        (["run", "--file", "missing.md"], ["missing.md", "no such file"]),
        (["run", "-f", "."], ["is a directory"]),
        (["a list", "--file", "missing.md"], ["two requirements"]),
        (["a list", "--budget", "much"], ["--budget", "'much'", "above 0"]),
        (["a list", "--budget", "-1"], ["--budget"]),
        (["a list", "--budget", "nan"], ["--budget", "'nan'"]),
        (["a list", "--parallel", "0"], ["--parallel", "whole number above 0"]),
        (["a list", "--model"], ["--model needs a value"]),
        (["a list", "--sandbox", "maybe"], ["--sandbox", "'maybe'"]),
        (["a list", "--role-model", "engineer"], ["ROLE=MODEL"]),
        (["a list", "--name", "../up"], ["'../up'", "plain name"]),
        (["resume", "x", "y"], ["'y'"]),
        (["resume", "--feedback", "step"], ["two values"]),
        (["sop", "draw"], ["'draw'"]),
        (["sop", "show"], ["needs a name"]),
        (["role", "show"], ["needs a name"]),
        (["new", "role"], ["Missing: NAME"]),
        (["new", "role", "1st"], ["'1st'", "security_auditor"]),
        (["new", "role", "json"], ["'json'", "another name"]),
        (["show"], ["no runs in workspace yet"]),
        (["resume"], ["no runs in workspace yet"]),
    ],
)
def test_what_is_wrong_is_said(metaco: Metaco, words: list[str], expected: list[str]) -> None:
    result = metaco(*words)
    assert result.code == 2, result
    complaint(result, *expected)
    assert not Path("workspace").exists()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe\x00\x01", "UTF-8"),
        (b"a\0b", "not text"),
    ],
)
def test_files_that_hold_no_requirement(metaco: Metaco, content: bytes, expected: str) -> None:
    Path("asked.md").write_bytes(content)
    result = metaco("run", "--file", "asked.md")
    assert result.code == 2
    complaint(result, "asked.md", expected)


def test_a_word_that_is_close_to_no_command_is_a_requirement(metaco: Metaco) -> None:
    result = metaco("tetris", "--sop", CREW, "--quiet")
    assert result.code == 0
    assert "tetris" in Path("workspace/page/docs/page.md").read_text()


def test_words_without_quotes_are_one_requirement(metaco: Metaco) -> None:
    assert metaco("a", "shopping", "--sop", CREW, "list", "--quiet").code == 0
    assert "a shopping list" in Path("workspace/page/docs/page.md").read_text()


def test_the_requirement_may_come_from_a_file_or_from_stdin(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("asked.md").write_text("\ufeffeine Einkaufsliste für Äpfel\n", encoding="utf-8")
    assert metaco("-f", "asked.md", "--sop", CREW, "-q").code == 0
    assert "für Äpfel" in Path("workspace/page/docs/page.md").read_text("utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"from a pipe")))
    assert metaco("-f", "-", "--sop", CREW, "-q").code == 0
    assert "from a pipe" in Path("workspace/page_2/docs/page.md").read_text("utf-8")


def test_ctrl_c_before_anything_is_loaded(metaco: Metaco, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(words: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("metaco.cli.command.execute", interrupted)
    assert metaco("a list") == (130, "", "Interrupted.\n")
