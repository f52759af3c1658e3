"""Runs the tests of a project without trusting its program or its tests.

This is a program of its own: the sandbox gets its text as ``python -I -c``, so that none of it lies
where the project could replace it. Nothing of the project configures the run, but for a
``conftest.py`` that a person wrote, which is then named as an argument. The first process is the
judge. It never imports anything of the project, and hides its memory and its files from other
processes. A second one, forked when pytest is loaded, runs the tests and reports their outcomes
once, at the end. The judge believes it only if the exit code and the tests that stand in the files
agree with what that process claims, and writes its report where no other process can write.

The report is one JSON object on stdout: ``outcomes`` (test, outcome, message), ``problem`` (what
is wrong with the run itself), ``output`` (the end of what pytest printed).
"""

from __future__ import annotations

import ast
import builtins
import ctypes
import json
import os
import secrets
import select
import signal
import sys
import tempfile
import unittest.mock  # noqa: F401  all of unittest, before the program can touch it
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

_OPTIONS = (
    *("-q", "--tb=short", "-c", os.devnull, "--rootdir=.", "tests"),
    *("-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin", "--disable-plugin-autoload"),
    *("--asyncio-mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"),
    "--continue-on-collection-errors",
)
_FRAMEWORK = ("pytest", "_pytest", "pluggy", "pytest_asyncio", "unittest")
_LONGEST = 5_000  # characters of a message
_MOST = 150  # messages; a report has to fit into the output that a run may have
_DUMPABLE = 4  # of prctl, on Linux


def main() -> None:
    """Have the tests run by another process, and write the report."""
    report = os.dup(1)
    os.set_inheritable(report, False)
    os.dup2(2, 1)
    hide(True)
    wanted = list(expected(Path("tests")))  # before anybody can change them
    with tempfile.TemporaryFile() as log:
        claim, code, started = watch(log.fileno(), report)
        log.seek(max(0, log.tell() - _LONGEST))
        output = log.read().decode("utf-8", "replace")
    outcomes, problem = outcomes_of(claim, code, started, wanted)
    facts = {"outcomes": outcomes, "problem": problem, "output": output}
    with os.fdopen(report, "w", encoding="utf-8", errors="replace") as out:
        out.write(json.dumps(facts))


