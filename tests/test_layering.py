"""Modules import only what lies below them, load little, and are short enough to be read."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import metaco

ROOT = Path(metaco.__file__).parent

# The packages from the ground up, each with its modules in rows in that order: a module imports
# packages above it in this list, and rows above it in its own. `.` is the package itself.
PACKAGES: dict[str, tuple[str, ...]] = {
    "core": (
        "conclusion errors held loops redaction suggest",
        "document limits paths permissions sampling slots tokens tool_calls",
        "artifacts directory model sandbox",
        ".",
    ),
    "sandbox": (
        "output paths shim shim.copy shim.kernel shim.processes shim.request visible",
        "shim.landlock shim.root shim.seccomp tiers",
        "portable run shim.command",
        "direct shim.supervise supervised",
        "probe",
        ".",
    ),
    "reply": ("objects schema", "fences fit", "."),
    "render": ("diagram picture templates", "markdown prompts", "."),
    "tools": (
        "child grep inside page shorten subjects",
        "tool",
        "calls content edit fetch memory permissions skills",
        "compaction files mcp repeats",
        "run",
        "workbench",
        ".",
    ),
    "context": (".",),
    "acting": (".",),
    "asking": (".",),
    "tool_loop": (".",),
    "role": (".",),
    "models": (
        "endpoint guard human offline.debate offline.losses offline.schema providers responses",
        "form offline.program pace ping prices streaming",
        "openai",
        "offline.design offline.reading",
        "offline.answers",
        "capability doubles offline",
        ".",
    ),
    "roles": (
        "assertions documents.allowed_files documents.debate documents.delivery documents.notation"
        " documents.report",
        "documents.fields documents.inspection",
        "documents.design documents.prd documents.program",
        "documents.outline documents.tasks",
        "documents",
        "delivering python_source reply_files splitting",
        "inspector.code python_tests qa_engineer.empty_program qa_engineer.judge",
        "inspector.project_documents qa_engineer.run",
        "architect debater engineer inspector moderator product_manager programmer project_manager"
        " qa_engineer release_manager",
        ".",
    ),
    "sop": ("source steps", "parser parts validation", "procedure", "."),
    "run": (
        "facts lock options",
        "effect_facts resources",
        "entries",
        "codec messages retry usage versions writer",
        "budget needs store turn",
        "log pricing scheduler",
        "feed state",
        "calls gates grants inputs observers publisher routes",
        "effects result",
        "environment",
        "child",
        ".",
    ),
    "settings": ("trust values", "sources", "claims", "."),
    "observers": ("locked_files logging telemetry", "git project_folder", "workspace", "."),
    "recording": ("call scrub", "page", "store", "record replay", "tape", "."),
    "company": (".",),
    "testing": (".",),
    "pytest_plugin": (".",),
    "cli": (
        "code exit_codes interrupt options screen stream",
        "console parser remedies",
        "docs doctor input models new outcome runs tools",
        "gate report role sop",
        "check command cost export rebuild record session show trust",
        "mcp run",
        "demo",
        "resume",
        ".",
    ),
    "__main__": (".",),
}
RANK = {
    f"metaco.{package}.{name}".removesuffix(".."): (floor, row)
    for floor, (package, rows) in enumerate(PACKAGES.items())
    for row, names in enumerate(rows)
    for name in names.split()
}
ROLES = "metaco.roles"
FACE = "metaco"  # hands the public names on to users, and to none of its own modules


def modules(*, programs: bool = False) -> dict[str, str]:
    """Return the source of every module; also of the programs that offline hands out, if wanted."""
    sources = {}
    for path in sorted({*ROOT.rglob("*.py"), *(ROOT / "roles").rglob("*.py")}):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if programs or "programs" not in parts:
            name = ".".join(["metaco", *parts]).removesuffix(".__init__")
            sources[name] = path.read_text(encoding="utf-8")
    return sources


def imported(name: str, source: str, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the modules of metaco that a module imports, at once or when it runs."""
    package = name if any(other.startswith(f"{name}.") for other in known) else _above(name)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_ours(alias.name))
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            if _is_ours(module):
                names = [alias.name for alias in node.names if alias.name != "__version__"]
                whole = [f"{module}.{each}" for each in names]
                yield from (each if each in known else module for each in whole)


