"""What plain code can see in a file of the program before anything is run."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator

from metaco.roles.documents import Task

__all__ = ["guesses", "imports", "names", "parsed", "placeholders", "violations"]

_DISTRIBUTIONS = {
    "beautifulsoup4": "bs4",
    "opencv-python": "cv2",
    "pillow": "PIL",
    "python-dateutil": "dateutil",
    "python-dotenv": "dotenv",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
}
"""Packages whose import name differs from the name they are installed by."""


def parsed(path: str, content: str) -> ast.Module | str:
    """Return the syntax tree of the file `path`, or a sentence that says why it does not parse."""
    try:
        return ast.parse(content)
    except (SyntaxError, ValueError) as error:
        line = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        return f"{path} does not parse{line}: {getattr(error, 'msg', error)}."


def violations(content: str, task: Task) -> list[str]:
    """Return what is wrong with a file for this task, each a sentence for its author.

    It parses, offers the promised names with the promised parameters, imports only what there is,
    and leaves nothing out.
    """
    if task.path.endswith(".json"):
        try:
            json.loads(content)
        except ValueError as error:
            return [f"{task.path} is not valid JSON: {error}."]
    if not task.path.endswith(".py"):
        return []
    tree = parsed(task.path, content)
    if isinstance(tree, str):
        return [tree]
    modules = {path.split(":")[0] for path in task.files}
    return [
        *_missing(tree, task),
        *imports(tree, task.package, modules, task.packages),
        *guesses(tree, task.uses),
        *placeholders(tree, content),
    ]


def imports(tree: ast.Module, package: str, files: set[str], packages: list[str]) -> list[str]:
    """Return imports of what is neither in the library, nor declared, nor a file of the program."""
    known = {_import_name(name) for name in packages} | {package}
    unknown = []
    for name, module in _imported(tree, package):
        top = name.partition(".")[0]
        if top not in known and top not in sys.stdlib_module_names:
            unknown.append(f"It imports {top}, which is not among the packages of the project.")
        elif top == package and module and not _exists(name, files):
            unknown.append(f"It imports {name}, but the program has no such file.")
    return list(dict.fromkeys(unknown))


def _imported(tree: ast.Module, package: str) -> Iterator[tuple[str, bool]]:
    """Yield the modules that are imported, relative ones as if they were absolute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, "." in alias.name
        elif isinstance(node, ast.ImportFrom):
            if node.level > 1:
                continue  # how deep this file lies is not known here
            name = f"{package}.{node.module}" if node.level and node.module else node.module
            if name:
                yield name, "." in name


def guesses(tree: ast.Module, interfaces: list[str]) -> list[str]:
    """Return imports of functions that a module of the program does not offer.

    Names in capitals are allowed: constants and aliases of types, which an interface cannot name.

    Args:
        interfaces: those the author knows, in the form of `Task.uses`.
    """
    offered: dict[str, set[str]] = {}
    for text in interfaces:
        if match := re.match(r"# from (\S+) import", text):
            offered[match[1]] = set(re.findall(r"(?m)^(?:class|def) (\w+)", text))
    return list(
        dict.fromkeys(
            f"It imports {alias.name} from {node.module}, which does not define it for other files."
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module in offered and not node.level
            for alias in node.names
            if alias.name not in offered[node.module] and alias.name[0].islower()
        )
    )


def _exists(module: str, files: set[str]) -> bool:
    path = module.replace(".", "/")
    folders = {file.rsplit("/", 1)[0] for file in files}
    return f"{path}.py" in files or path in folders or f"{path}/__init__.py" in files


def _import_name(package: str) -> str:
    name = re.split(r"[\s<>=!~\[;]", package, maxsplit=1)[0].lower()
    return _DISTRIBUTIONS.get(name, name.replace("-", "_"))


def names(tree: ast.Module) -> dict[str, ast.AST]:
    """Return what a module defines at its top, and the methods of its classes as Class.method."""
    defined: dict[str, ast.AST] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            defined[node.name] = node
            if constructor := _constructor(node):
                defined[f"{node.name}.__init__"] = constructor
            for member in node.body:
                if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                    defined[f"{node.name}.{member.name}"] = member
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            defined[node.name] = node
    return defined


def _missing(tree: ast.Module, task: Task) -> list[str]:
    """Return promised classes, methods and functions that are not there, or take other things."""
    defined = names(tree)
    broken = []
    for name, promised in _promises(task.offers):
        actual = defined.get(name)
        owner = defined.get(name.split(".")[0])
        if actual is None and owner is not None and name.endswith("__"):
            if name.endswith(".__init__") and promised and not _has_more(owner):
                call = f"{name.split('.')[0]}({', '.join(_parameters(promised))})"
                broken.append(
                    f"Others call {call}; make it a dataclass with these fields in order."
                )
        elif actual is None:
            if "." not in name or not _has_more(owner):
                broken.append(f"{name} is part of the interface for other files, but missing.")
        elif isinstance(actual, ast.FunctionDef | ast.AsyncFunctionDef) and promised is not None:
            wanted, given = _parameters(promised), _parameters(actual)
            if not _callable_as(promised, actual):
                broken.append(
                    f"{name} takes ({', '.join(given)}); others call it with ({', '.join(wanted)})."
                )
    return broken


