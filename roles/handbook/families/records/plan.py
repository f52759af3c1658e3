"""From a reading to the views that templates and documents are made from."""

# ruff: noqa: E501, SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from metaco.roles.handbook.domains import Action, Report
from metaco.roles.handbook.families.records.command_view import ActionView, ReportView, closing
from metaco.roles.handbook.families.records.entity_view import EntityView
from metaco.roles.handbook.families.records.field_view import FieldView, quoted
from metaco.roles.handbook.fields import Entity
from metaco.roles.handbook.reading import Reading

__all__ = ["Plan", "context", "plan"]

_KINDS = (
    "text integer number money date time moment boolean choice email url phone reference".split()
)


@dataclass(frozen=True)
class Plan:
    """What is to be generated.

    Attributes:
        typed: entities whose records are typed in, as against made by an action.
        main: the entity the requirement is about.
    """

    reading: Reading
    entities: list[EntityView]
    actions: list[ActionView]
    reports: list[ReportView]

    @property
    def name(self) -> str:
        return self.reading.name

    @property
    def env(self) -> str:
        return f"{self.name.upper()}_DB"

    @property
    def typed(self) -> list[EntityView]:
        return [one for one in self.entities if not one.managed]

    @property
    def main(self) -> EntityView:
        """The thing with commands of its own, or else the first that is typed in."""
        words = self.reading.name.split("_")
        named = [e for e in self.typed if e.many in words or e.name in words or e.many == self.name]
        return (named or self.typed)[0]


def _spanned(entity: Entity, actions: Sequence[Action]) -> str:
    for action in actions:
        if action.kind == "overlap" and action.entity == entity.name:
            return action.field if action.field and entity.get(action.field) else "*"
    return ""


def _signed(entity: Entity) -> str:
    for field in entity.fields:
        if field.kind == "choice" and {"income", "expense"} <= set(field.choices):
            return field.name
    return ""


def plan(reading: Reading) -> Plan:
    """Return what is to be generated for a requirement."""
    managed = {a.record: a for a in reading.actions if a.record}
    world: dict[str, EntityView] = {}
    for entity in reading.entities:
        action = managed.get(entity.name)
        world[entity.name] = EntityView(
            entity,
            managed=action is not None,
            unique_together=(action.entity, "day") if action and action.kind == "check" else (),
            span=_spanned(entity, reading.actions),
            single=len(reading.entities) == 1,
            signed=_signed(entity),
            world=world,
        )
    actions = [
        ActionView(a, a.word or a.kind, world[a.entity], world.get(a.other), world.get(a.record))
        for a in reading.actions
        if a.kind != "overlap" and _possible(a, world)
    ]
    reports = [r for r in reading.reports if r.entity in world]
    for view in world.values():
        if view.has("quantity") and view.has("price") and view.references:
            lines = Report("lines", view.name, "", view.references[0].name)
            if view.get("price").kind == "money" and lines not in reports:
                reports.append(lines)
    views: list[ReportView] = []
    for report in dict.fromkeys(reports):
        same = {r.entity for r in reports if r.kind == report.kind}
        shown = ReportView(report, world[report.entity], len(same) == 1)
        if shown.name not in [one.name for one in views]:
            views.append(shown)
    return Plan(reading, list(world.values()), actions, views)


def _possible(action: Action, world: dict[str, EntityView]) -> bool:
    """Return whether the entity still has what the action works with."""
    one = world[action.entity]
    if action.kind == "set":
        if not one.has(action.field):
            return False
        field = one.get(action.field)
        return field.kind in ("boolean", "date") or action.value in field.field.choices
    if action.kind == "stock":
        return one.has(action.field) and one.get(action.field).kind == "integer"
    return True


_PAIRS = (("lent_on", "returned_on"), ("started", "ended"))


