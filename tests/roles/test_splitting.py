"""What authors are told of each other's files."""

from __future__ import annotations

from metaco.role import Context
from metaco.roles.documents import (
    PRD,
    Axis,
    Class,
    PlannedFile,
    Point,
    RequirementItem,
    TaskPlan,
)
from metaco.roles.project_manager import ProjectManager
from tests.roles.documents.test_design import POINT, design

from .test_engineer import Desk


def prd(name: str) -> PRD:
    item = RequirementItem(id="R1", priority="P0", text="Maps.", acceptance=["It works."])
    axis, point = Axis(low="a", high="b"), Point(x=0, y=0)
    return PRD(
        project_name=name,
        summary="Maps.",
        language="en",
        goals=[],
        user_stories=[],
        competitors=[],
        x_axis=axis,
        y_axis=axis,
        position=point,
        requirements=[item],
        ui_draft="$ map\nA map.",
        open_questions=[],
    )


async def test_only_who_shows_it_sees_the_screen_and_all_types_mentioned_are_shown() -> None:
    line = Class(name="Line", file="map/shapes.py", purpose="", attributes=["a: Point"], methods=[])
    files = [PlannedFile(path=p, depends_on=[]) for p in ("map/shapes.py", "map/cli.py")]
    planned = TaskPlan(package="map", packages=[], conventions=[], files=files)
    desk = Desk()
    context: Context = desk("project_manager", "split")
    shapes, cli = await ProjectManager(context).split(planned, design(POINT, line), prd("map"))
    assert (shapes.screen, cli.screen) == ("", "$ map\nA map.")
    assert "class Point:" in cli.uses[0] and "class Line:" in cli.uses[0]
