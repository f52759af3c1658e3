"""Tests of the command line and of the program as it is started."""

import io
import subprocess
import sys

import pytest

from passwords import __main__ as cli
from passwords import generate

Capture = pytest.CaptureFixture[str]
COMMAND = [sys.executable, "-m", "passwords"]


def test_r1_r3_number_and_length(capsys: Capture) -> None:
    assert cli.main(["--count", "3", "--length", "20"]) == 0
    assert [len(line) for line in capsys.readouterr().out.splitlines()] == [20] * 3


def test_r1_r3_by_default(capsys: Capture) -> None:
    assert cli.main([]) == 0
    lengths = [len(line) for line in capsys.readouterr().out.splitlines()]
    assert lengths == [generate.LENGTH] * generate.COUNT


@pytest.mark.parametrize(
    ("options", "classes"),
    [
        (["--no-upper", "--no-digits", "--no-symbols"], (False, False, False)),
        (["--upper", "--no-digits", "--no-symbols"], (True, False, False)),
        (["--no-upper", "--digits", "--no-symbols"], (False, True, False)),
        (["--no-upper", "--no-digits", "--symbols"], (False, False, True)),
    ],
)
def test_r2_r4_options(
    options: list[str], classes: tuple[bool, bool, bool], capsys: Capture
) -> None:
    for readable, option in ((True, "--readable"), (False, "--no-readable")):
        assert cli.main([*options, option, "--length", "1000", "--count", "1"]) == 0
        used = set(capsys.readouterr().out) - {"\n"}
        assert used == set("".join(generate.classes(*classes, readable)))


def test_r2_r4_defaults() -> None:
    args = cli.build_parser().parse_args([])
    assert (args.upper, args.digits, args.symbols, args.readable) == (
        *(generate.UPPER, generate.DIGITS, generate.SYMBOLS, generate.READABLE),
    )


def test_r5_r6_level_advice_and_exit_code(capsys: Capture) -> None:
    assert cli.main(["--check", "password1"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("very weak (about ") and lines[1].startswith("- contains the common")
    assert cli.main(["--check", "Xk7#pQ9!zR2@mW5$"]) == 0
    assert capsys.readouterr().out == "very strong (about 105 bits)\n"


def test_r5_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Xk7#pQ9!zR2@mW5$\n"))
    assert cli.main(["--check", "-"]) == 0
    assert capsys.readouterr().out == "very strong (about 105 bits)\n"


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--length", "3"], "the length must be from 4 to 1000"),
        (["--length", "1001"], "the length must be from 4 to 1000"),
        (["--count", "0"], "the number of passwords must be at least 1"),
        (["--count", "many"], "invalid int value: 'many'"),
        (["--check", ""], "the password is empty"),
    ],
)
def test_r7_a_mistake_is_one_sentence(argv: list[str], sentence: str, capsys: Capture) -> None:
    try:
        code = cli.main(argv)
    except SystemExit as stop:  # argparse ends the program itself
        code = int(stop.code or 0)
    assert code == 2
    assert sentence in capsys.readouterr().err


def test_r7_an_interrupt_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupt(args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run", interrupt)
    assert cli.main([]) == 130
    assert capsys.readouterr().err == ""


def test_r1_r3_passwords_are_printed() -> None:
    words = ["--length", "30", "--count", "2"]
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=True)
    assert [len(line) for line in done.stdout.splitlines()] == [30, 30]


def test_r7_a_closed_pipe_ends_quietly() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, "--count", "9"], stdout=pipe, stderr=pipe) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
