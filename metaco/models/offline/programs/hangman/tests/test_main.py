"""Options, games as they are typed, and ways to leave."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hangman import __main__ as cli
from hangman import game, words

Play = Callable[..., str]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(cli.__file__).parent.parent))
    monkeypatch.chdir(tmp_path)
    Path("tea.txt").write_text("tea\n", encoding="utf-8")


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Play:
    """Play with these options and lines; return what was shown."""

    def started(options: list[str], *lines: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        assert cli.main(options) == 0
        return capsys.readouterr().out

    return started


ONE = ["--no-two-players"]


def test_r1_r4_r8_the_options_have_the_defaults_of_the_sources() -> None:
    args = cli.build_parser().parse_args([])
    assert (args.topic, args.lives) == (words.TOPIC, game.LIVES)
    assert args.two_players is cli.TWO_PLAYERS


def test_r1_the_word_is_of_the_topic_and_none_comes_twice(play: Play) -> None:
    shown = play([*ONE, "--topic", "food", "--lives", "1"], *["ä", "y"] * 30)
    named = [line.split()[-1][:-1].lower() for line in shown.splitlines() if "Hanged" in line]
    assert len(named) == 30 and len(set(named[:26])) == 26
    assert set(named) <= set(words.words_of("food"))


def test_r2_r3_r5_r7_games_are_won_lost_and_counted(play: Play) -> None:
    options = [*ONE, "--words", "tea.txt", "--lives", "2"]
    shown = play(options, "t", "x", "tea", "", "hint", "HINT", "z", "n")
    assert "Right." in shown and "No X." in shown and "You have it: TEA." in shown
    assert "Here is T." in shown and "this is your last" in shown and "The word was TEA." in shown
    assert shown.index("1 of 1.") < shown.index("1 of 2.") and "Goodbye" not in shown


def test_r8_one_player_sets_the_word_of_the_other(play: Play) -> None:
    shown = play(["--two-players"], "4", "Ox", "o", "x", "no")
    assert "at least two letters" in shown and "You have it: OX." in shown
    assert "\n" * 50 in shown[: shown.index("_ _")]


def test_r9_quit_and_the_end_of_the_input_are_a_goodbye(play: Play) -> None:
    assert play([]).endswith("Goodbye.\n")
    assert play([], "QUIT", "x").endswith("Goodbye.\n")


@pytest.mark.parametrize("wrong", [["--lives", "0"], ["--topic", "x"], ["--words", "missing.txt"]])
def test_r9_mistakes_are_one_sentence(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
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


def test_r9_a_closed_pipe_is_quiet(play: Play) -> None:
    assert play([])
    reader, writer = os.pipe()
    os.close(reader)
    program = [sys.executable, "-m", "hangman"]
    done = subprocess.run(
        program, stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
