"""The answers that offline gives for the built-in software roles.

Each function is called as the action whose request it answers, and takes its documents by name. It
returns what a model would: JSON as a dictionary, or text with code in fences. The program is found
from the wish each time; PRD and outline carry the wish as their summary, so that everybody further
down reads the same program out of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from metaco.models.offline.design import imported, interfaces
from metaco.models.offline.program import File, Program, edited
from metaco.models.offline.reading import find

__all__ = [
    "contents",
    "fix_files",
    "fix_program",
    "outline",
    "plan_tasks",
    "write_design",
    "write_file",
    "write_prd",
    "write_program",
    "write_tests",
]


def write_prd(requirement: Any) -> dict[str, Any]:
    """Take the PRD from the program that the wish means.

    Raises:
        ConfigurationError: there is none.
    """
    program = find(requirement.text)
    texts = program.texts
    return {
        "project_name": program.name,
        "summary": requirement.text,
        "language": "en",
        "goals": texts.goals,
        "user_stories": texts.stories,
        "competitors": [
            rival.model_dump(exclude={"x", "y"}) | {"position": {"x": rival.x, "y": rival.y}}
            for rival in texts.rivals
        ],
        "x_axis": dict(zip(("low", "high"), texts.x_axis, strict=True)),
        "y_axis": dict(zip(("low", "high"), texts.y_axis, strict=True)),
        "position": dict(zip("xy", texts.place, strict=True)),
        "requirements": _requirements(program),
        "ui_draft": texts.ui,
        "open_questions": texts.questions,
        "losses": program.losses,
    }


def write_design(prd: Any) -> dict[str, Any]:
    """Take files and flow from the program, classes and signatures from its sources."""
    program = find(prd.summary)
    return {
        "package": program.name,
        "approach": program.texts.approach,
        "packages": [],
        "files": _files(program),
        **interfaces(program),
        "flow": [
            {"caller": caller, "callee": callee, "call": call, "returns": returns}
            for caller, callee, call, returns in program.texts.flow
        ],
        "run": program.texts.run,
        "open_questions": [],
    }


def plan_tasks(design: Any, prd: Any) -> dict[str, Any]:
    """Read the task graph off the imports."""
    program = find(prd.summary)
    paths = [file.path for file in program.files]
    return {
        "package": design.package,
        "packages": [],
        "conventions": program.texts.conventions,
        "files": [
            {"path": file.path, "depends_on": imported(file, paths), "notes": file.notes}
            for file in program.files
        ],
    }


def write_file(task: Any, fault: str | None) -> str:
    """Return the file of a task, with a mistake in it if one is wanted."""
    program = find(task.summary)
    return _fenced(task.path, contents(program, fault)[task.path])


def write_tests(task: Any) -> str:
    """Return the tests for the file of a task."""
    file = next(file for file in find(task.summary).files if file.path == task.path)
    return _fenced(task.tests, file.tests)


def fix_files(tasks: Any, files: Any, tests: Any, report: Any, fault: str | None) -> str:
    """Put back what the program says."""
    return _mended(find(tasks[0].summary), files, fault)


def outline(requirement: Any) -> dict[str, Any]:
    """Take the outline from the program that the wish means.

    Raises:
        ConfigurationError: there is none.
    """
    program = find(requirement.text)
    return {
        "project_name": program.name,
        "summary": requirement.text,
        "requirements": _requirements(program),
        "files": _files(program),
        "packages": [],
        "run": program.texts.run,
        "open_questions": program.texts.questions,
        "losses": program.losses,
    }


def write_program(outline: Any, fault: str | None) -> str:
    """Return all files and their tests."""
    program = find(outline.summary)
    parts = [*contents(program, fault).items()]
    parts += [(file.tests_path, file.tests) for file in program.files]
    return "\n\n".join(_fenced(path, content) for path, content in parts)


def fix_program(outline: Any, files: Any, tests: Any, report: Any, fault: str | None) -> str:
    """Put back what the program says."""
    return _mended(find(outline.summary), files, fault)


def _requirements(program: Program) -> list[dict[str, Any]]:
    return [
        each.model_dump(exclude={"wish"}) | {"id": f"R{n}"}
        for n, each in enumerate(program.texts.requirements, 1)
    ]


def _files(program: Program) -> list[dict[str, Any]]:
    return [
        {"path": file.path, "purpose": file.purpose, "requirements": file.requirements}
        for file in program.files
    ]


def _fenced(path: str, content: str) -> str:
    """Return a file as a model would: its path, then the file in a fence longer than any in it."""
    fence = "```"
    while fence in content:
        fence += "`"
    return f"{path}\n{fence}python\n{content.rstrip()}\n{fence}"


def _mended(program: Program, files: Iterable[Any], fault: str | None) -> str:
    """Return the files that are not as they should be, or one as it is to mend nothing."""
    right = {file.path: file.content for file in program.files}
    now = {file.path: file.content for file in files}
    wrong = [path for path in now if path in right and right[path].strip() != now[path].strip()]
    if fault == "never-fixes" or not wrong:
        path = next(iter(now))
        return _fenced(path, now[path])
    return "\n\n".join(_fenced(path, right[path]) for path in wrong)


def contents(program: Program, fault: str | None) -> dict[str, str]:
    """Return the sources; with a fault, one has a misspelt name in a function that tests call."""
    contents = {file.path: file.content for file in program.files}
    names = ((file, name) for file in (program.files if fault else []) for name in _returned(file))
    for file, name in names:
        wrong = name.id[:-1] if len(name.id) > 2 else f"{name.id}x"
        contents[file.path] = edited(file.content, [(name, wrong)])
        break
    return contents


def _returned(file: File) -> Iterator[ast.Name]:
    """Yield the names of its own in the last return of each function that its tests call."""
    for node in ast.walk(ast.parse(file.content)):
        if not isinstance(node, ast.FunctionDef) or f"{node.name}(" not in file.tests:
            continue
        last = node.body[-1]
        if isinstance(last, ast.Return) and last.value:
            known = {arg.arg for arg in node.args.args} - {"self", "cls"}
            known |= {
                part.id
                for part in ast.walk(node)
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
            for part in ast.walk(last.value):
                if isinstance(part, ast.Name) and part.id in known:
                    yield part
