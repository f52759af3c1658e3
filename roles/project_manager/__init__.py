"""The project manager turns a design into tasks, and what came of them into a delivery."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from metaco.document import Document
from metaco.roles.product_manager import RequirementItem

__all__ = ["Coverage", "Delivery", "PlannedFile", "Task", "TaskPlan"]


class _Part(BaseModel):
    """A piece of a document."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PlannedFile(_Part):
    """A file to write, in the task graph."""

    path: str
    depends_on: list[str] = Field(description="paths of files it imports from")
    notes: str = Field(default="", description="what its author has to know beyond the design")


class TaskPlan(Document):
    """The task graph, the packages and the conventions all engineers share."""

    packages: list[str] = Field(description="third-party packages, as they are installed")
    conventions: list[str] = Field(description="names, formats, errors, exit codes all share")
    files: list[PlannedFile] = Field(min_length=1)


class Task(Document):
    """Everything one engineer or tester has to know to write one file."""

    path: str
    tests: str = Field(description="path of the test file for it")
    package: str
    summary: str
    conventions: list[str]
    packages: list[str]
    files: list[str] = Field(description="all files of the program: path and purpose")
    purpose: str
    notes: str
    offers: list[str] = Field(description="the interface this file must offer")
    uses: list[str] = Field(description="the interfaces of other files it may use")
    depends_on: list[str]
    requirements: list[RequirementItem]
    run: list[str]

    @property
    def key(self) -> str:
        return self.path


class Coverage(_Part):
    """What became of one requirement."""

    id: str
    priority: Literal["P0", "P1", "P2"]
    text: str
    files: list[str]
    tests: list[str]
    status: Literal["passed", "failed", "untested", "missing"]


class Delivery(Document):
    """What was built, how to run it, what works and what does not."""

    project_name: str
    summary: str
    run: list[str]
    files: list[str]
    coverage: list[Coverage]
    tests_passed: int
    tests_failed: int
    not_done: list[str] = Field(description="what is missing or fails, and why")
    remarks: list[str] = Field(description="how it was made, open questions")

    def accepted(self) -> bool:
        return not self.tests_failed and all(
            c.status == "passed" for c in self.coverage if c.priority == "P0"
        )
