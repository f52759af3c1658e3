"""Password generator and strength check."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.kinds.wording import number
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    strength = reading.says("strength\\w*", "check\\w*", "strong\\w*", "entropy", "score")
    generate = (
        reading.says(
            "generat\\w+",
            "creat\\w+ (?:strong |random |secure )?passwords?",
            "random",
            "passphrases?",
        )
        or not strength
    )
    return {
        "name": "password_generator" if generate else "password_strength",
        "strength": strength,
        "understood": "mit con zeichen caracteres",
        "generate": generate,
        "length": number(
            reading,
            r"(\d+)[ -](?:characters?|chars?|letters|long|zeichen|caracteres)",
            r"length (?:of )?(\d+)",
            otherwise=16,
            most=200,
        ),
        "count": number(reading, r"(\d+) passwords", otherwise=1, most=100),
        "readable": reading.says("ambiguous", "similar", "readable", "pronounce\\w*"),
    }


kind = Kind(
    __file__,
    asks=(
        r"\bpass(word|phrase)s?\b( \w+){0,3} (generat|creat|strength|check|test|score)",
        r"\b(generat|creat|check|test|rat)\w*\b.*\bpass(word|phrase)s?\b",
        r"\brandom passwords?\b",
    ),
    names=r"(?:passwort|kennwort)-?\s?generator|générateur de mots? de passe|generador de contraseñas?|密码生成|生成.{0,4}密码|随机密码",  # noqa: E501
    choices=choices,
)
