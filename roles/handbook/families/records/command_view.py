"""How a report and an action are written in Python, on the command line and in tests."""

# ruff: noqa: SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from metaco.roles.handbook.domains import Action, Report
from metaco.roles.handbook.families.records.entity_view import EntityView
from metaco.roles.handbook.families.records.field_view import FieldView
from metaco.roles.handbook.words import plural

__all__ = ["ActionView", "ReportView", "Step", "closing"]


@dataclass(frozen=True)
class ReportView:
    """A report as the templates see it.

    Attributes:
        value, group: the fields it works on; group may be month, year or day.
        alone: no other report of its kind is about another entity.
    """

    report: Report
    entity: EntityView
    alone: bool = True
    parent: EntityView | None = None

    @property
    def kind(self) -> str:
        return self.report.kind

    @property
    def value(self) -> FieldView | None:
        return self.entity.get(self.report.value) if self.entity.has(self.report.value) else None

    @property
    def group(self) -> str:
        return self.report.group

    @property
    def timed(self) -> bool:
        return self.group in ("month", "year", "day") and not self.entity.has(self.group)

    @property
    def when(self) -> FieldView:
        """The date by which records are grouped or narrowed."""
        return next(view for view in self.entity.fields if view.kind in ("date", "moment"))

    @property
    def grouped(self) -> FieldView | None:
        return self.entity.get(self.group) if self.entity.has(self.group) else None

    @property
    def name(self) -> str:
        """The function's name."""
        one, value, group = self.entity, self.report.value, self.group
        if self.kind == "sum":
            first = "balance" if one.signed else value
            return f"{first}_by_{group}" if group else f"total_{first}"
        if self.kind == "count":
            return f"{one.many}_by_{group}"
        if self.kind == "average":
            return f"average_{value}_by_{group}"
        if self.kind == "best":
            return f"best_by_{group}"
        if self.kind == "hours":
            return f"hours_by_{group}"
        if self.kind == "lines":
            return f"{group}_totals"
        if self.kind == "ranking":
            return f"top_{plural(group)}_by_{value or one.many}"
        if self.kind == "overall":
            return f"overall_{value}"
        if self.kind == "open":
            return f"not_{value}" if self.alone else f"not_{value}_{one.many}"
        if self.kind == "top" and self.report.ascending:
            return f"bottom_by_{value}" if self.alone else f"bottom_by_{value}_{one.many}"
        plain = {
            "top": f"top_by_{value}",
            "overdue": "overdue",
            "soon": "upcoming",
            "low": "low_stock",
            "streaks": "streaks",
        }[self.kind]
        return plain if self.alone else f"{plain}_{one.many}"

    @property
    def command(self) -> str:
        return self.name.replace("_", "-")

    @property
    def yearly(self) -> bool:
        """Whether the date comes every year."""
        return bool(re.search(r"birth|anniversary", self.report.value))

    @property
    def named(self) -> EntityView | None:
        """The entity whose label stands for the group's id."""
        if self.kind == "streaks":
            return self.entity.world[self.entity.references[0].field.target]
        view = self.grouped
        if view is None or view.kind != "reference":
            return None
        target = self.entity.world[view.field.target]
        return target if target.labelled else None

    @property
    def group_words(self) -> str:
        return self.group.replace("_", " ")

    @property
    def value_words(self) -> str:
        if self.kind == "count" or (self.kind == "ranking" and not self.report.value):
            return self.entity.many_words
        words = self.report.value.replace("_", " ")
        return (
            "balance" if self.entity.signed else f"{'average ' * (self.kind == 'average')}{words}"
        )

    @property
    def narrowed(self) -> str:
        """The date field by which the report can be narrowed to a time; empty if there is none."""
        kinds = ("sum", "count", "average", "best", "top", "ranking", "overall")
        if self.kind not in kinds or not self.entity.ranges:
            return ""
        return self.entity.ranges[0].name

    @property
    def first(self) -> int:
        """How many are shown unless told otherwise."""
        return self.report.count or 10

    @property
    def ahead(self) -> int:
        """How many days are looked ahead unless told otherwise."""
        return self.report.count or 30

    @property
    def direction(self) -> str:
        """What the first of a ranking has, as "highest"."""
        dated = self.value is not None and self.value.kind in ("date", "moment")
        if self.report.ascending:
            return "earliest" if dated else "lowest"
        return "latest" if dated else "highest"

    @property
    def pending(self) -> str:
        """The condition that a record is not settled, as Python code about `one`."""
        assert self.value is not None
        if self.value.kind == "boolean":
            return f"not one.{self.value.name}"
        if self.value.kind == "date":
            return f"one.{self.value.name} is None"
        found = closing(self.entity)
        wanted = self.value.code(self.group) if self.group else found[1] if found else '""'
        return f"one.{self.value.name} != {wanted}"

    @property
    def pending_words(self) -> str:
        """What is missing, as "not paid"."""
        assert self.value is not None
        words = self.group if self.group else self.value.words
        return f"not {words.removesuffix(' on')}"

    @property
    def pending_values(self) -> tuple[str, str]:
        """An unsettled and a settled value, as Python code."""
        assert self.value is not None
        if self.value.kind == "boolean":
            return "False", "True"
        if self.value.kind == "date":
            return "None", self.value.code("2024-12-31")
        settled = self.group
        other = next(c for c in self.value.field.choices if c != settled)
        return self.value.code(other), self.value.code(settled)

    @property
    def options(self) -> list[tuple[str, str, str, str]]:
        """The options: name, default, what it takes, help."""
        found = []
        if self.kind in ("top", "ranking"):
            found.append(("--count", str(self.first), "N", "how many (default: %(default)s)"))
        if self.kind == "low" and not self.entity.has(self.group):
            found.append(("--limit", "5", "N", "what counts as low (default: %(default)s)"))
        if self.kind in ("overdue", "soon", "streaks"):
            found.append(("--today", "today", "DATE", "the day to count from (default: today)"))
        if self.kind == "soon":
            found.append(
                ("--days", str(self.ahead), "N", "how far to look ahead (default: %(default)s)")
            )
        if self.narrowed:
            words = self.narrowed.replace("_", " ")
            found.append(("--date-from", "", "DATE", f"only {words} on or after this day"))
            found.append(("--date-to", "", "DATE", f"only {words} on or before this day"))
        return found

    @property
    def text(self) -> str:
        """What it shows, as a phrase."""
        many, group = self.entity.many_words, self.group_words
        value = self.value.words if self.value else self.report.value
        return {
            "sum": f"the balance per {group}"
            if self.entity.signed
            else f"the sum of the {value} per {group}",
            "count": f"how many {many} there are per {group}",
            "average": f"the average {value} per {group}",
            "best": f"the {self.entity.words} with the highest {value} of each {group}",
            "top": f"the {self.first} {many} with the {self.direction} {value}",
            "ranking": f"the {self.first} {plural(self.group).replace('_', ' ')} with the "
            + (f"highest sum of {value}" if self.report.value else f"most {many}"),
            "overall": f"the number of {many} and the total, average, lowest and highest {value}",
            "open": f"the {many} that are {self.pending_words}" if self.kind == "open" else "",
            "overdue": f"the {many} whose {value} has passed",
            "soon": f"the {many} whose {value} comes within {self.ahead} days",
            "low": f"the {many} that run low",
            "lines": f"the total (quantity times price) per {group}",
            "streaks": "the current and the longest streak",
            "hours": f"the hours worked per {group}",
        }[self.kind]

    @property
    def help(self) -> str:
        return self.text

    @property
    def closed(self) -> str:
        """The change that settles a record, as Python code; empty if there is none."""
        found = closing(self.entity)
        if not found:
            return ""
        view, value = found
        return f"{view.name}={value}"

    @property
    def opened(self) -> str:
        """The change that leaves a record unsettled, as Python code with a comma before."""
        found = closing(self.entity)
        if not found or found[0].kind == "date":
            return ""
        view, value = found
        if view.kind == "boolean":
            return f", {view.name}=False"
        other = next(c for c in view.field.choices if view.code(c) != value)
        return f", {view.name}={view.code(other)}"

    @property
    def _open_numbers(self) -> list[int]:
        """The examples that are not settled."""
        found = closing(self.entity)
        if not found or found[0].kind != "choice":
            return [0, 1, 2]
        view, value = found
        return [number for number in range(3) if view.code(view.example(number)) != value]

    @property
    def case(self) -> dict[str, Any]:
        """Return three records as changes of the examples, and what the report says of them."""
        one = self.entity
        value = self.value
        numbers = [value.example(n) for n in range(3)] if value else ["1", "1", "1"]
        if self.timed:
            when = self.when
            days = ("2024-01-05", "2024-01-20", "2024-02-10")
            if self.group == "day":
                days = ("2024-01-05", "2024-01-05", "2024-02-10")
            if self.group == "year":
                days = ("2023-01-05", "2023-06-20", "2024-02-10")
            texts = [when.code(day + (" 09:00" if when.kind == "moment" else "")) for day in days]
            name = when.name
            length = {"month": 7, "year": 4, "day": 10}[self.group]
            groups: list[Any] = [days[0][:length], days[2][:length]]
            shown = [f'"{group}"' for group in groups]
            order = [0, 1]
        else:
            view = self.grouped
            assert view is not None
            name = view.name
            first, second = view.example(0), view.example(1)
            if view.kind == "boolean":
                first, second = "no", "yes"
            texts = [view.code(first), view.code(first), view.code(second)]
            ranks: list[Any] = [first, second]
            if view.kind in ("integer", "reference"):
                ranks = [int(first), int(second)]
            order = sorted((0, 1), key=lambda n: ranks[n])
            shown = [view.code((first, second)[n]) for n in order]
        changes = []
        for number in range(3):
            parts = [f"{name}={texts[number]}"]
            if name.startswith("start"):
                for other in one.fields:
                    if other.nullable and other.name.startswith("end"):
                        parts.append(f"{other.name}=None")
            if value and value.name != name:
                parts.append(f"{value.name}={value.code(numbers[number])}")
            if one.signed and one.signed != name:
                parts.append(f'{one.signed}="income"')
            changes.append(", ".join(parts))
        exact = [Decimal(number) for number in numbers] if value else [Decimal(1)] * 3
        if one.signed == name:
            exact = [-n if text == '"expense"' else n for n, text in zip(exact, texts, strict=True)]
        pairs = [exact[:2], exact[2:]]
        money = value is not None and value.kind == "money"

        def literal(found: list[Decimal]) -> str:
            if self.kind == "count":
                return str(len(found))
            total = sum(found, Decimal(0))
            if self.kind == "average":
                mean = total / len(found)
                return f'Decimal("{round(mean, 2)}")' if money else str(round(float(mean), 2))
            if money:
                return f'Decimal("{total:.2f}")'
            return str(float(total)) if value and value.kind == "number" else str(int(total))

        rows = [f"({text}, {literal(pairs[n])})" for text, n in zip(shown, order, strict=True)]
        best_first = 0 if exact[0] >= exact[1] else 1
        best = {0: best_first, 1: 2}
        return {
            "changes": changes,
            "expected": "[" + ", ".join(rows) + "]",
            "best": [best[n] for n in order],
        }

    @property
    def cli_case(self) -> dict[str, Any] | None:
        """Return commands that fill the database, options, and texts that the report must print."""
        one = self.entity
        if one.managed and self.kind in ("overdue", "streaks"):
            owner = one.world[one.references[0].field.target]
            if self.kind == "streaks":
                setup = [f"add_{owner.many}(run)", 'run("check", "1", "--on", "2024-05-01")']
                label = owner.label
                expect = [f'"{label.example(0)}"'] if label else []
                return {"setup": setup, "options": ', "--today", "2024-05-01"', "expect": expect}
            setup = [
                f"add_{view.field.target and one.world[view.field.target].many}(run)"
                for view in one.references
            ]
            setup.append('run("lend", "1", "1", "--on", "2024-01-01")')
            return {"setup": setup, "options": "", "expect": ['"2024-01-15"']}
        if one.managed:
            return None
        setup = [f"add_{one.many}(run)"]
        options, expect = "", []
        if self.kind in ("sum", "average", "count", "best"):
            if self.timed:
                length = {"month": 7, "year": 4, "day": 10}[self.group]
                if self.when not in one.given:
                    return None
                expect = [f'"{self.when.example(0)[:length]}"']
            else:
                view = self.grouped
                if view is not None and view in one.given:
                    expect = [one.typed_value(view, 1)]
        elif self.kind in ("top", "ranking"):
            options, expect = ', "--count", "1"', ['"-"']
        elif self.kind == "overall":
            expect = ['"average"', '"3"']
        elif self.kind == "open":
            if not one.pending_given(self.value):
                return None
            expect = [one.shown(number) for number in one.pending_given(self.value)]
        elif self.kind == "overdue":
            options = ', "--today", "2130-01-01"'
            days = [value.example(n) for n in self._open_numbers] if (value := self.value) else []
            expect = [f'"{day}"' for day in days]
        elif self.kind == "soon":
            value = self.value
            first = value.example(0)[:4] if value else "2024"
            options = f', "--today", "{first}-01-01", "--days", "30"'
            days = [value.example(n) for n in self._open_numbers if n < 2] if value else []
            expect = [f'"{day}"' for day in days]
        elif self.kind == "hours":
            expect = ['"0.75"']
        elif self.kind == "lines":
            expect = ['"total"']
        elif self.kind == "low":
            view = self.value
            assert view is not None
            setup.append(f'run({one.words_list}"edit", "1", "{view.option}", "{view.low or 0}")')
            expect = [one.shown(0)]
        if self.value is not None and self.value not in one.given and self.kind != "open":
            return None
        return {"setup": setup, "options": options, "expect": expect}


