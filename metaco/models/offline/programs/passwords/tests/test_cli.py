"""Tests of the command line."""

import io

import pytest

from passwords import cli, generate


def test_r1_r3_number_and_length(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--count", "3", "--length", "20"]) == 0
    assert [len(line) for line in capsys.readouterr().out.splitlines()] == [20] * 3


def test_r1_r3_by_default(capsys: pytest.CaptureFixture[str]) -> None:
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
    options: list[str], classes: tuple[bool, bool, bool], capsys: pytest.CaptureFixture[str]
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


def test_r5_r6_level_advice_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--check", "password1"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("very weak (about ") and lines[1].startswith("- contains the common")
    assert cli.main(["--check", "Xk7#pQ9!zR2@mW5$"]) == 0
    assert capsys.readouterr().out == "very strong (about 105 bits)\n"


def test_r5_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
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
def test_r7_a_mistake_is_one_sentence(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = cli.main(argv)
    except SystemExit as stop:  # argparse ends the program itself
        code = int(stop.code or 0)
    assert code == 2
    assert sentence in capsys.readouterr().err


def test_r7_an_interrupt_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run", interrupt)
    assert cli.main([]) == 130
    assert capsys.readouterr().err == ""
