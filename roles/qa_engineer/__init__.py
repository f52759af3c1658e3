"""The QA engineer writes tests from the acceptance criteria, runs them and reports."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from metaco.core.document import Document, Part
from metaco.core.errors import ReplyError, SandboxUnavailable
from metaco.render.markdown import page, twin
from metaco.role import Role, action
from metaco.roles.project_manager import SourceFile, Task, TestFile
from metaco.roles.qa_engineer.tests import gaps

__all__ = [
    "QAEngineer",
    "TestFile",
    "TestOutcome",
    "TestReport",
    "TestsFailed",
    "TestsNotRun",
    "TestsPassed",
]


class TestOutcome(Part):
    """What one test said."""

    __test__ = False  # pytest, not one of yours

    test: str
    outcome: Literal["passed", "failed", "error", "skipped"]
    hollow: bool = Field(default=False, description="it passes on an empty program, or cannot fail")
    message: str = ""
    requirements: list[str] = Field(default=[])


class TestReport(Document):
    """What a real run of the tests said; see the two subclasses."""

    __test__ = False

    outcomes: list[TestOutcome]
    environment: str
    output: str = Field(default="", description="what is wrong with the run; its first line is why")

    def accepted(self) -> bool:
        return False

    def proofs(self) -> list[TestOutcome]:
        """Return the tests that passed and prove something; none if the run itself went wrong."""
        if self.output:
            return []
        return [o for o in self.outcomes if o.outcome == "passed" and not o.hollow]

    def passed(self, requirement: str) -> bool:
        """Return whether a test of `requirement` passed that proves something, and none failed."""
        about = [o for o in self.outcomes if requirement in o.requirements]
        failed = any(o.outcome in ("failed", "error") for o in about)
        return not failed and any(requirement in o.requirements for o in self.proofs())

    def artifacts(self) -> dict[str, str]:
        files: dict[str, list[TestOutcome]] = {}
        for outcome in self.outcomes:
            files.setdefault(outcome.test.partition("::")[0], []).append(outcome)
        return {
            "docs/tests.md": page(__file__, "tests.md.j2", report=self, files=files),
            "docs/tests.json": twin(self),
        }


class TestsPassed(TestReport):
    """At least one test ran and none failed."""

    def accepted(self) -> bool:
        return True


class TestsFailed(TestReport):
    """A test failed, or none could run; `output` says what went wrong."""


class TestsNotRun(TestReport):
    """There is no sandbox to run tests in; `output` says why."""


class QAEngineer(Role):
    """Checks that the program does what was asked for."""

    @action
    async def write_tests(self, task: Task) -> TestFile | None:
        """Write the tests for one file from its acceptance criteria, without seeing the file."""
        if not task.path.endswith(".py"):
            return None  # data is tested through the code that reads it

        def read(text: str) -> TestFile:
            from metaco.reply import fenced

            content = fenced(text, task.tests)
            if not content.strip():
                raise ReplyError(f"The answer holds no code block with {task.tests}.", text=text)
            return TestFile(path=task.tests, content=content.strip("\n") + "\n")

        def check(file: TestFile) -> list[str]:
            return gaps(file.content, task)

        return await self.ask(read, check=check, task=task)

    @action
    async def run_tests(
        self, files: list[SourceFile], tests: list[TestFile]
    ) -> TestsPassed | TestsFailed | TestsNotRun:
        """Run all tests in the sandbox and report what each said."""
        from metaco.roles.qa_engineer.run import judged

        try:
            outcomes, environment, output = await judged(await self.context.sandbox(), files, tests)
        except SandboxUnavailable as error:
            return TestsNotRun(outcomes=[], environment="no sandbox", output=str(error))
        ran = any(outcome.outcome == "passed" for outcome in outcomes)
        failed = any(outcome.outcome in ("failed", "error") for outcome in outcomes)
        kind = TestsPassed if ran and not failed and not output else TestsFailed
        return kind(outcomes=outcomes, environment=environment, output=output)
