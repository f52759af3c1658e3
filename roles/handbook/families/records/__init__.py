"""Record keeping: a command line program over SQLite for whatever is to be kept track of.

The reading's entities, actions and reports become views (`plan`), the views become requirements
(`items`), documents (`prose`) and files (`render`, `templates`).
"""

from __future__ import annotations

import re

from metaco.roles.handbook import Program, Source
from metaco.roles.handbook.domains import DOMAINS
from metaco.roles.handbook.families.records import prose
from metaco.roles.handbook.families.records.items import requirements
from metaco.roles.handbook.families.records.plan import context, plan
from metaco.roles.handbook.families.records.render import rendered
from metaco.roles.handbook.fields import Entity, entity, is_field
from metaco.roles.handbook.lists import focus
from metaco.roles.handbook.reading import Reading
from metaco.roles.handbook.words import plural, singular, slug

__all__ = ["fits", "program"]

FALLBACK = 0.1


def fits(reading: Reading) -> float:
    """Return how surely this is record keeping; never zero, as everything can be recorded."""
    if focus(reading.text) and reading.listed and len(reading.entities[0].fields) >= 4:
        return 0.95  # it says what is kept, and with which fields
    if reading.domain:
        return 0.6
    named = bool(reading.entities) and reading.entities[0].name != "entry"
    listed = any(len(one.fields) > 3 for one in reading.entities) and named
    verbs = reading.says(
        "track", "manage", "catalog", "keep track", "record", "database", "collection"
    )
    return FALLBACK + 0.2 * verbs + 0.2 * (listed and verbs)


_FILES = (
    ("values", "Reads single values from text and shows them."),
    ("models", "The records and the rules that each of them keeps."),
    ("storage", "Keeps the records in one SQLite file."),
    ("tables", "Prints aligned tables."),
    ("transfer", "Reads and writes CSV and JSON files."),
    ("actions", "The commands that do more than store what was typed."),
    ("reports", "Sums, counts and ranks records, as functions without side effects."),
    ("cli", "The command line: commands, options, output, exit codes."),
)


def program(reading: Reading) -> Program:
    """Return the whole program for a requirement."""
    made = plan(reading)
    items, keys = requirements(made)

    def ids(*names: str) -> str:
        numbers = sorted({int(keys[name][1:]) for name in names if name in keys})
        return "_".join(f"r{number}" for number in numbers)

    filled = context(made, ids)
    sources = []
    for stem, purpose in _FILES:
        if (stem == "actions" and not made.actions) or (stem == "reports" and not made.reports):
            continue
        sources.append(
            _source(
                f"{made.name}/{stem}.py",
                purpose,
                rendered(stem, filled),
                rendered(f"test_{stem}", filled),
            )
        )
    main = rendered("main", filled)
    purpose = f"Runs the program as `python -m {made.name}`."
    sources.append(
        _source(f"{made.name}/__main__.py", purpose, main, rendered("test_main", filled))
    )
    return Program(
        name=made.name,
        summary=prose.summary(made),
        goals=prose.goals(made),
        stories=prose.stories(made),
        rivals=prose.rivals(made),
        x_axis=("general", "made for the task"),
        y_axis=("needs a service", "yours alone"),
        place=(0.85, 0.9),
        items=items,
        sources=sources,
        flow=prose.flow(made),
        run=prose.run(made),
        ui=prose.ui(made),
        approach=prose.approach(made),
        conventions=prose.conventions(made),
        questions=prose.questions(made),
        names=_names(reading),
        guessed=_guessed(reading),
        losses=list(reading.unread),
    )


def _names(reading: Reading) -> tuple[str, ...]:
    """Return what its domain is known by, and the words for keeping records of anything."""
    domain = next((one for one in DOMAINS if one.name == reading.domain), None)
    said = [word for word in domain.keywords.split(", ") if reading.says(word)] if domain else []
    if reading.domain.rstrip("s") in reading.name:  # a contact book; not what it was christened
        said.append(reading.name)
    return (reading.domain, *said, "track manage management keep record log list organize")


def _guessed(reading: Reading) -> tuple[str, ...]:
    """Return the names, as they are said, that no table of the handbook holds."""
    usual = [entity(line) for domain in DOMAINS for line in domain.entities]
    known = {name for one in usual for name in _named(one)} | {
        singular(slug(word)) for domain in DOMAINS for word in domain.keywords.split(", ")
    }
    names = [name for one in reading.entities for name in _named(one)]
    new = [name for name in names if not (is_field(name) or {name, singular(name)} & known)]
    said = [each.replace("_", " ") for name in new for each in (plural(name), name)]
    return tuple(dict.fromkeys(said))


def _named(one: Entity) -> list[str]:
    return [one.name, *(f.name for f in one.fields)]


def _source(path: str, purpose: str, content: str, tests: str) -> Source:
    """Return a file of the program; it serves the requirements that its tests name."""
    named = re.findall(r"^def test_((?:r\d+_)+)", tests, re.M)
    numbers = sorted({int(number) for name in named for number in re.findall(r"r(\d+)_", name)})
    return Source(path, purpose, [f"R{number}" for number in numbers], content, tests)
