"""Random SOPs, a driver that runs them in any order, and an interpreter that is the oracle.

The SOPs are made from a seed: hypothesis alone prefers small ones, in which nothing happens.
"""

from __future__ import annotations

import inspect
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest import mock

from hypothesis import strategies as st

import metaco.state
from metaco.document import Document, Message, digest, family, keyed
from metaco.log import Entry
from metaco.role import Role, action
from metaco.sop import SOP
from metaco.step import Node, Repeat, Step

# ---------------------------------------------------------------------- documents


def _family(name: str, with_key: bool) -> tuple[type[Document], ...]:
    """Make a head of a family and two kinds below it."""
    body: dict[str, Any] = {"__module__": __name__, "__annotations__": {"name": str, "text": str}}
    body |= {"name": "", "text": ""}
    if with_key:
        body["key"] = property(lambda self: self.name)
    head = type(name, (Document,), body)
    return head, *(type(name + kind, (head,), {"__module__": __name__}) for kind in "AB")


INPUT = _family("I", False)
FAMILIES = [
    INPUT,
    *(_family(f"U{n}", False) for n in "123"),
    *(_family(f"K{n}", True) for n in "123"),
]


# ---------------------------------------------------------------------- actions


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return [type(value).__name__, value.model_dump()]


def make_role(
    number: int, reads: Sequence[Any], out: Sequence[type[Document]], how: Any
) -> type[Role]:
    """Make a role with one action, whose result depends on nothing but what it reads."""
    width, period, may_be_silent = how

    def pure(**args: Any) -> list[Document]:
        mark = digest(number, sorted((name, _plain(value)) for name, value in args.items()))
        h = int(mark, 16) % period
        count = h % (width + 1) if may_be_silent else 1 + h % width
        text = str(h if period < 50 else mark[:6])
        return [
            out[(h + i) % len(out)](name="abc"[(h // 3 + i) % 3] if width > 1 else "", text=text)
            for i in range(count)
        ]

    async def act(self: Role, **args: Any) -> list[Document]:
        return pure(**args)

    kinds = out[0] if len(out) == 1 else out[0] | out[1]
    names = [f"p{n}" for n in range(len(reads))]
    act.__annotations__ = dict(zip(names, reads, strict=True)) | {"return": list[kinds]}  # type: ignore[valid-type]
    slots = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
    me = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    act.__signature__ = inspect.Signature([me, *slots])  # type: ignore[attr-defined]
    act.pure = pure  # type: ignore[attr-defined]
    return type(f"R{number}", (Role,), {"__module__": __name__, "act": action(act)})


# ---------------------------------------------------------------------- SOPs


def make_sop(rng: random.Random, gates: bool = False, longest: int = 7) -> SOP:
    """Make an SOP. The loader would refuse some of them; the state must be right all the same."""
    made: list[dict[str, Any]] = []

    def step(above: list[Any], pool: list[Any]) -> Step:
        if made and rng.random() < 0.12:  # the same action on a second line
            return Step(**rng.choice(made))
        reads: list[tuple[type[Document], bool]] = []
        for n in range(rng.choice([1, 1, 2, 2, 3])):
            near = n == 0 and rng.random() < 0.5
            choice = above[-2:] if near else above if n == 0 or rng.random() < 0.6 else pool
            kinds = rng.choice(choice)
            many = rng.random() < 0.4
            if n and keyed(kinds[0]) and (reads[0][1] or not keyed(reads[0][0])):
                many = True
            reads.append((kinds[rng.choice([0, 0, 0, 0, 1, 2])], many))
        width = rng.choice([1, 2, 3, 3])
        kinds, which = rng.choice(FAMILIES[1:]), rng.choice(["0", "0", "0", "12", "12", "1", "2"])
        how = (width, rng.choice([2, 4, 10**9, 10**9]), rng.random() < 0.15)
        hints = [list[kind] if many else kind for kind, many in reads]  # type: ignore[valid-type]
        values = {
            "role": make_role(len(made), hints, [kinds[int(n)] for n in which], how),
            "action": "act",
            "as_": f"r{len(made)}",
            "gate": gates and rng.random() < 0.35,
            "after": [rng.choice(above)[0]] if rng.random() < 0.12 else [],
        }
        made.append(values)
        return Step(**values)

    def block(lines: int, above: list[Any], depth: int) -> list[Node]:
        nodes: list[Node] = []
        for _ in range(lines):
            node: Node
            if depth < 2 and rng.random() < (0.3 if depth == 0 else 0.2):
                inner = block(rng.randint(1, 4), list(above), depth + 1)
                made_in = Repeat(1, inner).makes
                ends = [kind for kinds in FAMILIES for kind in kinds if family(kind) in made_in]
                node = Repeat(rng.randint(1, 4), inner, rng.choice([None, None, *ends]))
            else:
                node = step(above, FAMILIES if depth else above)
            nodes.append(node)
            above = above + [kinds for kinds in FAMILIES if kinds[0].__name__ in node.makes]
        return nodes

    nodes = block(rng.randint(2, longest), [INPUT], 0)
    with mock.patch("metaco.sop.check", lambda *_: []):
        return SOP("random", nodes, input=INPUT[0])


def show(sop: SOP) -> str:
    """Return the SOP as text, for the report of a failure."""

    def lines(node: Node, depth: int) -> Iterator[str]:
        pad = "  " * depth
        if isinstance(node, Repeat):
            until = node.until.__name__ if node.until else None
            yield f"{pad}repeat at_most={node.at_most} until={until}"
            for inner in node.steps:
                yield from lines(inner, depth + 1)
        elif isinstance(node, Step):
            after = [kind.__name__ for kind in node.after]
            yield f"{pad}{node}{' gate' if node.gate else ''}{f' after {after}' if after else ''}"

    return "\n".join(lines(sop.body, 0))


SOP.__repr__ = lambda self: f"\n{show(self)}\n"  # type: ignore[method-assign]


def lively(seed: str, gates: bool = False, longest: int = 7) -> SOP:
    """Return an SOP of this seed in which something happens: 6 to 250 turns."""
    for n in range(200):
        sop = make_sop(random.Random(f"{seed} {n}"), gates, longest)
        gated = [step for step in sop.steps() if step.gate]
        for step in gated:
            step.gate = False
        driver = Driver(sop).put("one")
        while driver.state.open and len(driver.ran) <= 250:
            driver.step()
        for step in gated:
            step.gate = True
        if 6 <= len(driver.ran) <= 250:
            return sop
    raise AssertionError("no lively SOP found")


def sops(gates: bool = False) -> st.SearchStrategy[SOP]:
    return st.builds(
        lively, st.integers(0, 2**48).map(str), st.just(gates), longest=st.integers(3, 7)
    )


# ---------------------------------------------------------------------- the driver


class Driver:
    """Runs an SOP without an environment, one entry after the other, in any order."""

    def __init__(self, sop: SOP, seed: int = 0, entries: Sequence[Entry] = ()) -> None:
        self.sop, self.rng = sop, random.Random(seed)
        self.entries, self.ran = list(entries), list[str]()
        self.state = metaco.state.State(sop, "r", self.entries)

    def add(self, kind: str, key: str, body: dict[str, Any]) -> None:
        n = len(self.entries) + 1
        entry = Entry("r", n, float(n), kind, key, body)
        self.entries.append(entry)
        self.state.extend([entry])

    def put(self, text: str) -> Driver:
        self.add("input", f"i{len(self.entries)}", Message.of(INPUT[0](text=text)).dump())
        return self

    def commit(self, turn: Any) -> None:
        self.ran.append(turn.key)
        made = getattr(turn.step.role, turn.step.action).pure(**turn.args)
        publishes = [Message.of(document).dump() for document in made]
        body = {"step": turn.step.name, "reads": turn.reads, "publishes": publishes}
        self.add("turn", turn.key, body)

    def decide(self, key: str, verdict: str, *documents: Document) -> None:
        publishes = [Message.of(document).dump() for document in documents]
        body = {"turn": key, "verdict": verdict, "publishes": publishes}
        self.add("decision", f"{key}/{len(self.entries)}", body)

    def note(self, turn: Any, text: str | None) -> None:
        body = {"base": turn.base, "turn": turn.key, "text": text}
        self.add("note", f"n{len(self.entries)}", body)

    def fail(self, key: str) -> None:
        self.add("failure", f"{key}/{len(self.entries)}", {"turn": key, "error": "Boom"})

    def step(self, pick: Callable[[list[str]], str] | None = None) -> None:
        key = pick(list(self.state.open)) if pick else self.rng.choice(sorted(self.state.open))
        self.commit(self.state.open[key][0])

    def drain(self, pick: Callable[[list[str]], str] | None = None) -> Driver:
        while self.state.open:
            self.step(pick)
            assert len(self.ran) < 5000, "it does not end"
        return self

    # what the properties compare

    def rebuilt(self) -> str:
        return metaco.state.State(self.sop, "r", self.entries).snapshot()

    def world(self) -> tuple[Any, ...]:
        """Return what the pass consists of, without what the memory holds besides."""
        root = self.state.root
        return json.dumps(root.dump(), sort_keys=True), tuple(m.id for m in self.state.documents())

    def finished(self) -> bool:
        root = self.state.root
        return (
            len(root.done) == len(root.busy) and not any(root.busy) and self.state.status == "done"
        )


# ---------------------------------------------------------------------- the oracle

Slot = tuple[str, str]


def interpret(sop: SOP, start: Document) -> tuple[set[str], set[str]]:
    """Read the SOP from top to bottom, one turn after the other.

    Returns:
        The ids of the current documents at the end, and the keys of all turns.
    """
    turns: set[str] = set()
    end, _ = _interpret(sop.body.steps, {(family(type(start)), start.key): start}, turns)
    return {Message.of(document).id for document in end.values()}, turns


def _id(document: Document) -> str:
    return Message.of(document).id


def _interpret(
    nodes: Sequence[Node], start: dict[Slot, Document], turns: set[str]
) -> tuple[dict[Slot, Document], set[Slot]]:
    published: list[tuple[int, Slot, Document]] = [(-1, slot, d) for slot, d in start.items()]
    made_by: dict[int, list[Document]] = {}

    def current(before: int) -> dict[Slot, Document]:
        best: dict[Slot, tuple[int, str, Document]] = {}
        for place, slot, document in published:
            rank = (place, _id(document), document)
            if place < before and (slot not in best or rank[:2] > best[slot][:2]):
                best[slot] = rank
        return {slot: document for slot, (_, _, document) in best.items()}

    for index, node in enumerate(nodes):
        now = current(index)
        if isinstance(node, Repeat):
            made_by[index] = _rounds(node, now, turns)
        else:
            assert isinstance(node, Step)
            first = node.params[0]
            kin = family(first.kind)
            makers = [n for n in range(index) if kin in nodes[n].makes]
            if first.many:
                triggers: list[Document | None] = [None]
            elif len(makers) == 1 and not any(slot[0] == kin for slot in start):
                triggers = [d for d in made_by[makers[0]] if isinstance(d, first.kind)]
            else:
                triggers = [now[s] for s in sorted(now) if isinstance(now[s], first.kind)]
            made_by[index] = [d for t in triggers for d in _play(node, t, now, turns)]
        published += [(index, (family(type(d)), d.key), d) for d in made_by[index]]
    return current(len(nodes)), {slot for place, slot, _ in published if place >= 0}


def _rounds(node: Repeat, now: dict[Slot, Document], turns: set[str]) -> list[Document]:
    reads = {family(kind) for kind in node.reads}
    at, made = {slot: d for slot, d in now.items() if slot[0] in reads}, set[Slot]()
    for _ in range(node.at_most):
        end, new = _interpret(node.steps, at, turns)
        made |= new
        same = all(slot in at and _id(at[slot]) == _id(end[slot]) for slot in new)
        reached = node.until is not None and any(isinstance(end[s], node.until) for s in new)
        at = end
        if same or reached:
            break
    return [at[slot] for slot in made]


def _play(
    step: Step, trigger: Document | None, now: dict[Slot, Document], turns: set[str]
) -> list[Document]:
    def of(kind: type[Document]) -> list[Document]:
        return [now[slot] for slot in sorted(now) if isinstance(now[slot], kind)]

    args: dict[str, Any] = {}
    ids: dict[str, list[str]] = {}
    for n, param in enumerate(step.params):
        found = of(param.kind)
        if n == 0 and trigger is not None:
            found = [trigger]
        elif not param.many and trigger is not None and keyed(param.kind):
            found = [d for d in found if d.key == trigger.key]
        if not found and not (param.many and n):
            return []
        args[param.name] = found if param.many else found[0]
        ids[param.name] = [_id(d) for d in (found if param.many else found[:1])]
    for kind in step.after:
        if not of(kind):
            return []
        ids[f"after {kind.__name__}"] = [_id(d) for d in of(kind)]
    turns.add(digest("r", step.name, ids))
    result: list[Document] = getattr(step.role, step.action).pure(**args)
    return result
