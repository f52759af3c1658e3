"""An estimate of how strong a password is, with reasons."""

import math
import re
import string
from dataclasses import dataclass

from passwords.generate import PasswordError

COMMON = (
    *("password", "passwort", "qwerty", "qwertz", "letmein", "welcome", "admin", "login", "dragon"),
    *("monkey", "football", "baseball", "iloveyou", "sunshine", "princess", "master", "shadow"),
    *("secret", "summer", "winter", "hello", "abc123", "test"),
)
RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
LEVELS = ((28, "very weak"), (36, "weak"), (60, "fair"), (90, "strong"))  # below so many bits


@dataclass(frozen=True)
class Rating:
    """How strong a password is, and what weakens it."""

    bits: float
    level: str
    advice: tuple[str, ...]

    @property
    def weak(self) -> bool:
        """Whether it should not be used."""
        return self.level in ("very weak", "weak")


def rate(password: str) -> Rating:
    """Estimate the strength of a password.

    Characters that follow from those before them (common words, repetitions, sequences) count as
    one, the others by the number of characters they could have been.

    Raises:
        PasswordError: the password is empty.
    """
    if not password:
        raise PasswordError("the password is empty")
    folded = password.lower()
    length = len(password)
    advice = []
    word = next((word for word in COMMON if word in folded), "")
    if word:
        length -= len(word) - 1
        advice.append(f"contains the common word {word!r}")
    repeated = sum(len(found.group()) - 1 for found in re.finditer(r"(.)\1{2,}", folded))
    if repeated:
        length -= repeated
        advice.append("repeats a character")
    follows = _in_sequence(folded)
    if follows >= 2:
        length -= follows
        advice.append("contains a sequence such as abc or 123")
    if len(password) < 12:
        advice.append("is short, use 12 characters or more")
    bits = max(1, length) * math.log2(_alphabet(password))
    level = next((level for limit, level in LEVELS if bits < limit), "very strong")
    return Rating(bits, level, tuple(advice))


def _alphabet(password: str) -> int:
    """Return how many characters each character could have been."""
    groups = (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)
    size = sum(len(group) for group in groups if set(password) & set(group))
    return max(2, size + (0 if password.isascii() else 100))


def _in_sequence(folded: str) -> int:
    """Count the characters that continue a sequence of three or more, as the c of abc."""
    runs = [way for run in RUNS for way in (run, run[::-1])]
    return sum(any(folded[at - 2 : at + 1] in run for run in runs) for at in range(2, len(folded)))
