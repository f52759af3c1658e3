"""Text search in files (grep), and search and replace."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    replace = reading.says("replac\\w*", "substitut\\w*")
    todos = reading.says("to-?dos?( comments?)?", "fixmes?")
    return {
        "name": "todo_finder" if todos else "search_replace" if replace else "text_search",
        "todos": todos,
        "understood": "grep search",
        "replace": replace,
        "ignore_case": reading.says("case[ -]insensitive\\w*", "ignor\\w+ case"),
        "context": number(
            reading, r"(\d+) lines of context", r"context of (\d+)", otherwise=0, most=50
        ),
        "with_context": reading.says("context", "surrounding"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\bgrep\b",
        r"\b(search|find|look)\w*\b( \w+){0,4} (text|words?|strings?|patterns?|lines|regex\w*|todos?|fixmes?)( \w+)? (in|inside|within|across|of|from|matching)\b",  # noqa: E501
        r"\bsearch[ -]and[ -]replace\b|\bfind[ -]and[ -]replace\b",
        r"\breplac\w*\b.*\bin\b.*\b(files?|folders?|director)",
        r"\b(todo|fixme)s?\b.*\b(comments?|code|source)\b",
        r"\b(text|file|content|regex) search( tool)?\b",
        r"\bsearch\w* (files|a folder|a directory|folders|directories)\b",
    ),
    choices=choices,
    despite="to-?do",
)
