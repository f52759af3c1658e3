"""`metaco record`: the log of a run as a recording, to be replayed without a model."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from metaco.cli import interrupt
from metaco.cli.options import Add, workspace
from metaco.cli.runs import entries
from metaco.cli.screen import err, out
from metaco.core.errors import ConfigurationError
from metaco.settings import Settings

__all__ = ["options", "record"]


def options(add: Add) -> None:
    """Declare the options."""
    add("run", nargs="?", default="last", metavar="RUN", help="the run (last)")
    add("--out", metavar="PATH", required=True, help="the folder, or the file NAME.md")
    workspace(add)


def record(args: Namespace) -> int:
    """Turn the log of a run into a recording."""
    from metaco.recording import Scrubber
    from metaco.recording import record as write

    settings = Settings.load({"workspace": args.workspace})
    known = interrupt.run(entries(settings.workspace, args.run))
    if not any(entry.kind == "reply" for entry in known):
        raise ConfigurationError(
            f"No model has replied in the run {known[0].run}, so there is nothing to record.",
            "Name another run; `metaco runs` lists them.",
        )
    made = write(known, args.out, Scrubber.of(Path(settings.workspace), settings))
    out(f"{made.path}")
    count = len(made.calls)
    err(f"{count} repl{'y' if count == 1 else 'ies'} of {known[0].run}; replay with --replay.")
    return 0
