"""The inspector looks at a delivered project as it is now: documents, code, tests. No model."""

from __future__ import annotations

from collections.abc import Sized

from pydantic import Field, ValidationError

from metaco.core.directory import Folder
from metaco.core.document import Document, Part
from metaco.role import Role, action
from metaco.roles.inspector.code import code_problems
from metaco.roles.inspector.papers import Papers
from metaco.roles.programmer import Outline, Programmer
from metaco.roles.project_manager import ProjectManager, SourceFile, TestFile
from metaco.roles.qa_engineer import TestOutcome, TestReport, TestsFailed
from metaco.roles.qa_engineer.run import steers_tests
from metaco.roles.release_manager import Coverage, Delivery, ReleaseManager, doubts

__all__ = ["Check", "Inspection", "Inspector"]

_DESCRIBES = {"pyproject.toml", "setup.cfg", "tox.ini", "pytest.ini"}
"""Files that configure test runs elsewhere, with plug-ins that need not be here."""


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
    unproved: list[str] = Field(default=[], description="tests that prove nothing, and why")
    remarks: list[str]
    pages: dict[str, str] = Field(description="what docs/ should hold, by the documents and tests")

    def accepted(self) -> bool:
        return not any(check.problems for check in self.checks)

    def replaces(self, path: str) -> bool:
        return path.startswith("docs/")  # pages of documents that were written before

    def artifacts(self) -> dict[str, str]:
        return self.pages


class Inspector(Role):
    """Looks whether documents, code and tests of a project still fit together."""

    @action
    async def read_code(self, folder: Folder) -> list[SourceFile | TestFile]:
        """Take the program and its tests out of the folder."""
        found: list[SourceFile | TestFile] = []
        for path, text in folder.files.items():
            top = path.split("/")[0]
            if top == "docs" or path in _DESCRIBES:
                continue
            try:
                if top == "tests":
                    found.append(TestFile(path=path, content=text, adopted=True))
                else:
                    found.append(SourceFile(path=path, content=text))
            except ValidationError:
                continue  # its path cannot be on every system; the inspection says so
        return found

    @action
    async def inspect(
        self,
        folder: Folder,
        reports: list[TestReport],
        files: list[SourceFile],
        tests: list[TestFile],
    ) -> Inspection:
        """Check everything that plain code can check."""
        report = (
            reports[0]
            if reports
            else TestsFailed(outcomes=[], environment="", output="There are no tests.")
        )
        papers = Papers.read(folder)
        problems = {
            "documents": papers.problems,
            "requirements": papers.gaps([test.content for test in tests]),
            "files": papers.lost(folder),
            "pages": papers.pages_that_differ(folder),
        }
        tasks = []
        if papers.plan and papers.design and papers.prd:
            manager = ProjectManager(self.context)
            tasks = await manager.split(papers.plan, papers.design, papers.prd)
        problems["code"] = code_problems(folder, papers.package, papers.packages, tasks)
        delivery = await self._delivery(papers, report, files, tests)
        problems["tests"] = _failures(report)
        coverage = delivery.coverage if delivery else []
        problems["coverage"] = [
            f"{c.id} (P0) is {c.status}: {c.text}"
            for c in coverage
            if c.priority == "P0" and c.status != "passed"
        ]
        code = [path for path in folder.files if path.endswith(".py")]
        passed = len(report.proofs())
        abouts = {
            "documents": f"{len(papers.found)} in docs/ are read",
            "requirements": f"{len(papers.items)}, each P0 with a file and a test",
            "files": f"{len(papers.planned)} of the design are there",
            "pages": "say what the documents say",
            "code": f"{len(code)} files parse, and keep promises",
            "tests": f"{passed} passed",
            "coverage": f"{sum(c.status == 'passed' for c in coverage)} of {len(coverage)} pass",
        }
        there: dict[str, Sized] = {
            "requirements": papers.items,
            "files": papers.planned,
            "pages": papers.found,
            "code": code,
            "coverage": coverage,
        }
        waits = [
            f"{c.id} ({c.priority}) is {c.status}: {c.text}"
            for c in coverage
            if c.priority != "P0" and c.status != "passed"
        ]
        return Inspection(
            project_name=papers.package or folder.name,
            summary=papers.summary,
            checks=[
                Check(
                    name=name,
                    about="" if found else abouts[name],
                    problems=found,
                    skipped=not found and name in there and not there[name],
                )
                for name, found in problems.items()
            ],
            coverage=coverage,
            outcomes=report.outcomes,
            tests_passed=passed,
            tests_failed=sum(o.outcome in ("failed", "error") for o in report.outcomes),
            not_done=[text for found in problems.values() for text in found] + waits,
            unproved=doubts(report),
            remarks=_remarks(folder, papers, delivery),
            pages=papers.pages(report if reports else None, delivery),
        )

    async def _delivery(
        self,
        papers: Papers,
        report: TestReport,
        files: list[SourceFile],
        tests: list[TestFile],
    ) -> Delivery | None:
        """Return the delivery as it would be now."""
        delivered: Delivery | None = None
        planned = [f for f in files if f.path in papers.planned]
        if papers.prd and papers.design:
            release = ReleaseManager(self.context)
            delivered = await release.deliver(report, papers.prd, papers.design, planned, tests)
        elif isinstance(papers.outline, Outline):
            programmer = Programmer(self.context)
            delivered = await programmer.hand_over(report, papers.outline, planned, tests)
        if delivered and papers.delivery:  # who made it is not known any more, but it was written
            delivered = delivered.model_copy(update={"remarks": papers.delivery.remarks})
        return delivered


def _failures(report: TestReport) -> list[str]:
    found = []
    for outcome in report.outcomes:
        if outcome.outcome in ("failed", "error"):
            lines = [line for line in outcome.message.splitlines() if line.strip()]
            told = [line[1:].strip() for line in lines if line.startswith("E ")] or lines[-1:]
            found.append(f"{outcome.test}: {' '.join(told[:1])[:200] or outcome.outcome}")
    if report.output:
        found.append(f"No test counts: {report.output.partition(chr(10))[0]}")
    elif not found and not report.proofs():
        found.append("No test proves anything.")
    return found


def _remarks(folder: Folder, papers: Papers, now: Delivery | None) -> list[str]:
    found = [f"{path} is no text, or too large: it was left out." for path in folder.left_out]
    found += [f"{path} took part in the tests." for path in folder.files if steers_tests(path)]
    then = papers.delivery
    if (
        then
        and now
        and (then.tests_passed, then.tests_failed)
        != (
            now.tests_passed,
            now.tests_failed,
        )
    ):
        found.append(
            f"docs/delivery.md tells of {then.tests_passed} tests that passed and "
            f"{then.tests_failed} that failed; now it is {now.tests_passed} and {now.tests_failed}."
        )
    return found
