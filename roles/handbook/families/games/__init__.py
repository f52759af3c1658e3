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
    """The kind of game that is named, where and how it is called in the text."""

    kind: str
    at: int
    called: str


def _first(patterns: tuple[str, ...], text: str) -> tuple[int, str] | None:
    """Return where the first of the patterns stands in the text, and what stands there."""
    places = [
        (found.start(), found[0])
        for p in patterns
        if (found := re.search(rf"(?<![{_LATIN}]){p}(?![{_LATIN}])", text))
    ]
    return min(places, default=None)


def _choose(reading: Reading) -> _Choice | None:
    """Return the game that the text names first, if it names one."""
    text = reading.text.lower()
    places = ((_first(game.names, text), kind) for kind, game in games().items())
    named = min(((place, kind) for place, kind in places if place), default=None)
    return _Choice(named[1], *named[0]) if named else None


def fits(reading: Reading) -> float:
    """Return how surely `reading` asks for a game to play."""
    choice = _choose(reading)
    if not choice:
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
    return 0.95


def program(reading: Reading) -> Program:
    """Return the game that `reading` names; it has to name one."""
    choice = _choose(reading)
    assert choice
    made = assemble(games()[choice.kind].plan(reading))
    return dataclasses.replace(made, names=(made.name, choice.called))
