"""Tests of the SQLite file."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from records import values
from records.schema import DEFAULT, Field, RecordError, Schema
from records.storage import Record, Storage
from records.values import Value

AWKWARD = ("order", "group", "id", "number", "rowid")  # names that mean something to SQLite


def row(number: int, schema: Schema = DEFAULT) -> dict[str, Value]:
    return {each.name: values.parse(each, values.example(each, number)) for each in schema.fields}


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = Storage(tmp_path / "a.db", DEFAULT)
    yield opened
    opened.close()


def test_r2_records_get_numbers(storage: Storage) -> None:
    assert storage.add(row(1), row(2)) == [1, 2]
    assert storage.all() == [Record(1, row(1)), Record(2, row(2))]


def test_r2_either_all_records_are_added_or_none(storage: Storage) -> None:
    broken: dict[str, Value] = dict.fromkeys(row(1), object())  # type: ignore[arg-type]
    with pytest.raises(sqlite3.Error):
        storage.add(row(1), broken)
    assert storage.all() == []


def test_r3_one_record(storage: Storage) -> None:
    storage.add(row(1), row(2))
    assert storage.get(2) == Record(2, row(2))


def test_r4_the_other_fields_and_records_stay(storage: Storage) -> None:
    storage.add(row(1), row(1))
    name = DEFAULT.fields[-1].name
    storage.change(2, {name: row(2)[name]})
    assert storage.all() == [Record(1, row(1)), Record(2, row(1) | {name: row(2)[name]})]


def test_r5_a_number_is_never_used_again(storage: Storage) -> None:
    storage.add(row(1), row(2), row(3))
    storage.delete(3)
    assert [record.number for record in storage.all()] == [1, 2]
    assert storage.add(row(1)) == [4]


def test_r3_r4_r5_r13_a_number_must_exist(storage: Storage) -> None:
    storage.add(row(1))
    for action in (storage.get, storage.delete, lambda number: storage.change(number, {})):
        with pytest.raises(RecordError, match="with the number 7"):
            action(7)


def test_r12_names_and_kinds_of_fields_are_free(tmp_path: Path) -> None:
    kinds = ("flag", "text", "integer", "date", "number")
    fields = [Field(name, kind) for name, kind in zip(AWKWARD, kinds, strict=True)]
    schema = Schema("thing", "things", tuple(fields))
    storage = Storage(tmp_path / "a.db", schema)
    storage.add(row(1, schema), dict.fromkeys(AWKWARD), row(3, schema))
    storage.change(3, {"id": 77})
    empty: dict[str, Value] = {**dict.fromkeys(AWKWARD), "order": False}
    assert storage.all() == [
        Record(1, row(1, schema)),
        Record(2, empty),
        Record(3, row(3, schema) | {"id": 77}),
    ]
    assert storage.all()[0].values["order"] is True
    storage.close()


def test_r12_r13_a_file_with_other_fields_is_refused(tmp_path: Path) -> None:
    other = Schema("x", "xs", (*DEFAULT.fields, Field("one_more", "text")))
    Storage(tmp_path / "a.db", other).close()
    with pytest.raises(RecordError, match="other fields"):
        Storage(tmp_path / "a.db", DEFAULT)
