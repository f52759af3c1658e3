"""Reading expressions: precedence, names, mistakes."""

import pytest

from calculator.expression import Calculator
from calculator.numbers import CalcError, Number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("2 + 3 * 4", 14), ("(2 + 3) * 4", 20), ("2 ^ 3 ^ 2", 512), ("-2 ^ 2", -4), ("8/2/2", 2)],
        *[("2 ** -1", 0.5), ("10 - 2 - 3", 5), ("7 // 2 * 2", 6), ("--3", 3), ("2*-3", -6)],
        *[(".5 + 1.", 1.5), ("1e3", 1000), ("max(1, (2), 3) + abs(-1)", 4), ("pi", 3.14159)],
    ],
)
def test_r1_r5_the_usual_precedence(text: str, value: Number) -> None:
    assert Calculator().compute(text) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        *[
            ("2 + * 3", "unexpected '[*]' at position 5"),
            ("2 $ 3", "unexpected '[$]' at position 3"),
        ],
        *[("2 +", "ends too early"), ("", "ends too early"), ("(1 + 2", "'[)]' is missing")],
        *[("1 2", "unexpected '2' at position 3"), ("max(1 2)", "position 7"), (")", "position 1")],
        *[("1 / 0", "division by zero"), ("5 % 0", "division by zero"), ("0 ^ -1", "by zero")],
        *[("x", "unknown name 'x'"), ("exp(1000)", "too large"), ("1e999", "too large")],
        *[("(" * 500 + "1" + ")" * 500, "nested too deeply"), ("-" * 500 + "1", "too deeply")],
        *[
            ("9" * 2000, "too many digits"),
            ("__import__('os')", "unexpected"),
            ("ans", "unknown name"),
        ],
    ],
)
def test_r3_r4_mistakes_are_named(text: str, says: str) -> None:
    with pytest.raises(CalcError, match=says):
        Calculator().compute(text)


def test_r7_variables_and_the_last_result_are_kept() -> None:
    calculator = Calculator()
    assert calculator.compute("width = 5") == 5
    assert calculator.compute("width * 2") == 10
    assert calculator.compute("ans + 1") == 11
    assert calculator.history == [("width = 5", 5), ("width * 2", 10), ("ans + 1", 11)]


@pytest.mark.parametrize("text", ["pi = 3", "sin = 1", "ans = 1", "x = 1 +", "2 = x", "x = y = 2"])
def test_r4_r7_a_wrong_assignment_keeps_nothing(text: str) -> None:
    calculator = Calculator()
    with pytest.raises(CalcError):
        calculator.compute(text)
    assert calculator.variables == {} and calculator.history == []
