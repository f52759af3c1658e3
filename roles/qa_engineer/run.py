"""A real run of the tests, in the sandbox."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING, Literal

from metaco.roles.project_manager import SourceFile, TestFile
from metaco.roles.qa_engineer.tests import requirements

if TYPE_CHECKING:
    from metaco.roles.qa_engineer import TestOutcome
    from metaco.sandbox import Result, Sandbox

__all__ = ["run"]

_COMMAND = [
    *("python", "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider"),
    *("--disable-plugin-autoload", "-p", "pytest_asyncio.plugin", "--asyncio-mode=auto"),
    *("-o", "junit_family=xunit1", "--junitxml=.report.xml", "tests"),
]
_LONGEST = 1_500
"""Characters of a failure that are kept: the assertion and the place, not the whole world."""


async def run(
    sandbox: Sandbox, files: list[SourceFile], tests: list[TestFile]
) -> tuple[list[TestOutcome], str, str]:
    """Run `tests` on `files`.

    Returns:
        What each test said; where they ran; and what went wrong outside of any test, if anything.
    """
    tree = {file.path: file.content for file in files} | {t.path: t.content for t in tests}
    for folder in {path.rsplit("/", 1)[0] for path in tree if "/" in path} - {"tests"}:
        tree.setdefault(f"{folder}/__init__.py", "")
    result = await sandbox.run(tree, _COMMAND, fetch=[".report.xml"])
    environment = f"Python in the sandbox tier {result.tier!r}"
    outcomes, problem = _outcomes(result.files.get(".report.xml", ""))
    if result.stopped:
        problem = f"The run was stopped at its limit: {result.stopped}."
    elif not outcomes and not problem:
        problem = _tail(result)
    return outcomes, environment, problem


def _outcomes(report: str) -> tuple[list[TestOutcome], str]:
    """Read what pytest says of each test; a file that could not be imported is an error too."""
    from metaco.roles.qa_engineer import TestOutcome

    if not report:
        return [], ""
    try:
        root = ElementTree.fromstring(report)
    except ElementTree.ParseError as error:
        return [], f"The report of the tests cannot be read: {error}."
    outcomes = []
    for case in root.iter("testcase"):
        kind, message = _said(case)
        name = case.get("name", "")
        file = case.get("file") or (case.get("classname") or name).replace(".", "/") + ".py"
        # A file that cannot be imported is reported as a case without a class.
        test = f"{file}::{name}" if case.get("classname") else file
        found = requirements(name) if case.get("classname") else []
        outcomes.append(TestOutcome(test=test, outcome=kind, message=message, requirements=found))
    return sorted(outcomes, key=lambda o: o.test), ""


def _said(case: ElementTree.Element) -> tuple[Literal["passed", "failed", "error", "skipped"], str]:
    for tag, outcome in (("failure", "failed"), ("error", "error"), ("skipped", "skipped")):
        if (found := case.find(tag)) is not None:
            text = found.text or found.get("message") or ""
            return outcome, _plain(text)[-_LONGEST:]  # type: ignore[return-value]
    return "passed", ""


def _tail(result: Result) -> str:
    text = "\n".join(part for part in (result.stdout, result.stderr) if part.strip())
    return _plain(text)[-2 * _LONGEST :] or f"The tests ended with exit code {result.code}."


def _plain(text: str) -> str:
    """Take out what says nothing: addresses, seconds, the folder of the sandbox, underlining."""
    text = re.sub(r"0x[0-9a-f]{6,}", "0x...", text)
    text = re.sub(r"\bin \d+\.\d+s\b", "", text)
    text = re.sub(r"\n[ ~^]*[~^][ ~^]*(?=\n|$)", "", text)  # marks below a line of code
    text = re.sub(r"(?<![\w.])/[\w./-]*?/(?=(tests|[a-z_]\w*)/[\w/]+\.py)", "", text)
    return text.strip()
