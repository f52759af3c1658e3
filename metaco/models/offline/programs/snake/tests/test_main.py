"""Options, defaults, the best score, and ways to leave."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from snake import __main__ as cli
from snake import game, terminal, turns


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(cli.__file__).parent.parent))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())


def test_r3_r5_r6_r8_r9_the_options_have_the_defaults_of_the_sources() -> None:
    args = cli.build_parser().parse_args([])
    assert (args.width, args.height) == (game.WIDTH, game.HEIGHT)
    assert (args.wrap, args.rocks) == (game.WRAP, game.ROCKS)
    assert (args.speed, args.faster) == (terminal.SPEED, terminal.FASTER)
    assert args.level == cli.LEVEL


def test_r3_r5_r6_r12_moves_are_made_as_the_options_say(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--width", "9", "--height", "7", "--seed", "1", "--moves", "....."]
    assert cli.main([*options, "--wrap", "--no-rocks"]) == 0
    field = capsys.readouterr().out.splitlines()
    assert len(field) == 10 and field[4].startswith("|O") and "#" not in "".join(field)
    assert cli.main([*options, "--no-wrap", "--rocks"]) == 0
    field = capsys.readouterr().out.splitlines()
    assert field[4].endswith("X|") and "#" in "".join(field)


def test_r8_r11_the_level_changes_the_speed_and_the_best_score_is_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[int, float]] = []
    scores = iter([3, 9, 4])

    def play(new_game: object, best: int, speed: float, faster: bool) -> int:
        calls.append((best, speed))
        return max(best, next(scores))

    monkeypatch.setattr(terminal, "available", lambda: True)
    monkeypatch.setattr(terminal, "run", play)
    for level in ("easy", "medium", "hard"):
        assert cli.main(["--best", "kept.txt", "--speed", "10", "--level", level]) == 0
    assert calls == [(0, 5), (3, 10), (9, 20)]
    assert capsys.readouterr().out.endswith("Best score: 9\n")
    monkeypatch.setattr(turns, "play", lambda *_: 4)
    assert cli.main(["--best", "kept.txt", "--turns"]) == 0
    assert Path("kept.txt").read_text(encoding="utf-8") == "9\n"


def test_r13_a_file_that_holds_no_score_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("notes.txt").write_text("milk", encoding="utf-8")
    assert cli.main(["--best", "notes.txt"]) == 2
    assert "notes.txt holds no score" in capsys.readouterr().err


def test_r13_the_end_of_the_input_is_a_goodbye(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    assert "Goodbye." in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--width", "4"], ["--moves", "up"], ["--level", "odd"]])
def test_r13_mistakes_are_one_sentence(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: object = cli.main(wrong)
    except SystemExit as left:
        code = left.code
    assert (code, capsys.readouterr().err.count("\n")) == (2, 1)


def test_r13_ctrl_c_leaves_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    assert cli.main([]) == 130


def test_r13_a_closed_pipe_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--moves", "w"]
    assert cli.main(options) == 0 and capsys.readouterr().out
    reader, writer = os.pipe()
    os.close(reader)
    program = [sys.executable, "-m", "snake", *options]
    done = subprocess.run(program, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
