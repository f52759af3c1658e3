"""The QA engineer writes tests from the acceptance criteria, runs them and reports."""

from __future__ import annotations

from metaco.core.errors import SandboxUnavailable
from metaco.role import Role, action
from metaco.roles.documents import (
    SourceFile,
    Task,
    TestFile,
    TestsFailed,
    TestsNotRun,
    TestsPassed,
)
from metaco.roles.python_tests import violations
from metaco.roles.reply_files import code_block

__all__ = ["QAEngineer"]


class QAEngineer(Role):
    """Checks that the program does what was asked for."""

    @action
    async def write_tests(self, task: Task) -> TestFile | None:
        """Write the tests for one file from its acceptance criteria, without seeing the file."""
        if not task.path.endswith(".py"):
            return None  # data is tested through the code that reads it

        def read(text: str) -> TestFile:
            return TestFile(path=task.tests, content=code_block(text, task.tests))

        def check(file: TestFile) -> list[str]:
            return violations(file.content, task)

        return await self.ask(read, check=check, task=task)

    @action
    async def run_tests(
        self, files: list[SourceFile], tests: list[TestFile]
    ) -> TestsPassed | TestsFailed | TestsNotRun:
        """Run all tests in the sandbox and report their outcomes."""
        from metaco.roles.qa_engineer.run import judged

        try:
            outcomes, environment, output = await judged(await self.context.sandbox(), files, tests)
        except SandboxUnavailable as error:
            return TestsNotRun(outcomes=[], environment="no sandbox", output=str(error))
        ran = any(outcome.outcome == "passed" for outcome in outcomes)
        failed = any(outcome.broken for outcome in outcomes)
        kind = TestsPassed if ran and not failed and not output else TestsFailed
        return kind(outcomes=outcomes, environment=environment, output=output)
