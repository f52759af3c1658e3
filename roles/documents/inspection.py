"""What the inspector says of a project as it is now."""

from __future__ import annotations

from pydantic import Field

from metaco.core.document import Document, Part
from metaco.roles.documents.delivery import Coverage
from metaco.roles.documents.report import TestOutcome

__all__ = ["Check", "Inspection"]


class Check(Part):
    """One thing that was looked at, and what is wrong with it."""

    name: str
    about: str = ""
    problems: list[str] = Field(default=[])
    skipped: bool = Field(default=False, description="there was nothing to look at")


class Inspection(Document):
    """What a project is like now; it is accepted where no check has found a problem."""

    project_name: str
    summary: str
    checks: list[Check]
    coverage: list[Coverage]
    outcomes: list[TestOutcome]
    tests_passed: int
    tests_failed: int
    not_done: list[str] = Field(description="every problem, and requirements that may wait")
    untested: list[str] = Field(default=[], description="skipped and vacuous tests, and why")
    remarks: list[str]
    pages: dict[str, str] = Field(description="what docs/ should hold, by the documents and tests")

    def accepted(self) -> bool:
        return not any(check.problems for check in self.checks)

    def replaces(self, path: str) -> bool:
        return path.startswith("docs/")  # pages of documents that were written before

    def artifacts(self) -> dict[str, str]:
        return self.pages
