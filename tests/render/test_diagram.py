"""Diagrams: whatever the text, Mermaid accepts the script and shows the text."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable

import mermaidx
import pytest
import quickjs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mermaidx.engines._common import context_scripts

from metaco.render.diagram import (
    Box,
    Call,
    ChartPoint,
    Edge,
    FlowNode,
    Group,
    Link,
    class_diagram,
    flowchart,
    quadrant,
    sequence,
)

FRAGMENTS = [
    *["end", "}", "{", ";", '"', "'", "`", "```", "%%", "#", "#59;", "&lt;", "<br/>", "$$x$$"],
    *[
        "<script>alert(1)</script>",
        "%%{init: {'theme':'dark'}}%%",
        "中文",
        "😀",
        "👨‍👩‍👧",
        "\n",
        "\r\n",
    ],
    *["---", "___", "__init__", "*args", "dict[str, list[int]]", "->", "-->", ":", "::", ":::"],
    *["note", "style a:b#c;d", "class", "classDef", "click A href", "subgraph", "graph TD", "loop"],
    *["alt", "par", "opt", "activate", "o", "x", "()", "(", ")", "[", "]", "|", "~", "List~int~"],
    *["@{shape: x}", "\\", "\\n", "/", "1. a", "- b", "1.00", "title", "accTitle: x", "link"],
    *["direction LR", "namespace", "callback", "", " ", "\t", "\x00", "\ufeff", "\u202e", "\u2028"],
    *["participant", "actor", "box", "create", "destroy", "else", "wrap:", "<<interface>>"],
    *["ﬂ°°59¶ß", "x" * 300, "linkStyle", "default", "1", "quadrant-1", "fa:fa-car", "\ud800"],
]
hostile = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), max_size=4).map(" ".join),
    st.lists(st.sampled_from(FRAGMENTS), max_size=4).map("".join),
    st.text(max_size=30),
)
many = st.lists(hostile, min_size=2, max_size=8)
often = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


class Grammar:
    """Mermaid's own parser, which is a hundred times faster than a picture."""

    def __init__(self) -> None:
        self.script = quickjs.Context()
        self.script.set_max_stack_size(16 * 1024 * 1024)
        for name in ("__log", "__measureText", "__measureTextFull", "__measureGlyphs"):
            self.script.add_callable(name, lambda *args: None)
        self.script.add_callable("__measureForeignObject", lambda *args: None)
        for source in context_scripts():
            self.script.eval(source)

    def refuses(self, script: str) -> str:
        """Return what Mermaid says against `script`, or nothing."""
        self.script.eval(
            f"globalThis.problem = null; mermaid.parse({json.dumps(script)})"
            ".then(() => {problem = ''}).catch(e => {problem = String(e && e.message || e)})"
        )
        while self.script.execute_pending_job():
            pass
        problem = self.script.eval("problem")
        assert isinstance(problem, str)
        return problem


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    grammar = Grammar()
    assert grammar.refuses("flowchart TD\n a[end") != ""
    return grammar


def shown(script: str) -> str:
    """Render with the real Mermaid and return the text in the picture, without white space."""
    svg = re.sub(r"<style.*?</style>", "", mermaidx.render(script).svg(), flags=re.DOTALL)
    return "".join(html.unescape(re.sub(r"<[^>]+>", "", svg)).split())


def around(items: list[str]) -> list[tuple[str, str]]:
    """Pair every item with the next one."""
    return list(zip(items, items[1:] + items[:1], strict=True))


def any_quadrant(texts: list[str]) -> str:
    points = [ChartPoint(text, n / 20, 1 - n / 20) for n, text in enumerate(texts)]
    return quadrant(texts[0], (texts[1], texts[-1]), ("", texts[0]), points)


def any_classes(texts: list[str]) -> str:
    boxes = [
        Box(one, [two, f"{one}: {two}"], [one, f"{one}({two})", f"f({one}) -> {two}"], two)
        for one, two in around(texts)
    ]
    return class_diagram(boxes, [Link(one, two, "uses", one) for one, two in around(texts)])


def any_sequence(texts: list[str]) -> str:
    return sequence([Call(one, two, two, one) for one, two in around(texts)])


def any_flowchart(texts: list[str]) -> str:
    nodes: list[FlowNode | Group] = [FlowNode(text, text, "diamond") for text in texts[:2]]
    nodes.append(Group(texts[0], texts[0], [FlowNode(text, text, "round") for text in texts[2:]]))
    return flowchart(nodes, [Edge(one, two, two, dotted=True) for one, two in around(texts)])


KINDS = [any_quadrant, any_classes, any_sequence, any_flowchart]


