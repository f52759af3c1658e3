"""The state of a run: a fold over the entries of its log.

A run is a *replay of remembered turns from its newest inputs*. The log remembers which turn, by
the content of what it read, published what. The state starts from the inputs, begins every turn
that can begin, publishes at once what the log remembers, and what it does not remember is `open`:
ready to be run. An input or a note starts a new pass from the inputs; every other entry extends
the pass. Nothing has to be found and withdrawn after a change, because nothing derives it any
more; and resuming after a crash is looking at the log again.

The rules, of which the tests have an independent interpreter:

1. A step reads what stands above it; inside a repeat also what was there when the round began.
2. A line is done when all lines above it that publish what it reads are done and none of its own
   turns is unpublished: open, held at a gate, or failed. Done stays done within a pass.
3. A first parameter that is one document is a trigger: one turn per message, at once where its
   family has exactly one source, else when the sources are done. One that is a list is a fan-in:
   one turn, when its sources are done, if there is at least one. All other parameters and `after`
   wait until their sources are done; where one is missing, the step does not run.
4. The current version of a slot (family, key) is that of the last publisher above the reader; of
   two turns of one step the larger message id. A plain parameter with a key takes the trigger's.
5. A repeat is one line. A round starts from what the round before left; the last round's versions
   appear below it.
6. The key of a turn is the hash of run, step, ids of what it reads, and notes.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from metaco.core.document import Document, Message, digest, family, keyed
from metaco.core.errors import LogError
from metaco.run.log import Entry
from metaco.sop.procedure import SOP
from metaco.sop.steps import Node, Repeat, Step

__all__ = ["Call", "Stage", "State", "Turn"]

_MOVES = ("input", "note", "turn", "decision")
"""Kinds of entries after which something may have become ready."""


@dataclass(eq=False, slots=True)
class Turn:
    """One action applied to the messages it reads.

    Attributes:
        step: the line of the SOP.
        args: the documents, by parameter.
        reads: the ids of the messages.
        base: the key without notes; feedback is addressed to it.
        key: what the log remembers it by.
        notes: what was said about earlier versions.
        round: the round of the block in which it publishes.
    """

    step: Step
    args: dict[str, Any]
    reads: list[str]
    base: str
    key: str
    notes: tuple[str, ...]
    round: Round

    @property
    def subject(self) -> str:
        """The key of the document it is about, where there are several turns of one step."""
        first = next(iter(self.args.values()))
        return first.key if isinstance(first, Document) else ""


@dataclass(frozen=True, slots=True)
class Stage:
    """What one line of the SOP published in one round.

    Attributes:
        path: its place: line, or line and round of the repeat, then line within, and so on.
        step: the line.
        messages: what it published, by family and key.
        done: whether that is all of it.
    """

    path: tuple[int, ...]
    step: Step
    messages: tuple[Message, ...]
    done: bool


@dataclass(slots=True)
class Call:
    """What the log knows of one request to a model.

    Attributes:
        attempts: how often it was sent.
        failed: how often an error came back.
        unsure: how many of these may have been paid all the same.
        worst: the most an attempt can use: tokens, and dollars if the price is known.
        step: the name of the step that makes it.
        replies: how often a reply came back; one is usual, more were paid all the same.
        reply: the one that counts.
    """

    attempts: int = 0
    replies: int = 0
    failed: int = 0
    unsure: int = 0
    worst: tuple[int, float | None] = (0, None)
    step: str = ""
    reply: dict[str, Any] | None = None

    @property
    def lost(self) -> int:
        """Attempts of which nothing was heard: in flight, now or when a process died."""
        return self.attempts - self.failed - self.replies


class Round:
    """One round of a block of lines; the whole SOP is a block of one round."""

    def __init__(
        self,
        state: State,
        block: Repeat,
        start: list[Message],
        path: tuple[int, ...] = (),
        number: int = 1,
        made: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.state, self.block, self.path, self.number, self.made = state, block, path, number, made
        # family -> key -> place of the publisher (-1: was there at the start) -> message
        self.documents: dict[str, dict[str, dict[int, Message]]] = defaultdict(dict)
        self.done: set[int] = set()
        self.begun: set[int] = set()
        self.busy = [0] * len(block.steps)  # turns begun and not yet published
        self.inner: dict[int, list[Round]] = defaultdict(list)
        self.published: dict[int, dict[str, Message]] = defaultdict(dict)
        for message in start:
            self.documents[family(type(message.body))][message.body.key] = {-1: message}
        self.start = {message.id for message in start}
        self.inbox: dict[int, deque[Message]] = {
            node.index: deque() for node in block.steps if self._streams(node)
        }

    def advance(self) -> bool:
        """Begin every turn that can begin, from top to bottom; true when nothing is left to do."""
        for node in self.block.steps:
            i = node.index
            if i in self.done:
                continue
            settled = node.producers <= self.done
            if i in self.inbox:
                while self.inbox[i] and node.blocking_producers <= self.done:
                    self._begin(node, self.inbox[i].popleft())
            elif settled and isinstance(node, Step) and i not in self.begun:
                self.begun.add(i)
                for trigger in self._triggers(node):
                    self._begin(node, trigger)
            if settled and not self.busy[i] and (isinstance(node, Step) or self._repeat(node)):
                self.done.add(i)
        return len(self.done) == len(self.block.steps)

    def see(self, kin: str, before: int, key: str | None = None) -> list[Message]:
        """Return the current versions for a reader at place `before`: the last above it wins."""
        slots = self.documents.get(kin, {})
        if key is None:
            found = [slots[k] for k in sorted(slots)]
        else:
            found = [slots[key]] if key in slots else []
        return [v[max(i for i in v if i < before)] for v in found if min(v) < before]

    def publish(self, index: int, messages: Iterable[Message]) -> None:
        """Take in what the line at `index` published, and pass it on to who waits for it."""
        for message in messages:
            self.published[index][message.id] = message
            kin = family(type(message.body))
            versions = self.documents[kin].setdefault(message.body.key, {})
            if index not in versions or message.id > versions[index].id:
                versions[index] = message
            for i, box in self.inbox.items():
                trigger = self._step(i).trigger
                if i > index and trigger and isinstance(message.body, trigger.kind):
                    box.append(message)  # the same message twice is the same turn twice: merged

    def stages(self) -> Iterator[Stage]:
        """Yield what each line published, in the order of the text and of the rounds."""
        for node in self.block.steps:
            if isinstance(node, Step):
                found = self.published[node.index].values()
                order = sorted(found, key=lambda m: (family(type(m.body)), m.body.key, m.id))
                done = node.index in self.done
                yield Stage((*self.path, node.index), node, tuple(order), done)
            for round in self.inner.get(node.index, ()):
                yield from round.stages()

    def dump(self) -> dict[str, Any]:
        """Return all there is to know about the round, to compare states."""
        return {
            "documents": {
                kin: {k: {str(i): m.id for i, m in sorted(v.items())} for k, v in d.items()}
                for kin, d in self.documents.items()
            },
            "done": sorted(self.done),
            "busy": self.busy,
            "number": self.number,
            "inbox": {str(i): sorted(m.id for m in box) for i, box in self.inbox.items()},
            "inner": {str(i): [r.dump() for r in rounds] for i, rounds in self.inner.items()},
        }

    def _step(self, index: int) -> Step:
        node = self.block.steps[index]
        assert isinstance(node, Step)
        return node

    def _streams(self, node: Node) -> bool:
        """Return whether its trigger has one source only, so that it need not wait for others."""
        if not isinstance(node, Step) or not node.trigger:
            return False
        kin = family(node.trigger.kind)
        above = self.block.steps[: node.index]
        return kin not in self.documents and sum(kin in n.families for n in above) == 1

    def _triggers(self, step: Step) -> list[Message | None]:
        if not step.trigger:
            return [None]
        kind = step.trigger.kind
        return [m for m in self.see(family(kind), step.index) if isinstance(m.body, kind)]

    def _repeat(self, node: Node) -> bool:
        """Run rounds until one is the last, then publish what it left; true when that is so."""
        assert isinstance(node, Repeat)
        rounds = self.inner[node.index]
        if not rounds:
            kin = sorted({family(kind) for kind in node.reads})
            start = [message for name in kin for message in self.see(name, node.index)]
            rounds.append(Round(self.state, node, start, (*self.path, node.index, 1)))
        while (now := rounds[-1]).advance():
            left = {
                (kin, key): versions[max(versions)]
                for kin, slots in now.documents.items()
                for key, versions in slots.items()
            }
            new = {(kin, key) for kin, key in left if max(now.documents[kin][key]) >= 0}
            made = now.made | new
            reached = node.until and any(isinstance(left[slot].body, node.until) for slot in new)
            idle = all(left[slot].id in now.start for slot in new)
            if now.number >= node.at_most or reached or idle:
                self.publish(node.index, [left[slot] for slot in sorted(made)])
                return True
            path = (*self.path, node.index, now.number + 1)
            rounds.append(
                Round(self.state, node, list(left.values()), path, now.number + 1, frozenset(made))
            )
        return False

    def _begin(self, node: Node, trigger: Message | None) -> None:
        """Begin the turn of `node` for `trigger`, if everything it reads is there."""
        step = self._step(node.index)
        reads: dict[str, list[Message]] = {}
        for n, param in enumerate(step.params):
            if n == 0 and trigger:
                found = [trigger]
            else:
                key = None
                if not param.many:
                    key = trigger.body.key if trigger and keyed(param.kind) else ""
                current = self.see(family(param.kind), step.index, key)
                found = [m for m in current if isinstance(m.body, param.kind)]
            if not found and not (param.many and n):
                return  # a condition that is not met
            reads[param.name] = found
        args = {
            p.name: [m.body for m in reads[p.name]] if p.many else reads[p.name][0].body
            for p in step.params
        }
        for kind in step.after:
            found = [m for m in self.see(family(kind), step.index) if isinstance(m.body, kind)]
            if not found:
                return
            reads[f"after {kind.__name__}"] = found
        ids = {name: [m.id for m in found] for name, found in reads.items()}
        base = digest(self.state.run, step.name, ids)
        notes = self.state.notes.get(base, ())
        self.busy[step.index] += 1
        key = digest(base, *notes) if notes else base
        flat = [i for found in ids.values() for i in found]
        self.state.begin(Turn(step, args, flat, base, key, notes, self))


class State:
    """What is known of a run after reading its entries.

    Args:
        sop: the procedure; its types decode the messages.
        run: the name of the run.
        entries: the log from the beginning.

    Attributes:
        open: turns that can run now, by key; each key may stand for several equal turns.
        held: turns that ran and wait for a person.
        failed: turns that failed.
        fresh: open turns that nobody has taken up yet, for the environment.
        calls: requests to models, by key.
        sandbox: ``off`` if generated code was allowed to run unconfined, at any time of the run.
        n: the position up to which entries were read.
    """

    def __init__(self, sop: SOP, run: str, entries: Iterable[Entry] = ()) -> None:
        self.sop, self.run, self.n = sop, run, 0
        self.inputs: dict[tuple[str, str], Message] = {}
        self.memory: dict[str, list[Message]] = {}
        self.calls: dict[str, Call] = defaultdict(Call)
        self.failures: dict[str, dict[str, Any]] = {}
        self.decisions: dict[str, dict[str, Any]] = {}
        self.notes: dict[str, tuple[str, ...]] = {}
        self.begun: dict[str, Any] = {}
        self.project = ""
        self.sandbox = ""
        self.ended: dict[str, Any] = {}
        self.counts: Counter[str] = Counter()
        self._restart()
        self.extend(entries)

    def extend(self, entries: Iterable[Entry]) -> None:
        """Take in further entries, in their order."""
        new_pass, moved = False, False
        for entry in entries:
            new_pass |= self._record(entry)
            moved |= entry.kind in _MOVES
        if new_pass:
            self._restart()
        if new_pass or moved:
            self.root.advance()

    def begin(self, turn: Turn) -> None:
        """Take a turn from a round: publish what the log remembers of it, or leave it open."""
        if turn.key in self.memory:
            self._done(turn)
            return
        place = self.failed if turn.key in self.failures else self.open
        if place is self.open and turn.key not in place:
            self.fresh.append(turn)
        place.setdefault(turn.key, []).append(turn)

    def documents(self) -> list[Message]:
        """Return the current version of everything."""
        end = len(self.root.busy)
        return [m for kin in sorted(self.root.documents) for m in self.root.see(kin, end)]

    def output(self) -> Document | None:
        """Return what the run is for, if it is there: the SOP's output."""
        if self.status != "done":
            return None
        kind = self.sop.output
        if kind is None:
            last = self.sop.body.steps[-1].outputs
            return next((m.body for m in self.documents() if isinstance(m.body, last)), None)
        return next((m.body for m in self.documents() if isinstance(m.body, kind)), None)

    def stages(self) -> list[Stage]:
        """Return what each line published, from top to bottom, round by round."""
        return [stage for stage in self.root.stages() if stage.messages]

    @property
    def status(self) -> str:
        """``open``, ``stopped``, ``failed``, ``waiting`` (for a person), or ``done``."""
        if any(self.verdict(key) == "stop" for key in self.held):
            return "stopped"
        if self.open:
            return "open"
        return "failed" if self.failed else "waiting" if self.held else "done"

    def verdict(self, key: str) -> str:
        """Return what a person said of the turn at its gate; ``wait`` if nothing yet."""
        return str(self.decisions.get(key, {}).get("verdict", "wait"))

    def snapshot(self) -> str:
        """Return everything the state consists of as one text, to compare states."""
        facts = {
            "root": self.root.dump(),
            "open": sorted(self.open),
            "held": sorted(self.held),
            "failed": sorted(self.failed),
            "memory": sorted(self.memory),
            "calls": sorted(self.calls),
        }
        return json.dumps(facts, sort_keys=True)

    def previous_versions(self, turn: Turn) -> list[Message]:
        """Return what this turn published before its last note."""
        before = turn.notes[:-1]
        key = digest(turn.base, *before) if before else turn.base
        return self.memory.get(key, []) if turn.notes else []

    def _restart(self) -> None:
        self.open: dict[str, list[Turn]] = {}
        self.held: dict[str, list[Turn]] = {}
        self.failed: dict[str, list[Turn]] = {}
        self.fresh: list[Turn] = []
        self.root = Round(self, self.sop.body, list(self.inputs.values()))

    def _record(self, entry: Entry) -> bool:
        """Take in one entry; true when it changes the past, so that a new pass begins."""
        self.n = max(self.n, entry.n)
        self.counts[entry.kind] += 1
        key, body = entry.key, entry.body
        match entry.kind:
            case "run":
                self.begun = body
                self.sandbox = body.get("sandbox", "")
            case "sandbox":  # later it was switched off, and what ran then stays
                self.sandbox = body["sandbox"]
            case "project":
                self.project = body["folder"]
            case "input":
                message = self.decode(body)
                self.inputs[family(type(message.body)), message.body.key] = message
                return True
            case "note":
                if body["text"] is None:  # try again, with what is paid already
                    self.failures.pop(body["turn"], None)
                else:
                    self.notes[body["base"]] = (*self.notes.get(body["base"], ()), body["text"])
                return True
            case "call":
                call = self.calls[body["call"]]
                call.attempts += 1
                call.worst, call.step = (body["tokens"], body["cost"]), body["step"]
            case "error":
                self.calls[body["call"]].failed += 1
                self.calls[body["call"]].unsure += bool(body.get("unsure"))
            case "reply":
                call = self.calls[body["call"]]
                call.replies += 1
                call.reply = call.reply or body
            case "turn":
                self.memory[key] = [self.decode(raw) for raw in body["publishes"]]
                for turn in self.open.pop(key, []) + self.failed.pop(key, []):
                    self._done(turn)
            case "failure":
                self.failures[body["turn"]] = body
                if body["turn"] in self.open:
                    self.failed[body["turn"]] = self.open.pop(body["turn"])
            case "decision":
                if self.verdict(body["turn"]) in ("wait", "stop"):  # the first word counts
                    self.decisions[body["turn"]] = body
                for turn in self.held.pop(body["turn"], []):
                    self._done(turn)
            case "end":
                self.ended = body
        return False

    def _done(self, turn: Turn) -> None:
        """Publish what the log remembers of the turn, or hold it for a person."""
        messages = self.memory[turn.key]
        if turn.step.gate:
            verdict = self.verdict(turn.key)
            if verdict in ("wait", "stop"):
                self.held.setdefault(turn.key, []).append(turn)
                return
            if verdict == "edit":
                edited = self.decisions[turn.key]["publishes"]
                messages = [self.decode(raw) for raw in edited]
        turn.round.busy[turn.step.index] -= 1
        turn.round.publish(turn.step.index, messages)

    def encode(self, document: Document) -> dict[str, Any]:
        """Return a document as a message for the log, once it is certain that it can be read.

        Raises:
            TypeError: it could not be read back: its class is not in the SOP, or its fields do not
                survive JSON.
        """
        kind, raw = type(document), Message.of(document).dump()
        if self.sop.kinds.get(kind.__name__) is not kind:
            raise TypeError(f"{kind.__name__} is no document of this SOP: no step names it.")
        try:
            kind.model_validate(json.loads(json.dumps(raw["body"])))
        except ValueError as error:
            raise TypeError(f"{kind.__name__} cannot be read back from JSON: {error}") from error
        return raw

    def decode(self, raw: dict[str, Any]) -> Message:
        """Return the message that the log holds as `raw`."""
        kind = self.sop.kinds.get(raw["type"])
        if kind is None:
            raise LogError(
                f"The log holds a {raw['type']}, which the SOP {self.sop.name} does not know.",
                "Resume with the SOP the run was started with.",
            )
        return Message(raw["id"], kind.model_validate(raw["body"]))
