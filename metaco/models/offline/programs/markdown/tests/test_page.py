"""Tests of the page."""

from markdown import page
from markdown.blocks import Document


def test_r8_title_and_body() -> None:
    text = page.page(Document("# A & B\n\ntext"))
    assert text.startswith("<!DOCTYPE html>")
    assert "<title>A &amp; B</title>" in text
    assert "<p>text</p>" in text
    assert "<title>Other</title>" in page.page(Document("# A"), "Other")


def test_r7_r10_a_style_cannot_leave_its_element() -> None:
    text = page.page(Document("x"), style="</style><script>")
    assert text.count("</style>") == 1


def test_r9_nested_links() -> None:
    document = Document("# A\n## B\n## C\n#### D\n# E")
    assert page.contents(document, 2) == (
        '<nav>\n<ul>\n<li><a href="#a">A</a>\n<ul>\n<li><a href="#b">B</a></li>\n'
        '<li><a href="#c">C</a></li>\n</ul>\n</li>\n<li><a href="#e">E</a></li>\n</ul>\n</nav>\n'
    )
    assert page.contents(Document("text")) == ""


def test_r9_as_deep_as_by_default() -> None:
    document = Document("".join(f"{'#' * level} h{level}\n" for level in range(1, 7)))
    assert page.contents(document).count("<li>") == page.DEEPEST


def test_r9_every_list_is_closed() -> None:
    text = page.contents(Document("### A\n# B\n## C\n# D"), 6)
    assert text.count("<ul>") == text.count("</ul>") == 2
    assert text.count("<li>") == text.count("</li>") == 4
