"""Arguing by the book: the stock arguments for and against a change, applied to the motion."""

from __future__ import annotations

from metaco.roles.documents import Motion, Speech

__all__ = ["argue_against", "argue_for"]

_FOR = (
    "Measured by {criterion}, staying as it is has a price too, which nobody has put down.",
    "If it holds that {motion}, every month of waiting is lost on {criterion}.",
    "It can be tried in a small part first, and {criterion} watched before going on.",
)
_AGAINST = (
    "What it does to {criterion} is not known, and who proposes a change has to show it.",
    "What exists works; with regard to {criterion} its faults are known and the new ones are not.",
    "A smaller step might get most of the gain on {criterion}.",
)


def argue_for(motion: Motion, speeches: list[Speech]) -> Speech:
    """Speak for the motion: one stock argument per criterion, others in each speech."""
    return _speech("for", _FOR, motion, speeches)


def argue_against(motion: Motion, speeches: list[Speech]) -> Speech:
    """Speak against the motion."""
    return _speech("against", _AGAINST, motion, speeches)


def _speech(side: str, stock: tuple[str, ...], motion: Motion, speeches: list[Speech]) -> Speech:
    own = sum(speech.side == side for speech in speeches)
    claim = motion.text.rstrip(".")
    claim = claim[:1].lower() + claim[1:]
    points = [
        stock[(own + n) % len(stock)].format(criterion=criterion, motion=claim)
        for n, criterion in enumerate(motion.criteria)
    ]
    said = {point for speech in speeches for point in speech.points}
    others = [speech for speech in speeches if speech.side != side]
    return Speech.model_validate(
        {
            "number": len(speeches) + 1,
            "side": side,
            "points": [point for point in points if point not in said],
            "answers": [f"It was said: {others[-1].points[0]} That holds for both sides."]
            if others and others[-1].points
            else [],
        }
    )
