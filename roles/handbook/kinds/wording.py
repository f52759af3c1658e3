"""How a requirement is worded: its main part, names and numbers."""

from __future__ import annotations

import re
from decimal import Decimal

from metaco.roles.handbook.reading import Reading

__all__ = ["decimal_after", "main_part", "named", "number", "plain"]

_NUMBERS = (  # noqa: SIM905
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()

_OPENING = frozenset(
    "a an the some me us my please write create build make develop implement design give program "  # noqa: SIM905
    "tool script app application utility software cli command-line commandline terminal console "
    "python python3 simple small tiny basic little good nice fast quick command line based i we "
    "need want would like could can you code which that to for something handy offline useful "
    "complete advanced interactive text-based do does is be will should".split()
)

_CUT = re.compile(r"[.;:]\s|\b(that|which|with|including|where|so that|plus)\b")


def plain(reading: Reading) -> str:
    """Return the requirement in lower case, number words written as digits."""
    english = getattr(reading, "language", "en") == "en"
    text = reading.text.lower()
    if not english:  # what was put into English word by word, and the words themselves
        text = f"{' '.join(reading.words)} {text}"
    for value, word in enumerate(_NUMBERS):
        text = re.sub(rf"\b{word}\b(?! time pad)", str(value), text)
    return text


def main_part(text: str) -> str:
    """Return the part of a requirement that names the thing: "a tip calculator | with ..."."""
    words = text.split()
    while words and words[0].strip(",.'\"") in _OPENING:
        words.pop(0)
    rest = " ".join(words)
    cut = _CUT.search(rest)
    return rest[: cut.start()] if cut and cut.start() else rest


def named(reading: Reading, otherwise: str) -> str:
    """Return the package name a requirement gives ("called pocket-calc"), or `otherwise`."""
    found = re.search(r"\b(?:called|named)\s+[\"'`]?([A-Za-z][A-Za-z0-9_-]{1,30})", reading.text)
    if not found:
        return otherwise
    name = re.sub(r"[^a-z0-9]+", "_", found.group(1).lower()).strip("_")
    import keyword
    import sys

    taken = keyword.iskeyword(name) or name in sys.stdlib_module_names or name in {"tests", "docs"}
    return f"{name}_tool" if taken else name


def number(reading: Reading, *patterns: str, otherwise: int, most: int = 10**6) -> int:
    """Return the first whole number that a pattern's group finds, if it is in 1..most."""
    text = plain(reading)
    for pattern in patterns:
        for found in re.finditer(pattern, text):
            if 0 < int(found.group(1)) <= most:
                return int(found.group(1))
    return otherwise


def decimal_after(reading: Reading, *patterns: str, otherwise: str) -> str:
    """Return the first decimal number that a pattern's group finds, as it is written."""
    text = plain(reading)
    for pattern in patterns:
        found = re.search(pattern, text)
        if found and Decimal(found.group(1)) < 10**9:
            return found.group(1)
    return otherwise
