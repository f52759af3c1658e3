"""Markdown blocks: headings, paragraphs, lists, quotes, code, tables and rules."""

import html
import re

from markdown import inline

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})\s*([\w+#-]*)[^`]*$")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*$")
_RULE = re.compile(r" {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$")
_QUOTE = re.compile(r" {0,3}> ?")
_ITEM = re.compile(r"( {0,3})([-*+]|\d{1,9}[.)])( {1,4}|$)(.*)$")
_DIVIDER = re.compile(r" *\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$")
_PIPE = re.compile(r"(?<!\\)\|")
DEEPEST = 40


class MarkdownError(ValueError):
    """A document that cannot be converted; the message says why."""


class Document:
    """Markdown text converted to HTML.

    Attributes:
        body: the HTML.
        headings: level, text and anchor of each heading.

    Raises:
        MarkdownError: lists and quotes lie too deep in each other.
    """

    def __init__(self, text: str) -> None:
        self.headings: list[tuple[int, str, str]] = []
        self._anchors: set[str] = set()
        lines = text.removeprefix("\ufeff").expandtabs(4).splitlines()
        self.body = "".join(f"{block}\n" for block in self._blocks(lines, 0))

    @property
    def title(self) -> str:
        """The text of the first heading of the highest level; empty without headings."""
        return min(self.headings, key=lambda heading: heading[0])[1] if self.headings else ""

    def _blocks(self, lines: list[str], depth: int) -> list[str]:
        """Return the HTML of each block of lines."""
        if depth > DEEPEST:
            raise MarkdownError(f"lists and quotes lie more than {DEEPEST} deep in each other")
        blocks: list[str] = []
        at = 0
        while at < len(lines):
            line = lines[at]
            if not line.strip():
                at += 1
                continue
            if found := _FENCE.match(line):
                block, at = _fenced(lines, at, found)
            elif found := _HEADING.match(line):
                block, at = self._heading(len(found[1]), found[2] or ""), at + 1
            elif _RULE.match(line):
                block, at = "<hr>", at + 1
            elif _QUOTE.match(line):
                block, at = self._quote(lines, at, depth)
            elif _ITEM.match(line):
                block, at = self._list(lines, at, depth)
            elif line.startswith("    "):
                block, at = _indented(lines, at)
            elif _is_table(lines[at : at + 2]):
                block, at = _table(lines, at)
            else:
                block, at = self._paragraph(lines, at)
            blocks.append(block)
        return blocks

    def _heading(self, level: int, text: str) -> str:
        shown = inline.plain(text)
        base = re.sub(r"[^\w\- ]", "", shown.lower()).strip().replace(" ", "-") or "section"
        anchor, number = base, 0
        while anchor in self._anchors:
            number += 1
            anchor = f"{base}-{number}"
        self._anchors.add(anchor)
        self.headings.append((level, shown, anchor))
        return f'<h{level} id="{html.escape(anchor)}">{inline.render(text)}</h{level}>'

    # The others read a block that begins at a line; they return its HTML and where it ends.

    def _paragraph(self, lines: list[str], at: int) -> tuple[str, int]:
        """Convert a paragraph, or a heading that is underlined with = or -."""
        end = at + 1
        while end < len(lines) and lines[end].strip():
            if found := _UNDERLINE.match(lines[end]):
                text = " ".join(line.strip() for line in lines[at:end])
                return self._heading(1 if found[1][0] == "=" else 2, text), end + 1
            if _starts_block(lines[end]):
                break
            end += 1
        text = "\n".join(line.lstrip() for line in lines[at:end]).rstrip()
        return f"<p>{inline.render(text)}</p>", end

    def _quote(self, lines: list[str], at: int, depth: int) -> tuple[str, int]:
        end = at
        while end < len(lines) and lines[end].strip():
            if not _QUOTE.match(lines[end]) and _starts_block(lines[end]):
                break
            end += 1
        inner = [_QUOTE.sub("", line, count=1) for line in lines[at:end]]
        body = "\n".join(self._blocks(inner, depth + 1))
        return f"<blockquote>\n{body}\n</blockquote>", end

    def _list(self, lines: list[str], at: int, depth: int) -> tuple[str, int]:
        """Convert a list; blank lines between its items make them paragraphs."""
        kind = _marker(lines[at])
        number = re.match(r" *(\d+)", lines[at])
        items: list[list[str]] = []
        loose = False
        while at < len(lines) and _marker(lines[at]) == kind:
            item, at = _item(lines, at)
            items.append(item)
            blank = at < len(lines) and not lines[at - 1].strip()
            loose = loose or "" in item[1:] or (blank and _marker(lines[at]) == kind)
        rows = "".join(self._list_item(item, loose, depth) for item in items)
        if not number:
            return f"<ul>\n{rows}</ul>", at
        start = "" if int(number[1]) == 1 else f' start="{int(number[1])}"'
        return f"<ol{start}>\n{rows}</ol>", at

    def _list_item(self, item: list[str], loose: bool, depth: int) -> str:
        box = re.match(r"\[([ xX])\] +", item[0])
        check = ""
        if box:
            item[0] = item[0][box.end() :]
            check = f'<input type="checkbox" disabled{" checked" if box[1] != " " else ""}> '
        blocks = self._blocks(item, depth + 1)
        if not loose:
            blocks = [re.sub(r"^<p>(.*)</p>$", r"\1", each, flags=re.DOTALL) for each in blocks]
        return f"<li>{check}" + "\n".join(blocks) + "</li>\n"


def _starts_block(line: str) -> bool:
    item = _ITEM.match(line)
    others = (_FENCE, _HEADING, _RULE, _QUOTE)
    return bool(item and item[4]) or any(pattern.match(line) for pattern in others)


def _marker(line: str) -> str:
    """Return the character that marks a list item, - * + . or ); empty for other lines."""
    item = _ITEM.match(line)
    return item[2][-1] if item and not _RULE.match(line) else ""


def _item(lines: list[str], at: int) -> tuple[list[str], int]:
    """Return the lines of a list item without their indentation, and where the next one begins."""
    found = _ITEM.match(lines[at])
    assert found
    width = len(found[1]) + len(found[2]) + max(1, len(found[3]))
    item = [found[4]]
    at += 1
    while at < len(lines):
        line = lines[at]
        if not line.strip() or line.startswith(" " * width):
            item.append(line[width:] if line.strip() else "")
        elif item[-1] and not _starts_block(line):  # a paragraph goes on without indentation
            item.append(line.lstrip())
        else:
            break
        at += 1
    while len(item) > 1 and not item[-1]:
        item.pop()
    return item, at


def _code(lines: list[str], language: str) -> str:
    marked = f' class="language-{html.escape(language)}"' if language else ""
    code = "".join(f"{line}\n" for line in lines)
    return f"<pre><code{marked}>{html.escape(code, quote=False)}</code></pre>"


def _fenced(lines: list[str], at: int, opening: re.Match[str]) -> tuple[str, int]:
    """Convert fenced code; without its end it goes on to the end of the text."""
    closing = re.compile(rf" {{0,3}}{opening[1][0]}{{{len(opening[1])},}}\s*$")
    end = at + 1
    while end < len(lines) and not closing.match(lines[end]):
        end += 1
    return _code(lines[at + 1 : end], opening[2]), end + 1


def _indented(lines: list[str], at: int) -> tuple[str, int]:
    end = at
    while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
        end += 1
    code = [line[4:] for line in lines[at:end]]
    while not code[-1].strip():
        code.pop()
    return _code(code, ""), end


def _cells(line: str) -> list[str]:
    inner = re.sub(r"^\s*\||(?<!\\)\|\s*$", "", line)
    return [cell.strip().replace("\\|", "|") for cell in _PIPE.split(inner)]


def _is_table(lines: list[str]) -> bool:
    """Return whether two lines are the header of a table and the line below it."""
    if len(lines) < 2 or "|" not in lines[0] or not _DIVIDER.match(lines[1]):
        return False
    return len(_cells(lines[0])) == len(_cells(lines[1]))


def _table(lines: list[str], at: int) -> tuple[str, int]:
    """Convert a pipe table; colons in its second line align the columns."""
    sides = {"::": "center", "-:": "right", ":-": "left"}
    ends = [f"{cell[0]}{cell[-1]}" for cell in _cells(lines[at + 1])]
    styles = [f' style="text-align: {sides[each]}"' if each in sides else "" for each in ends]

    def row(tag: str, line: str) -> str:
        cells = [*_cells(line), *[""] * len(styles)]  # a short row is filled up
        pairs = zip(styles, cells, strict=False)
        return "".join(f"<{tag}{style}>{inline.render(text)}</{tag}>" for style, text in pairs)

    end = at + 2
    while end < len(lines) and lines[end].strip() and "|" in lines[end]:
        end += 1
    rows = "".join(f"<tr>{row('td', line)}</tr>\n" for line in lines[at + 2 : end])
    head = f"<thead>\n<tr>{row('th', lines[at])}</tr>\n</thead>\n"
    body = f"<tbody>\n{rows}</tbody>\n" if rows else ""
    return f"<table>\n{head}{body}</table>", end
