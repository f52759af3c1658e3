"""How many tokens a text has, about."""

from __future__ import annotations

import re
from math import ceil

__all__ = ["estimate"]


def estimate(text: str) -> int:
    """Return about how many tokens `text` has, rounded up.

    Four letters of ASCII are one; each other character counts as one, as in many scripts it is.
    """
    other = 0 if text.isascii() else len(re.findall(r"[^\x00-\x7f]", text))
    return ceil((len(text) - other) / 4) + other
