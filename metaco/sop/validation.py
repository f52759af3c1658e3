"""What is wrong with an SOP, found before anything runs.

Errors stop the SOP from loading; warnings are returned and shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from metaco.core.document import Document, family, family_root, keyed
from metaco.core.errors import SOPError
from metaco.sop.steps import Node, Repeat, Step, repeats, walk

__all__ = ["check"]


def check(
    body: Repeat,
    inputs: Sequence[type[Document]],
    output: type[Document] | None,
    origin: str = "",
) -> list[str]:
    """Check the lines of an SOP and return the warnings.

    Args:
        body: the whole SOP as a block of one round.
        inputs, output: what a run starts from, and what it is for.
        origin: the file, for messages.

    Raises:
        SOPError: it cannot run: a document that nobody above publishes, one that stands below its
            reader, one that cannot be chosen, an identity that two turns would publish, an
            output that nothing makes.
    """
    warnings: list[str] = []
    _block(origin, body.steps, list(inputs), False, warnings)
    if output and not _meets(output, body.outputs):
        raise _error(
            origin, None, f"No step publishes the output {output.__name__}.", "Add the step."
        )
    wanted = {family(output)} if output else set(body.steps[-1].families)
    for line, node in enumerate(body.steps):
        # In a repeat, what stands above reads it in the next round.
        below = body.steps[line + isinstance(node, Step) :]
        read = {family(kind) for other in below for kind in (*other.reads, *_untils(other))}
        for step in walk([node]):
            if step.child:
                continue  # another SOP, which has readers of its own
            for name in sorted(step.families - read - wanted):
                above = [each.name for each in walk(body.steps) if name in map(family, each.reads)]
                earlier = f" {' and '.join(above)} above it reads an earlier version." * bool(above)
                warnings.append(
                    f"{_location(origin, step)}{step.name} publishes {name}, which no line below "
                    f"it reads.{earlier} Add a line that does, or name it as the output."
                )
    return warnings


def _untils(node: Node) -> list[type[Document]]:
    return [each.until for each in repeats([node]) if each.until]


def _block(
    origin: str,
    nodes: Sequence[Node],
    known: list[type[Document]],
    looped: bool,
    warnings: list[str],
) -> None:
    if looped:
        known = known + [kind for node in nodes for kind in node.outputs]
    for node in nodes:
        if isinstance(node, Step):
            if looped and node.on_limit:
                raise _error(
                    origin,
                    node,
                    f"{node.name} is in a repeat, where on_limit does nothing.",
                    "Put a line with on_limit below the repeat.",
                )
            _reads(origin, node, nodes, known, looped)
            _identities(origin, node)
        if isinstance(node, Repeat):
            if node.until and not _meets(node.until, node.outputs):
                raise _error(
                    origin,
                    node,
                    f"repeat until {node.until.__name__}: no step in it publishes that.",
                    "Name a document one of its steps publishes.",
                )
            _block(origin, node.steps, known, True, warnings)
            _unchecked_change(origin, node, warnings)
        known = known + list(node.outputs)


def _reads(
    origin: str, step: Step, nodes: Sequence[Node], known: list[type[Document]], looped: bool
) -> None:
    below = {
        name: node
        for node in reversed(nodes[step.index :])
        if isinstance(node, Step)
        for name in node.families
    }
    for kind in step.reads:
        if _meets(kind, known) or (step.needed and kind is step.needed.kind):
            continue
        if not looped and family(kind) in below:
            maker = below[family(kind)]
            who = "itself" if maker is step else maker.name
            raise _error(
                origin,
                step,
                f"{step.name} reads {kind.__name__}, which {who} publishes at or below this line.",
                "Move that step up, or put both into a `repeat`.",
            )
        raise _error(
            origin,
            step,
            f"{step.name} reads {kind.__name__}, which no step above it publishes.",
            "Add the step that publishes it above this line.",
        )
    for param in step.params[1:]:
        without_key = not (step.trigger and keyed(step.trigger.kind))
        if not param.many and keyed(param.kind) and without_key:
            raise _error(
                origin,
                step,
                f"{step.name} reads one {param.kind.__name__} as {param.name}, "
                "but there can be several.",
                f"Make it list[{param.kind.__name__}], or let the first parameter have a key.",
            )


def _identities(origin: str, step: Step) -> None:
    for kind in step.outputs:
        top = family_root(kind)
        if keyed(kind) != keyed(top):
            raise _error(
                origin,
                step,
                f"{kind.__name__} has a key and {top.__name__}, the root of its family, has none.",
                f"Define `key` in {top.__name__}.",
            )
        if keyed(kind):
            continue
        if step.lists:
            raise _error(
                origin,
                step,
                f"{step.name} returns a list of {kind.__name__}, which has no key: "
                "they would overwrite one another.",
                f"Give {kind.__name__} a `key`, or return one document.",
            )
        if step.trigger and keyed(step.trigger.kind):
            raise _error(
                origin,
                step,
                f"{step.name} runs once per {step.trigger.kind.__name__} and publishes "
                f"{kind.__name__}, which has no key: its documents would overwrite one another.",
                f"Give {kind.__name__} a `key`, or read list[{step.trigger.kind.__name__}].",
            )


def _unchecked_change(origin: str, block: Node, warnings: list[str]) -> None:
    """Warn of a repeat whose last change nobody looks at, as in [run_tests, fix_files]."""
    if not isinstance(block, Repeat) or not block.until:
        return
    judges = [n for n in block.steps if _meets(block.until, n.outputs)]
    if not judges:
        return
    judge = judges[-1]
    reads = {family(kind) for kind in judge.reads}
    for node in block.steps[judge.index + 1 :]:
        if isinstance(node, Step) and (changed := sorted(node.families & reads)):
            warnings.append(
                f"{_location(origin, node)}{node.name} changes {changed[0]} after {judge.name} has "
                f"checked it, so the last round leaves an unchecked change. "
                f"Put {judge.name} last in the repeat, and once above it."
            )


def _meets(kind: type[Document], kinds: Sequence[type[Document]]) -> bool:
    return any(issubclass(other, kind) or issubclass(kind, other) for other in kinds)


def _location(origin: str, node: Node) -> str:
    return f"{origin}:{node.line}: " if origin and node.line else ""


def _error(origin: str, node: Node | None, problem: str, remedy: str) -> SOPError:
    line = f":{node.line}" if node and node.line else ""
    return SOPError(problem, remedy, f"{origin}{line}" if origin else "")
