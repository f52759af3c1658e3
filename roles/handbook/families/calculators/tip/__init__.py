"""Tip calculator and bill splitter."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import decimal_after, number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    tips = reading.says("tip", "tips", "tipping", "gratuity")
    return {
        "name": "tip_calculator" if tips else "bill_splitter",
        "tip": decimal_after(
            reading,
            r"(\d+(?:\.\d+)?) ?(?:%|percent) (?:default |standard )?(?:tip|gratuity|service)",
            r"(?:tip|default)[a-z ]* (\d+(?:\.\d+)?) ?(?:%|percent)",
            r"(\d+(?:\.\d+)?) ?(?:%|percent)",
            otherwise="15" if tips else "0",
        ),
        "people": number(
            reading, r"(\d+) (?:people|persons|friends|guests|ways)", otherwise=1, most=100
        ),
        "tax": reading.says("tax", "taxes", "vat", "pre-tax"),
        "round_up": reading.says("round\\w*"),
        "items": reading.says(
            "items?",
            "itemi[sz]ed",
            "who ordered",
            "each person's",
            "unequal\\w*",
            "uneven\\w*",
            "by what",
        ),
        "symbol": "€"
        if reading.says("euros?", "eur")
        else "£"
        if reading.says("pounds?", "gbp")
        else "$",
    }


kind = Kind(
    __file__,
    asks=(
        r"\btips?\b.*\b(calculat|split|bill|restaurant)",
        r"\b(calculat|comput)\w*\b.*\b(tips?|gratuity)\b",
        r"\b(bills?|checks?|restaurant)[ -]*(split|shar)",
        r"\b(split|shar|divid)\w*\b.*\b(bills?|restaurant|dinner|checks?)\b",
    ),
    hints=(r"\b(tips?|tipping|gratuity)\b",),
    names=r"trinkgeld|\bpropinas?\b|\bpourboires?\b|小费",
    choices=choices,
)
