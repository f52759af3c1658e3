"""Entities put together: the requirement's own fields, the usual ones, and references."""

# ruff: noqa: E501, SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

import keyword
import re
from dataclasses import replace

from metaco.roles.handbook.domains import COMMON, DOMAINS, PARENTS, Domain
from metaco.roles.handbook.fields import Entity, Field, entity, field, is_reserved
from metaco.roles.handbook.words import singular

__all__ = ["familiar", "merged", "related", "renamed", "stem", "unfamiliar"]

_NAMES = frozenset(
    "name title subject label what item product exercise species company place word term question "
    "activity artist brand model breed destination employer topic song".split()
)


_ASSUMED = Field("name", required=True)  # a label that nobody asked for


def familiar(name: str) -> bool:
    """Return whether a table knows this thing."""
    return name in _USUAL


def stem(name: str) -> str:
    """Return the part of a field's name that matters: ``last_watered`` is ``watered_on``."""
    return re.sub(r"^(?:last|next)_|_(?:on|at|date|day)$", "", name)


def renamed(domain: Domain, old: str, new: str) -> Domain:
    """Return the domain with an entity called as the requirement calls it."""

    def swap(name: str) -> str:
        return new if name == old else name

    return replace(
        domain,
        entities=tuple(re.sub(rf"\b{old}(?=:|_ref\b)", new, line) for line in domain.entities),
        actions=tuple(
            replace(
                a,
                entity=swap(a.entity),
                other=swap(a.other),
                record=swap(a.record),
                field=swap(a.field),
            )
            for a in domain.actions
        ),
        reports=tuple(
            replace(r, entity=swap(r.entity), group=swap(r.group)) for r in domain.reports
        ),
    )


_USUAL = {one.name: one for domain in reversed(DOMAINS) for one in map(entity, domain.entities)}
_USUAL |= {one.name: one for one in map(entity, COMMON)}


_STRUCTURAL = frozenset("lent_on due returned_on day started ended date start end quantity".split())


def _structural(one: Field, usual: dict[str, Field], needed: set[str]) -> Field:
    """Return the field as actions rely on it, if it is one of theirs under this or another name."""
    for name in sorted(needed & _STRUCTURAL):
        base = usual.get(name)
        if base and (one.name == name or (base.kind == "date" and stem(one.name) == stem(name))):
            return base
    return one


def merged(base: Entity, said: list[Field], needed: set[str]) -> Entity:
    """Return the entity with the fields that the requirement names in place of the usual ones."""
    if not said:
        return base
    unique = list({one.name: one for one in said}.values())
    usual = {one.name: one for one in base.fields}
    fields = []
    alias = {"client": "customer", "customer": "client"}
    for one in unique:
        if one.name not in usual and singular(one.name) in usual:
            one = usual[singular(one.name)]
        other = usual.get(alias.get(one.name, ""))
        if other and other.kind == "reference" and one.name not in usual:
            one = replace(one, name=other.name)
        one = _structural(one, usual, needed)
        known = usual.get(one.name)
        if known and one == replace(field(one.name.replace("_", " ")) or one):
            one = known  # the requirement only names it: the table knows more
        elif known:
            one = replace(
                one,
                examples=one.examples or known.examples,
                required=one.required or known.required,
            )
            if known.kind == "reference":
                one = known
        fields.append(one)
    names = {one.name for one in fields}
    if len(unique) == 1:
        rest = [one for one in base.fields if one.name not in names]
        return Entity(base.name, tuple(rest + fields))
    label = next((one for one in fields if one.name in _NAMES and one.kind == "text"), None)
    label = label or next((one for one in fields if one.kind == "text" and one.required), None)
    head = base.fields[0]
    if label:
        fields.remove(label)
        fields.insert(
            0,
            replace(
                label,
                required=True,
                examples=label.examples or (head.examples if head.kind == "text" else ()),
            ),
        )
        names.add(head.name if head.name in _NAMES else label.name)
    stems = {stem(one.name) for one in fields if one.kind == "date"}
    keep = [
        one
        for one in base.fields
        if one.name not in names
        and not (one.kind == "date" and stem(one.name) in stems)
        and (one.name in needed or one.kind == "reference")
    ]
    plain = head.kind == "text" and head.name in _NAMES
    if not label and plain and head not in keep and head.name not in names:
        keep.insert(0, head)
    elif head in keep:
        keep.remove(head)
        keep.insert(0, head)
    front = [one for one in keep if one is head or (one.kind == "reference" and one.required)]
    back = [one for one in keep if one not in front]
    return Entity(base.name, tuple(front + fields + back))


