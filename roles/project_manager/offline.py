"""The task plan by the book: the task graph is read off the imports of the handbook's sources."""

from __future__ import annotations

import ast

from metaco.roles.documents import PRD, PlannedFile, SystemDesign, TaskPlan
from metaco.roles.handbook.shelf import find

__all__ = ["plan_tasks"]


def plan_tasks(design: SystemDesign, prd: PRD) -> TaskPlan:
    """Take the plan from the program that the handbook has for this requirement."""
    program = find(prd.summary)
    paths = [source.path for source in program.sources]
    return TaskPlan(
        package=design.package,
        packages=[],
        conventions=program.conventions,
        files=[
            PlannedFile(
                path=source.path,
                depends_on=_imported(source.content, source.path, paths),
                notes=source.notes,
            )
            for source in program.sources
        ],
    )


def _imported(content: str, path: str, paths: list[str]) -> list[str]:
    """Return the files of the program that a file imports from."""
    if not path.endswith(".py"):
        return []
    folder = path.rpartition("/")[0]
    found = set()
    for node in ast.walk(ast.parse(content)):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = folder.replace("/", ".") if node.level else ""
            start = ".".join(part for part in (base, node.module or "") if part)
            modules = [start, *(f"{start}.{alias.name}" for alias in node.names)]
        found |= {f"{module.replace('.', '/')}.py" for module in modules}
    return sorted(found & set(paths) - {path})
