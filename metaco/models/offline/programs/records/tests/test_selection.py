"""Tests of choosing, sorting and counting records."""

import pytest

from records import selection, values
from records.schema import DEFAULT, Field, RecordError, Schema
from records.storage import Record
from records.transfer import from_csv

PLANTS = Schema(
    "plant",
    "plants",
    (
        Field("name", "text", required=True),
        Field("last_watered", "date"),
        Field("price", "number"),
        Field("leaves", "integer"),
        Field("light", "choice", choices=("low", "medium", "high")),
        Field("alive", "flag"),
    ),
)
PLANTS_CSV = """\
name,last_watered,price,leaves,light,alive
fern,2024-05-31,9.5,40,low,yes
Cactus,2024-02-10,0.1,,high,yes
palm,,0.2,12,medium,no
ivy,2024-05-01,,100,,yes
"""
ROWS = [Record(at, row) for at, row in enumerate(from_csv(PLANTS_CSV, PLANTS), start=1)]


def numbers(records: list[Record]) -> list[int]:
    return [record.number for record in records]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("name = FERN", [1]),
        ("name ~ A", [2, 3]),
        ("name > fern", [3, 4]),
        ("last watered < 2024-05-01", [2]),
        ("last-watered<=2024-05-01", [2, 4]),
        ("last_watered =", [3]),
        ("last_watered !=", [1, 2, 4]),
        ("price >= 0,2", [1, 3]),
        ("leaves > 9", [1, 3, 4]),
        ("leaves != 12", [1, 2, 4]),
        ("light >= medium", [2, 3]),
        ("alive = no", [3]),
        ("last_watered < today", [1, 2, 4]),
    ],
)
def test_r6_conditions(where: str, found: list[int]) -> None:
    assert numbers(selection.select(ROWS, PLANTS, [where])) == found


def test_r6_all_conditions_hold() -> None:
    assert numbers(selection.select(ROWS, PLANTS, ["alive = yes", "price < 5"])) == [2]


@pytest.mark.parametrize(
    ("where", "problem"),
    [
        ("price", "no condition"),
        ("colour = red", "no field"),
        ("price = cheap", "not a number"),
        ("price <", "lacks a value"),
    ],
)
def test_r6_r13_other_conditions_are_refused(where: str, problem: str) -> None:
    with pytest.raises(RecordError, match=problem):
        selection.select(ROWS, PLANTS, [where])


def test_r7_search_looks_into_every_field() -> None:
    found = {
        text: numbers(selection.select(ROWS, PLANTS, search=text))
        for text in ("PALM", "2024-05", "high", "")
    }
    assert found == {"PALM": [3], "2024-05": [1, 4], "high": [2], "": [1, 2, 3, 4]}


@pytest.mark.parametrize(
    ("names", "descending", "order"),
    [
        (["name"], False, [2, 1, 4, 3]),
        (["last watered"], False, [2, 4, 1, 3]),
        (["price"], False, [2, 3, 1, 4]),
        (["price"], True, [1, 3, 2, 4]),
        (["leaves"], False, [3, 1, 4, 2]),
        (["light"], False, [1, 3, 2, 4]),
        (["alive", "price"], False, [3, 2, 1, 4]),
        (["number"], True, [4, 3, 2, 1]),
    ],
)
def test_r8_sorted_by_fields_empty_last(
    names: list[str], descending: bool, order: list[int]
) -> None:
    assert numbers(selection.sort(ROWS, PLANTS, names, descending)) == order


def test_r9_count_and_sums() -> None:
    assert selection.report(ROWS, PLANTS) == [["all", 4]]
    assert selection.report(ROWS, PLANTS, of="price") == [["all", 4, 9.8, 3.27, 0.1, 9.5]]
    assert selection.report([], PLANTS, of="leaves") == [["all", 0, 0, None, None, None]]


def test_r9_groups_by_a_field() -> None:
    assert selection.report(ROWS, PLANTS, by="alive", of="leaves") == [
        ["no", 1, 12, 12, 12, 12],
        ["yes", 3, 140, 70, 40, 100],
        ["all", 4, 152, 50.67, 12, 100],
    ]
    by_light = selection.report(ROWS, PLANTS, by="light")
    assert by_light == [["low", 1], ["medium", 1], ["high", 1], ["(none)", 1], ["all", 4]]


def test_r9_dates_by_day_month_and_year() -> None:
    days = ["2024-02-10", "2024-05-01", "2024-05-31"]
    for per, groups in {"day": days, "month": ["2024-02", "2024-05"], "year": ["2024"]}.items():
        rows = selection.report(ROWS, PLANTS, by="last watered", per=per)
        assert [row[0] for row in rows] == [*groups, "(none)", "all"]
        assert sum(int(row[1] or 0) for row in rows[:-1]) == 4


def test_r9_r13_only_numbers_are_added() -> None:
    with pytest.raises(RecordError, match="name has no numbers"):
        selection.report(ROWS, PLANTS, of="name")


@pytest.mark.parametrize("field", DEFAULT.fields, ids=lambda field: field.name)
def test_r6_r8_r9_every_field_can_be_used(field: Field) -> None:
    texts = [values.example(field, number) for number in (3, 1, 2)]
    empty = dict.fromkeys(each.name for each in DEFAULT.fields)
    rows = [{**empty, field.name: values.parse(field, text)} for text in texts]
    records = [Record(at, row) for at, row in enumerate(rows, start=1)]
    for text in texts:
        chosen = selection.select(records, DEFAULT, [f"{field.name} = {text}"])
        assert numbers(chosen) == [at for at, each in enumerate(texts, start=1) if each == text]
        assert set(numbers(chosen)) <= set(numbers(selection.select(records, DEFAULT, search=text)))
    ordered = selection.sort(records, DEFAULT, [field.name])
    keys = [values.order(field, record.values[field.name]) for record in ordered]
    assert keys == sorted(keys)
    groups = {row[0]: row[1] for row in selection.report(records, DEFAULT, by=field.name)}
    assert groups == {text: texts.count(text) for text in texts} | {"all": 3}
