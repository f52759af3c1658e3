"""The command line: a conversion as arguments, in a pipe or at a prompt."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from units.convert import DIGITS, answer
from units.table import TABLE


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Leave with exit code 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def build_parser() -> Parser:
    """Return the parser of all options with their defaults."""
    parser = Parser(
        prog="units",
        description="Convert units, as in: 26.2 mi to km, or 5 ft 11 in to cm. Without a target "
        "all units of the kind are shown, without arguments conversions are read line by line.",
        epilog='A value below zero goes behind "--", as in: -- -40 F to C',
    )
    add = parser.add_argument
    add("conversion", nargs="*", metavar="VALUE UNIT [to UNIT]")
    digits, says = range(1, 16), "significant digits of results (default: %(default)s)"
    add("--digits", type=int, choices=digits, metavar="1-15", default=DIGITS, help=says)
    add("--list", action="store_true", help="show all units by kind")
    return parser


def listing() -> str:
    """Return all units by kind, with symbol and names."""
    lines = []
    for kind, rows in TABLE.items():
        lines += [f"{kind}:", *(f"  {symbol:<8} {names}".rstrip() for symbol, _, names in rows)]
    return "\n".join(lines)


def read_lines(digits: int) -> int:
    """Answer standard input line by line; return 2 if there are mistakes in lines of a pipe."""
    person = bool(sys.stdin and sys.stdin.isatty())
    if person:
        print("Type a conversion, as 26.2 mi to km, or list or quit.")
    code, number = 0, 0
    while True:
        number += 1
        try:
            line = input("> " if person else "").strip()
            if line in ("quit", "exit"):
                return code
            if line:
                print(listing() if line == "list" else "\n".join(answer(line, digits)))
        except (EOFError, RuntimeError):  # RuntimeError: there is no standard input at all
            return code
        except ValueError as error:
            sys.stdout.flush()
            print(f"units: {'' if person else f'line {number}: '}{error}", file=sys.stderr)
            code = 0 if person else 2


def main(argv: Sequence[str] | None = None) -> int:
    """Convert what these arguments say; return 0, 2 for a mistake or 130 for Ctrl-C."""
    args = build_parser().parse_args(argv)
    code = 0
    try:
        if args.list:
            print(listing())
        elif args.conversion:
            print("\n".join(answer(" ".join(args.conversion), args.digits)))
        else:
            code = read_lines(args.digits)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the output has gone: nothing to say at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except ValueError as error:
        print(f"units: {error}", file=sys.stderr)
        return 2
    return code


if __name__ == "__main__":
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # odd bytes are no reason to crash
    sys.exit(main())
