"""Tests of Markdown blocks."""

import pytest

from markdown.blocks import Document, MarkdownError


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("# A *b*", '<h1 id="a-b">A <em>b</em></h1>'),
        ("###### F ##", '<h6 id="f">F</h6>'),
        ("Title\n===\nSub\n---", '<h1 id="title">Title</h1>\n<h2 id="sub">Sub</h2>'),
        ("#no heading", "<p>#no heading</p>"),
        ("a\nb\n\nc", "<p>a\nb</p>\n<p>c</p>"),
        ("a\n\n---\n* * *", "<p>a</p>\n<hr>\n<hr>"),
        ("> a\nb\n> # c", '<blockquote>\n<p>a\nb</p>\n<h1 id="c">c</h1>\n</blockquote>'),
        ("> > a", "<blockquote>\n<blockquote>\n<p>a</p>\n</blockquote>\n</blockquote>"),
        ("a\n# b", '<p>a</p>\n<h1 id="b">b</h1>'),
    ],
)
def test_r1_headings_paragraphs_quotes_and_rules(text: str, markup: str) -> None:
    assert Document(text).body == f"{markup}\n"


def test_r1_r9_anchors_are_unique() -> None:
    document = Document("## A\n# A\n# Größe & Maß!\n# ?\n# A")
    anchors = [anchor for _, _, anchor in document.headings]
    assert anchors == ["a", "a-1", "größe--maß", "section", "a-2"]


def test_r8_the_title_is_the_first_highest_heading() -> None:
    assert Document("## A\n# B *c*\n# D").title == "B c"
    assert Document("text").title == ""


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("- a\n- b", "<li>a</li>\n<li>b</li>\n"),
        ("- a\n\n- b", "<li><p>a</p></li>\n<li><p>b</p></li>\n"),
        ("- a\n\n  b", "<li><p>a</p>\n<p>b</p></li>\n"),
        ("- a\n  - b\n- c", "<li>a\n<ul>\n<li>b</li>\n</ul></li>\n<li>c</li>\n"),
        ("- a\n  goes on\nand on", "<li>a\ngoes on\nand on</li>\n"),
        (
            "- [x] a\n- [ ] b",
            '<li><input type="checkbox" disabled checked> a</li>\n'
            '<li><input type="checkbox" disabled> b</li>\n',
        ),
    ],
)
def test_r4_bulleted_lists(text: str, items: str) -> None:
    assert Document(text).body == f"<ul>\n{items}</ul>\n"


def test_r4_numbered_lists_and_what_follows() -> None:
    assert Document("1. a\n2. b").body == "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"
    assert Document("3) a").body == '<ol start="3">\n<li>a</li>\n</ol>\n'
    assert Document("- a\n\ntext").body == "<ul>\n<li>a</li>\n</ul>\n<p>text</p>\n"
    assert Document("- a\n* b").body.count("<ul>") == 2


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("```py\na < b\n\n    # *c*\n```\nd",
         '<pre><code class="language-py">a &lt; b\n\n    # *c*\n</code></pre>\n<p>d</p>'),
        ("~~~\n```\n~~~", "<pre><code>```\n</code></pre>"),
        ("````\n```\n````", "<pre><code>```\n</code></pre>"),
        ("    a\n\n      b\n\nc", "<pre><code>a\n\n  b\n</code></pre>\n<p>c</p>"),
        ("```\nno end", "<pre><code>no end\n</code></pre>"),
    ],
)  # fmt: skip
def test_r5_code(text: str, markup: str) -> None:
    assert Document(text).body == f"{markup}\n"


def test_r6_tables() -> None:
    body = Document("|a|b|c|\n|:--|--:|:-:|\n| `1 \\| 2` | *x* | y |\n| only |\n\nend").body
    sides = [f'style="text-align: {side}"' for side in ("left", "right", "center")]
    assert f"<th {sides[0]}>a</th><th {sides[1]}>b</th><th {sides[2]}>c</th>" in body
    assert f"<td {sides[0]}><code>1 | 2</code></td><td {sides[1]}><em>x</em></td>" in body
    assert f"<td {sides[0]}>only</td><td {sides[1]}></td><td {sides[2]}></td></tr>" in body
    assert body.count("<tr>") == 3 and body.endswith("</table>\n<p>end</p>\n")
    assert Document("a | b\nc").body == "<p>a | b\nc</p>\n"
    assert "<td>" not in Document("a|b\n-|-").body


@pytest.mark.parametrize("text", ["*", "- ", "1.", "[", "![](", "|", "|-|", "```", ">", "\\", "<"])
def test_r7_any_text_is_converted(text: str) -> None:
    for repeated in (text, text * 3, f"a\n{text}", f"{text}\n" * 3):
        assert Document(repeated).body.endswith(">\n")


def test_r12_depth_has_an_end() -> None:
    assert Document(">" * 40 + "a").body.count("<blockquote>") == 40
    with pytest.raises(MarkdownError, match="more than 40 deep"):
        Document(">" * 41 + "a")
