"""Compound interest and savings calculator."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import decimal_after, number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    per_year = 12 if reading.says("monthly") else 4 if reading.says("quarterly") else 1
    if reading.says("daily"):
        per_year = 365
    return {
        "name": "savings_calculator"
        if reading.says("sav\\w+")
        else "investment_calculator"
        if reading.says("invest\\w*", "retirement")
        else "interest_calculator",
        "rate": decimal_after(reading, r"(\d+(?:\.\d+)?) ?(?:%|percent)", otherwise="5"),
        "years": number(reading, r"(\d+)[ -]years?", otherwise=10, most=100),
        "per_year": per_year,
        "inflation": reading.says("inflation", "real value", "purchasing power"),
        "goal": reading.says("goals?", "target", "how long", "reach", "until"),
        "simple": reading.says("simple interest", "simple and compound"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(compound|simple) interest\b",
        r"\b(savings?|investments?|interest|retirement)\b( \w+){0,2} (calculator|projection|simulator|growth)",  # noqa: E501
        r"\bcalculat\w*\b.*\b(interest|savings|investment)\b(?!.*\bloan)",
    ),
    hints=(r"\binterest\b",),
    names=r"zinseszins|(?:zins|spar)rechner|interés compuesto|intérêts? composés?|复利",
    choices=choices,
)
