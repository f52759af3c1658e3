"""What a record is: its fields, their kinds and the words for it.

The kinds of fields are text, integer, number, date, flag (yes or no) and choice.
"""

from dataclasses import dataclass
from typing import Any

SORT = "number"  # the field that lists are sorted by; number is the number of the record
SCHEMA: dict[str, Any] = {
    "singular": "book",
    "plural": "books",
    "fields": [
        {"name": "title", "kind": "text", "required": True, "choices": []},
        {"name": "author", "kind": "text", "required": False, "choices": []},
        {"name": "pages", "kind": "integer", "required": False, "choices": []},
        {"name": "price", "kind": "number", "required": False, "choices": []},
        {"name": "bought", "kind": "date", "required": False, "choices": []},
        {"name": "state", "kind": "choice", "required": False, "choices": ["new", "used", "old"]},
        {"name": "finished", "kind": "flag", "required": False, "choices": []},
    ],
}


class RecordError(ValueError):
    """A request that cannot be met; the message says why."""


@dataclass(frozen=True)
class Field:
    """A field of a record; only a choice has choices."""

    name: str
    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schema:
    """The fields of a record, and the words for one and for many records."""

    singular: str
    plural: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """Return a field by its name, which may be written with - or blanks for _.

        Raises:
            RecordError: there is none.
        """
        wanted = name.strip().casefold().replace("-", "_").replace(" ", "_")
        for field in self.fields:
            if field.name.casefold() == wanted:
                return field
        names = ", ".join(field.name for field in self.fields)
        raise RecordError(f'there is no field "{name}"; the fields are {names}')


def load(literal: dict[str, Any]) -> Schema:
    """Return the schema that a literal as SCHEMA describes."""
    fields = [
        Field(each["name"], each["kind"], each["required"], tuple(each["choices"]))
        for each in literal["fields"]
    ]
    return Schema(literal["singular"], literal["plural"], tuple(fields))


DEFAULT = load(SCHEMA)
