"""From a plan to a program: fills the templates, numbers the needs, ties files to them.

A plan is what one kind of game (or quiz) decides for one requirement. The templates of its files
lie in a folder: ``engine.py.j2`` is a file of the package and ``test_engine.py.j2`` its tests;
what the folder does not have is taken from ``sources/shared``. In a template ``r.win`` is the id
of the need with the key ``win`` as it stands in a test's name, e.g. ``r3``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

from metaco.roles.handbook import Item, Program, Rival, Source

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["SHARED", "Need", "Plan", "assemble"]

SHARED = Path(__file__).parent / "sources" / "shared"


@dataclass(frozen=True)
class Need:
    """A requirement of the plan, as an `Item`; `key` is how templates name it."""

    key: str
    priority: Literal["P0", "P1", "P2"]
    text: str
    acceptance: list[str]
    always: bool = False


@dataclass(frozen=True)
class Plan:
    """What one kind of program decides for one requirement.

    Attributes:
        package: the name of the package.
        title: how the program calls itself.
        folder: where the templates of its files lie.
        files: file name to purpose, in an order in which they could be written.
        needs: the requirements, most important first.
        values: what the templates may use.

    The other attributes are those of `Program`; in `run` and `flow`, {name} is the package.
    """

    package: str
    title: str
    summary: str
    folder: Path
    files: Mapping[str, str]
    needs: list[Need]
    values: Mapping[str, Any]
    goals: list[str]
    stories: list[str]
    rivals: list[Rival]
    flow: list[tuple[str, str, str, str]]
    run: list[str]
    ui: str
    approach: str
    x_axis: tuple[str, str] = ("needs an account or a window", "starts in any terminal")
    y_axis: tuple[str, str] = ("fixed rules", "made to order")
    place: tuple[float, float] = (0.9, 0.75)
    conventions: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


_CONVENTIONS = [
    "Rules never print and never read input; `play.py` gets `ask` and `say` handed in.",
    "Randomness comes from one `random.Random` that is passed in, so that a seed repeats a run.",
    "Exit codes: 0 finished or left, 2 wrong options, 130 interrupted; an error is one sentence.",
    "Standard library only; every public function is typed and says in a sentence what it is for.",
]


def assemble(plan: Plan) -> Program:
    """Return the program of `plan`: all templates filled, all needs numbered.

    Raises:
        jinja2.UndefinedError: a template uses a value that the plan does not give.
    """
    templates = _templates(plan.folder)
    numbers = {need.key: number for number, need in enumerate(plan.needs, 1)}
    values = dict(plan.values) | {
        "name": plan.package,
        "title": plan.title,
        "summary": plan.summary,
        "r": SimpleNamespace(**{key: f"r{number}" for key, number in numbers.items()}),
    }

    def fill(template: str) -> str:
        text = templates.get_template(template).render(values)
        return _tidy(_sorted_imports(text, plan.package))

    sources = []
    for path, purpose in plan.files.items():
        stem = Path(path).stem.strip("_")
        tests = fill(f"test_{stem}.py.j2")
        sources.append(
            Source(
                path=f"{plan.package}/{path}",
                purpose=purpose,
                requirements=_served(tests),
                content=fill(f"{path}.j2"),
                tests=tests,
            )
        )
    return Program(
        name=plan.package,
        summary=plan.summary,
        goals=plan.goals,
        stories=plan.stories,
        rivals=plan.rivals,
        x_axis=plan.x_axis,
        y_axis=plan.y_axis,
        place=plan.place,
        items=[
            Item(
                f"R{numbers[need.key]}",
                need.priority,
                need.text,
                need.acceptance,
                always=need.always,
            )
            for need in plan.needs
        ],
        sources=sources,
        flow=plan.flow,
        run=[line.replace("{name}", plan.package) for line in plan.run],
        ui=plan.ui.strip("\n"),
        approach=plan.approach,
        conventions=[*_CONVENTIONS, *plan.conventions],
        questions=plan.questions,
    )


@functools.cache
def _templates(folder: Path) -> Environment:
    """Return the templates of a folder and the shared ones; each is compiled once."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader([folder, SHARED]),
        undefined=StrictUndefined,
        autoescape=False,  # what comes out is Python
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _served(tests: str) -> list[str]:
    """Return the ids that the names of the tests carry, in order."""
    heads = re.findall(r"def test_((?:r\d+_)+)", tests)
    found = {int(number) for head in heads for number in re.findall(r"\d+", head)}
    return [f"R{number}" for number in sorted(found)]


def _sorted_imports(text: str, package: str) -> str:
    """Return `text` with the imports from `package` in one sorted block, long ones wrapped.

    Which names a template imports and how long the package is called differs from program to
    program, so that no template can hold them the way isort wants them.
    """
    line = rf"from {package}(?:\.\w+)? import .+\n"
    block = re.search(rf"^(?:{line}\n*)+", text, flags=re.MULTILINE)
    if block is None:
        return text
    imports = []
    for found in sorted(re.findall(rf"from ({package}[.\w]*) import (.+)", block[0])):
        names = sorted({n.strip() for n in found[1].split(",") if n.strip()}, key=_import_order)
        one = f"from {found[0]} import {', '.join(names)}"
        if len(one) > 88:
            one = f"from {found[0]} import (\n" + "".join(f"    {n},\n" for n in names) + ")"
        imports.append(one)
    gap = "\n" * (len(block[0]) - len(block[0].rstrip("\n")))
    return text[: block.start()] + "\n".join(imports) + gap + text[block.end() :]


def _import_order(name: str) -> tuple[int, str]:
    """Constants come first, then classes, then the rest, as isort has it."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1 if name[:1].isupper() else 2), name


def _tidy(text: str) -> str:
    """Return `text` without the blank lines that left-out parts leave behind."""
    text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    return re.sub(r"\n{4,}", "\n\n\n", text).strip("\n") + "\n"
