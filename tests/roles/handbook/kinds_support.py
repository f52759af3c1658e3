"""Writes the programs of the handbook and tries them: their tests, run lines, ruff, --help."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from metaco.roles.handbook import Program
from metaco.roles.handbook.kinds import best
from metaco.roles.handbook.reading import read

__all__ = ["check_every_kind", "check_programs", "check_runs"]


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


# Runs each line in a process of its own. They are forks of one that has the standard library's
# modules loaded already, because starting Python anew for hundreds of lines takes a minute.
_RUNNER = """
import argparse, csv, datetime, decimal, fractions, hashlib, json, os, pathlib, re, runpy, sys
answers = []
for root, folder, words in json.load(sys.stdin):
    out = os.open(os.path.join(root, "out"), os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    err = os.open(os.path.join(root, "err"), os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1), os.dup2(err, 2)
        sys.stdin = open(0, encoding="utf-8", closefd=False)
        os.chdir(folder)
        sys.path.insert(0, root)
        code = 0
        try:
            sys.argv = words[1:]
            if words[0] == "-c":
                exec(words[1], {"__name__": "__main__"})
            else:
                runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else stop.code is not None
        except BaseException:
            sys.excepthook(*sys.exc_info())
            code = 1
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    texts = [os.pread(fd, 10**6, 0).decode() for fd in (out, err)]
    os.close(out), os.close(err)
    answers.append([code, *texts])
print(json.dumps(answers))
"""


def check_runs(programs: list[Program], folder: Path) -> None:
    """Execute the run lines of each program in order, in a fresh folder, with no input."""
    jobs = []
    for number, program in enumerate(programs):
        root = write(program, folder / str(number))
        fresh = folder / str(number) / "fresh"
        fresh.mkdir()
        for line in [f"python -m {program.name} --help", *program.run]:
            python, *words = shlex.split(line)
            assert python == "python" and words[0] in ("-c", "-m"), line
            jobs.append((str(root), str(fresh), words))
    done = subprocess.run(
        [sys.executable, "-c", _RUNNER], input=json.dumps(jobs), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    for (_, _, words), (code, out, err) in zip(jobs, json.loads(done.stdout), strict=True):
        line = shlex.join(words)
        assert code == 0, f"{line}\n{out}{err}"
        assert "Traceback" not in err, f"{line}\n{err}"
        assert out or words[0] == "-c" or "-o" in words, line


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


def check_every_kind(family: Any, lines: Sequence[str]) -> None:
    """Look whether `lines` try every kind of program that a family has."""
    tried = {best(family.kinds(), read(line)).file for line in lines}
    assert tried == {kind.file for kind in family.kinds()}


def check_programs(family: Any, lines: Sequence[str], folder: Path) -> None:
    """Make the programs for `lines`, and run the tests of each."""
    programs = [family.program(read(line)) for line in lines]
    for program in programs:
        check_document(program)
    # Programs of one name go to different processes.
    rounds: list[list[Path]] = []
    seen: dict[str, int] = {}
    for number, program in enumerate(programs):
        at = seen[program.name] = seen.get(program.name, -1) + 1
        if at == len(rounds):
            rounds.append([])
        rounds[at].append(write(program, folder / str(number)))
    for roots in rounds:
        check_tests(roots)
