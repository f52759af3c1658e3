"""What a requirement asks for and the program found for it does not do.

One rule for all programs: each clause of the requirement has to be answered by one requirement of
the program that holds every word that carries meaning, every number, and a denial where the clause
denies. The words by which the program was recognised need no answer, nor does what is true of every
program here: it is a command line tool in Python. All else is a loss, and doubt makes a loss.
"""

# ruff: noqa: E501, SIM905 - long lists read better unbroken

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    "make makes build create creates write develop implement give gives provide provides support supports include includes including "
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
    "%": "percent", "°": "degree", "$": "dollar", "€": "euro", "£": "pound", "monthly": "month",
    "weekly": "week", "daily": "day", "yearly": "year", "annual": "year", "hourly": "hour",
    "biggest": "largest", "organise": "organize", "organiser": "organize", "colour": "color",
    "colours": "colors", "tries": "try", "compute": "calculate", "conversion": "convert", "conversions": "convert",
}  # fmt: skip

_DENIAL = frozenset("no not never without none nor neither cannot except only".split())

# What it is to run on or with: never the name of what is wanted.
_TECHNOLOGY = frozenset(
    "web website site page browser online html css javascript typescript react vue angular django flask fastapi "
    "api rest restful graphql http server backend frontend gui desktop window graphical tkinter qt mobile android ios "
    "iphone phone docker kubernetes cloud aws postgres postgresql mysql mongodb redis sqlite sql rust java go c node".split()
)

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[^\s\w]")
_ENDING = re.compile(r"(?:ations?|ions?|ings?|ies|ied|ers?|ors?|ed|es|s|y|e)$")
_STOP = r"[.!?;:()\n，。！？；：、]+(?!\d)|,(?!\d)|\s[-–—]+\s"
_JOINT = (
    r"\b(?:and|or|with|without|that|which|who|where|when|while|plus|including|but|then|so|if|"
    r"unless|except|against|for)\b"
)
_CLAUSE = re.compile(rf"{_STOP}|(?={_JOINT})", re.I)


@dataclass(frozen=True)
class Accounts:
    """What is left of a requirement when the program is held against it.

    Attributes:
        losses: what the program does not do, in the words of the requirement.
        strange: the program is not what the requirement is about.
    """

    losses: tuple[str, ...]
    strange: bool


def account(text: str, program: Program) -> Accounts:
    """Hold a requirement against the program that was found for it."""
    plain, language = english(flat(text))
    named = frozenset(_tokens(" ".join(program.names)))
    guessed = frozenset(_tokens(" ".join(program.guessed)))
    answers = [
        [set(_tokens(t)) - guessed for t in (item.text, *item.acceptance)] for item in program.items
    ]
    lost: list[tuple[int, int]] = []
    head: list[str] = []
    for start, end in _clauses(plain):
        asked = list(_tokens(plain[start:end]))
        about = [token for token in asked if token not in _TECHNOLOGY]
        head = head or [token for token in about if not token[0].isdigit()] or about
        if _answered(asked, named, answers):
            continue
        if lost and not re.search(_STOP, plain[lost[-1][1] - 1 : start + 1]):
            lost[-1] = (lost[-1][0], end)  # goes on with what was lost before it
        else:
            lost.append((start, end))
    known = set().union(named, *(said for answer in answers for said in answer))
    strange = sum(token in known for token in head) * 2 <= len(head)
    if lost and language != "en":
        return Accounts((" ".join(text.split())[:200],), strange)  # in its own words
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
    """Return the numbers, the stems of the words that carry meaning, and the signs of a text."""
    text = re.sub(r"(?<=\d)\s?[x×](?=\s?\d)", " ", text.lower().replace("’", "'").replace("_", " "))
    text = re.sub(r"\b(?:called|named) \W?[\w-]+", " ", re.sub(r"n't\b", " not", text))
    for token in _TOKEN.findall(text):
        if token[0].isdigit():
            yield re.sub(r"(\.\d*?)0+$", r"\1", token.replace(",", "")).rstrip(".")
        elif token in _NUMBERS:
            yield _NUMBERS[token]
        elif token in _DENIAL:
            yield f"!{token}"  # apart from stems, as "notes" has the stem "not"
        elif token not in _SILENT and (token.isalpha() or token in _SAME or token > "\x7f"):
            yield _stem(_SAME.get(token, token))


def _stem(word: str) -> str:
    stem = _ENDING.sub("", word)
    if len(stem) < 3:
        return word
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] else stem


def _answered(asked: Sequence[str], named: frozenset[str], answers: list[list[set[str]]]) -> bool:
    """Return whether one of the answers, which are sentences, holds all that is asked."""
    rest = {token for token in asked if token[0] != "!"} - named
    denied = any(token[0] == "!" for token in asked)
    numbers = {token for token in rest if token[0].isdigit()}
    words = rest - numbers
    if not words and not numbers:
        return not denied
    for answer in answers:
        if not words <= set().union(*answer):
            continue
        if denied and not (words <= answer[0] and any(said[0] == "!" for said in answer[0])):
            continue  # what acceptance criteria deny is about the case at hand
        if all(any(n in said and (not words or words & said) for said in answer) for n in numbers):
            return True
    return False
