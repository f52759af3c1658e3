"""Fields: one phrase of a list, as "priority (low, medium, high; default medium)", made typed.

The same notation is used in requirements and in the table of domains (`domains.py`).
"""

# ruff: noqa: E501, SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, replace
from typing import Literal

from metaco.roles.handbook.words import singular, slug

__all__ = ["Entity", "Field", "Kind", "entity", "field", "is_field", "is_reserved", "split_list"]

Kind = Literal[
    "text",
    "integer",
    "number",
    "money",
    "date",
    "time",
    "moment",
    "boolean",
    "choice",
    "email",
    "url",
    "phone",
    "reference",
]


@dataclass(frozen=True)
class Field:
    """One field of an entity.

    Attributes:
        name: snake_case.
        default: as a user would type it; ``today`` for dates; empty if there is none.
        choices: what a ``choice`` may be.
        minimum, maximum: limits of a number, inclusive.
        target: the entity that a ``reference`` points to.
        unit: as ``kg``; shown beside the value.
        examples: values for tests and examples, as a user would type them.
        positive: the number must be greater than zero.
        no_future, no_past: the date must not lie after, or before, the day on which it is entered.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    unique: bool = False
    target: str = ""
    unit: str = ""
    examples: tuple[str, ...] = ()
    positive: bool = False
    no_future: bool = False
    no_past: bool = False


@dataclass(frozen=True)
class Entity:
    """A thing that is recorded: `name` is singular and snake_case.

    Attributes:
        order: the field that lists are sorted by unless told otherwise; empty means by entry.
        descending: lists begin with the highest.
    """

    name: str
    fields: tuple[Field, ...]
    order: str = ""
    descending: bool = False

    def get(self, name: str) -> Field | None:
        """Return the field of this name, if there is one."""
        return next((field for field in self.fields if field.name == name), None)


# What the last word (or the whole name) of a field says about its kind.
_KINDS: dict[Kind, str] = {
    "money": "amount price cost costs fee salary budget rent wage deposit balance payment revenue "
    "total subtotal value worth spending tax tip discount",
    "date": "date day deadline due birthday birthdate dob anniversary expiry expires expiration "
    "watered visited bought purchased started finished hired joined borrowed returned published "
    "planted harvested fed vaccinated cleaned planned released",
    "time": "time start end",
    "integer": "quantity qty count pages page year vintage age rating score stars points stock "
    "servings portions reps sets level rounds copies seats guests minutes calories floor size_eu "
    "volume_no odometer mileage steps wins losses goals position rank difficulty mood xp minimum "
    "number_of_copies capacity grade_level systolic diastolic pulse hit_points hp reward people days floors bedrooms rooms laps jars kills eggs bags boxes crates tickets",
    "number": "weight height distance hours length width depth temperature grade mark percentage "
    "litres liters km kg kilometers miles volume duration speed area abv gpa dose amount_g pace",
    "boolean": "done completed paid active favorite favourite watched finished_reading urgent available "
    "returned_yes archived owned vegetarian vegan important confirmed attended member_active fragile "
    "rented sold in_stock delivered shipped collected submitted taken signed sent handed_in picked_up "
    "insured invoiced refunded deposit_paid fee_paid",
    "email": "email e_mail mail email_address",
    "url": "url link website homepage web_page site",
    "phone": "phone telephone mobile phone_number telephone_number mobile_number cell tel",
}
_BY_WORD: dict[str, Kind] = {word: kind for kind, words in _KINDS.items() for word in words.split()}


def is_field(name: str) -> bool:
    """Return whether the word is known as a field, as ``price``."""
    return name in _BY_WORD


def is_reserved(name: str) -> bool:
    """Return whether a field of this name would hide something in the generated program."""
    return name in _RESERVED


_TYPED: dict[str, Kind] = {
    "text": "text",
    "string": "text",
    "integer": "integer",
    "int": "integer",
    "whole number": "integer",
    "number": "number",
    "decimal": "number",
    "float": "number",
    "date": "date",
    "time": "time",
    "moment": "moment",
    "money": "money",
    "currency": "money",
    "email": "email",
    "url": "url",
    "phone": "phone",
    "yes/no": "boolean",
    "yes or no": "boolean",
    "boolean": "boolean",
    "bool": "boolean",
    "true/false": "boolean",
    "flag": "boolean",
    "y/n": "boolean",
}
_MONEY_UNITS = {"eur", "usd", "gbp", "chf", "euro", "euros", "dollar", "dollars", "pounds", "yen"}
_MONEY_UNITS |= {"€", "$", "£", "¥", "cny", "rmb", "inr", "cents"}
_UNITS = set(
    "kg g mg lb lbs km m cm mm mile miles l ml litre litres liter liters minute minutes min mins "
    "hour hours h seconds days weeks months years percent % kcal °c c celsius pages cups".split()
)
_KNOWN_CHOICES = {
    "priority": (("low", "medium", "high"), "medium"),
    "status": (("open", "in progress", "done"), "open"),
    "severity": (("minor", "major", "critical"), "minor"),
    "urgency": (("low", "medium", "high"), "medium"),
}
_LEADING = re.compile(
    r"^(?:(?:and|an?|the|its|their|his|her|my|your|each|every|optional|optionally|required|mandatory|"
    r"unique|also|of|plus|some|with|has|have|having|one|for|as well as|including|possibly|maybe|"
    r"both|their own|who has|whether (?:it is|it was|they are)|when it was|what|where)\s+)+",
    re.I,
)
# Names that would hide something in the generated program.
_RESERVED = {
    "id": "number",
    "field": "field_name",
    "search": "search_text",
    "sort": "sort_order",
    "limit": "limit_value",
    "db": "database",
    "handler": "handler_name",
    "format": "format_name",
    "file": "file_name",
    "replace": "replacement",
    "json": "json_text",
    "text": "content",
    "command": "command_text",
    "descending": "descending_order",
    "help": "help_text",
    "version": "version_name",
    "dt": "dt_value",
    "self": "self_name",
    "cls": "cls_name",
    "property": "property_name",
    "dataclass": "dataclass_name",
    "str": "text_value",
    "int": "int_value",
    "float": "float_value",
    "bool": "flag",
    "from_text": "text_from",
    "with_text": "text_with",
    "as_text": "text_as",
}


def split_list(text: str) -> list[str]:
    """Split "a, b (c, d) and e" at commas, semicolons, "and", "&" outside brackets."""
    parts, depth, start = [], 0, 0
    for found in re.finditer(r"[(\[{]|[)\]}]|[,;]|\s(?:and|&|plus|as well as|\+)\s", text):
        sign = found[0]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth = max(0, depth - 1)
        elif not depth:
            parts.append(text[start : found.start()])
            start = found.end()
    parts.append(text[start:])
    return [part.strip(" .:-\t") for part in parts if part.strip(" .:-\t")]


def _limits(text: str) -> tuple[int | None, int | None]:
    """Return the smallest and largest value that a remark as "1-5" or "at most 10" allows."""
    span = re.search(r"(-?\d{1,9})\s*(?:-|–|\.\.+|to|and|through|bis)\s*(\d{1,9})\b", text)
    if span:
        low, high = int(span[1]), int(span[2])
        return (low, high) if low < high else (None, None)
    low_found = re.search(r"(?:min(?:imum)?|at least|>=|from|not below)\s*:?\s*(-?\d{1,9})\b", text)
    high_found = re.search(r"(?:max(?:imum)?|at most|<=|up to|out of)\s*:?\s*(\d{1,9})\b", text)
    low_value = int(low_found[1]) if low_found else None
    high_value = int(high_found[1]) if high_found else None
    if low_value is None and high_value is not None and high_value > 0 and "out of" in text:
        low_value = 0
    if low_value is not None and high_value is not None and low_value >= high_value:
        return None, None
    return low_value, high_value


def _remarks(result: Field, remarks: str) -> Field:
    """Apply what stands in brackets after a field's name."""
    loose: list[str] = []
    spans = len(re.findall(r"(?:^|[,;|])\s*\d+\s*-\s*\d+\s*(?=[,;|]|$)", remarks))
    open_ended = bool(re.search(r"\.\.\.|…|\betc\b", remarks))
    kind_given = False
    examples = re.search(r"(?:e\.g\.|eg|for example|such as|like)[:,]?\s+(.*)", remarks, re.I)
    if examples:
        values = tuple(re.findall(r'"([^"]+)"', examples[1])) or tuple(split_list(examples[1]))
        values = tuple(v for v in values if not re.fullmatch(r"\W*(etc\W*)?", v))
        result = replace(result, examples=values)
        remarks = remarks[: examples.start()]
    for part in re.split(
        r"[,;|]|\s+or\s+|(?<![\d\s])/(?![\d\s])"
        if "yes/no" not in remarks and "true/false" not in remarks and "y/n" not in remarks
        else r"[,;|]",
        remarks,
    ):
        part = part.strip(" .…")
        lower = part.lower()
        low, high = _limits(lower) if spans < 2 else (None, None)
        default = re.match(
            r"(?:default(?:s|ing)?(?: is| to|:|=)?|standard(?: is)?|vorgabe:?)\s+(.+)", part, re.I
        )
        if not part or lower == "etc":
            continue
        if default:
            result = replace(result, default=default[1].strip(" '\""))
        elif lower in ("required", "mandatory", "not empty", "must", "needed"):
            result = replace(result, required=True)
        elif lower in ("optional", "may be empty"):
            result = replace(result, required=False)
        elif lower == "unique":
            result = replace(result, unique=True, required=True)
        elif lower in ("positive", "> 0", ">0", "greater than 0", "greater than zero"):
            result = replace(result, positive=True)
        elif lower in _TYPED:
            result, kind_given = replace(result, kind=_TYPED[lower]), True
        elif lower in _MONEY_UNITS:
            result, kind_given = replace(result, kind="money", unit=part), True
        elif lower.removeprefix("in ") in _UNITS:
            result = replace(result, unit=lower.removeprefix("in "))
            if result.kind in ("text", "time"):
                result = replace(result, kind="number")
        elif low is not None or high is not None:
            kind = result.kind if result.kind in ("integer", "number", "money") else "integer"
            result = replace(result, kind=kind, minimum=low, maximum=high)
        elif len(lower) <= 30:
            loose.append(part.strip("'\""))
    loose = [re.sub(r"[^\w .+&/°%-]", "", value).strip(" -") for value in loose]
    loose = list(
        dict.fromkeys(value.strip().lower() for value in loose if slug(value) or value.strip())
    )
    if len(loose) >= 2 and not kind_given:
        if open_ended:
            result = replace(result, kind="text", examples=tuple(loose), choices=())
        else:
            default_value = result.default.lower()
            default_value = default_value if default_value in loose else ""
            result = replace(result, kind="choice", choices=tuple(loose), default=default_value)
    return result


