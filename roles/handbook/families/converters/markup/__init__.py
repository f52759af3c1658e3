"""Markdown to HTML converter."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    return {
        "name": "markdown_to_html",
        "contents": reading.says("toc", "(?:table of )?contents", "outline"),
        "style": reading.says("css", "styl\\w+", "themes?", "dark"),
        "dark": reading.says("dark"),
        "folder": reading.says(
            "folders?", "director(?:y|ies)", "static", "site", "many files", "batch"
        ),
        "understood": "table of contents toc css styled styling theme folder folders directory "
        "static site generator batch tables",
        "json": False,
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(markdown|md)\b( files?| documents?)?\s*(to|into|->|→|2|and)\s*(an? )?(static )?\b(html|web ?pages?|site|website)\b",  # noqa: E501
        r"\bmarkdown (convert|render|pars|compiler|processor|preview)",
        r"\b(convert|render|turn|transform|pars)\w*\b( \w+){0,3} (markdown|md)\b(?!.*\b(csv|json|tables?)\b)",  # noqa: E501
        r"\bstatic (site|page) generator\b",
    ),
    names=r"markdown.{0,12}\bhtml\b",
    choices=choices,
)
