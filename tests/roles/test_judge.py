"""Programs and tests that want to be believed, in the real sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from metaco.errors import SandboxUnavailable
from metaco.role import Context
from metaco.roles.project_manager import SourceFile, TestFile
from metaco.roles.qa_engineer import QAEngineer, TestsFailed, TestsNotRun, TestsPassed
from metaco.roles.qa_engineer.run import judged, run
from metaco.sandbox import Limits, open_sandbox

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


async def said(program: dict[str, str], checks: dict[str, str]) -> tuple[dict[str, str], str]:
    """Return what the tests said, and what was wrong with their run."""
    outcomes, _, problem = await run(await open_sandbox("auto"), source(program), checks_of(checks))
    return {outcome.test: outcome.outcome for outcome in outcomes}, problem


async def test_the_honest_are_believed() -> None:
    checks = {"tests/test_core.py": HONEST}
    test = "tests/test_core.py::test_r1_adds"
    assert await said({"app/core.py": RIGHT}, checks) == ({test: "passed"}, "")
    assert await said({"app/core.py": WRONG}, checks) == ({test: "failed"}, "")


PATCH = "import _pytest.{0}\n_pytest.{0}.{1} = lambda *a, **k: None\n"
FORGED = "import os\nfor n in range(64):\n    try:\n        os.write(n, b'{}')\n"
FORGED += "    except OSError:\n        pass\n"
PARENT = "import os\nopen(f'/proc/{os.getppid()}/fd/1', 'w').write('{}')\n"


@pytest.mark.parametrize(
    "files",
    [
        {"conftest.py": "collect_ignore_glob = ['*']\n"},
        {"tests/conftest.py": "def pytest_pyfunc_call(pyfuncitem):\n    return True\n"},
        {"pytest.py": "raise SystemExit(0)\n"},
        {"pytest/__init__.py": "", "pytest/__main__.py": "raise SystemExit(0)\n"},
        {"_pytest/__init__.py": "raise SystemExit(0)\n"},
        {"json.py": "def dumps(*a):\n    return '{}'\n"},
        {"sitecustomize.py": "import os\nos._exit(0)\n"},
        {"pytest.ini": "[pytest]\naddopts = --deselect tests/test_core.py\n"},
        {"pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-k nothing'\n"},
        {"setup.cfg": "[tool:pytest]\naddopts = --co\n", "tox.ini": "[pytest]\naddopts = --co\n"},
        {".report.xml": "<testsuite/>\n"},
        {"app/core.py": WRONG + "import os\nos._exit(0)\n"},
        {"app/core.py": WRONG + "raise SystemExit(0)\n"},
        {"app/core.py": WRONG + "import atexit, os\natexit.register(os._exit, 0)\n"},
        {"app/core.py": WRONG + PATCH.format("runner", "pytest_runtest_call")},
        {"app/core.py": WRONG + PATCH.format("python", "Function.runtest")},
        {"app/core.py": WRONG + "import builtins\nbuiltins.AssertionError = KeyError\n"},
        {"app/core.py": WRONG + FORGED},
        {"app/core.py": WRONG + PARENT},
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
    outcomes, problem = await said(program, checks)
    assert problem or set(outcomes.values()) <= {"failed", "error"}
    assert problem or outcomes


async def test_an_error_of_one_file_leaves_the_others() -> None:
    checks = {"tests/test_a.py": "import nothing_there\n", "tests/test_core.py": HONEST}
    outcomes, problem = await said({"app/core.py": RIGHT}, checks)
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
    outcomes, problem = await said(program, {"tests/test_core.py": text})
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

    def __init__(self, sandbox: Any, limits: Limits) -> None:
        self.sandbox, self.limits, self.tier = sandbox, limits, sandbox.tier

    async def run(self, files: Any, command: Any, **more: Any) -> Any:
        return await self.sandbox.run(files, command, **{**more, "limits": self.limits})


@pytest.mark.parametrize(
    ("body", "limits", "what"),
    [
        ("import time\n    time.sleep(600)", Limits(seconds=3), "time"),
        ("while True: pass", Limits(cpu_seconds=2), "SIGXCPU"),
        ("open('x', 'wb').write(bytes(50_000_000))", Limits(disk_mb=16), ""),
    ],
)
async def test_a_run_at_its_limit_has_failed(body: str, limits: Limits, what: str) -> None:
    checks = {"tests/test_core.py": EXITS.format(body) + "from app.core import add\n"}
    sandbox = Short(await open_sandbox("auto"), limits)
    report = await engineer(sandbox).run_tests(source({"app/core.py": RIGHT}), checks_of(checks))
    assert isinstance(report, TestsFailed)
    assert what in report.output
    assert not report.passed("R1")


HOLLOW = """
import subprocess, sys

import pytest

import app.core as core
from app.core import Wrong, add, find, refuse


def test_real_value():
    assert add(1, 2) == 3


def test_real_none():
    assert find("x") is None


def test_real_error():
    with pytest.raises(Wrong):
        refuse()


def test_real_exit():
    assert subprocess.run([sys.executable, "-m", "app"]).returncode == 0


def test_empty_true():
    assert True


def test_empty_return():
    return


def test_empty_there():
    assert callable(add)


def test_empty_patched(monkeypatch):
    monkeypatch.setattr(core, "add", lambda a, b: 3)
    assert core.add(1, 2) == 3
"""


async def test_what_passes_on_an_empty_program_proves_nothing() -> None:
    more = "class Wrong(Exception):\n    pass\n\n\ndef find(x):\n    return None\n\n\n"
    core = RIGHT + more + "def refuse():\n    raise Wrong\n"
    program = source({"app/core.py": core, "app/__main__.py": ""})
    checks = checks_of({"tests/test_core.py": HOLLOW})
    outcomes, _, problem = await judged(await open_sandbox("auto"), program, checks)
    assert problem == ""
    assert {outcome.outcome for outcome in outcomes} == {"passed"}
    assert len(outcomes) == 8
    for outcome in outcomes:
        assert outcome.hollow == ("test_empty" in outcome.test), outcome


async def test_hollow_and_skipped_tests_meet_nothing() -> None:
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
