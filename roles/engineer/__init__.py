"""The engineer writes one file from its task, and mends what is wrong when tests fail."""

from __future__ import annotations

import re

from metaco.core.errors import ReplyError
from metaco.role import Role, action
from metaco.roles.project_manager import SourceFile, Task, TestFile
from metaco.roles.project_manager.source import gaps
from metaco.roles.qa_engineer import TestsFailed
from metaco.roles.qa_engineer.checks import weakened
from metaco.roles.qa_engineer.tests import gaps as test_gaps
from metaco.roles.qa_engineer.tests import guarded

__all__ = ["Engineer", "SourceFile"]


class Engineer(Role):
    """Writes the files of the program, each from its task alone."""

    @action
    async def write_file(self, task: Task) -> SourceFile:
        """Write one file."""

        def read(text: str) -> SourceFile:
            return SourceFile(path=task.path, content=code(text, task.path))

        def check(file: SourceFile) -> list[str]:
            return gaps(file.content, task)

        return await self.ask(read, check=check, task=task)

    @action
    async def fix_files(
        self,
        report: TestsFailed,
        files: list[SourceFile],
        tests: list[TestFile],
        tasks: list[Task],
    ) -> list[SourceFile | TestFile]:
        """Mend what contradicts the tasks: the program, or a test that asks for something else."""
        suspects = _suspects(report, files, tests, tasks)

        wrong: list[str] = []

        def read(text: str) -> list[SourceFile | TestFile]:
            mended, wrong[:] = changed(text, files, tests)
            return mended

        def check(mended: list[SourceFile | TestFile]) -> list[str]:
            return wrong + [gap for file in mended for gap in _gaps(file, tests, tasks)]

        mended = await self.ask(
            read,
            check=check,
            tasks=[task for task in tasks if {task.path, task.tests} & suspects],
            files=[file for file in files if file.path in suspects],
            tests=[test for test in tests if test.path in suspects],
            report=report,
        )
        self.context.left_out += wrong
        return guarded(mended, tests)


def code(text: str, path: str) -> str:
    """Return the file that a reply holds, ending in one line break.

    Raises:
        ReplyError: the reply holds no file.
    """
    from metaco.reply import fenced

    content = fenced(text, path)
    if not content.strip():
        raise ReplyError(f"The answer holds no code block with {path}.", text=text)
    return content.strip("\n") + "\n"


def changed(
    text: str, files: list[SourceFile], tests: list[TestFile]
) -> tuple[list[SourceFile | TestFile], list[str]]:
    """Return the files a reply mends, those of the program and those of the tests.

    Others cost themselves and a question: what is wrong with them is returned, too.

    Raises:
        ReplyError: it holds none, or none that is there.
    """
    from metaco.reply import files as fenced_files

    found = fenced_files(text)
    sources, checks = {f.path for f in files}, {t.path for t in tests}
    if (unknown := sorted(found.keys() - sources - checks)) and len(unknown) == len(found):
        raise ReplyError(
            f"There is no file {', '.join(unknown)}; give the path of each mended file "
            "in the line above its code block, as it is in the documents.",
            text=text,
        )
    mended: list[SourceFile | TestFile] = [
        (SourceFile if path in sources else TestFile)(path=path, content=body.strip("\n") + "\n")
        for path, body in sorted(found.items())
        if path not in unknown
    ]
    return mended, [f"There is no file {path} to mend; leave it out." for path in unknown]


def _gaps(file: SourceFile | TestFile, tests: list[TestFile], tasks: list[Task]) -> list[str]:
    """Return what is wrong with a mended file."""
    task = next((task for task in tasks if file.path in (task.path, task.tests)), None)
    if isinstance(file, SourceFile):
        return gaps(file.content, task) if task else []
    before = next(test.content for test in tests if test.path == file.path)
    lost = [f"{file.path}: {text}" for text in weakened(before, file.content)]
    return lost + (test_gaps(file.content, task) if task else [])


def _suspects(
    report: TestsFailed, files: list[SourceFile], tests: list[TestFile], tasks: list[Task]
) -> set[str]:
    """Return the files to look at: the failed tests, what they test, what the tracebacks name."""
    failed = {o.test.split("::")[0] for o in report.outcomes if o.outcome in ("failed", "error")}
    known = {file.path for file in files} | {test.path for test in tests}
    found = {path for path in failed if path in known}
    found |= {task.path for task in tasks if task.tests in found}
    text = "\n".join([report.output, *(o.message for o in report.outcomes)])
    found |= {path for path in known if re.search(rf"(?<![\w/]){re.escape(path)}\b", text)}
    return found or known
