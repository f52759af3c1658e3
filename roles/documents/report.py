"""What the QA engineer reports of a real run of the tests."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from metaco.core.document import Document, Part
from metaco.render.markdown import json_copy, render

__all__ = [
    "UNCONFINED_TESTS",
    "TestOutcome",
    "TestReport",
    "TestsFailed",
    "TestsNotRun",
    "TestsPassed",
]

UNCONFINED_TESTS = "Python, unconfined: the sandbox was off"
"""The environment of a report whose tests ran without a sandbox."""


class TestOutcome(Part):
    """The outcome of one test."""

    __test__ = False  # not a class of tests, whatever pytest takes it for

    test: str
    outcome: Literal["passed", "failed", "error", "skipped"]
    vacuous: bool = Field(
        default=False, description="it passes on an empty program, or cannot fail"
    )
    message: str = ""
    requirements: list[str] = Field(default=[])

    @property
    def broken(self) -> bool:
        """Whether the test failed or could not run."""
        return self.outcome in ("failed", "error")

    @property
    def gist(self) -> str:
        """The line of the message that says most: pytest's first error line, else the last one."""
        lines = [line.strip() for line in self.message.splitlines() if line.strip()]
        errors = [line[1:].strip() for line in lines if line.startswith("E ")]
        return (errors or lines[-1:] or [""])[0][:200]


class TestReport(Document):
    """The result of a real run of the tests; see the subclasses."""

    __test__ = False

    outcomes: list[TestOutcome]
    environment: str
    output: str = Field(default="", description="what is wrong with the run; its first line is why")

    def accepted(self) -> bool:
        return False

    def failures(self) -> list[TestOutcome]:
        """Return the tests that failed or could not run."""
        return [o for o in self.outcomes if o.broken]

    def evidence(self) -> list[TestOutcome]:
        """Return the tests that passed and are not vacuous; none if the run itself went wrong."""
        if self.output:
            return []
        return [o for o in self.outcomes if o.outcome == "passed" and not o.vacuous]

    def passed(self, requirement: str) -> bool:
        """Return whether no test of `requirement` failed and one of them is evidence."""
        failed = any(requirement in o.requirements for o in self.failures())
        return not failed and any(requirement in o.requirements for o in self.evidence())

    def artifacts(self) -> dict[str, str]:
        files: dict[str, list[TestOutcome]] = {}
        for outcome in self.outcomes:
            files.setdefault(outcome.test.partition("::")[0], []).append(outcome)
        return {
            "docs/tests.md": render(__file__, "tests.md.j2", report=self, files=files),
            "docs/tests.json": json_copy(self),
        }


class TestsPassed(TestReport):
    """At least one test ran and none failed."""

    def accepted(self) -> bool:
        return True


class TestsFailed(TestReport):
    """A test failed, or none could run; `output` says what went wrong."""


class TestsNotRun(TestReport):
    """There is no sandbox to run tests in; `output` says why."""