_SETTLED = frozenset("done paid completed cancelled bought returned delivered closed".split())
_SETTLED_CHOICES = (
    "done",
    "closed",
    "finished",
    "delivered",
    "cancelled",
    "completed",
    "resolved",
    "paid",
)


def closing(entity: EntityView) -> tuple[FieldView, str] | None:
    """Return the field that says a record is settled, and that value as Python code."""
    for view in entity.fields:
        if view.kind == "boolean" and view.name in _SETTLED:
            return view, "True"
        if view.name == "returned_on":
            return view, "dt.date(2024, 6, 2)"
    for view in entity.fields:
        if view.kind == "choice" and view.name in ("status", "state", "stage"):
            for choice in _SETTLED_CHOICES:
                if choice in view.field.choices:
                    return view, view.code(choice)
    return None


@dataclass(frozen=True)
class Step:
    """One command of a ``set`` action: what it puts into the field."""

    word: str
    value: str
    state: str
    today: bool
    words: str
    undo: bool = False

    @property
    def function(self) -> str:
        return self.word.replace("-", "_")

    @property
    def doc(self) -> str:
        how = "Set the day" if self.today else "Mark"
        text = (
            f"{how} of the {self.words}" if self.today else f"Mark the {self.words} as {self.state}"
        )
        return f"{text} and return it changed."

    @property
    def help(self) -> str:
        return (
            f"note the day of {self.words}" if self.today else f"mark {self.words} as {self.state}"
        )


