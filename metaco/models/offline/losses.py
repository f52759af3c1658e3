"""What of a wish is answered, and what is lost.

A wish is read from left to right. At each word the longest phrase that the program answers is
taken; articles, politeness and what is true of every program here (a command-line program in
Python) are skipped. Any other word, number or symbol makes its clause a loss, in the words of the
wish: nothing is compared by similarity, so that doubt always makes a loss.
"""

# ruff: noqa: E501, SIM905 - long patterns and lists read better unbroken

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ["Clause", "Phrase", "Regex", "clauses", "flat", "trimmed"]


class Phrase(Protocol):
    """Something that a program answers, where a wish says it."""

    @property
    def means(self) -> str:
        """What it is about: ``kind``, the name of a parameter, the id of a requirement."""
        ...

    @property
    def counts(self) -> bool:
        """Whether it takes any number, instead of naming the one it means."""
        ...

    def match(self, text: str, position: int) -> tuple[int, object] | None:
        """Return the end of the phrase that begins at `position`, and its value, if it matches."""
        ...


@dataclass
class Clause:
    """A part of a wish between two joints.

    Attributes:
        text: in the words of the wish; `start` is where it begins there, and `end` where it ends.
        lost: the words that nothing answers; none where the clause is answered.
        values: what the clause states, each with what it is about.
    """

    text: str = ""
    start: int = 0
    end: int = 0
    lost: list[str] = field(default_factory=list)
    values: list[tuple[str, object]] = field(default_factory=list)


_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
_NUMBER = re.compile(rf"\d+(?:\.\d+)?|\b(?:{'|'.join(_NUMBERS)})\b", re.I)
_END = r"(?![\w°]|[-'.,]\w)"  # a phrase ends with a word, and a number is taken whole


@dataclass(frozen=True)
class Regex:
    r"""A phrase as a regular expression; ``\d+`` also stands for a number in words.

    Its value is the one it was made with, else its first group, else None.
    """

    means: str
    pattern: re.Pattern[str]
    value: object = None
    counts: bool = False

    @classmethod
    def of(cls, means: str, pattern: str, value: object = None) -> Regex:
        """Compile a pattern so that it matches whole words, in any case."""
        number = rf"(?:\\d+|{'|'.join(_NUMBERS)})"
        whole = re.sub(r"\\d\+", number, pattern)
        return cls(means, re.compile(f"(?:{whole}){_END}", re.I), value, r"\d" in pattern)

    def match(self, text: str, position: int) -> tuple[int, object] | None:
        match = self.pattern.match(text, position)
        if not match or match.end() == position:
            return None
        group = next((_digits(each) for each in match.groups() if each), None)
        return match.end(), group if self.value is None else self.value


# Silent before the thing itself only: "a simple list", but not "with simple words".
_PLAIN = frozenset("simple small basic little tiny nice good".split())
_SILENT = _PLAIN | frozenset(
    "a an the this something my our your i we you me us it its there please"
    " app application program tool script utility python should must can could will shall would".split()
)
_JOINTS = frozenset(
    "and with that which who where also plus then so but has have having includes include including"
    " supports support supporting offers offering allows allow lets let".split()
)
_GOING_ON = frozenset(["and", ","])  # joints after which a denial goes on
_ARTICLES = frozenset(["a", "an", "the"])
_CONDITION = re.compile(  # what it is a condition of stands before or behind the phrase
    r"(?:after|before|until|till|when|whenever|if|unless|while|once|during|except)\b", re.I
)
_DENIED_THINGS = r"exclud(?:es?|ing)|ignor(?:es?|ing)|skip(?:s|ping)?|avoid(?:s|ing)?|leav(?:es?|ing) (?:out|alone)"
_DENIAL = re.compile(
    rf"(?<!yes/)(?<!yes or )\b(?:no|not|never|none|without|neither|nor|don't|doesn't|{_DENIED_THINGS})\b", re.I
)  # fmt: skip
_ACTS = re.compile(r"(?:print|show|list|count|display|write|read|save|keep|sort|give)s\b", re.I)
_WORD = re.compile(r"\d+(?::\d+)+|\w+(?:[-'.,]\w+)*|[^\w\s]")
_STOPS = frozenset(".,;:!?()[]\"'`-–—")

# What one says before naming the thing, and what is true of every program here.
_ANYWAY = [
    Regex.of("", pattern)
    for pattern in (
        r"(?:i|we)(?:'d| would)? (?:want|need|like)(?: you)?(?: to (?:have|use|write|make|build|create))?",
        r"(?:can|could|would|will) you",
        r"(?:write|make|build|create|develop|implement|give|code)(?: (?:me|us))?(?= (?:an?|the|my|our) )",
        r"(?:i|we) (?:want|need|would like) to play|let(?: me|'s) play|as an? \w+,? i (?:want|need|would like)(?: to)?",
        r"(?:the |an? )?(?:user|player)s? (?:can|should|must|may|is able to|are able to)|be able to",
        r"(?:in|on|for|from|at) (?:the|a|my) (?:terminal|console|command[- ]line|shell)",
        r"command[- ]line|terminal|console|cli|(?:text|terminal|console)[- ]based",
        r"(?:written )?(?:in|with|using) (?:pure |plain )?python(?: ?3(?:\.1[1-9])?)?|python ?3(?:\.1[1-9])?",
        r"(?:with|using) (?:only )?the standard library(?: only)?|standard library only",
        r"(?:without|no|with no) (?:third[- ]party |external )?(?:dependencies|packages|libraries)",
        r"with (?:unit )?tests|with a readme|as well as",
        r"for (?:me|us|myself|my (?:kids|children|son|daughter|friends?|family))",
    )
]  # fmt: skip


