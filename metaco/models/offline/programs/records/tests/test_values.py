"""Tests of single values."""

import datetime as dt

import pytest

from records import values
from records.schema import DEFAULT, Field, RecordError
from records.values import Value

SIZE = ("small", "Large")


def field(kind: str, required: bool = False) -> Field:
    return Field("thing", kind, required, SIZE if kind == "choice" else ())


PARSED: dict[str, dict[str, Value]] = {
    "text": {"  two   words\n": "two words", " ": None},
    "integer": {"42": 42, "-7": -7, "": None},
    "number": {"9.5": 9.5, "9,5": 9.5, "-1": -1.0, "": None},
    "date": {"2024-02-29": "2024-02-29", "2024-2-9": "2024-02-09", "": None},
    "flag": {"Yes": True, "1": True, "no": False, "": False},
    "choice": {"large": "Large", "": None},
}


@pytest.mark.parametrize("kind", PARSED)
def test_r1_texts_become_values(kind: str) -> None:
    for text, value in PARSED[kind].items():
        parsed = values.parse(field(kind), text)
        assert parsed == value and type(parsed) is type(value)


@pytest.mark.parametrize(
    ("text", "days"),
    [("today", 0), ("Tomorrow", 1), ("yesterday", -1), ("today+7", 7), ("today - 3", -3)],
)
def test_r1_days_near_today(text: str, days: int) -> None:
    before = dt.date.today()
    parsed = values.parse(field("date"), text)
    today = {before, dt.date.today()}  # it may be midnight
    assert parsed in {(day + dt.timedelta(days=days)).isoformat() for day in today}


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("integer", "1.5", "a whole number"),
        ("integer", "9" * 16, "a whole number"),
        ("number", "many", "a number"),
        ("number", "inf", "a number"),
        ("date", "2023-02-29", "YYYY-MM-DD"),
        ("date", "today+99999999999", "YYYY-MM-DD"),
        ("flag", "maybe", "yes or no"),
        ("choice", "medium", "one of small, Large"),
    ],
)
def test_r1_r13_other_texts_are_refused(kind: str, text: str, expected: str) -> None:
    with pytest.raises(RecordError, match=f"^thing: .*{text[:5]}.* is not .*{expected}"):
        values.parse(field(kind), text)


@pytest.mark.parametrize("kind", PARSED)
def test_r1_a_required_value_must_be_given(kind: str) -> None:
    with pytest.raises(RecordError, match="thing must not be empty"):
        values.parse(field(kind, required=True), " ")


@pytest.mark.parametrize("field", DEFAULT.fields, ids=lambda field: field.name)
def test_r3_values_are_shown_as_they_are_typed(field: Field) -> None:
    for number in (1, 2, 3):
        text = values.example(field, number)
        value = values.parse(field, text)
        assert values.show(value) == text
        assert values.parse(field, values.show(value)) == value


def test_r3_numbers_and_flags_are_shown_plainly() -> None:
    shown = [values.show(value) for value in (None, True, False, 3.0, 2.5, 7, "x")]
    assert shown == ["", "yes", "no", "3", "2.5", "7", "x"]


def test_r8_choices_have_their_order_and_text_no_case() -> None:
    size = field("choice")
    assert values.order(size, "small") < values.order(size, "Large")  # type: ignore[operator]
    assert values.order(size, "gone") > values.order(size, "Large")  # type: ignore[operator]
    assert values.order(field("text"), "ABC") == values.order(field("text"), "abc")
    assert values.order(field("number"), 2.5) == 2.5
