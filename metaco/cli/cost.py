"""`metaco cost`: what a run used."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import asdict

from metaco.cli import interrupt
from metaco.cli.console import amount, span
from metaco.cli.options import Add, workspace
from metaco.cli.runs import entries, sandbox_of, workspace_of
from metaco.cli.screen import add_row, clean, draw, err, out, table
from metaco.core.artifacts import UNCONFINED
from metaco.run.usage import Cost, Used

__all__ = ["cost", "options"]


def options(add: Add) -> None:
    """Declare the options."""
    add("run", nargs="?", default="last", metavar="RUN", help="the run (last)")
    add("--json", action="store_true", help="one JSON object")
    workspace(add)


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
            err(f"{clean(name)} did not report the tokens of {calls}: their worst case is booked.")
    return 0


def _row(used: Used) -> list[str]:
    counted = used.prompt or used.reply or used.dollars  # offline uses none, and shows none
    tokens = [f"{n:,}" if counted else "" for n in (used.prompt, used.cached, used.reply)]
    dollars = amount(used.dollars) if used.dollars or (counted and not used.unpriced) else ""
    if used.unpriced:
        dollars = f"{dollars} + {used.unpriced} unknown" if dollars else "unknown"
    return [f"{used.calls:,}", f"{used.failed:,}", *tokens, dollars, span(used.seconds)]
