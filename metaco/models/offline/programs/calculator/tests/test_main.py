"""Arguments, pipes, and ways to leave."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from calculator import __main__ as cli
from calculator import numbers

Capture = pytest.CaptureFixture[str]


def test_r2_r6_the_options_have_the_defaults_of_the_sources() -> None:
    args = cli.build_parser().parse_args([])
    assert (args.digits, args.angles) == (numbers.DIGITS, numbers.ANGLES)


def test_r2_r6_r8_arguments_are_computed_one_after_the_other(capsys: Capture) -> None:
    assert cli.main(["--digits", "4", "--angles", "degrees", "x = 45", "sin(x)", "--", "-x"]) == 0
    assert capsys.readouterr().out == "45\n0.7071\n-45\n"


def test_r7_r8_lines_are_answered_until_quit(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "6 * 7\n\n1 / 0\nans + 1\nhistory\nhelp\nquit\n1\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    assert cli.main([]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("42\n43\n6 * 7 = 42\nans + 1 = 43\nOperators") and out.count("\n") == 8
    assert err == "calculator: division by zero\n"


def test_r8_a_person_gets_a_prompt_and_mistakes_are_no_failure(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1 +\n1 + 1\n"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    assert cli.main([]) == 0
    assert capsys.readouterr().out == "Type an expression, help or quit.\n> > 2\n> "


@pytest.mark.parametrize("wrong", [["2 +"], ["1", "2 $"], ["--digits", "0"], ["--angles", "x"]])
def test_r9_mistakes_are_one_sentence(wrong: list[str], capsys: Capture) -> None:
    try:
        code: object = cli.main(wrong)
    except SystemExit as left:
        code = left.code
    assert (code, capsys.readouterr().err.count("\n")) == (2, 1)


def test_r9_ctrl_c_leaves_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    assert cli.main([]) == 130


def test_r9_a_closed_pipe_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["1 + 1"]
    assert cli.main(options) == 0 and capsys.readouterr().out
    reader, writer = os.pipe()
    os.close(reader)
    program = [sys.executable, "-m", "calculator", *options]
    root = Path(cli.__file__).parent.parent
    done = subprocess.run(program, cwd=root, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
