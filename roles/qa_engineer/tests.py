"""What can be read off a file of tests: its tests, and the requirements they check."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from metaco.roles.project_manager import SourceFile, Task, TestFile
from metaco.roles.project_manager.source import guesses, imports
from metaco.roles.qa_engineer.checks import changed, idle, weakened

__all__ = ["gaps", "guarded", "requirements", "test_names"]


def requirements(test: str) -> list[str]:
    """Return the requirement ids in a test's name: ``test_r1_r3_adds[x]`` checks R1 and R3."""
    parts = re.split(r"[_\[]", test.rpartition("::")[2])
    return list(dict.fromkeys(p.upper() for p in parts if re.fullmatch(r"[rR][1-9]\d*", p)))


def test_names(content: str) -> list[str]:
    """Return the names of the test functions in a file; none if it does not parse."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return []
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
    ]


test_names.__test__ = False  # type: ignore[attr-defined]  # pytest, not one of yours


def guarded(
    mended: Sequence[SourceFile | TestFile], tests: Sequence[TestFile]
) -> list[SourceFile | TestFile]:
    """Return mended files: tests that check less than before stay as they were, and say why.

    Those that were changed otherwise, or are new, say what was.

    Args:
        tests: the tests as they were.
    """
    known = {test.path: test for test in tests}
    found: list[SourceFile | TestFile] = []
    for file in mended:
        if isinstance(file, TestFile) and not (old := known.get(file.path)):
            file = file.model_copy(update={"changed": ["all of it"]})
        elif isinstance(file, TestFile) and old:
            if refused := weakened(old.content, file.content):
                file = old.model_copy(update={"refused": [*old.refused, *refused]})
            else:
                names = dict.fromkeys([*old.changed, *changed(old.content, file.content)])
                facts = {"changed": list(names), "refused": old.refused}
                file = file.model_copy(update=facts)
        found.append(file)
    return found


def gaps(content: str, task: Task) -> list[str]:
    """Return what is wrong with a file of tests for this task, each a sentence for its author."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        return [f"{task.tests} does not parse{line}: {getattr(error, 'msg', error)}."]
    names = test_names(content)
    if not names:
        return [f"{task.tests} holds no function whose name starts with test_."]
    checked = {r for name in names for r in requirements(name)}
    found = [
        f"No test checks {item.id} ({item.text}); name one test_{item.id.lower()}_..."
        for item in task.requirements
        if item.id not in checked
    ]
    unknown = sorted(checked - {item.id for item in task.requirements})
    if unknown:
        found.append(f"The task has no {', '.join(unknown)}; use its ids.")
    files = {path.split(":")[0] for path in task.files}
    packages = [*task.packages, "pytest", "pytest-asyncio"]
    own = f"# from {task.path.removesuffix('.py').replace('/', '.')} import ..."
    known = [*task.uses, "\n".join([own, *task.offers])]
    found += idle(tree, task.package)
    return found + imports(tree, task.package, files, packages) + guesses(tree, known)