def field(phrase: str) -> Field | None:
    """Read one phrase as a field, or return None if it does not look like one.

    Args:
        phrase: as ``rating 1-100``, ``amount in EUR``, ``status (open, closed; default open)``.
    """
    phrase = phrase.strip(" .,:;\"'`*-")
    unit = ""
    required = bool(re.match(r"(?:required|mandatory)\b", phrase, re.I))
    unique = bool(re.match(r"(?:an? )?unique\b", phrase, re.I))
    phrase = _LEADING.sub("", phrase + " ").strip()
    bracket = re.search(r"[(\[]([^()\[\]]*)[)\]]", phrase)
    remarks = bracket[1] if bracket else ""
    head = (phrase[: bracket.start()] + phrase[bracket.end() :]) if bracket else phrase
    listed = re.match(r"([^:=]+)[:=]\s*(.+)", head)
    if listed and not bracket:
        head, remarks = listed[1], listed[2]
    sized = re.search(
        r"\s*\b(?:from|between|of|on a scale of)?\s*-?\d+\s*(?:-|–|to|and|\.\.)\s*\d+.*$", head
    )
    if sized:
        remarks, head = f"{remarks}, {sized[0]}", head[: sized.start()]
    limited = re.search(r"\s+(?:max|min|up to|at most|at least|out of)\s+\d+.*$", head, re.I)
    if limited:
        remarks, head = f"{remarks}, {limited[0]}", head[: limited.start()]
    united = re.search(r"\s+in\s+([\w€$£%°]+)$", head)
    unit_known = united is not None and united[1].lower() in _UNITS | _MONEY_UNITS
    if united and not unit_known and re.fullmatch(r"[a-z]{2,12}", united[1]):
        counted = slug(head[: united.start()]).split("_")[-1]
        unit_known = _BY_WORD.get(counted) in ("integer", "number", "money")
        if unit_known:
            head = head[: united.start()]
            unit = united[1]
    elif unit_known and united:
        remarks, head = f"{remarks}, {united[1]}", head[: united.start()]
    slashed = re.match(r"(\w+)\s+((?:\w+\s*/\s*)+\w+)$", head)
    if slashed:
        head, remarks = slashed[1], f"{remarks}, {slashed[2].replace('/', ', ')}"
    name = slug(re.sub(r"^(?:is|was|are)\s+", "", head.strip(), flags=re.I))
    if not name or len(name.split("_")) > 4 or len(name) > 30:
        return None
    result = Field(name=name, required=required, unique=unique)
    last = name.split("_")[-1]
    kind = _BY_WORD.get(name) or _BY_WORD.get(last) or _BY_WORD.get(singular(last))
    if name in ("start_time", "end_time"):
        result = replace(result, name=name.removesuffix("_time"), kind="time")
    elif singular(name) in ("due", "due_by", "due_on", "due_date", "deadline"):
        result = replace(result, name="due", kind="date")
    elif last == "paid" and re.match(r"(?:price|amount|sum|cost|fee)_paid$", name):
        result = replace(result, kind="money")
    elif name.endswith(("last_name", "next_of_kin")):
        pass
    elif re.search(r"_(on|at)$|^best_before|_before$", name) or re.match(
        r"(last|next|date_of)_", name
    ):
        result = replace(result, kind=kind if kind in ("number", "money", "integer") else "date")
    elif kind:
        result = replace(result, kind=kind)
    result = replace(result, unit=unit)
    if name in _KNOWN_CHOICES:
        choices, default = _KNOWN_CHOICES[name]
        result = replace(result, kind="choice", choices=choices, default=default)
    if result.kind in ("integer", "number", "money") and last not in (
        "temperature",
        "balance",
        "value",
    ):
        result = replace(result, minimum=0)
    if name in ("rating", "stars", "difficulty", "mood"):
        result = replace(result, minimum=1, maximum=5)
    if result.kind == "boolean":
        result = replace(result, default="no")
    if remarks:
        result = _remarks(result, remarks)
    if result.kind not in ("integer", "number", "money"):
        result = replace(result, minimum=None, maximum=None, positive=False)
    if result.kind == "choice" and name in _KNOWN_CHOICES and result.default == "":
        default = _KNOWN_CHOICES[name][1]
        result = replace(
            result, default=default if default in result.choices else result.choices[0]
        )
    if result.kind == "boolean":
        truthy = result.default.lower() in ("yes", "true", "on", "1")
        result = replace(result, default="yes" if truthy else "no", required=False)
    return replace(_safe(result), required=result.required or result.unique)


