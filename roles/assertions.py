"""What the tests in a file check, as far as it can be read: nothing, less than before, or more."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple, TypeGuard

__all__ = ["cannot_fail", "changed", "test_functions", "vacuous_tests", "weakened"]

Function = ast.FunctionDef | ast.AsyncFunctionDef

_ANY = ("Exception", "BaseException", "AssertionError")
_SKIPS = (
    *("skip", "skipif", "xfail", "importorskip", "skipTest", "SkipTest", "skipUnless", "skipIf"),
    *("expectedFailure", "exit", "suppress"),
)


def test_functions(tree: ast.AST) -> dict[str, Function]:
    """Return the test functions of a file by their names."""
    return {
        node.name: node
        for node in ast.walk(tree)
        if isinstance(node, Function) and node.name.startswith("test")
    }


test_functions.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever its name


def vacuous_tests(tree: ast.AST, package: str) -> list[str]:
    """Return which tests of a file are vacuous by their source, each a sentence for its author.

    Args:
        package: the package under test.
    """
    sentences = []
    checking = _checking(tree)
    for name, test in test_functions(tree).items():
        checks = [*_checks(test, checking)]
        if not checks:
            sentences.append(f"{name} checks nothing; assert what the program does.")
        elif all(_constant(check) for check in checks):
            sentences.append(
                f"{name} asserts what is true for any program; assert what this one does."
            )
        elif _leaves(test, checking):
            sentences.append(f"{name} returns or skips before it has checked anything.")
        elif any(_swallows(node, checking) for node in ast.walk(test)):
            sentences.append(f"{name} catches the error of its own assertion; let it fail.")
        if any(_patches_main(node, package) for node in ast.walk(test)):
            sentences.append(f"{name} replaces main, so that the program is not tested; call it.")
    return sentences


def cannot_fail(content: str) -> set[str]:
    """Return the names of the tests in a file whose assertions cannot fail, or are not noticed."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return set()
    checking = _checking(tree)
    unfailing: dict[str, bool] = {}
    for node in ast.walk(tree):
        if isinstance(node, Function) and (checks := [*_checks(node, checking)]):
            silent = {
                check
                for part in ast.walk(node)
                if isinstance(part, ast.Try | ast.With | ast.AsyncWith)
                if _swallows(part, checking)
                for check in _checks(ast.Module(part.body, []), checking)
            }
            none = all(_constant(check) or check in silent for check in checks)
            unfailing[node.name] = none and unfailing.get(
                node.name, True
            )  # classes may share a name
    return {name for name, none in unfailing.items() if none}


def changed(before: str, after: str) -> list[str]:
    """Return the names of the tests that are not as they were, and what else of the file is not."""
    old, new = _Suite(before), _Suite(after)
    names = [n for n in old.tests if n in new.tests and old.text(n) != new.text(n)]
    (was, needed), (now, imported) = old.rest(), new.rest()
    return names + ["what its tests share"] * (was != now or not needed <= imported)


def weakened(before: str, after: str) -> list[str]:
    """Return how tests check less than they did, each a sentence for who changed them."""
    old, new = _Suite(before), _Suite(after)
    sentences, gone = [], []
    for name in old.tests:
        moved = [n for n in new.tests if n not in old.tests and _bare(n) == _bare(name)]
        if name not in new.tests and not moved:
            gone.append(name)
            continue
        was, now = old.weight(name), new.weight(name if name in new.tests else moved[0])
        if now.checks < was.checks:
            sentences.append(
                f"{name} checks less than before; correct the expected result instead."
            )
        elif now.exact < was.exact:
            sentences.append(f"{name} accepts more than before; let it expect one exact result.")
        elif now.around > was.around:
            sentences.append(f"{name} can be skipped, left or silenced now; let it run to its end.")
    if gone:
        sentences.append(f"The tests {', '.join(gone)} are gone; correct them instead.")
    return sorted(sentences)


class _Weight(NamedTuple):
    """What a test checks, in all its cases: how often, how exactly, and the ways around it."""

    checks: int
    exact: int
    around: int


