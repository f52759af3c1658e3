"""Each module imports only what lies below it, and importing metaco loads next to nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import metaco

ROOT = Path(metaco.__file__).parent

LAYERS = [
    {"errors", "secrets"},
    {"paths", "held", "lock", "trust"},
    {"document"},
    {"model", "log", "folder"},
    {"prices", "reply", "sandbox", "models"},
    {"role", "artifacts"},
    {"step"},
    {"check", "cut", "limits"},
    {"reader"},
    {"sop"},
    {"state", "cost", "testing"},
    {"budget"},
    {"calls", "observers", "logger", "telemetry"},
    {"environment"},
    {"git"},
    {"workspace"},
    {"settings"},
    {"company"},
    {"cli", "__main__"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def _imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield the modules that a file imports, and whether it does so when it is loaded itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    package = ["metaco", *path.relative_to(ROOT).parts[:-1]]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        above = node
        lazy = False
        while above := getattr(above, "parent", None):  # type: ignore[assignment]
            lazy |= isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef)
            lazy |= isinstance(above, ast.If) and ast.unparse(above.test) == "TYPE_CHECKING"
        if isinstance(node, ast.Import):
            yield from ((alias.name, lazy) for alias in node.names)
        else:
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module, lazy
            if module == "metaco":
                yield from ((f"metaco.{alias.name}", lazy) for alias in node.names)


def _files() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*.py")):
        if path.relative_to(ROOT).parts[0] not in ("roles", "sops"):
            yield path


def test_modules_import_only_what_lies_below_them() -> None:
    wrong = []
    for path in _files():
        here = path.relative_to(ROOT).parts[0].removesuffix(".py")
        for module, lazy in _imports(path):
            there = module.split(".")[1] if module.startswith("metaco.") else ""
            if lazy or here not in RANK or there not in RANK or here == there:
                continue
            if RANK[there] > RANK[here]:
                wrong.append(f"{here} imports {there}")
    assert wrong == []


def test_nothing_but_a_role_knows_the_roles() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in _files()
        for module, _ in _imports(path)
        if module == "metaco.roles" or module.startswith("metaco.roles.")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import metaco", "openai jinja2 rich mermaid yaml pydantic asyncio sqlite3 tenacity"),
        ("from metaco import Company", "openai jinja2 rich mermaid yaml genai_prices tenacity"),
    ],
)
def test_heavy_libraries_are_loaded_late(statement: str, absent: str) -> None:
    code = f"{statement}; import sys; print(*(n for n in {absent.split()} if n in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
