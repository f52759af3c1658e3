"""What the programmer plans of a small program."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from metaco.core.document import Document, Part
from metaco.render.markdown import json_copy, render
from metaco.roles.documents.allowed_files import leave_out
from metaco.roles.documents.fields import (
    Distributions,
    Losses,
    PackageName,
    RequirementId,
    SafePath,
)
from metaco.roles.documents.prd import RequirementItem
from metaco.roles.documents.program import packaging

__all__ = ["Outline", "OutlinedFile"]


class OutlinedFile(Part):
    """A file of the program."""

    path: SafePath = Field(description="inside the package, as todo/__main__.py")
    purpose: str
    requirements: list[RequirementId] = Field(description="ids, as R1")


class Outline(Document):
    """What a small program does and which files it has, on one page."""

    project_name: PackageName
    summary: str = Field(description="what is built, with every wish of the requirement in it")
    requirements: list[RequirementItem] = Field(min_length=1)
    files: list[OutlinedFile] = Field(min_length=1)
    packages: Distributions = Field(description="third-party packages; empty if the library does")
    run: list[str] = Field(description="command lines that show the program in use")
    open_questions: list[str]
    losses: Losses = Field(default=[])

    @model_validator(mode="before")
    @classmethod
    def _files_may_be_written(cls, plan: Any) -> Any:
        return leave_out(plan)

    def project(self) -> str:
        return self.project_name

    def accepted(self) -> bool:
        return not self.losses

    def artifacts(self) -> dict[str, str]:
        return {
            "docs/prd.md": render(__file__, "outline.md.j2", outline=self),
            "docs/prd.json": json_copy(self),
            ".gitignore": render(__file__, "gitignore.j2"),
            **packaging(self.project_name, self.packages),
        }