def violations(sources: Mapping[str, str]) -> list[str]:
    """Return what stands against the ranks, each as a sentence."""
    wrong = [f"{name} has no rank" for name in sources if name != FACE and name not in RANK]
    wrong += [f"{name} is ranked and not there" for name in RANK if name not in sources]
    for name, source in sources.items():
        for other in imported(name, source, sources):
            if other.startswith(ROLES) and not name.startswith(_owner(other)):
                wrong.append(f"{name} imports {other}, which is not its own")
            elif name != FACE and other != name and not _below(other, name):
                wrong.append(f"{name} imports {other}, which does not lie below it")
    return sorted(set(wrong))


def _below(lower: str, upper: str) -> bool:
    if upper not in RANK or lower not in (*RANK, FACE):
        return True  # which is said already
    return lower != FACE and RANK[lower] < RANK[upper]


def _owner(module: str) -> str:
    """Return who may import a module of the roles: roles, and what lies inside a role itself."""
    role, _, inner = module.removeprefix(f"{ROLES}.").partition(".")
    return f"{ROLES}.{role}" if inner and role != "documents" else ROLES


def _is_ours(module: str) -> bool:
    return module == FACE or module.startswith(f"{FACE}.")


def _above(name: str) -> str:
    return name.rpartition(".")[0]


def test_modules_import_only_what_lies_below_them() -> None:
    assert violations(modules()) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("metaco.render.diagram", "from metaco.company import Company"),
        ("metaco.render.diagram", "def late():\n    from metaco.company import Company"),
        ("metaco.render.diagram", "def late():\n    import metaco.company as c"),
        ("metaco.render.diagram", "from metaco import Company"),
        ("metaco.core.errors", "from metaco.core import document"),
        ("metaco.core.errors", "from .document import Document"),
        ("metaco.sandbox.shim.copy", "from ..probe import probe"),
        ("metaco.run.log", "from metaco.roles.engineer import Engineer"),
        ("metaco.run.something", "x = 1"),
        ("metaco.roles.engineer", "from metaco.roles.programmer import Programmer"),
        ("metaco.roles.engineer", "from metaco.roles import programmer"),
        ("metaco.roles.engineer", "import metaco.roles.programmer as other"),
        ("metaco.roles.engineer", "def f():\n    from metaco.roles.programmer import Programmer"),
        ("metaco.roles.engineer", "from metaco.roles.qa_engineer.run import run"),
        ("metaco.roles.documents.prd", "from metaco.roles.programmer import Programmer"),
        ("metaco.roles.engineer", "from metaco.company import Company"),
    ],
)
def test_what_imports_upwards_or_has_no_rank_is_found(name: str, line: str) -> None:
    sources = modules()
    sources[name] = f"{sources.get(name, '')}\n{line}\n"
    assert len(violations(sources)) == 1


def test_a_rank_without_its_module_is_found() -> None:
    sources = modules()
    del sources["metaco.run.log"]
    assert "metaco.run.log is ranked and not there" in violations(sources)


def too_long(sources: Mapping[str, str]) -> Iterator[str]:
    """Yield the modules and functions that are longer than one reads at a time."""
    for name, source in sources.items():
        if (lines := len(source.splitlines())) > 400:
            yield f"{name} has {lines} lines, more than 400"
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1  # its decorators stand before
                if lines > 60:
                    yield f"{name}: {node.name} has {lines} lines, more than 60"


def test_modules_and_functions_are_short() -> None:
    assert list(too_long(modules(programs=True))) == []


@pytest.mark.parametrize("head", ["def f():", "class C:\n  async def f(self):"])
def test_what_is_too_long_is_named(head: str) -> None:
    assert list(too_long({"m": head + "\n   x = 1" * 59})) == []
    assert list(too_long({"m": "@d\n@d\n" + head + "\n   x = 1" * 60})) == [
        "m: f has 61 lines, more than 60"
    ]
    assert list(too_long({"m": "x = 1\n" * 400})) == []
    assert list(too_long({"m": "x = 1\n" * 401})) == ["m has 401 lines, more than 400"]


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
