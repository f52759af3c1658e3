"""Templates are compiled once for all processes, in a folder of the user's own."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from metaco.render.templates import templates


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "metaco" / "templates"


def render(folder: Path) -> str:
    return templates([folder]).get_template("page.j2").render(name="Ada")


def test_a_template_is_compiled_once(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page.j2").write_text("Hello {{ name }}")
    assert render(tmp_path) == "Hello Ada"
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    monkeypatch.setattr("jinja2.environment.Environment._parse", None)  # it is not parsed again
    assert render(tmp_path) == "Hello Ada"


def test_a_changed_template_is_compiled_again(tmp_path: Path, cache: Path) -> None:
    for text in ("Hello {{ name }}", "Bye {{ name }}"):
        (tmp_path / "page.j2").write_text(text)
        assert render(tmp_path) == text.replace("{{ name }}", "Ada")


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in its place")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        (tmp_path / "page.j2").write_text("Hello {{ name }}")
        assert render(tmp_path) == "Hello Ada"


def test_templates_reach_no_files(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "page.j2").write_text("{{ name.__class__.__mro__ }}")
    with pytest.raises(Exception, match="unsafe"):
        render(tmp_path)
