"""What offline answers the built-in roles, and the mistakes it makes on purpose."""

from __future__ import annotations

import ast
import json
from types import SimpleNamespace
from typing import Any

import pytest

from metaco.core.document import Requirement
from metaco.core.errors import ConfigurationError
from metaco.core.model import Request, Usage
from metaco.models.offline import FaultMode, Offline
from metaco.reply import files
from metaco.roles.documents import PRD, Minutes, Motion, Speech, Standing

WISH = "a word counter"


async def answer(action: str, fault: FaultMode | None = None, **about: Any) -> str:
    """Ask as a built-in role does; which of them asks makes no difference."""
    request = Request("role", action, "", "", inputs=about, role_module="metaco.roles.engineer")
    reply = await Offline(fault).complete(request)
    assert (reply.usage, reply.model) == (Usage(0, 0, 0), "offline")
    return reply.text


def outline(summary: str = WISH) -> Any:
    return SimpleNamespace(summary=summary)


async def sources(fault: FaultMode | None = None) -> list[Any]:
    written = files(await answer("write_program", fault, outline=outline()))
    pairs = sorted(written.items())
    return [SimpleNamespace(path=p, content=c) for p, c in pairs if not p.startswith("tests/")]


async def test_the_wish_and_its_losses_are_in_the_prd() -> None:
    wish = f"{WISH}, in a browser"
    prd = PRD.model_validate_json(await answer("write_prd", requirement=Requirement(text=wish)))
    assert (prd.summary, prd.losses, prd.accepted()) == (wish, ["in a browser"], False)
    assert [item.id for item in prd.requirements][:2] == ["R1", "R2"]
    made = json.loads(await answer("outline", requirement=Requirement(text=wish)))
    assert made["losses"] == prd.losses


@pytest.mark.parametrize("action", ["write_prd", "outline"])
async def test_what_no_program_is_for_ends_there(action: str) -> None:
    with pytest.raises(ConfigurationError, match="include no program for"):
        await answer(action, requirement=Requirement(text="a stopwatch"))


async def test_one_bug_is_one_name_in_one_file() -> None:
    right, wrong = await sources(), await sources("one-bug")
    changed = [(a.content, b.content) for a, b in zip(right, wrong, strict=True) if a != b]
    ((good, bad),) = changed
    lines = [
        pair for pair in zip(good.split("\n"), bad.split("\n"), strict=True) if len({*pair}) > 1
    ]
    assert len(lines) == 1
    assert ast.parse(bad)  # it is found when it runs, not before


@pytest.mark.parametrize("action", ["fix_program", "fix_files"])
async def test_one_bug_is_mended_and_never_fixes_is_not(action: str) -> None:
    right, wrong = await sources(), await sources("one-bug")
    about: dict[str, Any] = {"files": wrong, "tests": [], "report": None}
    about |= {"outline": outline()} if action == "fix_program" else {"tasks": [outline()]}
    mended = files(await answer(action, "one-bug", **about))
    assert mended == {a.path: a.content for a, b in zip(right, wrong, strict=True) if a != b}
    one = files(await answer(action, "one-bug", **about | {"files": wrong[:1]}))  # the suspects
    assert {*one} == {wrong[0].path}
    kept = files(await answer(action, "never-fixes", **about))
    assert kept == {wrong[0].path: wrong[0].content}


async def test_where_nothing_is_wrong_nothing_is_changed() -> None:
    right = await sources()
    about: dict[str, Any] = {"outline": outline(), "files": right, "tests": [], "report": None}
    assert files(await answer("fix_program", **about)) == {right[0].path: right[0].content}


async def test_a_debate_ends_and_decides_nothing() -> None:
    question = Requirement(text="Should we move to a four-day week?")
    motion = Motion.model_validate_json(await answer("frame", question=question))
    assert motion.text == "We should move to a four-day week."
    assert "the way back" in motion.criteria
    speeches: list[Speech] = []
    remarks = []
    for _ in range(2):
        for side in ("for", "against"):
            about: dict[str, Any] = {"motion": motion, "speeches": list(speeches)}
            speeches.append(Speech.model_validate_json(await answer(f"argue_{side}", **about)))
        weighed = await answer("weigh", motion=motion, speeches=speeches)
        remarks.append(Standing.model_validate_json(weighed))
    assert [each.remark.split(":")[0] for each in remarks] == ["OPEN", "EXHAUSTED"]
    assert [each.number for each in speeches] == [1, 2, 3, 4]
    points = [point for speech in speeches for point in speech.points]
    assert len(points) == len({*points}) > 6  # nobody says a thing twice
    end: dict[str, Any] = {"motion": motion, "speeches": speeches, "standing": remarks[-1]}
    minutes = Minutes.model_validate_json(await answer("conclude", **end))
    assert "not decide" in minutes.recommendation
    assert "No AI model" in minutes.remarks[-1]
    assert [point.text for point in minutes.points] == points
