"""The handbook: what the offline model knows about programs, with no model behind it.

`reading.read` finds in a requirement what can be found by rules: nouns, fields, verbs, numbers.
Each family of programs (records, games, converters ...) is a module with two functions::

    def fits(reading: Reading) -> float:      # 0 = not mine, 1 = surely mine
    def program(reading: Reading) -> Program  # the whole program for this requirement

A `Program` is complete: requirements with acceptance criteria, the source of every file and the
tests. PRD, design, tasks, code and tests are all taken from it, so that they agree; the design's
classes and signatures are read off the source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Item", "Program", "Rival", "Source"]


@dataclass(frozen=True)
class Item:
    """A requirement: `id` is R1, R2, ...; `acceptance` are checks the tests make.

    `always` is what every program here keeps, whatever was asked for: it answers no wish.
    """

    id: str
    priority: Literal["P0", "P1", "P2"]
    text: str
    acceptance: list[str]
    always: bool = False


@dataclass(frozen=True)
class Source:
    """A file of the program with its tests.

    Attributes:
        path: ``todo/storage.py``; a module of the package, or data beside it.
        purpose: one sentence.
        requirements: the ids of the requirements it serves.
        content: the whole file.
        tests: the whole file of pytest tests for it. Each test names what it checks as
            ``test_r1_r4_rejects_a_past_date``: the ids come first.
        notes: what its author has to know beyond its interface.
    """

    path: str
    purpose: str
    requirements: list[str]
    content: str
    tests: str
    notes: str = ""


@dataclass(frozen=True)
class Rival:
    """A kind of product one could use instead, honestly named by kind; place is x, y in 0..1."""

    name: str
    strengths: list[str]
    weaknesses: list[str]
    x: float
    y: float


@dataclass(frozen=True)
class Program:
    """A whole program for one requirement.

    Attributes:
        name: the package, snake_case.
        summary: what it is, in one sentence (the documents quote the requirement besides).
        goals, stories: for the PRD.
        rivals, x_axis, y_axis, place: for the quadrant chart; an axis is (low, high).
        items: the requirements, at least one of them P0.
        sources: the files; one of them is ``<name>/__main__.py``; ``__init__.py`` is left out
            unless it holds more than a docstring.
        flow: the main flow as (caller, callee, call, returns).
        run: command lines that show it in use, as ``python -m todo add "Buy milk"``.
        ui: what a user sees and types.
        approach: the main decisions, two to five sentences.
        conventions: what all files share (errors, formats, exit codes).
        questions: what the requirement leaves open and what was assumed.
        names: the words by which it was recognised in the requirement.
        guessed: names, as they are said, that were copied from the requirement without being
            understood.
        losses: parts of the requirement that it does not do, verbatim.
    """

    name: str
    summary: str
    goals: list[str]
    stories: list[str]
    rivals: list[Rival]
    x_axis: tuple[str, str]
    y_axis: tuple[str, str]
    place: tuple[float, float]
    items: list[Item]
    sources: list[Source]
    flow: list[tuple[str, str, str, str]]
    run: list[str]
    ui: str
    approach: str
    conventions: list[str]
    questions: list[str] = field(default_factory=list)
    names: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    losses: list[str] = field(default_factory=list)