@pytest.mark.parametrize("kind", KINDS)
def test_mermaid_accepts_any_text(kind: Callable[[list[str]], str], grammar: Grammar) -> None:
    @given(many)
    @often
    def check(texts: list[str]) -> None:
        assert grammar.refuses(kind(texts)) == ""

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_mermaid_draws_any_text(kind: Callable[[list[str]], str]) -> None:
    thirds = ["".join(FRAGMENTS[start : start + 3]) for start in range(0, len(FRAGMENTS), 12)]
    assert mermaidx.render(kind(thirds)).svg()


READABLE = [
    *["__init__.py", "a_b", "*args, **kwargs", "1. first", "- second", "50 % off; #1", "x: {y}"],
    *[
        'say "hi"',
        "<script>x</script>",
        "`code`",
        "R&D",
        "list[int] | None",
        "~/notes",
        "$5",
        "end",
    ],
    *["direction LR", "fa:fa-car", "日本語 😀", "a\\nb", "https://example.org/?a=b#c"],
]


@pytest.mark.parametrize(
    "draw",
    [
        lambda texts: quadrant(
            "t", ("a", "b"), ("c", "d"), [ChartPoint(t, 0.5, 0.5) for t in texts]
        ),
        lambda texts: sequence([Call("a", "b", text) for text in texts]),
        lambda texts: sequence([Call(text, "b", "call") for text in texts]),
        lambda texts: flowchart([FlowNode(text, text) for text in texts]),
        lambda texts: flowchart(
            [FlowNode("a", "a")], [Edge("a", f"{n}", text) for n, text in enumerate(texts)]
        ),
        lambda texts: class_diagram([Box(text) for text in texts]),
    ],
)
def test_what_is_written_is_what_is_read(draw: Callable[[list[str]], str]) -> None:
    picture = shown(draw(READABLE))
    assert [text for text in READABLE if "".join(text.split()) not in picture] == []


def test_members_keep_their_meaning_in_look_alikes() -> None:
    members = ["__slots__: tuple", "_tags: dict = {}", 'name: str = "x"', "when: a:b"]
    methods = ["__init__(self, *args) -> None", "_find(key: str = ';') -> list[int]", "plain"]
    picture = shown(class_diagram([Box("Store", members, methods, "dataclass")]))
    for text in (
        "«dataclass»",
        "+__slots__:tuple",
        "-_tags:dict=｛｝",
        "+name:str='x'",
        "+when:a：b",
        "+__init__(self,∗args):None",
        "-_find(key:str='；'):list[int]",
        "+plain",
    ):
        assert text in picture


def test_calls_return_after_the_calls_they_made() -> None:
    steps = [
        Call("user", "cli", "add", "0"),
        Call("cli", "store", "insert", "id"),
        Call("store", "store", "check", "ignored"),
        Call("store", "cli", "done"),
        Call("cli", "user", "added", "1"),
        Call("user", "cli", "list", "None"),
    ]
    lines = [line.strip() for line in sequence(steps).splitlines()[4:]]
    assert lines == [
        "P0->>+P1: add",
        "P1->>+P2: insert",
        "P2->>P2: check",
        "P2-->>P1: done",
        "P2-->>-P1: id",
        "P1-->>P0: added",
        "P1-->>P0: 1",
        "P1-->>-P0: 0",
        "P0->>+P1: list",
        "deactivate P1",
    ]


def test_a_relation_may_name_what_is_not_in_the_diagram() -> None:
    script = class_diagram([Box("Error_")], [Link("Error_", "ValueError", "inherits", "is a")])
    assert "class ValueError" in script
    assert "c_0 --|> ValueError : is a" in script


def test_two_nodes_with_one_key_do_not_nest_into_themselves() -> None:
    script = flowchart([Group("a", "A", [FlowNode("a", "inner"), Group("b", "empty", [])])])
    assert "inner" in shown(script)


@pytest.mark.parametrize(
    "script",
    [
        quadrant("", ("", ""), ("", ""), []),
        quadrant(
            "t",
            ("a", "b"),
            ("c", "d"),
            [ChartPoint("p", 1, float("nan")), ChartPoint("q", -1, 9e9)],
        ),
        class_diagram([]),
        sequence([]),
        flowchart([]),
        class_diagram([Box(f"Class{n}", ["x: int" * 20] * 40) for n in range(200)]),
        sequence([Call("a", "b", "#" * 500, ";" * 500)] * 300),
        flowchart([FlowNode(str(n), "#" * 90) for n in range(60)], [Edge("1", "2")] * 2000),
    ],
    ids=["no points", "far", "no classes", "no calls", "no nodes", "classes", "calls", "edges"],
)
def test_nothing_and_far_too_much_are_drawn(script: str) -> None:
    assert len(script) < 50_000
    assert script.count(" --> ") < 500
    mermaidx.render(script)


def test_what_is_left_out_is_counted() -> None:
    script = flowchart([FlowNode("a", "a")], [Edge("a", "a")] * 500)
    assert script.endswith("%% 20 more are left out\n")
