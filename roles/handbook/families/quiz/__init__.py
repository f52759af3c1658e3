"""Quizzes, arithmetic drills, flashcards and vocabulary trainers.

`questions` plans everything that asks and counts, `cards` everything that is learnt by repetition.
The question banks lie in ``banks/``: a file more is a topic more.
"""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

import re
from dataclasses import replace

from metaco.roles.handbook import Program
from metaco.roles.handbook.families.games.making import assemble
from metaco.roles.handbook.families.quiz import cards, questions
from metaco.roles.handbook.reading import Reading

__all__ = ["fits", "program"]

_CARDS = (
    r"vokabel\w*|karteikarten|vocabulaire|vocabulario|flash ?-?cards?|vocab\w*|leitner|spaced repetition|memori[sz]\w+|index cards?|"
    r"learn\w* (?:\w+ )?(?:words|spanish|french|german|italian)|words? trainer"
)
_SUBJECT = r"(?:maths?|arithmetic|addition|subtraction|multiplication|division|mental|calculation|plus|minus)"
_QUIZ = (
    r"quiz\w*|trivia|multiple[ -]choice|true[ -](?:or[ -])?false|times[ -]tables?|"
    rf"einmaleins|cuestionario|multiplication tables?|{_SUBJECT}(?: \w+)? (?:drills?|practi[cs]e|trainer|game|exercises?|test|problems)|"
    rf"(?:practi[cs]e|drill|train) (?:\w+ )?{_SUBJECT}"
)
_ABOUT = (
    r"database|track(?:er|ing|s)?|inventory|manager?|manage|catalog\w*|converter|convert|generator|"
    r"grade ?book|record|log|store|list of|analy[sz]\w+|parse\w*|schedul\w+|api|server|collection|"
    r"organi[sz]er|shop|print"
)


def _text(reading: Reading) -> str:
    return f"{reading.text.lower()} {' '.join(reading.words)}"


def fits(reading: Reading) -> float:
    """Return how surely `reading` asks for something that asks questions."""
    text = _text(reading)
    found = re.search(rf"\b(?:{_CARDS}|{_QUIZ})\b", text)
    if found is None:
        return 0.0
    before, behind = text[: found.start()], text[found.end() :]
    about = rf"\b(?:{_ABOUT})\b"
    if re.search(about, before) or re.match(
        rf"(?:\s+(?!that|which|with|and)\w+)?\s+(?:{_ABOUT})\b", behind
    ):
        return 0.2
    return 0.96


def program(reading: Reading) -> Program:
    """Return the quiz or trainer that `reading` asks for."""
    text = _text(reading)
    learnt = re.search(rf"\b(?:{_CARDS})\b", text)
    asked = re.search(r"\bquiz\w*|\bmultiple[ -]choice", text)
    cards_asked = learnt and not (asked and asked.start() < learnt.start())
    made = assemble(cards.plan(reading) if cards_asked else questions.plan(reading))
    return replace(made, names=(made.name, *re.findall(rf"\b(?:{_CARDS}|{_QUIZ})\b", text)))
