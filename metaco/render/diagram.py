"""Mermaid diagrams made of typed parts: quadrant charts, class and sequence diagrams, flowcharts.

Models never write Mermaid here; they fill typed fields, and these functions emit a script that
Mermaid's own grammar accepts whatever the text holds. Each kind of diagram has its own traps:

* where entity codes work (``#35;``), every character outside a list of harmless ones becomes one;
* in the members and relations of class diagrams codes come out garbled, so the characters that
  mean something there are replaced by their full-width look-alikes;
* names never become ids (``end``, ``note``, ``style`` ... are reserved); ids are made up;
* Mermaid refuses more than 50,000 characters or 500 edges, so what does not fit is left out, and
  a comment at the end of the script counts it.

`metaco.render.picture` makes pictures of the scripts.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "Box",
    "Call",
    "ChartPoint",
    "Edge",
    "FlowNode",
    "Group",
    "Link",
    "class_diagram",
    "flowchart",
    "quadrant",
    "sequence",
]

_MOST_TEXT = 45_000  # Mermaid's own limit is 50,000 characters
_MOST_EDGES = 480  # and 500 edges


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A point of a quadrant chart; `x` and `y` from 0 to 1, `strong` draws it larger."""

    label: str
    x: float
    y: float
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A class: attributes as ``name: type``, methods as ``name(parameters) -> result``.

    Attributes:
        kind: what is written above the name, as ``module``; nothing for a plain class.
    """

    name: str
    attributes: Sequence[str] = ()
    methods: Sequence[str] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """How the box named `source` belongs to the box named `target`."""

    source: str
    target: str
    kind: Literal["inherits", "owns", "uses"]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a sequence; `returns` is what comes back, or nothing."""

    caller: str
    callee: str
    call: str
    returns: str = ""


@dataclass(frozen=True, slots=True)
class FlowNode:
    """A node of a flowchart; edges name it by `key`."""

    key: str
    label: str
    shape: Literal["box", "round", "diamond"] = "box"


