"""Percentage, discount and VAT calculator."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import decimal_after
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    vat = reading.says("vat", "gst", "(?:sales )?tax(?:es)?", "mwst", "mehrwertsteuer\\w*", "iva")
    discount = reading.says("discounts?", "sales? prices?", "markdowns?", "rebates?", "coupons?")
    margin = reading.says("margins?", "mark-?ups?", "profit")
    percent = reading.says("percent\\w*", "prozent\\w*") or not (vat or discount or margin)
    name = "percentage_calculator" if percent else "vat_calculator"
    if not percent and not vat:
        name = "discount_calculator" if discount else "margin_calculator"
    return {
        "name": name,
        "percent": percent,
        "vat": vat,
        "tax": "GST"
        if reading.says("gst")
        else "sales tax"
        if reading.says("sales tax")
        else "VAT",
        "rate": decimal_after(reading, r"(\d+(?:\.\d+)?) ?(?:%|percent)", otherwise="20"),
        "discount": discount,
        "margin": margin,
        "understood": "percentage percentages percent discount discounts vat tax gst sales price "
        "profit margin markup increase decrease change gross net",
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(percent(age)?s?|discounts?|vat|gst|sales tax|tax|margin|mark-?up)\b( \w+){0,3} (calculat|comput)",  # noqa: E501
        r"\b(calculat|comput|work)\w*\b.*\b(percentages?|discounts?|vat|gst|sales tax|mark-?ups?|profit margins?)\b",  # noqa: E501
        r"\bpercent(age)? (change|increase|decrease|difference|of)\b",
        r"\b(add|remove|net|gross)\b.*\b(vat|gst)\b",
    ),
    names=r"prozentrechner|(?:mwst|mehrwertsteuer|rabatt)-?rechner|calculadora de (?:porcentajes?|descuentos?|iva)|calculat\w+ (?:de (?:pourcentages?|tva|remises?))|百分比计算|折扣计算|增值税计算",  # noqa: E501
    choices=choices,
)
