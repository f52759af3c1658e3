"""Remedies for names that are not known."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

__all__ = ["suggest"]


def suggest(name: str, known: Sequence[str], lead: str) -> str:
    """Return a remedy for a name that is not known: the closest one, or all there are."""
    close = difflib.get_close_matches(name, known, 1)
    if close:
        return f"Did you mean {close[0]}?"
    return f"{lead} {', '.join(known)}." if known else "There is none to choose from."
