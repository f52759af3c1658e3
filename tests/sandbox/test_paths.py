"""Paths inside the copy stay inside."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaco.core.errors import WorkspaceError
from metaco.sandbox import Sandbox
from metaco.sandbox.paths import contained

ESCAPES = [
    *("", ".", "./", "/", "/etc/passwd", "//host/share", "..", "../x", "a/../../x", "a/.."),
    *("C:\\x", "c:x", "\\x", "\\\\host\\share", "..\\x", "a\\..\\..\\x", "a\0b", "x" * 300),
]


@pytest.mark.parametrize("path", ESCAPES)
def test_escapes_are_refused(path: str) -> None:
    with pytest.raises(WorkspaceError):
        contained([path])


@pytest.mark.parametrize("path", ESCAPES)
async def test_no_tier_takes_them(any_sandbox: Sandbox, path: str) -> None:
    with pytest.raises(WorkspaceError):
        await any_sandbox.run({path: "x"}, ["python", "-c", "pass"])
    with pytest.raises(WorkspaceError):
        await any_sandbox.run({}, ["python", "-c", "pass"], fetch=[path])


def test_a_file_cannot_be_a_folder() -> None:
    with pytest.raises(WorkspaceError, match="at once"):
        contained(["a/b/c", "a/b"])


def test_plain_forms() -> None:
    assert contained(["./a//b", "a/c.py", "über/✓"]) == ["a/b", "a/c.py", "über/✓"]


parts = st.sampled_from(["..", ".", "", "a", "b.py", "C:", "\\", "~", "a\\b", " ", "\0", "é"])


@given(st.lists(parts, max_size=6).map("/".join))
def test_what_is_let_through_stays_inside(path: str) -> None:
    try:
        (plain,) = contained([path])
    except WorkspaceError:
        return
    assert posixpath.normpath(plain) == plain
    inside = posixpath.normpath(posixpath.join("/base", plain))
    assert inside.startswith("/base/")
    assert inside == posixpath.normpath(posixpath.join("/base", path))
