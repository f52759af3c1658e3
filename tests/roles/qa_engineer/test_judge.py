"""Programs and tests that want to be believed, in the real sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from metaco.core.errors import SandboxUnavailable
from metaco.role import Context
from metaco.roles.documents import SourceFile, TestFile, TestsFailed, TestsNotRun, TestsPassed
from metaco.roles.qa_engineer import QAEngineer
from metaco.roles.qa_engineer.run import judged, run
from metaco.sandbox import SandboxLimits, open_sandbox

WRONG = "def add(a, b):\n    return a - b\n"
RIGHT = "def add(a, b):\n    return a + b\n"
HONEST = "from app.core import add\n\n\ndef test_r1_adds():\n    assert add(1, 2) == 3\n"
EXITS = "def test_r1_adds():\n    {}\n\n\ndef test_r2_runs():\n    assert add(1, 2) == 3\n"


def source(files: dict[str, str]) -> list[SourceFile]:
    return [SourceFile(path=path, content=text) for path, text in files.items()]


def checks_of(files: dict[str, str]) -> list[TestFile]:
    return [TestFile(path=path, content=text) for path, text in files.items()]


def engineer(sandbox: Any) -> QAEngineer:
    """Return a QA engineer with this sandbox, or the error that there is none."""

    async def opened() -> Any:
        if isinstance(sandbox, Exception):
            raise sandbox
        return sandbox

    async def nobody(request: Any) -> Any:
        raise AssertionError("no model takes part")

    return QAEngineer(Context("qa_engineer", "run_tests", call=nobody, sandbox=opened))


async def outcomes_of(
    program: dict[str, str], checks: dict[str, str]
) -> tuple[dict[str, str], str]:
    """Return what the tests said, and what was wrong with their run."""
    outcomes, _, problem = await run(await open_sandbox("auto"), source(program), checks_of(checks))
    return {outcome.test: outcome.outcome for outcome in outcomes}, problem


async def test_the_honest_are_believed() -> None:
    checks = {"tests/test_core.py": HONEST}
    test = "tests/test_core.py::test_r1_adds"
    assert await outcomes_of({"app/core.py": RIGHT}, checks) == ({test: "passed"}, "")
    assert await outcomes_of({"app/core.py": WRONG}, checks) == ({test: "failed"}, "")


PATCH = "import _pytest.{0}\n_pytest.{0}.{1} = lambda *a, **k: None\n"
FORGED = "import os\nfor n in range(64):\n    try:\n        os.write(n, b'{}')\n"
FORGED += "    except OSError:\n        pass\n"
TESTS = "\nimport sys\nfor name, test in [*sys.modules.items()]:\n"
TESTS += "    if 'test_core' in name:\n        {}\n"
PLUGIN = """
import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    report.outcome, report.longrepr = "passed", None
"""
STEERED = "pytest_plugins = ['app.core']\n" + HONEST
FIXTURE = """
import pytest
@pytest.fixture(autouse=True)
def replace(request):
    request.node.obj = lambda: None
"""
REWRITES = "\nopen('tests/test_core.py', 'w').write('def test_r1_adds():\\n    pass\\n')\n"
LOADS = """
import sys, importlib.util
class Loads:
    def find_spec(self, name, path=None, target=None):
        if name.endswith("test_core"):
            return importlib.util.spec_from_file_location(name, "tests/test_core.py", loader=self)
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        exec("def test_r1_adds(): pass", vars(module))
sys.meta_path.insert(0, Loads())
"""
SWAPS = "\ndef swap():\n    import test_core\n"
SWAPS += "    test_core.test_r1_adds.__code__ = (lambda: None).__code__\n"
SWAPPING = "def test_a():\n    app.core.swap()\n"
CASE = """
import unittest
from app.core import add
class TestAdd(unittest.TestCase):
    def test_r1_adds(self):
        self.assertEqual(add(1, 2), 3)
