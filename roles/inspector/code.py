"""What plain code can see in the files of a project that people have worked on."""

from __future__ import annotations

import tomllib
from pathlib import PurePosixPath

from metaco.core.directory import Folder
from metaco.roles.documents import Task
from metaco.roles.python_source import imports, parsed, placeholders, violations

__all__ = ["code_problems"]


def code_problems(
    folder: Folder, package: str, packages: list[str], tasks: list[Task]
) -> list[str]:
    """Return what is wrong with the Python files of a project, each a sentence with its path.

    A file that was planned keeps what was promised of it; every file parses; those of the package
    and the tests import only what there is, and leave nothing out.

    Args:
        folder: the project.
        package: the name of its package.
        packages: third-party packages of its documents; those of pyproject.toml count too.
        tasks: the files that were planned.
    """
    paths = [path for path in folder.files if path.endswith(".py")]
    known = [*packages, *_declared(folder.files.get("pyproject.toml", ""))]
    promised = {task.path: task for task in tasks}
    # Helpers that stand beside the tests are imported by their bare names.
    beside = [PurePosixPath(p).stem for p in folder.files if p.startswith("tests/")]
    beside += [part for p in folder.files if p.startswith("tests/") for part in p.split("/")[:-1]]
    problems = []
    for path in paths:
        text = folder.files[path]
        tree = parsed(path, text)
        if isinstance(tree, str):
            problems.append(tree)
            continue
        top = path.split("/")[0]
        if path in promised:
            # The files are those that are there, and what they offer may have grown.
            now = {"files": paths, "uses": [], "packages": known}
            of_file = violations(text, promised[path].model_copy(update=now))
        elif top == package:
            of_file = [*imports(tree, package, set(paths), known), *placeholders(tree, text)]
        elif top == "tests":
            importable = [*known, *beside, "pytest", "pytest-asyncio"]
            of_file = imports(tree, package, set(paths), importable)
        else:
            of_file = []
        problems += [one if path in one else f"{path}: {one}" for one in of_file]
    return problems


def _declared(text: str) -> list[str]:
    """Return the packages that a pyproject.toml names, those of its extras too."""
    try:
        project = tomllib.loads(text).get("project", {})
        extras = project.get("optional-dependencies", {}).values()
        lists = [project.get("dependencies", []), *extras]
        return [str(name) for names in lists for name in names]
    except (tomllib.TOMLDecodeError, AttributeError, TypeError):
        return []
