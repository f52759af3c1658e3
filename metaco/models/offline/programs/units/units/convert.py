"""Reads a conversion, computes it exactly and writes the result."""

import contextlib
import re
from decimal import Decimal, localcontext
from fractions import Fraction

from units.table import INVERSE, OFFSETS, UNITS, Unit, find

DIGITS = 6

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:/\d+|e[-+]?\d{1,2})?"
_WORD = re.compile(rf"(?P<number>{_NUMBER})(?P<unit>[^\d.,].*)?", re.IGNORECASE | re.ASCII)
_TARGET = re.compile(r"(.*\S)\s+(?:to|into|in)\s+(\S.*)", re.IGNORECASE)


def convert(value: Fraction, source: Unit, target: Unit) -> Fraction:
    """Return `value` of the unit `source` in the unit `target`, exactly.

    Raises:
        ValueError: the units are of different kinds, or there is no such value.
    """
    if source.kind != target.kind:
        raise ValueError(
            f"cannot convert {source.symbol} ({source.kind}) to {target.symbol} ({target.kind})"
        )
    if source.kind == "fuel consumption" and value <= 0:
        raise ValueError(f"{show(value)} {source.symbol} is no fuel consumption")
    if source.symbol in INVERSE:
        base = source.size / value
    else:
        base = (value + OFFSETS.get(source.symbol, 0)) * source.size
    if source.kind == "temperature" and base < 0:
        raise ValueError(f"{show(value)} {source.symbol} is below absolute zero")
    if target.symbol in INVERSE:
        return target.size / base
    return base / target.size - OFFSETS.get(target.symbol, 0)


def parse(text: str) -> tuple[list[tuple[Fraction, Unit]], Unit | None]:
    """Read ``5 ft 11 in to cm`` as values with their units, and the unit to convert to, if any.

    Raises:
        ValueError: it is no conversion; the message says why.
    """
    match = _TARGET.fullmatch(text.strip())
    left, right = (match[1], match[2]) if match and not _WORD.match(match[2]) else (text, "")
    pairs: list[tuple[Fraction, str]] = []
    before = ""
    for word in left.split():
        found = _WORD.fullmatch(word)
        if found and before != "per":  # as in l per 100 km
            pairs.append((_number(found["number"]), found["unit"] or ""))
        elif pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {word}".strip())
        else:
            raise ValueError(f"{word!r} is not a number; write for example: 26.2 mi to km")
        before = word
    if not pairs or not all(name for _, name in pairs):
        raise ValueError("give a value with its unit, for example: 26.2 mi to km")
    found_pairs = [(value, find(name)) for value, name in pairs[:-1]]
    value, name = pairs[-1]
    source, target = (find(name), find(right)) if right else _source_and_target(name)
    return [*found_pairs, (value, source)], target


def _number(text: str) -> Fraction:
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise ValueError(f"{text} divides by zero") from None


def _source_and_target(name: str) -> tuple[Unit, Unit | None]:
    """Read the end of ``5 km mi``: a unit, or two units side by side."""
    words = name.split()
    for at in range(1, len(words)):
        with contextlib.suppress(ValueError):
            return find(" ".join(words[:at])), find(" ".join(words[at:]))
    return find(name), None


def answer(text: str, digits: int = DIGITS) -> list[str]:
    """Return the lines that answer a conversion: one, or without a target one for each unit.

    Several values, as in ``5 ft 11 in``, are added; the sign of the first counts for all.

    Raises:
        ValueError: it is no conversion; the message says why.
    """
    values, target = parse(text)
    first, source = values[0]
    if len(values) > 1 and source.kind in ("temperature", "fuel consumption"):
        raise ValueError(f"values of {source.kind} cannot be added")
    total = first
    for value, unit in values[1:]:
        total += convert(value, unit, source) * (-1 if first < 0 else 1)
    targets = [target] if target else [unit for unit in UNITS if unit.kind == source.kind]
    return [
        f"{show(convert(total, source, unit), digits)} {unit.symbol}"
        for unit in targets
        if target or unit != source
    ]


def show(value: Fraction, digits: int = DIGITS) -> str:
    """Write a value with `digits` significant digits; whole numbers up to 15 digits stay whole."""
    if value.denominator == 1 and abs(value) < 10**15:
        return str(value.numerator)
    with localcontext() as context:
        context.prec = digits
        rounded = Decimal(value.numerator) / Decimal(value.denominator)
    if not -7 < rounded.adjusted() < 15:
        return f"{rounded.normalize():e}"
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
