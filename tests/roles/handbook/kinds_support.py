"""Writes the programs of the handbook and tries them: their tests, run lines, ruff, --help."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from metaco.roles.handbook import Program

__all__ = ["check_document", "check_runs", "check_tests", "write"]


def write(program: Program, folder: Path) -> Path:
    """Write a program as it would lie in the workspace and return its folder."""
    root = folder / "project"  # not the package's name, which the tests import
    for source in program.sources:
        path = root / source.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source.content, encoding="utf-8")
        tests = root / "tests" / f"test_{Path(source.path).stem.strip('_')}.py"
        tests.parent.mkdir(exist_ok=True)
        tests.write_text(source.tests, encoding="utf-8")
    (root / program.name / "__init__.py").write_text(f'"""{program.name}."""\n')
    return root


def check_tests(roots: list[Path]) -> None:
    """Run ruff over all programs, and the tests of each with warnings as errors."""
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length", "130"]
    done = subprocess.run(
        [*ruff, "--select", "E,F,W,B", *map(str, roots)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    # One process for all: the test files have the same names, hence importlib.
    paths = os.pathsep.join(map(str, roots))
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--tb=short", "-p", "no:cacheprovider"]
    command += ["-p", "no:asyncio", "--import-mode=importlib", "-W", "error"]
    done = subprocess.run(
        [
            *command,
            "--rootdir",
            str(roots[0].parent.parent),
            *(str(root / "tests") for root in roots),
        ],
        cwd=roots[0].parent.parent,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def check_runs(program: Program, root: Path, folder: Path) -> None:
    """Execute the run lines in order in a fresh folder with no standard input."""
    folder.mkdir()
    for line in [f"python -m {program.name} --help", *program.run]:
        words = shlex.split(line)
        assert words[0] == "python"
        done = subprocess.run(
            [sys.executable, *words[1:]],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(root)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        assert done.stdout or line.startswith("python -c") or " -o " in line, line


def check_document(program: Program) -> None:
    """Check what PRD and design are made of."""
    ids = [item.id for item in program.items]
    assert ids == [f"R{number}" for number in range(1, len(ids) + 1)]
    assert any(item.priority == "P0" for item in program.items)
    assert all(item.acceptance and all(item.acceptance) for item in program.items)
    covered = {id for source in program.sources for id in source.requirements}
    assert covered == set(ids), f"{program.name}: not tested: {set(ids) - covered}"
    paths = [source.path for source in program.sources]
    assert f"{program.name}/__main__.py" in paths
    assert len(program.rivals) >= 3
    assert all(0 <= rival.x <= 1 and 0 <= rival.y <= 1 for rival in program.rivals)
    texts = [program.summary, program.ui, program.approach, *program.goals, *program.stories]
    assert all(text.strip() and "{{" not in text for text in texts)
    assert all(isinstance(text, str) for text in [*program.run, *program.conventions])
