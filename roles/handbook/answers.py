"""What answers a requirement's asks: reports, actions and orders over the fields that there are."""

# ruff: noqa: E501 - long patterns read better unbroken

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from metaco.roles.handbook.asks import LOW, MOST, PARTICIPLES, Ask
from metaco.roles.handbook.domains import Action, Report
from metaco.roles.handbook.fields import Entity, Field
from metaco.roles.handbook.rules import named
from metaco.roles.handbook.words import singular, slug

__all__ = ["Answer", "answered"]


@dataclass(frozen=True)
class Answer:
    """What answers the asks: changed entities, reports, actions, and the asks that nothing answers."""

    entities: list[Entity]
    reports: list[Report]
    actions: list[Action]
    unmet: list[Ask]


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
    ascending = bool(re.fullmatch(LOW, ask.how)) or ask.how == "fastest"
    if ask.how == "youngest":
        ascending = False
    frequent = bool(re.fullmatch(MOST, ask.how))
    if time in ("day", "month", "year"):
        for dated in ordered:
            if any(f.kind in ("date", "moment") for f in dated.fields):
                value = (
                    None
                    if frequent
                    else next(
                        (f for f in _numbers(dated) if f.kind == "money"),
                        next(iter(_numbers(dated)), None),
                    )
                )
                return (
                    None
                    if ascending
                    else Report(
                        "ranking",
                        dated.name,
                        value.name if value else "",
                        time,
                        ask.count or (10 if about.endswith("s") else 1),
                    )
                )
        return None
    one: Entity | None = _find(about, entities) if about else None
    group = ""
    if one is not None:  # "the most frequent customers" ranks what refers to them
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
    for kind in ("boolean", "date", "choice"):
        for one in reversed(entities):
            for f in one.fields:
                if f.kind != kind:
                    continue
                if kind == "choice":
                    if done.replace("_", " ") in f.choices:
                        return one, f
                elif f.name in (
                    done,
                    f"{done}_on",
                    f"date_{done}",
                    f"{done}_date",
                    f"{done}_at",
                    f"is_{done}",
                ) or (kind == "boolean" and f.name.endswith(f"_{done}")):
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
            if have is None and re.fullmatch(PARTICIPLES.replace(" ", "_"), done):
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
