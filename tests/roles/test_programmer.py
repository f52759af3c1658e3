"""The programmer's replies: what may not be written costs itself and one question."""

from __future__ import annotations

from typing import Any

import pytest

from metaco.core.errors import ReplyError
from metaco.roles.documents import (
    Outline,
    OutlinedFile,
    RequirementItem,
    SourceFile,
    TestFile,
    TestsFailed,
)
from metaco.roles.programmer import Programmer

from .test_engineer import Desk, fence

GOOD = fence("dice/__main__.py", "def main() -> int:\n    return 0\n")


TESTS = fence("tests/test_dice.py", "def test_r1_rolls():\n    assert vars() == {}\n")


def outline(**more: Any) -> Outline:
    item = {"id": "R1", "priority": "P0", "text": "Rolls.", "acceptance": ["It rolls."]}
    facts = {
        "project_name": "dice",
        "summary": "Rolls dice.",
        "requirements": [item],
        "files": [{"path": "dice/__main__.py", "purpose": "all", "requirements": ["R1"]}],
        "packages": [],
        "run": ["python -m dice"],
        "open_questions": [],
    }
    return Outline.model_validate(facts | more)


BAD = {
    "../x.py": "leaves its folder",
    "/etc/x.py": "is not a path",
    "C:\\x.py": "is not a path",
    ".metaco/manifest.json": "metaco's own",
    "metaco.toml": "metaco's own",
    "docs/prd.md": "is written by other members",
    "Tests/test_dice.py": "are the same file on case-insensitive systems",
    ".git/config": "is not a path",
}


@pytest.mark.parametrize("path", BAD)
async def test_a_bad_path_costs_its_file_and_a_question(path: str) -> None:
    reply = f"{GOOD}\n\n{TESTS}\n\n{fence(f'`{path}`', 'x = 1' + chr(10))}"
    desk = Desk(reply, reply)
    context = desk("programmer", "write_program")
    files = await Programmer(context).write_program(outline())
    assert [file.path for file in files] == ["dice/__main__.py", "tests/test_dice.py"]
    (earlier,) = desk.asked[1].rejected_replies
    assert BAD[path] in earlier[1]
    assert BAD[path] in context.left_out[0]
    assert set(context.left_out) <= set(context.findings)


async def test_a_path_that_is_mended_is_no_matter() -> None:
    bad = fence("../x.py", "x = 1\n")
    desk = Desk(f"{GOOD}\n\n{TESTS}\n\n{bad}", f"{GOOD}\n\n{TESTS}")
    context = desk("programmer", "write_program")
    assert len(await Programmer(context).write_program(outline())) == 2
    assert context.left_out == context.findings == []


async def test_settings_of_metaco_in_a_nested_file_are_refused() -> None:
    bad = fence("dice/pyproject.toml", "[tool.'metaco']\nsandbox = 'off'\n").replace(
        "python", "toml", 1
    )
    desk = Desk(*[f"{GOOD}\n\n{TESTS}\n\n{bad}"] * 2)
    context = desk("programmer", "write_program")
    assert len(await Programmer(context).write_program(outline())) == 2
    assert "configures metaco" in context.left_out[0]


async def test_nothing_but_bad_paths_is_no_answer() -> None:
    desk = Desk(*[fence("../x.py", "x = 1\n")] * 2)
    with pytest.raises(ReplyError, match="leaves its folder"):
        await Programmer(desk("programmer", "write_program")).write_program(outline())


def test_an_outline_loses_the_file_and_says_so() -> None:
    good = outline().files[0].model_dump()
    document = outline(files=[good, good | {"path": "../x.py"}])
    assert [file.path for file in document.files] == ["dice/__main__.py"]
    assert document.open_questions == ["Left out: '../x.py' leaves its folder; do not use '..'."]


async def test_a_programmer_who_drops_a_test_gets_it_back() -> None:
    outline = Outline(
        project_name="shop",
        summary="A shop.",
        requirements=[RequirementItem(id="R1", priority="P0", text="Sell.", acceptance=["Sold."])],
        files=[OutlinedFile(path="shop/__main__.py", purpose="All.", requirements=["R1"])],
        packages=[],
        run=[],
        open_questions=[],
    )
    main = SourceFile(path="shop/__main__.py", content="x = 1\n")
    test = "def test_r1_sells():\n    assert vars() is {}\n\n\n"
    test += "def test_r1_counts():\n    assert vars()\n"
    tests = [TestFile(path="tests/test_shop.py", content=test.format(False))]
    fewer = "def test_r1_counts():\n    assert vars()\n"
    desk = Desk(fence("tests/test_shop.py", fewer), fence("tests/test_shop.py", test.format(True)))
    report = TestsFailed(outcomes=[], environment="", output="It broke.")
    context = desk("programmer", "fix_program")
    [fixed] = await Programmer(context).fix_program(report, outline, [main], tests)
    assert fixed.content == test.format(True)
    assert "The tests test_r1_sells are gone" in desk.asked[1].rejected_replies[0][1]
    assert context.findings == []
