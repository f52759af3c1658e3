"""Terminal games. A module of this package with a `GAME` is one kind of game.

The templates of its files lie in ``sources/<kind>/``; see `making` for how they are filled.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import pkgutil
import re

from metaco.roles.handbook import Program
from metaco.roles.handbook.families.games.game import Game
from metaco.roles.handbook.families.games.making import assemble
from metaco.roles.handbook.reading import Reading

__all__ = ["fits", "games", "program"]

_DEFAULT = "number_guessing"

# Heads of requirements that are about games without being one.
_ABOUT = (
    r"inventor(?:y|ies)|collections?|librar(?:y|ies)|catalogu?e?s?|databases?|trackers?|tracking|"
    r"managers?|management|planners?|schedulers?|calendars?|calculators?|converters?|convert|"
    r"analy[sz]ers?|analy[sz]e|analytics|parsers?|parse|organi[sz]ers?|shops?|stores?|wish ?lists?|"
    r"reviews?|logs?|logging|journals?|bookings?|rentals?|loans?|lend|records?|table|lists?|"
    r"ratings?|prices?|budgets?|track|manage|catalog|diary|api|servers?|launcher|installer|"
    r"quiz(?:zes)?|flash ?cards?|trivia|timer|stopwatch|count|rename|download"
)
_LATIN = "a-z0-9à-ÿ_-"  # where words have ends; Chinese has no blanks between them
_GENERIC = r"(?:games?|arcade|puzzles?|spiel|jeu|juego|gioco|游戏)"


@functools.cache
def games() -> dict[str, Game]:
    """Return all kinds of games by the names of their modules."""
    found = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        game = getattr(importlib.import_module(f"{__name__}.{module.name}"), "GAME", None)
        if isinstance(game, Game):
            found[module.name] = game
    return found


def _first(patterns: tuple[str, ...], text: str) -> int | None:
    """Return where the first of the patterns stands in the text."""
    places = [
        found.start()
        for p in patterns
        if (found := re.search(rf"(?<![{_LATIN}]){p}(?![{_LATIN}])", text))
    ]
    return min(places, default=None)


def _choose(reading: Reading) -> tuple[str, int, float]:
    """Return the kind of game, where it is named, and how clearly."""
    text = reading.text.lower()
    named = [(at, kind) for kind, g in games().items() if (at := _first(g.names, text)) is not None]
    if named:
        at, kind = min(named)
        return kind, at, 0.95
    near = [(at, kind) for kind, g in games().items() if (at := _first(g.near, text)) is not None]
    generic = _first((_GENERIC,), text)
    if near and (generic is not None or re.search(r"\b(?:play|clone|against|terminal)", text)):
        return min(near)[1], min(near)[0], 0.75
    if generic is not None:
        kind = min(near)[1] if near else _DEFAULT
        return kind, generic, 0.7
    return _DEFAULT, 0, 0.0


def fits(reading: Reading) -> float:
    """Return how surely `reading` asks for a game to play."""
    _, at, sure = _choose(reading)
    if not sure:
        return 0.0
    text = reading.text.lower()
    before = text[:at]
    behind = re.sub(r"^\S+", "", text[at:])  # what follows the word of the game itself
    if re.search(rf"\b(?:{_ABOUT})\b", before):
        return 0.15
    # "game collection", "snake game score tracker"; but "keeps a table of scores" is an extra
    if re.match(
        rf"(?:\s+(?!that|which|with|where|and|in|for|to)[\w-]+){{0,3}}?\s+(?:{_ABOUT})\b", behind
    ):
        return 0.15
    return sure


def program(reading: Reading) -> Program:
    """Return the game that `reading` asks for, or the closest there is."""
    kind, _, sure = _choose(reading)
    made = assemble(games()[kind].plan(reading))
    if sure == 0.95:
        return made
    asked = "The requirement names no game the handbook knows"
    return dataclasses.replace(
        made,
        questions=[
            f"{asked}, so it is {made.summary[0].lower()}{made.summary[1:]}",
            *made.questions,
        ],
    )
