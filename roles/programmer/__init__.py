"""The programmer does a small job alone: outlines it, writes it with its tests, hands it over."""

from __future__ import annotations

from collections.abc import Sequence

from metaco.core.document import Requirement
from metaco.core.errors import ReplyError
from metaco.role import Role, action
from metaco.roles.assertions import vacuous_tests, weakened
from metaco.roles.delivering import deliver
from metaco.roles.documents import (
    Delivery,
    Outline,
    SourceFile,
    TestFile,
    TestReport,
    TestsFailed,
)
from metaco.roles.documents.allowed_files import left_out, usable
from metaco.roles.python_source import imports, parsed, placeholders
from metaco.roles.python_tests import keep_tests, requirements, test_names, unchecked
from metaco.roles.reply_files import program_files

__all__ = ["Programmer"]


class Programmer(Role):
    """Writes small programs from start to end."""

    @action
    async def outline(self, requirement: Requirement) -> Outline:
        """Outline the program on one page."""

        def check(outline: Outline) -> list[str]:
            return left_out(outline.open_questions)

        return await self.ask(Outline, check=check, requirement=requirement)

    @action
    async def write_program(self, outline: Outline) -> list[SourceFile | TestFile]:
        """Write all files of the program, and its tests."""

        refused: list[str] = []

        def read(text: str) -> list[SourceFile | TestFile]:
            files, refused[:] = _files(text)
            return files

        def check(files: list[SourceFile | TestFile]) -> list[str]:
            return [*refused, *_violations(files, outline)]

        written = await self.ask(read, check=check, outline=outline)
        self.context.left_out += refused
        return written

    @action
    async def fix_program(
        self,
        report: TestsFailed,
        outline: Outline,
        files: list[SourceFile],
        tests: list[TestFile],
    ) -> list[SourceFile | TestFile]:
        """Fix what contradicts the outline: the program, or a test that asks for more."""

        refused: list[str] = []

        def read(text: str) -> list[SourceFile | TestFile]:
            files, refused[:] = _files(text)
            return files

        def check(fixed: list[SourceFile | TestFile]) -> list[str]:
            now = {file.path: file for file in [*files, *tests, *fixed]}
            lost = [
                f"{test.path}: {text}"
                for test in tests
                for text in weakened(test.content, now[test.path].content)
            ]
            return [*refused, *lost, *_violations(list(now.values()), outline)]

        fixed = await self.ask(
            read, check=check, outline=outline, files=files, tests=tests, report=report
        )
        self.context.left_out += refused
        return keep_tests(fixed, tests)

    @action
    async def hand_over(
        self,
        report: TestReport,
        outline: Outline,
        files: list[SourceFile],
        tests: list[TestFile],
    ) -> Delivery:
        """Say what works and what does not; needs no model for that."""
        return deliver(outline, outline, report, files, tests, model=self.context.model)


def _files(text: str) -> tuple[list[SourceFile | TestFile], list[str]]:
    """Return the files of a reply, and what is wrong with those that cannot be written."""
    from metaco.reply import files, unnamed

    contents, wrong = usable(files(text))
    wrong += [
        f"{label!r} above a block is not a path; give one such as pkg/file.py."
        for label in unnamed(text)
    ]
    if not contents:
        raise ReplyError(
            " ".join(["The answer contains no file in a code block under its path.", *wrong]),
            text=text,
        )
    tests = {path for path in contents if path.startswith("tests/")}
    return program_files(contents, tests), wrong


def _violations(files: Sequence[SourceFile | TestFile], outline: Outline) -> list[str]:
    """Return what is missing in the program, or cannot run."""
    paths = {file.path for file in files}
    wrong = [f"{f.path} is missing." for f in outline.files if f.path not in paths]
    tests = [file for file in files if isinstance(file, TestFile)]
    names = [name for test in tests for name in test_names(test.content)]
    wrong += unchecked(outline.requirements, {r for name in names for r in requirements(name)})
    packages = [*outline.packages, "pytest", "pytest-asyncio"]
    for file in (file for file in files if file.path.endswith(".py")):
        tree = parsed(file.path, file.content)
        if isinstance(tree, str):
            wrong.append(tree)
            continue
        of_file = imports(tree, outline.project_name, paths, packages)
        if isinstance(file, TestFile):
            of_file += vacuous_tests(tree, outline.project_name)
        of_file += placeholders(tree, file.content)
        wrong += [f"{file.path}: {sentence}" for sentence in of_file]
    return wrong
