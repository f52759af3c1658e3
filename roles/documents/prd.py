"""What the product manager writes: the product requirements document."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from metaco.core.document import Document, Part
from metaco.render import diagram
from metaco.render.markdown import humanize, json_copy, render
from metaco.roles.documents.fields import Losses, PackageName, RequirementId

__all__ = ["PRD", "Axis", "Competitor", "Point", "RequirementItem"]


class Point(Part):
    """A position in the quadrant chart, both coordinates from 0 to 1."""

    x: float = Field(ge=0, le=1)
    y: float = Field(ge=0, le=1)


class Axis(Part):
    """One axis of the quadrant chart, named at both ends."""

    low: str
    high: str


class Competitor(Part):
    """A product that does something similar."""

    name: str
    strengths: list[str]
    weaknesses: list[str]
    position: Point


class RequirementItem(Part):
    """One requirement that can be traced to files and tests."""

    id: RequirementId
    priority: Literal["P0", "P1", "P2"] = Field(description="P0 must, P1 should, P2 may")
    text: str
    acceptance: list[str] = Field(min_length=1, description="checks that can be automated")


class PRD(Document):
    """What is to be built, for whom, and how one can tell that it is done."""

    project_name: PackageName
    summary: str = Field(description="what is to be built, one short paragraph")
    language: str = Field(description="the language of the documents, as en or zh")
    goals: list[str]
    user_stories: list[str]
    competitors: list[Competitor]
    x_axis: Axis
    y_axis: Axis
    position: Point = Field(description="where this product shall stand in the quadrant chart")
    requirements: list[RequirementItem] = Field(min_length=1)
    ui_draft: str = Field(description="what a user sees and types, as a short sketch")
    open_questions: list[str]
    losses: Losses = Field(default=[])

    @model_validator(mode="after")
    def _ids_are_unique(self) -> PRD:
        ids = [item.id for item in self.requirements]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"{', '.join(twice)} is the id of more than one requirement")
        return self

    def project(self) -> str:
        return self.project_name

    def accepted(self) -> bool:
        return not self.losses

    def artifacts(self) -> dict[str, str]:
        chart = self._chart()
        return {
            "docs/prd.md": render(__file__, "prd.md.j2", prd=self, chart=chart),
            "docs/prd.json": json_copy(self),
            "docs/competition.mmd": chart,
        }

    def _chart(self) -> str:
        others = [diagram.ChartPoint(c.name, c.position.x, c.position.y) for c in self.competitors]
        name = humanize(self.project_name)
        return diagram.quadrant(
            f"Where {name} stands",
            (self.x_axis.low, self.x_axis.high),
            (self.y_axis.low, self.y_axis.high),
            [*others, diagram.ChartPoint(name, self.position.x, self.position.y, strong=True)],
        )