@dataclass(frozen=True, slots=True)
class Group:
    """A frame around nodes and further groups; edges may name it by `key` too."""

    key: str
    label: str
    nodes: Sequence[FlowNode | Group]


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow from the node `source` to the node `target`, both given by key."""

    source: str
    target: str
    label: str = ""
    dotted: bool = False


def quadrant(
    title: str, x_axis: tuple[str, str], y_axis: tuple[str, str], points: Iterable[ChartPoint]
) -> str:
    """Return a quadrant chart; an axis is its (low, high) ends."""
    lines = [f"title {_coded(title, 80)}"]
    for name, (low, high) in (("x-axis", x_axis), ("y-axis", y_axis)):
        lines.append(f'{name} "{_coded(low, 30)}" --> "{_coded(high, 30)}"')
    for point in points:
        size = " radius: 7" if point.strong else ""
        label = _clean(point.label, 40)
        margin = min(max(0.03, 0.0075 * len(label)), 0.12)  # a label in the margin is cut
        position = f"[{_coordinate(point.x, margin)}, {_coordinate(point.y, 0.05)}]"
        lines.append(f'"{_coded(label, 40)}": {position}{size}')
    return _script("quadrantChart", lines)


def class_diagram(
    classes: Iterable[Box],
    relations: Iterable[Link] = (),
    *,
    direction: Literal["TB", "LR"] = "TB",
) -> str:
    """Return a class diagram; a relation may name a class that is not in `classes`.

    Boxes without relations stand side by side from top to bottom (``TB``), one below the other
    from left to right (``LR``).
    """
    ids: dict[str, str] = {}
    blocks = ["direction LR"] if direction == "LR" else []
    for box in classes:
        block = _declare(box.name, ids)
        members = [_attribute(text) for text in box.attributes]
        members += [_method(text) for text in box.methods]
        if box.kind:
            members.insert(0, f"<<{_member_text(box.kind, 30)}>>")
        if members:
            block += " {\n" + "".join(f"    {member}\n" for member in members) + "  }"
        blocks.append(block)
    arrows = {"inherits": "--|>", "owns": "*--", "uses": "..>"}
    for link in relations:
        blocks += [_declare(end, ids) for end in (link.source, link.target) if end not in ids]
        label = f" : {_label(link.label)}" if link.label.strip() else ""
        blocks.append(f"{ids[link.source]} {arrows[link.kind]} {ids[link.target]}{label}")
    return _script("classDiagram", blocks or ['class c_0["?"]'])


def sequence(steps: Iterable[Call]) -> str:
    """Return a sequence diagram.

    The steps are given in the order of the calls, each with what it returns. A call that is
    followed by calls of its callee returns after them. A step back to the first caller, or
    one without result back to the caller, is an answer and no call.
    """
    ids: dict[str, str] = {}
    blocks: list[str] = []
    lines: list[str] = []
    running: list[Call] = []

    def finish() -> None:
        call = running.pop()
        caller, callee = ids[call.caller], ids[call.callee]
        if _says(call.returns):
            lines.append(f"{callee}-->>-{caller}: {_coded(call.returns, 80)}")
        else:
            lines.append(f"deactivate {callee}")

    for step in steps:
        for name in (step.caller, step.callee):
            if name not in ids:
                ids[name] = f"P{len(ids)}"
                blocks.append(f"participant {ids[name]} as {_coded(name, 40)}")
        while running and running[-1].callee != step.caller:
            finish()
        caller, callee = ids[step.caller], ids[step.callee]
        callers = [running[0].caller] if running else []
        if running and not step.returns.strip():
            callers.append(running[-1].caller)
        if step.callee in callers:
            answers = [step.call, step.returns] if _says(step.returns) else [step.call]
            lines += [f"{caller}-->>{callee}: {_coded(answer, 80)}" for answer in answers]
        elif caller == callee:
            lines.append(f"{caller}->>{caller}: {_coded(step.call, 80)}")
        else:
            lines.append(f"{caller}->>+{callee}: {_coded(step.call, 80)}")
            running.append(step)
    while running:
        finish()
    return _script("sequenceDiagram", blocks + lines)


def _says(result: str) -> bool:
    return result.strip() not in ("", "None")


def flowchart(
    nodes: Iterable[FlowNode | Group],
    edges: Iterable[Edge] = (),
    *,
    direction: Literal["TD", "LR"] = "TD",
) -> str:
    """Return a flowchart from top to bottom (``TD``) or left to right (``LR``)."""
    ids: dict[str, str] = {}
    number = itertools.count()
    blocks = ["\n".join(_nodes(node, ids, number, 1)).strip() for node in nodes]
    arrows = []
    for edge in edges:
        for key in (edge.source, edge.target):
            if key not in ids:
                blocks += [line.strip() for line in _nodes(FlowNode(key, key), ids, number, 1)]
        arrow = "-.->" if edge.dotted else "-->"
        if edge.label.strip():
            arrow += f'|"{_coded(edge.label, 60)}"|'
        arrows.append(f"{ids[edge.source]} {arrow} {ids[edge.target]}")
    return _script(f"flowchart {direction}", blocks, arrows)


def _nodes(
    node: FlowNode | Group, ids: dict[str, str], number: Iterator[int], depth: int
) -> Iterator[str]:
    indent = "  " * depth
    name = f"n{next(number)}"
    ids.setdefault(node.key, name)  # of two with one key, edges mean the first
    label = _coded(node.label, 80)
    if isinstance(node, FlowNode):
        left, right = {"box": ("[", "]"), "round": ("(", ")"), "diamond": ("{", "}")}[node.shape]
        yield f'{indent}{name}{left}"{label}"{right}'
    elif not node.nodes:  # Mermaid draws a frame around nothing as a node
        yield f'{indent}{name}["{label}"]'
    else:
        yield f'{indent}subgraph {name}["{label}"]'
        for inner in node.nodes:
            yield from _nodes(inner, ids, number, depth + 1)
        yield f"{indent}end"


def _script(head: str, blocks: Sequence[str], edges: Sequence[str] = ()) -> str:
    """Put the statements below `head` as far as Mermaid takes them."""
    lines, length = [head], 0
    for block in [*blocks, *edges[:_MOST_EDGES]]:
        if length + len(block) + 3 <= _MOST_TEXT:
            lines.append(f"  {block}")
            length += len(block) + 3
    left_out = len(blocks) + len(edges) - (len(lines) - 1)
    if left_out:
        lines.append(f"%% {left_out} more are left out")
    return "\n".join(lines) + "\n"


def _coordinate(value: float, margin: float) -> str:
    """Return `value` as the chart's grammar wants it: ``1.00`` would be an error."""
    return "0.50" if math.isnan(value) else f"{min(max(value, margin), 1 - margin):.2f}"


