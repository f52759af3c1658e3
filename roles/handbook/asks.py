"""What a requirement wants to see and to do: rankings, what is due or open, marks, order, export.

Each phrase becomes an `Ask` with its place in the text; `answered` looks its words up among the
entities and returns the report, the action or the order that answers it.
"""

# ruff: noqa: E501 - long patterns read better unbroken

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from metaco.roles.handbook.domains import Action, Report
from metaco.roles.handbook.fields import Entity, Field
from metaco.roles.handbook.rules import named
from metaco.roles.handbook.structure import count_of
from metaco.roles.handbook.words import singular, slug

__all__ = ["Answer", "Ask", "answered", "asks"]


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


@dataclass(frozen=True)
class Answer:
    """What answers the asks: changed entities, reports, actions, and the asks that nothing answers."""

    entities: list[Entity]
    reports: list[Report]
    actions: list[Action]
    unmet: list[Ask]


_NUM = r"(?:\d{1,4}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty-five|twenty|thirty|fifty|hundred|dozen)"
_LOW = "cheapest|smallest|lowest|oldest|earliest|first|shortest|lightest|worst|slowest|lowest[- ]rated|least expensive"
_HIGH = "biggest|largest|highest[- ]rated|highest|greatest|most expensive|most valuable|dearest|priciest|latest|newest|most recent|last|longest|heaviest|best[- ]rated|best[- ]selling|best|fastest|youngest|top|favou?rite|most generous|most important|strongest|tallest"
_MOST = "most frequent(?:ly)?|most common(?:ly)?|most popular|busiest|most active|most often|most[- ]used|most[- ]borrowed"
_RANK = re.compile(
    rf"(?P<the>\b(?:the|my|our|which are the|what are the|which is the|your)\s+)?(?:(?P<n>\b{_NUM})\s+)?\b(?P<adj>{_MOST}|{_HIGH}|{_LOW})\b(?:\s+(?P<m>{_NUM})\b)?"
    r"(?:\s+(?P<x>(?!by\b|per\b|for\b|in\b|of\b|and\b|or\b|from\b|first\b|at\b|on\b|to\b|is\b|are\b|with\b)[a-z][\w-]*(?:\s+(?!by\b|per\b|for\b|in\b|of\b|and\b|or\b|from\b|first\b|at\b|on\b|to\b|i\b|we\b|with\b|each\b)[a-z][\w-]*)?))?"
    r"(?:\s+(?:by|according to)\s+(?P<by>[a-z][\w-]*(?: [\w-]+)?))?",
    re.I,
)
_PARTICIPLES = (
    "paid|returned|done|delivered|shipped|sent|finished|completed|collected|handed in|submitted|taken|signed|picked up|sold|"
    "watched|read|answered|invoiced|billed|cancelled|canceled|booked|confirmed|approved|resolved|closed|packed|"
    "bought|cleaned|repaired|fixed|refunded|graded|archived|attended|vaccinated|watered|fed|checked|published|cooked|"
    "eaten|visited|solved|reimbursed|settled|inspected|renewed|received|present|active|available|urgent|lent"
)
_OPEN = re.compile(
    rf"\b(?:(?:who|which(?: [\w-]+){{1,2}}|what|whose|(?P<x>[a-z][\w-]+) (?:that|which|who))\s+(?:(?:has|have|is|are|was|were)(?: still| yet)?(?:\s+not|n['’]t)(?: yet| been| yet been)*|hasn['’]t|haven['’]t|isn['’]t|aren['’]t)\s+(?:yet |been )?(?P<done>{_PARTICIPLES})(?P<rest>(?: (?!for\b|since\b|in the last\b|within\b|and\b|or\b)[\w-]+){{0,4}})"
    rf"|(?:all |the |a list of |only )?(?:un(?P<un>{_PARTICIPLES.replace(' ', '')})|not (?:yet )?(?P<not>{_PARTICIPLES})) (?P<y>(?!for\b|since\b|in\b|by\b)[a-z][\w-]+)"
    r"|(?:all |the )?(?P<word>outstanding|open) (?P<z>(?!and\b|or\b)[a-z][\w-]+))(?!\s+(?:for|since)\s+\d)",
    re.I,
)
_SOON = re.compile(
    rf"(?P<about>(?:[\w'’-]+\s+){{0,7}}?)\b(?:(?:in|within|during|over)\s+)(?:the\s+)?(?:next|coming|following)?\s*(?P<n>{_NUM})\s*(?P<unit>days|weeks|months)\b",
    re.I,
)
_MARK = re.compile(
    rf"\b(?:(?:mark|tick|check|set|flag|label)(?:ing|ed)?)\s+(?P<x>(?:[\w'’-]+\s+){{0,3}}?)(?:off\s+)?as\s+(?P<done>(?:not\s+)?(?:{_PARTICIPLES}|[a-z]+)\b(?: (?:up|in|out|off)\b)?)",
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
            and not re.match(_MOST, match["adj"], re.I)
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


def _numbers(one: Entity) -> list[Field]:
    order = ("money", "number", "integer")
    return sorted((f for f in one.fields if f.kind in order), key=lambda f: order.index(f.kind))


def _measure(one: Entity, adjective: str) -> Field | None:
    """Return the field that "heaviest" or "latest" speaks of."""

    def first(pattern: str, *kinds: str) -> Field | None:
        return next(
            (
                f
                for kind in kinds
                for f in one.fields
                if f.kind == kind and re.search(pattern, f.name)
            ),
            None,
        )

    if re.search(r"latest|newest|recent|last|oldest|earliest|first|youngest", adjective):
        return (
            first("", "date", "moment")
            if adjective not in ("oldest", "youngest")
            else (
                first(r"birth|year|vintage|made|built|age", "date", "integer")
                or first("", "date", "moment")
            )
        )
    if re.search(r"expensive|cheap|dear|pric|valuable|generous", adjective):
        return (
            (first(r"value", "money") if "valuable" in adjective else None)
            or first("", "money")
            or first("price|cost|value", "number", "integer")
        )
    if re.search(r"heav|light", adjective):
        return first("weight|mass", "number", "integer") or next(
            (f for f in one.fields if f.unit in ("kg", "g", "lb", "t")), None
        )
    if re.search(r"long|short|tall", adjective):
        return first("length|duration|minutes|distance|pages|hours|height|km", "number", "integer")
    if re.search(r"fast|slow", adjective):
        return first("speed|pace|time|minutes|duration", "number", "integer")
    if re.search(r"best|worst|rated|favou?rite|top", adjective):
        rated = first("rating|score|stars|points|grade", "integer", "number")
        if rated:
            return rated
    numbers = [f for f in _numbers(one) if not re.search(r"year|vintage|number", f.name)]
    return next(iter(numbers), None)


def _find(words: str, entities: list[Entity]) -> Entity | None:
    """Return the entity that the words, or the last of them, name."""
    name = singular(slug(words))
    last = singular(slug(words.split(" ")[-1])) if words else ""
    for wanted in (name, last, singular(slug(words.split(" ")[0])) if words else ""):
        for one in entities:
            if wanted and (one.name == wanted or one.name.split("_")[-1] == wanted):
                return one
    return None


def _rank(ask: Ask, entities: list[Entity]) -> Report | None:
    about, _, by = ask.about.partition("|")
    ordered = list(reversed(entities))
    time = singular(slug(about.split(" ")[0])) if about else ""
    ascending = bool(re.fullmatch(_LOW, ask.how)) or ask.how == "fastest"
    if ask.how == "youngest":
        ascending = False
    frequent = bool(re.fullmatch(_MOST, ask.how))
    if time in ("day", "month", "year"):
        for one in ordered:
            if any(f.kind in ("date", "moment") for f in one.fields):
                value = (
                    None
                    if frequent
                    else next(
                        (f for f in _numbers(one) if f.kind == "money"),
                        next(iter(_numbers(one)), None),
                    )
                )
                return (
                    None
                    if ascending
                    else Report(
                        "ranking",
                        one.name,
                        value.name if value else "",
                        time,
                        ask.count or (10 if about.endswith("s") else 1),
                    )
                )
        return None
    one = _find(about, entities) if about else None
    group = ""
    if about and one is not None:  # "the most frequent customers" ranks what refers to them
        holder = next((e for e in ordered for f in e.fields if f.target == one.name), None)
        if holder is not None and (frequent or _measure(one, ask.how) is None):
            group = next(f.name for f in holder.fields if f.target == one.name)
            one = holder
    if one is None and about:
        for e in ordered:
            match = [f for f in named(about, e) if f.kind in ("text", "choice", "reference")]
            if match:
                one, group = e, match[0].name
                break
    if one is None and (not about or re.match(r"(?:ones?|entries|records|items|things)\b", about)):
        one = next((e for e in ordered if _measure(e, ask.how)), None)
    if (
        one is None
        and len(entities) == 1
        and re.search(r"latest|last|newest|recent|oldest|earliest|first", ask.how)
    ):
        one = entities[0]  # "the last five payments" of pocket money
    if one is None:
        return None
    if frequent:
        if not group:
            group = next(
                (
                    f.name
                    for f in one.fields
                    if f.kind in ("text", "choice", "reference") and f.required
                ),
                "",
            )
        return Report("ranking", one.name, "", group, ask.count) if group else None
    measure = (
        next(
            iter(f for f in named(by, one) if f.kind in ("money", "number", "integer", "date")),
            None,
        )
        if by
        else _measure(one, ask.how)
    )
    if measure is None:
        return None
    if group:
        if ascending or measure.kind in ("date", "moment"):
            return None
        return Report("ranking", one.name, measure.name, group, ask.count)
    return Report("top", one.name, measure.name, "", ask.count or 10, ascending)


_STEMS = {
    "bought": "bought",
    "handedin": "handed_in",
    "pickedup": "picked_up",
    "outstanding": "paid",
    "canceled": "cancelled",
}


def _participle(word: str) -> str:
    compact = word.replace(" ", "")
    return _STEMS.get(compact, slug(word))


def _holder(done: str, entities: list[Entity]) -> tuple[Entity, Field] | None:
    """Return the field that says whether something is paid, returned ..., with its entity."""
    for kinds in (("boolean",), ("date",), ("choice",)):
        for one in reversed(entities):
            for f in one.fields:
                if f.kind not in kinds:
                    continue
                if f.kind == "choice":
                    if done.replace("_", " ") in f.choices:
                        return one, f
                elif f.name in (
                    done,
                    f"{done}_on",
                    f"date_{done}",
                    f"{done}_date",
                    f"{done}_at",
                    f"is_{done}",
                ) or (f.kind == "boolean" and f.name.endswith(f"_{done}")):
                    return one, f
    return None


def _added(entities: list[Entity], about: str, done: str) -> list[Entity] | None:
    """Return the entities with a yes-or-no field for a participle that none of them has."""
    target = _find(about, entities) if about else None
    if (
        target is None
        and about
        and about not in ("them", "it", "one", "items", "entries", "records", "everything")
    ):
        return None
    target = target or entities[-1 if len(entities) == 1 else 0]
    extra = Field(done, "boolean", default="no")
    return [replace(e, fields=(*e.fields, extra)) if e.name == target.name else e for e in entities]


def _soon(ask: Ask, entities: list[Entity]) -> Report | None:
    words = [singular(slug(word)) for word in re.findall(r"[a-z]+", ask.about)]
    stems = [re.sub(r"(?:es?|ing|ed|y|s)$", "", word)[:6] for word in words if len(word) > 3]
    best: tuple[int, Report] | None = None
    for one in entities:
        for f in one.fields:
            if f.kind != "date" or re.search(
                r"^last_|created|added|purchase|bought|made|joined|returned|paid_on|lent|opened",
                f.name,
            ):
                continue
            score = 4 * (one.name in words) + (
                3
                if f.name == "due"
                or f.name.startswith("next")
                or "expir" in f.name
                or "best_before" in f.name
                else 0
            )
            score += 5 * any(
                len(stem) > 2 and any(part.startswith(stem) for part in f.name.split("_"))
                for stem in stems
            )
            score += 4 * (
                "expir" in ask.about and bool(re.search(r"expir|best_before|use_by", f.name))
            )
            score += 4 * ("due" in words and bool(re.search(r"due|deadline|next|follow", f.name)))
            score += not f.default
            if best is None or score > best[0]:
                best = (score, Report("soon", one.name, f.name, "", ask.count))
    return best[1] if best and best[0] > 0 else None


def answered(
    found: list[Ask], entities: list[Entity], actions: tuple[Action, ...], taken: frozenset[str]
) -> Answer:
    """Look up what each ask speaks of.

    Args:
        actions: those of the domain.
        taken: words that cannot be commands.
    """
    result = list(entities)
    reports: list[Report] = []
    added: list[Action] = []
    unmet: list[Ask] = []
    for ask in found:
        report: Report | None = None
        if ask.kind == "rank":
            report = _rank(ask, result)
        elif ask.kind == "soon":
            report = _soon(ask, result)
        elif ask.kind == "overall":
            for one in reversed(result):
                fit = [f for f in named(ask.about, one) if f in _numbers(one)]
                fit.sort(
                    key=lambda f: (bool(re.search("year|number", f.name)), _numbers(one).index(f))
                )
                if not fit and ask.about.split(" ")[0] in (
                    "value",
                    "cost",
                    "price",
                    "amount",
                    "sum",
                    "spent",
                    "income",
                    "revenue",
                ):
                    fit = [f for f in one.fields if f.kind == "money"]
                if fit:
                    report = Report("overall", one.name, fit[0].name)
                    break
        elif ask.kind == "open":
            done = _participle(ask.how)
            have = _holder(done, result)
            lending = any(a.kind == "lend" for a in actions)
            if have is None and done != "open" and not (lending and done in ("returned", "lent")):
                changed = _added(result, ask.about, done)
                if changed:
                    result, have = changed, _holder(done, changed)
            if have:
                one, f = have
                if f.kind == "date" and (f.required or f.default):
                    unmet.append(ask)
                    continue
                report = Report(
                    "open", one.name, f.name, done.replace("_", " ") if f.kind == "choice" else ""
                )
        elif ask.kind == "mark":
            done = _participle(ask.how)
            have = _holder(done, result)
            if done in ("returned", "lent") and any(a.kind == "lend" for a in actions):
                continue
            if have is None and re.fullmatch(_PARTICIPLES.replace(" ", "_"), done):
                changed = _added(result, ask.about, done)
                if changed:
                    result, have = changed, _holder(done, changed)
            if have is None:
                unmet.append(ask)
                continue
            one, f = have
            same = [
                a
                for a in (*actions, *added)
                if a.kind == "set" and (a.entity, a.field) == (one.name, f.name)
            ]
            value = {"boolean": "yes", "date": "today"}.get(f.kind, done.replace("_", " "))
            if any(a.value == value for a in same):
                continue
            word = done.replace("_", "-")
            while word in taken or any(word in (a.word, a.undo) for a in (*actions, *added)):
                word = f"mark-{word}"
            undo = f"un{word}" if f.kind == "boolean" else ""
            if f.kind == "choice" and len([c for c in f.choices if c != value]) < 1:
                unmet.append(ask)
                continue
            added.append(Action("set", one.name, word, f.name, value, undo))
            continue
        elif ask.kind == "sort":
            placed = False
            for one in reversed(result):
                fields = named(ask.about, one)
                if fields:
                    down = ask.how in (
                        "newest",
                        "latest",
                        "highest",
                        "biggest",
                        "most recent",
                        "largest",
                        "descending",
                        "reverse",
                    )
                    result = [
                        replace(e, order=fields[0].name, descending=down)
                        if e.name == one.name
                        else e
                        for e in result
                    ]
                    placed = True
                    break
            if not placed:
                unmet.append(ask)
            continue
        elif ask.kind in ("export", "several"):
            continue
        if report is None:
            unmet.append(ask)
        else:
            reports.append(report)
    return Answer(result, list(dict.fromkeys(reports)), added, unmet)
