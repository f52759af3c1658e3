"""Roles import documents and the modules they share, each from below, and never one another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import metaco.roles

ROLES = Path(next(iter(metaco.roles.__path__)))

LAYERS = [
    {"documents"},
    {"assertions", "reply_files", "python_source", "splitting", "delivering"},
    {"python_tests"},
    {
        *("architect", "debater", "engineer", "inspector", "moderator", "product_manager"),
        *("programmer", "project_manager", "qa_engineer", "release_manager"),
    },
]
DOCUMENTS = [
    {"notation", "allowed_files", "debate", "delivery", "report"},
    {"fields", "inspection"},
    {"prd", "program", "design"},
    {"outline", "tasks"},
    {"__init__"},
]


def ranks(layers: list[set[str]]) -> dict[str, int]:
    return {name: rank for rank, names in enumerate(layers) for name in names}


def imported(tree: ast.AST, below: str) -> Iterator[str]:
    """Yield which modules right below the package `below` are imported, lazily or not."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.startswith(f"{below}."):
                yield name.removeprefix(f"{below}.").partition(".")[0]


def upwards(module: str, source: str, package: str, layers: list[set[str]]) -> list[str]:
    """Return which imports of a module do not go down: to itself is no import of another."""
    rank = ranks(layers)
    return [
        f"{module} imports {other}"
        for other in imported(ast.parse(source), package)
        if other != module and rank[other] >= rank[module]
    ]


def modules(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder).parts[0].removesuffix(".py"), path


def test_roles_import_what_lies_below_them() -> None:
    wrong = [
        line
        for name, path in modules(ROLES)
        if name != "__init__"
        for line in upwards(name, path.read_text("utf-8"), "metaco.roles", LAYERS)
    ]
    assert wrong == []


def test_documents_import_what_lies_below_them() -> None:
    wrong = [
        line
        for name, path in modules(ROLES / "documents")
        if name != "__init__"
        for line in upwards(name, path.read_text("utf-8"), "metaco.roles.documents", DOCUMENTS)
    ]
    assert wrong == []


def test_every_module_has_a_rank() -> None:
    names = {name for name, _ in modules(ROLES)} - {"__init__"}
    assert names == ranks(LAYERS).keys()
    assert {name for name, _ in modules(ROLES / "documents")} == ranks(DOCUMENTS).keys()


@pytest.mark.parametrize(
    "line",
    [
        "from metaco.roles.programmer import Programmer",
        "from metaco.roles import programmer",
        "import metaco.roles.programmer as other",
        "def f():\n    from metaco.roles.programmer import Programmer",
    ],
)
def test_a_role_that_imports_another_is_found(line: str) -> None:
    assert upwards("engineer", line, "metaco.roles", LAYERS) == ["engineer imports programmer"]
    assert upwards("documents", line, "metaco.roles", LAYERS) == ["documents imports programmer"]
