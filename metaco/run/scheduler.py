"""The scheduler: which lines of an SOP have turns that can begin, round by round.

One `Pass` goes through an SOP from the newest inputs. It begins every turn that can begin, takes
in what turns publish, and looks again at the lines that this concerns. What is to be looked at is
a list that is worked off in a loop: it calls nobody back and knows neither log nor models.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from metaco.core.document import Document, Message, family, family_root, keyed
from metaco.run.entries import RepeatEnded
from metaco.run.needs import Needs
from metaco.run.turn import Turn
from metaco.run.versions import GIVEN, NOTHING, Identity, Place, Scope, Version, Versions
from metaco.sop.procedure import SOP
from metaco.sop.steps import Node, Param, Repeat, Step

__all__ = ["Pass", "Stage"]


@dataclass(frozen=True, slots=True)
class Stage:
    """What one line of the SOP published in one round.

    Attributes:
        place: its position: line, or line and round of the repeat, then line within, and so on.
        step: the line.
        messages: what it published, by family and key.
        done: whether that is all of it.
    """

    place: Place
    step: Step
    messages: tuple[Message, ...]
    done: bool


@dataclass(eq=False, slots=True)
class Line:
    """A line in a pass: what lives as long as the pass, and behind `place` what a round has.

    Attributes:
        inner: the rounds of a repeat.
        said: what turns it has had have read: they say nothing again.
        looked, others: where it last looked at all its triggers, and what it read then besides.
        listed: up to where its turns have listed in the log what they read.
        busy: turns that have begun and not yet published.
        inbox: triggers as they come, where they have one source only.
    """

    node: Node
    block: Block
    inner: Block | None = None
    said: set[tuple[Any, ...]] = field(default_factory=set)
    looked: Place | None = None
    others: Any = None
    listed: Place = ()

    place: Place = ()
    begun: bool = False
    done: bool = False
    busy: int = 0
    inbox: deque[Version] | None = None
    needs: Needs | None = None

    @property
    def step(self) -> Step:
        assert isinstance(self.node, Step)
        return self.node

    @property
    def scope(self) -> Scope:
        """Within which repeat it matters to it who said something."""
        return None if self.step.pure else self.block.scope


class Block:
    """A repeat in a pass; the whole SOP is one of one round."""

    def __init__(self, node: Repeat, parent: Line | None) -> None:
        self.node, self.parent = node, parent
        self.scope: Scope = None
        if parent:
            outer = parent.block.scope
            self.scope = parent.node.index if outer is None else outer
        self.lines = [Line(each, self) for each in node.steps]
        for line in self.lines:
            if isinstance(line.node, Repeat):
                line.inner = Block(line.node, line)
        self.round, self.left, self.over = 0, 0, False
        self.done: set[int] = set()
        self.news: set[Identity] = set()  # what was published in this round
        self.left_by: dict[Any, int] = {}  # content -> the first round that left it


class Pass:
    """One way through an SOP, from the documents that the run is given.

    Args:
        sop: the procedure.
        given: the newest inputs.

    Attributes:
        versions: what is published.
        ends: why each repeat ended.
        broken: what can never run, by place and subject, and why.
        skipped: turns that did not run since what they need was not published.
        finished: whether every line is done.
    """

    def __init__(self, sop: SOP, given: Iterable[Message]) -> None:
        self.versions = Versions()
        self.ends: list[RepeatEnded] = []
        self.broken: dict[tuple[Place, str], str] = {}
        self.skipped: set[tuple[Place, str, str]] = set()
        self.finished = False
        self.root = Block(sop.body, None)
        self._todo: deque[Line] = deque()
        self._begun: deque[Turn] = deque()
        for message in given:
            self.versions.put(Version(GIVEN, message))
        self._begin_round(self.root, (), 1)

    def next_turn(self) -> Turn | None:
        """Return a turn that has begun: look at every line where something has changed for it."""
        while self._todo and not self._begun:
            self._look(self._todo.popleft())
        return self._begun.popleft() if self._begun else None

    def release(self) -> None:
        """Begin the turns of lines with `on_limit`, with what is there above them."""
        for line in self.root.lines:
            if isinstance(line.node, Step) and line.node.on_limit and not line.done:
                line.begun, line.inbox = True, None
                for trigger in list(self._triggers(line)):
                    self._begin(line, trigger)

    def publish(self, turn: Turn, messages: Iterable[Message]) -> None:
        """Take in what a turn published, which ends it."""
        line = self._line_of(turn.place)
        line.busy -= 1
        own: list[Version] = []
        for message in messages:
            version = Version(turn.place, message, turn.key)
            own.append(version)
            self.versions.put(version)
            self._spread(line, version)
        if line.needs and (param := turn.step.needed):
            about = [version for version in own if isinstance(version.body, param.kind)]
            self._begin_needing(line, line.needs.settle(turn.subject, about))
        self._todo.append(line)

    def documents(self) -> list[Message]:
        """Return the current version of everything, by family and key."""
        end = (len(self.root.lines),)
        return [version.message for version in self.versions.everything(end)]

    def stages(self) -> Iterator[Stage]:
        """Yield what each line published, from top to bottom, round by round."""
        for place in sorted(self.versions.published.keys() - {GIVEN}):
            line = self._line_of(place)
            messages = sorted(self.versions.published[place].values(), key=_order)
            done = line.done if line.place == place else place < line.place
            yield Stage(place, line.step, tuple(messages), done)

    def step_at(self, place: Place) -> Step:
        """Return the step that stands at a place."""
        return self._line_of(place).step

    # -- lines and rounds

    def _line_of(self, place: Place) -> Line:
        block, *inner = self.root, *place[2::2]
        line = block.lines[place[0]]
        for index in inner:
            assert line.inner
            line = line.inner.lines[index]
        return line

    def _spread(self, line: Line, version: Version) -> None:
        """Tell the rounds around a line, and those who wait for it below, what it published."""
        body = version.body
        block: Block | None = line.block
        while block:
            block.news.add((family(type(body)), body.key))
            block = block.parent.block if block.parent else None
        for other in line.block.lines[line.node.index + 1 :]:
            if other.inbox is not None and isinstance(body, _trigger(other.step).kind):
                other.inbox.append(version)
                self._todo.append(other)

    def _begin_round(self, block: Block, prefix: Place, number: int) -> None:
        block.round, block.left, block.over = number, len(block.lines), False
        block.done, block.news = set(), set()
        for line in block.lines:
            line.place = (*prefix, line.node.index)
            line.begun = line.done = False
            line.busy, line.needs = 0, None
            line.inbox = deque() if self._streams(line, prefix) else None
            self._todo.append(line)

    def _streams(self, line: Line, prefix: Place) -> bool:
        """Return whether its trigger has one source only, so that it need not wait for others."""
        step = line.node
        if not isinstance(step, Step) or not step.trigger or step.needed:
            return False
        kin = family(step.trigger.kind)
        makers = [n for n in line.block.node.steps[: step.index] if kin in n.families]
        there = self.versions.has(kin, (*prefix, 0))
        return len(makers) == 1 and isinstance(makers[0], Step) and not there

    def _look(self, line: Line) -> None:
        """Begin what can begin at a line, which is done when all it reads is, and itself."""
        node, block = line.node, line.block
        if line.done or block.over:
            return
        settled = node.producers <= block.done
        if line.inner:
            if settled and not line.begun:
                line.begun = True
                first = (*line.place, 1)
                line.inner.left_by = {self._content(line.inner, first): 0}
                self._begin_round(line.inner, first, 1)
            settled = settled and line.inner.over
        elif line.inbox is not None:
            while line.inbox and node.blocking_producers <= block.done:
                self._begin(line, line.inbox.popleft())
        elif settled and not line.begun:
            line.begun = True
            if line.step.needed:
                self._order(line)
            else:
                for trigger in list(self._triggers(line)):
                    self._begin(line, trigger)
        if not settled or line.busy or line.inbox:
            return
        line.done = True
        block.done.add(node.index)
        block.left -= 1
        self._todo.extend(other for other in block.lines if node.index in other.node.producers)
        if not block.left:
            self._end_round(block)

    def _end_round(self, block: Block) -> None:
        """Let the next round begin, unless this was the last: then the repeat is a line done."""
        if not block.parent:
            self.finished = True
            return
        node, place = block.node, block.parent.place
        end = (*place, block.round + 1)
        back = block.left_by.setdefault(self._content(block, end), block.round)
        back_to = back if back != block.round else None
        if self._reached(block, end):
            reason = "until"
        elif not block.news:
            reason = "nothing new"
        elif node.settle and back_to is not None:
            reason = "came back"
        elif block.round >= node.at_most:
            reason = "at_most"
        else:
            self._begin_round(block, end, block.round + 1)
            return
        until = node.until.__name__ if node.until else ""
        self.ends.append(RepeatEnded(node.number, place, reason, block.round, back_to, until))
        block.over = True
        self._todo.append(block.parent)

    def _reached(self, block: Block, end: Place) -> bool:
        """Return whether what the repeat waits for was published in this round."""
        kind = block.node.until
        if not kind:
            return False
        kin = family(kind)
        return any(self.versions.one(kind, key, end) for name, key in block.news if name == kin)

    def _content(self, block: Block, before: Place) -> Any:
        """Return what stands for all that a round hands to the next: what is made and read inside.

        What is made and not read inside changes nothing in the next round.
        """
        node = block.node
        roots = {family(kind): kind for kind in node.reads}
        kins = sorted(node.families & roots.keys())
        return tuple(self.versions.token(family_root(roots[kin]), before, None) for kin in kins)

    # -- turns

    def _triggers(self, line: Line) -> Iterator[Version | None]:
        """Yield what the line has not looked at; all, where what it reads besides has changed."""
        step, versions = line.step, self.versions
        if not step.trigger:
            yield None
            return
        joined = [p for p in step.params[1:] if not p.many and keyed(p.kind)]
        others = [self._token(line, p, None) for p in step.params[1:] if p not in joined]
        others += [self._list_token(line, kind) for kind in step.after]
        if line.looked is None or others != line.others:
            found = list(versions.all(step.trigger.kind, line.place))
        else:
            kins = {family(step.trigger.kind), *(family(p.kind) for p in joined)}
            keys = {v.body.key for k in kins for v in versions.changed(k, line.looked, line.place)}
            several = (versions.one(step.trigger.kind, key, line.place) for key in sorted(keys))
            found = [version for version in several if version]
        line.looked, line.others = line.place, others
        yield from found

    def _order(self, line: Line) -> None:
        """Begin the turns that need nothing, and say at once what can never run."""
        step, place = line.step, line.place
        assert step.needed
        triggers = {v.body.key: v for v in self.versions.all(_trigger(step).kind, place)}
        kin = step.needed.kind
        line.needs = Needs(triggers, lambda key: bool(self.versions.one(kin, key, place)))
        for key, problem in line.needs.problems.items():
            self.broken[place, key] = problem
            line.busy += 1
        self._begin_needing(line, line.needs.ready())

    def _begin_needing(self, line: Line, ready: list[str]) -> None:
        """Begin turns all of whose needs are there, and what is ready in turn without a wait."""
        assert line.needs
        for key in ready:  # which grows meanwhile
            if not self._begin(line, line.needs.triggers[key]):
                ready += line.needs.settle(key, ())

    def _begin(self, line: Line, trigger: Version | None) -> bool:
        """Begin a turn, if what it reads is there and it is new; false if it will not run."""
        step, reads = line.step, list[Any]()
        needed: tuple[Version, ...] = ()
        for n, param in enumerate(step.params):
            if param is step.needed:
                found = self._needed(line, trigger)
                if found is None:
                    return False
                needed = found
                token: Any = tuple((v.body.key, *v.mark(line.scope)) for v in found)
            elif not n and trigger:
                token = trigger.mark(line.scope)
            else:
                token = self._token(line, param, trigger)
                if token is None or (not n and token == NOTHING):
                    return False  # a condition that is not met
            reads.append(token)
        reads += [self._list_token(line, kind) for kind in step.after]
        if NOTHING in reads[len(step.params) :] or tuple(reads) in line.said:
            return False
        line.said.add(tuple(reads))
        turn = Turn(step, line.place, self.versions, trigger, needed, line.listed, tuple(reads))
        self._begun.append(turn)
        line.listed = line.place
        line.busy += 1
        return True

    def _needed(self, line: Line, trigger: Version | None) -> tuple[Version, ...] | None:
        """Return what is published about what a trigger needs; None if that is not all of it."""
        assert trigger and line.needs and line.step.needed
        found = []
        for key in sorted(set(trigger.body.needs)):
            own = line.needs.published.get(key)
            version = own or self.versions.one(line.step.needed.kind, key, line.place)
            if not version:
                self.skipped.add((line.place, trigger.body.key, key))
                return None
            found.append(version)
        return tuple(found)

    def _token(self, line: Line, param: Param, trigger: Version | None) -> Any:
        """Return what stands for what a parameter reads, None if it is missing."""
        if param.many:
            return self._list_token(line, param.kind)
        key = trigger.body.key if trigger and keyed(param.kind) else ""
        version = self.versions.one(param.kind, key, line.place)
        return version and version.mark(line.scope)

    def _list_token(self, line: Line, kind: type[Document]) -> Any:
        return self.versions.token(kind, line.place, line.scope)


def _trigger(step: Step) -> Param:
    assert step.trigger
    return step.trigger


def _order(message: Message) -> tuple[str, str, str]:
    return family(type(message.body)), message.body.key, message.id
