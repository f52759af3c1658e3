"""Kinds of programs: a folder each, with what tells it and the templates of its sources.

A folder holds `__init__.py` with one `Kind`, the Program's documents as `program.yaml.j2` and every
source as a template: `loan.py.j2` with its tests `test_loan.py.j2`. What all programs share
(`__main__.py`, the end of `cli.py`, tests of mistakes) lies in `shared/`. To teach the handbook a
new program, add a folder to a family.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from metaco.roles.handbook import Item, Program, Rival, Source
from metaco.roles.handbook.kinds.wording import main_part, named, plain
from metaco.roles.handbook.reading import Reading

__all__ = ["Kind", "best", "kinds_of"]

SHARED = Path(__file__).parent / "shared"

ELSEWHERE = re.compile(
    r"\b(track(s|er|ers|ing)?|manag(e|es|er|ing|ement)|inventor(y|ies)|quiz(zes)?|flash ?cards?"
    r"|games?|play(s|ing|er|ers)?|journal|diary|habits?|bookings?|reservations?|contacts"
    r"|address book|collection|to-?do (list|app)|shopping list|recipes?|database|registry"
    r"|records?|keep(s|ing)? (a )?(list|record)|trainer|invoices?|expenses?)\b"
)


@dataclass(frozen=True)
class Kind:
    """A kind of program.

    Attributes:
        file: the `__file__` of the folder's module.
        asks: patterns that say surely that this program is wanted.
        hints: patterns that say so perhaps.
        names: a pattern of its names in other languages than English.
        despite: a pattern of words that would point to other families, but not here.
        choices: what the templates need to know, taken from the requirement.
    """

    file: str
    asks: tuple[str, ...]
    choices: Callable[[Reading], dict[str, Any]]
    hints: tuple[str, ...] = ()
    names: str = ""
    despite: str = ""

    def fits(self, reading: Reading) -> float:
        """Return how surely the requirement asks for this program, 0 to 1."""
        text = plain(reading)
        score = max(self._score(main_part(text)), 0.6 * self._score(text))
        if self._named(reading):
            score = max(score, 0.93)
        foreign = {m.group() for m in ELSEWHERE.finditer(text)}
        if self.despite:
            foreign = {word for word in foreign if not re.search(self.despite, word)}
        return round(score * (0.25 if foreign else 1.0), 3)

    def _score(self, text: str) -> float:
        asked = sum(bool(_compiled(pattern).search(text)) for pattern in self.asks)
        hinted = sum(bool(_compiled(pattern).search(text)) for pattern in self.hints)
        if asked:
            return min(0.98, 0.88 + 0.02 * asked + 0.01 * hinted)
        return min(0.7, 0.5 + 0.05 * hinted) if hinted else 0.0

    def _named(self, reading: Reading) -> str:
        """Return the name in another language that the requirement uses, if any."""
        found = _compiled(self.names).search(reading.text.lower()) if self.names else None
        return found.group() if found else ""

    def program(self, reading: Reading) -> Program:
        """Return the whole program for this requirement."""
        import yaml

        choices = self.choices(reading)
        choices["name"] = named(reading, choices["name"])
        choices["json"] = choices.get("json", reading.says("json"))
        folder = Path(self.file).parent
        text = _render(folder, "program.yaml.j2", choices)
        made = _assemble(folder, yaml.safe_load(text), choices)
        asked = " ".join(
            pattern for pattern in self.asks if _compiled(pattern).search(plain(reading))
        )
        asked = re.sub(r"\(\?!(?:[^()]|\([^()]*\))*\)", " ", asked)  # what must not stand there
        both = [re.sub(r"\[(.)(.)\]", rf"\{n}", asked) for n in (1, 2)]  # as in organi[sz]e
        known = [word for spelt in both for word in re.findall(r"[a-z]{2,}", spelt)]
        return replace(made, names=(made.name, folder.parent.name, *known, self._named(reading)))


def kinds_of(family: ModuleType) -> tuple[Kind, ...]:
    """Return the kinds in a family's package, in the order of their folders' names."""
    names = sorted(m.name for m in pkgutil.iter_modules(family.__path__) if m.ispkg)
    modules = [importlib.import_module(f"{family.__name__}.{name}") for name in names]
    return tuple(module.kind for module in modules)


def best(kinds: tuple[Kind, ...], reading: Reading) -> Kind:
    """Return the kind that fits best; the first of equals."""
    return max(kinds, key=lambda kind: kind.fits(reading))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile once: there are more patterns than `re` keeps by itself."""
    return re.compile(pattern)


