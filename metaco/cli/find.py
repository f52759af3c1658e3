"""Finds what a command line names: the workspace's log, a run in it, modules of one's own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from metaco.cli.code import Code
from metaco.cli.parser import UsageError
from metaco.cli.screen import clean, err
from metaco.core.errors import ConfigurationError
from metaco.core.suggest import suggest
from metaco.run.log import Entry, Log
from metaco.sop.parser import imports
from metaco.sop.procedure import SOP
from metaco.trust import Claim

__all__ = [
    "claim_of",
    "entries",
    "find",
    "load_sop",
    "log_exists",
    "open_log",
    "sandbox_of",
    "status_of",
]

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


def sandbox_of(known: Sequence[Entry]) -> str:
    """Return how the sandbox of a run was set: ``off`` if it was off at any time."""
    return str([e.body.get("sandbox", "") for e in known if e.kind in ("run", "sandbox")][-1])


async def entries(workspace: str, wish: str) -> list[Entry]:
    """Return the log of the run that `wish` stands for."""
    log = open_log(workspace)
    return await log.read(await find(log, wish))


def load_sop(where: str, *, named: bool) -> SOP:
    """Load an SOP. One that imports modules does so only where a person wants that.

    Args:
        where: its name or path.
        named: the person said just now that it shall run, which is trust in it as it is.

    Raises:
        SOPError: there is no such SOP, or it cannot run.
        ConfigurationError: it imports modules, and is not trusted.
    """
    text, place = SOP.source(where)
    claim, code = claim_of(text, place)
    if claim:
        if not claim.is_trusted(os.environ):
            if not named:
                raise claim.refusal(os.environ)
            said = f"{clean(place)}: {clean(' '.join(claim.says))}."
            err(f"metaco: {said} Naming it trusts it from now on, until that changes.")
            with suppress(ConfigurationError):  # then it is named again, or trusted, next time
                claim.trust(os.environ)
        code.install()
    return SOP.parse(text, place)


def claim_of(text: str, place: str) -> tuple[Claim | None, Code]:
    """Return what an SOP wants that only a trusted one gets, to run code; and that code."""
    path, names = Path(place), imports(text, place)
    code = Code(names, [path.absolute().parent, Path.cwd()])
    if not names:
        return None, code
    said = text.encode()
    content = b"%d\0%s%s" % (len(said), said, code.content)
    says = f"it runs code of {', '.join(code.names)}"
    return Claim(path, content, (says,), tuple(f"to run {name}" for name in names)), code
