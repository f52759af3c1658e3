"""What a requirement asks for and the program found for it does not do.

One rule for all programs: each clause of the requirement has to be answered by the text of one
requirement of the program. That holds every word that carries meaning and every number beside the
same unit; what the clause denies it denies in one clause of its own, and no requirement affirms it.
The words by which the program was recognised need no answer, nor does what is true of every program
here: it is a command line tool in Python. What every program keeps anyway, examples and names that
were copied out of the requirement answer nothing. All else is a loss, and doubt makes a loss.
"""

# ruff: noqa: E501, SIM905 - long lists read better unbroken

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from metaco.roles.handbook import Program
from metaco.roles.handbook.structure import flat
from metaco.roles.handbook.words import english

__all__ = ["Accounts", "account"]

# Grammar, how one asks, and what every program here is.
_SILENT = frozenset(
    "a an the this that these those it its i me my we us our you your he she they them their his her "
    "who whose which what where when while how and or but so also plus then of to in on at by from for with "
    "as into than is are be am was were been has have had having do does did can could should shall will would may "
    "must let lets allow allows able want wants need needs like please just each every all any some etc via "
    "against app application program tool script software system code clone game play python python3 cli command line terminal console commandline "
    "simple small tiny little basic nice good great cool proper quick fast easy handy useful "
    "show shows showing display displays make makes build create creates write develop implement give gives provide provides support supports include includes including "
    "use uses using used run runs called named user users s x".split()
)  # fmt: skip

_NUMBERS = {
    word: number
    for number, words in {
        "0": "zero", "2": "two twice double pair", "3": "three triple", "4": "four", "5": "five", "6": "six",
        "7": "seven", "8": "eight", "9": "nine", "10": "ten", "11": "eleven", "12": "twelve dozen",
        "13": "thirteen", "14": "fourteen", "15": "fifteen", "16": "sixteen", "17": "seventeen",
        "18": "eighteen", "19": "nineteen", "20": "twenty", "30": "thirty", "40": "forty", "50": "fifty",
        "60": "sixty", "70": "seventy", "80": "eighty", "90": "ninety", "100": "hundred",
        "1000": "thousand", "1000000": "million",
    }.items()
    for word in words.split()
}  # fmt: skip

# Forms of one word that no ending tells.
_SAME = {
    "%": "percent", "°": "degree", "$": "dollar", "€": "euro", "£": "pound", "monthly": "per month",
    "weekly": "per week", "daily": "per day", "yearly": "per year", "annual": "per year", "hourly": "per hour",
    "biggest": "largest", "organise": "organize", "organiser": "organize", "colour": "color",
    "colours": "colors", "tries": "try", "lent": "lend", "compute": "calculate", "conversion": "convert", "conversions": "convert",
}  # fmt: skip

_DENIAL = frozenset("no not never without none nor neither cannot nothing nobody nowhere".split())

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[^\s\w]")
_ENDING = re.compile(r"(?:ations?|ions?|ings?|ies|ied|ers?|ors?|ed|es|ys?|s|e)$")
_STOP = r"[.!?;:()\n，。！？；：、]+(?!\d)|,(?!\d)|\s[-–—]+\s"
_JOINT = (
    r"\b(?:and|or|nor|with|without|that|which|who|where|when|while|plus|including|but|then|so|if|"
    r"unless|except|in|on|for(?! (?:each|every|all)\b))\b"
)
_CLAUSE = re.compile(rf"{_STOP}|(?={_JOINT})", re.I)
_GOES_ON = re.compile(rf"\W*(?:(?:and|or|nor|in|on)\b|(?!{_JOINT}))", re.I)
_NAME = r"(?i)\b(?:called|named) \W?[\w-]+\W*$"
_WAY = re.compile(r"\b([a-z]+)\W+(?:to|into)\W+(?:an? )?([a-z]+)\b")


@dataclass(frozen=True)
class Accounts:
    """What is left of a requirement when the program is held against it.

    Attributes:
        losses: what the program does not do, in the words of the requirement.
        strange: what names the kind of program is lost itself.
    """

    losses: tuple[str, ...]
    strange: bool


