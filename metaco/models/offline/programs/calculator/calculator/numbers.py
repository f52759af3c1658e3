"""Numbers: operators and functions with their limits, and how results are written."""

import math
from collections.abc import Callable

DIGITS = 10
ANGLES = "radians"

Number = int | float

MAX_BITS = 10_000  # whole numbers up to about 3,000 digits are computed exactly
CONSTANTS: dict[str, Number] = {"pi": math.pi, "e": math.e, "tau": math.tau}


class CalcError(ValueError):
    """An expression that cannot be read or computed; the message says why."""


def _factorial(number: Number) -> int:
    if number != int(number) or not 0 <= number <= 1000:
        raise CalcError("factorial needs a whole number from 0 to 1000")
    return math.factorial(int(number))


def _round(number: Number, places: Number = 0) -> Number:
    if places != int(places) or not 0 <= places <= 15:
        raise CalcError("round needs 0 to 15 decimal places")
    return round(number, int(places)) if places else round(number)


def _tan(angle: Number) -> Number:
    if round(math.cos(angle), 15) == 0:
        raise ValueError("it goes to infinity")
    return round(math.tan(angle), 15)


# The functions by name, each with the fewest and the most arguments it takes.
FUNCTIONS: dict[str, tuple[Callable[..., Number], int, int]] = {
    "abs": (abs, 1, 1),
    "sqrt": (math.sqrt, 1, 1),
    "cbrt": (math.cbrt, 1, 1),
    "exp": (math.exp, 1, 1),
    "ln": (math.log, 1, 1),
    "log": (math.log10, 1, 1),
    "log2": (math.log2, 1, 1),
    "sin": (lambda angle: round(math.sin(angle), 15), 1, 1),  # sin(pi) is 0, not 1.2e-16
    "cos": (lambda angle: round(math.cos(angle), 15), 1, 1),
    "tan": (_tan, 1, 1),
    "asin": (math.asin, 1, 1),
    "acos": (math.acos, 1, 1),
    "atan": (math.atan, 1, 1),
    "round": (_round, 1, 2),
    "floor": (math.floor, 1, 1),
    "ceil": (math.ceil, 1, 1),
    "factorial": (_factorial, 1, 1),
    "min": (min, 2, 50),
    "max": (max, 2, 50),
}


def call(name: str, arguments: list[Number], angles: str) -> Number:
    """Return the value of a function; `angles` says whether angles are radians or degrees.

    Raises:
        CalcError: there is no such function, or it is not defined for these arguments.
    """
    if name not in FUNCTIONS:
        raise CalcError(f"unknown function {name!r}")
    function, fewest, most = FUNCTIONS[name]
    if not fewest <= len(arguments) <= most:
        takes = fewest if fewest == most else f"{fewest} to {most}"
        raise CalcError(f"{name} takes {takes} arguments, not {len(arguments)}")
    given = arguments
    if angles == "degrees" and name in ("sin", "cos", "tan"):
        given = [math.radians(angle) for angle in arguments]
    try:
        value = function(*given)
    except CalcError:
        raise
    except ValueError:
        raise CalcError(f"{name}({', '.join(map(show, arguments))}) is not defined") from None
    if angles == "degrees" and name in ("asin", "acos", "atan"):
        value = math.degrees(value)
    return checked(value)


def combine(sign: str, left: Number, right: Number) -> Number:
    """Return the value of an operator between two numbers.

    Raises:
        CalcError: the result is too large or not defined.
        ZeroDivisionError: it divides by zero.
    """
    match sign:
        case "+":
            return checked(left + right)
        case "-":
            return checked(left - right)
        case "*":
            return checked(left * right)
        case "/":
            exact = isinstance(left, int) and isinstance(right, int) and left % right == 0
            return left // right if exact else checked(left / right)
        case "//":
            return checked(left // right)
        case "%":
            return checked(left % right)
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * right > MAX_BITS:
        raise CalcError("the result is too large")  # before it is computed: 9^9^9 would take days
    value = left**right
    if isinstance(value, complex):
        raise CalcError("a fractional power of a negative number is not defined")
    return checked(value)


def checked(value: Number) -> Number:
    """Return a value that can be shown and computed with.

    Raises:
        CalcError: it is too large.
    """
    if value.bit_length() > MAX_BITS if isinstance(value, int) else not math.isfinite(value):
        raise CalcError("the result is too large")
    return value


def show(value: Number, digits: int = DIGITS) -> str:
    """Write a number: whole ones exactly, others with up to `digits` significant digits."""
    if isinstance(value, float) and value == int(value) and abs(value) < 10**digits:
        value = int(value)
    return str(value) if isinstance(value, int) else f"{value:.{digits}g}"
