"""What plain code sees in sources and tests before anything is run."""

from __future__ import annotations

import pytest

from metaco.roles import python_tests
from metaco.roles.documents import RequirementItem, Task
from metaco.roles.python_source import violations

ADD = "class Store:\n    def add(self, name: str, note: str = '') -> int:\n        return 1\n"


def task(**changes: object) -> Task:
    facts: dict[str, object] = {
        "path": "shop/store.py",
        "tests": "tests/test_store.py",
        "package": "shop",
        "summary": "A shop.",
        "language": "en",
        "conventions": [],
        "packages": ["PyYAML>=6"],
        "files": ["shop/store.py: stores", "shop/cli.py: the command line"],
        "notes": "",
        "offers": [
            "class Store:  # stores\n    size: int = 0\n    def add(self, name: str) -> int",
            "def main(argv: list[str] | None = None) -> int  # starts it",
        ],
        "uses": [],
        "depends_on": [],
        "requirements": [
            RequirementItem(id="R1", priority="P0", text="Add things.", acceptance=["It works."])
        ],
        "run": [],
    }
    return Task.model_validate({**facts, **changes})


def main_too(source: str) -> str:
    return f"{source}\n\ndef main(argv=None):\n    return 0\n"


def test_a_file_that_keeps_its_promises_has_no_gaps() -> None:
    assert violations(main_too(ADD), task()) == []


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        ("def main(:\n", "does not parse in line 1"),
        ("x = 1\n", "Store is promised"),
        (main_too("class Store:\n    pass\n"), "Store.add is promised"),
        (main_too("class Store:\n    def add(self): return 1\n"), "others call it with (name)"),
        (main_too("class Store:\n    def add(self, name, x): return 1\n"), "takes (name, x)"),
        (main_too("import numpy\n" + ADD), "imports numpy"),
        (main_too("from shop.gone import x\n" + ADD), "imports shop.gone"),
        (main_too("from .gone import x\n" + ADD), "imports shop.gone"),
        (main_too(ADD) + "def left():\n    ...\n", "left has no body"),
        (main_too(ADD) + "def left():\n    raise NotImplementedError\n", "left has no body"),
        (main_too(ADD) + "# TODO: the rest\n", "left out"),
        (main_too("# ... rest of the class as before\n" + ADD), "left out"),
    ],
)
def test_gaps_are_named(source: str, finding: str) -> None:
    found = violations(source, task())
    assert any(finding in gap for gap in found), found


@pytest.mark.parametrize(
    "source",
    [
        "import yaml, json, sqlite3\n" + ADD,
        "from shop.cli import run\n" + ADD,
        "from . import cli\n" + ADD,
        "from dataclasses import dataclass\n\n@dataclass\nclass Store(dict):\n    pass\n",
        "class Store:\n    def add(self, *args, **kwargs):\n        return 1\n",
        ADD + "import abc\n\nclass B(abc.ABC):\n    @abc.abstractmethod\n    def f(self): ...\n",
    ],
)
def test_what_is_fine_is_left_alone(source: str) -> None:
    assert violations(main_too(source), task()) == []


def test_data_files_are_read_too() -> None:
    assert "not valid JSON" in violations("{", task(path="shop/words.json"))[0]
    assert violations("[]", task(path="shop/words.json")) == []
    assert violations("anything", task(path="shop/words.txt")) == []


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("test_r1_adds", ["R1"]),
        ("tests/test_a.py::test_r1_r12_adds[r2]", ["R1", "R12"]),
        ("test_adds_r3", ["R3"]),
        ("test_router_works", []),
        ("test_r0_x", []),
        ("tests/test_r7.py::test_x", []),
    ],
)
def test_requirements_are_read_off_names(name: str, ids: list[str]) -> None:
    assert python_tests.requirements(name) == ids


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        ("def test_r1_x(:", "does not parse"),
        ("def check(): pass\n", "no function whose name starts with test_"),
        ("def test_adds(): assert vars() == {}\n", "No test checks R1"),
        ("def test_r1_r9_x(): assert vars() == {}\n", "has no R9"),
        ("import requests\ndef test_r1_x(): assert vars() == {}\n", "imports requests"),
    ],
)
def test_gaps_in_tests_are_named(content: str, finding: str) -> None:
    found = python_tests.violations(content, task())
    assert any(finding in gap for gap in found), found


def test_good_tests_have_no_gaps() -> None:
    content = "import pytest\nfrom shop.store import Store\n\ndef test_r1_x():\n    assert Store\n"
    assert python_tests.violations(content, task()) == []