def unfamiliar(name: str, said: list[Field]) -> tuple[Entity, bool]:
    """Return an entity that its domain does not know, and whether its fields had to be guessed."""
    usual = _USUAL.get(name)
    if usual:
        plain = Entity(name, tuple(f for f in usual.fields if f.kind != "reference"))
        if plain.fields:
            return merged(plain, said, set()), False
    if not said:
        return Entity(
            name, (_ASSUMED, Field("date", "date", default="today"), Field("notes"))
        ), True
    fields = list({one.name: one for one in said}.values())
    first = next((one for one in fields if one.name in _NAMES and one.kind == "text"), None)
    coded = ("number", "code", "plate", "reference", "frame_number", "serial_number")
    first = first or next((one for one in fields if one.unique and one.kind == "text"), None)
    first = first or next((one for one in fields if one.name in coded and one.kind == "text"), None)
    if first:
        fields[fields.index(first)] = replace(first, required=True)
        fields.sort(key=lambda one: one.name != first.name)
    elif len(fields) < 3 or not any(f.kind in ("text", "money", "number", "date") for f in fields):
        fields.insert(0, _ASSUMED)  # enough fields of its own tell records apart
    return Entity(name, tuple(fields)), False


def related(entities: list[Entity], text: str) -> list[Entity]:
    """Add the references between things: told ("a loan belongs to a member") or usual."""
    names = [one.name for one in entities]
    wanted: dict[str, list[str]] = {name: [] for name in names}
    pattern = r"\b(\w+?)s? (?:belongs? to|is for|refers to|is made by|are made by|is linked to|are linked to|of) (?:exactly )?(?:an?|one|the) (\w+)(?:(?:,| and)(?: an?| one| the) (\w+))?"
    for told in re.finditer(pattern, text.lower()):
        child = singular(told[1]) if singular(told[1]) in names else told[1]
        wanted.get(child, []).extend(singular(p) for p in told.groups()[1:] if p)
    for told in re.finditer(
        r"\b(\w+) (?:has|have|owns?|can have) (?:many|several|multiple|one or more) (\w+)",
        text.lower(),
    ):
        wanted.get(singular(told[2]), []).append(singular(told[1]))
    for told in re.finditer(
        r"\b([a-z]{3,}s) of ([a-z]{3,}s) (?:for|in|to|by|at) ([a-z]{3,}s)\b", text.lower()
    ):
        wanted.get(singular(told[1]), []).extend([singular(told[2]), singular(told[3])])
    for child, parents in PARENTS.items():
        if child in wanted and not wanted[child]:
            wanted[child] += [p for p in parents if p in names][:2]
    done: list[Entity] = []
    for one in entities:
        fields = list(one.fields)
        for position, f in enumerate(fields):
            if f.name in names and f.name != one.name and f.kind == "text":
                fields[position] = replace(
                    f, kind="reference", target=f.name, required=True, examples=(), unique=False
                )
            elif f.kind == "text" and f.name not in names and not f.unique:
                owners = [n for n in names if n.endswith(f"_{f.name}") and n != one.name]
                if len(owners) == 1:
                    fields[position] = replace(
                        f, kind="reference", target=owners[0], required=True, examples=()
                    )
        have = {f.target for f in fields}
        for parent in dict.fromkeys(wanted[one.name]):
            backwards = any(
                f.target == one.name for e in done if e.name == parent for f in e.fields
            )
            if parent in names and parent != one.name and parent not in have and not backwards:
                position = 1 if fields and fields[0].kind == "text" else 0
                called = (
                    f"{parent}_ref" if keyword.iskeyword(parent) or is_reserved(parent) else parent
                )
                fields = [f for f in fields if f.name not in (parent, called)]
                fields.insert(position, Field(called, "reference", required=True, target=parent))
        if (
            any(f is _ASSUMED for f in fields)
            and one.name in PARENTS
            and any(f.target for f in fields)
        ):
            rest = [f for f in fields if f is not _ASSUMED]
            if any(f.kind in ("date", "money", "text") for f in rest):
                fields = rest
        if not any(f.required for f in fields):
            first = next((n for n, f in enumerate(fields) if f.kind != "boolean"), 0)
            fields[first] = replace(fields[first], required=True, default="")
        done.append(Entity(one.name, tuple(fields)))
    return _ordered(done)


def _ordered(entities: list[Entity]) -> list[Entity]:
    """Return what is referred to before what refers to it; a circle loses the reference that closes it."""
    placed: list[Entity] = []
    waiting = list(entities)
    while waiting:
        names = {one.name for one in placed}
        for one in waiting:
            if all(f.target in names for f in one.fields if f.target):
                break
        else:
            one = waiting[0]
            position = waiting.index(one)
            kept = tuple(f for f in one.fields if not f.target or f.target in names)
            waiting[position] = one = Entity(one.name, kept or (Field("name", required=True),))
        waiting.remove(one)
        placed.append(one)
    return placed
