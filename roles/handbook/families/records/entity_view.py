"""How an entity is written in Python, in SQL, on the command line and in tests."""

# ruff: noqa: E501, SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

import builtins
import keyword
from dataclasses import dataclass, field
from functools import cached_property

from metaco.roles.handbook.families.records.field_view import FieldView, article, quoted, sql_name
from metaco.roles.handbook.fields import Entity
from metaco.roles.handbook.words import plural

__all__ = ["RESERVED_COMMANDS", "EntityView"]

_CLASSES_TAKEN = frozenset(
    "Storage Path Decimal Any Mapping Iterable Iterator Sequence Callable Refused NotFound "
    "InvalidValue Exception None True False".split()
)
_LOCALS_TAKEN = frozenset(
    "args storage main run dt csv json sys os re replace date field record records rows row text value "
    "values path table show report reports actions transfer tables cli models pytest names label "
    "dataclass sqlite3 argparse unicodedata subprocess make number".split()
) | frozenset(dir(builtins))


RESERVED_COMMANDS = frozenset(
    "report lend return in out start stop status check uncheck add list edit show".split()
)


@dataclass(frozen=True, eq=False)
class EntityView:
    """An entity as the templates see it.

    Attributes:
        managed: records are made by an action, not typed in.
        unique_together: fields that may not both be the same in two records.
        span: for bookings: the field within which times must not overlap, or "*" for all.
        single: it is the only entity, so its commands stand alone.
        signed: the choice that tells income from expense.
        world: all entities by name.
    """

    entity: Entity
    managed: bool = False
    unique_together: tuple[str, ...] = ()
    span: str = ""
    single: bool = False
    signed: str = ""
    world: dict[str, EntityView] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.entity.name

    @property
    def words(self) -> str:
        return self.name.replace("_", " ")

    @property
    def many(self) -> str:
        return plural(self.name)

    @property
    def many_words(self) -> str:
        return self.many.replace("_", " ")

    @property
    def a(self) -> str:
        return article(self.words)

    @property
    def cls(self) -> str:
        name = "".join(part.capitalize() for part in self.name.split("_"))
        return name + "Record" if name in _CLASSES_TAKEN else name

    @property
    def var(self) -> str:
        """A name for a local variable that hides nothing."""
        taken = keyword.iskeyword(self.name) or self.name in _LOCALS_TAKEN
        return self.name + "_record" if taken else self.name

    @property
    def vars(self) -> str:
        taken = keyword.iskeyword(self.many) or self.many in _LOCALS_TAKEN or self.many == self.var
        return self.many + "_found" if taken else self.many

    @property
    def command(self) -> str:
        name = self.name.replace("_", "-")
        return f"{name}-record" if name in RESERVED_COMMANDS else name

    @property
    def prefix(self) -> str:
        """What precedes add, list ... on the command line."""
        return "" if self.single else self.command + " "

    @property
    def table(self) -> str:
        return sql_name(self.many)

    @cached_property
    def fields(self) -> tuple[FieldView, ...]:
        views = [FieldView(one, self.name) for one in self.entity.fields]
        return tuple(sorted(views, key=lambda view: not view.required))

    @property
    def required(self) -> tuple[FieldView, ...]:
        return tuple(view for view in self.fields if view.required)

    @property
    def positional(self) -> tuple[FieldView, ...]:
        """Fields that are typed without an option: the first two that are required."""
        return self.required[:2]

    @property
    def references(self) -> tuple[FieldView, ...]:
        return tuple(view for view in self.fields if view.kind == "reference")

    @property
    def label(self) -> FieldView | None:
        """What a record is called by: its first required text."""
        return next(
            (v for v in self.fields if v.required and v.kind == "text" and not v.long), None
        )

    @property
    def labelled(self) -> bool:
        """Whether records can be told by their label; not where it is a category or remark."""
        label = self.label
        return label is not None and label.name not in ("category", "reason", "subject", "kind")

    @property
    def searched(self) -> tuple[FieldView, ...]:
        return tuple(view for view in self.fields if view.textual and view.kind != "choice")

    @property
    def filters(self) -> tuple[FieldView, ...]:
        """Fields by whose exact value a list is filtered."""
        return tuple(
            view
            for view in self.fields
            if view.kind in ("choice", "boolean", "reference")
            or (view.kind == "text" and view is not self.label and not view.long)
            or (view.kind == "text" and not self.labelled and view is self.label)
        )

    @property
    def ranges(self) -> tuple[FieldView, ...]:
        """Dates by which a list is narrowed to a time."""
        return tuple(view for view in self.fields if view.kind == "date")[:2]

    @property
    def numbers(self) -> tuple[FieldView, ...]:
        return tuple(v for v in self.fields if v.kind in ("integer", "number", "money"))

    @property
    def fresh_dates(self) -> tuple[FieldView, ...]:
        """Dates that must not be in the past when they are entered."""
        return tuple(view for view in self.fields if view.field.no_past)

    @property
    def sorted_by(self) -> str:
        """The field that lists are sorted by unless told otherwise."""
        named = self.entity.order
        return named if self.has(named) and not self.get(named).long else "id"

    @property
    def descending(self) -> bool:
        return self.entity.descending and self.sorted_by != "id"

    def get(self, name: str) -> FieldView:
        """Return the field of this name."""
        return next(view for view in self.fields if view.name == name)

    def has(self, name: str) -> bool:
        return any(view.name == name for view in self.fields)

    def order(self, view: FieldView) -> str:
        """Return the SQL by which a list is sorted."""
        if view.kind == "choice":
            cases = " ".join(
                "WHEN '" + choice.replace("'", "''") + f"' THEN {rank}"
                for rank, choice in enumerate(view.field.choices)
            )
            return f"CASE {view.column} {cases} END"
        return f"casefold({view.column})" if view.kind == "text" else view.column

    @property
    def table_code(self) -> str:
        """The table's name as a Python string."""
        return quoted(self.table)

    @property
    def key_help(self) -> str:
        label = self.label
        return f"id or {label.words}" if self.labelled and label else "id"

    @property
    def group_help(self) -> str:
        verbs = (
            "list, show and delete"
            if self.managed
            else "add, list, change, delete, export and import"
        )
        return f"{verbs} {self.many_words}"

    @property
    def refusals(self) -> str:
        """Why the database may refuse a record."""
        reasons = [f"its {view.words} is taken" for view in self.fields if view.field.unique]
        if self.unique_together:
            reasons.append(f"there is one with this {' and '.join(self.unique_together)}")
        if self.span:
            reasons.append("its time overlaps with another")
        reasons += [f"its {view.words} does not exist" for view in self.references]
        return ", or ".join(reasons) or "the database does not allow it"

    @property
    def child_views(self) -> list[tuple[EntityView, FieldView]]:
        """Entities that refer to this one, once each."""
        found: dict[str, tuple[EntityView, FieldView]] = {}
        for other in self.world.values():
            for view in other.references:
                if view.field.target == self.name:
                    found.setdefault(other.name, (other, view))
        return list(found.values())

    @property
    def children(self) -> list[str]:
        return [child.many_words for child, _ in self.child_views]

    @property
    def parents(self) -> list[EntityView]:
        """What this one refers to and what can be typed in, once each, but nothing twice removed."""
        direct = dict.fromkeys(view.field.target for view in self.references)
        above = {a.name for name in direct for a in self.world[name].ancestors}
        return [self.world[name] for name in direct if name not in above]

    @property
    def ancestors(self) -> list[EntityView]:
        """All that has to be there before this one, in order."""
        found: dict[str, EntityView] = {}
        for view in self.references:
            parent = self.world[view.field.target]
            for one in [*parent.ancestors, parent]:
                found.setdefault(one.name, one)
        return list(found.values())

    @property
    def named_references(self) -> list[dict[str, object]]:
        """References whose target has a label to show in place of the id."""
        rows: list[dict[str, object]] = []
        for view in self.references:
            target = self.world[view.field.target]
            if target.labelled and target.label:
                rows.append(
                    {
                        "name": view.name,
                        "nullable": view.nullable,
                        "target_label": target.label.name,
                        "target_many": target.many,
                    }
                )
        return rows

    @property
    def right(self) -> str:
        """The columns that are aligned to the right, as Python code."""
        columns = [0] + [n for n, v in enumerate(self.fields, 1) if v in self.numbers]
        return "(" + ", ".join(map(str, columns)) + ("," if len(columns) == 1 else "") + ")"

    def order_code(self, view: FieldView) -> str:
        """Return the SQL by which a list is sorted, as a Python string."""
        return quoted(self.order(view))

    # What tests and examples need

    def pending_given(self, view: FieldView | None) -> list[int]:
        """Return the examples that are unsettled as typed, for yes-or-no fields and empty dates."""
        if view is None or (view.kind == "date" and view in self.given):
            return []
        return [0, 1, 2] if view.kind in ("boolean", "date") else []

    @property
    def given(self) -> tuple[FieldView, ...]:
        """Fields that the examples fill in."""
        left_out = ("returned_on", "cancelled")
        return tuple(view for view in self.fields if view.name not in left_out)

    @property
    def has_unique(self) -> bool:
        return bool(self.unique_together) or any(view.field.unique for view in self.fields)

    def hits(self, text: str) -> list[int]:
        """Return the ids of the examples that hold the text."""
        return [
            number + 1
            for number in range(3)
            if any(
                text.casefold() in view.example(number).casefold()
                for view in self.searched
                if view in self.given
            )
        ]

    def same(self, view: FieldView, number: int) -> list[int]:
        """Return the ids of the examples that have the same value as example `number`."""
        wanted = view.example(number).casefold()
        return [n + 1 for n in range(3) if view.example(n).casefold() == wanted]

    @property
    def sortable(self) -> tuple[FieldView, ...]:
        return tuple(v for v in self.given if not v.long and v.kind != "boolean")

    def sorted_ids(self, view: FieldView) -> list[int]:
        return sorted((1, 2, 3), key=lambda number: (view.rank(number - 1), number))

    @property
    def usual_ids(self) -> list[str]:
        """The ids of the examples in the order of lists."""
        ids = self.sorted_ids(self.get(self.sorted_by))
        return [str(number) for number in (reversed(ids) if self.descending else ids)]

    def typed_value(self, view: FieldView, number: int) -> str:
        """Return an example as it is typed on the command line, as Python code."""
        return quoted(self._typed(view, number))

    def _typed(self, view: FieldView, number: int) -> str:
        if view.kind == "reference":
            target = self.world[view.field.target]
            if target.labelled and target.label and target.label.kind == "text":
                return target.label.example(number)
        return view.example(number)

    def argv(self, number: int) -> list[str]:
        """Return what is typed after ``add`` for example `number`."""
        typed = [self._typed(view, number) for view in self.positional]
        for view in self.given:
            if view in self.positional or (view.kind == "boolean" and view.example(number) == "no"):
                continue
            typed += [view.option, self._typed(view, number)]
        return typed

    def quoted_argv(self, number: int) -> str:
        return ", ".join(map(quoted, self.argv(number)))

    @property
    def bad_argv(self) -> str:
        """Return an ``add`` with one value that is not understood; empty if every text is."""
        bad = {"date": "someday", "time": "late", "moment": "once", "boolean": "perhaps"}
        for view in self.given:
            if view.textual and view.kind not in ("choice", "email", "url", "phone"):
                continue
            if view.kind == "reference":
                continue
            typed = self.argv(0)
            value = bad.get(view.kind, "not this")
            if view in self.positional:
                typed[self.positional.index(view)] = value
            elif view.option in typed:
                typed[typed.index(view.option) + 1] = value
            else:
                typed += [view.option, value]
            return ", ".join(map(quoted, typed))
        return ""

    @property
    def words_list(self) -> str:
        """The command words before add, list ... as Python code, with a comma behind."""
        return "" if self.single else quoted(self.command) + ", "

    def shown(self, number: int) -> str:
        """Return a text that a list shows of example `number`, as Python code."""
        label = self.label
        view = label if label else self.fields[0]
        return quoted(self._typed(view, number)[:30])

    @property
    def edited(self) -> FieldView:
        """The field that tests change: a plain one, not one that other rules depend on."""
        kinds = "text integer choice number money email phone url boolean".split()
        plain = [
            v for v in self.given if v.kind in kinds and not (self.span and v.kind == "boolean")
        ]
        dates = [v for v in self.given if v.kind == "date"]
        loose = [v for v in plain if not v.field.unique]
        return (loose or plain or dates or list(self.fields))[0]

    @property
    def edited_text(self) -> str:
        """What is shown of the field that tests change."""
        view = self.edited
        return self._typed(view, 1) if view.kind == "reference" else view.edit_example

    @property
    def bound(self) -> str:
        return self.a[0].upper() + self.a[1:]
