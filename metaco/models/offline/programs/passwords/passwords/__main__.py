"""The command line."""

import argparse
import os
import sys
from collections.abc import Sequence

from passwords import generate, strength
from passwords.generate import PasswordError


def build_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog=__package__,
        description="Generate random passwords, or rate one.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    switch = argparse.BooleanOptionalAction
    add = parser.add_argument
    add("--length", type=int, default=generate.LENGTH, metavar="N", help="characters of each")
    add("--count", type=int, default=generate.COUNT, metavar="N", help="how many passwords")
    add("--upper", action=switch, default=generate.UPPER, help="with upper case letters")
    add("--digits", action=switch, default=generate.DIGITS, help="with digits")
    add("--symbols", action=switch, default=generate.SYMBOLS, help="with symbols")
    add("--readable", action=switch, default=generate.READABLE, help="nothing that looks alike")
    add("--check", metavar="PASSWORD", help="rate this password; - is standard input")
    return parser


def run(args: argparse.Namespace) -> int:
    """Print new passwords or a rating, and return the exit code."""
    if args.check is not None:
        return check(sys.stdin.readline().rstrip("\n") if args.check == "-" else args.check)
    if args.count < 1:
        raise PasswordError("the number of passwords must be at least 1")
    groups = generate.classes(args.upper, args.digits, args.symbols, args.readable)
    for _ in range(args.count):
        print(generate.password(args.length, groups))
    return 0


def check(password: str) -> int:
    """Print how strong a password is; return 1 if it should not be used."""
    rating = strength.rate(password)
    print(f"{rating.level} (about {rating.bits:.0f} bits)")
    for line in rating.advice:
        print(f"- {line}")
    return 1 if rating.weak else 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    args = build_parser().parse_args(argv)
    try:
        code = run(args)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader has gone; nothing may be flushed into the pipe at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except PasswordError as error:
        print(f"{__package__}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
