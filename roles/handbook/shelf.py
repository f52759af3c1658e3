"""The shelf: all families of programs, and the program for a requirement."""

# ruff: noqa: E501 - long lists and sentences read better unbroken

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from metaco.roles.handbook import Program, families
from metaco.roles.handbook.reading import Reading, read

__all__ = ["Family", "find", "shelf"]

FALLBACK = "records"


@dataclass(frozen=True)
class Family:
    """A family of programs, found by its module in `metaco.roles.handbook.families`.

    Attributes:
        fits: how surely a requirement belongs to it, from 0 to 1.
        program: makes the whole program for a requirement.
    """

    name: str
    fits: Callable[[Reading], float]
    program: Callable[[Reading], Program]


@cache
def shelf() -> tuple[Family, ...]:
    """Return all families in the order of their names; a module without `fits` is none."""
    found = []
    for info in sorted(pkgutil.iter_modules(families.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{families.__name__}.{info.name}")
        if hasattr(module, "fits") and hasattr(module, "program"):
            found.append(Family(info.name, module.fits, module.program))
    return tuple(found)


@lru_cache(maxsize=64)
def find(text: str) -> Program:
    """Return the program of the family that fits the requirement best.

    The same text always gives the same program. If no family fits better than record keeping does
    by default, the program's questions say how the requirement was read.
    """
    reading = read(text)
    best = max(shelf(), key=lambda family: (family.fits(reading), family.name == FALLBACK))
    program = best.program(reading)
    if best.name == FALLBACK and not reading.domain:
        remark = (
            "No family of the handbook fits this requirement closely; it was read as record keeping. "
            "Is that what is wanted?"
        )
        program = replace(program, questions=[remark, *program.questions])
    return program
