"""The fields of records, where a wish gives them: ``plants: name, last watered (date)``.

A field counts if its name is one of the usual ones, or if its kind or its choices stand behind it
in parentheses. Where the first other word comes, the list ends.
"""

# ruff: noqa: E501 - long patterns and lists read better unbroken

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Fields", "fields_in_words", "generic", "spoken"]

_USUAL = {
    "text": "name title item product label habit task breed album song school team project description note notes author artist comment category city address email phone"
    " genre kind type brand colour color location place company client customer isbn url link species"
    " subject topic owner supplier publisher director model country language room person teacher",
    "date": "date due deadline birthday bought",
    "number": "hours price cost amount weight distance height length temperature value duration calories",
    "integer": "year age rating quantity pages count minutes points",
    "flag": "done paid read finished completed returned owned watched",
    "choice": "priority",
}
_TWO = {  # names of two words are known by both
    "date": "due date|start date|end date|release date|purchase date|birth date|date of birth",
    "text": "first name|last name|phone number|e-mail",
    "integer": "page count",
}
_KINDS = {word: kind for kind, words in _USUAL.items() for word in words.split()} | {
    name: kind for kind, names in _TWO.items() for name in names.split("|")
}
_PRIORITIES = ["high", "normal", "low"]
_WRITTEN_KINDS = {
    "text": "text", "string": "text", "date": "date", "number": "number", "decimal": "number",
    "integer": "integer", "whole number": "integer", "yes/no": "flag", "yes or no": "flag",
    "flag": "flag", "bool": "flag", "boolean": "flag",
}  # fmt: skip
_WORDS = {"date": "a date", "number": "a number", "integer": "a whole number", "flag": "yes or no"}

_HOLDERS = (
    "list|tracker|log|logbook|journal|diary|collection|catalogue|catalog|inventory|register|database"
    "|library"
)
_BOOKS = {"address book": "contact", "phone book": "contact"}  # by what each holds
_VERBS = r"(?:(?:record|track|store|save|log|keep|manage|list|catalogue)s? (?:track of )?|keeps? records of )"
_HEAD = re.compile(
    rf"(?:(?:to )?{_VERBS})?(?:(?:an? |the |my |our )?(?:{_HOLDERS}) (?:of|for) )?(?:my |our |the )?"
    rf"(?P<noun>{'|'.join(_BOOKS)}|(?!(?:an?|the|my|our)\b)[a-z]+)"  # one word: who knows what another one asks for
    rf"(?P<holder> (?:{_HOLDERS}|app))?(?: (?:app|application|program|tool))?"
    r"(?:(?::|(?:,)? (?:with|of)(?: (?:the )?(?:fields?|columns?))?:?|,? (?:that|which) (?:has|have)(?: fields)?) | \()",
    re.I,
)  # fmt: skip
_FIELD = re.compile(
    r"(?:an? |the |its |their )?([a-z]+(?:[ -](?!(?:and|or|with|that|which)\b)[a-z]+){0,2})(?: \(([^()]{1,60})\))?",
    re.I,
)
_BETWEEN = re.compile(r",? and |, ?", re.I)
_END = re.compile(r"\s*(?:$|[.,;!?)]|and\b|with\b|that\b|which\b)", re.I)
_OTHER_THINGS = re.compile(  # a noun of these is no plural of things to keep
    r"(?:ator|[st]er|zer|[mnl]er|cker|game|app|bot|server|site|page|api|editor|quiz|ss|ics)s?$"
    r"|remind|alarm|notif|alert|message|mail|timer", re.I
)  # fmt: skip

_ADJECTIVE = re.compile(  # "a shared list" is no list of shareds
    r"(?:ed|ing|ive|[ai]ble|less|ful|ous|ly)$|^(?:web|online|offline|mobile|cloud|smart|secure|public|private|remote|local|multi|free|new)$"
)

_CHOICE = re.compile(  # one value in a word or two; other words are said about the values
    r"(?!.*\b(?:an?|the|one|each|any\w*|all|more|most|less|many|several|only|else|others?|etc|such|either|both|from|than|with|without"
    r"|if|unless|when|otherwise|as|at|i|me|my|we|you|it|its|please|whatever|defaults?|optional|required|mandatory|needed|unique"
    r"|allowed|possible|empty|blank|positive|negative|zero|sort\w*|order\w*|shown?|first|last|text|string|date|number|decimal"
    r"|integer|bool|boolean|flag|today|later|overdue|in (?!progress|use|stock|transit)\w+)\b)[a-z][a-z-]*(?: [a-z][a-z-]*)?"
)