def hide(yes: bool) -> None:
    """Keep other processes of this user from our memory and files, where the system can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DUMPABLE, 0 if yes else 1, 0, 0, 0)


def watch(log: int, report: int) -> tuple[dict[str, Any] | None, int, str]:
    """Let another process run the tests.

    Returns:
        What it claims at the end; its exit code, negative for a signal; what it began last.
    """
    word = secrets.token_hex(16)
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(report)
        os.close(ours)
        work(theirs, log, word)
    os.close(theirs)
    data, status = bytearray(), None
    while status is None:
        ready = select.select([ours], [], [], 0.02)[0]
        chunk = os.read(ours, 1 << 16) if ready else b""
        data += chunk
        if not chunk:  # also while something that the tests left behind keeps the pipe open
            ended, exit_status = os.waitpid(child, 0 if ready else os.WNOHANG)
            status = exit_status if ended else None
    while select.select([ours], [], [], 0)[0] and (chunk := os.read(ours, 1 << 16)):
        data += chunk
    started, last = "", None
    for line in data.decode("utf-8", "replace").splitlines():
        if line.startswith(word):
            last = json.loads(line.removeprefix(word))
        else:
            started = line
    return last, os.waitstatus_to_exitcode(status), started


def work(pipe: int, log: int, word: str) -> None:
    """Run the tests, and do not return."""
    hide(False)
    os.dup2(log, 1)
    os.dup2(log, 2)
    adopted = sys.argv[1:]  # files that may steer the tests, as a person wrote them
    notes = Notes(pipe, adopted)
    sys.path.insert(0, str(Path.cwd()))
    try:
        sys.argv = ["pytest"]
        options = [*_OPTIONS, *([] if adopted else ["--noconftest"])]
        code = int(pytest.main(options, plugins=[notes]))
        facts = {"outcomes": notes.outcomes, "tests": notes.names, "changed": notes.changed}
        say(pipe, word + json.dumps(facts))
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001  a program that leaves has no say in how
        with suppress(BaseException):
            print(f"{type(error).__name__}: {error}", flush=True)
        code = 70
    os._exit(code)


def say(pipe: int, line: str) -> None:
    data = memoryview((line.replace("\n", " ") + "\n").encode("utf-8", "replace"))
    while data:
        data = data[os.write(pipe, data) :]


class Notes:
    """A plug-in that notes what is collected and what each test says.

    Attributes:
        outcomes: nodeid to outcome and message.
        names: nodeid to the name of the test, its parameters with it.
        changed: what of the test framework or of the tests is not what it was.
    """

    def __init__(self, pipe: int, adopted: list[str]) -> None:
        self.pipe = pipe
        self.outcomes: dict[str, tuple[str, str]] = {}
        self.names: dict[str, str] = {}
        self.changed = ""
        self._adopted = [os.path.realpath(path) for path in adopted]
        self._folder = Path("tests").absolute()
        self._files = sources(self._folder)
        self._parts: list[tuple[str, Callable[[], Any], Any]] = []
        self._plugins: Callable[[], set[Any]] = set
        self._before: list[int] = []
        self._functions: dict[str, tuple[Any, Any]] = {}

    def look(self) -> None:
        """Notice what has been replaced in the test framework, or joined it."""
        replaced = [name for name, now, before in self._parts if now() is not before]
        for plugin in self._plugins():
            file = os.path.realpath(getattr(plugin, "__file__", None) or "/")
            if id(plugin) not in self._before and file not in self._adopted:
                replaced.append("the plug-ins of pytest")
        self.changed = self.changed or "".join(replaced[:1])

    def look_at_files(self) -> None:
        now = sources(self._folder)
        replaced = [path.name for path, text in self._files.items() if now.get(path) != text]
        self.changed = self.changed or "".join(replaced[:1])

    def note(self, nodeid: str, outcome: str, message: str = "") -> None:
        worse = ("passed", "skipped", "error", "failed")
        before = self.outcomes.get(nodeid, ("passed", ""))[0]
        if nodeid not in self.outcomes or worse.index(outcome) > worse.index(before):
            self.outcomes[nodeid] = (outcome, message)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: Any) -> None:
        self._parts = list(framework())  # pytest itself has replaced what it does by now
        self._plugins = session.config.pluginmanager.get_plugins
        self._before = [id(plugin) for plugin in self._plugins()]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        self.look()
        self.look_at_files()

    def pytest_collectstart(self, collector: Any) -> None:
        say(self.pipe, collector.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        self.look_at_files()
        if report.outcome != "passed":
            outcome = "error" if report.failed else "skipped"
            self.note(report.nodeid, outcome, reason(report))

    def pytest_itemcollected(self, item: Any) -> None:
        self.names[item.nodeid] = item.name
        self._functions[item.nodeid] = function(item)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        say(self.pipe, nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: Any) -> None:
        was = self._functions[item.nodeid]
        if not self._adopted and any(a is not b for a, b in zip(function(item), was, strict=True)):
            self.changed = self.changed or item.nodeid

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call":
            self.look()
        if report.failed:
            self.note(report.nodeid, "failed" if report.when == "call" else "error", reason(report))
        elif report.skipped:
            self.note(report.nodeid, "skipped", reason(report))
        elif report.when == "call":
            self.note(report.nodeid, "passed")


def sources(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*.py") if path.is_file()}


def function(item: Any) -> tuple[Any, Any]:
    """Return the function that a test is, and its code."""
    plain = getattr(item.obj, "__func__", item.obj)  # each run has an instance of its own
    return plain, getattr(plain, "__code__", None)


def reason(report: Any) -> str:
    """Return why a test failed or was skipped."""
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail)
    if report.skipped and isinstance(report.longrepr, tuple):
        path, line, text = report.longrepr
        return f"{path}:{line}: {str(text).removeprefix('Skipped: ')}"
    return str(report.longrepr)[-_LONGEST:]


def framework() -> Iterator[tuple[str, Callable[[], Any], Any]]:
    """Return what must stay as it is: where it is, how to look at it, and what it is.

    That is the test framework, the exceptions by which tests fail, and who loads and traces them.
    """
    for name, value in vars(builtins).items():
        if isinstance(value, type) and issubclass(value, BaseException):
            yield name, partial(vars(builtins).get, name), value
    yield "sys.meta_path", lambda: sys.meta_path[0], sys.meta_path[0]
    yield "sys.settrace", sys.gettrace, sys.gettrace()
    for name, module in sys.modules.copy().items():
        if name.partition(".")[0] in (*_FRAMEWORK, __name__) and isinstance(module, ModuleType):
            yield name, partial(sys.modules.get, name), module
            yield from parts(name, vars(module))


def parts(owner: str, space: Any) -> Iterator[tuple[str, Callable[[], Any], Any]]:
    """Return the functions and classes in the namespace of a module or a class."""
    for name, thing in [*space.items()]:
        inner = thing.__func__ if isinstance(thing, staticmethod | classmethod) else thing
        inner = inner.fget if isinstance(inner, property) else inner
        if isinstance(inner, FunctionType | type):
            yield f"{owner}.{name}", partial(space.get, name), thing
        if isinstance(inner, FunctionType):
            yield f"{owner}.{name}()", partial(getattr, inner, "__code__"), inner.__code__
        elif isinstance(inner, type) and f"{inner.__module__}.{inner.__qualname__}" == (
            f"{owner}.{name}"
        ):
            yield from parts(f"{owner}.{name}", vars(inner))


def expected(folder: Path) -> Iterator[str]:
    """Return the tests that stand in the files, as FILE::NAME without parameters."""
    files = {*folder.rglob("test_*.py"), *folder.rglob("*_test.py")}
    for file in sorted(files):
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError, RecursionError, OSError):
            continue  # it cannot be imported either, which is an error of its own
        for node in tree.body:
            inner = node.body if isinstance(node, ast.ClassDef) and holds_tests(node) else [node]
            for each in inner:
                name = getattr(each, "name", "")
                if name.startswith("test") and not isinstance(each, ast.ClassDef):
                    yield f"{file.as_posix()}::{name}"


def holds_tests(node: ast.ClassDef) -> bool:
    return node.name.startswith("Test") or any(
        ast.unparse(base).endswith("TestCase") for base in node.bases
    )


def outcomes_of(
    claim: dict[str, Any] | None, code: int, started: str, wanted: list[str]
) -> tuple[list[dict[str, str]], str]:
    """Return what may be believed: the outcome of each test, and what is wrong with the run."""
    if claim is None:
        how = f"with {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        return [], f"The run of the tests was ended {how} by {started or 'the program'}."
    if claim["changed"]:
        return [], f"The program replaces {claim['changed']}, so its test results are invalid."
    outcomes: list[dict[str, str]] = []
    for nodeid, (outcome, message) in sorted(claim["outcomes"].items()):
        name = claim["tests"].get(nodeid)
        file = nodeid.partition("::")[0]
        test = f"{file}::{name}" if name else file
        kept = message if len(outcomes) < _MOST else message[-200:]
        outcomes.append({"test": test, "outcome": outcome, "message": kept})
    seen = {o["test"].partition("[")[0] for o in outcomes}
    whole = {file for file in seen if "::" not in file}  # could not be imported, or was skipped
    lost = dict.fromkeys(t for t in wanted if t not in seen and t.partition("::")[0] not in whole)
    lost |= dict.fromkeys(
        f"{nodeid.partition('::')[0]}::{name}"
        for nodeid, name in claim["tests"].items()
        if nodeid not in claim["outcomes"]
    )
    outcomes += [{"test": t, "outcome": "error", "message": "It was not run."} for t in lost]
    failed = any(o["outcome"] in ("failed", "error") for o in outcomes if o["test"] not in lost)
    if outcomes and code != int(failed) and not (code == 5 and not failed):
        return [], f"The tests ended with exit code {code}, which contradicts their results."
    return outcomes, ""


if __name__ == "__main__":
    main()
