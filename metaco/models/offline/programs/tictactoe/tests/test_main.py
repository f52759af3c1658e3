"""Options, games as they are typed, and ways to leave."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tictactoe import __main__ as cli
from tictactoe import board, computer

Play = Callable[..., str]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Play:
    """Play with these options and lines; return what was shown."""

    def started(options: str, *lines: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        assert cli.main(options.split()) == 0
        return capsys.readouterr().out

    return started


def test_r1_r2_r4_r6_r7_the_options_have_the_defaults_of_the_sources() -> None:
    args = cli.build_parser().parse_args([])
    assert (args.size, args.win, args.level) == (board.SIZE, board.WIN, computer.LEVEL)
    assert (args.players, args.computer_first) == (cli.PLAYERS, cli.COMPUTER_FIRST)


def test_r6_r8_two_people_play_in_turn_and_wins_are_counted(play: Play) -> None:
    shown = play("--players two --size 3 --win 3", *"14253", "", *"14253", "n")
    assert "X wins." in shown and "O wins." in shown and "takes" not in shown
    assert shown.index("X won 1, O won 0, 0 drawn.") < shown.index("X won 1, O won 1, 0 drawn.")
    assert "Goodbye" not in shown


def test_r3_r6_a_person_plays_the_computer(play: Play) -> None:
    shown = play("--players one --size 3 --level easy --seed 1 --no-computer-first", "x", "99", "5")
    assert shown.count("Fields are numbered 1 to 9.") == 2
    assert "X, your field (1-9): O takes " in shown and "O, your" not in shown


def test_r7_the_computer_may_begin_and_the_first_move_goes_back_and_forth(play: Play) -> None:
    options = "--players one --size 3 --level easy --seed 1"
    begun = play(options + " --computer-first")
    assert begun.index("O takes") < begun.index("X, your field")
    assert "O takes" not in play(options + " --no-computer-first")
    typed = [str(number) for _ in range(3) for number in range(1, 10)]
    second = play(options + " --no-computer-first", *typed).split("Another game?")[1]
    assert second.index("O takes") < second.index("X, your field")


@pytest.mark.parametrize(("size", "fields", "level"), [(3, 9, "hard"), (5, 25, "medium")])
def test_r1_r2_r6_the_computer_plays_itself(size: int, fields: int, level: str, play: Play) -> None:
    shown = play(f"--players none --size {size} --win line --level {level} --seed 7")
    assert f"{size} in a row win." in shown and shown.count("takes") <= fields
    assert shown.endswith(" drawn.\n") and ("A draw." in shown or level != "hard")


def test_r5_the_computer_says_where_it_can_be_beaten(play: Play) -> None:
    for size, says in (3, False), (4, True), (5, True):
        shown = play(f"--players one --level hard --no-computer-first --size {size}")
        assert ("can be beaten" in shown) is says


def test_r9_quit_and_the_end_of_the_input_are_a_goodbye(play: Play) -> None:
    assert play("--players two").endswith("Goodbye.\n")
    assert play("--players two", " QUIT ", "1").endswith("Goodbye.\n")


@pytest.mark.parametrize("wrong", ["--size 6", "--win 2", "--level odd", "--what"])
def test_r9_mistakes_are_one_sentence(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(wrong.split())
    assert (left.value.code, capsys.readouterr().err.count("\n")) == (2, 1)


def test_r9_ctrl_c_leaves_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    assert cli.main(["--players", "two"]) == 130


def test_r9_a_closed_pipe_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--players", "none", "--level", "easy"]
    assert cli.main(options) == 0 and capsys.readouterr().out
    reader, writer = os.pipe()
    os.close(reader)
    program = [sys.executable, "-m", "tictactoe", *options]
    root = Path(cli.__file__).parent.parent
    done = subprocess.run(program, cwd=root, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
