"""Tests of the command line and of the program as it is started."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wordcount import __main__ as cli
from wordcount import counting

Capture = pytest.CaptureFixture[str]
COMMAND = [sys.executable, "-m", "wordcount"]

TEXT = "Zebras chase the zebras.\nLions sleep.\n"


@pytest.fixture
def sample(tmp_path: Path) -> str:
    file = tmp_path / "sample.txt"
    file.write_text(TEXT, encoding="utf-8")
    return str(file)


def output(capsys: Capture, *argv: str) -> str:
    assert cli.main(argv) == 0
    return capsys.readouterr().out


def top(capsys: Capture, *argv: str) -> dict[str, Any]:
    words: dict[str, Any] = json.loads(output(capsys, *argv, "--json"))["top"]
    return words


def test_r1_one_file_has_no_total(sample: str, capsys: Capture) -> None:
    lines = output(capsys, sample, "--no-json").splitlines()
    assert lines[1].split() == ["2", "6", "38", sample]
    assert lines[2] == ""


def test_r1_several_files_have_a_total(sample: str, capsys: Capture) -> None:
    lines = output(capsys, sample, sample, "--no-json").splitlines()
    assert lines[2].split() == ["2", "6", "38", sample]
    assert lines[3].split() == ["4", "12", "76", "total"]


def test_r2_r3_r4_r5_options(sample: str, capsys: Capture) -> None:
    every = ["--top", "9", "--shortest", "1", "--common-words"]
    assert top(capsys, sample, *every, "--ignore-case")["zebras"] == 2
    assert top(capsys, sample, sample, *every, "--no-ignore-case")["Zebras"] == 2
    assert "the" in top(capsys, sample, *every)
    assert "the" not in top(capsys, sample, *every, "--no-common-words")
    assert set(top(capsys, sample, *every, "--shortest", "6", "--ignore-case")) == {"zebras"}
    assert top(capsys, sample, *every, "--top", "1", "--ignore-case") == {"zebras": 2}
    text = output(capsys, sample, *every, "--top", "1", "--ignore-case", "--no-json")
    assert text.endswith("\n\n2 zebras\n")


def test_r2_r3_r4_r5_r8_defaults() -> None:
    args = cli.build_parser().parse_args([])
    assert args.json == cli.JSON
    assert (args.top, args.shortest) == (counting.TOP, counting.SHORTEST)
    assert (args.ignore_case, args.common_words) == (counting.IGNORE_CASE, counting.COMMON_WORDS)


def test_r6_sentences_and_readability(sample: str, capsys: Capture) -> None:
    text = output(capsys, sample, "--ignore-case", "--no-json")
    assert "different words  5\nsentences        2\nparagraphs       1\n" in text
    assert f"reading ease     {counting.reading_ease(TEXT):.1f}\n" in text


@pytest.mark.parametrize("argv", [["--no-json"], ["--no-json", "-"]])
def test_r7_standard_input(
    argv: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"hello \xff\r\n")))
    assert output(capsys, *argv).splitlines()[1].split() == ["1", "1", "8", "-"]


def test_r8_json_is_one_object(sample: str, capsys: Capture) -> None:
    result = json.loads(output(capsys, sample, "--json"))
    assert (result["lines"], result["words"], result["characters"]) == (2, 6, 38)
    assert result["sentences"] == 2
    assert result["files"] == [{"file": sample, "lines": 2, "words": 6, "characters": 38}]
    assert result["reading_minutes"] == counting.reading_minutes(TEXT)


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["no-such-file.txt"], "no-such-file.txt: No such file"),
        (["--top", "-1"], "-1 is negative"),
        (["--top", "many"], "invalid number value: 'many'"),
    ],
)
def test_r9_a_mistake_is_one_sentence(argv: list[str], sentence: str, capsys: Capture) -> None:
    try:
        code = cli.main(argv)
    except SystemExit as stop:  # argparse ends the program itself
        code = int(stop.code or 0)
    assert code == 2
    assert sentence in capsys.readouterr().err


def test_r9_an_interrupt_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupt(args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run", interrupt)
    assert cli.main([]) == 130
    assert capsys.readouterr().err == ""


def test_r7_text_is_piped_in() -> None:
    command = [*COMMAND, "--no-json"]
    done = subprocess.run(command, input="one two\n", capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1].split() == ["1", "2", "8", "-"]


def test_r9_a_closed_pipe_ends_quietly() -> None:
    pipe, error = subprocess.PIPE, subprocess.PIPE
    with subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=error) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
