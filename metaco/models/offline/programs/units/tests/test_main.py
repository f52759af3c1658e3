"""Arguments, pipes, and ways to leave."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from units import __main__ as cli
from units import convert
from units.table import UNITS

Capture = pytest.CaptureFixture[str]


def test_r1_r5_arguments_are_a_conversion(capsys: Capture) -> None:
    assert cli.build_parser().parse_args([]).digits == convert.DIGITS
    assert cli.main(["--digits", "3", "1", "mi", "to", "km"]) == 0
    assert cli.main(["--digits", "5", "--", "-40 F to C"]) == 0
    assert capsys.readouterr().out == "1.61 km\n-40 C\n"


def test_r7_lines_of_a_pipe_are_converted_until_quit(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1 km to m\n\nmany\n2 h to min\nquit\n1 h to s\n"))
    assert cli.main([]) == 2
    out, err = capsys.readouterr()
    assert out == "1000 m\n120 min\n"
    assert err.startswith("units: line 3: 'many' is not a number") and err.count("\n") == 1


def test_r7_r8_a_person_gets_a_prompt_and_mistakes_are_no_failure(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1 florp\n1 kg to g\nlist\n"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    assert cli.main([]) == 0
    out = capsys.readouterr().out
    assert "> > 1000 g\n> length:\n" in out


def test_r8_every_unit_is_listed(capsys: Capture) -> None:
    assert cli.main(["--list"]) == 0
    words = capsys.readouterr().out.split()
    assert all(unit.symbol in words and f"{unit.kind.split()[-1]}:" in words for unit in UNITS)


@pytest.mark.parametrize("wrong", [["1", "km", "to", "kg"], ["--digits", "0"], ["--what"]])
def test_r6_r9_mistakes_are_one_sentence(wrong: list[str], capsys: Capture) -> None:
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
    options = ["--list"]
    assert cli.main(options) == 0 and capsys.readouterr().out
    reader, writer = os.pipe()
    os.close(reader)
    program = [sys.executable, "-m", "units", *options]
    root = Path(cli.__file__).parent.parent
    done = subprocess.run(program, cwd=root, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
