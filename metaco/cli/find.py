"""Finds what a command line names: the workspace's log, a run in it, modules of one's own."""

from __future__ import annotations

import sys
from pathlib import Path

from metaco.cli.parser import UsageError
from metaco.log import Entry, Log
from metaco.step import suggest

__all__ = ["entries", "find", "log_exists", "open_log", "reachable", "status_of"]

FINISHED = ("done", "stopped")


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


async def find(log: Log, wish: str) -> str:
    """Return the name of the run that `wish` stands for.

    Args:
        wish: a name, the beginning of one, ``last``, or ``unfinished`` for the newest that is.

    Raises:
        UsageError: there is no such run, or more than one.
    """
    runs = [entry.run for entry in await log.runs()]
    if wish in runs:
        return wish
    if wish == "unfinished":
        for run in reversed(runs):
            if await status_of(log, run) not in FINISHED:
                return run
        raise UsageError(
            "All runs are finished.",
            "Add to one with `metaco resume RUN --change TEXT`, or start a new one.",
        )
    if wish == "last" and runs:
        return runs[-1]
    fits = [run for run in runs if wish and run.startswith(wish)]
    if len(fits) == 1:
        return fits[0]
    if fits:
        some = ", ".join(fits[-4:])
        raise UsageError(f"{len(fits)} runs begin with {wish!r}: {some}.", "Give more of the name.")
    raise UsageError(f"There is no run {wish!r}.", suggest(wish, runs[-5:], "The newest are"))


async def status_of(log: Log, run: str) -> str:
    """Return how a run came to rest last, or ``unfinished`` where it went on since, or never did.

    That may mean that it is at work right now, or that its process died.
    """
    end = await log.last(run, "end")
    if end is None:
        return "unfinished"
    later = await log.read(run, end.n)
    if any(entry.kind != "project" for entry in later):  # the workspace may be a little behind
        return "unfinished"
    return str(end.body["status"])


async def entries(workspace: str, wish: str) -> list[Entry]:
    """Return the log of the run that `wish` stands for."""
    log = open_log(workspace)
    return await log.read(await find(log, wish))


def reachable(sop: str | None) -> None:
    """Let modules be imported from the current folder and from beside an SOP of one's own.

    They come last, so that nothing there stands in for a module of Python's or metaco's.
    """
    folders = [Path.cwd()]
    if sop and Path(sop).is_file():
        folders.insert(0, Path(sop).absolute().parent)
    for folder in map(str, folders):
        if folder not in sys.path:
            sys.path.append(folder)
