"""Dice roller with dice notation."""

from __future__ import annotations

import re
from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    asked = re.search(r"\b\d{1,2}d(?:4|6|8|10|12|20|100)(?: ?[+-] ?\d{1,3})?\b", reading.text)
    return {
        "name": "dice_roller",
        "asked": asked[0] if asked else "2d6+3",
        "stats": reading.says(
            "statistic\\w*", "probabilit\\w+", "average", "distribution", "odds", "chances?"
        ),
        "keep": reading.says(
            "keep", "drop", "highest", "lowest", "advantage", "disadvantage", "4d6"
        ),
        "repeat": reading.says("times", "repeat\\w*", "several", "multiple"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\bdice\b( \w+)? (roll|notation|throw|calculat|simulat|probabilit)",
        r"\broll\w*\b.*\bdice\b|\bdice roll",
        r"\b\d*d(4|6|8|10|12|20|100)\b",
    ),
    hints=(r"^dice\b",),
    names=r"würfel(?!spiel)\w*|\bdados\b|\blance\w* de dés\b|骰子",
    choices=choices,
    despite="game|play|keep",
)
