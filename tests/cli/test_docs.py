"""`metaco docs`: the list of pages, a page, and a page that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

import metaco as package
from metaco.cli.docs import pages, summary

from .conftest import Metaco

FOLDER = Path(package.__file__).parent / "docs"


def test_the_list_has_a_line_for_every_page(metaco: Metaco) -> None:
    result = metaco("docs")
    assert result.code == 0
    assert [line.split()[0] for line in result.out.splitlines()[1:]] == list(pages())
    assert "concepts" in result.out and "Start here." in result.out


@pytest.mark.parametrize("topic", pages())
def test_a_page_is_its_markdown(metaco: Metaco, topic: str) -> None:
    text = (FOLDER / f"{topic}.md").read_text(encoding="utf-8")
    assert metaco("docs", topic) == (0, text, "")
    assert text.startswith("# ")
    assert summary(text).endswith(".") and len(summary(text)) <= 140
    assert all(len(line) <= 120 for line in text.splitlines() if not line.startswith("|"))


def test_a_page_that_is_not_there_names_the_closest(metaco: Metaco) -> None:
    assert metaco("docs", "sop").code == 2
    assert "Did you mean sops?" in metaco("docs", "sop").err
    assert "concepts" in metaco("docs", "xyz").err
