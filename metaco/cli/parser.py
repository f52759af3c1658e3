"""Arguments, read with argparse: a mistake becomes one sentence and a remedy."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from metaco.cli.options import Add
from metaco.core.errors import MetacoError

__all__ = ["UsageError", "parse"]


class UsageError(MetacoError):
    """A command line that cannot be understood."""


class _Parser(argparse.ArgumentParser):
    """argparse, with errors of one sentence."""

    def error(self, message: str) -> NoReturn:
        message = re.sub(r"^argument ([^:]*): ", r"\1 ", message)
        message = message.replace("expected one argument", "needs a value")
        message = message.replace("expected 2 arguments", "needs two values")
        message = re.sub(r"(.*) invalid choice: (\S+) \(choose from (.*)\)", r"\1 is \2", message)
        message = message.replace("the following arguments are required: ", "missing: ")
        raise UsageError(_sentence(message), f"`{self.prog} --help` shows the usage.")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _Asked

    def print_help(self, file: Any = None) -> None:
        from metaco.cli.screen import out

        out(self.format_help(), end="")


class _Asked(Exception):
    """Help was asked for, and given."""


def parse(
    command: str, words: Sequence[str], about: str, options: Callable[[Add], None]
) -> argparse.Namespace | None:
    """Read the arguments of a command; None where help was asked for, which was printed then.

    Args:
        about: what the command is for, in a sentence.
        options: declares its options.

    Raises:
        UsageError: an unknown option, a missing or wrong value.
    """
    parser = _Parser(
        prog=f"metaco {command}",
        description=about,
        allow_abbrev=False,
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=32, width=100),
    )
    options(parser.add_argument)
    try:
        args, extra = parser.parse_known_intermixed_args(list(words))
    except _Asked:
        return None
    if extra:
        known = [name for name in parser._option_string_actions if name.startswith("--")]
        raise _unknown(command, extra[0], known)
    args.command = command
    return args


def _unknown(command: str, word: str, known: Sequence[str]) -> UsageError:
    if not word.startswith("-") or " " in word:
        return UsageError(f"Unexpected argument {word!r}.", f"See `metaco {command} --help`.")
    name = word.partition("=")[0]
    close = difflib.get_close_matches(name, known, 1, 0.7)
    hint = f"Did you mean {close[0]}?" if close else f"See `metaco {command} --help`."
    return UsageError(f"{command} has no option {name}.", hint)


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text[:1].isalpha() else f"{text}."
