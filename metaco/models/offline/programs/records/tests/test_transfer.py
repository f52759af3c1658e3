"""Tests of CSV and JSON."""

import json

import pytest

from records import transfer, values
from records.schema import DEFAULT, Field, RecordError, Schema
from records.storage import Record

HATS = Schema(
    "hat",
    "hats",
    (Field("name", "text", required=True), Field("price", "number"), Field("worn", "flag")),
)
ROWS = [
    Record(1, {"name": 'top, "high"', "price": 9.5, "worn": True}),
    Record(2, {"name": "Käppi", "price": None, "worn": False}),
]


def test_r10_csv() -> None:
    assert transfer.to_csv(ROWS, HATS) == 'name,price,worn\n"top, ""high""",9.5,yes\nKäppi,,no\n'
    assert transfer.to_csv([], HATS) == "name,price,worn\n"


def test_r10_json() -> None:
    text = transfer.to_json(ROWS)
    assert json.loads(text) == [record.values for record in ROWS]
    assert "Käppi" in text


def test_r10_r11_csv_there_and_back() -> None:
    assert transfer.from_csv(transfer.to_csv(ROWS, HATS), HATS) == [
        record.values for record in ROWS
    ]


def test_r11_the_template_can_be_imported() -> None:
    text = transfer.template(DEFAULT)
    assert text.splitlines()[0] == ",".join(field.name for field in DEFAULT.fields)
    assert transfer.from_csv(text, DEFAULT) == [
        {field.name: values.parse(field, values.example(field, number)) for field in DEFAULT.fields}
        for number in (1, 2, 3)
    ]


def test_r11_columns_in_any_order_and_number() -> None:
    rows = transfer.from_csv("Worn,NAME\nyes,bowler\n\n", HATS)
    assert rows == [{"name": "bowler", "price": None, "worn": True}]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name,colour\nbowler,red\n", 'line 1: there is no field "colour"'),
        ("name,price\nbowler,1\nfez,cheap\n", 'line 3: price: "cheap" is not a number'),
        ("price\n1\n", "line 2: name must not be empty"),
        ("name,price\nbowler\n", "line 2: there are 1 values for 2 columns"),
        ('name\n"bowler', "line 2: unexpected end of data"),
    ],
)
def test_r11_r13_a_mistake_is_named_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(RecordError, match=f"^{problem}"):
        transfer.from_csv(text, HATS)
