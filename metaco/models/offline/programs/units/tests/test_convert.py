"""Conversions with known results, and what has none."""

from fractions import Fraction

import pytest

from units.convert import DIGITS, answer, convert, parse, show
from units.table import UNITS, Unit, find


@pytest.mark.parametrize(
    ("text", "result"),
    [
        *[
            ("26.2 mi to km", "42.1648 km"),
            ("150 lb in kg", "68.0389 kg"),
            ("1 km into mi", "0.621371 mi"),
        ],
        *[("100 C to F", "212 F"), ("-40 F to C", "-40 C"), ("0 °C to kelvin", "273.15 K")],
        *[
            ("2 gal to l", "7.57082 l"),
            ("1 acre to m2", "4046.86 m2"),
            ("100 km/h to m/s", "27.7778 m/s"),
        ],
        *[("1 GiB to bytes", "1073741824 B"), ("8 Mb MB", "1 MB"), ("90 min to hours", "1.5 h")],
        *[("30 mpg to l/100km", "7.84049 l/100km"), ("8 l per 100 km to mpg", "29.4018 mpg")],
        *[("1 kWh to kJ", "3600 kJ"), ("1 atm hPa", "1013.25 hPa"), ("1 psi to Pa", "6894.76 Pa")],
        *[
            ("5 in in cm", "12.7 cm"),
            ("5 km in in", "196850 in"),
            ("40 ukmpg to km/l", "14.1602 km/l"),
        ],
    ],
)
def test_r1_known_values(text: str, result: str) -> None:
    assert answer(text, 6) == [result]


@pytest.mark.parametrize("source", UNITS, ids=lambda unit: unit.symbol)
def test_r1_there_and_back_is_exact(source: Unit) -> None:
    value = Fraction(123456, 1000)
    for target in UNITS:
        if target.kind == source.kind:
            assert convert(convert(value, source, target), target, source) == value


@pytest.mark.parametrize(
    ("text", "result"),
    [
        *[
            ("5 ft 11 in to cm", "180.34 cm"),
            ("5ft 11in cm", "180.34 cm"),
            ("1/2 mi ft", "2640 ft"),
        ],
        *[
            ("-1 h 30 min to min", "-90 min"),
            ("1.5e3m to km", "1.5 km"),
            ("+.5 miles per hour mph", "0.5 mph"),
        ],
    ],
)
def test_r3_values_are_read_as_people_write_them(text: str, result: str) -> None:
    assert answer(text, 6) == [result]


def test_r4_without_a_target_all_other_units_of_the_kind_are_shown() -> None:
    assert answer("1 h", 6) == ["3600 s", "3600000 ms", "60 min", "0.0416667 d", "0.00595238 week"]


def test_r5_significant_digits() -> None:
    assert show(Fraction(1, 3), 3) == "0.333" and show(Fraction(5, 2), 3) == "2.5"
    assert show(Fraction(2, 3)) == "0." + "6" * (DIGITS - 1) + "7"
    assert show(Fraction(10**14 + 1), 3) == "100000000000001"
    assert show(Fraction(40468564224, 10**7), 3) == "4050"
    assert show(Fraction(10**20), 3) == "1e+20" and show(Fraction(1, 8 * 10**9), 3) == "1.25e-10"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        *[("1 km to kg", r"km \(length\) to kg \(mass\)"), ("-300 C to F", "below absolute zero")],
        *[("0 mpg to l/100km", "no fuel consumption"), ("20 C 3 C to F", "cannot be added")],
        *[("1 km 3 kg to m", "cannot convert kg"), ("1 florp to km", "unknown unit 'florp'")],
        *[("much km to mi", "'much' is not a number"), ("1,5 km to mi", "'1,5' is not a number")],
        *[
            ("1/0 m to km", "divides by zero"),
            ("5", "its unit"),
            ("", "its unit"),
            ("5 to km", "its unit"),
        ],
        *[
            ("nan m to km", "not a number"),
            ("1 km to florps", "unknown unit"),
            ("1 km zz", "unknown unit"),
        ],
    ],
)
def test_r6_mistakes_are_named(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        answer(text)


def test_r1_r3_parse_keeps_fractions() -> None:
    assert parse("1/3 l to ml") == ([(Fraction(1, 3), find("l"))], find("ml"))
