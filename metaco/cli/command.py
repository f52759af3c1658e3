"""Dispatches the command, and turns errors into a message and an exit code."""

from __future__ import annotations

import difflib
import importlib
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

from metaco.cli.exit_codes import CONFIGURATION, INTERNAL, INTERRUPTED, LIMIT, MODEL, USAGE
from metaco.cli.parser import UsageError, parse
from metaco.cli.screen import clean, err, flush, out, report
from metaco.core.errors import ConfigurationError, LimitReached, MetacoError, ModelError

__all__ = ["COMMANDS", "execute"]

COMMANDS = {
    "run": "Turn a requirement into a tested project.",
    "demo": "Watch recorded replies become a tested project: no key, no network, no cost.",
    "resume": "Continue a run: after Ctrl-C, a limit, a failure, at a gate, or with a change.",
    "runs": "List the runs of the workspace, the newest last.",
    "show": "Show a run: its steps, documents, failures, and what waits for you.",
    "cost": "Show what a run used: calls, tokens, money and time, by role, step and model.",
    "rebuild": "Rewrite the project folder of a run from its log.",
    "check": "Verify that a project still matches its documents; no model is called.",
    "export": "Write the log of a run as JSON lines, reports of it, or its diagrams.",
    "record": "Turn the log of a run into a recording, for --replay: a folder, or a file NAME.md.",
    "sop": "List procedures, show one with its types and its graph, or check one of your own.",
    "role": "List roles, or show one with its actions and documents.",
    "new": "Create a working role, procedure or tool, with a test.",
    "models": "List the providers of models: keys, status, features.",
    "trust": "Let files of a folder decide where prompts and keys go, and which code is run.",
    "mcp": "Serve runs to MCP clients, over stdin and stdout.",
    "tools": "List what a model may call: built-in tools, and those of configured MCP servers.",
    "doctor": "Show the configuration and what works here, and how to fix the rest.",
    "docs": "Show the documentation: a page, or the list of all pages.",
}
"""What can be asked for: the name of a module beside this one, and what it is for."""


def execute(words: Sequence[str]) -> int:
    """Run the command that `words` name, and return its exit code."""
    verbose = any(re.fullmatch(r"-v+|--verbose", word) for word in words)
    json, args = "--json" in words, None
    try:
        name, rest = _command(words)
        command = importlib.import_module(f"metaco.cli.{name}")
        args = parse(name, rest, COMMANDS[name], command.options)
        if args is None:  # it was asked for help
            return 0
        with _shown(getattr(args, "verbose", 0)):
            return int(getattr(command, name)(args))
    except MetacoError as error:
        code = code_of(error)
        problem, remedy = _redacted(error)
        report(problem, remedy)
        _write_outcome(args, json, code, problem, remedy)
        return code
    except KeyboardInterrupt as error:
        err("Interrupted.")
        code = int(getattr(error, "code", INTERRUPTED))
        _write_outcome(args, json, code, "It was interrupted.", "Start it again.", "interrupted")
        return code
    except Exception as error:  # noqa: BLE001  the last resort: kept in a file, and said
        problem, remedy = internal(error, verbose)
        report(problem, remedy)
        _write_outcome(args, json, INTERNAL, problem, remedy)
        return INTERNAL
    finally:
        flush()


def code_of(error: MetacoError) -> int:
    """Return the exit code for an error of metaco's own."""
    if isinstance(error, UsageError):
        return USAGE
    if isinstance(error, LimitReached):
        return LIMIT
    return MODEL if isinstance(error, ModelError) else CONFIGURATION


def _redacted(error: MetacoError) -> tuple[str, str]:
    """Return the problem and the remedy, without the keys a library may have put into them."""
    from metaco.core.redaction import redact

    return redact(error.problem), redact(error.remedy)


def _write_outcome(
    args: Any, json: bool, code: int, problem: str, remedy: str, status: str = "error"
) -> None:
    """Write the error for programs, instead of the result."""
    if not json and not getattr(args, "junit", None) and not getattr(args, "summary", None):
        return
    from json import dumps

    from metaco.cli.outcome import empty_outcome
    from metaco.cli.report import write_reports

    outcome = empty_outcome(status, code, problem=problem, remedy=remedy)
    with suppress(ConfigurationError):  # which may be what is said here
        write_reports(args, outcome)
    if json:
        out(dumps(outcome, ensure_ascii=False))


def internal(error: BaseException, verbose: bool) -> tuple[str, str]:
    """Return the message for an unexpected error, and save its traceback."""
    import tempfile
    import traceback

    from metaco.core.redaction import redact

    text = redact("".join(traceback.format_exception(error)))
    kind = redact(f"{type(error).__name__}: {error}".rstrip(": "))
    if verbose:
        err(text)
        return f"This is an error in metaco: {kind}", "Please report it with the text above."
    with tempfile.NamedTemporaryFile(
        "w", prefix="metaco-error-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
    ) as file:
        file.write(text)
    return (
        f"This is an error in metaco: {kind}",
        f"Please report it with {file.name}, or try again with -v to see more.",
    )


def _shown(times: int) -> AbstractContextManager[None]:
    """Show on stderr what the logger says while this lasts; ``-v`` is one time."""
    if not times:
        return nullcontext()
    from metaco.observers.logging import shown

    return shown(lambda text: err(clean(text)), all=times > 1)


def _command(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return the command and its arguments; what names no command is a requirement.

    Raises:
        UsageError: the first word looks like a command with a mistake in it.
    """
    first, rest = words[0], list(words[1:])
    if first in COMMANDS:
        return first, rest
    if first == "help":
        name = rest[0] if rest else ""
        if name in COMMANDS:
            return name, ["--help"]
        raise UsageError(f"There is no command {name!r}.", "`metaco --help` lists the commands.")
    if not first.startswith("-") and len(first.split()) == 1:
        # A word alone may be the requirement; one before others is rather a command.
        close = difflib.get_close_matches(first.lower(), COMMANDS, 1, 0.66 if rest else 0.75)
        if close:
            raise UsageError(
                f"There is no command {first!r}.",
                f"Did you mean `metaco {close[0]}`? A requirement of that word: "
                f"metaco run {first!r}.",
            )
    return "run", list(words)
