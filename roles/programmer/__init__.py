"""The programmer does a small job alone: outlines it, writes it with its tests, hands it over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field, model_validator

from metaco.core.document import Document, Part, Requirement
from metaco.core.errors import ReplyError
from metaco.render.markdown import page, twin
from metaco.role import Role, action
from metaco.roles import architect
from metaco.roles.architect import Distributions, SafePath
from metaco.roles.architect.files import LEFT_OUT, left_out, usable
from metaco.roles.product_manager import Losses, PackageName, RequirementId, RequirementItem
from metaco.roles.project_manager import SourceFile, TestFile, packaging
from metaco.roles.project_manager.source import imports, placeholders
from metaco.roles.qa_engineer import TestReport, TestsFailed
from metaco.roles.qa_engineer.checks import idle, weakened
from metaco.roles.qa_engineer.tests import guarded, requirements, test_names
from metaco.roles.release_manager import Delivery, cover, deliver

__all__ = ["Outline", "OutlinedFile", "Programmer"]


class OutlinedFile(Part):
    """A file of the program."""

    path: SafePath = Field(description="inside the package, as todo/__main__.py")
    purpose: str
    requirements: list[RequirementId] = Field(description="ids, as R1")


class Outline(Document):
    """What a small program does and how it is cut, on one page."""

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
        return left_out(plan)

    def project(self) -> str:
        return self.project_name

    def accepted(self) -> bool:
        return not self.losses

    def artifacts(self) -> dict[str, str]:
        return {
            "docs/prd.md": page(__file__, "prd.md.j2", outline=self),
            "docs/prd.json": twin(self),
            ".gitignore": page(architect.__file__, "gitignore.j2"),
            **packaging(self.project_name, self.packages),
        }


class Programmer(Role):
    """Writes small programs from start to end."""

    @action
    async def outline(self, requirement: Requirement) -> Outline:
        """Outline the program on one page."""

        def check(outline: Outline) -> list[str]:
            said = outline.open_questions
            return [text.removeprefix(LEFT_OUT) for text in said if text.startswith(LEFT_OUT)]

        return await self.ask(Outline, check=check, requirement=requirement)

    @action
    async def write_program(self, outline: Outline) -> list[SourceFile | TestFile]:
        """Write all files of the program, and its tests."""

        wrong: list[str] = []

        def read(text: str) -> list[SourceFile | TestFile]:
            files, wrong[:] = _files(text)
            return files

        def check(files: list[SourceFile | TestFile]) -> list[str]:
            return [*wrong, *_gaps(files, outline)]

        written = await self.ask(read, check=check, outline=outline)
        self.context.left_out += wrong
        return written

    @action
    async def fix_program(
        self,
        report: TestsFailed,
        outline: Outline,
        files: list[SourceFile],
        tests: list[TestFile],
    ) -> list[SourceFile | TestFile]:
        """Mend what contradicts the outline: the program, or a test that asks for more."""

        wrong: list[str] = []

        def read(text: str) -> list[SourceFile | TestFile]:
            files, wrong[:] = _files(text)
            return files

        def check(mended: list[SourceFile | TestFile]) -> list[str]:
            now = {file.path: file for file in [*files, *tests, *mended]}
            lost = [
                f"{test.path}: {text}"
                for test in tests
                for text in weakened(test.content, now[test.path].content)
            ]
            return [*wrong, *lost, *_gaps(list(now.values()), outline)]

        mended = await self.ask(
            read, check=check, outline=outline, files=files, tests=tests, report=report
        )
        self.context.left_out += wrong
        return guarded(mended, tests)

    @action
    async def hand_over(
        self,
        report: TestReport,
        outline: Outline,
        files: list[SourceFile],
        tests: list[TestFile],
    ) -> Delivery:
        """Say what works and what does not; needs no model for that."""
        serving = {
            item.id: [f.path for f in outline.files if item.id in f.requirements]
            for item in outline.requirements
        }
        return deliver(
            project_name=outline.project_name,
            summary=outline.summary,
            run=outline.run,
            coverage=cover(outline.requirements, serving, report),
            report=report,
            files=files,
            tests=tests,
            losses=outline.losses,
            remarks=outline.open_questions,
            documents=["docs/prd.md: what it does, and how each point is checked"],
            model=self.context.model,
        )


def _files(text: str) -> tuple[list[SourceFile | TestFile], list[str]]:
    """Return the files of a reply, and what is wrong with those that cannot be written."""
    from metaco.reply import files, unnamed

    found, wrong = usable(files(text))
    wrong += [
        f"{label!r} above a block is no path; give one as pkg/file.py." for label in unnamed(text)
    ]
    if not found:
        raise ReplyError(
            " ".join(["The answer holds no file in a code block under its path.", *wrong]),
            text=text,
        )
    documents: list[SourceFile | TestFile] = [
        (TestFile if path.startswith("tests/") else SourceFile)(
            path=path, content=content.strip("\n") + "\n"
        )
        for path, content in sorted(found.items())
    ]
    return documents, wrong


def _tests(files: Sequence[SourceFile | TestFile]) -> set[str]:
    """Return the names of all tests in the files."""
    return {n for file in files if isinstance(file, TestFile) for n in test_names(file.content)}


def _gaps(files: list[SourceFile | TestFile], outline: Outline) -> list[str]:
    """Return what is missing in the program, or cannot run."""
    import ast

    there = {file.path for file in files}
    found = [f"{f.path} is missing." for f in outline.files if f.path not in there]
    checked = {r for name in _tests(files) for r in requirements(name)}
    found += [
        f"No test checks {item.id} ({item.text}); name one test_{item.id.lower()}_..."
        for item in outline.requirements
        if item.id not in checked
    ]
    for file in files:
        if not file.path.endswith(".py"):
            continue
        try:
            tree = ast.parse(file.content)
        except (SyntaxError, ValueError) as error:
            found.append(f"{file.path} does not parse: {error}.")
            continue
        packages = [*outline.packages, "pytest", "pytest-asyncio"]
        known = imports(tree, outline.project_name, there, packages)
        if isinstance(file, TestFile):
            known += idle(tree, outline.project_name)
        found += [f"{file.path}: {gap}" for gap in (*known, *placeholders(tree, file.content))]
    return found
