"""A delivery put together: what was asked for, against what the tests say of what is there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from metaco.roles.documents import (
    PRD,
    Coverage,
    Delivery,
    Outline,
    RequirementItem,
    SourceFile,
    SystemDesign,
    TestFile,
    TestReport,
    TestsNotRun,
)
from metaco.roles.documents.report import UNCONFINED_TESTS

__all__ = ["cover", "deliver", "invalid_run", "skipped_or_vacuous"]

_STATES = {"failed": "does not work", "untested": "is untested", "missing": "is not built"}
_DESIGNED = ["docs/design.md: files, interfaces, call flow"]
_DESIGNED += ["docs/tasks.md: who builds on whom, and the conventions"]


def deliver(
    prd: PRD | Outline,
    design: SystemDesign | Outline,
    report: TestReport,
    files: Sequence[SourceFile],
    tests: Sequence[TestFile],
    *,
    model: str = "",
) -> Delivery:
    """Return the delivery: what works and what does not follows from the report.

    Args:
        prd: what was asked for.
        design: which file serves which requirement; of a small program its outline again.
        model: the name of the model that answered.
    """
    from metaco.models import disclosure

    serving = {
        item.id: [file.path for file in design.files if item.id in file.requirements]
        for item in prd.requirements
    }
    coverage = cover(prd.requirements, serving, report)
    origin = disclosure(model)
    return Delivery(
        project_name=prd.project_name,
        summary=prd.summary,
        run=design.run,
        files=sorted([*(f.path for f in files), *(t.path for t in tests)]),
        coverage=coverage,
        tests_passed=len(report.evidence()),
        tests_failed=len(report.failures()),
        losses=prd.losses,
        not_done=_not_done(coverage, report, tests),
        untested=_untested(report, design.run, files, tests),
        documents=[
            "docs/prd.md: what it does, and how each point is checked",
            *(_DESIGNED if isinstance(design, SystemDesign) else []),
            "docs/tests.md: the result of each test",
            "docs/delivery.md: what works and what does not",
        ],
        origin=origin,
        remarks=_remarks([*prd.open_questions, *design.open_questions], report, origin),
    )


def cover(
    items: Sequence[RequirementItem], serving: Mapping[str, list[str]], report: TestReport
) -> list[Coverage]:
    """Return what became of each requirement: passed, failed, untested, or missing.

    Args:
        serving: the files that serve each requirement, by its id.
    """

    def status(
        item: RequirementItem,
    ) -> Literal["passed", "failed", "untested", "missing"]:
        if report.passed(item.id):
            return "passed"
        if any(item.id in outcome.requirements for outcome in report.failures()):
            return "failed"
        return "untested" if serving.get(item.id) else "missing"

    return [
        Coverage(
            id=item.id,
            priority=item.priority,
            text=item.text,
            files=serving.get(item.id, []),
            tests=[o.test for o in report.outcomes if item.id in o.requirements],
            status=status(item),
        )
        for item in items
    ]


def _not_done(
    coverage: Sequence[Coverage], report: TestReport, tests: Sequence[TestFile]
) -> list[str]:
    """Return what is missing or fails, and why."""
    reasons = [
        f"{c.id} ({c.priority}) {_STATES[c.status]}: {c.text}"
        for c in coverage
        if c.status != "passed"
    ]
    reasons += [f"{o.test}: {o.gist or 'no message'}" for o in report.failures()]
    reasons += [f"A change of the tests was refused: {r}" for t in tests for r in t.refused]
    if isinstance(report, TestsNotRun):
        reasons.append(f"Tests not run: {report.output}")
    elif report.output:
        reasons.append(invalid_run(report))
    return reasons


def invalid_run(report: TestReport) -> str:
    """Return the sentence about a run of tests that itself went wrong."""
    return f"The test run is invalid: {report.output.partition(chr(10))[0]}"


def _remarks(open_questions: Sequence[str], report: TestReport, origin: str) -> list[str]:
    """Return how it was made, and what was left open."""
    remarks = [*dict.fromkeys(open_questions)]
    if report.environment == UNCONFINED_TESTS:
        remarks.append("The tests ran unconfined: the sandbox was off.")
    return [*remarks, origin] if origin else remarks


def _untested(
    report: TestReport,
    run: Sequence[str],
    files: Sequence[SourceFile],
    tests: Sequence[TestFile],
) -> list[str]:
    """Return what is untested, and which test files were changed after a run."""
    modules = {file.path.split("/")[0].removesuffix(".py") for file in files}
    texts = [report.output, *(o.message for o in report.outcomes if o.outcome != "passed")]
    missing = re.findall(r"No module named '(\w+)", "\n".join(texts))
    untested = [f"The package {name} is missing here." for name in sorted({*missing} - modules)]
    untested += skipped_or_vacuous(report)
    untested += [
        f"{t.path} was changed after a run: {', '.join(t.changed)}." for t in tests if t.changed
    ]
    if run:
        untested.append('The commands under "Run it" were not executed.')
    return untested


def skipped_or_vacuous(report: TestReport) -> list[str]:
    """Return which tests were skipped or are vacuous, and why."""
    untested = []
    for outcome in report.outcomes:
        if outcome.outcome == "skipped":
            untested.append(f"{outcome.test} was skipped: {outcome.gist or 'no message'}")
        elif outcome.vacuous:
            reason = "it also passes on an empty program, or cannot fail"
            untested.append(f"{outcome.test} is vacuous: {reason}.")
    return untested
