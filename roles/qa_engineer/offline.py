"""Tests by the book."""

from __future__ import annotations

from metaco.roles.documents import Task
from metaco.roles.engineer.offline import fenced
from metaco.roles.handbook.shelf import find

__all__ = ["write_tests"]


def write_tests(task: Task) -> str:
    """Take the tests from the program that the handbook has for this requirement."""
    program = find(task.summary)
    source = next(source for source in program.sources if source.path == task.path)
    return fenced(task.tests, source.tests)
