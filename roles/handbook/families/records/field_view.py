"""How a field is written in Python, in SQL, on the command line and in tests."""

# ruff: noqa: E501, SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

import re
from dataclasses import dataclass

from metaco.roles.handbook.fields import Field
from metaco.roles.handbook.words import plural

__all__ = ["FieldView", "article", "quoted", "sql_name"]

_PYTHON = {
    "integer": "int",
    "number": "float",
    "money": "Decimal",
    "date": "dt.date",
    "time": "dt.time",
    "moment": "dt.datetime",
    "boolean": "bool",
    "reference": "int",
}
_SQL = {
    "integer": "INTEGER",
    "number": "REAL",
    "money": "INTEGER",
    "boolean": "INTEGER",
    "reference": "INTEGER",
}
_PARSER = {"reference": "parse_integer", "choice": "parse_word"}
_EXPECTS = {
    "date": "YYYY-MM-DD, today, tomorrow or yesterday",
    "time": "HH:MM",
    "moment": "YYYY-MM-DD HH:MM",
    "boolean": "yes or no",
    "money": "an amount, as 12.50",
    "number": "a number",
    "integer": "a whole number",
}
_SQL_WORDS = frozenset(
    "add all alter and as asc attach begin between by case cast check collate column commit create "
    "cross current database default deferrable delete desc distinct drop each else end except exists "
    "explain fail for foreign from full glob group having if in index inner insert instead intersect "
    "into is isnull join key left like limit match natural no not notnull null of offset on or order "
    "outer over plan pragma primary query raise range recursive references regexp release rename "
    "replace right rollback row rows savepoint select set table temp then to transaction trigger union "
    "unique update using vacuum values view virtual when where window with without".split()
)
_LONG = frozenset(
    "notes note description body content instructions ingredients address tasting_notes comment "
    "comments remarks details summary text directions gift_ideas".split()
)
_SAMPLES = {
    "email": ("ann@example.com", "bob@example.com", "cem@example.com"),
    "url": ("https://example.com/a", "https://example.com/b", "https://example.com/c"),
    "phone": ("+49 30 1234567", "+49 30 2345678", "+49 30 3456789"),
    "date": ("2024-01-05", "2024-01-20", "2024-02-10"),
    "time": ("09:00", "10:00", "11:00"),
    "moment": ("2024-01-05 09:00", "2024-01-20 10:00", "2024-02-10 11:00"),
    "boolean": ("no", "no", "no"),
}
_TEXTS = {
    "name": ("Alpha", "Beta", "Gamma"),
    "title": ("First entry", "Second entry", "Third entry"),
    "category": ("red", "green", "blue"),
    "location": ("north", "south", "west"),
    "place": ("Oslo", "Lisbon", "Kyoto"),
    "city": ("Oslo", "Lisbon", "Kyoto"),
    "town": ("Oslo", "Lisbon", "Kyoto"),
    "country": ("Norway", "Portugal", "Japan"),
    "region": ("North", "South", "West"),
    "weather": ("sunny", "cloudy", "rain"),
    "species": ("robin", "sparrow", "owl"),
    "color": ("red", "green", "blue"),
    "colour": ("red", "green", "blue"),
    "author": ("Ann Lee", "Bob Ray", "Cem Ak"),
    "artist": ("Nina Lee", "The Rays", "Ak"),
    "customer": ("Ann Lee", "Bob Ray", "Cem Ak"),
    "client": ("Ann Lee", "Bob Ray", "Cem Ak"),
    "owner": ("Ann Lee", "Bob Ray", "Cem Ak"),
    "notes": ("in good order", "to be checked", "ask again"),
    "note": ("in good order", "to be checked", "ask again"),
    "brand": ("Lee", "Ray", "Ak"),
    "genre": ("jazz", "rock", "folk"),
    "tag": ("home", "work", "fun"),
    "tags": ("home", "work", "fun"),
    "type": ("small", "large", "round"),
    "address": ("1 Mill Lane", "2 High Street", "3 Park Road"),
}


