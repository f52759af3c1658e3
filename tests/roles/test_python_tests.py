"""What plain code sees in a file of tests before anything is run."""

from __future__ import annotations

import pytest

from metaco.roles.python_tests import requirements, violations

from .test_python_source import task


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
    assert requirements(name) == ids


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
def test_violations_in_tests_are_named(content: str, finding: str) -> None:
    wrong = violations(content, task())
    assert any(finding in each for each in wrong), wrong


def test_good_tests_have_no_violations() -> None:
    content = "import pytest\nfrom shop.store import Store\n\ndef test_r1_x():\n    assert Store\n"
    assert violations(content, task()) == []
