"""Tests of the command line."""

from pathlib import Path

import pytest

from organiser import cli, plan


def output(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert cli.main(argv) == 0
    return capsys.readouterr().out


@pytest.fixture
def folder(tmp_path: Path) -> str:
    (tmp_path / "below").mkdir()
    for name in ("a.jpg", "below/b.pdf"):
        (tmp_path / name).touch()
    return str(tmp_path)


def test_r1_r2_r4_preview_move_and_undo(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--by", "type", "--no-recursive"]
    there, back = Path("a.jpg"), Path("images/a.jpg")
    text = output(capsys, folder, *options)
    assert text == f"{there} -> {back}\n1 file to move; --yes moves them\n"
    assert Path(folder, there).exists()
    assert output(capsys, folder, *options, "--yes") == f"{there} -> {back}\n1 file moved\n"
    assert Path(folder, back).exists()
    assert output(capsys, folder, "--undo") == f"{back} -> {there}\n1 file moved\n"
    assert Path(folder, there).exists()


def test_r2_nothing_to_move(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert output(capsys, str(tmp_path)) == "0 files to move; --yes moves them\n"


def test_r1_r6_options(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
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
def test_r7_a_mistake_is_one_sentence(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = cli.main(argv)
    except SystemExit as stop:  # argparse ends the program itself
        code = int(stop.code or 0)
    assert code == 2
    assert sentence in capsys.readouterr().err


def test_r7_what_the_system_refuses_is_said(
    folder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(old: Path, new: Path) -> None:
        raise PermissionError(13, "Permission denied", str(old))

    monkeypatch.setattr(Path, "rename", refuse)
    assert cli.main([folder, "--yes"]) == 2
    assert capsys.readouterr().err.endswith("a.jpg: Permission denied\n")


def test_r7_an_interrupt_ends_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run", interrupt)
    assert cli.main(["."]) == 130
    assert capsys.readouterr().err == ""
