"""The verdict on what a run was for: decided once, and in the same words wherever it is said."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["verdict"]


def verdict(accepted: bool, losses: Sequence[str]) -> str:
    """Return the sentence that says whether what was asked for is there.

    Args:
        accepted: whether the run, or the document it is for, reached its aim.
        losses: what was asked for and is left out.
    """
    if accepted:
        return "Done."
    return "Built in part." if losses else "Not accepted."
