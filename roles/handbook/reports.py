"""Which reports a requirement asks for: sums, counts, averages, rankings, lists of what is due."""

# ruff: noqa: E501 - long lists and sentences read better unbroken

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal

from metaco.roles.handbook.domains import Report
from metaco.roles.handbook.fields import Entity
from metaco.roles.handbook.words import singular, slug

__all__ = ["reports"]

# Phrases that ask for a report; the groups are looked up among the fields.
_REPORTS: tuple[tuple[str, str], ...] = (
    ("low", r"low[- ]stock|running (?:low|out)|reorder|restock|out of stock"),
    ("overdue", r"overdue|past due|late (?:loans?|returns?|tasks?|books?|invoices?)"),
    ("soon", r"upcoming|coming up|next (?:\d+ )?(?:days|weeks?|birthdays?)|due soon|expir\w+ soon"),
    ("streaks", r"streaks?"),
    (
        "top",
        r"(?:top|best(?! before)|highest|most expensive|longest|largest|favou?rites?)(?! (?:by|per|for|in) )",
    ),
)
_GROUPED = re.compile(
    r"\b(?P<how>best|top|highest|average|mean|averages|totals?|sum|sums|summar(?:y|ies)|reports?|"
    r"revenue|sales|spending|spent|income|cost|costs|count|counts|counting|number of|how many|how much|statistics|stats|overview|"
    r"breakdown|expenses|hours|amount)\b(?P<between>(?:\s+(?!by\b|per\b)[\w-]+){0,4}?)\s+(?:by|per|for each|in each|each|of each|each)\s+"
    r"(?P<group>(?:the )?[\w-]+(?: (?!and\b|or\b|by\b|per\b|as\b|in\b|for\b)[\w-]+)?)(?P<more>(?:(?:,| and|, and| or)(?: by| per| for each| each) [\w-]+| and [\w-]+(?=\s*(?:[.,;!?]|$)))*)",
    re.I,
)


_TIMES = {"month": "month", "monthly": "month", "year": "year", "day": "day", "week": "month"}
_GROUPS = ("text", "choice", "reference", "boolean", "integer")


def _first(one: Entity, *kinds: str) -> str:
    return next((f.name for kind in kinds for f in one.fields if f.kind == kind), "")


def _meant(one: Entity, about: str, group: str) -> str:
    """Return the number that words as "total estimated value" or "how many kg" name, if one does."""
    said = {singular(word) for word in re.findall(r"[a-z]+", about)} - {"total", "number", "count"}
    best, most = "", 0
    for f in one.fields:
        if f.kind in ("money", "number", "integer") and f.name != group:
            parts = {singular(part) for part in f.name.split("_")} | ({f.unit} if f.unit else set())
            score = 2 * len(parts & said) - (len(parts) > 1)
            if score > most:
                best, most = f.name, score
    return best


def _plain(text: str, entities: tuple[Entity, ...]) -> list[tuple[Report, int, int]]:
    """Return the reports of "honey per hive and year" and "readings per meter", with their places."""
    found: list[tuple[Report, int, int]] = []
    pattern = r"\b([a-z][\w-]*) (?:per|by|for each) ([a-z][\w-]*)((?:(?:,| and|, and) (?:per |by )?[a-z][\w-]*)*)"
    for match in re.finditer(pattern, text):
        groups = [match[2], *re.findall(r"(?:,| and)+ (?:per |by )?([a-z][\w-]*)", match[3])]
        for group in groups:
            for one in entities:
                name = singular(slug(group))
                measured = _meant(one, match[1], name)
                counted = singular(slug(match[1])) in (one.name, one.name.split("_")[-1], "reading")
                when = _TIMES.get(name, "") if _first(one, "date", "moment") else ""
                field = when or next(
                    (f.name for f in one.fields if f.name == name and f.kind in _GROUPS), ""
                )
                if field and (measured or counted):
                    value = measured or (
                        _first(one, "money", "number", "integer") if match[1] == "readings" else ""
                    )
                    kind: Literal["sum", "count", "average"] = (
                        "sum" if measured else "average" if value else "count"
                    )
                    found.append((Report(kind, one.name, value, field), *match.span()))
                    break
    return found


def _grouped(how: str, group: str, entities: tuple[Entity, ...], about: str = "") -> Report | None:
    """Return the report for words as "average price per region", if an entity has such fields."""
    name = singular(slug(group))
    kind: Literal["best", "average", "count", "sum"] = "sum"
    if re.match(r"best|top|highest", how):
        kind = "best"
    elif re.match(r"average|mean", how):
        kind = "average"
    elif re.match(r"count|number|how many", how):
        kind = "count"
    value_kinds = ("money",) if kind == "sum" else ("number", "integer", "money")
    named = [singular(word) for word in re.findall(r"[a-z]+", about)]
    by_value = sorted(
        entities, key=lambda one: (one.name not in named, not _first(one, *value_kinds))
    )
    for one in by_value:
        when = _TIMES.get(name.split("_")[0], "")
        if when and not _first(one, "date", "moment"):
            continue
        match = when or next(
            (
                f.name
                for f in one.fields
                if f.name in (name, name.split("_")[0]) and f.kind in _GROUPS
            ),
            "",
        )
        measured = _meant(one, f"{how} {about}", match)
        if match and measured and kind in ("sum", "average", "best", "count"):
            told: Literal["best", "average", "sum"] = "sum" if kind == "count" else kind
            return Report(told, one.name, measured, match)
        if match and (kind == "count" or _first(one, *value_kinds, "number")):
            return Report(kind, one.name, "", match)
        if match and re.match(r"report|stat|overview|summar|breakdown|expenses|best|top", how):
            return Report("count", one.name, "", match)
    return None


