"""Parts of an SOP: only what leads to some documents, or what is left when some are given.

Lines are cut at the top level; a `repeat` is one line and stays whole.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterable, Sequence

from metaco.core.document import Document, family, family_root
from metaco.core.errors import ConfigurationError
from metaco.sop.steps import Node, Repeat, Step, walk

__all__ = [
    "copy_node",
    "match_steps",
    "name_suffixes",
    "remaining_steps",
    "steps_leading_to",
]


def copy_node(node: Node) -> Node:
    """Return a line that can be placed among other siblings."""
    if isinstance(node, Repeat):
        made = copy.copy(node)
        made.steps = [copy_node(inner) for inner in node.steps]
        made.__post_init__()  # places them among one another
        return made
    return copy.copy(node)


def steps_leading_to(nodes: Sequence[Node], last: Collection[Step]) -> list[Node]:
    """Return the lines that hold the steps `last`, and all above that they build on."""
    needed: set[int] = set()
    for node in reversed(nodes):
        if node.index in needed or any(step in last for step in walk([node])):
            needed |= {node.index, *node.producers}
    return [node for node in nodes if node.index in needed]


def remaining_steps(
    nodes: Sequence[Node], given: Collection[str], wanted: Collection[str]
) -> list[Node]:
    """Return the lines that are left when documents of some families are given.

    A line that makes a given document out of others is left out, and so is what only such lines
    read. A repeat that starts from the given document, to improve it, stays.

    Args:
        given: families of documents that are there from the start.
        wanted: families that are wanted although no line reads them.

    Raises:
        ConfigurationError: a line would make given documents together with others.
    """
    left = []
    for node in nodes:
        made = node.families & set(given)
        if not made or made & {family(kind) for kind in node.reads}:
            left.append(node)
        elif more := sorted(node.families - made):
            raise ConfigurationError(
                f"{node.name} publishes {' and '.join(more)} together with "
                f"{', '.join(sorted(made))}.",
                f"Give {' and '.join(more)} too, or none of them.",
            )
    once = {node: _readers(node, nodes) for node in left}
    while idle := [
        node
        for node in left
        if once[node] and not _readers(node, left) and not node.families & set(wanted)
    ]:
        left = [node for node in left if node not in idle]
    return left


def match_steps(name: str, steps: Iterable[Step]) -> dict[Step, tuple[type[Document], ...]]:
    """Return the steps that `name` stands for, each with the documents it means.

    Args:
        name: a step (``architect.write_design``), an action (``write_design``), a kind of document
            or its family (``SystemDesign``), or the end of its name where no other ends so
            (``design``); capitals do not count.
        steps: those to choose from.
    """
    low, matches = name.lower(), {}
    steps = list(steps)
    kinds = {kind for step in steps for kind in step.outputs}
    kinds |= {family_root(kind) for kind in kinds}
    fits = [kind for kind in kinds if kind.__name__.lower() == low]
    if not fits:
        fits = [kind for kind in kinds if low in name_suffixes([kind])]
        if len({family(kind) for kind in fits}) > 1:
            fits = []
    for step in steps:
        if low in (step.name.lower(), step.action.lower()):
            matches[step] = step.outputs
        elif about := tuple(kind for kind in step.outputs if issubclass(kind, tuple(fits))):
            matches[step] = about
    return matches


def _readers(node: Node, nodes: Sequence[Node]) -> bool:
    """Return whether a line below reads what this one makes."""
    return any(
        node.families & {family(kind) for kind in other.reads}
        for other in nodes
        if other.index > node.index
    )


def name_suffixes(kinds: Iterable[type[Document]]) -> set[str]:
    """Return how the names of kinds can end: ``SystemDesign`` with ``design``."""
    suffixes = set()
    for kind in kinds:
        words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", kind.__name__)
        suffixes |= {"".join(words[n:]).lower() for n in range(1, len(words))}
    return suffixes
