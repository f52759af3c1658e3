"""What a run printed is the same text wherever Python and the sandbox lie."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

from metaco.sandbox.portable import portable

ROOT = Path(__file__).parents[2]
LIBRARY = sysconfig.get_path("stdlib")
PACKAGES = site.getsitepackages()[0]
BELOW_ROOT = LIBRARY.lstrip("/")
TESTS = """
import json, pathlib, subprocess, sys, unittest

def test_r1_goes_through_the_library():
    json.loads("{")

def test_r2_no_file():
    pathlib.Path("nothing.txt").absolute().read_text()

def test_r3_another_process():
    code = "import unittest; unittest.TestCase().assertEqual(1, 2)"
    print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr)
    subprocess.run([sys.executable, "-c", code], check=True)

class Case(unittest.TestCase):
    def test_r4_unit(self):
        with self.assertRaises(ValueError):
            json.loads("{}", cls=json)
"""
RUNS = f"""
import asyncio
from metaco.roles.documents import TestFile
from metaco.roles.qa_engineer.run import run
from metaco.sandbox import open_sandbox

async def main():
    checks = [TestFile(path="tests/test_core.py", content={TESTS!r})]
    outcomes, _, problem = await run(await open_sandbox("off"), [], checks)
    print(problem, *(f"{{o.test}} {{o.outcome}}: {{o.message}}" for o in outcomes), sep="\\n")

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="links and folders of another kind")
@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        (f"{LIBRARY}/json/decoder.py:353: in raw_decode", "<python>/json/decoder.py:353: in raw_"),
        (f"{os.path.realpath(LIBRARY)}/os.py:1: in f", "<python>/os.py:1: in f"),
        (f'File "{PACKAGES}/yaml/__init__.py", line 1', 'File "<python>/yaml/__init__.py", line 1'),
        (f"../../{BELOW_ROOT}/os.py:1: in f", "<python>/os.py:1: in f"),
        (f"../{'/'.join(LIBRARY.split('/')[-2:])}/os.py:1: in f", "<python>/os.py:1: in f"),
        (rf"'no\n{LIBRARY}/os.py'", r"'no\n<python>/os.py'"),
        (f"['{sys.executable}', '-m', 'app']", "['python', '-m', 'app']"),
        (f"{os.path.realpath(sys.executable)}: No module", "python: No module"),
        # What only looks like one of them stays.
        (f"/srv{LIBRARY}/os.py", f"/srv{LIBRARY}/os.py"),
        (f"{LIBRARY}x/os.py", f"{LIBRARY}x/os.py"),
        (f"{sys.executable}-config", f"{sys.executable}-config"),
        ("tests/test_core.py:3: in test_r1", "tests/test_core.py:3: in test_r1"),
    ],
)
def test_what_is_of_this_machine_gets_a_name(printed: str, kept: str) -> None:
    assert portable(printed).startswith(kept)


def test_the_sandbox_is_called_as_if_it_had_a_file_system_of_its_own(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (temporary / "a", temporary / "b"):
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        assert portable(f"'{folder}/metaco-sandbox-a_b1c2d3/tmp/x'") == "'/sandbox/tmp/x'"
        assert portable(f"{folder}/mine/x") == f"{folder}/mine/x"


def printed_in(home: Path) -> str:
    """Return what tests print under a Python of its own, below `home`."""
    (home / "tmp").mkdir(parents=True)
    (home / "python").symlink_to(sys.base_prefix)
    base = home / "python" / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    subprocess.run([base, "-m", "venv", "--without-pip", home / "venv"], check=True, timeout=60)
    (packages,) = (home / "venv").glob("lib/python3*/site-packages")
    ours = "\n".join([str(ROOT), *site.getsitepackages()])  # pytest, pydantic
    (packages / "ours.pth").write_text(f"{ours}\n", encoding="utf-8")
    done = subprocess.run(
        [home / "venv" / "bin" / "python", "-c", RUNS],
        env={"HOME": str(home), "TMPDIR": str(home / "tmp"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="links and folders of another kind")
def test_failures_read_the_same_under_another_home_and_python(temporary: Path) -> None:
    here, there = temporary / "home" / "here", temporary / "söme where" / "else" / "and" / "deeper"
    text = printed_in(here)
    assert text.count(" failed: ") == 4
    assert "<python>/json/decoder.py:" in text and "<python>/pathlib" in text
    assert "'/sandbox/project/nothing.txt'" in text and "Command '['python', '-c'" in text
    assert not [word for word in (str(temporary), "..", sys.base_prefix) if word in text]
    assert printed_in(there) == text
