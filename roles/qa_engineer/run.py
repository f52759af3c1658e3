"""A real run of the tests, in the sandbox."""

from __future__ import annotations

import asyncio
import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from metaco.core.document import Part
from metaco.roles.assertions import cannot_fail
from metaco.roles.documents import SourceFile, TestFile, TestOutcome
from metaco.roles.documents.report import UNCONFINED_TESTS
from metaco.roles.python_tests import requirements, steers_tests
from metaco.roles.qa_engineer.empty_program import ALIKE, UNLIKE, emptied

if TYPE_CHECKING:
    from metaco.sandbox import Sandbox

__all__ = ["judged", "run"]

_LONGEST = 1_500
"""Characters of a failure that are kept: the assertion and where it stands."""


async def judged(
    sandbox: Sandbox, files: list[SourceFile], tests: list[TestFile]
) -> tuple[list[TestOutcome], str, str]:
    """Run `tests` on `files` and, at the same time, on an empty program; on another if some pass.

    Returns:
        As `run` does; tests that pass on both, and tests that cannot fail, are marked as vacuous.
    """
    (outcomes, environment, problem), unlike = await asyncio.gather(
        run(sandbox, files, tests), run(sandbox, emptied(files, UNLIKE), tests)
    )
    passed = {_bare(o.test) for o in outcomes if o.outcome == "passed"}
    names = {f"{test.path}::{name}" for test in tests for name in cannot_fail(test.content)}
    unfailing = passed & names
    passed = _also(passed, unlike[0])
    if passed:
        alike = await run(sandbox, emptied(files, ALIKE), tests)
        passed = _also(passed, alike[0])
    vacuous = {*passed, *unfailing}
    marked = [
        o.model_copy(update={"vacuous": o.outcome == "passed" and _bare(o.test) in vacuous})
        for o in outcomes
    ]
    return marked, environment, problem


def _also(passed: set[str], outcomes: list[TestOutcome]) -> set[str]:
    """Return which of the tests that passed did so here, too, with all their parameters."""
    here = {_bare(o.test) for o in outcomes if o.outcome == "passed"}
    return passed & here - {_bare(o.test) for o in outcomes if o.outcome != "passed"}


def _bare(test: str) -> str:
    """Return a test without its parameters: one case that is not vacuous is enough."""
    return test.partition("[")[0]


async def run(
    sandbox: Sandbox, files: list[SourceFile], tests: list[TestFile]
) -> tuple[list[TestOutcome], str, str]:
    """Run `tests` on `files`.

    Returns:
        The outcomes; where the tests ran; and what went wrong outside of any test, if anything.
    """
    tree = {file.path: file.content for file in files} | {t.path: t.content for t in tests}
    for folder in {path.rsplit("/", 1)[0] for path in tree if "/" in path} - {"tests"}:
        tree.setdefault(f"{folder}/__init__.py", "")
    adopted = [test.path for test in tests if test.adopted and steers_tests(test.path)]
    result = await sandbox.run(tree, ["python", "-I", "-c", _judge(), *adopted])
    environment = f"Python in the sandbox tier {result.tier!r}"
    if result.tier == "plain":
        environment = UNCONFINED_TESTS
    if result.stopped:
        return [], environment, f"The run was stopped at its limit: {result.stopped}."
    try:
        report = _Report.model_validate_json(result.stdout)
    except ValidationError:
        reason = f"The run of the tests reported nothing and ended with exit code {result.code}."
        return [], environment, _problem(reason, f"{result.stdout}\n{result.stderr}")
    if report.problem or not report.outcomes:
        problem = _problem(report.problem or "There are no tests.", report.output)
        return report.tests(), environment, problem
    return report.tests(), environment, ""


class _Report(Part):
    """What the judge says; see `metaco.roles.qa_engineer.judge`."""

    outcomes: list[dict[str, str]]
    problem: str
    output: str

    def tests(self) -> list[TestOutcome]:
        outcomes = [
            TestOutcome(
                test=each["test"],
                outcome=each["outcome"],  # type: ignore[arg-type]
                message=_plain(each["message"])[-_LONGEST:],
                requirements=requirements(each["test"]) if "::" in each["test"] else [],
            )
            for each in self.outcomes
        ]
        return sorted(outcomes, key=lambda outcome: outcome.test)


@functools.cache
def _judge() -> str:
    """Return the program that runs the tests; the sandbox gets its text."""
    return Path(__file__).with_name("judge.py").read_text(encoding="utf-8")


def _problem(reason: str, output: str) -> str:
    """Return what is wrong with a run: the reason is the first line, below it what it printed."""
    return f"{reason}\n{_plain(output)[-2 * _LONGEST :]}".strip()


def _plain(text: str) -> str:
    """Take out what differs between runs or is noise: addresses, seconds, folders, underlining."""
    from metaco.sandbox.portable import portable

    text = re.sub(r"0x[0-9a-f]{6,}", "0x...", portable(text))
    text = re.sub(r"\bin \d+\.\d+s\b", "", text)
    text = re.sub(r"\n[ ~^]*[~^][ ~^]*(?=\n|$)", "", text)  # marks below a line of code
    text = re.sub(r"(?<![\w.>])/[\w./-]*?/(?=(tests|[a-z_]\w*)/[\w/]+\.py)", "", text)
    return text.strip()
