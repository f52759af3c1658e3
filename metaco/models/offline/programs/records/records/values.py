"""Single values: reading them from text, showing and comparing them."""

import datetime as dt
import math
import re

from records.schema import Field, RecordError

# A date is kept as text, YYYY-MM-DD; what is not known is None.
Value = str | int | float | bool | None

_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_YES = ("yes", "y", "true", "1")
_NO = ("no", "n", "false", "0")


def parse(field: Field, text: str) -> Value:
    """Return the value that a text means for a field; empty is None, for a flag no.

    Raises:
        RecordError: the field is required and the text empty, or it means no such value.
    """
    text = " ".join(text.split())
    if not text:
        if field.required:
            raise RecordError(f"{field.name} must not be empty")
        return False if field.kind == "flag" else None
    try:
        match field.kind:
            case "integer":
                return _integer(text)
            case "number":
                return _number(text)
            case "date":
                return _date(text)
            case "flag":
                return _flag(text)
            case "choice":
                return _choice(text, field.choices)
            case _:
                return text
    except ValueError as error:
        raise RecordError(f'{field.name}: "{text}" is not {error}') from None


# Each of these raises ValueError with what was expected.


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,15}", text):
        raise ValueError("a whole number")
    return int(text)


def _number(text: str) -> float:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not abs(number) < 1e15:
        raise ValueError("a number")
    return number


def _date(text: str) -> str:
    try:
        found = re.fullmatch(r"(yesterday|today|tomorrow) ?([+-] ?[0-9]+)?", text.lower())
        if found:
            days = _DAYS[found[1]] + int((found[2] or "0").replace(" ", ""))
            return (dt.date.today() + dt.timedelta(days=days)).isoformat()
        return dt.datetime.strptime(text, "%Y-%m-%d").date().isoformat()
    except (ValueError, OverflowError):
        raise ValueError("a date; write it as YYYY-MM-DD, today or today+7") from None


def _flag(text: str) -> bool:
    if text.lower() not in _YES + _NO:
        raise ValueError("yes or no")
    return text.lower() in _YES


def _choice(text: str, choices: tuple[str, ...]) -> str:
    for choice in choices:
        if choice.casefold() == text.casefold():
            return choice
    raise ValueError(f"one of {', '.join(choices)}")


def show(value: Value) -> str:
    """Return a value as one would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)


def order(field: Field, value: Value) -> str | float:
    """Return what a value (not None) is compared by: choices by their order, text without case."""
    if field.kind == "choice":
        known = value in field.choices  # not if choices were taken out of the schema later
        return field.choices.index(str(value)) if known else len(field.choices)
    return value.casefold() if isinstance(value, str) else value or 0


def example(field: Field, number: int) -> str:
    """Return an example of a value as text, another one for each number from 1."""
    match field.kind:
        case "integer":
            return str(10 * number)
        case "number":
            return f"{number}.5"
        case "date":
            return (dt.date(2024, 1, 31) + dt.timedelta(days=number)).isoformat()
        case "flag":
            return "yes" if number % 2 else "no"
        case "choice":
            return field.choices[(number - 1) % len(field.choices)]
        case _:
            return f"Example {number}"
