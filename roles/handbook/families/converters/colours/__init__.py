"""Colour converter: hex, RGB, HSL."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    return {
        "name": "colour_converter" if reading.says("colours?") else "color_converter",
        "contrast": reading.says("contrast", "accessib\\w+", "wcag"),
        "preview": reading.says("preview", "show\\w*", "swatch\\w*", "terminal"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\bcolou?rs?\b.*\b(conver|hex|rgb|hsl|code)",
        r"\b(hex|rgb|hsl)\b (to|and|or|into) \b(rgb|hsl|hex)\b",
        r"\bconver\w*\b.*\b(colou?rs?|rgb|hsl)\b",
    ),
    names=r"farb(?:um)?rechner|farbkonverter|convertisseur de couleurs?|conversor de colores|颜色转换",  # noqa: E501
    choices=choices,
)