@dataclass(frozen=True)
class ActionView:
    """An action as the templates see it.

    Attributes:
        key: what tells it from others, for requirement ids.
    """

    action: Action
    key: str
    entity: EntityView
    other: EntityView | None = None
    record: EntityView | None = None

    @property
    def kind(self) -> str:
        return self.action.kind

    @property
    def field(self) -> FieldView:
        return self.entity.get(self.action.field)

    @property
    def target(self) -> EntityView:
        return self.entity.world[self.field.field.target]

    @property
    def target_label(self) -> str:
        label = self.target.label
        return label.name if label else "id"

    @property
    def other_choice(self) -> str:
        """A choice that the action has yet to change, as Python code."""
        view = self.field
        return view.code(next(c for c in view.field.choices if view.code(c) != self.steps[0].value))

    @property
    def before(self) -> str:
        """What tests set the field to first, as arguments with a comma before."""
        step = self.steps[0]
        if step.today:
            return ""
        if self.field.kind == "boolean":
            return f", {self.field.name}=False"
        value = self.steps[1].value if len(self.steps) > 1 else self.other_choice
        return f", {self.field.name}={value}"

    @property
    def steps(self) -> list[Step]:
        """The commands of a ``set``: there and, if it has one, back."""
        action, view, words = self.action, self.field, self.entity.words
        if action.value == "today":
            return [Step(action.word, "", view.words.removesuffix(" on"), True, words)]
        if view.kind == "boolean":
            steps = [Step(action.word, "True", view.words, False, words)]
            if action.undo:
                steps.append(Step(action.undo, "False", f"not {view.words}", False, words, True))
            return steps
        steps = [Step(action.word, view.code(action.value), action.value, False, words)]
        if action.undo:
            choices = view.field.choices
            back = view.field.default if view.field.default != action.value else choices[0]
            if action.undo == "decline" and "no" in choices:
                back = "no"
            steps.append(
                Step(
                    action.undo,
                    view.code(back or choices[0]),
                    back or choices[0],
                    False,
                    words,
                    True,
                )
            )
        return steps
