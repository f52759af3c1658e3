"""The design by the book: files from the handbook, classes and signatures read off the source."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from metaco.roles.documents import PRD, Class, FilePlan, FlowStep, Function, Relation, SystemDesign
from metaco.roles.handbook import Program, Source
from metaco.roles.handbook.shelf import find

__all__ = ["write_design"]


def write_design(prd: PRD) -> SystemDesign:
    """Take the design from the program that the handbook has for this requirement."""
    program = find(prd.summary)
    modules = [(source, ast.parse(source.content)) for source in _python(program)]
    classes = [found for source, tree in modules for found in _classes(source, tree)]
    return SystemDesign(
        package=program.name,
        approach=program.approach,
        packages=[],
        files=[
            FilePlan(path=s.path, purpose=s.purpose, requirements=s.requirements)
            for s in program.sources
        ],
        classes=classes,
        functions=[found for source, tree in modules for found in _functions(source, tree)],
        relations=list(_relations(classes, [tree for _, tree in modules])),
        flow=[FlowStep(caller=a, callee=b, call=c, returns=d) for a, b, c, d in program.flow],
        run=program.run,
        open_questions=[],
    )


def _python(program: Program) -> list[Source]:
    return [source for source in program.sources if source.path.endswith(".py")]


def _public(tree: ast.Module | ast.ClassDef, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    for node in tree.body:
        if isinstance(node, kinds) and not getattr(node, "name", "").startswith("_"):
            yield node


def _classes(source: Source, tree: ast.Module) -> Iterator[Class]:
    for node in _public(tree, ast.ClassDef):
        assert isinstance(node, ast.ClassDef)
        methods = [
            member
            for member in node.body
            if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef)
            and (not member.name.startswith("_") or member.name == "__init__")
        ]
        yield Class(
            name=node.name,
            file=source.path,
            purpose=_purpose(node),
            attributes=[_attribute(a) for a in node.body if isinstance(a, ast.AnnAssign)],
            methods=[_signature(method) for method in methods],
        )


def _functions(source: Source, tree: ast.Module) -> Iterator[Function]:
    for node in _public(tree, ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        yield Function(file=source.path, signature=_signature(node), purpose=_purpose(node))


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){returns}"


def _attribute(node: ast.AnnAssign) -> str:
    text = f"{ast.unparse(node.target)}: {ast.unparse(node.annotation)}"
    return f"{text} = {ast.unparse(node.value)}" if node.value else text


def _purpose(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    text = ast.get_docstring(node) or node.name.replace("_", " ")
    return " ".join(text.split("\n\n")[0].split())


def _relations(classes: list[Class], trees: list[ast.Module]) -> Iterator[Relation]:
    """Read off who inherits from whom, who owns whom (attributes), who uses whom (methods)."""
    names = {cls.name for cls in classes}
    for tree in trees:
        for node in _public(tree, ast.ClassDef):
            assert isinstance(node, ast.ClassDef)
            for base in node.bases:
                if isinstance(base, ast.Name) and (base.id in names or hasattr(builtins, base.id)):
                    yield Relation(source=node.name, target=base.id, kind="inherits")
    for cls in classes:
        owned = _mentioned(cls.attributes, names - {cls.name})
        for name in owned:
            yield Relation(source=cls.name, target=name, kind="owns")
        for name in _mentioned(cls.methods, names - {cls.name, *owned}):
            yield Relation(source=cls.name, target=name, kind="uses")


def _mentioned(texts: list[str], names: set[str]) -> list[str]:
    words = set(re.findall(r"\w+", " ".join(texts)))
    return sorted(words & names)
