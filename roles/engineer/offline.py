"""Code by the book, and, if asked to be careless, with one mistake in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from metaco.models.offline import Manner
from metaco.roles.documents import SourceFile, Task, TestFile, TestsFailed
from metaco.roles.handbook import Program, Source
from metaco.roles.handbook.shelf import find

__all__ = ["fenced", "fix_files", "with_mistake", "write_file"]


def write_file(task: Task, manner: Manner = "plain") -> str:
    """Take the file from the program that the handbook has for this requirement."""
    program = find(task.summary)
    source = next(source for source in program.sources if source.path == task.path)
    code = with_mistake(program) if manner != "plain" else {}
    return fenced(task.path, code.get(task.path, source.content))


def fix_files(
    tasks: list[Task],
    files: list[SourceFile],
    tests: list[TestFile],
    report: TestsFailed,
    manner: Manner = "plain",
) -> str:
    """Put back what the handbook says; stubborn, hand in the same files again."""
    program = find(tasks[0].summary)
    right = {source.path: source.content for source in program.sources}
    mended = {file.path: right[file.path] for file in files if right.get(file.path) != file.content}
    if manner == "stubborn" or not mended:
        mended = {file.path: file.content for file in files[:1]}
    return "\n\n".join(fenced(path, content) for path, content in mended.items())


def fenced(path: str, content: str) -> str:
    """Return a file as a model would: its path, then the file in a fence longer than any in it."""
    fence = "```"
    while fence in content:
        fence += "`"
    language = "python" if path.endswith(".py") else path.rpartition(".")[2]
    return f"{path}\n{fence}{language}\n{content.rstrip()}\n{fence}"


def with_mistake(program: Program) -> dict[str, str]:
    """Return one file of the program with a misspelt name in a function that tests call."""
    for source in program.sources:
        if not source.path.endswith(".py"):
            continue
        for name in _returned(source):
            lines = source.content.splitlines(keepends=True)
            line = lines[name.lineno - 1].encode()
            wrong = name.id[:-1] if len(name.id) > 2 else f"{name.id}x"
            start, end = name.col_offset, name.end_col_offset or name.col_offset
            lines[name.lineno - 1] = (line[:start] + wrong.encode() + line[end:]).decode()
            return {source.path: "".join(lines)}
    return {}


def _returned(source: Source) -> Iterator[ast.Name]:
    """Yield the names in the last return of each tested function."""
    for node in ast.walk(ast.parse(source.content)):
        if not isinstance(node, ast.FunctionDef) or f"{node.name}(" not in source.tests:
            continue
        returns = [part for part in ast.walk(node) if isinstance(part, ast.Return) and part.value]
        last = node.body[-1]
        if returns and isinstance(last, ast.Return) and last.value:
            known = {arg.arg for arg in node.args.args} - {"self", "cls"}
            known |= {
                part.id
                for part in ast.walk(node)
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
            for part in ast.walk(last.value):
                if isinstance(part, ast.Name) and part.id in known:
                    yield part
