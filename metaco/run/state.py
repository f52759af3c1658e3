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
   turns is unpublished: open, waiting at a gate, or failed. Done stays done within a pass.
3. A first parameter that is one document is a trigger: one turn per message, at once where its
   family has exactly one source, else when the sources are done. One that is a list is a fan-in:
   one turn, when its sources are done, if there is at least one. All other parameters and `after`
   wait until their sources are done; where one is missing, the step does not run.
4. The current version of an identity (family, key) is that of the last publisher above the
   reader; of two turns of one step the larger message id. A plain parameter with a key takes the
   trigger's.
5. A repeat is one line. A round starts from what the round before left; the last round's versions
   appear below it.
6. The key of a turn is the hash of run, step, ids of what it reads, and notes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from metaco.core.document import Document, Message, digest, family
from metaco.run.entries import (
    CallFailed,
    CallStarted,
    DecisionMade,
    Entry,
    InputGiven,
    NoteAdded,
    ProjectNamed,
    ReplyReceived,
    RunStarted,
    SandboxDisabled,
    TurnCompleted,
    TurnFailed,
)
from metaco.run.messages import Messages
from metaco.run.round import Round, Stage
from metaco.run.turn import Turn
from metaco.sop.procedure import SOP

__all__ = ["CallState", "State"]

_MOVES = (InputGiven, NoteAdded, TurnCompleted, DecisionMade)
"""The facts after which something may have become ready."""


@dataclass(slots=True)
class CallState:
    """What the log knows of one request to a model.

    Attributes:
        attempts: how often it was sent.
        failed: how often an error came back.
        maybe_billed: how many of these may have been paid all the same.
        worst: the most an attempt can use: tokens, and dollars if the price is known.
        step: the name of the step that makes it.
        replies: how often a reply came back; one is usual, more were paid all the same.
        reply: the one that counts.
    """

    attempts: int = 0
    replies: int = 0
    failed: int = 0
    maybe_billed: int = 0
    worst: tuple[int, float | None] = (0, None)
    step: str = ""
    reply: ReplyReceived | None = None

    @property
    def unanswered(self) -> int:
        """Attempts of which nothing was heard: in flight, now or when a process died."""
        return self.attempts - self.failed - self.replies

    def apply(self, fact: CallStarted | CallFailed | ReplyReceived) -> None:
        """Take in one more fact about it."""
        match fact:
            case CallStarted():
                self.attempts += 1
                self.worst, self.step = (fact.tokens, fact.cost), fact.step
            case CallFailed():
                self.failed += 1
                self.maybe_billed += fact.maybe_billed
            case ReplyReceived():
                self.replies += 1
                self.reply = self.reply or fact