def flat(text: str) -> str:
    """Return a wish on one line: bullets, headings and emphasis made plain sentences."""
    joined, listing, apart = "", False, True
    for line in text.splitlines():
        bare = re.sub(r"^\s*(?:[-*•+]|#+|\d{1,2}[.)])\s+", "", line).strip()
        marked = bare != line.strip()
        if bare and joined:
            listing = marked and (listing or joined.endswith(":"))
            goes_on = joined[-1] in ".!?;,:" or not (apart or marked or bare[0].isupper())
            joined += ", " if listing and joined[-1] != ":" else " " if goes_on else ". "
        joined += bare
        apart = not bare
    joined = re.sub(r"(?<!\w)[*_`]+|[*_`]+(?!\w)", "", joined)
    return " ".join(joined.translate({0x2019: "'", 0x2018: "'", 0xD7: "x"}).split())


def clauses(text: str, phrases: Sequence[Phrase]) -> list[Clause]:
    """Split a wish into its clauses, each with what it says and what of it nothing answers.

    Args:
        text: the wish, `flat`.
        phrases: what the program answers.
    """
    parts = [Clause()]
    position = start = 0
    denial = ""  # the word of it, which goes on in the next clause: "without sound and colours"
    fresh = False
    while word := _WORD.search(text, position):
        position, end, token = word.start(), word.end(), word[0].lower()
        acts = bool(denial and re.match(_DENIED_THINGS, denial) and _ACTS.match(text, position))
        if fresh and (acts or (denial == "no" and token in _ARTICLES)):
            denial = ""  # "no walls and a score", "ignores case and prints the top words"
        taken = _longest(text, position, phrases)
        own = _DENIAL.findall(text, position, taken[0]) if taken else []
        if taken and (own or not (denial and fresh)):
            end = taken[0]
            parts[-1].values += taken[1]
            denial, fresh = own[-1].lower() if own else "", False
        elif token in _JOINTS or token in _STOPS:
            if parts[-1].values or parts[-1].lost:
                parts[-1].start, parts[-1].end = start, position
                parts.append(Clause())
                fresh = True
            goes_on = token in _GOING_ON
            denial = denial if goes_on else ""
            start = end if goes_on or not token.isalpha() else position
        elif token not in _SILENT or (token in _PLAIN and not _stands_alone(text, end)):
            parts[-1].lost.append(word[0])
        position = end
    parts[-1].start, parts[-1].end = start, len(text)
    for clause in parts:
        clause.text = trimmed(text[clause.start : clause.end])
    return [clause for clause in parts if clause.values or clause.lost]


def trimmed(text: str) -> str:
    """Return a part of a wish without the punctuation around it."""
    return text.strip(" .,;:!?\"'`-–—")


def _longest(
    text: str, position: int, phrases: Sequence[Phrase]
) -> tuple[int, list[tuple[str, object]]] | None:
    """Return where the phrase ends that reaches furthest, and all that such phrases say.

    It begins at `position` or behind silent words there: "a kite" is a kite. A number that it matches
    by ``\\d`` has to be a value.
    """
    matches = []
    for start in _starts(text, position):
        if _CONDITION.match(text, start):
            continue
        found = [
            (match[0], phrase, match[1])
            for phrase in (*phrases, *_ANYWAY)
            if (match := phrase.match(text, start))
        ]
        plain = _PLAIN.isdisjoint(text[position:start].lower().split())
        if plain or any(phrase.means in ("kind", "") for _, phrase, _ in found):
            matches += found
    if not matches:
        return None
    end = max(match[0] for match in matches)
    taken = [(phrase, value) for ends, phrase, value in matches if ends == end]
    if all(phrase.counts for phrase, _ in taken):
        values = {str(value) for _, value in taken}
        if not all(_digits(word) in values for word in _NUMBER.findall(text[position:end])):
            return None
    return end, [(phrase.means, value) for phrase, value in taken if phrase.means]


def _starts(text: str, position: int) -> Iterator[int]:
    """Yield `position` and where the words begin that only silent ones part from it."""
    for word in _WORD.finditer(text, position):
        yield word.start()
        if word[0].lower() not in _SILENT:
            return


def _stands_alone(text: str, end: int) -> bool:
    """Return whether the clause ends here: "keep it simple"."""
    word = _WORD.search(text, end)
    return not word or word[0] in _STOPS or word[0].lower() in _JOINTS | _SILENT


def _digits(word: str) -> str:
    """Return a number in words as digits."""
    plain = word.lower()
    return str(_NUMBERS.index(plain) + 1) if plain in _NUMBERS else word
