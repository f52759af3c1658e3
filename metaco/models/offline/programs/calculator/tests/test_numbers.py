"""Numbers, functions and how results are written."""

import math

import pytest

from calculator.numbers import DIGITS, CalcError, Number, call, combine, show


@pytest.mark.parametrize(
    ("sign", "left", "right", "value"),
    [
        *[("+", 2, 3, 5), ("-", 2, 3, -1), ("*", 4, 2.5, 10), ("/", 7, 2, 3.5), ("^", 2, -1, 0.5)],
        *[("//", 7, 2, 3), ("%", 7, 3, 1), ("%", -7, 3, 2), ("^", 9, 0.5, 3), ("^", 2, 10, 1024)],
    ],
)
def test_r1_operators(sign: str, left: Number, right: Number, value: Number) -> None:
    assert combine(sign, left, right) == value


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        *[(0.1 + 0.2, 10, "0.3"), (2 / 3, 4, "0.6667"), (1 / 3, 1, "0.3"), (4.0, 10, "4")],
        *[(2**100, 3, "1267650600228229401496703205376"), (1.5e20, 10, "1.5e+20"), (-0.0, 5, "0")],
    ],
)
def test_r2_whole_numbers_are_exact_and_others_have_some_digits(
    value: Number, digits: int, text: str
) -> None:
    assert show(value, digits) == text
    assert show(2 / 3) == "0." + "6" * (DIGITS - 1) + "7"


def test_r2_divisions_without_a_rest_stay_whole() -> None:
    assert combine("/", 10**40, 10) == 10**39


@pytest.mark.parametrize(
    ("sign", "left", "right"), [("^", 9, 9**9), ("*", 10**2000, 10**2000), ("+", 1e308, 1e308)]
)
def test_r4_what_is_too_large_is_refused_before_it_hangs(
    sign: str, left: Number, right: Number
) -> None:
    with pytest.raises(CalcError, match="too large"):
        combine(sign, left, right)


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        *[("sqrt", [16], 4), ("cbrt", [27], 3), ("abs", [-3], 3), ("exp", [0], 1), ("ln", [1], 0)],
        *[("log", [1000], 3), ("log2", [8], 3), ("factorial", [5], 120), ("max", [1, 5, 3], 5)],
        *[
            ("floor", [-1.5], -2),
            ("ceil", [1.2], 2),
            ("round", [2.567, 2], 2.57),
            ("min", [2, 1], 1),
        ],
    ],
)
def test_r5_functions(name: str, arguments: list[Number], value: Number) -> None:
    assert call(name, arguments, "radians") == pytest.approx(value)


@pytest.mark.parametrize(("angles", "right_angle"), [("radians", math.pi / 2), ("degrees", 90)])
def test_r6_angles_are_radians_or_degrees(angles: str, right_angle: float) -> None:
    assert call("sin", [right_angle], angles) == 1
    assert call("cos", [right_angle], angles) == 0
    assert call("tan", [right_angle / 2], angles) == 1
    for name, value in ("asin", 1), ("acos", 0), ("atan", 1e300):
        assert call(name, [value], angles) == pytest.approx(right_angle)


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        *[("sqrt", [-1], r"sqrt\(-1\) is not"), ("ln", [0], "not defined"), ("sqrt", [], "1 arg")],
        *[
            ("round", [1, 2, 3], "1 to 2"),
            ("nothing", [1], "unknown function"),
            ("max", [1], "2 to"),
        ],
        *[("factorial", [2.5], "whole number"), ("round", [5, 10**9], "places")],
        ("tan", [math.pi / 2], "not defined"),
    ],
)
def test_r4_r5_undefined_calls_are_refused(name: str, arguments: list[Number], says: str) -> None:
    with pytest.raises(CalcError, match=says):
        call(name, arguments, "radians")


def test_r4_a_fractional_power_of_a_negative_number_is_refused() -> None:
    with pytest.raises(CalcError, match="fractional power"):
        combine("^", -8, 1 / 3)
