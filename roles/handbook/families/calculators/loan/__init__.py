"""Loan and mortgage calculator with its amortisation table."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import decimal_after, number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    thing = "mortgage" if reading.says("mortgages?") else "loan"
    if reading.says("car loans?", "auto loans?"):
        thing = "car_loan"
    elif reading.says("student loans?"):
        thing = "student_loan"
    return {
        "name": f"{thing}_calculator",
        "thing": thing.replace("_", " "),
        "rate": decimal_after(reading, r"(\d+(?:\.\d+)?) ?(?:%|percent|per cent)", otherwise=""),
        "years": number(
            reading, r"(\d+)[ -]years?", otherwise=30 if thing == "mortgage" else 5, most=60
        ),
        "extra": reading.says(
            "extra", "overpay\\w*", "additional payments?", "prepay\\w*", "early"
        ),
        "compare": reading.says("compar\\w+", "which is cheaper"),
        "csv": reading.says("csv", "spreadsheet"),
        "yearly": reading.says("yearly", "per year", "by year", "annual (table|summary|totals)"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(loans?|mortgages?|instal?lments?|amorti[sz]ation)\b.*\b(calculat|table|schedule|payment|plan|comput|simulat)",
        r"\b(calculat|comput|work)\w*\b.*\b(loans?|mortgages?|amorti[sz]ation)\b",
        r"\bamorti[sz]ation\b",
    ),
    hints=(r"\bmortgages?\b", r"\bmonthly (payment|rate|instal)", r"\bloans?\b"),
    names=r"(?:kredit|darlehens|hypotheken|tilgungs)rechner|tilgungsplan|calculadora de (?:préstamos?|hipotecas?)|(?:calculat\w+|simulateur) de (?:prêts?|crédits?)|(?:贷款|房贷)计算",  # noqa: E501
    choices=choices,
)
