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
    "unread",
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


_NOT_EVERYWHERE = {
    r"online|over (?:the )?(?:network|internet|lan)|networked|server": "play over a network",
    r"sounds?|music|audio": "sound",
    r"gui|graphical|windows?|pygame|tkinter|qt|3d|sprites?": "graphics in a window",
    r"web|browser|html|javascript|react|flask|django": "a web page",
    r"mobile|android|ios|iphone": "a mobile app",
    r"docker|kubernetes|cloud": "containers or hosting",
    r"login|accounts?|password": "user accounts",
    r"colou?rs?|colou?rful|emojis?": "colours",
    # Some games have these; they say so among the words they know.
    r"hints?|tips?": "hints",
    r"undo|redo|take ?-?backs?|taking back": "undo",
}

_PLAIN = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "app",
        "application",
        "as",
        "at",
        "based",
        "be",
        "best",
        "build",
        "by",
        "can",
        "choose",
        "classic",
        "clean",
        "cli",
        "clone",
        "code",
        "command",
        "computer",
        "console",
        "could",
        "create",
        "design",
        "develop",
        "do",
        "each",
        "easy",
        "every",
        "for",
        "friendly",
        "from",
        "fun",
        "game",
        "games",
        "generate",
        "give",
        "good",
        "have",
        "i",
        "implement",
        "in",
        "input",
        "interactive",
        "interface",
        "into",
        "is",
        "it",
        "its",
        "keyboard",
        "let",
        "like",
        "line",
        "lines",
        "little",
        "made",
        "make",
        "me",
        "mini",
        "must",
        "my",
        "nice",
        "of",
        "old",
        "on",
        "one",
        "option",
        "or",
        "our",
        "out",
        "over",
        "play",
        "played",
        "player",
        "playing",
        "plays",
        "please",
        "possible",
        "program",
        "project",
        "python",
        "quick",
        "real",
        "run",
        "runs",
        "school",
        "script",
        "should",
        "show",
        "simple",
        "small",
        "so",
        "some",
        "style",
        "support",
        "supports",
        "terminal",
        "text",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "this",
        "to",
        "tool",
        "tui",
        "turn",
        "until",
        "up",
        "use",
        "user",
        "uses",
        "using",
        "version",
        "want",
        "we",
        "where",
        "which",
        "while",
        "will",
        "with",
        "without",
        "write",
        "you",
        "your",
        "against",
        "allow",
        "ask",
        "asks",
        "between",
        "different",
        "difficulty",
        "during",
        "enter",
        "has",
        "high",
        "how",
        "just",
        "keep",
        "keeps",
        "level",
        "levels",
        "mode",
        "modes",
        "more",
        "new",
        "number",
        "numbers",
        "per",
        "random",
        "same",
        "score",
        "scores",
        "size",
        "two",
        "three",
        "also",
        "but",
        "no",
        "not",
        "only",
        "when",
        "what",
        "if",
        "all",
        "who",
        "lets",
        "see",
        "print",
        "prints",
        "screen",
        "standard",
        "library",
        "written",
        "beautiful",
        "great",
        "well",
        "working",
        "complete",
        "full",
        "simplest",
        "basic",
        "tiny",
        "world",
        "old-school",
        "retro",
        "game's",
        "quiz",
        "quizzes",
    ]
)


def unread(reading: Reading, *known: str) -> list[str]:
    """Return the parts of the requirement that no rule read.

    Args:
        known: regular expressions for the words this program does stand for; one that matches
            the name of an extra, as "undo", says that the program has it.
    """
    mine = re.compile("|".join(known) or "(?!)")
    parts = [
        name
        for words, name in _NOT_EVERYWHERE.items()
        if reading.says(words) and not mine.fullmatch(name)
    ]
    out = "|".join([*_NOT_EVERYWHERE, *known, _NUMBER, r"\d+x\d+"])
    extras = r"hard|medium|expert|unbeatable|friends?|multiplayer|hot-?seat|players?|high-?scores?"
    extras += r"|leaderboards?|saves?|saved|history|stat\w+|seed\w*|results?|records?|rounds?"
    left = [
        word
        for word in dict.fromkeys(reading.words)
        if word not in _PLAIN and not re.fullmatch(rf"{out}|{extras}", word)
    ]
    return [*parts, *left]
