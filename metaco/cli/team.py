"""`metaco sop` and `metaco role`: who is on the team and by which procedures it works."""

from __future__ import annotations

import inspect
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaco.cli.code import Code
from metaco.cli.find import load_sop
from metaco.cli.parser import UsageError
from metaco.cli.screen import add_row, clean, draw, line, out, report, table
from metaco.core.document import Document, family
from metaco.core.errors import MetacoError, SOPError
from metaco.role import Role, actions
from metaco.sop.procedure import SOP, built_in
from metaco.sop.steps import Node, Repeat, Step, built_in_roles, resolve

if TYPE_CHECKING:
    from metaco.render.diagram import Group
    from metaco.render.diagram import Node as Box

__all__ = ["flowchart", "role", "sop"]

BROKEN = 3


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
            code = BROKEN
    draw(made)
    return code


def _check(name: str) -> int:
    try:
        checked = load_sop(name, named=False)
    except SOPError as error:
        report(error.problem, error.remedy, "error: ")
        return BROKEN
    for warning in checked.warnings:
        report(warning, mark="warning: ")
    steps = sum(1 for _ in checked.steps())
    warned = f", {len(checked.warnings)} warnings" if checked.warnings else ""
    out(f"{clean(name)} can run: {steps} steps{warned}.")
    return 0


def _show_sop(shown: SOP) -> None:
    from rich.text import Text

    draw(Text(shown.name, "bold").append(f"  {line(shown.about)}", "not bold"))
    limits = [f"${shown.limits.cost:.2f}" if shown.limits.cost is not None else ""]
    for name in ("tokens", "calls", "minutes"):
        if (value := getattr(shown.limits, name)) is not None:
            limits.append(f"{value:,} {name}")
    output = shown.output.__name__ if shown.output else "whatever comes last"
    said = ", ".join(filter(None, limits)) or "no limits"
    draw(Text(f"{shown.input.__name__} in, {output} out; at most {said}", "dim"), "")
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
            until = f" until {node.until.__name__}" if node.until else ""
            yield f"{indent}repeat{until}, at most {node.at_most} times"
            yield from _lines(node.steps, depth + 1)
        elif isinstance(node, Step):
            options = ["gate"] if node.gate else []
            options += [f"after {kind.__name__}" for kind in node.after]
            options += [f"{node.parallel} at once"] if node.parallel < 1_000_000 else []
            yield f"{indent}{node}{'   # ' + ', '.join(options) if options else ''}"


def flowchart(shown: SOP) -> str:
    """Return a Mermaid flowchart of a procedure: who publishes what, and who reads it."""
    from metaco.render.diagram import Edge, Group, flowchart
    from metaco.render.diagram import Node as Box

    arrows: dict[tuple[str, str, bool], dict[str, None]] = {}  # with what they carry, in order

    def arrow(source: str, target: str, what: str, back: bool = False) -> None:
        arrows.setdefault((source, target, back), {}).setdefault(what)

    def boxes(block: Repeat, path: str, above: dict[str, list[str]]) -> list[Box | Group]:
        """Draw the lines of a block; `above` says who published each family so far."""
        drawn: list[Box | Group] = []
        for node in block.steps:
            key = f"{path}{node.index}"
            if isinstance(node, Repeat):
                until = f" until {node.until.__name__}" if node.until else ""
                title = f"repeat{until}, at most {node.at_most} times"
                drawn.append(Group(key, title, boxes(node, f"{key}.", above)))
                continue
            assert isinstance(node, Step)
            drawn.append(Box(key, node.name + (" (gate)" if node.gate else "")))
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
    drawn = [Box("in", shown.input.__name__, "round"), *boxes(shown.body, "", above)]
    if shown.output:
        drawn.append(Box("out", shown.output.__name__, "round"))
        for source in above.get(family(shown.output), []):
            arrow(source, "out", "")
    edges = [
        Edge(source, target, ", ".join(what), dotted=back)
        for (source, target, back), what in arrows.items()
    ]
    return flowchart(drawn, edges)


def role(args: Namespace) -> int:
    """List roles, or show one."""
    if args.what == "list":
        return _list_roles()
    if not args.name:
        raise UsageError("role show needs a name.", "`metaco role list` shows the names.")
    if ":" in args.name:  # the person names what to import
        Code([args.name.partition(":")[0]], [Path.cwd()]).install()
    found, role_name = resolve(args.name)
    _show_role(found, role_name)
    return 0


def _list_roles() -> int:
    made, code = table("role", "about", "actions", whole=("role",)), 0
    for name in built_in_roles():
        try:
            found, _ = resolve(name)
        except (MetacoError, ImportError) as error:
            add_row(made, name, f"broken: {line(error)}", "")
            code = BROKEN
            continue
        add_row(made, name, _about(found), ", ".join(actions(found)))
    draw(made)
    return code


def _show_role(found: type[Role], role_name: str) -> None:
    from rich.text import Text

    draw(Text(role_name, "bold").append(f"  {_about(found)}", "not bold"))
    source = inspect.getsourcefile(found) or ""
    draw(Text(str(Path(source).parent), "dim"), "")
    kinds: dict[type[Document], None] = {}
    for name in actions(found):
        step = Step(found, name, role_name=role_name)
        out(f"  {step}")
        if text := inspect.getdoc(getattr(found, name)):
            draw(Text(f"      {line(text.partition(chr(10))[0])}", "dim"))
        kinds.update(dict.fromkeys(step.outputs))
    for kind in kinds:
        out("")
        draw(Text(f"  {kind.__name__}", "bold").append(f"  {_about(kind)}", "not bold"))
        for field, info in kind.model_fields.items():
            said = f"  {info.description}" if info.description else ""
            out(f"    {field}: {_type(info.annotation)}{clean(said)}")


def _about(thing: type[Any]) -> str:
    return line((inspect.getdoc(thing) or "").partition("\n")[0])


def _type(hint: Any) -> str:
    """Return a type as one writes it, without the modules."""
    import re

    text = hint.__name__ if isinstance(hint, type) and not hasattr(hint, "__args__") else str(hint)
    return re.sub(r"\b(?:\w+\.)+(\w+)", r"\1", text)
