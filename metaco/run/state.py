"""The state of a run: a fold over the entries of its log.

A run is a *replay of remembered turns from its newest inputs*. The log remembers which turn, by
what it read, published what. The state goes through the SOP from the inputs, begins every turn
that can begin, publishes at once what the log remembers, and what it does not remember is `open`:
ready to be run. An input or feedback starts a new pass from the inputs; every other entry extends
the pass. Nothing has to be found and withdrawn after a change, because nothing derives it any
more; and resuming after a crash is looking at the log again.

The rules, of which the tests have an independent interpreter:

1. An SOP is read from top to bottom, a repeat as if written out round after round. A version stands
   at the place (line, round, line within ...) that published it; a reader sees of each identity
   (family, key) the last version above its own place.
2. A line is done when all lines above it that publish what it reads are done and none of its own
   turns is unpublished: open, waiting at a gate, failed, or broken. Done stays done within a pass.
3. A first parameter that is one document is a trigger: one turn per message, at once where exactly
   one step above publishes its family and none was there, else when the sources are done. One that
   is a list is a fan-in: one turn, when its sources are done, if there is at least one. All other
   parameters and `after` wait until their sources are done; where one is missing, the turn does
   not run. A plain parameter with a key takes the trigger's.
4. The key of a turn is the hash of run, step, what it reads, and notes. A document read is its
   content; where publisher and reader stand in one repeat, also the turn that said it, so that the
   same said again is news. On a `pure` line it is the content alone. No round and no line number is
   in a key.
5. A turn that a line has had in this pass says nothing again.
6. A repeat ends, and says why: what it waits `until` was published in the round; nothing new was;
   with `settle`, its content came back to that of an earlier round; or after `at_most` rounds.
7. A keyed document may need keys of the family that its line publishes: its turn starts when the
   turns about them have published. Unknown keys and circles are broken before anything of that
   line starts; only what needs them waits.
8. A line may publish again what a line above published: readers between them see the earlier
   version for good, readers below the later one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from metaco.core.document import Document, Message, digest, family
from metaco.run.entries import (
    FORMAT,
    CallFailed,
    CallStarted,
    DecisionMade,
    EffectEnded,
    EffectStarted,
    Entry,
    InputGiven,
    LimitHit,
    NoteAdded,
    ProjectNamed,
    RepeatEnded,
    ReplyReceived,
    RunStarted,
    SandboxDisabled,
    TurnCompleted,
    TurnFailed,
)
from metaco.run.messages import Messages
from metaco.run.scheduler import Pass, Stage
from metaco.run.turn import Turn
from metaco.sop.procedure import SOP

__all__ = ["CallState", "State"]


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
        parked: open turns that wait for a person's answer, with the keys of the questions.
        effects, results: what turns began outside, and what came of it, by key.
        progress: how far the SOP has come.
        calls: requests to models, by key.
        unwritten: why the project folder does not hold what the log holds.
        at_limit: whether a limit was reached, so that lines with `on_limit` run.
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
        self.effects: dict[str, EffectStarted] = {}
        self.results: dict[str, EffectEnded] = {}
        self.parked: dict[str, set[str]] = {}
        self.failures: dict[str, TurnFailed] = {}
        self.decisions: dict[str, DecisionMade] = {}
        self.notes: dict[str, tuple[str, ...]] = {}
        self.project = ""
        self.unwritten: tuple[str, ...] = ()
        self.sandbox, self.at_limit = "", False
        self.counts: Counter[str] = Counter()
        self._format = FORMAT
        self._fresh: dict[str, None] = {}
        self._recorded: set[str] = set()
        self._restart()
        for entry in entries:
            self.apply(entry)

    # -- the fold

    def apply(self, entry: Entry) -> list[Turn]:
        """Take in the next entry; return the turns that have become ready by it."""
        self.n = entry.n
        self.counts[entry.kind] += 1
        self._fresh = {}
        before = self.open
        self._record(entry)
        self._begin_turns()
        fresh: Iterable[str] = self._fresh
        if self.open is not before:  # a new pass: what was ready before is known already
            fresh = [key for key in self.open if key not in before]
        return [self.open[key][0] for key in fresh if key in self.open and key not in self.parked]

    def _record(self, entry: Entry) -> None:
        match entry.fact:  # the most frequent first
            case CallStarted() | CallFailed() | ReplyReceived() as fact:
                self.calls[fact.call].apply(fact)
            case TurnCompleted(publishes=publishes):
                self.memory[entry.key] = list(map(self.messages.decode, publishes))
                self.parked.pop(entry.key, None)
                for turn in self.open.pop(entry.key, []) + self.failed.pop(entry.key, []):
                    self._publish_or_wait(turn)
            case EffectStarted(turn=turn_key) as effect:
                self.effects[entry.key] = effect
                if effect.how == "ask" and turn_key not in self.memory:
                    self.parked.setdefault(turn_key, set()).add(entry.key)
            case EffectEnded() as result:
                self.results.setdefault(entry.key, result)
                self._unpark(entry.key)
            case RunStarted(sandbox=sandbox, format=version):
                self.sandbox, self._format = sandbox, version
            case SandboxDisabled(sandbox=sandbox):  # what ran since then stays
                self.sandbox = sandbox
            case ProjectNamed() as project:
                self.project, self.unwritten = project.folder or self.project, project.unwritten
            case LimitHit(lifted=lifted):
                self.at_limit = not lifted
                if lifted:
                    self._restart()
                else:
                    self.progress.release()
            case RepeatEnded():
                self._recorded.add(entry.key)
            case InputGiven() as published:
                message = self.messages.decode(published)
                self.inputs[family(type(message.body)), message.body.key] = message
                self._restart()
            case NoteAdded(text=None, turn=key):  # try again, with what is paid already
                self.failures.pop(key, None)
                if key in self.failed:
                    self.open[key] = self.failed.pop(key)
                    self._fresh[key] = None
            case NoteAdded(text=str(text), content_key=content_key):
                self.notes[content_key] = (*self.notes.get(content_key, ()), text)
                self._restart()
            case TurnFailed(turn=key) as failure:
                self.failures[key] = failure
                if key in self.open:
                    self.failed[key] = self.open.pop(key)
            case DecisionMade(turn=key) as decision:
                if self.decision_of(key) in ("wait", "stop"):  # the first word counts
                    self.decisions[key] = decision
                for turn in self.waiting.pop(key, []):
                    self._publish_or_wait(turn)

    def _unpark(self, effect: str) -> None:
        """Let a turn go on that has waited for this effect alone, if only to ask the next thing."""
        turn = self.effects[effect].turn if effect in self.effects else ""
        if effect in (waits := self.parked.get(turn, set())):
            waits.discard(effect)
            if not waits:
                del self.parked[turn]
                self._fresh[turn] = None

    def _restart(self) -> None:
        """Begin a pass: go through the SOP again, from the newest inputs."""
        self.open: dict[str, list[Turn]] = {}
        self.waiting: dict[str, list[Turn]] = {}
        self.failed: dict[str, list[Turn]] = {}
        self.progress = Pass(self.sop, self.inputs.values())
        self._noted = 0

    def _begin_turns(self) -> None:
        """Begin every turn that can begin: publish what is remembered, leave the others open."""
        while turn := self.progress.next_turn():
            turn.content_key = self._content_key(turn)
            turn.notes = self.notes.get(turn.content_key, ())
            turn.key = digest(turn.content_key, *turn.notes) if turn.notes else turn.content_key
            if turn.key in self.memory:
                self._publish_or_wait(turn)
            elif turn.key in self.failures:
                self.failed.setdefault(turn.key, []).append(turn)
            else:
                if turn.key not in self.open:  # an equal turn of another line may be open already
                    self._fresh[turn.key] = None
                self.open.setdefault(turn.key, []).append(turn)

    def _content_key(self, turn: Turn) -> str:
        if self._format > 1:
            return digest(self.run, turn.step.name, turn.content)
        return digest(self.run, turn.step.name, turn.ids())  # as earlier versions had it

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
        self.progress.publish(turn, messages)

    # -- what others ask

    def ready(self) -> list[Turn]:
        """Return the turns that can run now."""
        return [turns[0] for key, turns in self.open.items() if key not in self.parked]

    def questions(self) -> dict[str, Turn]:
        """Return the keys of the questions that people have not answered, and who asks."""
        return {
            effect: self.open[turn][0]
            for turn, effects in self.parked.items()
            if turn in self.open
            for effect in sorted(effects)
        }

    def documents(self) -> list[Message]:
        """Return the current version of everything, also in repeats that go on."""
        return self.progress.documents()

    def output(self) -> Document | None:
        """Return what the run is for, if it is there: the SOP's output."""
        if self.status != "done" and not self.at_limit:
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

    def stages(self) -> Iterator[Stage]:
        """Yield what each line published, from top to bottom, round by round."""
        return self.progress.stages()

    def problems(self) -> list[TurnFailed]:
        """Return why turns failed, or can never run."""
        remedy = "Change what it needs: with `metaco resume RUN --change` or at a gate."
        return [self.failures[key] for key in self.failed] + [
            TurnFailed("", self.progress.step_at(place).name, key, "NeedsError", why, remedy)
            for (place, key), why in self.progress.broken.items()
        ]

    def ends(self) -> list[RepeatEnded]:
        """Return why each repeat ended that did."""
        return self.progress.ends

    def new_ends(self) -> Iterator[tuple[str, RepeatEnded]]:
        """Yield what the log does not hold about ends of repeats, with its key, once."""
        passes = self.counts["input"] + self.counts["note"]
        for end in self.progress.ends[self._noted :]:
            self._noted += 1
            key = f"{'.'.join(map(str, end.place))}/{passes}/{end.rounds}"
            if key not in self._recorded:
                yield key, end

    @property
    def status(self) -> str:
        """``open``, ``stopped``, ``failed``, ``waiting`` (for a person), or ``done``."""
        if any(self.decision_of(key) == "stop" for key in self.waiting):
            return "stopped"
        if self.open.keys() - self.parked.keys():
            return "open"
        if self.failed or self.progress.broken:
            return "failed"
        return "waiting" if self.waiting or self.open else "done"

    def decision_of(self, key: str) -> str:
        """Return what a person said of the turn at its gate; ``wait`` if nothing yet."""
        return self.decisions[key].verdict if key in self.decisions else "wait"

    def previous_versions(self, turn: Turn) -> list[Message]:
        """Return what this turn published before its last note."""
        before = turn.notes[:-1]
        key = digest(turn.content_key, *before) if before else turn.content_key
        return self.memory.get(key, []) if turn.notes else []
