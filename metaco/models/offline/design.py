"""What documents say of a program's files, read off its sources: classes, signatures, imports."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from typing import Any

from metaco.models.offline.program import File, Program

__all__ = ["imported", "interfaces"]

_Part = dict[str, Any]
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def interfaces(program: Program) -> dict[str, list[_Part]]:
    """Return the public classes and functions of a program, and how the classes are related."""
    trees = [(file.path, ast.parse(file.content)) for file in program.files]
    classes = [part for path, tree in trees for part in _classes(path, tree)]
    functions = [
        {"file": path, "signature": _signature(node), "purpose": _purpose(node)}
        for path, tree in trees
        for node in tree.body
        if isinstance(node, _Function) and not node.name.startswith("_")
    ]
    relations = [*_relations(classes, [tree for _, tree in trees])]
    return {"classes": classes, "functions": functions, "relations": relations}


def imported(file: File, paths: list[str]) -> list[str]:
    """Return which of the files of the program a file imports."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.content)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = file.path.partition("/")[0] if node.level else ""
            start = ".".join(filter(None, [base, node.module]))
            modules |= {start, *(f"{start}.{alias.name}" for alias in node.names)}
    imported = {f"{module.replace('.', '/')}.py" for module in modules}
    return sorted(imported & set(paths) - {file.path})


def _classes(path: str, tree: ast.Module) -> Iterator[_Part]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            methods = [
                _signature(member)
                for member in node.body
                if isinstance(member, _Function)
                and (not member.name.startswith("_") or member.name == "__init__")
            ]
            attributes = [ast.unparse(a) for a in node.body if isinstance(a, ast.AnnAssign)]
            yield {
                "name": node.name,
                "file": path,
                "purpose": _purpose(node),
                "attributes": attributes,
                "methods": methods,
            }


def _signature(node: _Function) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){returns}"


def _purpose(node: ast.ClassDef | _Function) -> str:
    text = ast.get_docstring(node) or node.name.replace("_", " ")
    return " ".join(text.split("\n\n")[0].split())


def _relations(classes: list[_Part], trees: list[ast.Module]) -> Iterator[_Part]:
    """Read off who inherits from whom, who owns whom (attributes), who uses whom (methods)."""
    names = {each["name"] for each in classes}
    for tree in trees:
        for node in tree.body:
            for base in node.bases if isinstance(node, ast.ClassDef) else []:
                known = isinstance(base, ast.Name) and (
                    base.id in names or hasattr(builtins, base.id)
                )
                if isinstance(node, ast.ClassDef) and known and node.name in names:
                    yield {"source": node.name, "target": ast.unparse(base), "kind": "inherits"}
    for each in classes:
        owned = _mentioned(each["attributes"], names - {each["name"]})
        used = _mentioned(each["methods"], names - {each["name"], *owned})
        yield from ({"source": each["name"], "target": name, "kind": "owns"} for name in owned)
        yield from ({"source": each["name"], "target": name, "kind": "uses"} for name in used)


def _mentioned(texts: list[str], names: set[str]) -> list[str]:
    return sorted(set(re.findall(r"\w+", " ".join(texts))) & names)
