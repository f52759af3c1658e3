"""What the wording of a requirement asks of a game: sizes, counts, players, extras."""

# ruff: noqa: E501  (the sentences of a plan stay whole)

from __future__ import annotations

import re

from metaco.roles.handbook.reading import Reading

__all__ = [
    "clamped",
    "count",
    "difficulty",
    "size",
    "two_players",
    "wants_hints",
    "wants_scores",
    "wants_undo",
]

_SPELLED = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
    "fifty": 50, "hundred": 100, "thousand": 1000,
}  # fmt: skip
_NUMBER = r"(?:\d{1,9}|" + "|".join(_SPELLED) + r")"


def _value(text: str) -> int:
    return _SPELLED[text] if text in _SPELLED else int(text)


def size(reading: Reading) -> tuple[int, int] | None:
    """Return the first ``10x12`` or ``10 by 12`` as the two numbers in that order."""
    found = re.search(r"(?<!\w)(\d{1,4})\s*(?:x|×|\*|by)\s*(\d{1,4})(?!\w)", reading.text.lower())
    return (int(found[1]), int(found[2])) if found else None


def count(reading: Reading, *nouns: str) -> int | None:
    """Return the number that stands with one of the nouns (regular expressions).

    It finds ``20 mines``, ``five random mines``, ``best of 5`` and ``lives: 7``; a noun that takes
    its number behind it is given with a trailing space, as ``"best of "``.
    """
    text = reading.text.lower()
    for noun in nouns:
        if noun.endswith(" "):
            found = re.search(rf"\b{noun.strip()}[ :=-]+({_NUMBER})\b", text)
        else:
            found = re.search(rf"(?<![\w.-])({_NUMBER})[ -](?:[a-z]+ )?(?:{noun})\b", text)
            found = found or re.search(rf"\b(?:{noun})\s*[:=]\s*({_NUMBER})\b", text)
        if found:
            return _value(found[1])
    return None


def clamped(value: int, low: int, high: int, what: str, questions: list[str]) -> int:
    """Return `value` within low..high; what had to give way is said in `questions`."""
    near = min(max(value, low), high)
    if near != value:
        questions.append(f"{what}: {value} was asked for; {low} to {high} works, so it is {near}.")
    return near


def difficulty(reading: Reading, default: str = "medium") -> str:
    """Return ``easy``, ``medium`` or ``hard``."""
    if reading.says(
        "easy", "simple opponent", "beginners?", "kids?", "children", "for my (?:son|daughter)"
    ):
        return "easy"
    if reading.says(
        "hard", "difficult", "expert", "unbeatable", "impossible", "strong", "clever", "smart"
    ):
        return "hard"
    if reading.says("medium", "intermediate", "normal"):
        return "medium"
    return default


def two_players(reading: Reading) -> bool:
    """Return whether two people sit at one keyboard."""
    return reading.says(
        r"(?:two|2)[ -](?:human )?(?:players?|people|persons|friends|humans)",
        r"hot[ -]?seat",
        r"(?:against|with|versus|vs) (?:a |my |another )?(?:friend|human|person|player|brother|sister|wife|husband)",
        "multiplayer",
        "pvp",
    )


def wants_scores(reading: Reading) -> bool:
    """Return whether results shall be kept between games."""
    return reading.says(
        "high ?-?scores?", "highscores?", "best scores?", "leader ?-?boards?", "score ?boards?",
        "hall of fame", "(?:keeps?|saves?|stores?|records?|tracks?|remembers?)(?: \\w+){0,3} "
        "(?:scores?|results?|wins?|games?|records?|history|progress|times?|stat\\w+)",
        "statistics", "stats", "history", "persistent", "best times?",
    )  # fmt: skip


def wants_hints(reading: Reading) -> bool:
    """Return whether the player may ask for help."""
    return reading.says("hints?", "clues?", "tips?")


def wants_undo(reading: Reading) -> bool:
    """Return whether moves can be taken back."""
    return reading.says("undo", "take back", "takeback", "taking back", "redo")
