"""The conclusion on what a run was for: decided once, and in the same words wherever it is said."""

from __future__ import annotations

__all__ = ["conclusion"]


def conclusion(accepted: bool, losses: bool) -> str:
    """Return the sentence that says whether what was asked for is there.

    Args:
        accepted: whether the run, or the document it is for, reached its aim.
        losses: whether something that was asked for is left out.
    """
    if accepted:
        return "Done."
    return "Built in part." if losses else "Not accepted."
