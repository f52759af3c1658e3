"""The programs that ship: each is a sound small project, for every value of its parameters."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from metaco.core.document import Requirement
from metaco.models.offline import answers
from metaco.models.offline.program import Definition, Program, assemble, definitions
from metaco.models.offline.reading import find
from metaco.models.offline.schema import Fields
from metaco.roles.architect import Architect
from metaco.roles.engineer import Engineer
from metaco.roles.product_manager import ProductManager
from metaco.roles.programmer import Programmer
from metaco.roles.project_manager import ProjectManager
from metaco.roles.qa_engineer import QAEngineer
from metaco.testing import act

PROGRAMS = definitions()
SCHEMAS = {
    "low": "notes: title, text (text)",
    "high": "bottles: name, country, year, price, bought (date), rating (number),"
    " drunk (yes/no), colour (red, white or rose)",
}
WISHES = {
    "calculator": "a calculator",
    "hangman": "hangman",
    "markdown": "convert markdown to html",
    "organiser": "a file organiser",
    "passwords": "a password generator",
    "records": "a todo list with title, due date and priority",
    "snake": "a snake game",
    "tictactoe": "tic-tac-toe",
    "units": "a unit converter",
    "wordcount": "a word counter",
}


def extreme(definition: Definition, which: str) -> dict[str, Any]:
    """Return the lowest or the highest value of each parameter."""
    values: dict[str, Any] = {}
    for name, each in definition.parameters.items():
        default = definition.defaults()[name]
        if each.type == "schema":
            taken = Fields("").match(SCHEMAS[which], 0)
            assert taken and taken[0] == len(SCHEMAS[which])
            values[name] = taken[1]
        elif each.type == "bool":
            values[name] = (not default) if which == "low" else default
        elif each.type == "choice":
            choices = each.choices or list(each.wish)
            values[name] = choices[0 if which == "low" else -1]
        elif each.type in ("int", "float"):
            bound = each.min if which == "low" else each.max
            assert bound is not None, f"{name} has no bounds"
            values[name] = int(bound) if each.type == "int" else float(bound)
    return values


def written(program: Program, folder: Path) -> Path:
    """Write a program as a project."""
    for file in program.files:
        for path, content in ((file.path, file.content), (file.tests_path, file.tests)):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
    (folder / program.name / "__init__.py").write_text('"""The package."""\n', encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """All programs with all parameters low and high, by names of their own."""
    root = tmp_path_factory.mktemp("projects")
    made = {}
    for definition in PROGRAMS:
        for which in ("low", "high"):
            name = f"{definition.name}_{which}"
            program = assemble(definition, extreme(definition, which), name=name)
            made[name] = written(program, root / name)
    return made


def test_there_are_the_programs_that_are_named() -> None:
    assert [each.name for each in PROGRAMS] == sorted(WISHES)
    assert {find(wish).texts.folder.name: find(wish).losses for wish in WISHES.values()} == {
        name: [] for name in WISHES
    }


def test_their_own_tests_pass_as_they_lie_there_and_at_the_extremes(
    projects: dict[str, Path],
) -> None:
    done = run_suites([*(each.folder for each in PROGRAMS), *projects.values()], "-x")
    assert done.returncode == 0, done.stdout[-4000:]


def run_suites(folders: list[Path], *options: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of many projects in one process."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    common = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--import-mode=importlib"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *common, "-c", "/dev/null", *options, *folders],
        env=environment,
        capture_output=True,
        text=True,
    )


def test_a_bug_made_on_purpose_is_found_by_their_tests(tmp_path: Path) -> None:
    folders = []
    for definition in PROGRAMS:
        program = assemble(definition, name=f"{definition.name}_bug")
        wrong = answers.contents(program, "one-bug")
        files = [replace(file, content=wrong[file.path]) for file in program.files]
        folders.append(written(replace(program, files=files), tmp_path / program.name))
    done = run_suites(folders, "--tb=no", "-rfE")
    missed = [each.name for each in folders if f"{each.name}/tests/" not in done.stdout]
    assert missed == []


def test_they_are_clean(projects: dict[str, Path]) -> None:
    folders = [*(str(each.folder) for each in PROGRAMS), *map(str, projects.values())]
    config = str(Path(__file__).parents[3] / "pyproject.toml")
    for command in (["check", "--ignore", "I"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--config", config, "--no-cache"]
        done = subprocess.run([*ruff, *folders], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("definition", PROGRAMS, ids=lambda each: each.name)
def test_the_lines_that_show_it_in_use_end_well(
    definition: Definition, projects: dict[str, Path]
) -> None:
    name = f"{definition.name}_high"
    program = assemble(definition, extreme(definition, "high"), name=name)
    for line in program.texts.run:
        words = shlex.split(line)
        assert words[:3] == ["python", "-m", name]
        done = subprocess.run(
            [sys.executable, *words[1:]],
            cwd=projects[name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, line + done.stderr


@pytest.mark.parametrize("definition", PROGRAMS, ids=lambda each: each.name)
async def test_all_documents_pass_the_checks_of_their_roles(definition: Definition) -> None:
    requirement = Requirement(text=f"{WISHES[definition.name]}, called good_{definition.name}")
    findings: list[str] = []
    asked: dict[str, Any] = {"model": "offline", "findings": findings}
    prd = await act(ProductManager, "write_prd", requirement, **asked)
    design = await act(Architect, "write_design", prd, **asked)
    plan = await act(ProjectManager, "plan_tasks", design, prd, **asked)
    tasks = await act(ProjectManager, "split", plan, design, prd, **asked)
    assert prd.project_name == design.package == plan.package == f"good_{definition.name}"
    for task in tasks:
        file = await act(Engineer, "write_file", task, **asked)
        tests = await act(QAEngineer, "write_tests", task, **asked)
        assert f"good_{definition.name}" in file.content + tests.content
    outline = await act(Programmer, "outline", requirement, **asked)
    files = await act(Programmer, "write_program", outline, **asked)
    assert findings == []
    assert len(files) == 2 * len(tasks)
    assert outline.requirements == prd.requirements
    served = {one for file in design.files for one in file.requirements}
    assert served == {item.id for item in prd.requirements}


@pytest.mark.parametrize("definition", PROGRAMS, ids=lambda each: each.name)
def test_what_a_wish_may_say_stands_in_a_requirement(definition: Definition) -> None:
    texts = " ".join(each.text for each in definition.requirements)
    patterns = [p for each in definition.requirements for p in each.wish]
    for name, each in definition.parameters.items():
        shown = "{fields}" if each.type == "schema" else f"{{{name}}}"
        assert shown in texts, f"no requirement says {name}"
        if isinstance(each.wish, dict):
            patterns += [pattern for values in each.wish.values() for pattern in values]
        elif each.type == "bool":
            patterns += each.wish
        else:
            assert [re.compile(pattern).groups for pattern in each.wish] == [1] * len(each.wish)
    numbers = [pattern for pattern in patterns if r"\d" in pattern]
    assert numbers == []  # they would take any number and mean none
    for which in ("low", "high"):
        program = assemble(definition, extreme(definition, which))
        text = " ".join(each.text for each in program.texts.requirements)
        assert not re.search(r"\{[a-z_]+\}", text)
        for name, value in extreme(definition, which).items():
            if definition.parameters[name].type != "schema":
                assert definition.parameters[name].words(value) in text


@pytest.mark.parametrize("definition", PROGRAMS, ids=lambda each: each.name)
def test_sources_are_typed_documented_and_of_the_standard_library(definition: Definition) -> None:
    for source in definition.sources:
        tree = ast.parse(definition.source(source.file))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                assert node.returns is not None, node.name
                assert all(a.annotation for a in node.args.args if a.arg not in ("self", "cls"))
            if isinstance(node, ast.Import):
                names = [alias.name.partition(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [(node.module or "").partition(".")[0]]
            else:
                continue
            assert {*names} <= {*sys.stdlib_module_names, definition.name}
        functions = [n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        assert all(ast.get_docstring(n) for n in functions if not n.name.startswith("_"))
