"""What plain code can see in a file of tests: its tests, and the requirements they check."""

from __future__ import annotations

import re
from collections.abc import Sequence

from metaco.roles.assertions import changed, test_functions, vacuous_tests, weakened
from metaco.roles.documents import RequirementItem, SourceFile, Task, TestFile
from metaco.roles.python_source import guesses, imports, parsed

__all__ = [
    "keep_tests",
    "requirements",
    "steers_tests",
    "test_names",
    "unchecked",
    "violations",
]


def requirements(test: str) -> list[str]:
    """Return the requirement ids in a test's name: ``test_r1_r3_adds[x]`` checks R1 and R3."""
    parts = re.split(r"[_\[]", test.rpartition("::")[2])
    return list(dict.fromkeys(p.upper() for p in parts if re.fullmatch(r"[rR][1-9]\d*", p)))


def test_names(content: str) -> list[str]:
    """Return the names of the test functions in a file; none if it does not parse."""
    tree = parsed("", content)
    return [] if isinstance(tree, str) else [*test_functions(tree)]


test_names.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever its name


def steers_tests(path: str) -> bool:
    """Return whether a file changes how tests run; a person's own may, and no other."""
    return path.startswith("tests/") and path.endswith("/conftest.py")


def unchecked(items: Sequence[RequirementItem], checked: set[str]) -> list[str]:
    """Return which requirements no test checks, each a sentence for the author of the tests.

    Args:
        checked: the ids that the tests name.
    """
    return [
        f"No test checks {item.id} ({item.text}); name one test_{item.id.lower()}_..."
        for item in items
        if item.id not in checked
    ]


def violations(content: str, task: Task) -> list[str]:
    """Return what is wrong with a file of tests for this task, each a sentence for its author."""
    tree = parsed(task.tests, content)
    if isinstance(tree, str):
        return [tree]
    names = test_functions(tree)
    if not names:
        return [f"{task.tests} contains no function whose name starts with test_."]
    checked = {r for name in names for r in requirements(name)}
    wrong = unchecked(task.requirements, checked)
    unknown = sorted(checked - {item.id for item in task.requirements})
    if unknown:
        wrong.append(f"The task has no {', '.join(unknown)}; use its ids.")
    files = {path.split(":")[0] for path in task.files}
    packages = [*task.packages, "pytest", "pytest-asyncio"]
    heading = f"# from {task.path.removesuffix('.py').replace('/', '.')} import ..."
    interfaces = [*task.uses, "\n".join([heading, *task.offers])]
    wrong += vacuous_tests(tree, task.package)
    return wrong + imports(tree, task.package, files, packages) + guesses(tree, interfaces)


def keep_tests(
    fixed: Sequence[SourceFile | TestFile], tests: Sequence[TestFile]
) -> list[SourceFile | TestFile]:
    """Return fixed files: tests that check less than before stay as they were, and say why.

    Those that were changed otherwise, or are new, say what was.

    Args:
        tests: the tests as they were.
    """
    before = {test.path: test for test in tests}
    return [
        _kept(file, before.get(file.path)) if isinstance(file, TestFile) else file for file in fixed
    ]


def _kept(file: TestFile, old: TestFile | None) -> TestFile:
    if old is None:
        return file.model_copy(update={"changed": ["all of it"]})
    if refused := weakened(old.content, file.content):
        return old.model_copy(update={"refused": [*old.refused, *refused]})
    names = dict.fromkeys([*old.changed, *changed(old.content, file.content)])
    return file.model_copy(update={"changed": list(names), "refused": old.refused})