@dataclass(frozen=True)
class Fields:
    """The phrase that names what is kept, with its fields; its value is the schema."""

    means: str
    counts: bool = False

    def match(self, text: str, position: int) -> tuple[int, object] | None:
        head = _HEAD.match(text, position)
        if not head or not (nouns := _nouns(head["noun"], bool(head["holder"]))):
            return None
        fields: list[dict[str, Any]] = []
        several: set[bool] = set()
        end = at = head.end()
        while (match := _FIELD.match(text, at)) and (taken := _field(text, match)):
            field, after = taken
            several |= _several(text[match.start(1) : after].lower(), field["name"])
            if len(several) > 1:
                break  # "name, scores": more than one score of each
            end = after
            if any(each["name"] == field["name"] for each in fields):
                return None
            fields.append(field)
            if not (between := _BETWEEN.match(text, end)):
                break
            at = between.end()
        if len(fields) < 2:
            return None
        if not any(each["kind"] == "text" for each in fields):
            return None  # nothing would tell one record from another
        label = next(each for each in fields if each["kind"] == "text")
        label["required"] = True
        return end, {"singular": nouns[0], "plural": nouns[1], "fields": fields}


def _nouns(noun: str, has_holder: bool) -> tuple[str, str] | None:
    """Return the name of one thing and of many: "todo" of a list, "wine bottles"."""
    noun = noun.lower()
    if noun in _BOOKS:
        return _BOOKS[noun], f"{_BOOKS[noun]}s"
    if _OTHER_THINGS.search(noun):
        return None
    if noun.endswith("ies"):
        return f"{noun[:-3]}y", noun
    if re.search(r"(?:ch|sh|x)es$", noun):
        return noun[:-2], noun
    if noun.endswith("s"):
        return noun[:-1], noun
    if not has_holder or _ADJECTIVE.search(noun):
        return None
    plural = f"{noun[:-1]}ies" if re.search(r"[^aeiou]y$", noun) else f"{noun}s"
    return noun, plural


def _field(text: str, match: re.Match[str]) -> tuple[dict[str, Any], int] | None:
    """Return a field and where it ends, if its kind is known and nothing else follows."""
    name, written, end = match[1].lower(), (match[2] or "").lower().strip(), match.end()
    if not written:  # the longest name that is known, up to the end of the clause
        while _known(name) is None or not _END.match(text, match.start(1) + len(name)):
            name, space, _ = name.rpartition(" ")
            if not space:
                return None
        end = match.start(1) + len(name)
        name = _known(name) or name
    elif not _END.match(text, end):
        return None
    choices: list[str] = []
    kind = _WRITTEN_KINDS.get(written.removeprefix("a ")) if written else _KINDS[name]
    if kind is None:
        choices = [*filter(None, re.split(r"\s*(?:,|/|\b(?:or|and)\b)\s*", written))]
        remark = re.search(r"\b(?:or|and)\b[^,/]*[,/]", written)  # "low or high, never blue"
        if (
            remark
            or len(set(choices)) < max(2, len(choices))
            or not all(map(_CHOICE.fullmatch, choices))
        ):
            return None
        kind = "choice"
    elif kind == "choice":
        choices = list(_PRIORITIES)
    key = re.sub(r"\W", "_", name)
    if keyword.iskeyword(key) or key in ("id", "number", "record", "order", "group"):
        return None
    return {"name": key, "kind": kind, "required": False, "choices": choices}, end


def _several(written: str, name: str) -> set[bool]:
    """Return whether a name was written for many, or nothing where it ends with an s anyway."""
    return (
        set() if name.endswith("s") else {written == f"{spoken(name)}s" or written.endswith("ies")}
    )


def _known(name: str) -> str | None:
    """Return a name as it is known, where it may have been written for many: "due dates"."""
    singular = re.sub("ies$", "y", name) if name.endswith("ies") else name.removesuffix("s")
    return next((one for one in (name, singular) if one in _KINDS), None)


def spoken(name: str) -> str:
    """Return the name of a field as one says it."""
    return name.replace("_", " ")


def fields_in_words(fields: list[dict[str, Any]]) -> str:
    """Return fields as a sentence lists them: "name, last watered (a date) and done (yes or no)"."""
    parts = []
    for field in fields:
        kind = ", ".join(field["choices"]) or _WORDS.get(field["kind"], "")
        parts.append(spoken(field["name"]) + (f" ({kind})" if kind else ""))
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def generic(pattern: str, schema: Any) -> str:
    """Return a pattern with ``<record>``, ``<records>``, ``<field>`` and ``<date>`` filled in.

    ``<date>`` stands for the name of any field of that kind; without such a field nothing matches.
    """
    if not schema:
        return pattern

    def names(match: re.Match[str]) -> str:
        what = match[1]
        if what in ("record", "records"):
            return re.escape(str(schema["singular" if what == "record" else "plural"]))
        fields = [f["name"] for f in schema["fields"] if what in ("field", f["kind"])]
        return rf"(?:{'|'.join(re.escape(spoken(name)) for name in fields) or '(?!)'})"

    return re.sub(r"<(record|records|field|text|date|number|integer|flag|choice)>", names, pattern)
