"""The options of every command, read with argparse; mistakes become one sentence and a remedy."""

from __future__ import annotations

import argparse
import difflib
import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from metaco.core.errors import MetacoError

__all__ = ["COMMANDS", "UsageError", "parse"]


class UsageError(MetacoError):
    """A command line that cannot be understood."""


class _Parser(argparse.ArgumentParser):
    """argparse, which says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        message = re.sub(r"^argument ([^:]*): ", r"\1 ", message)
        message = message.replace("expected one argument", "needs a value")
        message = message.replace("expected 2 arguments", "needs two values")
        message = re.sub(r"(.*) invalid choice: (\S+) \(choose from (.*)\)", r"\1 is \2", message)
        message = message.replace("the following arguments are required: ", "This is missing: ")
        raise UsageError(_sentence(message), f"`{self.prog} --help` shows how it is used.")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _Asked

    def print_help(self, file: Any = None) -> None:
        from metaco.cli.screen import out

        out(self.format_help(), end="")


class _Asked(Exception):
    """Help was asked for, and given."""


def parse(command: str, words: Sequence[str]) -> argparse.Namespace | None:
    """Read the arguments of a command; None where help was asked for, which was printed then.

    Raises:
        UsageError: an unknown option, a missing or wrong value.
    """
    parser = _Parser(
        prog=f"metaco {command}",
        description=COMMANDS[command].__doc__,
        allow_abbrev=False,
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=32, width=100),
    )
    COMMANDS[command](parser.add_argument)
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
        return UsageError(f"{word!r} is too much here.", f"See `metaco {command} --help`.")
    name = word.partition("=")[0]
    close = difflib.get_close_matches(name, known, 1, 0.7)
    hint = f"Did you mean {close[0]}?" if close else f"See `metaco {command} --help`."
    return UsageError(f"{command} has no option {name}.", hint)


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text[:1].isalpha() else f"{text}."


# ---------------------------------------------------------------------- values


def _whole(text: str) -> int:
    try:
        number = int(text.replace("_", "").replace(",", ""))
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"is {text!r}; it takes a whole number above 0")
    return number


def _amount(text: str) -> float:
    try:
        number = float(text.removeprefix("$"))
    except ValueError:
        number = 0.0
    if not (number > 0 and math.isfinite(number)):
        raise argparse.ArgumentTypeError(f"is {text!r}; it takes a number above 0")
    return number


def _pair(text: str) -> tuple[str, str]:
    role, sign, model = text.partition("=")
    if not (role and sign and model):
        raise argparse.ArgumentTypeError(
            f"is {text!r}; it takes ROLE=MODEL, as engineer=openai:gpt-5"
        )
    return role, model


# ---------------------------------------------------------------------- commands

_Add = Callable[..., Any]


def _verbose(add: _Add) -> None:
    add("-v", "--verbose", action="count", default=0, help="say more, also tracebacks; -vv: all")


def _workspace(add: _Add) -> None:
    add("--workspace", metavar="DIR", help="folder of the projects and the log")
    _verbose(add)


def _reports(add: _Add) -> None:
    """Files that say what came of a run, for machines that build and test."""
    add("--junit", metavar="FILE", help="write what the tests said as JUnit XML")
    add(
        "--summary",
        metavar="FILE",
        help="write a page in Markdown; auto adds to $GITHUB_STEP_SUMMARY where that is set",
    )


def _working(add: _Add) -> None:
    """Options that `run` and `resume` share."""
    add(
        "--model",
        metavar="MODEL",
        help="answers for all roles: offline, openai:gpt-5-mini, human, ...; "
        "A,B asks B where A fails",
    )
    add(
        "--role-model",
        metavar="ROLE=MODEL",
        type=_pair,
        action="append",
        default=[],
        help="the model of one role; may be repeated",
    )
    add("--budget", metavar="DOLLARS", type=_amount, help="the most the run may cost")
    add("--tokens", metavar="N", type=_whole, help="the most tokens it may use")
    add("--calls", metavar="N", type=_whole, help="the most calls to models it may make")
    add("--minutes", metavar="N", type=_amount, help="the longest it may take")
    add("--yes", action="store_true", help="approve everything at gates")
    add("--parallel", metavar="N", type=_whole, help="calls to models in flight at once")
    add(
        "--sandbox",
        choices=("require", "auto", "off"),
        help="run generated code confined (auto; require: or start nothing), or unconfined (off)",
    )
    add("--record", metavar="PLACE", help="keep every reply, in a folder or a file NAME.md")
    add("--replay", metavar="PLACE", help="answer from a recording: no key, no network, no cost")
    add("--replay-or-call", metavar="PLACE", help="the same; ask models what it lacks, and keep it")
    add("--json", action="store_true", help="print JSON lines, and the result as the last one")
    add("-q", "--quiet", action="store_true", help="print nothing but the result")
    _reports(add)
    _workspace(add)


def _run(add: _Add) -> None:
    """Work on a requirement until there is a tested project."""
    add("requirement", nargs="*", metavar="REQUIREMENT", help="what to build, in your own words")
    add("-f", "--file", metavar="FILE", help="read the requirement from a file; - is stdin")
    add("--sop", metavar="NAME|PATH", help="the procedure (software_company)")
    add("--name", metavar="NAME", help="what to call the project")
    add("--only", metavar="NAMES", help="stop after these documents or steps, as prd,design")
    add(
        "--from",
        metavar="FILE",
        dest="from_",
        action="append",
        default=[],
        help="start from a document in JSON: docs/prd.json, x.prd.json, KIND=FILE; repeatable",
    )
    add("--gate", metavar="NAMES", help="ask me after these steps or documents; all, or none")
    _working(add)


def _resume(add: _Add) -> None:
    """Go on with a run: after Ctrl-C, a limit, a failure, at a gate, or with a change."""
    add("run", nargs="?", metavar="RUN", help="the run (the newest that is not finished)")
    add("--sop", metavar="PATH", help="where the procedure is now, if it was moved")
    add(
        "--approve",
        metavar="STEP",
        action="append",
        default=[],
        help="let pass what waits at a gate; may be repeated",
    )
    add(
        "--feedback",
        metavar=("STEP", "TEXT"),
        nargs=2,
        action="append",
        default=[],
        help="have it done again, with a word on what to change",
    )
    add(
        "--edit",
        metavar=("STEP", "FILE"),
        nargs=2,
        action="append",
        default=[],
        help="replace what waits by the document in a JSON file",
    )
    add("--stop", metavar="STEP", action="append", default=[], help="end the run there")
    add("--change", metavar="TEXT", help="add these words to the requirement")
    add("--requirement", metavar="TEXT", help="replace the requirement by these words")
    add("--wait", action="store_true", help="where another process works on it, wait until it ends")
    _working(add)


def _runs(add: _Add) -> None:
    """List the runs of the workspace, the newest last."""
    add("--json", action="store_true", help="one JSON object per line")
    _workspace(add)


def _show(add: _Add) -> None:
    """Show a run: its steps, documents, failures, and what waits for you."""
    add("run", nargs="?", default="last", metavar="RUN", help="the run (last)")
    add("--prompts", action="store_true", help="show what was asked of models, and the replies")
    add("--json", action="store_true", help="one JSON object")
    _workspace(add)


def _cost(add: _Add) -> None:
    """Show what a run used: calls, tokens, money and time, by role, step and model."""
    add("run", nargs="?", default="last", metavar="RUN", help="the run (last)")
    add("--json", action="store_true", help="one JSON object")
    _workspace(add)


def _rebuild(add: _Add) -> None:
    """Write the project folder of a run again from its log."""
    add("run", nargs="?", default="last", metavar="RUN", help="the run (last)")
    _workspace(add)


def _export(add: _Add) -> None:
    """Write the log of a run as JSON lines, one per entry."""
    add("run", nargs="?", default="last", metavar="RUN", help="the run (last)")
    add("--out", metavar="FILE", help="write to a file (stdout)")
    _reports(add)
    _workspace(add)


def _check(add: _Add) -> None:
    """Look whether a project still holds what its documents promise; no model is asked."""
    add("project", nargs="?", default=".", metavar="PROJECT", help="its folder (here)")
    add("--sop", metavar="NAME|PATH", help="a procedure that starts from a Folder (check)")
    add("--write", action="store_true", help="write docs/ again, by its JSON and today's tests")
    add(
        "--sandbox",
        choices=("require", "auto", "off"),
        help="run tests confined (auto; require: or start nothing), or unconfined (off)",
    )
    add("--json", action="store_true", help="one JSON object")
    _reports(add)
    _verbose(add)


def _record(add: _Add) -> None:
    """Turn the log of a run into a recording, for --replay: a folder, or a file NAME.md."""
    add("run", nargs="?", default="last", metavar="RUN", help="the run (last)")
    add("--out", metavar="PLACE", required=True, help="the folder, or the file NAME.md")
    _workspace(add)


def _sop(add: _Add) -> None:
    """List procedures, show one with its types and its graph, or check one of your own."""
    add("what", choices=("list", "show", "check"), metavar="list|show|check")
    add("name", nargs="?", metavar="NAME|PATH", help="a procedure")
    _verbose(add)


def _role(add: _Add) -> None:
    """List roles, or show one with its actions and documents."""
    add("what", choices=("list", "show"), metavar="list|show")
    add("name", nargs="?", metavar="NAME", help="a role, or module:Class")
    _verbose(add)


def _new(add: _Add) -> None:
    """Make a role or a procedure of your own that works at once, with a test."""
    add("what", choices=("role", "sop"), metavar="role|sop")
    add("name", metavar="NAME", help="its name, as security_auditor")
    add("--into", metavar="DIR", default=".", help="where to put it (here)")
    _verbose(add)


def _trust(add: _Add) -> None:
    """Let files of a folder decide where prompts and keys go, and what code an SOP imports."""
    add("paths", nargs="*", metavar="PATH", help="a folder, a file with settings or an SOP (here)")
    add("--yes", action="store_true", help="do not ask")
    add("--list", action="store_true", help="list what is trusted")
    add("--revoke", action="store_true", help="trust it no longer")
    add("-v", "--verbose", action="store_true", help="say more, also tracebacks")


def _doctor(add: _Add) -> None:
    """Look at what is configured and what works here, and say what to do about the rest."""
    add("--model", metavar="MODEL", help="try what this model can do, with a few tiny calls")
    _workspace(add)


def _models(add: _Add) -> None:
    """List the providers of models: which keys are set, who answers, what each can do."""
    add("--check", action="store_true", help="ask those with a key, too, not only local ones")
    add("--json", action="store_true", help="one JSON object per line")
    add("-v", "--verbose", action="store_true", help="say more, also tracebacks")


COMMANDS: dict[str, Callable[[_Add], None]] = {
    "run": _run,
    "resume": _resume,
    "runs": _runs,
    "show": _show,
    "cost": _cost,
    "rebuild": _rebuild,
    "export": _export,
    "record": _record,
    "check": _check,
    "sop": _sop,
    "role": _role,
    "new": _new,
    "models": _models,
    "trust": _trust,
    "doctor": _doctor,
}
