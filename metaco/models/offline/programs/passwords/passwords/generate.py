"""Random passwords from the secure source of the system."""

import secrets
import string

LENGTH = 16  # characters
COUNT = 1  # passwords
UPPER = True  # with upper case letters
DIGITS = True
SYMBOLS = True
READABLE = False  # without characters that look alike

SHORTEST, LONGEST = 4, 1000
PUNCTUATION = "!#$%&*+-./:;<=>?@_~"
LOOK_ALIKE = frozenset("lI1|O0oB8S5Z2")


class PasswordError(ValueError):
    """A request that cannot be met; the message says why."""


def classes(
    upper: bool = UPPER,
    digits: bool = DIGITS,
    symbols: bool = SYMBOLS,
    readable: bool = READABLE,
) -> list[str]:
    """Return the classes of characters to draw from; lower case letters are always one."""
    chosen = [string.ascii_lowercase]
    if upper:
        chosen.append(string.ascii_uppercase)
    if digits:
        chosen.append(string.digits)
    if symbols:
        chosen.append(PUNCTUATION)
    if readable:
        chosen = ["".join(c for c in each if c not in LOOK_ALIKE) for each in chosen]
    return chosen


def password(length: int, groups: list[str]) -> str:
    """Return a random password with at least one character of each group.

    Raises:
        PasswordError: it would be too short or too long.
    """
    if not SHORTEST <= length <= LONGEST:
        raise PasswordError(f"the length must be from {SHORTEST} to {LONGEST} characters")
    characters = [secrets.choice(group) for group in groups]
    everything = "".join(groups)
    characters += [secrets.choice(everything) for _ in range(length - len(groups))]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)
