"""The shelf finds the family that fits, and always the same program."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import asdict

import pytest

from metaco.core.errors import ConfigurationError
from metaco.roles.handbook.shelf import find, shelf


def test_the_families_are_found_in_order() -> None:
    names = [family.name for family in shelf()]
    assert "records" in names
    assert names == sorted(names)


@pytest.mark.parametrize(
    "text", ["todo", "library with books and loans", "wine cellar with vintage", "track invoices"]
)
def test_record_keeping_is_recognised(text: str) -> None:
    paths = [source.path for source in find(text).sources]
    assert any(path.endswith("/storage.py") for path in paths)


@pytest.mark.parametrize(
    "text",
    [
        *["", "a program", "🎉", "Zwölf Boxkämpfer jagen Viktor quer über den Sylter Deich"],
        *["a stopwatch", "record my game scores", "track bird sightings with species and date"],
        *["volunteer shifts", "video game library", "a board game collection manager"],
        "write a function that returns the longest palindromic substring",
    ],
)
def test_what_no_family_knows_by_name_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"know no program for .* Set a key"):
        find(text)


def test_a_program_is_made_once() -> None:
    assert find("track my houseplants") is find("track my houseplants")


_SCRIPT = """
import hashlib, sys
from dataclasses import asdict
from metaco.roles.handbook.shelf import find
for line in sys.argv[1:]:
    print(hashlib.sha256(repr(asdict(find(line))).encode()).hexdigest())
"""


def test_the_same_text_gives_the_same_bytes_in_any_process() -> None:
    lines = [
        "A todo list with title, due date and priority (low, medium, high)",
        "CRM for a small bakery: customers, orders with delivery date, items",
        "Habit tracker with streaks",
        "写一个待办事项程序",
    ]
    printed = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, *lines],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        printed.append(done.stdout.split())
    here = [hashlib.sha256(repr(asdict(find(line))).encode()).hexdigest() for line in lines]
    assert printed == [here, here]
    assert len(set(here)) == len(lines)
