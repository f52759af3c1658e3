"""What the log of a workspace tells: its runs, what they used, and their log itself."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from metaco.cli import interrupt
from metaco.cli.console import amount, span
from metaco.cli.find import entries, load_sop, log_exists, open_log, sandbox_of, status_of
from metaco.cli.outcome import UNMET
from metaco.cli.parser import UsageError
from metaco.cli.screen import add_row, clean, draw, err, line, out, sop_name, table
from metaco.core.artifacts import UNCONFINED
from metaco.core.errors import ConfigurationError
from metaco.run.cost import Cost, Used
from metaco.run.state import State
from metaco.settings import Settings
from metaco.sop.procedure import SOP

__all__ = ["cost", "export", "rebuild", "runs"]

COLOURS = {"done": "green", "failed": "red", "limit": "yellow", "waiting": "cyan"}


def runs(args: Namespace) -> int:
    """List the runs of the workspace."""
    workspace = workspace_of(args)
    if not log_exists(workspace):
        err(f"There are no runs in {workspace} yet.")
        return 0
    found = interrupt.run(_runs(workspace))
    if args.json:
        for each in found:
            out(json.dumps(each, ensure_ascii=False))
        return 0
    from rich.text import Text

    made = table("run", "status", "sop", "project", "requirement", whole=("run", "status"))
    for each in found:
        add_row(
            made,
            each["run"],
            Text(each["status"], COLOURS.get(each["status"], "")).append(
                ", sandbox off" if each["sandbox"] == "off" else "", "yellow"
            ),
            sop_name(each["sop"]),
            clean(each["project"] or ""),
            line(each["requirement"]),
        )
    draw(made)
    return 0


async def _runs(workspace: str) -> list[dict[str, Any]]:
    log = open_log(workspace)
    found = []
    for entry in await log.runs():
        project = await log.last(entry.run, "project")
        switched = await log.last(entry.run, "sandbox")
        found.append(
            {
                "run": entry.run,
                "status": await status_of(log, entry.run),
                "sandbox": "off" if switched else entry.body.get("sandbox", ""),
                "began": entry.at,
                "sop": entry.body["sop"],
                "project": project.body["folder"] if project else None,
                "requirement": entry.body["text"],
            }
        )
    return found


def cost(args: Namespace) -> int:
    """Show what a run used."""
    known = interrupt.run(entries(workspace_of(args), args.run))
    used, sandbox = Cost.of(known), sandbox_of(known)
    if args.json:
        facts = {"run": known[0].run, "sandbox": sandbox, **asdict(used)}
        out(json.dumps(facts, ensure_ascii=False))
        return 0
    if sandbox == "off":
        out(UNCONFINED)
    titles = ("calls", "failed", "prompt", "cached", "reply", "dollars", "seconds")
    made = table("", *titles, right=titles)
    groups = {"role": used.by_role, "step": used.by_step, "model": used.by_model}
    for title, group in groups.items():
        for name, each in sorted(group.items(), key=lambda pair: -pair[1].dollars):
            add_row(made, f"{title} {clean(name)}", *_row(each))
        made.add_section()
        add_row(made, "")
    add_row(made, "total", *_row(used.total), style="bold")
    draw(made)
    for name, each in used.by_model.items():
        if each.uncounted:
            calls = f"{each.uncounted} of {each.calls} replies"
            err(f"{clean(name)} did not count the tokens of {calls}: their worst case is booked.")
    return 0


def _row(used: Used) -> list[str]:
    tokens = [f"{n:,}" for n in (used.prompt, used.cached, used.reply)]
    dollars = amount(used.dollars) if used.dollars or not used.unpriced else ""
    if used.unpriced:
        dollars = f"{dollars} + {used.unpriced} unknown" if dollars else "unknown"
    return [f"{used.calls:,}", f"{used.failed:,}", *tokens, dollars, span(used.seconds)]


def rebuild(args: Namespace) -> int:
    """Write the project folder of a run again from its log."""
    workspace = workspace_of(args)
    return UNMET if interrupt.run(_rebuild(workspace, args.run)) else 0


async def _rebuild(root: str, wish: str) -> list[str]:
    """Write the folder, and return what is wrong with it."""
    from metaco.observers.workspace import rebuild as write

    known = await entries(root, wish)
    sop = sop_of(known[0].body)
    made = await write(Path(root), sop, open_log(root), known[0].run)
    for warning in [*([UNCONFINED] if made.state.sandbox == "off" else ()), *made.warnings]:
        err(f"Mind: {clean(warning)}")
    if made.folder:
        out(f"{made.folder}")
    else:
        err("This run has written no files, so that there is nothing to rebuild.")
    problems = made.lost()
    for problem in problems:
        err(clean(problem))
    return problems


def sop_of(begun: dict[str, Any]) -> SOP:
    """Return the SOP of a run, with the parts and the gates the run has."""
    return load_sop(begun["sop"], named=False).as_started(begun)


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


def workspace_of(args: Namespace) -> str:
    """Return the folder of the workspace, as the command line or the settings say."""
    return Settings.load({"workspace": args.workspace}).workspace
