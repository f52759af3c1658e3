"""The command line: expressions as arguments, in a pipe or at a prompt."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from calculator.expression import Calculator
from calculator.numbers import ANGLES, CONSTANTS, DIGITS, FUNCTIONS, CalcError, show

HELP = f"""Operators: + - * / // (whole division) % (remainder) ^ and parentheses
Functions: {", ".join(FUNCTIONS)}
Constants: {", ".join(CONSTANTS)}
name = expression keeps a variable, ans is the last result, history lists all, quit leaves."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Leave with exit code 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def build_parser() -> Parser:
    """Return the parser of all options with their defaults."""
    parser = Parser(
        prog="calculator",
        description="Compute expressions given as arguments, or line by line without any.",
        epilog='An expression that begins with "-" goes behind "--", as in: -- "-2 ^ 2"',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("expressions", nargs="*", metavar="EXPRESSION")
    digits = range(1, 16)
    parser.add_argument(
        "--digits", type=int, choices=digits, metavar="1-15", default=DIGITS, help="to be shown"
    )
    parser.add_argument(
        "--angles", choices=("radians", "degrees"), default=ANGLES, help="of sin, asin and so on"
    )
    return parser


def answer(calculator: Calculator, line: str, digits: int) -> str:
    """Return the answer to a line: a value, the history or help.

    Raises:
        CalcError: the line is wrong.
    """
    if line == "help":
        return HELP
    if line == "history":
        return "\n".join(f"{text} = {show(value, digits)}" for text, value in calculator.history)
    return show(calculator.compute(line), digits)


def read_lines(calculator: Calculator, digits: int) -> int:
    """Answer standard input line by line; return 2 if there are mistakes in lines of a pipe."""
    person = bool(sys.stdin and sys.stdin.isatty())
    if person:
        print("Type an expression, help or quit.")
    wrong = False
    while True:
        try:
            line = input("> " if person else "").strip()
            if line in ("quit", "exit"):
                break
            if line:
                print(answer(calculator, line, digits))
        except (EOFError, RuntimeError):  # RuntimeError: there is no standard input at all
            break
        except CalcError as error:
            sys.stdout.flush()
            print(f"calculator: {error}", file=sys.stderr)
            wrong = True
    return 2 if wrong and not person else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Compute what these arguments say; return 0, 2 for a mistake or 130 for Ctrl-C."""
    args = build_parser().parse_args(argv)
    calculator = Calculator(args.angles)
    code = 0
    try:
        for line in args.expressions:
            print(answer(calculator, line.strip(), args.digits))
        if not args.expressions:
            code = read_lines(calculator, args.digits)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the output has gone: nothing to say at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except CalcError as error:
        print(f"calculator: {error}", file=sys.stderr)
        return 2
    return code


if __name__ == "__main__":
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # odd bytes are no reason to crash
    sys.exit(main())
