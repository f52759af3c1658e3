"""Paths of models: plain ones pass, corrected where harmless, and none leaves the project."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaco.core.paths import distinct, safe_path


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("todo/storage.py", "todo/storage.py"),
        ("README.md", "README.md"),
        (".gitignore", ".gitignore"),
        ("a/.keep", "a/.keep"),
        ("./todo/./storage.py", "todo/storage.py"),
        (" todo//storage.py\n", "todo/storage.py"),
        ("tageblatt/größe.py", "tageblatt/größe.py"),
        ("tageblatt/gro\u0308ße.py", "tageblatt/größe.py"),
        ("a/..b", "a/..b"),
        ("console/common.py", "console/common.py"),
        ("a b/c d.txt", "a b/c d.txt"),
        ("metaco/toml.py", "metaco/toml.py"),
        (".env.example", ".env.example"),
    ],
)
def test_plain_paths_pass(given: str, plain: str) -> None:
    assert safe_path(given) == plain
    assert safe_path(plain) == plain


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "names no file"),
        (".", "names no file"),
        ("./", "is a folder"),
        ("a/.", "names no file"),
        ("a/", "is a folder"),
        ("/etc/passwd", "is not relative"),
        ("//host/share", "is not relative"),
        ("~/x.py", "is not relative"),
        ("C:/x.py", "is not relative"),
        ("c:x.py", "is not relative"),
        ("../x.py", "leaves its folder"),
        ("a/../../x.py", "leaves its folder"),
        ("a/..", "leaves its folder"),
        ("a\\b.py", "backslash"),
        ("a/x\x00.py", "invisible"),
        ("a/x\u202e.py", "invisible"),
        (".g\u200cit/config", "invisible"),
        ("a/x\ny.py", "invisible"),
        (".github/x.yml", "hidden folder"),
        ("a/.b/c.py", "hidden folder"),
        (".git/hooks/pre-commit", "belongs to git"),
        ("a/.GIT", "belongs to git"),
        ("GIT~1/config", "belongs to git"),
        (".git./config", "dot or a space"),
        (".metaco/manifest.json", "metaco's own"),
        (".metaco", "metaco's own"),
        ("a/.MetaCo.x", "metaco's own"),
        ("metaco.toml", "metaco's own"),
        ("a/Metaco.TOML", "metaco's own"),
        ("\uff4detaco.toml", "metaco's own"),
        ("METACO~1.TOM", "metaco's own"),
        (".env", "a person's settings"),
        ("a/b .", "dot or a space"),
        ("a /b", "dot or a space"),
        ("a/ b", "dot or a space"),
        ("a/nul", "device"),
        ("a/Aux.py", "device"),
        ("com1.tar.gz", "device"),
        ("com¹", "device"),
        ("con .py", "device"),
        ("a/x?.py", "not every system"),
        ("a/x.py:stream", "not every system"),
        ("-rf", "option"),
        ("a/" + "x" * 200, "longer than 200"),
    ],
)
def test_others_are_refused_with_a_reason(path: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        safe_path(path)
    assert str(caught.value).isprintable()
    assert str(caught.value).endswith(".")


@given(
    st.text(alphabet=st.one_of(st.sampled_from("./\\~:-ab. \x00"), st.characters()), max_size=30)
)
def test_what_passes_stays_inside(path: str) -> None:
    try:
        plain = safe_path(path)
    except ValueError:
        return
    root = Path("/root/project")
    assert safe_path(plain) == plain
    assert (root / plain).resolve().is_relative_to(root)
    assert not PureWindowsPath(plain).is_absolute()
    assert not PureWindowsPath(plain).drive
    assert ".git" not in plain.casefold().split("/")


def test_files_side_by_side() -> None:
    distinct(["a/b.py", "a/c.py", "b.py"])


@pytest.mark.parametrize(
    ("paths", "why"),
    [
        (["a.py", "b.py", "a.py"], r"^a\.py appears twice"),
        (["a/Store.py", "a/store.py"], r"^a/Store\.py and a/store\.py are the same file"),
        (["gro\u0308ße", "größe"], r"are the same file"),
        (["app/a.py", "App/z.py"], r"^app and App are the same folder"),
        (["a/b/c.py", "a/d.py", "a/B/e.py"], r"^a/b and a/B are the same folder"),
        (["a", "A/b.py"], r"^a is a file, but A/b\.py requires it to be a folder"),
        (["x/y/z", "x/y"], r"^x/y is a file, but x/y/z requires it"),
    ],
)
def test_files_that_cannot_stand_side_by_side(paths: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        distinct(paths)