class _Suite:
    """The tests of one file as they are collected, and what else of the file they are made of.

    Attributes:
        tests: the name of each test, its class before it, to the test and the marks it stands
            under; of two with one name the second.
    """

    def __init__(self, content: str) -> None:
        self.tests: dict[str, list[ast.AST]] = {}
        try:
            self._tree = ast.parse(content)
        except (SyntaxError, ValueError):
            self._tree = ast.Module([], [])
        nodes = [*ast.walk(self._tree)]
        self._checking = _checking(self._tree)
        self._functions = {n.name: n for n in nodes if isinstance(n, Function)}
        self._values = {
            ast.unparse(n.targets[0]): n.value for n in nodes if isinstance(n, ast.Assign)
        }
        self._collect(self._tree.body, "", [])

    def _collect(self, body: list[ast.stmt], owner: str, around: list[ast.AST]) -> None:
        around = [*around, *(node for node in body if _surrounds(node))]
        for node in body:
            if isinstance(node, Function) and node.name.startswith("test"):
                self.tests[owner + node.name] = [node, *around]
            elif _group(node) and not owner:
                self._collect(node.body, f"{node.name}.", [*node.decorator_list, *around])

    def text(self, name: str) -> str:
        return ast.dump(self.tests[name][0])

    def rest(self) -> tuple[list[str], set[str]]:
        """Return the file without its tests, and what it imports."""
        tests = {id(made_of[0]) for made_of in self.tests.values()}
        nodes = [part for n in self._tree.body for part in (n.body if _group(n) else [n])]
        imports = {ast.dump(n) for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)}
        parts = [ast.dump(n) for n in nodes if id(n) not in tests]
        return [part for part in parts if part not in imports], imports

    def weight(self, name: str) -> _Weight:
        made_of = self._made_of(name)
        checks = [check for part in made_of for check in _checks(part, self._checking)]
        nodes = [node for part in made_of for node in ast.walk(part)]
        around = sum(map(_around, nodes))
        around += sum(isinstance(node, ast.Return) for node in ast.walk(made_of[0]))
        cases = sum(map(self._cases, nodes)) or 1
        return _Weight(len(checks) * cases, sum(map(_exact, checks)) * cases, around)

    def _made_of(self, name: str) -> list[ast.AST]:
        """Return a test, what stands around it, and the functions and fixtures that it names."""
        parts = [*self.tests[name]]
        for part in parts:  # grows on the way
            for node in ast.walk(part):
                used = self._functions.get(node.arg if isinstance(node, ast.arg) else _name(node))
                if used and used not in parts and not used.name.startswith("test"):
                    parts.append(used)
        return parts

    def _cases(self, node: ast.AST) -> int:
        """Return for how many values a loop or a parametrized test does the same."""
        values = node.iter if isinstance(node, ast.For) else None
        if isinstance(node, ast.Call) and _name(node.func) == "parametrize" and node.args[1:]:
            values = node.args[1]
        if isinstance(values, ast.Name):
            values = self._values.get(values.id)
        return len(values.elts) if isinstance(values, ast.List | ast.Tuple) else 0


def _bare(name: str) -> str:
    return name.rpartition(".")[2]


def _group(node: ast.stmt) -> TypeGuard[ast.ClassDef]:
    """Return whether a class holds tests."""
    return isinstance(node, ast.ClassDef) and (
        node.name.startswith("Test") or any("TestCase" in ast.dump(base) for base in node.bases)
    )


def _surrounds(node: ast.stmt) -> bool:
    """Return whether all tests beside it are under it: a mark, a fixture for all, a set-up."""
    if isinstance(node, Function):
        return node.name.lower().startswith("setup") or "autouse" in ast.dump(node)
    return isinstance(node, ast.Assign) and "pytestmark" in ast.dump(node)


def _around(node: ast.AST) -> bool:
    """Return whether a check may not be reached, or not be noticed, because of `node`."""
    if isinstance(node, ast.Try):
        return bool(node.handlers)
    if isinstance(node, ast.Call) and _name(node.func) == "raises":
        return any(name in ast.dump(arg) for arg in node.args[:1] for name in _ANY)
    return isinstance(node, ast.If | ast.IfExp | ast.While) or _name(node) in _SKIPS


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
        raised = isinstance(each, ast.Raise) and each.exc
        if (raised and "AssertionError" in ast.dump(raised)) or isinstance(each, ast.Assert):
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
    """Return whether an assertion can fail without anybody noticing."""
    if isinstance(node, ast.Try) and any(_checks(ast.Module(node.body, []), checking)):
        return any(
            (handler.type is None or any(name in ast.dump(handler.type) for name in _ANY))
            and not any(isinstance(inner, ast.Raise | ast.Assert) for inner in ast.walk(handler))
            and not any(_checks(handler, checking))
            for handler in node.handlers
        )
    if isinstance(node, ast.With | ast.AsyncWith):
        contexts = [item.context_expr for item in node.items]
        silent = any(
            isinstance(call, ast.Call)
            and _name(call.func) == "suppress"
            and any(_name(each) in _ANY for each in call.args)
            for call in contexts
        )
        return silent and any(_checks(ast.Module(node.body, []), checking))
    return False


def _patches_main(node: ast.AST, package: str) -> bool:
    """Return whether a test replaces the program's main."""
    if not isinstance(node, ast.Call) or _name(node.func) not in ("setattr", "patch", "object"):
        return False
    texts = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
    return any(
        text == "main"
        or (isinstance(text, str) and text.startswith(f"{package}.") and text.endswith(".main"))
        for text in texts
    )


def _exact(check: ast.AST) -> bool:
    """Return whether a check accepts one result only, or one kind of error."""
    if isinstance(check, ast.Call):
        name = _name(check.func)
        if name in ("raises", "warns", "assertRaises"):
            return bool(check.args) and _name(check.args[0]) not in _ANY
        return not name.startswith("assert") or name in ("assertEqual", "assertIs", "assertIsNone")
    if not isinstance(check, ast.Assert):
        return True
    if any(isinstance(n, ast.keyword) and n.arg in ("rel", "abs") for n in ast.walk(check)):
        return False
    if any(_name(n) == "ANY" for n in ast.walk(check)):
        return False
    test = check.test
    return isinstance(test, ast.Compare) and {type(op) for op in test.ops} <= {ast.Eq, ast.Is}


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
