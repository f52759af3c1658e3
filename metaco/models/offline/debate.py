"""The answers that offline gives for a debate: stock arguments, applied to the motion."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["argue_against", "argue_for", "conclude", "frame", "weigh"]

_CRITERIA = {
    "cost": "cost buy price pay money expensive cheap invest rent",
    "time and attention": "time learn switch migrate move rewrite start build",
    "the people concerned": "team people school children staff work office users",
    "safety": "safe security health data privacy risk nuclear car",
    "the way back": "switch move replace migrate ban abolish delete change",
}
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
_SPEECHES = 4  # after two a side the stock arguments are used up


def frame(question: Any) -> dict[str, Any]:
    """Make a statement of a question by moving its verb."""
    text = " ".join(question.text.split()).rstrip("?!. ")
    match = re.match(
        r"(?i)(should|must|can|could|will|is|are|do|does)\s+((?:the |a |an |our |all )?\S+)\s+(.*)",
        text,
    )
    if match:
        verb, subject, rest = match.groups()
        modal = "" if verb.lower() in ("do", "does") else f"{verb.lower()} "
        text = f"{subject[:1].upper()}{subject[1:]} {modal}{rest}"
    words = set(re.findall(r"\w+", text.lower()))
    criteria = [name for name, hints in _CRITERIA.items() if words & set(hints.split())]
    others = [name for name in _CRITERIA if name not in criteria]
    return {"text": f"{text}.", "language": "en", "criteria": (criteria + others)[:3]}


def argue_for(motion: Any, speeches: Any) -> dict[str, Any]:
    """Speak for the motion: one stock argument per criterion, others in each speech."""
    return _speech("for", _FOR, motion, speeches)


def argue_against(motion: Any, speeches: Any) -> dict[str, Any]:
    """Speak against the motion."""
    return _speech("against", _AGAINST, motion, speeches)


def weigh(motion: Any, speeches: Any) -> dict[str, Any]:
    """End the debate when the stock arguments are used up."""
    over = len(speeches) >= _SPEECHES
    points = sum(len(speech.points) for speech in speeches)
    remark = f"{points} points were made on {len(motion.criteria)} criteria."
    return {"remark": f"{'EXHAUSTED' if over else 'OPEN'}: {remark}"}


def conclude(motion: Any, speeches: Any, standing: Any) -> dict[str, Any]:
    """Keep the points in the order of the criteria; rules cannot weigh them, and say so."""
    points = [
        {"side": speech.side, "text": text, "weight": "fair" if speech.number <= 2 else "weak"}
        for speech in speeches
        for text in speech.points
    ]
    return {
        "motion": motion.text,
        "points": points,
        "recommendation": "The rules can list what speaks for each side, but not decide between"
        f" them. Look at {motion.criteria[0]} first.",
        "depends_on": [f"facts about {criterion}" for criterion in motion.criteria],
        "remarks": [standing.remark, "No AI model was involved; the arguments are stock ones."],
    }


def _speech(side: str, stock: tuple[str, ...], motion: Any, speeches: Any) -> dict[str, Any]:
    own = sum(speech.side == side for speech in speeches)
    claim = motion.text.rstrip(".")
    claim = claim[:1].lower() + claim[1:]
    points = [
        stock[(own + n) % len(stock)].format(criterion=criterion, motion=claim)
        for n, criterion in enumerate(motion.criteria)
    ]
    used = {point for speech in speeches for point in speech.points}
    others = [speech for speech in speeches if speech.side != side]
    answers = (
        [f"It was said: {others[-1].points[0]} That holds for both sides."]
        if others and others[-1].points
        else []
    )
    return {
        "number": len(speeches) + 1,
        "side": side,
        "points": [point for point in points if point not in used],
        "answers": answers,
    }
