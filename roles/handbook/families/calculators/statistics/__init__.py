"""Statistics calculator."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    return {
        "name": "statistics_calculator",
        "csv": reading.says("csv", "columns?"),
        "histogram": reading.says("histograms?", "distribution", "chart", "plot"),
        "percentiles": reading.says("percentiles?", "quartiles?", "iqr", "outliers?"),
        "outliers": reading.says("outliers?"),
        "digits": number(reading, r"(\d+) (?:decimals?|digits|places)", otherwise=6, most=15),
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(statistics?|statistical|descriptive|average|mean|median) (calculat|program|tool|of (numbers|a csv|the))",  # noqa: E501
        r"\bcalculat\w*\b.*\b(mean|median|mode|standard deviation|average|statistics|variance)\b",
        r"\b(mean|average)\b.*\bmedian\b|\bmedian\b.*\b(mode|mean|deviation)\b",
        r"^statistics\b",
    ),
    hints=(r"\bstandard deviation\b", r"\bmedian\b"),
    names=r"statistikrechner|calculadora estadística|统计计算",
    choices=choices,
)
