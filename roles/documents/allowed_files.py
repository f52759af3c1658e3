"""Which files of a program a model may plan and write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from metaco.core.artifacts import configures
from metaco.core.paths import PathSet, safe_path

__all__ = ["leave_out", "left_out", "refusal", "usable"]

_LEFT_OUT = "Left out: "
"""How an open question begins that names a file which could not be planned."""

_OURS = re.compile(r"readme\.md|pyproject\.toml|\.gitignore|docs/.*")
"""What the team writes itself: how to install and use the program, and its documents."""

_STEERS = re.compile(
    r"(.*/)?(conftest\.py|\.?pytest\.(ini|toml)|tox\.ini|setup\.(cfg|py)|(site|user)customize\.py|"
    r"[^/]*\.pth|(pytest|_pytest|pluggy|iniconfig|pytest_asyncio)(\.py|/.*))"
)
"""What steers a test runner or Python itself, or stands in for it."""


def refusal(path: str, content: str = "") -> str:
    """Return why a model may not write a file, as a sentence for it; nothing if it may."""
    try:
        plain = safe_path(path)
    except ValueError as error:
        return str(error)
    if _OURS.fullmatch(plain.casefold()):
        return f"{plain} is written by other members of the team; leave it out."
    if _STEERS.fullmatch(plain.casefold()):
        return (
            f"{plain} would configure the test runner; leave it out. Put fixtures into the tests."
        )
    if configures(plain, content):
        return f"{plain} configures metaco; leave [tool.metaco] out."
    return ""


def usable(files: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return those of a reply's files that may be written, and what is wrong with the others.

    Args:
        files: contents by path; of two that are one file on some systems the first counts.
    """
    refusals = _refusals(files)
    good = {safe_path(path): text for path, text in files.items() if path not in refusals}
    return good, list(refusals.values())


def _refusals(files: Mapping[str, str]) -> dict[str, str]:
    """Return the paths that may not be written, each with why: two may not be one file either."""
    taken, refusals = PathSet(), dict[str, str]()
    for path, content in files.items():
        reason = refusal(path, content)
        try:
            if not reason:
                taken.add(safe_path(path))
        except ValueError as error:
            reason = str(error)
        if reason:
            refusals[path] = reason
    return refusals


def leave_out(plan: Any) -> Any:
    """Take the files that may not be written out of a plan as a model sent it.

    Its open questions say so, for the model, and for those who read the delivery. A bad path costs
    that file, and not the plan.
    """
    if not isinstance(plan, dict) or not isinstance(plan.get("files"), list):
        return plan
    paths = [file.get("path") for file in plan["files"] if isinstance(file, dict)]
    refusals = _refusals({path: "" for path in paths if isinstance(path, str)})
    questions = plan.get("open_questions", [])
    if not refusals or not isinstance(questions, list):
        return plan
    kept = {
        name: [
            one for one in plan[name] if not (isinstance(one, dict) and one.get(key) in refusals)
        ]
        for name, key in (("files", "path"), ("classes", "file"), ("functions", "file"))
        if isinstance(plan.get(name), list)
    }
    reasons = [_LEFT_OUT + reason for reason in refusals.values()]
    return plan | kept | {"open_questions": [*questions, *reasons]}


def left_out(open_questions: Iterable[str]) -> list[str]:
    """Return why `leave_out` took files out of the plan with these open questions."""
    return [q.removeprefix(_LEFT_OUT) for q in open_questions if q.startswith(_LEFT_OUT)]
