"""Caesar, ROT13 and Vigenère ciphers."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    named = [
        name
        for name, words in (
            ("caesar", "(?:caesar|shift cipher)"),
            ("rot13", "rot[ -]?13"),
            ("vigenere", "vigen\\w+"),
            ("atbash", "atbash"),
        )
        if reading.says(words) or (name == "vigenere" and "vigenère" in reading.text.lower())
    ]
    ciphers = named or ["caesar", "rot13", "vigenere", "atbash"]
    return {
        "name": f"{ciphers[0]}_cipher" if len(ciphers) == 1 else "cipher_tool",
        "ciphers": ciphers,
        "shift": number(reading, r"shift (?:of |by )?(\d+)", r"\bby (\d+)", otherwise=3, most=25),
        "crack": "caesar" in ciphers
        and reading.says("crack\\w*", "brut\\w+", "break\\w*", "guess\\w*", "without (?:the )?key"),
        "json": False,
    }


kind = Kind(
    __file__,
    asks=(
        r"\b(caesar|vigen\w+|rot-?13|atbash|substitution|shift)\b( \w+)? ?(cipher|encrypt|encod|encoder|tool|convert)?",  # noqa: E501
        r"\bciphers?\b",
        r"\b(encrypt|encipher)\w*\b.*\b(text|messages?)\b",
    ),
    names=r"(?:caesar|cäsar)-?verschlüsselung|cifrado c[eé]sar|(?:chiffre|code) (?:de )?c[eé]sar|凯撒密码",  # noqa: E501
    choices=choices,
)
