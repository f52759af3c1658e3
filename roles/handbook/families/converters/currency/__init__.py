"""Currency converter with a file of rates."""

from __future__ import annotations

import re
from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading

_WORDS = {
    "USD": r"usd|us dollars?|dollars?",
    "EUR": r"eur|euros?",
    "GBP": r"gbp|pounds?|sterling",
    "JPY": r"jpy|yen",
    "CHF": r"chf|francs?",
    "CNY": r"cny|yuan|renminbi",
    "INR": r"inr|rupees?",
    "CAD": r"cad",
    "AUD": r"aud",
    "SEK": r"sek|kronor",
    "BRL": r"brl|reais|real",
    "MXN": r"mxn|pesos?",
}


def choices(reading: Reading) -> dict[str, Any]:
    text = " ".join(reading.words)
    at = {
        code: m.start()
        for code, words in _WORDS.items()
        if (m := re.search(rf"\b(?:{words})\b", text))
    }
    named = sorted(at, key=lambda code: at[code])
    codes = (
        named if len(named) > 1 else [*named, *(c for c in ("USD", "EUR", "GBP") if c not in named)]
    )
    return {
        "name": "currency_converter",
        "first": codes[0],
        "second": codes[1],
        "codes": codes,
        "understood": " ".join(_WORDS[code].replace("?", "") for code in codes),
        "table": reading.says("tables?", "all currencies", "list"),
        "fee": reading.says("fees?", "commission", "spread", "markup"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(currency|currencies|money|exchange[ -]rates?)\b.*\b(conver|exchang|calculat)",
        r"\bconver\w*\b.*\b(currency|currencies|dollars?|euros?|usd|eur|gbp|yen|rupees?)\b",
        r"\bexchange rates?\b",
    ),
    hints=(r"\bcurrenc(y|ies)\b",),
    names=r"währungs(?:um)?rechner|convertisseur de (?:devises|monnaies?)|(?:convertidor|conversor) de (?:divisas|monedas?)|货币|汇率",  # noqa: E501
    choices=choices,
)
