"""Encoder and decoder: base64, hex, URL, HTML."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading

# The words that ask for an encoding, and what "Hi & ü?" becomes in it.
_ENCODINGS = {
    "base64": ("base-? ?64", "SGkgJiDDvD8="),
    "base32": ("base-? ?32", "JBUSAJRAYO6D6==="),
    "hex": ("hex\\w*", "4869202620c3bc3f"),
    "url": ("urls?|percent[ -]encod\\w+", "Hi%20%26%20%C3%BC%3F"),
    "html": ("html", "Hi &amp; ü?"),
    "binary": ("binary|bits", "01001000 01101001 00100000 00100110 00100000 11000011 10111100 00111111"),  # noqa: E501
}  # fmt: skip


def choices(reading: Reading) -> dict[str, Any]:
    named = [name for name, (words, _) in _ENCODINGS.items() if reading.says(f"(?:{words})")]
    chosen = named or ["base64", "base32", "hex", "url", "html"]
    return {
        "name": f"{chosen[0]}_tool" if len(chosen) == 1 else "encoding_tool",
        "encodings": chosen,
        "samples": {name: _ENCODINGS[name][1] for name in chosen},
        "guess": reading.says("detect\\w*", "guess\\w*", "auto\\w*", "recogni[sz]e\\w*"),
        "url_safe": "base64" in chosen and reading.says("url[ -]?safe", "jwt", "urls?"),
        "understood": "base64 base32 hex hexadecimal url urls html entities binary percent encode "
        "encoder encoding encodings decode decoder decoding text string strings converter files "
        "detect detection automatically guess safe",
        "json": False,
    }


kind = Kind(
    __file__,
    asks=(
        r"\bbase-? ?(64|32)\b",
        r"\b(hex|url|html|percent|text|string)( entit\w+)?[ -]*(and )?(en|de)cod",
        r"\b(en|de)cod\w*\b( \w+){0,4} (hex\w*|urls?|html)\b",
        r"\b(text|string)s? to (hex|binary)\b",
        r"\bencoder[ /]?(and|&|or)?[ /]?decoder\b",
    ),
    names=r"base64|url-?(?:kodier|encod|codificad)\w*|url编码|编码解码",
    choices=choices,
)
