"""`metaco docs`: the pages of the documentation, which ship with metaco."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from metaco.cli.options import Add, verbose
from metaco.cli.parser import UsageError
from metaco.cli.screen import add_row, draw, is_terminal, out, table
from metaco.core.suggest import suggest

__all__ = ["docs", "options", "pages", "summary"]

_FOLDER = Path(__file__).parents[1] / "docs"


def options(add: Add) -> None:
    """Declare the options."""
    add("topic", nargs="?", metavar="TOPIC", help="a page; without it, all are listed")
    verbose(add)


def docs(args: Namespace) -> int:
    """List the pages, or print one: drawn on a terminal, as Markdown elsewhere."""
    known = pages()
    if not args.topic:
        made = table("topic", "about", whole=("topic",))
        for name, text in known.items():
            add_row(made, name, summary(text))
        draw(made)
        return 0
    name = args.topic.lower().removesuffix(".md")
    if name not in known:
        raise UsageError(
            f"There is no page {args.topic!r}.", suggest(name, list(known), "The pages are")
        )
    if is_terminal(sys.stdout):
        from rich.markdown import Markdown

        draw(Markdown(known[name], hyperlinks=False))
    else:
        out(known[name], end="")
    return 0


def pages() -> dict[str, str]:
    """Return the pages, as Markdown, by topic."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(_FOLDER.glob("*.md"))}


def summary(page: str) -> str:
    """Return the sentence below the title of a page."""
    return " ".join(page.split("\n\n")[1].split())
