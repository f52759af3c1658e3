"""Morse code converter."""

from __future__ import annotations

from typing import Any

from metaco.roles.handbook.kinds import Kind
from metaco.roles.handbook.reading import Reading


def choices(reading: Reading) -> dict[str, Any]:
    return {
        "name": "morse_code",
        "timing": reading.says("timing", "wpm", "speed", "duration", "sound", "audio", "wav"),
        "wav": reading.says("sound", "audio", "wav", "beeps?"),
    }


kind = Kind(__file__, asks=(r"\bmorse\b",), names=r"摩斯|摩尔斯", choices=choices)
