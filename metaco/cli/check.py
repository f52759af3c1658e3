"""`metaco check`: looks at a project that is there already, by an SOP that starts from a folder.

No model is asked: where an action of your own SOP asks, `offline` answers. Nothing is written but
with ``--write``, and nothing is kept in a log.
"""

from __future__ import annotations

import json
import time
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaco.cli import interrupt
from metaco.cli.options import Add, reports, sandbox, verbose
from metaco.cli.outcome import exit_code, outcome_of
from metaco.cli.report import write_reports
from metaco.cli.screen import add_row, clean, draw, err, line, out, table
from metaco.cli.sop import load_sop
from metaco.core.artifacts import Artifacts
from metaco.core.directory import Folder
from metaco.core.errors import ConfigurationError
from metaco.core.paths import safe_path
from metaco.models import open_model
from metaco.run.environment import Environment
from metaco.run.log import Log
from metaco.run.result import Result
from metaco.settings import Settings
from metaco.sop.procedure import SOP

if TYPE_CHECKING:
    from metaco.sandbox import Sandbox

__all__ = ["check", "options"]


def options(add: Add) -> None:
    """Declare the options."""
    add("project", nargs="?", default=".", metavar="PROJECT", help="its folder (here)")
    add("--sop", metavar="NAME|PATH", help="a procedure that starts from a Folder (check)")
    add(
        "--write",
        action="store_true",
        help="rewrite docs/ from its JSON and the current test results",
    )
    sandbox(add)
    add("--json", action="store_true", help="one JSON object")
    reports(add)
    verbose(add)


def check(args: Namespace) -> int:
    """Look whether a project still holds what its documents promise."""
    where = args.sop or "check"
    sop = load_sop(where, named=True)
    if sop.input is not Folder:
        raise ConfigurationError(
            f"{sop.name} starts from {sop.input.__name__}, not from a folder.",
            "Name an SOP with `input: Folder`.",
        )
    folder = Folder.read(args.project)
    result = interrupt.run(_work(sop, folder, args))
    outcome = outcome_of(result)
    outcome["checks"] = _checks(result)
    written = _write(Path(args.project), result) if args.write else []
    write_reports(args, outcome, result)
    if args.json:
        out(json.dumps(outcome, ensure_ascii=False))
    else:
        _print_outcome(outcome, written)
    return exit_code(result)


async def _work(sop: SOP, folder: Folder, args: Namespace) -> Result:
    """Let the SOP run on `folder`, with a log that is kept in memory only."""
    from metaco.sandbox import open_sandbox

    settings = Settings.load({"sandbox": args.sandbox})
    began = time.monotonic()

    async def sandbox() -> Sandbox:
        return await open_sandbox(settings.sandbox)  # type: ignore[arg-type]

    if settings.sandbox == "require":
        await sandbox()
    offline = open_model("offline")
    environment = Environment(sop, Log(), "check", models=lambda role: offline, sandbox=sandbox)
    await environment.put(folder)
    status = await environment.run()
    return Result.of(
        environment.state,
        status,
        environment.cost,
        project=Path(args.project),
        seconds=time.monotonic() - began,
        problem=str(environment.limit or ""),
        warnings=environment.warnings,
        sandbox=settings.sandbox,
    )


def _checks(result: Result) -> list[dict[str, Any]]:
    """Return what was looked at: the field ``checks`` of the document the SOP is for."""
    checks = getattr(result.output, "checks", None)
    fields = result.output.model_dump(mode="json") if result.output and checks else {}
    return [item for item in fields.get("checks", []) if isinstance(item, dict)]


def _write(root: Path, result: Result) -> list[str]:
    """Write what the check found to be out of date, and return the paths."""
    written = []
    if not result.output:
        return []
    for path, text in sorted(Artifacts.of(result.output, result.sandbox == "off").files.items()):
        target = root / safe_path(path)
        if not target.parent.resolve().is_relative_to(root.resolve()) or target.is_symlink():
            err(f"warning: {path} leads out of the project through a link, and is not modified.")
            continue
        try:
            if target.is_file() and target.read_text("utf-8") == text:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"{target} cannot be written: {error}.", "Correct its permissions."
            ) from error
        written.append(path)
    return written


def _print_outcome(outcome: dict[str, Any], written: list[str]) -> None:
    """Print what was found for a person."""
    from rich.text import Text

    for failure in outcome["failures"]:
        out(f"✗ {line(failure['step'])}: {line(failure['problem'])} {line(failure['remedy'])}")
    made = table("", "check", "", whole=("", "check"))
    for each in outcome["checks"]:
        problems = each["problems"]
        about = each["about"]
        if problems:
            about = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        mark = Text("✗", "red") if problems else Text("✓", "green")
        if each.get("skipped"):
            mark, about = Text("-", "dim"), "nothing to check"
        add_row(made, mark, clean(each["name"]), line(about))
    if outcome["checks"]:
        draw(made)
    for each in outcome["checks"]:
        for n, problem in enumerate(each["problems"]):
            out(f"\n  {clean(each['name'])}" if not n else "", end="\n" if not n else "")
            out(f"  - {line(problem)}")
    for title, texts in (
        ("untested", outcome["untested"]),
        ("remarks", [*outcome["remarks"], *outcome["warnings"]]),
    ):
        if texts:
            out("\n  " + "\n  - ".join([title, *map(line, texts)]))
    if written:
        out(f"\nWritten: {', '.join(map(clean, written))}")
