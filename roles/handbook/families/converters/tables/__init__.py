"""Converter between CSV, JSON and Markdown tables."""

from __future__ import annotations

import re
from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    text = reading.text.lower()
    asked = [f for f in ("csv", "tsv", "json", "markdown") if re.search(rf"\b{f}\b", text)]
    one_way = re.search(
        r"\b(csv|json|tsv|markdown)\b( files?)?\s*(?:to|into|->|→|2|as)\s*(?:a |an )?\b(csv|json|tsv|markdown)\b",  # noqa: E501
        text,
    )
    formats = asked if len(asked) > 1 else ["csv", "json", "markdown"]
    if len(asked) == 1 and one_way is None:
        formats = sorted(
            {*asked, "csv", "json", "markdown"}, key=("csv", "tsv", "json", "markdown").index
        )
    return {
        "name": f"{one_way[1]}_to_{one_way[3]}"
        if one_way and one_way[1] != one_way[3]
        else "table_converter",
        "formats": formats,
        "source": one_way[1] if one_way else formats[0],
        "target": one_way[3] if one_way else formats[1],
        "columns": reading.says("columns?", "fields?", "select\\w*"),
        "types": not reading.says("as strings", "as text"),
        "json": False,
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(csv|tsv|json|markdown)\b( files?)?\s*(to|into|->|→|2)\s*(a |an )?\b(csv|tsv|json|markdown)\b( table)?(?! (site|html))",  # noqa: E501
        r"\b(csv|tsv|json)\b( (and|or|,)? ?(csv|tsv|json|markdown))* conver",
        r"\bconver\w*\b.*\b(csv|tsv)\b",
        r"\bmarkdown table\b(?! of contents)",
    ),
    choices=choices,
)
