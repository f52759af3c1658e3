"""`metaco export`: the log of a run as JSON lines, or reports of it."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Literal

from metaco.cli import interrupt
from metaco.cli.exit_codes import UNMET
from metaco.cli.options import Add, reports, workspace
from metaco.cli.parser import UsageError
from metaco.cli.runs import (
    entries,
    started_of,
    workspace_of,
)
from metaco.cli.screen import err, out, report
from metaco.cli.sop import sop_of
from metaco.core.errors import ConfigurationError
from metaco.run.codec import dump
from metaco.run.state import State

__all__ = ["export", "options"]


def options(add: Add) -> None:
    """Declare the options."""
    add("run", nargs="?", default="last", metavar="RUN", help="the run (last)")
    add("--out", metavar="FILE", help="write to a file (stdout)")
    add("--pictures", metavar="DIR", help="draw the diagrams of its documents as SVG into a folder")
    add("--mermaid", metavar="URL", help="have this server draw them; it receives their text")
    reports(add)
    workspace(add)


def export(args: Namespace) -> int:
    """Write the log of a run as JSON lines, reports of its result, or its diagrams."""
    workspace = workspace_of(args)
    known = interrupt.run(entries(workspace, args.run))
    if args.junit or args.summary or args.pictures:
        from metaco.cli.outcome import outcome_of
        from metaco.cli.report import diagrams, write_reports
        from metaco.run.result import Result

        result = Result.of_log(
            State(sop_of(started_of(known)), known[0].run, known), known, workspace
        )
        write_reports(args, outcome_of(result), result)
        code = 0
        if args.pictures:
            drawn = interrupt.run(_draw(diagrams(result), Path(args.pictures), args.mermaid or ""))
            code = 0 if drawn else UNMET
        if args.out is None:
            return code
    lines = [f"{json.dumps(dump(entry), ensure_ascii=False)}\n" for entry in known]
    if args.out is None or args.out == "-":
        out("".join(lines), end="")
        return 0
    try:
        _write(Path(args.out), "".join(lines).encode(), "xb")
    except FileExistsError as error:
        raise UsageError(f"{args.out} exists already.", "Name another file.") from error
    err(f"{len(known)} entries are in {args.out}.")
    return 0


async def _draw(scripts: dict[str, str], folder: Path, server: str) -> bool:
    """Draw diagrams into a folder, and return whether all of them could be drawn.

    Raises:
        ConfigurationError: nothing can draw here, or the folder cannot be written.
    """
    from metaco.render.picture import DiagramError, render

    all_drawn = True
    for path, script in scripts.items():
        target = folder / Path(path).with_suffix(".svg").name
        try:
            image = await render(script, title=target.stem, server=server)
        except DiagramError as error:
            report(error.problem, error.remedy)
            all_drawn = False
            continue
        _write(target, image, "wb")
        out(f"{target}")
    if not scripts:
        err("The documents of this run contain no diagrams.")
    return all_drawn


def _write(path: Path, content: bytes, mode: Literal["xb", "wb"]) -> None:
    try:
        if mode == "wb":
            path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode) as file:
            file.write(content)
    except OSError as error:
        if mode == "xb" and isinstance(error, FileExistsError):
            raise
        raise ConfigurationError(
            f"{path} cannot be written: {(error.strerror or str(error)).lower()}.",
            "Name a path that can be written.",
        ) from error
