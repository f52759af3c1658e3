"""Bulk renamer with preview and undo."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    return {
        "name": "bulk_renamer",
        "number": reading.says("number\\w*", "sequen\\w+", "counter", "count\\w*"),
        "date": reading.says("dates?", "timestamps?"),
        "case": reading.says("lower ?case", "upper ?case", "case"),
        "spaces": reading.says("spaces?", "underscores?", "dash\\w*"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\brenam\w*\b.*\b(files?|photos?|pictures?|images?|bulk|batch)\b",
        r"\b(bulk|batch|mass|file)[ -]renam",
    ),
    names=r"dateien umbenennen|renommer (?:des |les )?fichiers|renombrar archivos|重命名",
    choices=choices,
    despite="collection|manag",
)