def spans(entity: EntityView) -> list[tuple[FieldView, FieldView]]:
    """Return the pairs of fields of which the second must not come before the first."""
    found = []
    for one in entity.fields:
        for other in entity.fields:
            named = one.name != other.name and (
                re.sub(r"\bstart(?=_|\b)|start(?=_)", "end", one.name) == other.name
                or (one.name, other.name) in _PAIRS
            )
            if named and one.kind == other.kind and one.kind in ("date", "time", "moment"):
                found.append((one, other))
    return found


def open_code(entity: EntityView, variable: str) -> str:
    """Return the condition that a record is not settled, as Python code with "and" before."""
    found = closing(entity)
    if not found:
        return ""
    view, value = found
    if view.kind == "boolean":
        return f" and not {variable}.{view.name}"
    if view.kind == "date":
        return f" and {variable}.{view.name} is None"
    return f" and {variable}.{view.name} != {value}"


def open_words(entity: EntityView) -> str:
    """Return what unsettled records are called, as "not done "."""
    found = closing(entity)
    if not found:
        return ""
    view, value = found
    if view.kind == "date":
        return "not returned "
    return f"not {value.strip(chr(34)) if view.kind == 'choice' else view.words} "


def context(made: Plan, ids: Any) -> dict[str, Any]:
    """Return what the templates are filled with."""
    kinds = {view.kind for one in made.entities for view in one.fields} | {"text"}
    flags = SimpleNamespace(**{kind: kind in kinds for kind in _KINDS})
    if made.reports or any(one.ranges for one in made.entities):
        flags.date = True
    parsers = [
        f"parse_{kind}"
        for kind in _KINDS
        if getattr(flags, kind) and kind not in ("choice", "reference")
    ]
    if flags.choice:
        parsers.append("parse_word")
    needs_integers = flags.reference or any(
        r.kind in ("top", "soon", "low", "ranking") for r in made.reports
    )
    needs_integers = needs_integers or any(a.kind in ("lend", "stock") for a in made.actions)
    if needs_integers and "parse_integer" not in parsers:
        parsers.append("parse_integer")
        flags.integer = True
    if (
        any(
            a.kind in ("lend", "check") or (a.kind == "set" and a.steps[0].today)
            for a in made.actions
        )
        and not flags.date
    ):
        flags.date = True
        parsers.append("parse_date")
    acting = {
        view.name: view for a in made.actions for view in (a.entity, a.other, a.record) if view
    }
    for view in list(acting.values()):
        for parent in view.ancestors:
            acting.setdefault(parent.name, parent)
    classes = sorted(one.cls for one in made.entities)
    reported = {r.entity.name: r.entity for r in made.reports}
    in_order = [one for one in made.entities if one.name in acting]
    return {
        "pkg": made.name,
        "env": made.env,
        "description": f"{made.reading.title[0].upper()}{made.reading.title[1:]} on the command line.",
        "k": flags,
        "entities": made.entities,
        "typed": made.typed,
        "main": made.main,
        "simple": next(one for one in made.typed if not one.references),
        "optional": any(
            view.nullable and view.from_row().startswith("_optional")
            for one in made.entities
            for view in one.fields
        ),
        "single": len(made.entities) == 1,
        "actions": made.actions,
        "reports": made.reports,
        "report_entities": [one for one in made.entities if one.name in reported],
        "report_classes": sorted(one.cls for one in reported.values()),
        "report_dates": True,
        "report_money": True,
        "action_classes": sorted(one.cls for one in acting.values()),
        "action_test_views": in_order,
        "action_dates": True,
        "action_replace": True,
        "action_invalid": True,
        "classes": classes,
        "parsers": parsers,
        "factory": True,
        "cli_models": classes
        + [v.constant for one in made.entities for v in one.filters if v.kind == "choice"],
        "orders": [f"{one.name.upper()}_ORDERS" for one in made.entities],
        "filters_boolean": any(v.kind == "boolean" for one in made.entities for v in one.filters),
        "spans": spans,
        "open_code": lambda entity: open_code(entity, entity.var),
        "open_words": open_words,
        "quoted": quoted,
        "ids": ids,
    }
