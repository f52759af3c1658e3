"""Directory tree with sizes."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    largest = reading.says("largest", "biggest", "top", "disk usage", "sizes?")
    tree = reading.says("trees?", "structure") or not largest
    return {
        "name": "directory_tree" if tree else "disk_usage",
        "largest": largest,
        "top": number(reading, r"top (\d+)", r"(\d+) (?:largest|biggest)", otherwise=10, most=1000),
        "types": reading.says("by (?:type|extension)", "file types?", "extensions?"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(director(y|ies)|folder|file)s? (tree|structure|size)",
        r"\bdisk (usage|space)\b",
        r"\b(largest|biggest) (files|folders|directories)\b",
        r"\btree (command|view|printer)\b",
        r"\bsizes? of (files|folders|directories)\b",
    ),
    names=r"verzeichnisbaum|arborescence|árbol de directorios|目录树",
    choices=choices,
)
