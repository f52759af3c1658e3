"""`metaco rebuild`: the project folder of a run, written again from its log."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from metaco.cli import interrupt
from metaco.cli.exit_codes import UNMET
from metaco.cli.options import Add, workspace
from metaco.cli.runs import entries, open_log, started_of, workspace_of
from metaco.cli.screen import clean, err, out
from metaco.cli.sop import sop_of
from metaco.core.artifacts import UNCONFINED

__all__ = ["options", "rebuild"]


def options(add: Add) -> None:
    """Declare the options."""
    add("run", nargs="?", default="last", metavar="RUN", help="the run (last)")
    workspace(add)


def rebuild(args: Namespace) -> int:
    """Write the project folder of a run again from its log."""
    workspace = workspace_of(args)
    return UNMET if interrupt.run(_rebuild(workspace, args.run)) else 0


async def _rebuild(root: str, name: str) -> tuple[str, ...]:
    """Write the folder, and return what is wrong with it."""
    from metaco.observers.workspace import rebuild as write

    known = await entries(root, name)
    sop = sop_of(started_of(known))
    made = await write(Path(root), sop, open_log(root), known[0].run)
    for warning in [*([UNCONFINED] if made.state.sandbox == "off" else ()), *made.warnings]:
        err(f"warning: {clean(warning)}")
    if made.folder:
        out(f"{made.folder}")
    else:
        err("This run has written no files, so there is nothing to rebuild.")
    for problem in made.state.unwritten:
        err(clean(problem))
    return made.state.unwritten
