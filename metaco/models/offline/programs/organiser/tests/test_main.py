"""Tests of the command line and of the program as it is started."""

import subprocess
import sys
from pathlib import Path

import pytest

from organiser import __main__ as cli
from organiser import plan

Capture = pytest.CaptureFixture[str]
COMMAND = [sys.executable, "-m", "organiser"]


def output(capsys: Capture, *argv: str) -> str:
    assert cli.main(argv) == 0
    return capsys.readouterr().out


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "below").mkdir()
    for name in ("a.jpg", "below/b.pdf"):
        (tmp_path / name).touch()
    return str(tmp_path)


def test_r1_r2_r4_preview_move_and_undo(folder: str, capsys: Capture) -> None:
    options = ["--by", "type", "--no-recursive"]
    there, back = Path("a.jpg"), Path("images/a.jpg")
    text = output(capsys, folder, *options)
    assert text == f"{there} -> {back}\n1 file to move; --yes moves them\n"
    assert Path(folder, there).exists()
    assert output(capsys, folder, *options, "--yes") == f"{there} -> {back}\n1 file moved\n"
    assert Path(folder, back).exists()
    assert output(capsys, folder, "--undo") == f"{back} -> {there}\n1 file moved\n"
    assert Path(folder, there).exists()


def test_r2_nothing_to_move(tmp_path: Path, capsys: Capture) -> None:
    assert output(capsys, str(tmp_path)) == "0 files to move; --yes moves them\n"


def test_r1_r6_options(folder: str, capsys: Capture) -> None:
    text = output(capsys, folder, "--by", "extension", "--recursive")
    assert text.splitlines()[:2] == [
        f"a.jpg -> {Path('jpg/a.jpg')}",
        f"{Path('below/b.pdf')} -> {Path('pdf/b.pdf')}",
    ]


def test_r1_r6_defaults() -> None:
    args = cli.build_parser().parse_args(["x"])
    assert (args.by, args.recursive, args.yes) == (plan.BY, plan.RECURSIVE, False)


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["no-such-folder"], "no-such-folder is not a folder"),
        (["no-such-folder", "--undo"], "there is nothing to undo in no-such-folder"),
        ([".", "--by", "colour"], "invalid choice: 'colour'"),
        ([], "required: folder"),
    ],
)
def test_r7_a_mistake_is_one_sentence(argv: list[str], sentence: str, capsys: Capture) -> None:
    try:
        code = cli.main(argv)
    except SystemExit as stop:  # argparse ends the program itself
        code = int(stop.code or 0)
    assert code == 2
    assert sentence in capsys.readouterr().err


def test_r7_what_the_system_refuses_is_said(
    folder: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def refuse(old: Path, new: Path) -> None:
        raise PermissionError(13, "Permission denied", str(old))

    monkeypatch.setattr(Path, "rename", refuse)
    assert cli.main([folder, "--yes"]) == 2
    assert capsys.readouterr().err.endswith("a.jpg: Permission denied\n")


def test_r7_an_interrupt_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupt(args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run", interrupt)
    assert cli.main(["."]) == 130
    assert capsys.readouterr().err == ""


def test_r2_the_plan_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    done = subprocess.run([*COMMAND, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("1 file to move; --yes moves them\n")
    assert (tmp_path / "a.jpg").exists()


def test_r7_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([*COMMAND, str(tmp_path)], stdout=pipe, stderr=pipe) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
