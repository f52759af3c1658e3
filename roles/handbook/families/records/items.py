"""The requirements of a program, with the acceptance criteria that its tests check."""

# ruff: noqa: E501 - long lists and sentences read better unbroken

from __future__ import annotations

from typing import Literal

from metaco.roles.handbook import Item
from metaco.roles.handbook.families.records.command_view import ActionView, closing
from metaco.roles.handbook.families.records.entity_view import EntityView
from metaco.roles.handbook.families.records.field_view import article
from metaco.roles.handbook.families.records.plan import Plan, spans
from metaco.roles.handbook.families.records.render import listed

__all__ = ["requirements"]

Priority = Literal["P0", "P1", "P2"]


def _add(made: Plan, one: EntityView) -> tuple[str, list[str]]:
    fields = listed(view.described for view in one.fields)
    checks = [
        f"`{made.name} {one.prefix}add` stores {one.a} with all that was given; it is listed afterwards.",
        "Text, CSV and JSON values are read alike; an unknown field is refused.",
    ]
    if one.required:
        needed = listed(view.words for view in one.required)
        checks.append(f"Without {needed} it is refused.")
    defaults = [f"{v.words} = {v.field.default}" for v in one.fields if v.field.default]
    if defaults:
        checks.append(f"What is not given gets its default: {', '.join(defaults)}.")
    for view in one.fields:
        if view.kind == "choice":
            checks.append(f"A {view.words} other than {view.expects} is refused.")
        elif view.field.positive:
            checks.append(f"A {view.words} of zero or less is refused.")
        elif view.low and view.high:
            checks.append(f"A {view.words} outside {view.low} to {view.high} is refused.")
        elif view.low:
            checks.append(f"A {view.words} below {view.low} is refused.")
        elif view.high:
            checks.append(f"A {view.words} above {view.high} is refused.")
        if view.span:
            checks.append(f"A {view.words} {view.span} is refused.")
        if view.field.unique:
            checks.append(f"The same {view.words} a second time is refused.")
        if view.kind == "reference":
            checks.append(
                f"{article(view.words)[0].upper()}{article(view.words)[1:]} that does not exist is refused."
            )
    checks += [f"A {b.words} before the {a.words} is refused." for a, b in spans(one)]
    return f"Add {one.a} with {fields}.", checks


def _list(one: EntityView) -> tuple[str, list[str]]:
    ways = [f"by {view.words}" for view in one.filters]
    ways += [f"by a span of {view.words}" for view in one.ranges]
    order = "the order of entry"
    if one.sorted_by != "id":
        order = f"the order of {one.get(one.sorted_by).words}{', highest first' * one.descending}"
    checks = [f"All {one.many_words} are listed in {order}, in aligned columns."]
    text = f"List {one.many_words}"
    if one.sorted_by != "id":
        text += f" in {order}"
    if one.searched:
        text += f", search in {listed(view.words for view in one.searched)}"
        checks.append("A search finds text in any case of letters and takes % and _ literally.")
    if ways:
        text += f", filter {listed(ways)}"
        checks.append(
            f"Filtering {listed(ways, 'or')} leaves exactly the matching {one.many_words}."
        )
    checks.append("The list can be sorted by each field, both ways; an unknown order is refused.")
    return f"{text}, and sort by any field.", checks


def _edit(one: EntityView) -> tuple[str, list[str]]:
    checks = [
        "A change touches only the fields that are named.",
        f"A deleted {one.words} is gone; one that does not exist cannot be changed or deleted.",
    ]
    if one.labelled and one.label:
        checks.append(
            f"It is found by its id or its {one.label.words}; an ambiguous one is refused."
        )
    checks += [
        f"{one.bound} that {child} still belong to is not deleted." for child in one.children
    ]
    return f"Show, change and delete {one.a}.", checks


