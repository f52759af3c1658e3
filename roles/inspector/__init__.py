"""The inspector looks at a delivered project as it is now: documents, code, tests. No model."""

from __future__ import annotations

from collections.abc import Sized

from pydantic import ValidationError

from metaco.core.directory import Folder
from metaco.role import Role, action
from metaco.roles.delivering import deliver, invalid_run, skipped_or_vacuous
from metaco.roles.documents import (
    Check,
    Coverage,
    Delivery,
    Inspection,
    SourceFile,
    TestFile,
    TestReport,
    TestsFailed,
)
from metaco.roles.inspector.code import code_problems
from metaco.roles.inspector.project_documents import ProjectDocuments
from metaco.roles.python_tests import steers_tests
from metaco.roles.splitting import split

__all__ = ["Inspector"]

_DESCRIBES = {"pyproject.toml", "setup.cfg", "tox.ini", "pytest.ini"}
"""Files that configure test runs elsewhere, with plug-ins that need not be here."""


class Inspector(Role):
    """Checks that documents, code and tests of a project are consistent."""

    @action
    async def read_code(self, folder: Folder) -> list[SourceFile | TestFile]:
        """Take the program and its tests out of the folder."""
        files: list[SourceFile | TestFile] = []
        for path, text in folder.files.items():
            top = path.split("/")[0]
            if top == "docs" or path in _DESCRIBES:
                continue
            try:
                if top == "tests":
                    files.append(TestFile(path=path, content=text, adopted=True))
                else:
                    files.append(SourceFile(path=path, content=text))
            except ValidationError:
                continue  # its path cannot be on every system; the inspection says so
        return files

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
        documents = ProjectDocuments.read(folder)
        delivery = _delivery(documents, report, files, tests, self.context.model)
        coverage = delivery.coverage if delivery else []
        checks = _checks(folder, documents, report, coverage, tests)
        problems = [problem for check in checks for problem in check.problems]
        waiting = [_state(c) for c in coverage if c.priority != "P0" and c.status != "passed"]
        return Inspection(
            project_name=documents.package or folder.name,
            summary=documents.summary,
            checks=checks,
            coverage=coverage,
            outcomes=report.outcomes,
            tests_passed=len(report.evidence()),
            tests_failed=len(report.failures()),
            not_done=problems + waiting,
            untested=skipped_or_vacuous(report),
            remarks=_remarks(folder, documents, delivery),
            pages=documents.pages(report if reports else None, delivery),
        )


def _delivery(
    documents: ProjectDocuments,
    report: TestReport,
    files: list[SourceFile],
    tests: list[TestFile],
    model: str,
) -> Delivery | None:
    """Return the delivery as it would be now."""
    prd = documents.prd or documents.outline
    design = documents.design if documents.prd else documents.outline
    if not prd or not design:
        return None
    planned = [file for file in files if file.path in documents.planned]
    delivery = deliver(prd, design, report, planned, tests, model=model)
    if documents.delivery:  # who made it is not known any more, but it was written
        delivery = delivery.model_copy(update={"remarks": documents.delivery.remarks})
    return delivery


def _checks(
    folder: Folder,
    documents: ProjectDocuments,
    report: TestReport,
    coverage: list[Coverage],
    tests: list[TestFile],
) -> list[Check]:
    """Return all checks, in the order in which a person wants to read them."""
    tasks = []
    if documents.plan and documents.design and documents.prd:
        tasks = split(documents.plan, documents.design, documents.prd)
    code = [path for path in folder.files if path.endswith(".py")]
    broken = [c for c in coverage if c.priority == "P0" and c.status != "passed"]
    working = sum(c.status == "passed" for c in coverage)
    required, planned, readable = documents.items, documents.planned, documents.readable

    def check(name: str, about: str, problems: list[str], subject: Sized = (0,)) -> Check:
        """Return a check; one that has found nothing because there is no `subject` is skipped."""
        if problems:
            return Check(name=name, problems=problems)
        return Check(name=name, about=about, skipped=not subject)

    return [
        check("documents", f"{len(readable)} in docs/ are read", documents.problems),
        check(
            "requirements",
            f"{len(required)}, each P0 with a file and a test",
            documents.disagreements([test.content for test in tests]),
            required,
        ),
        check(
            "files",
            f"{len(planned)} of the design exist",
            documents.missing_files(folder),
            planned,
        ),
        check("pages", "match the documents", documents.pages_that_differ(folder), readable),
        check(
            "code",
            f"{len(code)} files parse and match their interfaces",
            code_problems(folder, documents.package, documents.packages, tasks),
            code,
        ),
        check("tests", f"{len(report.evidence())} passed", _failures(report)),
        check(
            "coverage",
            f"{working} of {len(coverage)} pass",
            [_state(c) for c in broken],
            coverage,
        ),
    ]


def _state(coverage: Coverage) -> str:
    return f"{coverage.id} ({coverage.priority}) is {coverage.status}: {coverage.text}"


def _failures(report: TestReport) -> list[str]:
    """Return what is wrong with the tests, each a sentence."""
    problems = [f"{o.test}: {o.gist or o.outcome}" for o in report.failures()]
    if report.output:
        problems.append(invalid_run(report))
    elif not problems and not report.evidence():
        problems.append("Every test was skipped or is vacuous.")
    return problems


def _remarks(folder: Folder, documents: ProjectDocuments, now: Delivery | None) -> list[str]:
    """Return what a reader should know besides the checks."""
    remarks = [f"{path} is not text, or too large: it was left out." for path in folder.left_out]
    remarks += [f"{path} took part in the tests." for path in folder.files if steers_tests(path)]
    then = documents.delivery
    if then and now:
        counts = [(each.tests_passed, each.tests_failed) for each in (then, now)]
        if counts[0] != counts[1]:
            remarks.append(
                f"docs/delivery.md reports {then.tests_passed} passed and "
                f"{then.tests_failed} failed tests; now there are {now.tests_passed} and "
                f"{now.tests_failed}."
            )
    return remarks
