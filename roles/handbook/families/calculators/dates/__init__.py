"""Date, age and duration calculator."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    age = reading.says("age", "ages", "birthday", "birth ?date", "date of birth", "how old")
    return {
        "name": "age_calculator" if age else "date_calculator",
        "age": age,
        "workdays": reading.says("work(?:ing)? ?days", "business days", "weekdays"),
        "countdown": reading.says("countdown", "days until", "how many days to"),
        "week": reading.says("week numbers?", "weekday", "day of (?:the )?week", "calendar week"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(age|date|days?|birthday)s?( \w+)? calculat",
        r"\bcalculat\w*\b.*\b(age|days between|difference between (2 )?dates|working days|business days)\b",  # noqa: E501
        r"\bdays? (between|until|since)\b",
        r"\bhow old\b",
        r"\bdate (difference|arithmetic)",
        r"\b(business|working) days\b.*\b(between|calculat)",
    ),
    hints=(r"\bcountdown\b", r"\bdates\b"),
    names=r"(?:alters|datums|tage)rechner|calculadora de (?:edad|fechas)|calculat\w+ d['’]âge|(?:年龄|日期)计算",  # noqa: E501
    choices=choices,
)
