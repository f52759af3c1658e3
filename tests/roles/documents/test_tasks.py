"""What a task plan accepts, corrects and refuses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from metaco.core.errors import ReplyError
from metaco.reply import parse
from metaco.roles.documents import (
    PlannedFile,
    TaskPlan,
)


def plan(**graph: list[str]) -> TaskPlan:
    return TaskPlan(
        package="todo",
        packages=[],
        conventions=[],
        files=[
            PlannedFile(path=f"todo/{name}.py", depends_on=[f"todo/{d}.py" for d in depends])
            for name, depends in graph.items()
        ],
    )


def test_stages_follow_the_dependencies() -> None:
    stages = plan(d=["b", "c"], c=["a"], b=["a", "__init__"], a=[]).stages()
    assert [[file.path[5] for file in stage] for stage in stages] == [["a"], ["c", "b"], ["d"]]


def test_a_circle_is_named() -> None:
    with pytest.raises(
        ValidationError, match=r"in a circle: (todo/(a|b|c)\.py -> ){3}todo/(a|b|c)\.py"
    ):
        plan(a=["b"], b=["c"], c=["a"], d=["a"])
    with pytest.raises(ValidationError, match=r"todo/a\.py depends on itself"):
        plan(a=["a"])


def test_dependencies_are_planned() -> None:
    with pytest.raises(ValidationError, match=r"todo/a\.py depends on todo/b\.py, which is not"):
        plan(a=["b"])


def as_json(*depends_on: str) -> str:
    files = [
        {"path": "map/shapes.py", "depends_on": []},
        {"path": "map/cli.py", "depends_on": list(depends_on)},
    ]
    return str({"package": "map", "packages": [], "conventions": [], "files": files}).replace(
        "'", '"'
    )


def test_a_dependency_named_short_is_written_out() -> None:
    assert parse(TaskPlan, as_json("shapes.py")).files[1].depends_on == ["map/shapes.py"]
    with pytest.raises(ReplyError, match=r"depends on other\.py, which is not planned"):
        parse(TaskPlan, as_json("other.py"))