class State:
    """What is known of a run after reading its entries.

    Args:
        sop: the procedure; its types decode the messages.
        run: the name of the run.
        entries: the log from the beginning.
        messages: reads them; share it to read no document twice.

    Attributes:
        open: turns that can run now, by key; each key may stand for several equal turns.
        waiting: turns that ran and wait for a person.
        failed: turns that failed.
        fresh: open turns that nobody has taken up yet, for the environment.
        calls: requests to models, by key.
        unwritten: why the project folder does not hold what the log holds.
        sandbox: ``off`` if generated code was allowed to run unconfined, at any time of the run.
        n: the position up to which entries were read.
    """

    def __init__(
        self,
        sop: SOP,
        run: str,
        entries: Iterable[Entry] = (),
        messages: Messages | None = None,
    ) -> None:
        self.sop, self.run, self.n = sop, run, 0
        self.messages = messages or Messages(sop)
        self.inputs: dict[tuple[str, str], Message] = {}
        self.memory: dict[str, list[Message]] = {}
        self.calls: dict[str, CallState] = defaultdict(CallState)
        self.failures: dict[str, TurnFailed] = {}
        self.decisions: dict[str, DecisionMade] = {}
        self.notes: dict[str, tuple[str, ...]] = {}
        self.project = ""
        self.unwritten: tuple[str, ...] = ()
        self.sandbox = ""
        self.counts: Counter[str] = Counter()
        self._restart()
        self.extend(entries)

    def extend(self, entries: Iterable[Entry]) -> None:
        """Take in further entries, in their order."""
        new_pass, moved = False, False
        for entry in entries:
            new_pass |= self._record(entry)
            moved |= isinstance(entry.fact, _MOVES)
        if new_pass:
            self._restart()
        if new_pass or moved:
            self.root.advance()

    def begin(self, turn: Turn) -> None:
        """Take a turn from a round: publish what the log remembers of it, or leave it open."""
        if turn.key in self.memory:
            self._publish_or_wait(turn)
            return
        turns = self.failed if turn.key in self.failures else self.open
        if turns is self.open and turn.key not in turns:
            self.fresh.append(turn)
        turns.setdefault(turn.key, []).append(turn)

    def documents(self) -> list[Message]:
        """Return the current version of everything."""
        end = len(self.root.busy)
        return [
            m for kin in sorted(self.root.documents) for m in self.root.current_versions(kin, end)
        ]

    def output(self) -> Document | None:
        """Return what the run is for, if it is there: the SOP's output."""
        if self.status != "done":
            return None
        kind = self.sop.output
        if kind is None:
            last = self.sop.body.steps[-1].outputs
            return next((m.body for m in self.documents() if isinstance(m.body, last)), None)
        return next((m.body for m in self.documents() if isinstance(m.body, kind)), None)

    def missing(self) -> tuple[str, ...]:
        """Return the names of what the run is for and is not there, once it is done."""
        if self.status != "done":
            return ()
        bodies = [message.body for message in self.documents()]
        goals = self.sop.goals.items()
        return tuple(
            name for name, kinds in goals if not any(isinstance(body, kinds) for body in bodies)
        )

    def accepted(self) -> bool:
        """Return whether the run has reached its aim: for software, all tests of P0 passed."""
        output = self.output()
        return not self.missing() and (output is None or output.accepted())

    def stages(self) -> list[Stage]:
        """Return what each line published, from top to bottom, round by round."""
        return [stage for stage in self.root.stages() if stage.messages]

    @property
    def status(self) -> str:
        """``open``, ``stopped``, ``failed``, ``waiting`` (for a person), or ``done``."""
        if any(self.decision_of(key) == "stop" for key in self.waiting):
            return "stopped"
        if self.open:
            return "open"
        return "failed" if self.failed else "waiting" if self.waiting else "done"

    def decision_of(self, key: str) -> str:
        """Return what a person said of the turn at its gate; ``wait`` if nothing yet."""
        return self.decisions[key].verdict if key in self.decisions else "wait"

    def previous_versions(self, turn: Turn) -> list[Message]:
        """Return what this turn published before its last note."""
        before = turn.notes[:-1]
        key = digest(turn.content_key, *before) if before else turn.content_key
        return self.memory.get(key, []) if turn.notes else []

    def _restart(self) -> None:
        self.open: dict[str, list[Turn]] = {}
        self.waiting: dict[str, list[Turn]] = {}
        self.failed: dict[str, list[Turn]] = {}
        self.fresh: list[Turn] = []
        self.root = Round(self, self.sop.body, list(self.inputs.values()))

    def _record(self, entry: Entry) -> bool:
        """Take in one entry; true when it changes the past, so that a new pass begins."""
        self.n = max(self.n, entry.n)
        self.counts[entry.kind] += 1
        match entry.fact:  # the most frequent first
            case CallStarted() | CallFailed() | ReplyReceived() as fact:
                self.calls[fact.call].apply(fact)
            case TurnCompleted(publishes=publishes):
                self.memory[entry.key] = list(map(self.messages.decode, publishes))
                for turn in self.open.pop(entry.key, []) + self.failed.pop(entry.key, []):
                    self._publish_or_wait(turn)
            case RunStarted(sandbox=sandbox):
                self.sandbox = sandbox
            case SandboxDisabled(sandbox=sandbox):  # what ran since then stays
                self.sandbox = sandbox
            case ProjectNamed() as project:
                self.project, self.unwritten = project.folder or self.project, project.unwritten
            case InputGiven() as published:
                message = self.messages.decode(published)
                self.inputs[family(type(message.body)), message.body.key] = message
                return True
            case NoteAdded() as note:
                if note.text is None:  # try again, with what is paid already
                    self.failures.pop(note.turn, None)
                else:
                    earlier = self.notes.get(note.content_key, ())
                    self.notes[note.content_key] = (*earlier, note.text)
                return True
            case TurnFailed() as failure:
                self.failures[failure.turn] = failure
                if failure.turn in self.open:
                    self.failed[failure.turn] = self.open.pop(failure.turn)
            case DecisionMade() as decision:
                if self.decision_of(decision.turn) in ("wait", "stop"):  # the first word counts
                    self.decisions[decision.turn] = decision
                for turn in self.waiting.pop(decision.turn, []):
                    self._publish_or_wait(turn)
        return False

    def _publish_or_wait(self, turn: Turn) -> None:
        """Publish what the log remembers of the turn, or hold it for a person."""
        messages = self.memory[turn.key]
        if turn.step.gate:
            decided = self.decision_of(turn.key)
            if decided in ("wait", "stop"):
                self.waiting.setdefault(turn.key, []).append(turn)
                return
            if decided == "edit":
                edited = self.decisions[turn.key].publishes
                messages = list(map(self.messages.decode, edited))
        turn.publish(messages)
