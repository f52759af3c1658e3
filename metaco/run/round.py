"""Rounds: a block of lines gone through once, and what was published in it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from metaco.core.document import Document, Message, digest, family, keyed
from metaco.run.turn import Turn
from metaco.sop.steps import Node, Repeat, Step

__all__ = ["Round", "Stage"]


@dataclass(frozen=True, slots=True)
class Stage:
    """What one line of the SOP published in one round.

    Attributes:
        path: its position: line, or line and round of the repeat, then line within, and so on.
        step: the line.
        messages: what it published, by family and key.
        done: whether that is all of it.
    """

    path: tuple[int, ...]
    step: Step
    messages: tuple[Message, ...]
    done: bool


class RunState(Protocol):
    """The state that a round is part of.

    Attributes:
        run: the name of the run.
        notes: what was said about turns, by their content key.
    """

    run: str
    notes: dict[str, tuple[str, ...]]

    def begin(self, turn: Turn) -> None:
        """Take a turn that can begin."""


class Round:
    """One round of a block of lines; the whole SOP is a block of one round."""

    def __init__(
        self,
        state: RunState,
        block: Repeat,
        initial: list[Message],
        path: tuple[int, ...] = (),
        number: int = 1,
        changed: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.state, self.block = state, block
        self.path, self.number, self.changed = path, number, changed
        # family -> key -> position of the publisher (-1: was there at the start) -> message
        self.documents: dict[str, dict[str, dict[int, Message]]] = defaultdict(dict)
        self.done: set[int] = set()
        self.begun: set[int] = set()
        self.busy = [0] * len(block.steps)  # turns begun and not yet published
        self.rounds: dict[int, list[Round]] = defaultdict(list)
        self.published: dict[int, dict[str, Message]] = defaultdict(dict)
        for message in initial:
            self.documents[family(type(message.body))][message.body.key] = {-1: message}
        self.initial = {message.id for message in initial}
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

    def current_versions(self, kin: str, before: int, key: str | None = None) -> list[Message]:
        """Return the current versions for a reader at position `before`: the last above it wins."""
        by_key = self.documents.get(kin, {})
        if key is None:
            candidates = [by_key[k] for k in sorted(by_key)]
        else:
            candidates = [by_key[key]] if key in by_key else []
        return [v[max(i for i in v if i < before)] for v in candidates if min(v) < before]

    def _read(self, kind: type[Document], step: Step, key: str | None = None) -> list[Message]:
        """Return what a step reads of this kind: one key, or all."""
        current = self.current_versions(family(kind), step.index, key)
        return [message for message in current if isinstance(message.body, kind)]

    def _finish(self, index: int, messages: Iterable[Message]) -> None:
        """Take in what a turn of the line at `index` published, which ends it."""
        self.busy[index] -= 1
        self.publish(index, messages)

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
                order = sorted(self.published[node.index].values(), key=_order)
                done = node.index in self.done
                yield Stage((*self.path, node.index), node, tuple(order), done)
            for round in self.rounds.get(node.index, ()):
                yield from round.stages()

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
        return [*self._read(step.trigger.kind, step)]

    def _repeat(self, node: Node) -> bool:
        """Run rounds until one is the last, then publish what it left; true when that is so."""
        assert isinstance(node, Repeat)
        rounds = self.rounds[node.index]
        if not rounds:
            kin = sorted({family(kind) for kind in node.reads})
            initial = [m for name in kin for m in self.current_versions(name, node.index)]
            rounds.append(Round(self.state, node, initial, (*self.path, node.index, 1)))
        while (now := rounds[-1]).advance():
            left = {
                (kin, key): versions[max(versions)]
                for kin, by_key in now.documents.items()
                for key, versions in by_key.items()
            }
            new = {(kin, key) for kin, key in left if max(now.documents[kin][key]) >= 0}
            changed = now.changed | new
            reached = node.until and any(isinstance(left[each].body, node.until) for each in new)
            idle = all(left[each].id in now.initial for each in new)
            if now.number >= node.at_most or reached or idle:
                self.publish(node.index, [left[each] for each in sorted(changed)])
                return True
            number = now.number + 1
            path = (*self.path, node.index, number)
            rounds.append(
                Round(self.state, node, list(left.values()), path, number, frozenset(changed))
            )
        return False

    def _begin(self, node: Node, trigger: Message | None) -> None:
        """Begin the turn of `node` for `trigger`, if everything it reads is there."""
        step = self._step(node.index)
        reads: dict[str, list[Message]] = {}
        for n, param in enumerate(step.params):
            if n == 0 and trigger:
                messages = [trigger]
            else:
                key = None
                if not param.many:
                    key = trigger.body.key if trigger and keyed(param.kind) else ""
                messages = self._read(param.kind, step, key)
            if not messages and not (param.many and n):
                return  # a condition that is not met
            reads[param.name] = messages
        args = {
            p.name: [m.body for m in reads[p.name]] if p.many else reads[p.name][0].body
            for p in step.params
        }
        for kind in step.after:
            messages = self._read(kind, step)
            if not messages:
                return
            reads[f"after {kind.__name__}"] = messages
        ids = {name: [m.id for m in messages] for name, messages in reads.items()}
        content_key = digest(self.state.run, step.name, ids)
        notes = self.state.notes.get(content_key, ())
        self.busy[step.index] += 1
        key = digest(content_key, *notes) if notes else content_key
        flat = tuple(i for messages in ids.values() for i in messages)
        publish = partial(self._finish, step.index)
        self.state.begin(Turn(step, args, flat, content_key, key, notes, publish))


def _order(message: Message) -> tuple[str, str, str]:
    return family(type(message.body)), message.body.key, message.id
