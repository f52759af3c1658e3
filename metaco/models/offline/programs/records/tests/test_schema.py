"""Tests of what a record is."""

import pytest

from records.schema import DEFAULT, SCHEMA, SORT, RecordError

KINDS = {"text", "integer", "number", "date", "flag", "choice"}


def test_r1_every_field_is_well_formed() -> None:
    names = [field.name for field in DEFAULT.fields]
    assert names == [each["name"] for each in SCHEMA["fields"]] and names
    assert len({name.casefold() for name in names}) == len(names)
    assert all(name.isidentifier() for name in names)
    assert all(field.kind in KINDS for field in DEFAULT.fields)
    assert all(bool(field.choices) == (field.kind == "choice") for field in DEFAULT.fields)
    assert DEFAULT.singular and DEFAULT.plural


def test_r1_a_field_is_known_by_its_name() -> None:
    for field in DEFAULT.fields:
        assert DEFAULT.field(field.name) is field
        assert DEFAULT.field(f" {field.name.upper().replace('_', '-')} ") is field
    with pytest.raises(RecordError, match="no field"):
        DEFAULT.field("no such field")


def test_r8_the_list_is_sorted_by_a_field() -> None:
    assert SORT == "number" or DEFAULT.field(SORT) in DEFAULT.fields
