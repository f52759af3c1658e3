"""What a requirement wants to see and to do: rankings, what is due or open, marks, order, export.

Each phrase becomes an `Ask` with its place in the text; `answers.answered` finds what answers it.
"""

# ruff: noqa: E501 - long patterns read better unbroken

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from metaco.roles.handbook.structure import count_of
from metaco.roles.handbook.words import singular, slug

__all__ = ["LOW", "MOST", "PARTICIPLES", "Ask", "asks"]


@dataclass(frozen=True)
class Ask:
    """A phrase that asks for something, read from `start` to `end` of the text.

    Attributes:
        about: the words that name the thing or field.
        how: the adjective of a ranking, the participle of a mark, the direction of an order.
        count: how many, or days.
    """

    kind: Literal["rank", "open", "soon", "mark", "sort", "export", "overall", "several"]
    about: str
    start: int
    end: int
    how: str = ""
    count: int = 0


_NUM = r"(?:\d{1,4}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty-five|twenty|thirty|fifty|hundred|dozen)"
LOW = "cheapest|smallest|lowest|oldest|earliest|first|shortest|lightest|worst|slowest|lowest[- ]rated|least expensive"
_HIGH = "biggest|largest|highest[- ]rated|highest|greatest|most expensive|most valuable|dearest|priciest|latest|newest|most recent|last|longest|heaviest|best[- ]rated|best[- ]selling|best|fastest|youngest|top|favou?rite|most generous|most important|strongest|tallest"
MOST = "most frequent(?:ly)?|most common(?:ly)?|most popular|busiest|most active|most often|most[- ]used|most[- ]borrowed"
_RANK = re.compile(
    rf"(?P<the>\b(?:the|my|our|which are the|what are the|which is the|your)\s+)?(?:(?P<n>\b{_NUM})\s+)?\b(?P<adj>{MOST}|{_HIGH}|{LOW})\b(?:\s+(?P<m>{_NUM})\b)?"
    r"(?:\s+(?P<x>(?!by\b|per\b|for\b|in\b|of\b|and\b|or\b|from\b|first\b|at\b|on\b|to\b|is\b|are\b|with\b)[a-z][\w-]*(?:\s+(?!by\b|per\b|for\b|in\b|of\b|and\b|or\b|from\b|first\b|at\b|on\b|to\b|i\b|we\b|with\b|each\b)[a-z][\w-]*)?))?"
    r"(?:\s+(?:by|according to)\s+(?P<by>[a-z][\w-]*(?: [\w-]+)?))?",
    re.I,
)
PARTICIPLES = (
    "paid|returned|done|delivered|shipped|sent|finished|completed|collected|handed in|submitted|taken|signed|picked up|sold|"
    "watched|read|answered|invoiced|billed|cancelled|canceled|booked|confirmed|approved|resolved|closed|packed|"
    "bought|cleaned|repaired|fixed|refunded|graded|archived|attended|vaccinated|watered|fed|checked|published|cooked|"
    "eaten|visited|solved|reimbursed|settled|inspected|renewed|received|present|active|available|urgent|lent"
)
_OPEN = re.compile(
    rf"\b(?:(?:who|which(?: [\w-]+){{1,2}}|what|whose|(?P<x>[a-z][\w-]+) (?:that|which|who))\s+(?:(?:has|have|is|are|was|were)(?: still| yet)?(?:\s+not|n['’]t)(?: yet| been| yet been)*|hasn['’]t|haven['’]t|isn['’]t|aren['’]t)\s+(?:yet |been )?(?P<done>{PARTICIPLES})(?P<rest>(?: (?!for\b|since\b|in the last\b|within\b|and\b|or\b)[\w-]+){{0,4}})"
    rf"|(?:all |the |a list of |only )?(?:un(?P<un>{PARTICIPLES.replace(' ', '')})|not (?:yet )?(?P<not>{PARTICIPLES})) (?P<y>(?!for\b|since\b|in\b|by\b)[a-z][\w-]+)"
    r"|(?:all |the )?(?P<word>outstanding|open) (?P<z>(?!and\b|or\b)[a-z][\w-]+))(?!\s+(?:for|since)\s+\d)",
    re.I,
)
_SOON = re.compile(
    rf"(?P<about>(?:[\w'’-]+\s+){{0,7}}?)\b(?:(?:in|within|during|over)\s+)(?:the\s+)?(?:next|coming|following)?\s*(?P<n>{_NUM})\s*(?P<unit>days|weeks|months)\b",
    re.I,
)
_MARK = re.compile(
    rf"\b(?:(?:mark|tick|check|set|flag|label)(?:ing|ed)?)\s+(?P<x>(?:[\w'’-]+\s+){{0,3}}?)(?:off\s+)?as\s+(?P<done>(?:not\s+)?(?:{PARTICIPLES}|[a-z]+)\b(?: (?:up|in|out|off)\b)?)",
    re.I,
)
_SORT = re.compile(
    r"\b(?:sort(?:ed|ing|able)?|order(?:ed)?)(?:\s+(?:it|them|the list|everything|lists?|all))?\s+by\s+(?P<f>(?!the\b)[a-z][\w-]*(?: (?!newest|latest|highest|oldest|lowest|descending|ascending|first|and\b|or\b|then\b)[a-z][\w-]*)?)(?:\s*[,(]?\s*(?:in )?(?P<dir>newest|latest|highest|biggest|most recent|largest|descending|reverse|oldest|lowest|ascending|smallest|earliest)(?: first| order)?\)?)?",
    re.I,
)
_EXPORT = re.compile(
    r"\b(?:export(?:ing|s|ed|able)?\b(?:\s+(?!and\b|or\b|import)[\w'’-]+){0,9}|(?:(?:and\s+)?an?\s+|as\s+|to\s+|in\s+|into\s+)?(?:csv|json)\b(?:[ -](?:file|export|list|download|output|table|dump))?(?:\s+(?:for|to|of|with)\s+(?!(?:title|name|date)\b)[^.,;!?:]{2,60})?)",
    re.I,
)
_OVERALL = re.compile(
    r"\b(?:(?:what is|show|see|know|calculate|give me|tell me)\s+)?(?:the |my )?(?P<how>total|overall|average|mean|sum of(?: all)?(?: the)?)\s+(?P<f>[a-z][\w-]*(?: [a-z][\w-]*){0,2}?)(?:\s+(?:of|in|for)\s+(?:my|the|all|our)(?: [\w-]+){1,3}|\s+overall|\s+in total|\s+so far)?(?=\s*(?:[.,;!?)]|$|and\b|but\b))",
    re.I,
)
_SEVERAL = re.compile(
    r"\b(?:(?:each|every|an?|one|the)\s+)?(?P<x>[a-z][\w-]*) (?:can have|may have|could have|has|have|owns?|can own|gets?) (?:several|many|multiple|one or more|one or several|any number of|a number of|zero or more|more than one) (?P<y>[a-z][\w-]*)",
    re.I,
)


