"""Markdown inside a line: emphasis, code, links, images and escapes."""

import html
import re

_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")
_TARGET = r'\(\s*([^\s()]*(?:\([^\s()]*\)[^\s()]*)*)(?:\s+"([^"]*)")?\s*\)'
_IMAGE = re.compile(r"!\[([^\]]*)\]" + _TARGET)
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])+)\]" + _TARGET)
_ADDRESS = re.compile(r"<(https?://[^\s<>]+|[\w.+-]+@[\w-]+\.[\w.-]+)>")
_STYLES = (
    (re.compile(r"\*\*(?=\S)(.+?\*?)(?<=\S)\*\*", re.DOTALL), "strong"),
    (re.compile(r"(?<!\w)__(?=\S)(.+?)(?<=\S)__(?!\w)", re.DOTALL), "strong"),
    (re.compile(r"\*(?=[^\s*])(.+?)(?<=[^\s*])\*", re.DOTALL), "em"),
    (re.compile(r"(?<!\w)_(?=[^\s_])(.+?)(?<=[^\s_])_(?!\w)", re.DOTALL), "em"),
    (re.compile(r"~~(?=\S)(.+?)(?<=\S)~~", re.DOTALL), "del"),
)
# Finished HTML is kept aside, so that no later rule changes it; a number between two private
# characters stands where it belongs.
_OPEN, _CLOSE = "\ue000", "\ue001"
_TAG = re.compile(r"<[^>]+>")
_KEPT = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")


def safe_address(address: str) -> str:
    """Return an address for an attribute; # for one that would run code."""
    scheme = re.sub(r"[\s\x00-\x1f]", "", html.unescape(address)).lower()
    return "#" if re.match(r"(javascript|vbscript|data):", scheme) else html.escape(address)


def render(text: str) -> str:
    """Return the HTML of text inside a block; HTML in the text is shown as text."""
    kept: list[str] = []

    def keep(markup: str) -> str:
        kept.append(markup)
        return f"{_OPEN}{len(kept) - 1}{_CLOSE}"

    def bare(text: str) -> str:
        """Return text for an attribute, where code and escapes are plain characters."""
        while _KEPT.search(text):
            text = _KEPT.sub(lambda found: html.unescape(_TAG.sub("", kept[int(found[1])])), text)
        return text

    def code(found: re.Match[str]) -> str:
        inner = found[2].replace("\n", " ")
        if inner.strip() and inner[0] == inner[-1] == " ":
            inner = inner[1:-1]
        return keep(f"<code>{html.escape(inner, quote=False)}</code>")

    def title(found: re.Match[str]) -> str:
        return f' title="{html.escape(bare(found[3]))}"' if found[3] else ""

    def image(found: re.Match[str]) -> str:
        address, alternative = safe_address(bare(found[2])), html.escape(bare(found[1]))
        return keep(f'<img src="{address}" alt="{alternative}"{title(found)}>')

    def link(found: re.Match[str]) -> str:
        opening = keep(f'<a href="{safe_address(bare(found[2]))}"{title(found)}>')
        return f"{opening}{found[1]}{keep('</a>')}"

    def address(found: re.Match[str]) -> str:
        shown = bare(found[1])
        target = shown if "://" in shown else f"mailto:{shown}"
        return keep(f'<a href="{html.escape(target)}">{html.escape(shown, quote=False)}</a>')

    text = text.replace(_OPEN, "").replace(_CLOSE, "")
    # An escaped backtick opens no code; inside code other escapes are plain characters.
    text = text.replace("\\`", keep("`"))
    text = _CODE.sub(code, text)
    text = _ESCAPE.sub(lambda found: keep(html.escape(found[1], quote=False)), text)
    text = _IMAGE.sub(image, text)
    text = _LINK.sub(link, text)
    text = _ADDRESS.sub(address, text)
    text = html.escape(text, quote=False)
    for pattern, tag in _STYLES:
        text = pattern.sub(rf"<{tag}>\1</{tag}>", text)
    text = re.sub(r" {2,}\n|\\\n", "<br>\n", text)
    while _KEPT.search(text):
        text = _KEPT.sub(lambda found: kept[int(found[1])], text)
    return text


def plain(text: str) -> str:
    """Return text without its markup, for titles and anchors."""
    return html.unescape(_TAG.sub("", render(text)))
