"""Which files of a program a model may plan and write, in one place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from metaco.core.artifacts import configures
from metaco.core.paths import Places, safe_path

__all__ = ["LEFT_OUT", "left_out", "refusal", "usable"]

LEFT_OUT = "Left out: "
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
        return f"{plain} is written by others of the team; leave it out."
    if _STEERS.fullmatch(plain.casefold()):
        return f"{plain} would steer the test runner; leave it out. Fixtures stand in the tests."
    if configures(plain, content):
        return f"{plain} configures metaco; leave [tool.metaco] out."
    return ""


def usable(files: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return those of a reply's files that may be written, and what is wrong with the others.

    Args:
        files: contents by path; of two that are one file on some systems the first counts.
    """
    places, good, wrong = Places(), dict[str, str](), list[str]()
    for path, content in files.items():
        why = refusal(path, content)
        try:
            if not why:
                places.add(safe_path(path))
        except ValueError as error:
            why = str(error)
        if why:
            wrong.append(why)
        else:
            good[safe_path(path)] = content
    return good, wrong


def left_out(plan: Any) -> Any:
    """Take the files that may not be written out of a plan as a model sent it.

    Its open questions say so, for the model, and for whoever reads the delivery. A bad path costs
    that file, and not the plan.
    """
    if not isinstance(plan, dict) or not isinstance(plan.get("files"), list):
        return plan
    paths = [f["path"] for f in plan["files"] if isinstance(f, dict) and _is_text(f.get("path"))]
    wrong = {path: why for path in dict.fromkeys(paths) if (why := refusal(path))}
    places = Places()
    for path in paths:
        try:
            if path not in wrong:
                places.add(safe_path(path))
        except ValueError as error:
            wrong[path] = str(error)
    questions = plan.get("open_questions", [])
    if not wrong or not isinstance(questions, list):
        return plan
    kept = {
        name: [one for one in plan[name] if not (isinstance(one, dict) and one.get(key) in wrong)]
        for name, key in (("files", "path"), ("classes", "file"), ("functions", "file"))
        if isinstance(plan.get(name), list)
    }
    said = [LEFT_OUT + why for why in wrong.values()]
    return plan | kept | {"open_questions": [*questions, *said]}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
