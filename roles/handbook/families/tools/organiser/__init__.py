"""File organiser by extension or date."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    by_date = reading.says("dates?", "months?", "years?", "by day")
    return {
        "name": "photo_organiser" if reading.says("photos?", "pictures?") else "file_organiser",
        "by_date": by_date,
        "default": "date"
        if by_date and not reading.says("extensions?", "types?", "kinds?")
        else "type",
        "recursive": reading.says("recursive\\w*", "sub ?folders", "subdirectories"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(organi[sz]|sort|tidy|clean)\w*\b.*\b(files|folders?|downloads|photos|pictures|director(y|ies)|desktop)\b",
        r"\b(file|photo|download|downloads|folder)s? (organi[sz]er|sorter|cleaner)\b",
    ),
    names=r"dateien (?:sortieren|ordnen|aufräumen)|organizar archivos|trier (?:les |des |mes )?fichiers|整理文件",  # noqa: E501
    choices=choices,
    despite="manag|collection",
)
