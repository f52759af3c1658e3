"""What the tests in a file check, as far as it can be read: nothing, less than before, or more."""

from __future__ import annotations

import ast
from collections.abc import Iterator

__all__ = ["changed", "idle", "tests", "weakened"]

Function = ast.FunctionDef | ast.AsyncFunctionDef

_ANY = ("Exception", "BaseException", "AssertionError")
_SKIPS = ("skip", "skipif", "xfail", "importorskip", "skipTest", "exit")


def tests(tree: ast.AST) -> dict[str, Function]:
    """Return the test functions of a file by their names."""
    return {
        node.name: node
        for node in ast.walk(tree)
        if isinstance(node, Function) and node.name.startswith("test")
    }


def idle(tree: ast.AST, package: str) -> list[str]:
    """Return which tests of a file check nothing, each a sentence for its author.

    Args:
        package: the package under test.
    """
    found = []
    checking = _checking(tree)
    for name, test in tests(tree).items():
        checks = [*_checks(test, checking)]
        if not checks:
            found.append(f"{name} checks nothing; assert what the program does.")
        elif all(_constant(check) for check in checks):
            found.append(f"{name} asserts what is true of any program; assert what this one does.")
        elif _leaves(test, checking):
            found.append(f"{name} returns or skips before it has checked anything.")
        elif any(_swallows(node, checking) for node in ast.walk(test)):
            found.append(f"{name} catches the error of its own assertion; let it fail.")
        if any(_patches_main(node, package) for node in ast.walk(test)):
            found.append(f"{name} replaces main, so that the program is not tested; call it.")
    return found


def changed(before: str, after: str) -> list[str]:
    """Return the names of the tests that are not as they were."""
    old, new = _parsed(before), _parsed(after)
    return [name for name in old if name in new and ast.dump(old[name]) != ast.dump(new[name])]


def weakened(before: str, after: str) -> list[str]:
    """Return how tests check less than they did, each a sentence for who changed them."""
    old, new = _parsed(before), _parsed(after)
    found = []
    if gone := sorted(old.keys() - new.keys()):
        found.append(f"The tests {', '.join(gone)} are gone; mend them instead.")
    for name in old.keys() & new.keys():
        was, now = _weight(old[name]), _weight(new[name])
        if now[0] < was[0]:
            found.append(f"{name} checks less than before; mend what it expects instead.")
        elif now[1] < was[1]:
            found.append(f"{name} accepts more than before; let it expect one exact result.")
        elif now[2] > was[2]:
            found.append(f"{name} can be skipped, left or silenced now; let it run to its end.")
    return sorted(found)


def _parsed(content: str) -> dict[str, Function]:
    try:
        return tests(ast.parse(content))
    except (SyntaxError, ValueError):
        return {}


def _checking(tree: ast.AST) -> set[str]:
    """Return the functions of a file that check something, and those that call them."""
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    names: set[str] = set()
    while more := {f.name for f in functions if any(_checks(f, names))} - names:
        names |= more
    return names


def _checks(node: ast.AST, checking: set[str]) -> Iterator[ast.AST]:
    """Return everything in `node` that can fail: assertions, expected errors, calls of both."""
    for each in ast.walk(node):
        said = isinstance(each, ast.Raise) and each.exc and "AssertionError" in ast.dump(each.exc)
        if said or isinstance(each, ast.Assert):
            yield each
        elif isinstance(each, ast.Call):
            name = _name(each.func)
            if name.startswith("assert") or name in ("raises", "warns", "fail") or name in checking:
                yield each


def _constant(check: ast.AST) -> bool:
    """Return whether an assertion does not depend on anything."""
    if not isinstance(check, ast.Assert):
        return False
    test = check.test
    if isinstance(test, ast.Tuple):
        return bool(test.elts)  # a pair of a condition and a text is always true
    if isinstance(test, ast.Compare) and [type(op) for op in test.ops] == [ast.Eq]:
        return ast.dump(test.left) == ast.dump(test.comparators[0]) or _literal(test)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return any(isinstance(value, ast.Constant) and value.value for value in test.values)
    return _literal(test)


def _literal(test: ast.AST) -> bool:
    return not any(isinstance(n, ast.Name | ast.Call | ast.Attribute) for n in ast.walk(test))


def _leaves(test: Function, checking: set[str]) -> bool:
    """Return whether a test ends before its first check, whatever happens."""
    for statement in test.body:
        if isinstance(statement, ast.Return):
            return True
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and _name(call.func) in ("skip", "skipTest", "exit", "_exit"):
            return True
        if any(_checks(statement, checking)):
            return False
    return False


def _swallows(node: ast.AST, checking: set[str]) -> bool:
    """Return whether an assertion can fail without anybody hearing of it."""
    if isinstance(node, ast.Try) and any(_checks(ast.Module(node.body, []), checking)):
        return any(
            (handler.type is None or any(name in ast.dump(handler.type) for name in _ANY))
            and not any(isinstance(inner, ast.Raise | ast.Assert) for inner in ast.walk(handler))
            and not any(_checks(handler, checking))
            for handler in node.handlers
        )
    if isinstance(node, ast.With | ast.AsyncWith):
        held = [item.context_expr for item in node.items]
        silent = any(
            isinstance(call, ast.Call)
            and _name(call.func) == "suppress"
            and any(_name(each) in _ANY for each in call.args)
            for call in held
        )
        return silent and any(_checks(ast.Module(node.body, []), checking))
    return False


def _patches_main(node: ast.AST, package: str) -> bool:
    """Return whether a test puts something in the place of the program's main."""
    if not isinstance(node, ast.Call) or _name(node.func) not in ("setattr", "patch", "object"):
        return False
    texts = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
    return any(
        text == "main"
        or (isinstance(text, str) and text.startswith(f"{package}.") and text.endswith(".main"))
        for text in texts
    )


def _weight(test: Function) -> tuple[int, int, int]:
    """Return how many checks there are, how many of them are exact, and how many ways around."""
    checks = [*_checks(test, set())]
    exact = sum(_exact(check) for check in checks)
    around = sum(
        isinstance(node, ast.Return | ast.Try)
        or (isinstance(node, ast.Attribute | ast.Name) and _name(node) in (*_SKIPS, "suppress"))
        for node in ast.walk(test)
    )
    return len(checks), exact, around


def _exact(check: ast.AST) -> bool:
    """Return whether a check accepts one result only, or one kind of error."""
    if isinstance(check, ast.Call):
        name = _name(check.func)
        if name in ("raises", "warns", "assertRaises"):
            return bool(check.args) and _name(check.args[0]) not in _ANY
        return name not in ("assertTrue", "assertIn", "assertIsNotNone", "assertIsInstance")
    if not isinstance(check, ast.Assert):
        return True
    test = check.test
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return False
    if any(isinstance(n, ast.keyword) and n.arg in ("rel", "abs") for n in ast.walk(test)):
        return False
    if not isinstance(test, ast.Compare):
        return isinstance(test, ast.UnaryOp | ast.BoolOp)
    return not any(isinstance(op, ast.In | ast.IsNot | ast.NotEq) for op in test.ops)


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
