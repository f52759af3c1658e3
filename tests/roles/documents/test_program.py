"""The files of a program: their paths, and a project that can be run, tested and built."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from hostile_markdown import tokens
from pydantic import ValidationError

from metaco.core.document import Document
from metaco.roles.documents import (
    SourceFile,
)
from metaco.roles.documents.program import packaging
from tests.roles import example


def test_what_is_written_has_a_safe_path() -> None:
    assert SourceFile(path="./a//b.py", content="").key == "a/b.py"
    with pytest.raises(ValidationError, match="belongs to git"):
        SourceFile(path=".git/config", content="")


def write(root: Path, *documents: Document) -> None:
    for document in documents:
        for path, text in document.artifacts().items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


def outcomes(root: Path) -> dict[str, str]:
    """Run the tests of the project and return what each said."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "-p", "no:cacheprovider"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    lines = re.findall(r"^(PASSED|FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return {test: outcome.lower() for outcome, test in lines}


def test_the_example_is_what_it_says(tmp_path: Path) -> None:
    write(tmp_path, example.PRD_, example.DESIGN, example.PLAN, *example.SOURCES, *example.TESTS)
    assert outcomes(tmp_path) == {o.test: o.outcome for o in example.PASSED.outcomes}
    write(tmp_path, example.BROKEN)
    assert outcomes(tmp_path) == {o.test: o.outcome for o in example.FAILED.outcomes}


def test_the_commands_of_the_readme_work(tmp_path: Path) -> None:
    write(tmp_path, example.DESIGN, example.PLAN, *example.SOURCES)
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    block = next(t.content for t in tokens(readme) if "expenses add" in t.content)
    for command in block.splitlines():
        command = command.replace("python", f'"{sys.executable}"', 1)
        done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_project_can_be_built_with_its_data(tmp_path: Path) -> None:
    data = SourceFile(path="expenses/data/categories.json", content="[]\n")
    write(tmp_path, example.DESIGN, example.PLAN, *example.SOURCES, data)
    about = tomllib.loads((tmp_path / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (about["name"], about["version"], about["dependencies"]) == ("expenses", "0.1.0", [])
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"expenses/__init__.py", "expenses/cli.py", "expenses/data/categories.json"} < set(names)
    assert not [name for name in names if name.startswith(("tests", "docs"))]


def test_dependencies_are_those_of_the_plan() -> None:
    files = packaging("todo", ["rich>=13", "requests[socks]"])
    assert tomllib.loads(files["pyproject.toml"])["project"]["dependencies"] == [
        "rich>=13",
        "requests[socks]",
    ]
    assert compile(files["todo/__init__.py"], "x", "exec").co_consts