def _promises(stubs: list[str]) -> Iterator[tuple[str, ast.FunctionDef | None]]:
    """Yield what an interface in the form of `SystemDesign.interface` promises."""
    for stub in stubs:
        owner = ""
        for line in stub.splitlines():
            text = line.strip()
            if match := re.match(r"class (\w+)", text):
                owner = match[1]
                yield owner, None
                if stub.startswith("@dataclass"):
                    fields = [one.strip() for one in stub.splitlines()[2:]]
                    fields = [one for one in fields if not one.startswith("def ")]
                    if constructor := _constructor_of(fields):
                        yield f"{owner}.__init__", constructor
            elif text.startswith("def "):
                try:
                    node = ast.parse(f"{text.split('  # ')[0]}: ...").body[0]
                except SyntaxError:
                    continue
                if isinstance(node, ast.FunctionDef):
                    yield (f"{owner}.{node.name}" if owner else node.name), node


def _constructor_of(fields: list[str]) -> ast.FunctionDef | None:
    """Return the constructor of a dataclass with these fields, as ``title: str = ''``."""
    fields = [one for one in fields if not re.search(r"\bClassVar\b|\binit\s*=\s*False", one)]
    try:
        node = ast.parse(f"def __init__(self, {', '.join(fields)}): ...").body[0]
    except SyntaxError:
        return None
    return node if isinstance(node, ast.FunctionDef) else None


def _constructor(node: ast.ClassDef) -> ast.FunctionDef | None:
    """Return the constructor that `@dataclass` makes, where it makes all of it."""
    if not any(_name(mark) == "dataclass" for mark in node.decorator_list) or node.bases:
        return None
    return _constructor_of(
        [ast.unparse(one) for one in node.body if isinstance(one, ast.AnnAssign)]
    )


def _name(mark: ast.expr) -> str:
    """Return the plain name of a decorator: ``@dataclasses.dataclass(frozen=True)``."""
    mark = mark.func if isinstance(mark, ast.Call) else mark
    return str(getattr(mark, "attr", getattr(mark, "id", "")))


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Return the parameters but self, those that may be left out as ``name=...``."""
    plain, named = _split(node)
    return [name + ("=..." if free else "") for name, free in (*plain, *named)]


def _split(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Return parameters by position and by name only, each with whether it may be left out."""
    args = node.args
    plain = [*args.posonlyargs, *args.args]
    first_free = len(plain) - len(args.defaults)
    by_position = [(a.arg, at >= first_free) for at, a in enumerate(plain)]
    by_name = [
        (a.arg, default is not None)
        for a, default in zip(args.kwonlyargs, args.kw_defaults, strict=True)
    ]
    return [one for one in by_position if one[0] not in ("self", "cls")], by_name


def _callable_as(promised: ast.FunctionDef, actual: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether every call that fits the promise fits what is there."""
    if actual.args.vararg or actual.args.kwarg:
        return True
    wanted, given = _split(promised), _split(actual)
    needed, offered = dict(wanted[0] + wanted[1]), dict(given[0] + given[1])
    return (
        [name for name, _ in wanted[0]] == [name for name, _ in given[0]][: len(wanted[0])]
        and needed.keys() <= offered.keys()
        and all(offered[name] for name, free in needed.items() if free)
        and all(free for name, free in offered.items() if name not in needed)
    )


def _has_more(node: ast.AST | None) -> bool:
    """Return whether a class gets methods from elsewhere: a base, or an unknown decorator."""
    return isinstance(node, ast.ClassDef) and bool(
        node.bases or [mark for mark in node.decorator_list if _name(mark) != "dataclass"]
    )


def placeholders(tree: ast.Module, content: str) -> list[str]:
    """Return what looks left out: functions without a body, and comments that say so."""
    empty = [
        f"The function {node.name} has no body."
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_empty(node)
    ]
    return empty + [
        f"Something is left out at: {line.strip()[:80]}"
        for line in content.splitlines()
        if re.search(r"#\s*(TODO|FIXME|\.\.\.|rest of|remaining|same as before)", line, re.I)
    ]


def _is_empty(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function only says that it does nothing, and is not abstract by design."""
    marks = {getattr(d, "attr", getattr(d, "id", "")) for d in node.decorator_list}
    if marks & {"abstractmethod", "overload"}:
        return False
    body = [
        s for s in node.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
    ]
    if not body:
        return any(
            isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant) and s.value.value is ...
            for s in node.body
        )
    only = body[0]
    if len(body) == 1 and isinstance(only, ast.Raise):
        error = only.exc.func if isinstance(only.exc, ast.Call) else only.exc
        return getattr(error, "id", "") == "NotImplementedError"
    return False
