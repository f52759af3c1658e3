"""The engineer writes one file from its task, and fixes what is wrong when tests fail."""

from __future__ import annotations

import re

from metaco.core.errors import ReplyError
from metaco.role import Role, action
from metaco.roles import python_source, python_tests
from metaco.roles.assertions import weakened
from metaco.roles.documents import SourceFile, Task, TestFile, TestsFailed
from metaco.roles.reply_files import code_block, program_files

__all__ = ["Engineer"]


class Engineer(Role):
    """Writes the files of the program, each from its task alone."""

    @action
    async def write_file(self, task: Task) -> SourceFile:
        """Write one file."""

        def read(text: str) -> SourceFile:
            return SourceFile(path=task.path, content=code_block(text, task.path))

        def check(file: SourceFile) -> list[str]:
            return python_source.violations(file.content, task)

        return await self.ask(read, check=check, task=task)

    @action
    async def fix_files(
        self,
        report: TestsFailed,
        files: list[SourceFile],
        tests: list[TestFile],
        tasks: list[Task],
    ) -> list[SourceFile | TestFile]:
        """Fix what contradicts the tasks: the program, or a test that asks for something else."""
        suspects = _suspects(report, files, tests, tasks)

        unknown: list[str] = []

        def read(text: str) -> list[SourceFile | TestFile]:
            fixed, unknown[:] = fixed_files(text, files, tests)
            return fixed

        def check(fixed: list[SourceFile | TestFile]) -> list[str]:
            return unknown + [wrong for file in fixed for wrong in _violations(file, tests, tasks)]

        fixed = await self.ask(
            read,
            check=check,
            tasks=[task for task in tasks if {task.path, task.tests} & suspects],
            files=[file for file in files if file.path in suspects],
            tests=[test for test in tests if test.path in suspects],
            report=report,
        )
        self.context.left_out += unknown
        return python_tests.keep_tests(fixed, tests)


def fixed_files(
    text: str, files: list[SourceFile], tests: list[TestFile]
) -> tuple[list[SourceFile | TestFile], list[str]]:
    """Return the files a reply fixes, those of the program and those of the tests.

    Others are left out: a sentence for each of them, for the author, is returned too.

    Raises:
        ReplyError: it holds none, or none that is there.
    """
    from metaco.reply import files as fenced_files

    contents = fenced_files(text)
    test_paths = {test.path for test in tests}
    unknown = sorted(contents.keys() - {file.path for file in files} - test_paths)
    known = {path: content for path, content in contents.items() if path not in unknown}
    if not known:
        raise ReplyError(
            f"There is no file {', '.join(unknown)}; give the path of each fixed file "
            "in the line above its code block, as it is in the documents.",
            text=text,
        )
    wrong = [f"There is no file {path} to fix; omit it." for path in unknown]
    return program_files(known, test_paths), wrong


def _violations(file: SourceFile | TestFile, tests: list[TestFile], tasks: list[Task]) -> list[str]:
    """Return what is wrong with a fixed file."""
    task = next((task for task in tasks if file.path in (task.path, task.tests)), None)
    if isinstance(file, SourceFile):
        return python_source.violations(file.content, task) if task else []
    before = next(test.content for test in tests if test.path == file.path)
    lost = [f"{file.path}: {text}" for text in weakened(before, file.content)]
    return lost + (python_tests.violations(file.content, task) if task else [])


def _suspects(
    report: TestsFailed, files: list[SourceFile], tests: list[TestFile], tasks: list[Task]
) -> set[str]:
    """Return the files to look at: the failed tests, what they test, what the tracebacks name."""
    paths = {file.path for file in files} | {test.path for test in tests}
    suspects = {outcome.test.split("::")[0] for outcome in report.failures()} & paths
    suspects |= {task.path for task in tasks if task.tests in suspects}
    text = "\n".join([report.output, *(o.message for o in report.outcomes)])
    suspects |= {path for path in paths if re.search(rf"(?<![\w/]){re.escape(path)}\b", text)}
    return suspects or paths
