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


@dataclasses.dataclass(frozen=True)
class _Choice:
    """The kind of game that fits best, where and how it is called in the text, how surely."""

    kind: str
    at: int = 0
    called: str = ""
    sure: float = 0.0


def _first(patterns: tuple[str, ...], text: str) -> tuple[int, str] | None:
    """Return where the first of the patterns stands in the text, and what stands there."""
    places = [
        (found.start(), found[0])
        for p in patterns
        if (found := re.search(rf"(?<![{_LATIN}]){p}(?![{_LATIN}])", text))
    ]
    return min(places, default=None)


def _choose(reading: Reading) -> _Choice:
    """Return the kind of game that is named; else one that is near, else any if a game is meant."""
    text = reading.text.lower()

    def earliest(sort: str) -> tuple[tuple[int, str], str] | None:
        places = ((_first(getattr(game, sort), text), kind) for kind, game in games().items())
        return min(((place, kind) for place, kind in places if place), default=None)

    if named := earliest("names"):
        (at, called), kind = named
        return _Choice(kind, at, called, 0.95)
    generic = _first((_GENERIC,), text)
    if near := earliest("near"):
        (at, called), kind = near
        bare = re.fullmatch(rf"\W*(?:an? |the |my )?{re.escape(called)}\W*", text)
        if bare or generic or re.search(r"\b(?:play|clone|against|terminal)", text):
            return _Choice(kind, at, called, 0.75)
    return _Choice(_DEFAULT, generic[0], "", 0.7) if generic else _Choice(_DEFAULT)


def fits(reading: Reading) -> float:
    """Return how surely `reading` asks for a game to play."""
    choice = _choose(reading)
    if not choice.sure:
        return 0.0
    text = reading.text.lower()
    before = text[: choice.at]
    behind = re.sub(r"^\S+", "", text[choice.at :])  # what follows the word of the game itself
    if re.search(rf"\b(?:{_ABOUT})\b", before):
        return 0.15
    # "game collection", "snake game score tracker"; but "keeps a table of scores" is an extra
    if re.match(
        rf"(?:\s+(?!that|which|with|where|and|in|for|to)[\w-]+){{0,3}}?\s+(?:{_ABOUT})\b", behind
    ):
        return 0.15
    return choice.sure


def program(reading: Reading) -> Program:
    """Return the game that `reading` asks for, or the closest there is."""
    choice = _choose(reading)
    made = assemble(games()[choice.kind].plan(reading))
    if choice.sure == 0.95:
        understood = {choice.called, *choice.called.split()}
        return dataclasses.replace(made, unread=[u for u in made.unread if u not in understood])
    summary = f"{made.summary[0].lower()}{made.summary[1:]}"
    if choice.called:
        said = f"The handbook has no {choice.called}; the nearest game it has is {summary}"
    else:
        said = f"The requirement names no game the handbook knows, so it is {summary}"
    return dataclasses.replace(made, questions=[said, *made.questions])
