"""Finder of duplicate files."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    return {
        "name": "duplicate_finder",
        "delete": reading.says("delet\\w+", "remov\\w+", "clean\\w*"),
        "link": reading.says("hard ?links?", "hardlink\\w*"),
        "min_size": reading.says("size", "larger than", "bigger than", "minimum"),
        "pattern": reading.says(
            "images?", "photos?", "pictures?", "pattern", "extensions?", "only"
        ),
        "images": reading.says("images?", "photos?", "pictures?"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(duplicate|identical|same)\b[a-z ]*\b(files?|photos?|images?|pictures?|documents|finder|detect)",  # noqa: E501
        r"\bfind\w*\b[a-z ]*\bduplicates\b(?!.*\b(rows|lines)\b)",
        r"\b(files?|photos?|images?) (deduplicat|dedup)\w*|\bdeduplicat\w* (files?|photos?|images?)",  # noqa: E501
    ),
    names=r"doppelte dateien|duplikat\w* (?:finden|suchen)|fichiers en double|archivos duplicados|重复文件",  # noqa: E501
    choices=choices,
    despite="collection|manag",
)
