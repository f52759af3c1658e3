"""Pages: documents as Markdown that a person enjoys reading, made by templates.

A template stands in ``pages/`` beside the module of its document. What a model wrote goes through
one of the filters, so that it cannot break the page it stands in:

* ``line``: one line of prose, in a paragraph or a list; code in backquotes stays code;
* ``cell``: the same in a table, where a vertical bar would end the cell;
* ``prose``: paragraphs, lists and fenced code, without headings of its own;
* ``fence``: verbatim text as a fenced block;
* ``code``: a path or a name as code, in a table to be followed by ``cell``;
* ``links``: requirement ids as links to where they are explained.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaco.core.document import Document
from metaco.render.templates import templates

if TYPE_CHECKING:
    import jinja2

__all__ = ["cell", "code", "fence", "humanize", "json_copy", "line", "links", "prose", "render"]


def render(module: str, template: str, **values: Any) -> str:
    """Return the page that `template` makes of `values`.

    Args:
        module: the ``__file__`` of a module, beside which ``pages/`` stands.
        template: the name of the template, as ``prd.md.j2``.
    """
    text = _templates(Path(module).parent / "pages").get_template(template).render(values)
    return text.rstrip() + "\n"


def json_copy(document: Document) -> str:
    """Return the JSON that stands beside the page of `document`."""
    return document.model_dump_json(indent=2) + "\n"


@lru_cache(maxsize=64)
def _templates(folder: Path) -> jinja2.Environment:
    # The pages are Markdown, which is not escaped; the filters see to what could break it.
    environment = templates([folder], keep_trailing_newline=True)
    environment.filters |= {
        "cell": cell,
        "code": code,
        "fence": fence,
        "line": line,
        "links": links,
        "prose": prose,
        "humanize": humanize,
    }
    return environment


def humanize(name: str) -> str:
    """Return a package name as a title: ``expense_tracker`` becomes ``Expense tracker``."""
    return name.replace("_", " ").strip().capitalize()


def line(text: str) -> str:
    """Return `text` as one line of Markdown: code in backquotes, everything else as it reads."""
    text = " ".join(_visible(text).split())
    parts = re.split(r"((?<!`)`(?!`)[^`]+`(?!`))", text)
    plain = [part if n % 2 else _escaped(part) for n, part in enumerate(parts)]
    # At the start of a line these would begin a heading, a list, a quotation or a rule.
    return re.sub(r"^(?=[#>+=|-])|^(\d{1,9})(?=[.)])", r"\1\\", "".join(plain))


def cell(text: str) -> str:
    """Return `text` as the content of a table cell."""
    parts = re.split(r"((?<!`)`(?!`)[^`]+`(?!`))", line(text))
    return (
        "".join(
            _cell_code(part) if n % 2 else part.replace("|", r"\|") for n, part in enumerate(parts)
        )
        or " "
    )


def _cell_code(code: str) -> str:
    if "\\" in code and "|" in code:  # parsers differ in what a backslash before a bar means
        return f"<code>{html.escape(code[1:-1], quote=False).replace('|', '&#124;')}</code>"
    return code.replace("|", r"\|")


def _escaped(text: str) -> str:
    """Escape what Markdown or HTML would take for markup; underscores within words are none."""
    text = re.sub(r"&(?=#?\w+;)", "&amp;", text).replace("\\", "&#92;")
    text = re.sub(r"([*\[\]`~])", r"\\\1", text)
    text = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)
    return text.replace("<", "&lt;")


_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*(\w*)[^\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.S | re.M)
_ITEM = re.compile(r"\s*(?:([-*+])|(\d{1,3})[.)])\s+(?=\S)")


def prose(text: str) -> str:
    """Return `text`, which may hold paragraphs, lists and fenced code, as Markdown."""
    blocks: list[str] = []
    rest = 0
    for block in _FENCED.finditer(text):
        blocks += _paragraphs(text[rest : block.start()])
        blocks.append(fence(block[3], block[2]))
        rest = block.end()
    return "\n\n".join([*blocks, *_paragraphs(text[rest:])])


def _paragraphs(text: str) -> list[str]:
    blocks = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines: list[str] = []
        for raw in paragraph.splitlines():
            item = _ITEM.match(raw)
            heading = re.match(r"\s*#{1,6}\s+(?=\S)", raw)
            if item:
                lines.append(f"{'-' if item[1] else item[2] + '.'} {line(raw[item.end() :])}")
            elif heading:
                lines += ["", f"**{line(raw[heading.end() :])}**", ""]
            elif raw.strip():
                lines.append(line(raw))
        if block := "\n".join(lines).strip():
            blocks.append(block)
    return blocks


def fence(text: str, language: str = "") -> str:
    """Return `text` verbatim in a fenced block."""
    text = "\n".join(_visible(text).splitlines()).strip("\n")
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    mark = "`" * (longest + 1)
    return f"{mark}{language}\n{text}\n{mark}"


def code(text: str) -> str:
    """Return a path or a name as code in a line."""
    plain = " ".join(_visible(text).split()).replace("`", "'")
    return f"`{plain}`" if plain else ""


def _visible(text: str) -> str:
    """Leave out colours of terminals, control characters, and what turns the order of letters."""
    return re.sub(
        r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", text
    )


def links(ids: list[str], target: str = "") -> str:
    """Return requirement ids as links to their headings in the page `target`."""
    return ", ".join(f"[{one}]({target}#{one.lower()})" for one in ids)
