"""The QA engineer writes tests from the acceptance criteria, runs them and reports."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from metaco.document import Document

__all__ = ["TestFile", "TestOutcome", "TestReport", "TestsFailed", "TestsPassed"]


class TestFile(Document):
    """A file of tests."""

    __test__ = False  # pytest, not one of yours

    path: str
    content: str

    @property
    def key(self) -> str:
        return self.path

    def artifacts(self) -> dict[str, str]:
        return {self.path: self.content}


class TestOutcome(BaseModel):
    """What one test said."""

    __test__ = False
    model_config = ConfigDict(frozen=True, extra="forbid")

    test: str
    outcome: Literal["passed", "failed", "error", "skipped"]
    message: str = ""
    requirements: list[str] = []


class TestReport(Document):
    """What a real run of the tests said; see the two subclasses."""

    __test__ = False

    outcomes: list[TestOutcome]
    environment: str
    output: str = ""

    def passed(self, requirement: str) -> bool:
        """Return whether there are tests of `requirement` and all of them passed."""
        about = [o.outcome for o in self.outcomes if requirement in o.requirements]
        return bool(about) and all(outcome == "passed" for outcome in about)


class TestsPassed(TestReport):
    """At least one test ran and none failed."""


class TestsFailed(TestReport):
    """A test failed, or none could run; `output` holds the tracebacks."""
