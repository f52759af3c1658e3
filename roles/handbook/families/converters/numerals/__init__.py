"""Converter of number bases and Roman numerals."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    roman = reading.says("romans?", "roman numerals?")
    bases = reading.says("bases?", "binary", "hex\\w*", "octal", "decimal", "radix") or not roman
    return {
        "name": "base_converter" if bases else "roman_numerals",
        "roman": roman,
        "bases": bases,
        "understood": "hex",
    }


kind = Kind(
    __file__,
    asks=(
        r"\broman (numerals?|numbers?)\b",
        r"\b(binary|hex(adecimal)?|octal|number[ -]base|base|radix|decimal)s?\b.*\bconver",
        r"\bconver\w*\b.*\b(binary|hexadecimal|octal|number bases?|roman)\b",
    ),
    names=r"römische zahlen|números romanos|chiffres romains|进制转换|罗马数字",
    choices=choices,
)
