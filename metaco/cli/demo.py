"""`metaco demo`: recorded replies played back, with the company and the tests really at work.

Each demo is a folder in ``metaco/demos``: a recording, of which the pages hold no prompts, and a
``project.yaml`` with the SOP, the requirement and a sentence about it.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from metaco.cli.options import Add, output, sandbox
from metaco.cli.parser import UsageError, parse
from metaco.cli.screen import add_row, draw, is_terminal, report, table

__all__ = ["Demo", "demo", "demo_of", "demos", "options"]

_DEMOS = Path(__file__).parent.parent / "demos"
_FIRST = "choir"
_PACE = 0.25  # seconds a reply takes before a person


@dataclass(frozen=True, slots=True)
class Demo:
    """One demo.

    Attributes:
        folder: its recording; the name of the folder is that of the demo.
        about: what there is to see, in a sentence.
        sop, requirement: what is run.
    """

    folder: Path
    about: str
    sop: str
    requirement: str


def options(add: Add) -> None:
    """Declare the options."""
    add("name", nargs="?", metavar="NAME", help=f"the demo ({_FIRST})")
    add("--list", action="store_true", help="list the demos")
    sandbox(add)
    output(add)


def demos() -> dict[str, Demo]:
    """Return the demos by name."""
    import yaml

    files = sorted(_DEMOS.glob("*/project.yaml"))
    return {
        file.parent.name: Demo(file.parent, **yaml.safe_load(file.read_text(encoding="utf-8")))
        for file in files
    }


def demo_of(models: Mapping[str, str]) -> str | None:
    """Return the recording of the demo that answers in a run of `models`, if it is one."""
    from metaco.models import RECORDING

    kind, _, name = next(iter(set(models.values())), "").partition(":")
    played = demos().get(name) if kind == RECORDING else None
    return str(played.folder) if played else None


def demo(args: Namespace) -> int:
    """Play a demo, or list them."""
    known = demos()
    if args.list:
        listed = table("demo", "about", whole=("demo",))
        for name, each in known.items():
            add_row(listed, name, each.about)
        draw(listed)
        return 0
    name = args.name or _FIRST
    if name not in known:
        from metaco.core.suggest import suggest

        raise UsageError(f"There is no demo {name!r}.", suggest(name, list(known), "There are"))
    chosen = known[name]
    if not args.json and not args.quiet:
        report(
            f"Replaying the demo {name!r}: its replies were recorded earlier, no model is called.",
            "The company, its checks and the tests run now.",
        )
    from metaco.cli import run

    words = [chosen.requirement, "--sop", chosen.sop, "--replay", str(chosen.folder)]
    watched = is_terminal(sys.stderr) and not args.quiet and not args.json
    given = {
        **vars(parse("run", words, "", run.options)),
        **vars(args),
        "pace": _PACE if watched else 0.0,
    }
    return run.run(Namespace(**given))