def quoted(text: str) -> str:
    """Return the text as a Python string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def article(noun: str) -> str:
    """Return the noun with "a" or "an"."""
    return f"{'an' if re.match(r'[aeio]|u(?!n[iu]|se)', noun) else 'a'} {noun}"


@dataclass(frozen=True)
class FieldView:
    """A field as the templates see it."""

    field: Field
    owner: str

    @property
    def name(self) -> str:
        return self.field.name

    @property
    def kind(self) -> str:
        return self.field.kind

    @property
    def words(self) -> str:
        return "due date" if self.name == "due" else self.name.replace("_", " ")

    @property
    def option(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def required(self) -> bool:
        """Whether a record cannot be made without it."""
        return self.field.required and not self.field.default

    @property
    def nullable(self) -> bool:
        return self.kind in _PYTHON and not self.required and not self.field.default

    @property
    def annotation(self) -> str:
        return _PYTHON.get(self.kind, "str") + (" | None" if self.nullable else "")

    @property
    def textual(self) -> bool:
        return self.kind not in _PYTHON

    @property
    def constant(self) -> str:
        """The name of the tuple of choices."""
        return f"{self.owner}_{plural(self.name)}".upper()

    @property
    def parser(self) -> str:
        return _PARSER.get(self.kind, f"parse_{self.kind}")

    @property
    def default(self) -> str:
        """The default as Python code; empty if there is none."""
        if self.required:
            return ""
        if self.kind == "date" and self.field.default == "today":
            return "field(default_factory=dt.date.today)"
        if self.field.default:
            return self.code(self.field.default)
        return "None" if self.nullable else '""'

    def code(self, text: str) -> str:
        """Return what a user types as Python code."""
        if self.kind == "boolean":
            return str(text == "yes")
        if self.kind in ("integer", "reference"):
            return str(int(text))
        if self.kind == "number":
            return str(float(text))
        if self.kind == "money":
            return f'Decimal("{text}")'
        numbers = ", ".join(str(int(part)) for part in re.findall(r"\d+", text))
        if self.kind in ("date", "time", "moment"):
            return f"{_PYTHON[self.kind]}({numbers})"
        return quoted(text)

    @property
    def column(self) -> str:
        """The name as SQL."""
        return sql_name(self.name)

    @property
    def sql(self) -> str:
        """The column's definition."""
        parts = [self.column, _SQL.get(self.kind, "TEXT")]
        if not self.nullable:
            parts.append("NOT NULL")
        if self.field.unique:
            parts.append("UNIQUE")
        if self.kind == "choice":
            allowed = ["''"] if self.default == '""' else []
            allowed += ["'" + choice.replace("'", "''") + "'" for choice in self.field.choices]
            parts.append(f"CHECK ({self.column} IN ({', '.join(allowed)}))")
        elif self.kind == "boolean":
            parts.append(f"CHECK ({self.column} IN (0, 1))")
        elif self.kind == "reference":
            parts.append(f"REFERENCES {sql_name(plural(self.field.target))} (id)")
        elif self.textual and self.required:
            parts.append(f"CHECK ({self.column} <> '')")
        return " ".join(parts)

    @property
    def low(self) -> str:
        """The smallest value as Python code; empty if there is none."""
        return "" if self.field.minimum is None else str(self.field.minimum)

    @property
    def high(self) -> str:
        return "" if self.field.maximum is None else str(self.field.maximum)

    @property
    def span(self) -> str:
        """What a date must not be, as "in the future"; empty if it may be any day."""
        return "in the future" if self.field.no_future else "in the past" * self.field.no_past

    @property
    def expects(self) -> str:
        """What may be typed, for help texts and documents."""
        if self.kind == "choice":
            text = ", ".join(self.field.choices[:-1]) + " or " + self.field.choices[-1]
        elif self.low and self.high:
            text = f"{self.low} to {self.high}"
        elif self.kind == "reference":
            text = f"{self.field.target.replace('_', ' ')}, by id or name"
        else:
            text = _EXPECTS.get(self.kind, "")
        if self.field.unit:
            text += f"{', ' if text else ''}in {self.field.unit}"
        return text

    @property
    def help(self) -> str:
        """The help text of its option."""
        extra = "; ".join(
            part
            for part in (
                self.expects,
                "required" if self.required else "",
                f"default: {self.field.default}" if self.field.default else "",
            )
            if part
        )
        return (f"{self.words} ({extra})" if extra else self.words).replace("%", "%%")

    @property
    def described(self) -> str:
        """The field as requirements name it."""
        extra = []
        if self.kind == "choice":
            extra.append(", ".join(self.field.choices))
        elif self.low and self.high:
            extra.append(f"{self.low} to {self.high}")
        elif self.field.positive:
            extra.append("above zero")
        if self.span:
            extra.append(f"not {self.span}")
        if self.field.unit:
            extra.append(f"in {self.field.unit}")
        if self.field.unique:
            extra.append("unique")
        if self.field.default and self.kind != "boolean":
            extra.append(f"default {self.field.default}")
        return f"{self.words} ({'; '.join(extra)})" if extra else self.words

    @property
    def long(self) -> bool:
        return self.name in _LONG

    def example(self, number: int) -> str:
        """Return what a user might type; `number` is 0, 1 or 2."""
        given = [text for text in self.field.examples if self._allows(text)]
        if self.kind == "reference":
            return str(number + 1)
        if self.kind == "choice":
            return self.field.choices[number % len(self.field.choices)]
        if len(given) >= 3:
            return given[number]
        if self.kind in ("integer", "number", "money"):
            return self._number(number)
        if self.kind in ("time", "moment") and self.name.startswith("end"):
            return _SAMPLES[self.kind][number].replace(":00", ":45")
        if self.field.no_past:
            return _SAMPLES[self.kind][number].replace("2024", "2124")
        if self.kind in _SAMPLES:
            return _SAMPLES[self.kind][number]
        last = self.name.rsplit("_", maxsplit=1)[-1]
        words = _TEXTS.get(self.name) or _TEXTS.get(last)
        if words:
            pool = list(dict.fromkeys([*given, *words]))
            return pool[number]
        pool = [*given, *(f"{self.words} {n}" for n in ("one", "two", "three"))]
        return pool[number]

    def _allows(self, text: str) -> bool:
        if not re.fullmatch(r"[\w ,.;:'/+&()-]{1,60}", text) or text != text.strip():
            return False
        if self.kind in ("integer", "number", "money"):
            whole = r"\d{1,9}" if self.kind == "integer" else r"\d{1,9}(\.\d\d)?"
            if not re.fullmatch(whole, text):
                return False
            value = float(text)
            return (self.field.minimum is None or value >= self.field.minimum) and (
                self.field.maximum is None or value <= self.field.maximum
            )
        return self.kind == "text"

    def _number(self, number: int) -> str:
        low, high = self.field.minimum, self.field.maximum
        if re.search(r"year|vintage", self.name) and (low or 0) <= 2015 and (high or 2020) >= 2020:
            value = (2015, 2018, 2020)[number]
        elif low is not None and high is not None:
            value = low + max(1, (high - low) // 4) * (number + 1)
            value = min(value, high - 1 + (number > 0)) if high - low < 4 else value
        elif high is not None:
            value = high - 10 + number
        else:
            value = max(low or 0, 0) + (3, 5, 8)[number]
        return f"{value}.50" if self.kind == "money" and high is None else str(value)

    @property
    def edit_example(self) -> str:
        """Return a value for a change, unlike the first example if the kind allows it."""
        if self.field.unique:
            return self.fresh()
        return "yes" if self.kind == "boolean" else self.example(1)

    def fresh(self) -> str:
        """Return a value that no example has."""
        known = {
            "email": "new@example.com",
            "url": "https://example.com/new",
            "phone": "+49 30 9999999",
        }
        if self.kind in ("integer", "number", "money"):
            return (self.field.maximum and str(self.field.maximum)) or "9999"
        return known.get(self.kind, "something new")

    def rank(self, number: int) -> object:
        """Return what an example is sorted by."""
        text = self.example(number)
        if self.kind in ("integer", "number", "money", "reference"):
            return float(text)
        if self.kind == "choice":
            return self.field.choices.index(text)
        return text.casefold()

    def below(self) -> str:
        """Return a value just below the smallest, as Python code."""
        return self.code(str(0 if self.field.positive else (self.field.minimum or 0) - 1))

    def above(self) -> str:
        """Return a value just above the largest, as Python code."""
        return self.code(str((self.field.maximum or 0) + 1))

    def from_row(self) -> str:
        """Return the code that reads the value from a row of the database."""
        cell = f'row["{self.name}"]'
        reader = {
            "money": "from_cents",
            "date": "dt.date.fromisoformat",
            "time": "dt.time.fromisoformat",
            "moment": "dt.datetime.fromisoformat",
            "boolean": "bool",
        }.get(self.kind)
        if reader is None:
            return cell
        return f"_optional({reader}, {cell})" if self.nullable else f"{reader}({cell})"


def sql_name(name: str) -> str:
    """Return a name as SQL, quoted where it is a word of SQL."""
    return f'"{name}"' if name in _SQL_WORDS else name
