"""What plain code sees in a file of the program before anything is run."""

from __future__ import annotations

import pytest

from metaco.roles import python_tests
from metaco.roles.documents import (
    RequirementItem,
    Task,
)
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


def test_a_file_that_keeps_its_promises_has_no_violations() -> None:
    assert violations(main_too(ADD), task()) == []


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        ("def main(:\n", "does not parse in line 1"),
        ("x = 1\n", "Store is part of the interface"),
        (main_too("class Store:\n    pass\n"), "Store.add is part of the interface"),
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
def test_violations_are_named(source: str, finding: str) -> None:
    wrong = violations(source, task())
    assert any(finding in each for each in wrong), wrong


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


OFFER = (
    "@dataclass\nclass Point:  # A place.\n    x: int\n    name: str = ''\n    def go(self) -> int"
)


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        ("@dataclass\nclass Point:\n    x: int\n    name: str = ''\n", "Point.go is part of"),
        ("@dataclass\nclass Point:\n    name: str\n    x: int\n{}", "takes (name, x); others call"),
        ("@dataclass\nclass Point:\n    x: int\n    name: str\n{}", "with (x, name=...)"),
        ("class Point:\n    x: int\n{}", "Others call Point(x, name=...); make it a dataclass"),
        ("class Point:\n    def __init__(self, *, x, name=''):\n        self.x = x\n{}", "takes"),
        (
            "@dataclass\nclass Point:\n    x: int\n    name: str = ''\n    z: int\n{}",
            "these fields in order",
        ),
    ],
)
def test_objects_are_made_as_others_make_them(source: str, finding: str) -> None:
    go = "    def go(self):\n        return 1\n"
    wrong = violations(source.format(go), task(offers=[OFFER]))
    assert any(finding in each for each in wrong), wrong


@pytest.mark.parametrize(
    "source",
    [
        "@dataclass(frozen=True)\nclass Point:\n    x: int\n    name: str = ''\n{}",
        "@dataclass\nclass Point:\n    K: ClassVar[int] = 1\n    x: int\n    name: str = 'n'\n{}",
        "class Point:\n    def __init__(self, x, name='', more=1):\n        self.x = x\n{}",
        "class Point(NamedTuple):\n    x: int\n    name: str = ''\n{}",
    ],
)
def test_ways_to_keep_the_promise_are_let_pass(source: str) -> None:
    go = "    def go(self):\n        return 1\n"
    assert violations(source.format(go), task(offers=[OFFER])) == []


def test_parameters_are_promised_in_their_order() -> None:
    offers = ["def pay(who: str, amount: int) -> None  # pays"]
    assert (
        violations("def pay(who, amount, *, note=''):\n    print(who)\n", task(offers=offers)) == []
    )
    [wrong] = violations("def pay(amount, who):\n    print(who)\n", task(offers=offers))
    assert wrong == "pay takes (amount, who); others call it with (who, amount)."


def test_a_guessed_function_of_another_file_is_named() -> None:
    uses = ["# from shop.cli import ...\ndef main() -> int\nclass Menu:  # shown"]
    known = task(offers=[], uses=uses)
    fine = "from shop.cli import main, Menu, WIDTH, Alias\n"
    guessed = "from shop.cli import show\n"
    finding = "It imports show from shop.cli, which does not define it for other files."
    assert violations(fine, known) == []
    assert violations(guessed, known) == [finding]
    test = "\n\ndef test_r1_it():\n    assert vars() == {}\n"
    assert python_tests.violations(fine + test, known) == []
    assert python_tests.violations(guessed + test, known) == [finding]
    problem = "It imports hidden from shop.store, which does not define it for other files."
    assert python_tests.violations("from shop.store import hidden\n" + test, known) == [problem]
