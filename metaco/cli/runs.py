"""`metaco runs`: the runs of a workspace; and how a command finds the one it is about."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaco.cli import interrupt
from metaco.cli.options import Add, workspace
from metaco.cli.parser import UsageError
from metaco.cli.screen import add_row, clean, draw, err, line, out, sop_name, table
from metaco.core.conclusion import conclusion
from metaco.core.suggest import suggest
from metaco.run.entries import (
    Entry,
    ProjectNamed,
    RunEnded,
    RunStarted,
    SandboxDisabled,
    TurnCompleted,
)
from metaco.run.log import Log
from metaco.run.result import end_of
from metaco.settings import Settings

if TYPE_CHECKING:
    from rich.text import Text

__all__ = [
    "COLOURS",
    "entries",
    "list_runs",
    "log_exists",
    "open_log",
    "options",
    "run_named",
    "runs",
    "sandbox_of",
    "started_of",
    "status_of",
    "workspace_of",
]


def options(add: Add) -> None:
    """Declare the options."""
    add("--json", action="store_true", help="one JSON object per line")
    workspace(add)


FINISHED = ("done", "stopped")
COLOURS = {"done": "green", "failed": "red", "limit": "yellow", "waiting": "cyan"}


def runs(args: Namespace) -> int:
    """List the runs of the workspace."""
    workspace = workspace_of(args)
    if not log_exists(workspace):
        err(f"There are no runs in {workspace} yet.")
        return 0
    rows = interrupt.run(list_runs(workspace))
    if args.json:
        for each in rows:
            out(json.dumps(each, ensure_ascii=False))
        return 0
    made = table("run", "status", "sop", "project", "requirement", whole=("run", "status"))
    for each in rows:
        add_row(
            made,
            each["run"],
            _status(each).append(", sandbox off" if each["sandbox"] == "off" else "", "yellow"),
            sop_name(each["sop"]),
            clean(each["project"] or ""),
            line(each["requirement"]),
        )
    draw(made)
    return 0


async def list_runs(workspace: str) -> list[dict[str, Any]]:
    """Return what there is to say of each run of a workspace, the newest last."""
    log = open_log(workspace)
    rows = []
    for entry in await log.runs():
        started = started_of([entry])
        if started.parent:
            continue  # it is a part of another run
        end, project = await _end_of(log, entry.run), await log.last(entry.run, ProjectNamed)
        accepted, losses = None, False
        if end and end.status == "done":
            accepted = end.accepted and not (project and project.unwritten)
            losses = any(map(_has_losses, () if accepted else await log.read(entry.run)))
        switched = await log.last(entry.run, SandboxDisabled)
        rows.append(
            {
                "run": entry.run,
                "status": end.status if end else "unfinished",
                "conclusion": "" if accepted is None else conclusion(accepted, losses),
                "accepted": accepted,
                "sandbox": switched.sandbox if switched else started.sandbox,
                "began": entry.at,
                "sop": started.sop,
                "project": project.folder if project else None,
                "requirement": started.text,
            }
        )
    return rows


def _status(row: dict[str, Any]) -> Text:
    """Return the status of a run; where it is done and fell short of its aim, the conclusion."""
    from rich.text import Text

    if row["accepted"] is False:
        return Text(row["conclusion"].rstrip(".").lower(), "yellow")
    return Text(row["status"], COLOURS.get(row["status"], ""))


def _has_losses(entry: Entry) -> bool:
    fact = entry.fact
    bodies = [p.body for p in fact.publishes] if isinstance(fact, TurnCompleted) else []
    return any(fields.get("losses") for fields in bodies)


def workspace_of(args: Namespace) -> str:
    """Return the folder of the workspace, as the command line or the settings say."""
    return Settings.load({"workspace": args.workspace}).workspace


def log_exists(workspace: str) -> bool:
    """Return whether anything was ever run in `workspace`."""
    return (Path(workspace) / "metaco.db").is_file()


def open_log(workspace: str) -> Log:
    """Return the log of a workspace that has one.

    Raises:
        UsageError: it has none.
    """
    if not log_exists(workspace):
        raise UsageError(
            f"There are no runs in {workspace} yet.",
            'Start one with metaco "what to build", or name another folder with --workspace.',
        )
    return Log.open(Path(workspace) / "metaco.db")


async def run_named(log: Log, name: str) -> str:
    """Return the name of the run that `name` stands for.

    Args:
        name: a name, the beginning of one, ``last``, or ``unfinished`` for the newest that is.

    Raises:
        UsageError: there is no such run, or more than one.
    """
    started = {entry.run: started_of([entry]) for entry in await log.runs()}
    if name in started:
        return name
    runs = [run for run, each in started.items() if not each.parent]
    if name == "unfinished":
        for run in reversed(runs):
            if await status_of(log, run) not in FINISHED:
                return run
        raise UsageError(
            "All runs are finished.",
            "Add to one with `metaco resume RUN --change TEXT`, or start a new one.",
        )
    if name == "last" and runs:
        return runs[-1]
    fits = [run for run in runs if name and run.startswith(name)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        some = ", ".join(fits[-4:])
        raise UsageError(f"{len(fits)} runs begin with {name!r}: {some}.", "Give more of the name.")
    raise UsageError(f"There is no run {name!r}.", suggest(name, runs[-5:], "The newest are"))


async def status_of(log: Log, run: str) -> str:
    """Return the final status of a run, or ``unfinished`` where it went on since, or never did.

    That may mean that it is at work right now, or that its process died.
    """
    end = await _end_of(log, run)
    return end.status if end else "unfinished"


async def _end_of(log: Log, run: str) -> RunEnded | None:
    """Return how a run ended, if it did and did not go on since."""
    end = await log.last_entry(run, RunEnded.kind)
    return end_of([end, *await log.read(run, end.n)]) if end else None


def started_of(known: Sequence[Entry]) -> RunStarted:
    """Return what the first entry of a run says."""
    fact = known[0].fact
    assert isinstance(fact, RunStarted)
    return fact


def sandbox_of(known: Sequence[Entry]) -> str:
    """Return how the sandbox of a run was set: ``off`` if it was off at any time."""
    facts = [entry.fact for entry in known]
    return [f.sandbox for f in facts if isinstance(f, RunStarted | SandboxDisabled)][-1]


async def entries(workspace: str, name: str) -> list[Entry]:
    """Return the log of the run that `name` stands for."""
    log = open_log(workspace)
    return await log.read(await run_named(log, name))
