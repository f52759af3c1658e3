"""BMI and calorie calculator."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    calories = reading.says("calories?", "bmr", "metabolic", "tdee", "energy")
    bmi = reading.says("bmi", "body mass", "weight", "healthy weight") or not calories
    return {
        "name": "bmi_calculator" if bmi else "calorie_calculator",
        "bmi": bmi,
        "calories": calories,
        "imperial": reading.says("imperial", "pounds", "lbs?", "feet", "inches", "us units"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(bmi|body mass index)\b",
        r"\b(calorie|bmr|tdee|metabolic rate|ideal weight)s?\b.*\bcalculat",
        r"\bcalculat\w*\b.*\b(calorie|bmr|tdee|metabolic|ideal weight)",
    ),
    names=r"bmi-?rechner|índice de masa corporal|indice de masse corporelle|身体质量指数",
    choices=choices,
)
