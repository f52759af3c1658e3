"""The shelf: all families of programs, and the program for a requirement."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from metaco.core.errors import ConfigurationError
from metaco.roles.handbook import Program, families
from metaco.roles.handbook.losses import account
from metaco.roles.handbook.reading import Reading, read
from metaco.roles.handbook.structure import flat

__all__ = ["Family", "find", "shelf"]

FALLBACK = "records"
ANYTHING = ("", "collection")  # domains of whatever noun there is
SURE = 0.6  # below it, a family has seen a hint at most


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
    """Return the program of the family that fits the requirement best, with what it leaves out.

    The same text always gives the same program.

    Raises:
        ConfigurationError: no family knows by name what is wanted; only a model could build it.
    """
    reading = read(text)
    best = max(shelf(), key=lambda family: (family.fits(reading), family.name == FALLBACK))
    if best.fits(reading) < SURE or (best.name == FALLBACK and reading.domain in ANYTHING):
        raise _unknown(reading.text)
    program, strange = _accounted(text, best.program(reading))
    if program.guessed and program.losses and not strange:  # what is lost is not built
        kept = flat(text)
        for loss in program.losses:
            kept = kept.replace(loss, " ")
        rest = read(kept)
        strange = rest.domain != reading.domain
        program = _accounted(text, best.program(rest))[0]
    if strange or (program.losses and reading.language != "en"):
        raise _unknown(reading.text)
    return program


def _accounted(text: str, program: Program) -> tuple[Program, bool]:
    """Return the program with all that it leaves out, and whether it is another than is asked."""
    accounts = account(text, program)
    losses = [*accounts.losses, *program.losses]
    whole = [
        loss
        for n, loss in enumerate(losses)
        if not any(loss in other for other in [*losses[:n], *losses[n + 1 :]] if other != loss)
        and loss not in losses[:n]
    ]
    return replace(program, losses=whole), accounts.strange


def _unknown(text: str) -> ConfigurationError:
    return ConfigurationError(
        f'The built-in rules know no program for "{text[:200]}": they build command line programs'
        " of a few kinds only (todo lists, expenses, inventories and other records of familiar"
        " kinds, well-known games, quizzes, calculators, converters, text and file tools).",
        "Set a key, as OPENAI_API_KEY, or choose a model with --model; `metaco doctor` shows what"
        " is configured.",
    )
