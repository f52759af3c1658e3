"""Tests of Markdown inside a line."""

import pytest

from markdown import inline


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("*a* and _b_", "<em>a</em> and <em>b</em>"),
        ("**a** and __b__", "<strong>a</strong> and <strong>b</strong>"),
        ("***a***", "<strong><em>a</em></strong>"),
        ("**a *b* c**", "<strong>a <em>b</em> c</strong>"),
        ("~~a~~", "<del>a</del>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("snake_case__long__ name", "snake_case__long__ name"),
        ("`*a* <b>`", "<code>*a* &lt;b&gt;</code>"),
        ("`` a ` b ``", "<code>a ` b</code>"),
        (r"\*a\* \`b\`", "*a* `b`"),
        (r"`a\`b`", "<code>a`b</code>"),
        ("a  \nb\\\nc\nd", "a<br>\nb<br>\nc\nd"),
    ],
)
def test_r2_emphasis_code_and_escapes(text: str, markup: str) -> None:
    assert inline.render(text) == markup


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("[a *b*](x.html)", '<a href="x.html">a <em>b</em></a>'),
        ('[a](x_y_z "T")', '<a href="x_y_z" title="T">a</a>'),
        ("[a](b_(c))", '<a href="b_(c)">a</a>'),
        (r"![`a\`b`](p.png)", '<img src="p.png" alt="a`b">'),
        ("![a & b](p.png)", '<img src="p.png" alt="a &amp; b">'),
        ("[![a](p.png)](x)", '<a href="x"><img src="p.png" alt="a"></a>'),
        ("<https://a.b/?c&d>", '<a href="https://a.b/?c&amp;d">https://a.b/?c&amp;d</a>'),
        ("<a@b.example>", '<a href="mailto:a@b.example">a@b.example</a>'),
    ],
)
def test_r3_links_and_images(text: str, markup: str) -> None:
    assert inline.render(text) == markup


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("<script>a & b</script>", "&lt;script&gt;a &amp; b&lt;/script&gt;"),
        ("[x](JaVascript:alert(1))", '<a href="#">x</a>'),
        ("[x](java&#115;cript:y)", '<a href="#">x</a>'),
        ("![x](data:y)", '<img src="#" alt="x">'),
        ('[x](a"onclick=b)', '<a href="a&quot;onclick=b">x</a>'),
        ('[x](`"onclick="b`)', '<a href="&quot;onclick=&quot;b">x</a>'),
        ("[x](`javascript:b`)", '<a href="#">x</a>'),
        ('![`"onload=b`](p)', '<img src="p" alt="&quot;onload=b">'),
        ('[x](y "`<b>`")', '<a href="y" title="&lt;b&gt;">x</a>'),
        ("<http://a/`<b>`>", '<a href="http://a/&lt;b&gt;">http://a/&lt;b&gt;</a>'),
        ("\ue0000\ue001 `a`", "0 <code>a</code>"),
    ],
)
def test_r7_nothing_in_a_text_is_run(text: str, markup: str) -> None:
    assert inline.render(text) == markup


def test_r1_plain_text() -> None:
    assert inline.plain("**a** `b` [c](d) & <e>") == "a b c & <e>"