@cache
def _environment(folder: Path) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([folder, SHARED]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["repr"] = repr
    environment.filters["quoted"] = _quoted
    return environment


def _quoted(value: Any) -> str:
    """Write a value as Python source the way formatters do, with double quotes."""
    if isinstance(value, list):
        return "[" + ", ".join(map(_quoted, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_quoted, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(k)}: {_quoted(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str) and '"' not in value and repr(value)[0] == "'":
        return '"' + repr(value)[1:-1].replace("\\'", "'") + '"'
    return repr(value)


def _render(folder: Path, template: str, values: Mapping[str, Any]) -> str:
    text: str = _environment(folder).get_template(template).render(values)
    text = re.sub(r"\n{4,}", "\n\n\n", text)
    return text.strip("\n") + "\n"


def _assemble(folder: Path, said: dict[str, Any], choices: dict[str, Any]) -> Program:
    name = said["name"]
    wrong = said.get("mistakes", [])
    last = {
        "key": "errors",
        "priority": "P1",
        "text": "Mistakes are answered with one sentence on standard error, never a traceback.",
        "acceptance": [
            *(f"Exit code 2 and one sentence when {each['when']}" for each in wrong),
            "Ctrl-C ends the program with exit code 130, a closed pipe ends it quietly",
        ],
    }
    entries = [*said["items"], last]
    ids = {entry["key"]: f"r{number}" for number, entry in enumerate(entries, 1)}
    items = [
        Item(
            ids[e["key"]].upper(),
            e["priority"],
            _line(e["text"]),
            list(map(_line, e["acceptance"])),
            always=e is last,
        )
        for e in entries
    ]
    values = {
        **choices,
        "r": SimpleNamespace(**ids),
        "said": said,
        "mistakes": wrong,
        "error": said["error"],
        "files": said["files"],
    }
    sources = []
    for entry in [*said["sources"], {"file": "cli.py"}, {"file": "__main__.py"}]:
        file = entry["file"]
        tests = _render(
            folder, f"test_{file.strip('_').removesuffix('.py').rstrip('_')}.py.j2", values
        )
        sources.append(
            Source(
                path=f"{name}/{file}",
                purpose=entry.get("purpose") or _PURPOSES[file],
                requirements=_ids(tests),
                content=_render(folder, f"{file}.j2", values),
                tests=tests,
                notes=entry.get("notes", ""),
            )
        )
    axes = said["axes"]
    shown = next(line for line in said["run"] if line.startswith("python -m"))
    return Program(
        name=name,
        summary=_line(said["summary"]),
        goals=said["goals"],
        stories=said["stories"],
        rivals=[Rival(*rival) for rival in said["rivals"]],
        x_axis=(axes["x"][0], axes["x"][1]),
        y_axis=(axes["y"][0], axes["y"][1]),
        place=(axes["place"][0], axes["place"][1]),
        items=items,
        sources=sources,
        flow=[
            ("user", "cli.main", shown.removeprefix("python -m "), "exit code"),
            *((step[0], step[1], step[2], step[3]) for step in said["flow"]),
        ],
        run=said["run"],
        ui=said["ui"],
        approach=_line(said["approach"]),
        conventions=[
            *said.get("conventions", []),
            *_CONVENTIONS,
            f"{said['error']}: what is wrong "
            "with the input, as one sentence; cli.main prints it and ends with 2",
        ],
        questions=said.get("questions", []),
    )


_PURPOSES = {
    "cli.py": "The command line: reads arguments, calls the logic, prints, returns the exit code.",
    "__main__.py": "Makes the package runnable with python -m.",
}

_CONVENTIONS = [
    "Logic never prints and never reads arguments; only cli.py does",
    "Exit codes: 0 done, 1 the answer is no (only where the requirements say so), 2 wrong input or "
    "command line, 130 interrupted",
    "Results go to standard output, messages to standard error, all text is UTF-8",
]


def _line(text: str) -> str:
    return " ".join(str(text).split())


def _ids(tests: str) -> list[str]:
    found = re.findall(r"^def test((?:_r\d+)+)_", tests, re.MULTILINE)
    numbers = {int(n) for ids in found for n in re.findall(r"\d+", ids)}
    return [f"R{n}" for n in sorted(numbers)]