"""
PARENT = "import os\nopen(f'/proc/{os.getppid()}/fd/1', 'w').write('{}')\n"


@pytest.mark.parametrize(
    "files",
    [
        {
            "conftest.py": "collect_ignore_glob = ['*']\n",
            "tests/conftest.py": "def pytest_pyfunc_call(pyfuncitem):\n    return True\n",
            "pytest.py": "raise SystemExit(0)\n",
            "_pytest/__init__.py": "raise SystemExit(0)\n",
            "json.py": "def dumps(*a):\n    return '{}'\n",
            "sitecustomize.py": "import os\nos._exit(0)\n",
            "pytest.ini": "[pytest]\naddopts = --deselect tests/test_core.py\n",
            "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-k nothing'\n",
            "setup.cfg": "[tool:pytest]\naddopts = --co\n",
            "tox.ini": "[pytest]\naddopts = --co\n",
            ".report.xml": "<testsuite/>\n",
        },
        {"pytest/__init__.py": "", "pytest/__main__.py": "raise SystemExit(0)\n"},
        {"app/core.py": WRONG + "import os\nos._exit(0)\n"},
        {"app/core.py": WRONG + "raise SystemExit(0)\n"},
        {"app/core.py": WRONG + "import atexit, os\natexit.register(os._exit, 0)\n"},
        {"app/core.py": WRONG + PATCH.format("runner", "pytest_runtest_call")},
        {"app/core.py": WRONG + PATCH.format("python", "Function.runtest")},
        {"app/core.py": WRONG + "import builtins\nbuiltins.AssertionError = KeyError\n"},
        {"app/core.py": WRONG + FORGED},
        {"app/core.py": WRONG + PARENT},
        {"app/core.py": WRONG + PLUGIN + TESTS.format("test.pytest_plugins = ['app.core']")},
        {"app/core.py": WRONG + PLUGIN, "tests/test_core.py": STEERED},
        {"app/core.py": WRONG + FIXTURE + TESTS.format("test.replace = replace")},
        {"app/core.py": WRONG + REWRITES, "tests/test_a.py": "import app.core\n"},
        {"app/core.py": WRONG + LOADS, "tests/test_a.py": "import app.core\n"},
        {
            "app/core.py": WRONG + "import unittest\nunittest.TestCase.assertEqual = print\n",
            "tests/test_core.py": CASE,
        },
        {"app/core.py": WRONG + SWAPS, "tests/test_a.py": "import app.core\n" + SWAPPING},
        {"tests/test_core.py": HONEST + "\n\ndel test_r1_adds\n"},
        {"tests/test_core.py": HONEST + "\n\ntest_r1_adds.__test__ = False\n"},
        {
            "tests/test_core.py": HONEST.replace(
                "    assert", "    import os\n    os._exit(0)\n    #"
            )
        },
        {
            "tests/test_core.py": HONEST.replace(
                "    assert", "    import pytest\n    pytest.exit('', 0)\n#"
            )
        },
    ],
    ids=lambda files: " ".join(files),
)
async def test_who_wants_to_be_believed_is_not(files: dict[str, str]) -> None:
    program = {"app/core.py": WRONG, **{p: t for p, t in files.items() if "tests/" not in p}}
    checks = {"tests/test_core.py": HONEST, **{p: t for p, t in files.items() if "tests/" in p}}
    outcomes, problem = await outcomes_of(program, checks)
    assert problem or set(outcomes.values()) <= {"failed", "error"}
    assert problem or outcomes


async def test_an_error_of_one_file_leaves_the_others() -> None:
    checks = {"tests/test_a.py": "import nothing_there\n", "tests/test_core.py": HONEST}
    outcomes, problem = await outcomes_of({"app/core.py": RIGHT}, checks)
    assert outcomes == {"tests/test_a.py": "error", "tests/test_core.py::test_r1_adds": "passed"}
    assert problem == ""


async def test_every_kind_of_test_is_run() -> None:
    text = """
import subprocess, sys, unittest

import pytest

from app.core import add


class TestAdd:
    @pytest.mark.parametrize("x", [1, 2])
    def test_r1_it(self, x):
        assert add(x, 1) == x + 1


class More(unittest.TestCase):
    def test_r1_more(self):
        self.assertEqual(add(1, 1), 2)


