"""Choosing, sorting and counting records."""

import math
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from records import values
from records.schema import RecordError, Schema
from records.storage import Record
from records.values import Value

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CONDITION = re.compile(r"\s*([\w -]+?)\s*(!=|<=|>=|=|<|>|~)(.*)", re.DOTALL)


def condition(text: str, schema: Schema) -> Callable[[Record], bool]:
    """Return the check that a text as "price >= 10" describes; ~ means contains.

    Raises:
        RecordError: the text is no condition, or its field or value does not exist.
    """
    found = _CONDITION.fullmatch(text)
    if not found:
        raise RecordError(f'"{text}" is no condition; write FIELD = VALUE, or != < <= > >= ~')
    field, sign, wanted = schema.field(found[1]), found[2], found[3].strip()
    if sign == "~":
        return lambda record: wanted.casefold() in values.show(record.values[field.name]).casefold()
    limit = values.parse(field, wanted) if wanted else None
    if limit is None and sign not in ("=", "!="):
        raise RecordError(f'"{text}" lacks a value to compare with')

    def check(record: Record) -> bool:
        value = record.values[field.name]
        if value is None or limit is None:  # only = and != know what is not given
            return (sign == "=" and value is limit) or (sign == "!=" and value is not limit)
        return _OPERATORS[sign](values.order(field, value), values.order(field, limit))

    return check


def select(
    records: Iterable[Record], schema: Schema, where: Sequence[str] = (), search: str = ""
) -> list[Record]:
    """Return the records that meet all conditions and hold the searched text in any field."""
    checks = [condition(text, schema) for text in where]
    return [
        record
        for record in records
        if all(check(record) for check in checks)
        and any(
            search.casefold() in values.show(value).casefold() for value in record.values.values()
        )
    ]


def sort(
    records: Iterable[Record], schema: Schema, names: Sequence[str], descending: bool = False
) -> list[Record]:
    """Return the records sorted by fields, the first one above all; empty values are last."""
    ordered = list(records)
    for name in reversed(names):
        if name == "number" and all(field.name != name for field in schema.fields):
            ordered.sort(key=lambda record: record.number, reverse=descending)
            continue
        field = schema.field(name)
        filled = [record for record in ordered if record.values[field.name] is not None]
        empty = [record for record in ordered if record.values[field.name] is None]
        filled.sort(
            key=lambda record: values.order(field, record.values[field.name]),
            reverse=descending,
        )
        ordered = filled + empty
    return ordered


def report(
    records: Sequence[Record], schema: Schema, by: str = "", of: str = "", per: str = "day"
) -> list[list[Value]]:
    """Return a row for each group of records and one for all of them.

    Args:
        by: the field whose values make the groups; empty: none.
        of: a field with numbers; a row then has total, average, lowest and highest as well.
        per: day, month or year, for groups by a date.

    Raises:
        RecordError: there is no such field, or `of` has no numbers.
    """
    measured = schema.field(of) if of else None
    if measured and measured.kind not in ("number", "integer"):
        raise RecordError(f"{measured.name} has no numbers")

    def row(name: str, group: Sequence[Record]) -> list[Value]:
        result: list[Value] = [name, len(group)]
        if measured:
            result += _measures([record.values[measured.name] for record in group])
        return result

    rows = []
    if by:
        field = schema.field(by)
        length = {"day": 10, "month": 7, "year": 4}[per] if field.kind == "date" else None
        groups: dict[str, list[Record]] = {}
        for record in sort(records, schema, [field.name]):
            shown = values.show(record.values[field.name])[:length] or "(none)"
            groups.setdefault(shown, []).append(record)
        rows = [row(name, group) for name, group in groups.items()]
    return [*rows, row("all", records)]


def _measures(numbers: Iterable[Value]) -> list[Value]:
    """Return total, average, lowest and highest of the numbers that are known."""
    known = [number for number in numbers if isinstance(number, int | float)]
    if not known:
        return [0, None, None, None]
    total = sum(known) if all(isinstance(each, int) for each in known) else math.fsum(known)
    return [round(total, 6), round(total / len(known), 2), min(known), max(known)]
