"""Tests of moving files there and back."""

from pathlib import Path

import pytest

from organiser import moving, plan
from organiser.plan import OrganiseError


def tree(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def move(folder: Path) -> None:
    moving.carry_out(folder, plan.make(folder, "type", True))


@pytest.fixture
def stuff(tmp_path: Path) -> Path:
    for name in ("a.jpg", "b.pdf", "below/c.pdf"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(name, encoding="utf-8")
    return tmp_path


def test_r1_r4_there_and_back(stuff: Path) -> None:
    before = tree(stuff)
    move(stuff)
    assert (stuff / "images" / "a.jpg").read_text(encoding="utf-8") == "a.jpg"
    assert tree(stuff / "documents") == ["b.pdf", "c.pdf"]
    assert not (stuff / "a.jpg").exists()
    moving.undo(stuff)
    assert tree(stuff) == before
    assert (stuff / "below" / "c.pdf").read_text(encoding="utf-8") == "below/c.pdf"


def test_r4_only_once_and_only_empty_folders_go(stuff: Path) -> None:
    move(stuff)
    (stuff / "images" / "new.txt").touch()
    moving.undo(stuff)
    assert (stuff / "images" / "new.txt").exists()
    assert not (stuff / "documents").exists()
    with pytest.raises(OrganiseError, match="nothing to undo"):
        moving.undo(stuff)


def test_r3_r4_nothing_is_overwritten(stuff: Path) -> None:
    moves = plan.make(stuff, "type", False)
    (stuff / "documents").mkdir()
    (stuff / "documents" / "b.pdf").write_text("other", encoding="utf-8")
    with pytest.raises(OrganiseError, match="in the way"):
        moving.carry_out(stuff, moves)
    assert (stuff / "documents" / "b.pdf").read_text(encoding="utf-8") == "other"
    moving.undo(stuff)  # what was moved before
    assert (stuff / "a.jpg").exists() and (stuff / "b.pdf").exists()


@pytest.mark.parametrize("change", ["gone", "again"])
def test_r4_r7_all_or_nothing_is_taken_back(change: str, stuff: Path) -> None:
    move(stuff)
    if change == "gone":
        (stuff / "documents" / "b.pdf").unlink()
    else:
        (stuff / "b.pdf").touch()
    with pytest.raises(OrganiseError, match="cannot undo"):
        moving.undo(stuff)
    assert (stuff / "images" / "a.jpg").exists()
