"""Names of packages: corrected, or refused with a reason."""

from __future__ import annotations

import pytest

from metaco.roles.documents.fields import package_name


@pytest.mark.parametrize(
    ("text", "name"), [("todo", "todo"), ("Expense Tracker", "expense_tracker"), ("a-b", "a_b")]
)
def test_project_names_become_package_names(text: str, name: str) -> None:
    assert package_name(text) == name


@pytest.mark.parametrize("text", ["", "1x", "класс", "class", "a.b", "x" * 41, "../x", "_x"])
def test_project_names_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="must be a Python package name"):
        package_name(text)


@pytest.mark.parametrize("text", ["calendar", "json", "Statistics", "tests", "docs"])
def test_a_project_must_not_hide_a_module(text: str) -> None:
    with pytest.raises(ValueError, match="would hide a module of that name"):
        package_name(text)
