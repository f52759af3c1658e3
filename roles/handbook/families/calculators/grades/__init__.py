"""Grade point average calculator."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import plain
from metaco.roles.handbook.reading import Reading

_LETTERS = {
    "A+": "4.0", "A": "4.0", "A-": "3.7", "B+": "3.3", "B": "3.0", "B-": "2.7", "C+": "2.3",
    "C": "2.0", "C-": "1.7", "D+": "1.3", "D": "1.0", "D-": "0.7", "F": "0.0",
}  # fmt: skip
_TEN = {
    "O": "10", "A+": "9", "A": "8", "B+": "7", "B": "6", "C": "5", "P": "4", "F": "0",
}  # fmt: skip


def choices(reading: Reading) -> dict[str, Any]:
    text = plain(reading)
    ten = reading.says("cgpa", "10[ -]point", "10 scale", "scale of 10", "out of 10")
    points = _TEN if ten else dict(_LETTERS)
    if "4.3" in text and not ten:
        points = {**points, "A+": "4.3"}
    return {
        "name": "cgpa_calculator" if reading.says("cgpa") else "gpa_calculator",
        "points": points,
        "best": "10" if ten else points["A+"],
        "weighted": reading.says("weighted", "honou?rs", "ap", "advanced placement") and not ten,
        "cumulative": reading.says(
            "cumulative", "cgpa", "overall", "previous", "semesters?", "terms?", "years?"
        ),
        "target": reading.says(
            "target", "goals?", "needed?", "reach", "required", "what if", "want", "aim"
        ),
        "understood": "gpa cgpa grade point average letter grades credits credit hours course "
        "courses class classes scale student students semester semesters weighted unweighted honors "  # noqa: E501
        "cumulative overall target goal needed csv file",
    }


kind = Kind(
    __file__,
    asks=(
        r"\bc?gpas?\b",
        r"\bgrade[ -]point average\b",
        r"\bgrades? (average )?(calculat|comput)",
        r"\b(calculat|comput)\w*\b.*\b(average grade|grade average|final grades?|grade points?)\b",
    ),
    names=r"notenrechner|notendurchschnitt\w*|calculadora de (?:notas|calificaciones)|绩点",
    choices=choices,
)