def _action(made: Plan, action: ActionView) -> tuple[str, list[str]]:
    one = action.entity
    if action.kind == "set":
        there = action.steps[0]
        text = f"Mark {one.many_words} as {there.state} (`{there.word}`)"
        if there.today:
            text = f"Note the day on which {one.a} was {there.state} (`{there.word}`)"
            return f"{text}.", [
                f"`{made.name} {there.word} 1` stores today, `--on` another day.",
                f"Only the named {one.many_words} change.",
            ]
        checks = [
            f"`{made.name} {there.word} 1 2` marks both {one.many_words} and no other.",
            "Doing it twice is refused.",
        ]
        if len(action.steps) > 1:
            back = action.steps[1]
            text += f" and take it back (`{back.word}`)"
            checks.append(f"`{back.word}` makes it {back.state}.")
        return f"{text}.", checks
    if action.kind == "lend" and action.other:
        return (
            f"Lend {one.a} to {action.other.a} until a due date, by which it is returned.",
            [
                "A loan lasts 14 days unless told otherwise.",
                f"{one.bound} that is lent cannot be lent again before it is back.",
                f"{one.bound} that is not lent cannot come back, and none before it was lent.",
                "A late return says by how many days.",
            ],
        )
    if action.kind == "stock":
        return (
            f"Put {one.many_words} into stock and take them out.",
            [
                "`in` adds and `out` subtracts whole counts of at least one.",
                "Taking out more than there is is refused and changes nothing.",
            ],
        )
    if action.kind == "timer":
        return (
            f"Start and stop a clock for {action.field.words}s and say what is running.",
            [
                f"Start and stop make {one.a} with both times.",
                "A second clock is refused while one runs; so is stopping when none runs.",
                "A clock cannot stop before it started.",
            ],
        )
    return (
        f"Tick {one.many_words} off for a day and take a tick back.",
        [
            f"{one.bound} is ticked off once a day; a second time is refused.",
            "A tick can be given for another day and taken back.",
        ],
    )


def requirements(made: Plan) -> tuple[list[Item], dict[str, str]]:
    """Return the requirements, and their ids by the keys that the templates use."""
    items: list[Item] = []
    keys: dict[str, str] = {}

    def put(
        key: str, priority: Priority, text: str, checks: list[str], always: bool = False
    ) -> None:
        keys[key] = f"R{len(items) + 1}"
        items.append(Item(keys[key], priority, text, checks, always))

    asked = made.reading.asked
    finding: Priority = "P0" if asked & {"list", "search", "filter", "sort"} else "P1"
    for one in made.typed:
        put(f"{one.name}.add", "P0", *_add(made, one))
    for one in made.typed:
        put(f"{one.name}.list", "P0" if one is made.main else finding, *_list(one))
    for action in made.actions:
        key = f"action.{action.key}"
        put(key, "P0", *_action(made, action))
        if action.record:
            for part in ("add", "list", "edit"):
                keys[f"{action.record.name}.{part}"] = keys[key]
    for one in made.entities:
        if one.span:
            same = "" if one.span == "*" else f" of the same {one.span}"
            checks = [
                f"{one.bound} that overlaps with another{same} is refused and names the other's time."
            ]
            checks.append("One may begin when another ends; other days are free.")
            if one.has("cancelled"):
                checks.append(f"A cancelled {one.words} frees its time.")
            put(
                "overlap",
                "P0",
                f"Refuse {one.many_words} that overlap{same and ' for' + same[3:]}.",
                checks,
            )
    for number, report in enumerate(made.reports):
        told = number < made.reading.told
        exact = report.kind in ("sum", "average", "lines", "hours", "overall", "ranking")
        ending = ", exact to the last digit." if exact else ", and nothing else."
        checks = [f"`{made.name} report {report.command}` shows {report.text}{ending}"]
        if report.kind in ("overdue", "soon") and closing(report.entity):
            checks.append("What is settled is left out.")
        checks.append("Without data it says so.")
        put(f"report.{report.name}", "P0" if told else "P1", f"Report {report.text}.", checks)
    for one in made.typed:
        put(f"{one.name}.edit", "P0" if asked & {"edit", "delete"} else "P1", *_edit(one))
    moved: Priority = "P0" if asked & {"import", "export"} else "P2"
    put(
        "transfer",
        moved,
        f"Export {listed(one.many_words for one in made.typed)} to CSV or JSON and import them.",
        [
            "What was exported and is imported again is the same, line breaks and quotes included.",
            "An import with one bad record changes nothing and names the record.",
            "Other files are refused.",
        ],
    )
    put(
        "store",
        "P1",
        f"Keep everything in one SQLite file, chosen by `--db`, ${made.env} or the user's data folder.",
        [
            "Records are there in the next start of the program.",
            "A failed change leaves nothing half done; a file that is no database is refused.",
        ],
    )
    put(
        "errors",
        "P1",
        "Answer mistakes with one sentence and an exit code.",
        [
            "0 if all is well, 1 if the data does not allow it, 2 if what was typed is not understood.",
            "Values that are not what they should be are refused and not stored.",
        ],
        always=True,
    )
    return items, keys
