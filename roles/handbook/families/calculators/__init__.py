"""Calculators: programs that work something out of numbers; a folder for each kind."""

from __future__ import annotations

import sys
from functools import cache

from metaco.roles.handbook import Program
from metaco.roles.handbook.kinds import Kind, best, kinds_of
from metaco.roles.handbook.reading import Reading

__all__ = ["fits", "kinds", "program"]


@cache
def kinds() -> tuple[Kind, ...]:
    """Return all kinds of this family."""
    return kinds_of(sys.modules[__name__])


def fits(reading: Reading) -> float:
    """Return how surely the requirement asks for a program of this family, 0 to 1."""
    return max(kind.fits(reading) for kind in kinds())


def program(reading: Reading) -> Program:
    """Return the program that fits the requirement best."""
    return best(kinds(), reading).program(reading)
