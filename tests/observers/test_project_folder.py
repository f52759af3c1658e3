"""A project folder: what metaco wrote is brought up to date, what its owner made stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from metaco.core.errors import WorkspaceError
from metaco.observers.project_folder import LeftAlone, ProjectFolder, content_hash


async def taken(path: Path, **files: str) -> ProjectFolder:
    folder = ProjectFolder(path)
    folder.take("r")
    for name, text in files.items():
        await folder.write(name, text, {})
    folder.save()
    return ProjectFolder(path)  # as the next process finds it


async def test_the_next_process_knows_what_was_written(tmp_path: Path) -> None:
    folder = await taken(tmp_path / "p", a="one")
    assert (folder.run, folder.files) == ("r", {"a": content_hash(b"one")})
    await folder.write("a", "two", {})
    assert (tmp_path / "p" / "a").read_text() == "two"


async def test_what_its_owner_changed_is_left_alone(tmp_path: Path) -> None:
    folder = await taken(tmp_path / "p", a="one", b="one")
    for name in ("a", "b", "c"):
        (folder.path / name).write_text("mine")
    for name in ("a", "c"):
        with pytest.raises(LeftAlone, match="changed by hand and is left as it is; the new"):
            await folder.write(name, "two", {})
    folder.remove("b")
    assert {(folder.path / name).read_text() for name in "abc"} == {"mine"}


async def test_what_was_not_noted_down_before_a_kill_is_no_change(tmp_path: Path) -> None:
    folder = await taken(tmp_path / "p", a="one")
    (folder.path / "a").write_text("two")
    versions = {("a", content_hash(b"two")): 5}
    folder.noted = 5
    with pytest.raises(LeftAlone):  # noted as something else, so it is the owner's
        await folder.write("a", "three", versions)
    folder.noted = 4
    await folder.write("a", "three", versions)
    assert (folder.path / "a").read_text() == "three"


async def test_what_is_gone_is_removed(tmp_path: Path) -> None:
    folder = await taken(tmp_path / "p", a="one")
    folder.remove("a")
    assert not (folder.path / "a").exists() and folder.files == {}


async def test_no_link_is_followed(tmp_path: Path) -> None:
    folder = await taken(tmp_path / "p", **{"sub/a": "one"})
    outside = tmp_path / "outside"
    (folder.path / "sub").rename(outside)
    (folder.path / "sub").symlink_to(outside)
    with pytest.raises(LeftAlone, match="out of the project through a link"):
        await folder.write("sub/a", "two", {})
    folder.remove("sub/a")
    assert (outside / "a").read_text() == "one"


async def test_no_path_leaves_the_folder(tmp_path: Path) -> None:
    folder = await taken(tmp_path / "p")
    with pytest.raises(WorkspaceError, match="not allowed"):
        await folder.write("../a", "loot", {})
    assert not (tmp_path / "a").exists()


NOTHING = ["", "[]", "null", "{", '{"run": 7, "files": [], "noted": "x"}', "[" * 100_000]


@pytest.mark.parametrize("text", NOTHING)
def test_a_manifest_that_says_nothing_makes_it_nobodys(tmp_path: Path, text: str) -> None:
    (tmp_path / ".metaco").mkdir()
    (tmp_path / ".metaco" / "manifest.json").write_text(text)
    folder = ProjectFolder(tmp_path)
    assert (folder.run, folder.files, folder.noted, folder.commit) == ("", {}, 0, "")


def test_drafts_of_a_process_that_was_killed_are_removed(tmp_path: Path) -> None:
    draft = tmp_path / ".metaco" / "draft-0.new"
    draft.parent.mkdir()
    draft.touch()
    ProjectFolder(tmp_path)
    assert not draft.exists()
