"""Skills are offered by name and read on demand, and nothing outside their folders is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from metaco.core.errors import ConfigurationError, ToolError
from metaco.tools import Skills, read_agents_md, tools_by_name

HEAD = "---\nname: {name}\ndescription: How to make {name}.\n---\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two skills; one has other files, and links that lead away."""
    (tmp_path / "secret").write_text("top secret")
    for name in ("tea", "coffee"):
        (tmp_path / "skills" / name / "more").mkdir(parents=True)
        text = HEAD.format(name=name) + f"Boil water for {name}."
        (tmp_path / "skills" / name / "SKILL.md").write_text(text)
    tea = tmp_path / "skills" / "tea"
    (tea / "more" / "times.txt").write_text("3 minutes")
    (tea / "raw").write_bytes(b"\xff\x00")
    (tea / "link").symlink_to(tmp_path / "secret")
    (tea / "out").symlink_to(tmp_path)
    (tea / "round").symlink_to("round")
    os.mkfifo(tea / "pipe")
    return tmp_path / "skills"


async def test_skills_are_listed_and_read(folder: Path) -> None:
    skills = Skills([folder])
    assert skills.described == "- coffee: How to make coffee.\n- tea: How to make tea."
    read = tools_by_name(skills.tools)["read_skill"]
    text = (await read.call({"name": "tea", "file": None})).text
    assert text.endswith("Boil water for tea.\n\nOther files: more/times.txt, raw")
    assert (await read.call({"name": "tea", "file": "more/times.txt"})).text == "3 minutes"
    assert Skills([folder / "tea"]).described == "- tea: How to make tea."


@pytest.mark.parametrize(
    "file",
    ["link", "out/secret", "../../secret", "more/../../../secret", "raw", "pipe", "round", "more",
     "",
     "nothing", "a\0b", "x" * 5000, "../coffee/SKILL.md"],
)  # fmt: skip
def test_other_files_stay_where_they_are(folder: Path, file: str) -> None:
    with pytest.raises(ToolError, match=r"has no text .* It has SKILL.md, more/times.txt, raw\."):
        Skills([folder]).read_skill("tea", file)
    with pytest.raises(ToolError, match="has no text"):
        Skills([folder]).read_skill("tea", str(folder.parent / "secret"))


def test_a_skill_that_is_not_there_is_a_sentence(folder: Path) -> None:
    with pytest.raises(ToolError, match=r"Did you mean coffee\?"):
        Skills([folder]).read_skill("cofee")


@pytest.mark.parametrize(
    "text",
    ["", "no head", "---\nname: x\n---\n", "---\nname: [\n---\n", "---\n- a\n---\n",
     "---\nname: x\ndescription: ' '\n---\n", "---\n" + "[" * 5000 + "\n---\n"],
)  # fmt: skip
def test_a_skill_that_says_nothing_of_itself_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "SKILL.md").write_text(text)
    with pytest.raises(ConfigurationError, match="does not begin with its name and description"):
        Skills([tmp_path])


def test_a_folder_without_skills_and_two_of_one_name_are_errors(folder: Path) -> None:
    with pytest.raises(ConfigurationError, match="no skill in"):
        Skills([folder / "tea" / "more"])
    (folder / "coffee" / "SKILL.md").write_text(HEAD.format(name="tea"))
    with pytest.raises(ConfigurationError, match="Two skills are called tea"):
        Skills([folder])
    Skills([folder / "tea", folder / "tea"])  # the same one


def test_a_skill_whose_text_lies_elsewhere_is_none(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "away.md").write_text(HEAD.format(name="away"))
    (folder / "tea" / "SKILL.md").unlink()
    (folder / "tea" / "SKILL.md").symlink_to(tmp_path / "away.md")
    with pytest.raises(ConfigurationError, match="does not begin"):
        Skills([folder])


def test_agents_md_is_read_up_to_a_size(tmp_path: Path) -> None:
    assert read_agents_md(tmp_path) == ""
    (tmp_path / "AGENTS.md").write_text("Use tabs.\r\n" + "x" * 300_000 + "end", newline="")
    text = read_agents_md(tmp_path)
    assert text.startswith("Use tabs.\nx") and text.endswith("end") and len(text) <= 100_000
    (tmp_path / "AGENTS.md").unlink()
    (tmp_path / "inner").mkdir()
    (tmp_path / "AGENTS.md").write_text("outside")
    (tmp_path / "inner" / "AGENTS.md").symlink_to(tmp_path / "AGENTS.md")
    assert read_agents_md(tmp_path / "inner") == ""
