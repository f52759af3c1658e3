"""Reads title, text and links out of HTML; a script that `metaco.tools.child` runs."""

from __future__ import annotations

import json
import re
import sys
from html.parser import HTMLParser

_HIDDEN = {"script", "style", "template", "noscript", "svg", "head"}
_INLINE = {"a", "abbr", "b", "code", "em", "i", "mark", "q", "s", "small", "span", "strong", "sub"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.text: list[str] = []
        self.links: dict[str, None] = {}  # in order, each once
        self._open = ""  # what hides the text: the outermost element that does
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title"
        if tag == "body":
            self._open = ""
        elif tag in _HIDDEN and not self._open:
            self._open = tag
        elif tag == "a" and (target := dict(attrs).get("href")):
            self.links[target] = None
        if tag not in _INLINE:
            self.text.append("\n" + "- " * (tag == "li"))

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False
        if tag == self._open:
            self._open = ""
        if tag not in _INLINE:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._open:
            self.text.append(data)


def page(html: str) -> dict[str, object]:
    """Return the title, the text and the targets of the links of a page."""
    reader = _Page()
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.text).split("\n")]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line != "-"))
    title = " ".join(reader.title.split())
    return {"title": title, "text": text.strip(), "links": list(reader.links)}


if __name__ == "__main__":
    json.dump(page(json.load(sys.stdin)), sys.stdout)