def _safe(result: Field) -> Field:
    """Give the field a name that is free in Python, and a default that its kind can hold."""
    name = _RESERVED.get(result.name, result.name)
    if keyword.iskeyword(name):
        name += "_name"
    default = result.default
    number = re.fullmatch(r"-?\d+(\.\d+)?", default)
    if result.kind in ("integer", "number", "money"):
        fits = bool(number) and (result.kind != "integer" or "." not in default)
        if fits and result.minimum is not None and float(default) < result.minimum:
            fits = False
        if fits and result.maximum is not None and float(default) > result.maximum:
            fits = False
        if fits and result.positive and float(default) <= 0:
            fits = False
        default = default if fits else ""
    elif result.kind == "date":
        default = (
            "today" if default.lower() in ("today", "heute", "now", "the current date") else ""
        )
    elif result.kind in ("time", "moment", "email", "url", "phone", "reference") or (
        result.kind == "text" and not re.fullmatch(r"[\w .-]{1,40}", default)
    ):
        default = ""
    return replace(result, name=name, default=default)


def entity(line: str) -> Entity:
    """Read a line of the table of domains, as ``task: title (required), due date``."""
    name, _, phrases = line.partition(":")
    read = (field(phrase) for phrase in split_list(phrases))
    fields = [one for one in read if one is not None]
    for position, one in enumerate(fields):
        target = re.match(r"(\w+)_ref$", one.name)
        if target:
            fields[position] = replace(one, name=target[1], kind="reference", target=target[1])
    return Entity(singular(slug(name)), tuple(fields))