def asks(text: str) -> list[Ask]:
    """Return what a text asks for, in the order of the text."""
    found: list[Ask] = []

    def put(ask: Ask) -> None:
        if re.search(r"\b(?:per|by|each)\b", ask.about) and ask.kind == "overall":
            return
        if all(ask.end <= one.start or ask.start >= one.end for one in found):
            found.append(ask)

    for match in _SEVERAL.finditer(text):
        put(Ask("several", f"{match['x']}|{match['y']}", *match.span()))
    for match in _MARK.finditer(text):
        about = re.sub(
            r"^(?:(?:an?|the|my|all|each|off|them|it|this|one)\s*)+", "", match["x"].strip().lower()
        )
        put(Ask("mark", about, *match.span(), match["done"].lower()))
    for match in _SOON.finditer(text):
        days = count_of(match["n"]) * {"days": 1, "weeks": 7, "months": 30}[match["unit"].lower()]
        if re.search(
            r"\b(?:due|expir\w*|upcoming|coming|birthdays?|next|remind|ends?|starts?|happens?|deadlines?|show|list|see|which|what|tell)\b",
            match[0],
            re.I,
        ) and not re.search(r"\b(?:every|lent|loan|last)\b", match[0], re.I):
            put(Ask("soon", match["about"].strip().lower(), *match.span(), count=days))
    for match in _OPEN.finditer(text):
        done = match["done"] or match["un"] or match["not"] or match["word"]
        about = match["x"] or match["y"] or match["z"] or ""
        if about.lower() in ("see", "show", "know", "list", "find", "me", "tell", "those", "all"):
            about = ""
        if not match["done"] and not about:
            continue
        put(Ask("open", about.lower(), *match.span(), done.lower()))
    for match in _SORT.finditer(text):
        put(Ask("sort", match["f"].lower(), *match.span(), (match["dir"] or "").lower()))
    for match in _EXPORT.finditer(text):
        put(Ask("export", match[0].lower(), *match.span()))
    for match in _RANK.finditer(text):
        x = (match["x"] or "").lower()
        counted = match["n"] or match["m"]
        timed = singular(x.split(" ")[0]) in ("day", "month", "year") if x else False
        if not counted and not (match["the"] and x) and not timed:
            continue
        if (
            not counted
            and not timed
            and singular(slug(x.split(" ")[-1])) == slug(x.split(" ")[-1])
            and not re.match(MOST, match["adj"], re.I)
        ):
            continue  # "the last name", "the best region"
        put(
            Ask(
                "rank",
                x + (f"|{match['by'].lower()}" if match["by"] else ""),
                *match.span(),
                match["adj"].lower(),
                count_of(counted or ""),
            )
        )
    for match in _OVERALL.finditer(text):
        put(Ask("overall", match["f"].lower(), *match.span(), match["how"].lower()))
    return sorted(found, key=lambda ask: ask.start)
