"""Converter of text case."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading

CASES = {
    "snake": ("snake", "hello_big_world"),
    "camel": ("camel", "helloBigWorld"),
    "pascal": ("pascal", "HelloBigWorld"),
    "kebab": ("kebab|slugs?|slugify", "hello-big-world"),
    "constant": ("constant|screaming", "HELLO_BIG_WORLD"),
    "title": ("title", "Hello Big World"),
    "sentence": ("sentence", "Hello big world"),
    "upper": ("upper", "HELLO BIG WORLD"),
    "lower": ("lower", "hello big world"),
}


def choices(reading: Reading) -> dict[str, Any]:
    named = [case for case, (words, _) in CASES.items() if reading.says(f"(?:{words})( ?case)?")]
    if reading.says("uppercase"):
        named.append("upper")
    if reading.says("lowercase"):
        named.append("lower")
    chosen = [case for case in CASES if case in named] or list(CASES)
    return {
        "name": f"{chosen[0]}_case" if len(chosen) == 1 else "case_converter",
        "understood": "slugify slug uppercase lowercase",
        "cases": {case: CASES[case][1] for case in chosen},
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(text|string|letter|identifier)?[ -]?case (convert|chang|format)",
        r"\b(snake|camel|kebab|pascal|title)[ _-]?case\b",
        r"\bconver\w*\b.*\b(upper|lower|title)[ -]?case\b",
        r"\bslugif",
    ),
    choices=choices,
)
