"""The release manager says honestly what was built, what works and what does not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from metaco.core.document import Document, Part
from metaco.render.markdown import page, twin
from metaco.role import Role, action
from metaco.roles.architect import SystemDesign
from metaco.roles.engineer import SourceFile
from metaco.roles.product_manager import PRD, RequirementItem
from metaco.roles.qa_engineer import TestFile, TestReport, TestsNotRun

__all__ = ["Coverage", "Delivery", "ReleaseManager", "cover", "doubts"]


class Coverage(Part):
    """What became of one requirement."""

    id: str
    priority: Literal["P0", "P1", "P2"]
    text: str
    files: list[str]
    tests: list[str]
    status: Literal["passed", "failed", "untested", "missing"]


class Delivery(Document):
    """What was built, how to run it, what works and what does not."""

    project_name: str
    summary: str
    run: list[str]
    files: list[str]
    coverage: list[Coverage]
    tests_passed: int
    tests_failed: int
    losses: list[str] = Field(default=[], description="what was asked for and is left out")
    not_done: list[str] = Field(description="what is missing or fails, and why")
    unproved: list[str] = Field(default=[], description="what was not tested, and why")
    origin: str = Field(default="", description="who answered, where it was no model")
    remarks: list[str] = Field(description="how it was made, open questions")
    documents: list[str] = Field(default=[], description="what to read, as docs/prd.md: what it is")

    def accepted(self) -> bool:
        return (
            not self.losses
            and bool(self.tests_passed)
            and not self.tests_failed
            and all(c.status == "passed" for c in self.coverage if c.priority == "P0")
        )

    def replaces(self, path: str) -> bool:
        return path == "README.md"  # the design's, which knew of no result

    def artifacts(self) -> dict[str, str]:
        return {
            "README.md": page(__file__, "README.md.j2", delivery=self),
            "docs/delivery.md": page(__file__, "delivery.md.j2", delivery=self),
            "docs/delivery.json": twin(self),
        }


class ReleaseManager(Role):
    """Compares what was asked for with what is there; needs no model for that."""

    @action
    async def deliver(
        self,
        report: TestReport,
        prd: PRD,
        design: SystemDesign,
        files: list[SourceFile],
        tests: list[TestFile],
    ) -> Delivery:
        """Write the delivery: requirement coverage, how to run, what is not done."""
        serving = {
            item.id: [f.path for f in design.files if item.id in f.requirements]
            for item in prd.requirements
        }
        return deliver(
            project_name=prd.project_name,
            summary=prd.summary,
            run=design.run,
            coverage=cover(prd.requirements, serving, report),
            report=report,
            files=files,
            tests=tests,
            losses=prd.losses,
            remarks=[*prd.open_questions, *design.open_questions],
            documents=[
                "docs/prd.md: what it does, and how each point is checked",
                "docs/design.md: files, interfaces, call flow",
                "docs/tasks.md: who builds on whom, and the conventions",
            ],
            model=self.context.model,
        )


def cover(
    items: list[RequirementItem], serving: dict[str, list[str]], report: TestReport
) -> list[Coverage]:
    """Return what became of each requirement: passed, failed, untested, or missing."""
    found = []
    for item in items:
        about = [o for o in report.outcomes if item.id in o.requirements]
        files = serving.get(item.id, [])
        status: Literal["passed", "failed", "untested", "missing"]
        if report.passed(item.id):
            status = "passed"
        elif any(o.outcome in ("failed", "error") for o in about):
            status = "failed"
        else:
            status = "untested" if files else "missing"
        found.append(
            Coverage(
                id=item.id,
                priority=item.priority,
                text=item.text,
                files=files,
                tests=[o.test for o in about],
                status=status,
            )
        )
    return found


def deliver(
    *,
    project_name: str,
    summary: str,
    run: list[str],
    coverage: list[Coverage],
    report: TestReport,
    files: list[SourceFile],
    tests: list[TestFile],
    remarks: list[str],
    losses: Sequence[str] = (),
    documents: Sequence[str] = (),
    model: str = "",
) -> Delivery:
    """Put a delivery together; what is not done follows from coverage and report."""
    from metaco.models import disclosure
    from metaco.roles.qa_engineer.run import UNCONFINED

    failed = [o for o in report.outcomes if o.outcome in ("failed", "error")]
    not_done = [
        f"{c.id} ({c.priority}) {_STATES[c.status]}: {c.text}"
        for c in coverage
        if c.status != "passed"
    ]
    origin, remarks = disclosure(model), [*dict.fromkeys(remarks)]
    if report.environment == UNCONFINED:
        remarks.append("The tests ran unconfined: the sandbox was off.")
    not_done += [f"{o.test}: {_gist(o.message)}" for o in failed]
    not_done += [f"A change of the tests was refused: {r}" for t in tests for r in t.refused]
    if isinstance(report, TestsNotRun):
        not_done.append(f"Tests not run: {report.output}")
    elif report.output:
        not_done.append(f"No test counts: {report.output.partition(chr(10))[0]}")
    return Delivery(
        project_name=project_name,
        summary=summary,
        run=run,
        files=sorted([*(f.path for f in files), *(t.path for t in tests)]),
        coverage=coverage,
        tests_passed=len(report.proofs()),
        tests_failed=len(failed),
        losses=list(losses),
        not_done=not_done,
        unproved=_unproved(report, run, files, tests),
        documents=[
            *documents,
            "docs/tests.md: what each test said",
            "docs/delivery.md: what works and what does not",
        ],
        origin=origin,
        remarks=[*remarks, *([origin] if origin else [])],
    )


def _unproved(
    report: TestReport, run: list[str], files: list[SourceFile], tests: list[TestFile]
) -> list[str]:
    """Return what nobody has tested, and which tests are not as they were first."""
    found = []
    own = {file.path.split("/")[0].removesuffix(".py") for file in files}
    texts = [report.output, *(o.message for o in report.outcomes if o.outcome != "passed")]
    missing = re.findall(r"No module named '(\w+)", "\n".join(texts))
    found += [f"The package {name} is missing here." for name in sorted({*missing} - own)]
    found += doubts(report)
    found += [
        f"{t.path} was changed after a run: {', '.join(t.changed)}." for t in tests if t.changed
    ]
    if run:
        found.append("The lines that show how to run it were not run.")
    return found


def doubts(report: TestReport) -> list[str]:
    """Return which tests neither failed nor prove anything, and why."""
    found = []
    for o in report.outcomes:
        if o.outcome == "skipped":
            found.append(f"{o.test} was skipped: {_gist(o.message)}")
        elif o.hollow:
            why = "it passes on an empty program, too, or cannot fail"
            found.append(f"{o.test} proves nothing: {why}.")
    return found


_STATES = {"failed": "does not work", "untested": "is not tested", "missing": "is not built"}


def _gist(text: str) -> str:
    """Return the line that says most: what pytest marks as the error, else the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (errors or lines[-1:] or ["no message"])[0][:200]
