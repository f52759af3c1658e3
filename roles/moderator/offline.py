"""Moderating by the book: the question is turned around, and points are weighed by rules."""

from __future__ import annotations

import re

from metaco.core.document import Requirement
from metaco.models.offline import ABOUT
from metaco.roles.documents import Minutes, Motion, Speech, Standing, WeighedPoint

__all__ = ["conclude", "frame", "weigh"]

_CRITERIA = {
    "cost": "cost buy price pay money expensive cheap invest rent",
    "time and attention": "time learn switch migrate move rewrite start build",
    "the people concerned": "team people school children staff work office users",
    "safety": "safe security health data privacy risk nuclear car",
    "the way back": "switch move replace migrate ban abolish delete change",
}


def frame(question: Requirement) -> Motion:
    """Make a statement of a question by moving its verb."""
    text = " ".join(question.text.split()).rstrip("?!. ")
    found = re.match(
        r"(?i)(should|must|can|could|will|is|are|do|does)\s+((?:the |a |an |our |all )?\S+)\s+(.*)",
        text,
    )
    if found:
        verb, subject, rest = found.groups()
        helper = "" if verb.lower() in ("do", "does") else f"{verb.lower()} "
        text = f"{subject[:1].upper()}{subject[1:]} {helper}{rest}"
    words = set(re.findall(r"\w+", text.lower()))
    criteria = [name for name, hints in _CRITERIA.items() if words & set(hints.split())]
    rest = [name for name in _CRITERIA if name not in criteria]
    return Motion(text=f"{text}.", language="en", criteria=(criteria + rest)[:3])


def weigh(motion: Motion, speeches: list[Speech]) -> Standing:
    """The book has two speeches a side."""
    over = len(speeches) >= 4
    said = sum(len(speech.points) for speech in speeches)
    remark = f"{said} points were made on {len(motion.criteria)} criteria."
    return Standing(remark=f"{'EXHAUSTED' if over else 'OPEN'}: {remark}")


def conclude(motion: Motion, speeches: list[Speech], standing: Standing) -> Minutes:
    """Keep the points in the order of the criteria; rules cannot weigh them, and say so."""
    points = [
        WeighedPoint(side=speech.side, text=text, weight="fair" if speech.number <= 2 else "weak")
        for speech in speeches
        for text in speech.points
    ]
    return Minutes(
        motion=motion.text,
        points=points,
        recommendation="The rules can list what speaks for each side, but not decide between them. "
        f"Look at {motion.criteria[0]} first.",
        depends_on=[f"facts about {criterion}" for criterion in motion.criteria],
        remarks=[standing.remark, ABOUT.split(". ")[0] + "."],
    )
