"""The filters of pages: whatever a model wrote, it cannot break the page it stands in."""

from __future__ import annotations

import re

from hostile_markdown import MARKDOWN, hostile, tables, tokens
from hypothesis import given

from metaco.render.markdown import cell, code, fence, line, links, prose


def read(text: str) -> str:
    """Return what a reader sees of `text`, without white space."""
    contents = [t.content for t in tokens(text) if t.type in ("text", "code_inline", "fence")]
    return "".join("".join(contents).split())


@given(hostile)
def test_a_line_reads_as_it_was_written(text: str) -> None:
    page = line(text)
    kinds = {token.type for token in tokens(page)}
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text", "code_inline"}
    if "`" not in text and "\x1b" not in text:
        assert read(page) == "".join(
            re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", text).split()
        )


@given(hostile, hostile)
def test_a_cell_stays_one_cell(one: str, two: str) -> None:
    page = f"| a | b |\n|---|---|\n| {cell(one)} | {cell(two)} |\n| {cell(two)} | {cell(one)} |"
    assert tables(page) == [[2, 2, 2]]
    kinds = {t.type for t in tokens(page) if t.type not in ("text", "code_inline", "inline")}
    assert all(re.match(r"(table|thead|tbody|tr|th|td)_|html_inline", kind) for kind in kinds)
    inline = [t.content for t in tokens(page) if t.type == "html_inline"]
    assert set(inline) <= {"<code>", "</code>"}


@given(hostile)
def test_prose_has_no_headings_links_or_html(text: str) -> None:
    kinds = {token.type for token in tokens(prose(text))}
    assert not {kind for kind in kinds if re.match("heading|link|image|html|table|hr|block", kind)}


@given(hostile)
def test_a_fence_holds_all_of_the_text(text: str) -> None:
    parsed = MARKDOWN.parse(fence(text, "text"))
    assert [token.type for token in parsed] == ["fence"]


def test_prose_keeps_paragraphs_lists_and_code() -> None:
    text = (
        "# Plan\nfirst\n\n* one\n* two `__x__`\n\n1) do\n2) it\n\n```python\nx = 1 | 2\n```\nlast"
    )
    assert prose(text) == (
        "**Plan**\n\nfirst\n\n- one\n- two `__x__`\n\n1. do\n2. it\n\n"
        "```python\nx = 1 | 2\n```\n\nlast"
    )


def test_names_and_ids() -> None:
    assert code("a`b\nc") == "`a'b c`"
    assert code("") == ""
    assert links(["R1", "R12"], "prd.md") == "[R1](prd.md#r1), [R12](prd.md#r12)"
