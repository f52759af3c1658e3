"""Puts programs of the handbook on disk and tries them, for the tests of the families."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from metaco.roles.handbook import Program

RUFF = Path(sys.executable).parent / "ruff"


def write(program: Program, folder: Path) -> Path:
    """Write the program with its tests into a folder of its own and return that."""
    home = folder / f"project_{program.name}"
    (home / program.name).mkdir(parents=True)
    (home / "tests").mkdir()
    (home / program.name / "__init__.py").write_text(f'"""{program.summary}"""\n')
    for source in program.sources:
        (home / source.path).write_text(source.content, encoding="utf-8")
        stem = Path(source.path).stem.strip("_")
        (home / "tests" / f"test_{stem}.py").write_text(source.tests, encoding="utf-8")
    return home


def check_papers(program: Program) -> None:
    """Check that items, sources and tests belong together."""
    ids = [item.id for item in program.items]
    assert ids == [f"R{number}" for number in range(1, len(ids) + 1)]
    assert re.fullmatch(r"[a-z][a-z0-9_]{0,39}", program.name)
    assert any(item.priority == "P0" for item in program.items)
    assert all(item.acceptance for item in program.items)
    assert {id for source in program.sources for id in source.requirements} == set(ids)
    assert f"{program.name}/__main__.py" in [source.path for source in program.sources]
    for source in program.sources:
        assert source.requirements, source.path
        heads = re.findall(r"^def (test_\w+)", source.tests, flags=re.MULTILINE)
        assert heads and all(re.match(r"test_(?:r\d+_)+", head) for head in heads), source.path
        assert len(set(heads)) == len(heads), source.path
        assert "{{" not in source.content and "{%" not in source.content
    for text in (program.summary, program.ui, program.approach):
        assert text.strip()
    assert program.goals and program.stories and program.rivals and program.flow and program.run
    for x, y in [program.place, *((rival.x, rival.y) for rival in program.rivals)]:
        assert 0 <= x <= 1 and 0 <= y <= 1


def start(*command: str, folder: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command with an empty input."""
    return subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": ""},
    )


_SHOW = """
import contextlib, io, json, os, runpy, sys
for home, lines in json.load(open(sys.argv[1])):
    os.chdir(home)
    sys.path.insert(0, home)
    for module, arguments in lines:
        sys.argv, code = [module, *arguments], 0
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            try:
                runpy.run_module(module, run_name="__main__", alter_sys=True)
            except SystemExit as left:
                code = left.code or 0
        assert code == 0 and shown.getvalue(), (home, module, arguments, code)
    sys.path.remove(home)
"""
"""Runs the lines that show programs in use, all in one process: starting Python is what costs."""


def check_programs(
    programs: list[Program], folder: Path, *, not_started: Collection[str] = ()
) -> None:
    """Check the programs at once: ruff, their own tests, every line that shows them in use.

    Args:
        not_started: names of programs whose `test_main.py` is left out; it starts half a dozen
            processes, which a few programs of a family are enough for.
    """
    homes = [write(program, folder) for program in programs]
    for home in homes if RUFF.exists() else []:
        lint = start(str(RUFF), "check", "--isolated", "-q", "--no-cache", ".", folder=home)
        assert lint.returncode == 0, lint.stdout
    left_out = [f"--ignore={folder / f'project_{name}'}/tests/test_main.py" for name in not_started]
    tests = start(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio",
        "--import-mode=importlib", "--assert=plain", "-W", "error", *left_out,
        *(str(home / "tests") for home in homes),
        folder=folder, path=os.pathsep.join(map(str, homes)),
    )  # fmt: skip
    assert tests.returncode == 0, tests.stdout[-6000:] + tests.stderr[-2000:]
    shows = []
    for program, home in zip(programs, homes, strict=True):
        commands = [shlex.split(line) for line in program.run]
        assert all(command[:2] == ["python", "-m"] for command in commands)
        shows.append((str(home), [(command[2], command[3:]) for command in commands]))
    plan = folder / "shows.json"
    plan.write_text(json.dumps(shows), encoding="utf-8")
    shown = start(sys.executable, "-c", _SHOW, str(plan), folder=folder)
    assert shown.returncode == 0 and not shown.stderr, shown.stderr[-3000:]
