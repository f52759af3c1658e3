"""From a wish to a program and its parameters, or to one sentence why there is none."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from metaco.core.errors import ConfigurationError
from metaco.models.offline.losses import Clause, Phrase, Regex, clauses, flat, trimmed
from metaco.models.offline.program import (
    PROGRAMS,
    Definition,
    Parameter,
    Program,
    assemble,
    definitions,
)
from metaco.models.offline.schema import Fields, generic

__all__ = ["find", "read"]

_KIND, _NAME = "kind", "name"
_MOST = 4_000  # characters; a longer text is no wish for one of these programs


@lru_cache(maxsize=64)
def find(wish: str) -> Program:
    """Return the program that a wish means, with what it leaves out; the same for the same wish.

    Raises:
        ConfigurationError: none is meant, or another one than those that there are.
    """
    return read(wish, definitions(PROGRAMS))


def read(wish: str, known: Sequence[Definition]) -> Program:
    """Return the program among those `known` that a wish means, as `find` does."""
    text = flat(wish[: _MOST + 1])
    programs, strange = [], ""
    for definition in known if len(wish) <= _MOST else ():
        parts = clauses(text, [*_phrases(definition, text)])
        kind = next((n for n, part in enumerate(parts) if _is_kind(part)), None)
        if kind is None:
            continue
        if kind == 0 and not parts[0].lost:
            programs.append(_program(definition, parts, text))
        else:
            strange = strange or f"{definition.name}, but not {parts[0].text[:200]!r}"
    if not programs:
        raise _unknown(text, strange, known)
    return min(programs, key=lambda program: sum(map(len, program.losses)))


def _is_kind(clause: Clause) -> bool:
    return any(means == _KIND for means, _ in clause.values)


def _phrases(definition: Definition, text: str) -> Iterator[Phrase]:
    """Yield all that a program answers."""
    yield from (Regex.of(_KIND, pattern) for pattern in definition.wishes)
    yield Regex.of(_NAME, r"(?:and )?(?:is )?(?:called|named) [\"']?(\w+)[\"']?")
    fields = next((n for n, p in definition.parameters.items() if p.type == "schema"), "")
    schema = None
    if fields:
        reader = Fields(fields)
        starts = (word.start() for word in re.finditer(r"\w+", text))
        schema = next((taken[1] for n in starts if (taken := reader.match(text, n))), None)
        if schema is None:
            return
        yield reader
        yield Fields(_KIND)  # to give the fields is to name the kind
    for name, parameter in definition.parameters.items():
        for pattern, value in _wishes(definition, name, parameter):
            yield Regex.of(name, generic(pattern, schema), value)
    for n, requirement in enumerate(definition.requirements, 1):
        for pattern in requirement.wish:
            yield Regex.of(f"R{n}", generic(pattern, schema))


def _wishes(
    definition: Definition, name: str, parameter: Parameter
) -> Iterator[tuple[str, object]]:
    """Yield the patterns of a parameter with the values that they mean; None is their group."""
    if isinstance(parameter.wish, dict):
        for value, patterns in parameter.wish.items():
            yield from ((pattern, value) for pattern in patterns)
    else:
        opposite = not definition.defaults()[name] if parameter.type == "bool" else None
        yield from ((pattern, opposite) for pattern in parameter.wish)


def _program(definition: Definition, parts: list[Clause], text: str) -> Program:
    """Take the values from the clauses that are answered whole; the others are losses."""
    values: dict[str, Any] = {}
    name = ""
    losses: list[Clause] = []
    # A name is the program's where nothing else is named: not in "saved in a file called x".
    schemas = {n for n, each in definition.parameters.items() if each.type == "schema"}
    for part in parts:
        about = {means for means, _ in part.values}
        taken: dict[str, Any] = {}
        fits = not part.lost
        for means, raw in part.values:
            if means == _NAME:
                fits &= _may_be_called(str(raw)) and name in ("", str(raw).lower())
                fits &= about <= {_KIND, _NAME, *schemas} and (
                    part is parts[0] or not _is_kind(part)
                )
                taken[_NAME] = str(raw).lower()
            elif means in definition.parameters:
                value = _value(definition.parameters[means], raw)
                others = {**values, **taken}
                fits &= value is not None and others.get(means, value) == value
                taken[means] = value
        if not fits:
            losses.append(part)
            continue
        name = taken.pop(_NAME, name)
        values |= taken
    plural = next((str(v["plural"]) for v in values.values() if isinstance(v, dict)), "")
    if not name and _may_be_called(plural.replace(" ", "_")):
        name = plural.replace(" ", "_")
    return assemble(definition, values, name=name, losses=dict.fromkeys(_joined(losses, text)))


def _joined(losses: list[Clause], text: str) -> Iterator[str]:
    """Yield what is lost; clauses of one sentence that stand side by side are one loss."""
    spans: list[tuple[int, int]] = []
    for part in losses:
        start = part.start
        if spans and re.fullmatch(r"[\s,]*(?:and)?[\s,]*", text[spans[-1][1] : start]):
            start = spans.pop()[0]
        spans.append((start, part.end))
    yield from (trimmed(text[start:end]) for start, end in spans)


def _value(parameter: Parameter, raw: Any) -> Any:
    """Return a raw value as a value of the parameter, or None where it may not have it."""
    if parameter.type not in ("int", "float"):
        return raw
    try:
        number = (int if parameter.type == "int" else float)(raw)
    except (TypeError, ValueError):
        return None
    low = number if parameter.min is None else parameter.min
    high = number if parameter.max is None else parameter.max
    return number if low <= number <= high else None


def _may_be_called(name: str) -> bool:
    return (
        bool(re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name.lower()))
        and not keyword.iskeyword(name.lower())
        and name.lower() not in {*sys.stdlib_module_names, "tests", "docs", "pytest"}
    )


def _unknown(text: str, strange: str, known: Sequence[Definition]) -> ConfigurationError:
    names = ", ".join(definition.name for definition in known)
    what = strange or f'no program for "{text[:200]}"'
    fields = ' An unusual field needs its kind, as in "wines: name, vintage (integer)".'
    hint = fields if re.search(r"[:(].*,", text) else ""  # it may list some
    return ConfigurationError(
        f"The built-in rules include {what}. Their programs are: {names}.{hint}",
        "Set a key, as OPENAI_API_KEY, or choose a model with --model (`metaco doctor` shows what"
        " is configured); `metaco demo` replays the replies of a model.",
    )