async def test_r2_waits():
    assert add(0, 0) == 0


def test_r3_starts():
    done = subprocess.run([sys.executable, "-m", "app"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "hello\\n")


@pytest.mark.xfail(reason="later")
def test_r4_later():
    assert add(1, 1) == 3


@pytest.mark.skip(reason="no")
def test_r5_never():
    assert add(1, 1) == 3
"""
    program = {"app/core.py": RIGHT, "app/__main__.py": "print('hello')\n"}
    outcomes, problem = await outcomes_of(program, {"tests/test_core.py": text})
    assert problem == ""
    assert {test.partition("::")[2]: outcome for test, outcome in outcomes.items()} == {
        "test_r1_it[1]": "passed",
        "test_r1_it[2]": "passed",
        "test_r1_more": "passed",
        "test_r2_waits": "passed",
        "test_r3_starts": "passed",
        "test_r4_later": "skipped",
        "test_r5_never": "skipped",
    }


class Short:
    """The sandbox, with a limit that a test runs into."""

    def __init__(self, sandbox: Any, limits: SandboxLimits) -> None:
        self.sandbox, self.limits, self.tier = sandbox, limits, sandbox.tier

    async def run(self, files: Any, command: Any, **more: Any) -> Any:
        return await self.sandbox.run(files, command, **{**more, "limits": self.limits})


@pytest.mark.parametrize(
    ("body", "limits", "what"),
    [
        ("import time\n    time.sleep(600)", SandboxLimits(seconds=3), "time"),
        ("while True: pass", SandboxLimits(cpu_seconds=2), "SIGXCPU"),
        ("open('x', 'wb').write(bytes(50_000_000))", SandboxLimits(disk_mb=16), ""),
    ],
)
async def test_a_run_at_its_limit_has_failed(body: str, limits: SandboxLimits, what: str) -> None:
    checks = {"tests/test_core.py": EXITS.format(body) + "from app.core import add\n"}
    sandbox = Short(await open_sandbox("auto"), limits)
    report = await engineer(sandbox).run_tests(source({"app/core.py": RIGHT}), checks_of(checks))
    assert isinstance(report, TestsFailed)
    assert what in report.output
    assert not report.passed("R1")


VACUOUS = """
import asyncio, json, subprocess, sys, threading
from unittest.mock import ANY

import pytest

import app.core as core
from app.core import Shelf, Wrong, add, find, later, refuse

def run(*words):
    return subprocess.run([sys.executable, "-m", "app", *words], capture_output=True, text=True)

def lenient(got, wanted):
    try:
        assert got == wanted
    except AssertionError:
        print("differs")

def test_real_value():
    assert add(1, 2) == 3

def test_real_none():
    assert find("x") is None

def test_real_error():
    with pytest.raises(Wrong):
        refuse()

def test_real_built_in_error():
    with pytest.raises(TypeError):
        add("a", 1)

def test_real_exit():
    assert run().returncode == 0

def test_real_silence(capsys):
    add(1, 2)
    assert capsys.readouterr().err == ""

def test_real_round_trip():
    assert add(add(5, 2), -2) == 5

def test_real_order():
    assert add(1, 2) == add(2, 1)

def test_real_difference():
    assert add(1, 2) != add(1, 3)

def test_real_yes_and_no():
    assert Shelf().free()

def test_real_wait():
    while not Shelf().free():
        pass

def test_real_no():
    assert not Shelf().full()

def test_real_state():
    shelf = Shelf()
    shelf.put("a")
    assert shelf.things == ["a"]

def test_real_state_is_empty():
    shelf = Shelf()
    shelf.put("a")
    shelf.clear()
    assert len(shelf.things) == 0

def test_real_loop():
    for n in range(50):
        assert add(n, 0) == n

async def test_real_waits():
    assert await later(2) == 2

@pytest.mark.xfail(reason="it was so once")
def test_real_though_not_expected():
    assert add(1, 2) == 3

@pytest.mark.parametrize("things", [[], ["a"]])
def test_real_cases(things):
    shelf = Shelf()
    for thing in things:
        shelf.put(thing)
        assert shelf.things == things

class TestOne:
    def test_real_twin(self):
        assert add(1, 2) == 3

class TestTwo:
    def test_real_twin(self):
        add(1, 2)

def test_empty_true():
    assert True

def test_empty_return():
    return

def test_empty_there():
    assert callable(add)

def test_empty_patched(monkeypatch):
    monkeypatch.setattr(core, "add", lambda a, b: 3)
    assert core.add(1, 2) == 3

def test_empty_call():
    add(2, 3)

async def test_empty_waits():
    await later(2)

def test_empty_state():
    shelf = Shelf()
    shelf.put("a")
    assert shelf.things == shelf.things

def test_empty_same():
    assert add(2, 3) == add(2, 3)

def test_empty_pair():
    assert (add(2, 3) == 6, "sum")

def test_empty_or():
    assert add(2, 3) == 6 or True

def test_empty_any():
    assert add(2, 3) == ANY

def test_empty_not_none():
    assert add(2, 3) is not None

def test_empty_helper():
    lenient(add(2, 3), 6)

def test_empty_if():
    if add(2, 3) == 6:
        assert add(2, 3) == 6

def test_empty_inner():
    async def check():
        assert add(2, 3) == 6
    add(2, 3)
    check().close()

@pytest.mark.filterwarnings("ignore")
def test_empty_thread():
    def check():
        assert add(2, 3) == 6
    thread = threading.Thread(target=check)
    thread.start()
    thread.join()

@pytest.mark.filterwarnings("ignore")
def test_empty_returns():
    return add(2, 3) == 6

def test_empty_arithmetic():
    print(f"{1 + add(2, 3):5}", [*Shelf().things], add(2, 3) > 9)

def test_empty_silent():
    said = json.loads(run("{}").stdout)
    try:
        assert said == 6
    except AssertionError:
        print("differs")
"""
CORE = (
    RIGHT
    + """
class Wrong(Exception):
    pass

def find(x):
    return None

def refuse():
    raise Wrong

async def later(x):
    return x

class Shelf:
    def __init__(self):
        self.things = []
    def put(self, thing):
        self.things.append(thing)
    def clear(self):
        self.things.clear()
    def free(self):
        return not self.things
    def full(self):
        return len(self.things) > 9
"""
)


async def test_what_passes_on_an_empty_program_is_vacuous() -> None:
    main = "import sys\nprint(*sys.argv[1:])\n"
    program = source({"app/core.py": CORE, "app/__main__.py": main})
    checks = checks_of({"tests/test_core.py": VACUOUS})
    outcomes, _, problem = await judged(await open_sandbox("auto"), program, checks)
    assert problem == ""
    assert [o for o in outcomes if o.outcome != "passed"] == []
    assert len(outcomes) == VACUOUS.count("def test_") + 1  # one has two cases
    assert [o.test for o in outcomes if o.vacuous != ("test_empty" in o.test)] == []


async def test_vacuous_and_skipped_tests_meet_no_requirement() -> None:
    text = "import pytest\nfrom app.core import add\n"
    text += "def test_r1_x():\n    assert True\ndef test_r2_x():\n    pytest.skip('no')\n"
    text += "def test_r3_x():\n    assert add(1, 2) == 3\n"
    qa = engineer(await open_sandbox("auto"))
    report = await qa.run_tests(
        source({"app/core.py": RIGHT}), checks_of({"tests/test_core.py": text})
    )
    assert isinstance(report, TestsPassed)
    assert [report.passed(name) for name in ("R1", "R2", "R3", "R4")] == [False, False, True, False]


async def test_without_a_sandbox_tests_are_not_run() -> None:
    qa = engineer(SandboxUnavailable("No sandbox confines here.", "See `metaco doctor`."))
    program, checks = source({"app/core.py": RIGHT}), checks_of({"tests/test_core.py": HONEST})
    report = await qa.run_tests(program, checks)
    assert isinstance(report, TestsNotRun)
    assert "No sandbox confines here." in report.output
    assert not report.passed("R1")
