"""`metaco sop`: the procedures, what they do, and whether they can run."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from metaco.cli.code import Code
from metaco.cli.exit_codes import CONFIGURATION
from metaco.cli.options import Add, verbose
from metaco.cli.parser import UsageError
from metaco.cli.screen import add_row, clean, draw, err, line, out, report, table
from metaco.core.document import family
from metaco.core.errors import ConfigurationError, SOPError
from metaco.run.entries import RunStarted
from metaco.settings.trust import Claim
from metaco.sop.parser import imports
from metaco.sop.procedure import SOP, built_in
from metaco.sop.steps import Node, Repeat, Step

if TYPE_CHECKING:
    from metaco.render.diagram import FlowNode, Group

__all__ = ["claim_of", "flowchart", "load_sop", "options", "sop", "sop_of"]


def options(add: Add) -> None:
    """Declare the options."""
    add("what", choices=("list", "show", "check"), metavar="list|show|check")
    add("name", nargs="?", metavar="NAME|PATH", help="a procedure")
    verbose(add)


def sop(args: Namespace) -> int:
    """List, show or check procedures."""
    if args.what == "list":
        return _list_sops()
    if not args.name:
        raise UsageError(f"sop {args.what} needs a name.", "`metaco sop list` shows the names.")
    if args.what == "check":
        return _check(args.name)
    _show_sop(load_sop(args.name, named=False))
    return 0


def _list_sops() -> int:
    made, code = table("sop", "about", whole=("sop",)), 0
    for name in built_in():
        try:
            add_row(made, name, line(SOP.load(name).about))
        except SOPError as error:
            add_row(made, name, f"broken: {line(error)}")
            code = CONFIGURATION
    draw(made)
    return code


def _check(name: str) -> int:
    try:
        checked = load_sop(name, named=False)
    except SOPError as error:
        report(error.problem, error.remedy, "error: ")
        return CONFIGURATION
    for warning in checked.warnings:
        report(warning, mark="warning: ")
    counts = [_count(len(list(checked.steps())), "step")]
    if checked.warnings:
        counts.append(_count(len(checked.warnings), "warning"))
    out(f"{clean(name)} can run: {', '.join(counts)}.")
    return 0


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _show_sop(shown: SOP) -> None:
    from rich.text import Text

    draw(Text(shown.name, "bold").append(f"  {line(shown.about)}", "not bold"))
    limits = [f"${shown.limits.cost:.2f}" if shown.limits.cost is not None else ""]
    for name in ("tokens", "calls", "minutes"):
        if (value := getattr(shown.limits, name)) is not None:
            limits.append(f"{value:,} {name}")
    output = shown.output.__name__ if shown.output else "whatever comes last"
    bounds = ", ".join(filter(None, limits)) or "no limits"
    draw(Text(f"{shown.input.__name__} in, {output} out; at most {bounds}", "dim"), "")
    for text in _lines(shown.body.steps, 1):
        out(text)
    for warning in shown.warnings:
        report(warning, mark="warning: ")
    out("")
    out(flowchart(shown).rstrip())


def _lines(nodes: list[Node], depth: int) -> Iterator[str]:
    """Yield the lines of a procedure, with the types of what they read and publish."""
    indent = "  " * depth
    for node in nodes:
        if isinstance(node, Repeat):
            yield f"{indent}{_title(node)}"
            yield from _lines(node.steps, depth + 1)
        elif isinstance(node, Step):
            options = ["gate"] if node.gate else []
            options += [f"after {kind.__name__}" for kind in node.after]
            options += [f"{node.parallel} at once"] if node.parallel < 1_000_000 else []
            options += ["pure"] if node.pure else []
            options += (
                [f"runs at a limit, {node.on_limit:.0%} kept for it"] if node.on_limit else []
            )
            options += ["a run of its own"] if node.child else []
            options += [f"tried again {_count(node.retry, 'time')}"] if node.retry else []
            options += [f"waits for what {node.trigger} needs"] if node.needed else []
            options += [f"{name} {value}" for name, value in node.sampling.dump().items()]
            yield f"{indent}{node}{'   # ' + ', '.join(options) if options else ''}"


def _title(repeat: Repeat) -> str:
    """Return what ends a repeat, besides a round in which nothing is published."""
    until = f" until {repeat.until.__name__}" if repeat.until else ""
    settle = " or nothing changes" if repeat.settle else ""
    return f"repeat{until}{settle}, at most {_count(repeat.at_most, 'time')}"


def flowchart(shown: SOP) -> str:
    """Return a Mermaid flowchart of a procedure: who publishes what, and who reads it."""
    from metaco.render.diagram import Edge, FlowNode, Group, flowchart

    arrows: dict[tuple[str, str, bool], dict[str, None]] = {}  # with what they carry, in order

    def arrow(source: str, target: str, what: str, back: bool = False) -> None:
        arrows.setdefault((source, target, back), {}).setdefault(what)

    def boxes(block: Repeat, path: str, above: dict[str, list[str]]) -> list[FlowNode | Group]:
        """Draw the lines of a block; `above` says who published each family so far."""
        drawn: list[FlowNode | Group] = []
        for node in block.steps:
            key = f"{path}{node.index}"
            if isinstance(node, Repeat):
                drawn.append(Group(key, _title(node), boxes(node, f"{key}.", above)))
                continue
            assert isinstance(node, Step)
            drawn.append(FlowNode(key, node.name + (" (gate)" if node.gate else "")))
            for kind in node.reads:
                for source in above.get(family(kind), []):
                    arrow(source, key, kind.__name__)
            for kin in sorted(node.families):
                for first in block.steps[: node.index] if path else []:  # in the next round
                    for kind in first.reads:
                        if family(kind) == kin:
                            arrow(key, f"{path}{first.index}", kind.__name__, back=True)
                above.setdefault(kin, []).append(key)
        return drawn

    above = {family(shown.input): ["in"]}
    drawn = [FlowNode("in", shown.input.__name__, "round"), *boxes(shown.body, "", above)]
    if shown.output:
        drawn.append(FlowNode("out", shown.output.__name__, "round"))
        for source in above.get(family(shown.output), []):
            arrow(source, "out", "")
    edges = [
        Edge(source, target, ", ".join(what), dotted=back)
        for (source, target, back), what in arrows.items()
    ]
    return flowchart(drawn, edges)


def load_sop(where: str, *, named: bool) -> SOP:
    """Load an SOP. One that imports modules does so only where a person wants that.

    Args:
        where: its name or path.
        named: the person has just named it to be run, which is trust in it as it is.

    Raises:
        SOPError: there is no such SOP, or it cannot run.
        ConfigurationError: it imports modules, and is not trusted.
    """
    text, source = SOP.source(where)
    claim, code = claim_of(text, source)
    if claim:
        if not claim.is_trusted(os.environ):
            if not named:
                raise claim.refusal(os.environ)
            notice = f"{clean(source)}: {clean(' '.join(claim.says))}."
            err(f"metaco: {notice} By naming it you trust it, until this code changes.")
            with suppress(ConfigurationError):  # then it is named again, or trusted, next time
                claim.trust(os.environ)
        code.install()
    return SOP.parse(text, source)


def claim_of(text: str, source: str) -> tuple[Claim | None, Code]:
    """Return what an SOP wants that only a trusted one gets, to run code; and that code."""
    path, names = Path(source), imports(text, source)
    code = Code(names, [path.absolute().parent, Path.cwd()])
    if not names:
        return None, code
    data = text.encode()
    content = b"%d\0%s%s" % (len(data), data, code.content)
    says = f"it runs code of {', '.join(code.names)}"
    return Claim(path, content, (says,), tuple(f"running {name}" for name in names)), code


def sop_of(started: RunStarted) -> SOP:
    """Return the SOP of a run, with the parts and the gates the run has."""
    return load_sop(started.sop, named=False).as_started(started.parts, started.gates)
