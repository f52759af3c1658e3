"""`metaco export`: the log of a run as JSON lines, or reports of it."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from metaco.cli import interrupt
from metaco.cli.options import Add, reports, workspace
from metaco.cli.parser import UsageError
from metaco.cli.runs import (
    entries,
    workspace_of,
)
from metaco.cli.screen import err, out
from metaco.cli.sop import sop_of
from metaco.core.errors import ConfigurationError
from metaco.run.state import State

__all__ = ["export", "options"]


def options(add: Add) -> None:
    """Declare the options."""
    add("run", nargs="?", default="last", metavar="RUN", help="the run (last)")
    add("--out", metavar="FILE", help="write to a file (stdout)")
    reports(add)
    workspace(add)


def export(args: Namespace) -> int:
    """Write the log of a run as JSON lines, or reports of what came of it."""
    workspace = workspace_of(args)
    known = interrupt.run(entries(workspace, args.run))
    if args.junit or args.summary:
        from metaco.cli.outcome import outcome
        from metaco.cli.report import past, write_reports

        result = past(State(sop_of(known[0].body), known[0].run, known), known, workspace)
        write_reports(args, outcome(result), result)
        if args.out is None:
            return 0
    lines = (json.dumps(entry.dump(), ensure_ascii=False) for entry in known)
    if args.out is None or args.out == "-":
        for text in lines:
            out(text)
        return 0
    try:
        with Path(args.out).open("x", encoding="utf-8") as file:
            file.writelines(f"{text}\n" for text in lines)
    except FileExistsError as error:
        raise UsageError(f"{args.out} exists already.", "Name another file.") from error
    except OSError as error:
        raise ConfigurationError(
            f"{args.out} cannot be written: {(error.strerror or str(error)).lower()}.",
            "Name a file in a folder that can be written.",
        ) from error
    err(f"{len(known)} entries are in {args.out}.")
    return 0