def _clean(text: str, most: int) -> str:
    """Return `text` in one line of at most `most` characters, without invisible controls."""
    text = "".join(
        " " if kind in ("Cc", "Zl", "Zp") else "\ufffd" if kind == "Cs" else char
        for char in text[: most * 20]
        if (kind := unicodedata.category(char)) != "Cf" or char == "\u200d"  # joins emoji
    )
    # Mermaid writes codes as ﬂ° and ¶ß in between; in the text they would become codes.
    text = " ".join(text.replace("ﬂ°", "fl°").replace("¶ß", "¶ ß").split())
    if len(text) > most:
        text = text[: most - 1].rstrip() + "…"
    return text or "?"


_HARMLESS = frozenset(" .,/()'!?=@^")
# Taken for Markdown by some versions, or, wherever it stands, for a statement.
_LIST = re.compile(r"\d*(?=[.)+-])")
_DIRECTION = re.compile(r"(?i)(?<=direction) (?=TB|TD|BT|LR|RL)")


def _coded(text: str, most: int) -> str:
    """Return `text` for places where entity codes work."""
    text = _clean(text, most)
    codes = {match.start() for match in _DIRECTION.finditer(text)}
    if marker := _LIST.match(text):
        codes.add(marker.end())
    coded = []
    for n, char in enumerate(text):
        inside = 0 < n < len(text) - 1 and (text[n - 1] + text[n + 1]).isalnum()
        harmless = char.isalnum() or char in _HARMLESS or ord(char) > 126
        if n not in codes and (harmless or (char in "_-+" and inside)):
            coded.append(char)
        else:
            coded.append(f"#{ord(char)};")
    return "".join(coded)


# What means something in a class diagram; the full-width forms stand 0xFEE0 higher.
_LOOKALIKES = {ord(char): chr(ord(char) + 0xFEE0) for char in "{}()<>;#%~$`\\^"}
_LOOKALIKES |= {ord('"'): "'", ord("*"): "∗"}


def _member_text(text: str, most: int) -> str:
    """Return `text` for the members and relations of a class diagram."""
    text = _clean(text, most).translate(_LOOKALIKES)
    text = _DIRECTION.sub("\u200b ", re.sub(r":(?=\S)", "：", text))  # fa:fa-car is an icon
    # Underscores around a word would make it bold.
    return re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)


def _label(text: str) -> str:
    """Return `text` for a relation, where colons and list markers matter as well."""
    text = _member_text(text, 60).replace(":", "：")
    marker = _LIST.match(text)
    end = marker.end() if marker else 0
    return text[:end] + chr(ord(text[end]) + 0xFEE0) + text[end + 1 :] if marker else text


def _visibility(name: str) -> str:
    return "-" if name.startswith("_") and not name.startswith("__") else "+"


def _attribute(text: str) -> str:
    return f"{_visibility(text.strip())}{_member_text(text, 80)}"


def _method(text: str) -> str:
    match = re.fullmatch(r"\s*([^()]*)\((.*)\)\s*(?:->\s*(.*))?", text, re.DOTALL)
    if not match:
        return _attribute(text)
    name, parameters, result = match.groups()
    parameters = _member_text(parameters, 90) if parameters.strip() else ""
    result = f" {_member_text(result, 50)}" if result and result.strip() else ""
    return f"{_visibility(name)}{_member_text(name, 50)}({parameters}){result}"


def _declare(name: str, ids: dict[str, str]) -> str:
    """Give the class `name` an id and return its declaration."""
    if name not in ids:
        simple = re.fullmatch(r"[A-Z][A-Za-z0-9]{1,40}", name)
        ids[name] = name if simple else f"c_{len(ids)}"
    return f"class {name}" if ids[name] == name else f'class {ids[name]}["{_coded(name, 60)}"]'
