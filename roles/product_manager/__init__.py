"""The product manager turns a requirement into a PRD."""

from __future__ import annotations

import keyword
import re
import sys
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from metaco.core.document import Document, Part, Requirement
from metaco.render import diagram
from metaco.render.markdown import page, title, twin
from metaco.role import Role, action

__all__ = [
    "PRD",
    "Axis",
    "Competitor",
    "Losses",
    "PackageName",
    "Point",
    "ProductManager",
    "RequirementId",
    "RequirementItem",
    "package_name",
]


def package_name(name: str) -> str:
    """Return `name` as a Python package can be called, for pydantic to check fields with.

    Capitals, spaces and hyphens are mended: ``Expense Tracker`` becomes ``expense_tracker``.
    """
    plain = re.sub(r"[\s-]+", "_", name.strip().lower())
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", plain) or keyword.iskeyword(plain):
        raise ValueError("must be a Python package name in snake_case, at most 40 characters")
    if plain in sys.stdlib_module_names or plain in ("tests", "docs", "pytest"):
        raise ValueError(f"{plain} would hide a module of that name; call it {plain}_app or so")
    return plain


def _requirement_id(text: object) -> object:
    """Return the id that `text` begins with: models write ``r1`` and ``R1: add a task`` too."""
    found = (
        re.match(r"[\s`'\"\[(]*[Rr]-?0*([1-9][0-9]*)\b", text) if isinstance(text, str) else None
    )
    return f"R{found[1]}" if found else text


PackageName = Annotated[str, AfterValidator(package_name)]
RequirementId = Annotated[
    str,
    BeforeValidator(_requirement_id),
    Field(pattern=r"^R[1-9][0-9]*$", description="R1, R2, ..."),
]

# Models are not asked for it: whoever knows what is left out says so.
Losses = SkipJsonSchema[list[str]]
"""What the requirement asks for and is left out, in its words."""


class Point(Part):
    """A place in the quadrant chart, both coordinates from 0 to 1."""

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
    place: Point


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
    place: Point = Field(description="where this product shall stand in the quadrant chart")
    requirements: list[RequirementItem] = Field(min_length=1)
    ui_draft: str = Field(description="what a user sees and types, as a short sketch")
    open_questions: list[str]
    losses: Losses = Field(default=[])

    @model_validator(mode="after")
    def _ids_are_unique(self) -> PRD:
        ids = [item.id for item in self.requirements]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"{', '.join(twice)} stands for more than one requirement")
        return self

    def project(self) -> str:
        return self.project_name

    def accepted(self) -> bool:
        return not self.losses

    def artifacts(self) -> dict[str, str]:
        chart = self._chart()
        return {
            "docs/prd.md": page(__file__, "prd.md.j2", prd=self, chart=chart),
            "docs/prd.json": twin(self),
            "docs/competition.mmd": chart,
        }

    def _chart(self) -> str:
        others = [diagram.Point(c.name, c.place.x, c.place.y) for c in self.competitors]
        own = diagram.Point(title(self.project_name), self.place.x, self.place.y, strong=True)
        return diagram.quadrant(
            f"Where {title(self.project_name)} stands",
            (self.x_axis.low, self.x_axis.high),
            (self.y_axis.low, self.y_axis.high),
            [*others, own],
        )


class ProductManager(Role):
    """Finds out what is wanted and writes it down so that it can be built and tested."""

    @action
    async def write_prd(self, requirement: Requirement) -> PRD:
        """Turn the requirement into a PRD."""
        return await self.ask(PRD, check=_weak_points, requirement=requirement)


def _weak_points(prd: PRD) -> list[str]:
    """Return what later roles would stumble over."""
    found = []
    if not any(item.priority == "P0" for item in prd.requirements):
        found.append("No requirement has priority P0; mark those without which it is useless.")
    if len(prd.requirements) > 15:
        found.append("There are more than 15 requirements; merge those that belong together.")
    return found
