"""Tests of planning."""

import os
from datetime import datetime
from pathlib import Path

import pytest

from organiser import plan
from organiser.plan import OrganiseError


def planned(folder: Path, by: str = "type", recursive: bool = False) -> dict[str, str]:
    return {
        old.relative_to(folder).as_posix(): new.relative_to(folder).as_posix()
        for old, new in plan.make(folder, by, recursive)
    }


@pytest.mark.parametrize(
    ("by", "folders"),
    [
        ("type", ["other", "images", "documents", "other", "archives"]),
        ("extension", ["none", "jpg", "pdf", "xyz", "gz"]),
        ("year", ["2024"] * 5),
        ("month", ["2024/2024-05"] * 5),
        ("day", ["2024/2024-05/2024-05-31"] * 5),
    ],
)
def test_r1_every_way_to_sort(by: str, folders: list[str], tmp_path: Path) -> None:
    names = ["README", "photo.JPG", "report.pdf", "x.xyz", "y.tar.gz"]
    changed = datetime(2024, 5, 31, 12).timestamp()
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (changed, changed))
    pairs = zip(names, folders, strict=True)
    assert planned(tmp_path, by) == {name: f"{folder}/{name}" for name, folder in pairs}


def test_r1_the_way_by_default(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    assert plan.make(tmp_path) == plan.make(tmp_path, plan.BY) != []
    assert plan.BY in plan.WAYS


def test_r3_taken_names_get_a_number(tmp_path: Path) -> None:
    for name in ("documents", "below"):
        (tmp_path / name).mkdir()
    for name in ("a.txt", "documents/a.txt", "documents/a (2).txt", "below/a.txt"):
        (tmp_path / name).touch()
    moves = planned(tmp_path, recursive=True)
    assert moves == {
        "a.txt": "documents/a (3).txt",
        "below/a.txt": "documents/a (4).txt",
    }


def test_r5_hidden_files_links_and_folders_stay(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name in (".hidden.txt", ".git/a.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / ".hidden.txt")
    assert planned(tmp_path, recursive=True) == {}


def test_r6_files_below(tmp_path: Path) -> None:
    for folder in ("below", "images"):
        (tmp_path / folder).mkdir()
    for name in ("below/a.png", "images/b.png"):
        (tmp_path / name).touch()
    assert planned(tmp_path, recursive=True) == {"below/a.png": "images/a.png"}
    assert planned(tmp_path, recursive=False) == {}
    assert len(plan.make(tmp_path, "type")) == plan.RECURSIVE


def test_r7_a_folder_is_needed(tmp_path: Path) -> None:
    with pytest.raises(OrganiseError, match="none is not a folder"):
        plan.make(tmp_path / "none")