def account(text: str, program: Program) -> Accounts:
    """Hold a requirement against the program that was found for it."""
    plain, _ = english(flat(text))
    offer = _Offer(program)
    lost: list[tuple[int, int]] = []
    first, denied, before = True, False, 0
    strange = False
    for start, end in _clauses(plain):
        clause = re.sub(_NAME, "", plain[start:end]) if first else plain[start:end]
        asked = list(_tokens(clause))
        between = plain[before:start]
        carried = denied and not re.search(r"[.!?;\n]", between) and _GOES_ON.match(plain, start)
        denied, before = bool(carried) or any(token[0] == "!" for token in asked), end
        if carried:
            asked.insert(0, "!")  # "without sound and colours" denies both
        answered = offer.answers(asked) and not offer.turns(clause)
        strange |= first and not answered
        first = False
        if answered:
            continue
        if lost and not re.search(_STOP, plain[lost[-1][1] - 1 : start + 1]):
            lost[-1] = (lost[-1][0], end)  # goes on with what was lost before it
        else:
            lost.append((start, end))
    losses = [
        re.sub(r"^(?:and|or|that|which)\b", "", plain[a:b].strip(), flags=re.I) for a, b in lost
    ]
    return Accounts(tuple(dict.fromkeys(loss.strip(" ,'\"")[:200] for loss in losses)), strange)


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Return where the clauses that say anything begin and end."""
    start = 0
    for found in [*_CLAUSE.finditer(text), None]:
        end = found.start() if found else len(text)
        if any(True for _ in _tokens(text[start:end])):
            yield start, end
        start = found.end() if found else end


def _tokens(text: str) -> Iterator[str]:
    """Return the numbers, the stems of the words that carry meaning, and the denials of a text."""
    text = re.sub(r"(?<=\d)\s?[x×](?=\s?\d)", " ", text.lower().replace("’", "'").replace("_", " "))
    text = re.sub(r"\beach\W*$", "per", re.sub(r"n't\b", " not", text))  # "3 seconds each"
    for token in _TOKEN.findall(text):
        if token[0].isdigit():
            yield re.sub(r"(\.\d*?)0+$", r"\1", token.replace(",", "")).rstrip(".")
        elif token in _NUMBERS:
            yield _NUMBERS[token]
        elif token in _DENIAL:
            yield f"!{token}"  # apart from stems, as "notes" has the stem "not"
        elif token not in _SILENT and (token.isalpha() or token in _SAME or token > "\x7f"):
            yield from map(_stem, _SAME.get(token, token).split())


def _stem(word: str) -> str:
    stem = _ENDING.sub("", word)
    if len(stem) < 3 or stem in _SILENT:  # a player is more than to play
        return word.removesuffix("s")
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] else stem


@dataclass(frozen=True)
class _Number:
    """Numbers that stand together, as 1 and 10 in "1 to 10", with the words beside them."""

    run: tuple[str, ...]
    before: str
    behind: str

    def means(self, other: _Number) -> bool:
        """Return whether the other says the same of the same thing."""
        unit = self.behind or self.before
        return self.run == other.run and unit in (other.before, other.behind)


def _numbers(tokens: Sequence[str]) -> list[_Number]:
    found: list[_Number] = []
    for digits, group in groupby(enumerate(tokens), lambda each: each[1][0].isdigit()):
        if digits:
            places = [place for place, _ in group]
            beside = ["", *tokens, ""]
            run = tuple(tokens[place] for place in places)
            found.append(_Number(run, beside[places[0]], beside[places[-1] + 2]))
    return found


class _Offer:
    """What a program says of itself: its names, and its requirements with what they deny."""

    def __init__(self, program: Program) -> None:
        own = r"\$\w+"  # the program's name in a variable; like a guess, it would answer itself
        texts = [re.sub(own, " ", item.text) for item in program.items if not item.always]
        for guess in program.guessed:
            texts = [re.sub(rf"\b{re.escape(guess)}\b", " ", text) for text in texts]
        self.guesses = [set(_tokens(guess)) for guess in program.guessed]
        self.names = [list(_tokens(name)) for name in program.names]
        self.named = {token for name in self.names for token in name if token.isalpha()}
        self.said = [list(_tokens(text)) for text in texts]
        # An option is no statement: what it leaves out is there without it.
        self.clauses = [
            [list(_tokens(part)) for part in re.split(_STOP, re.sub(r"--[\w-]+", " ", text))]
            for text in texts
        ]
        self.ways = {
            way for text in [program.name.replace("_", " "), *texts] for way in _WAY.findall(text)
        }

    def turns(self, text: str) -> bool:
        """Return whether the text asks for a way that the program only goes the other way round."""
        return any(
            (b, a) in self.ways and (a, b) not in self.ways for a, b in _WAY.findall(text.lower())
        )

    def answers(self, asked: Sequence[str]) -> bool:
        """Return whether names and one requirement hold all that a clause asks."""
        if any(guess and guess <= {*asked} for guess in self.guesses):
            return False
        numbers = [one for one in _numbers(asked) if not self._called(one)]
        deny = next((place for place, token in enumerate(asked) if token[0] == "!"), None)
        spoken = [token for token in asked if token[0] != "!" and not token[0].isdigit()]
        words = Counter(token for token in spoken if token not in self.named)
        if deny is None:
            if not words and not numbers:
                return True
            return any(self._holds(said, words, numbers) for said in self.said)
        scope = {token for token in asked[deny:] if token[0] != "!"} or set(spoken)
        parts = [part for clauses in self.clauses for part in clauses if scope <= {*part}]
        if not scope or any(not _denies(part, scope) for part in parts):
            return False
        return any(
            self._holds(said, words, numbers) and any(_denies(part, scope) for part in clauses)
            for said, clauses in zip(self.said, self.clauses, strict=True)
        )

    def _called(self, one: _Number) -> bool:
        """Return whether the numbers are part of a name, as in "connect four"."""
        return any(
            one.run == other.run and other.before in ("", one.before)
            for name in self.names
            for other in _numbers(name)
        )

    def _holds(self, said: list[str], words: Counter[str], numbers: list[_Number]) -> bool:
        have = _numbers(said)
        return words <= Counter(said) and all(any(n.means(h) for h in have) for n in numbers)


def _denies(part: list[str], scope: set[str]) -> bool:
    """Return whether the clause denies all of these words."""
    deny = next((place for place, token in enumerate(part) if token[0] == "!"), len(part))
    return scope <= {*part[deny:]}
