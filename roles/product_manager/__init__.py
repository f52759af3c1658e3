"""The product manager turns a requirement into a PRD."""

from __future__ import annotations

import keyword
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from metaco.document import Document, Part, Requirement
from metaco.role import Role, action

__all__ = ["PRD", "Axis", "Competitor", "Point", "ProductManager", "RequirementItem"]


def package_name(name: str) -> str:
    """Return `name` if a Python package can be called so, for pydantic to check fields with."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) or keyword.iskeyword(name):
        raise ValueError("must be a Python package name in snake_case, at most 40 characters")
    return name


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

    id: str = Field(pattern=r"^R[1-9][0-9]*$", description="R1, R2, ...")
    priority: Literal["P0", "P1", "P2"] = Field(description="P0 must, P1 should, P2 may")
    text: str
    acceptance: list[str] = Field(min_length=1, description="checks that can be automated")


class PRD(Document):
    """What is to be built, for whom, and how one can tell that it is done."""

    project_name: Annotated[str, AfterValidator(package_name)]
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

    def project(self) -> str:
        return self.project_name


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