def _listing(kind: str, one: Entity) -> bool:
    """Return whether an entity has the fields that a listing as "overdue" needs."""
    names = {f.name for f in one.fields}
    if kind == "low":
        return bool(names & {"quantity", "stock", "bottles"})
    if kind == "overdue":
        return any(f.kind == "date" and re.search(r"due|deadline", f.name) for f in one.fields)
    if kind == "soon":
        return bool(_first(one, "date"))
    return kind == "top" and bool(_first(one, "integer", "number", "money"))


def _filled(report: Report, entities: tuple[Entity, ...]) -> Report | None:
    """Return the report with its fields looked up, or None if the entity lacks them."""
    one = next((e for e in entities if e.name == report.entity), None)
    if one is None:
        return None
    if report.kind in ("streaks", "lines", "hours"):
        return report
    names = {f.name for f in one.fields}
    value, group = report.value, report.group
    if group not in names and group not in ("", "month", "year", "day"):
        if report.kind != "low":
            return None
        group = ""
    if group in ("month", "year", "day") and not _first(one, "date", "moment"):
        return None
    if report.kind in ("sum", "average", "best", "top") and value not in names:
        rated = "rating" if "rating" in names and report.kind in ("best", "top") else ""
        order = ("money", "number") if report.kind == "sum" else ("number", "integer", "money")
        value = rated or _first(one, *order)
    elif report.kind == "overdue" and value not in names:
        value = next(
            (
                f.name
                for f in one.fields
                if f.kind == "date" and re.search(r"due|deadline|next", f.name)
            ),
            "",
        )
    elif report.kind == "soon" and value not in names:
        value = next(
            (f.name for f in one.fields if f.kind == "date" and not f.default), ""
        ) or _first(one, "date")
    elif report.kind == "low" and (value not in names or report.group not in names):
        value = next((n for n in ("quantity", "stock", "bottles") if n in names), "")
        group = next(
            (
                f.name
                for f in one.fields
                if f.kind == "integer" and re.search(r"reorder|^min(?:imum)?_|^minimum$", f.name)
            ),
            "",
        )
    if not value and report.kind != "count":
        return None
    if value and report.kind != "count":
        kind = next(f.kind for f in one.fields if f.name == value)
        wanted = {"overdue": ("date",), "soon": ("date",), "low": ("integer",)}
        if kind not in wanted.get(report.kind, ("integer", "number", "money")):
            return None
    return replace(report, value=value, group=group) if value != group else None


def reports(
    text: str,
    entities: tuple[Entity, ...],
    usual: tuple[Report, ...],
    found_already: tuple[Report, ...] = (),
) -> tuple[tuple[Report, ...], int, list[str]]:
    """Return the reports the text asks for and then those usual in its domain; how many are asked
    for; and the phrases that ask for a report which the fields do not allow.

    Args:
        found_already: reports that other rules have read.
    """
    lower = re.sub(r"\([^()]*\)", " ", text.lower())
    said: list[Report | None] = []
    dark: list[str] = []
    for found in _GROUPED.finditer(lower):
        made: list[Report | None] = []
        for group in [found["group"], *re.split(r",| and | or ", found["more"])]:
            group = re.sub(r"^\s*(?:by|per|for each|each)?\s*", "", group)
            if group:
                about = f"{found['how']} {found['between']}"
                made.append(_grouped(found["how"], group, entities, about))
        said += made
        if not any(made):
            dark.append(found[0].strip())
    spans = [found.span() for found in _GROUPED.finditer(lower)]
    said += [
        report
        for report, start, end in _plain(lower, entities)
        if all(end <= a or start >= b for a, b in spans)
    ]
    by_month = any(one and one.group == "month" for one in said)
    if not by_month and re.search(r"\bmonthly\b|\b(?:per|by|each|every) month\b", lower):
        said.append(_grouped("total", "month", entities))
    if re.search(r"\b(?:yearly|annual)\b|\b(?:per|by) year\b", lower):
        said.append(_grouped("total", "year", entities))
    for kind, pattern in _REPORTS:
        if re.search(rf"\b(?:{pattern})\b", lower):
            owner = next((e.name for e in reversed(entities) if _listing(kind, e)), "")
            listing: Any = kind
            said += [r for r in usual if r.kind == kind] or [Report(listing, owner)]
    kinds = {r.kind for r in said if r}
    told = [r for r in said if r and not (r.kind == "top" and "best" in kinds)]
    filled = [_filled(r, entities) for r in told]
    asked = tuple(dict.fromkeys([*found_already, *(r for r in filled if r)]))
    rest = tuple(r for r in (_filled(r, entities) for r in usual) if r and r not in asked)
    return (*asked, *dict.fromkeys(rest)), len(asked), dark
