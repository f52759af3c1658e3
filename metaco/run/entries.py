"""What the log of a run can hold: one frozen class per kind of entry.

An `Entry` is the envelope, its `fact` what happened. Later versions only add kinds and fields: a
kind that is not known here is `Unknown`, and fields that are not known are kept in `more`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias, get_args

from metaco.run.effect_facts import (
    CallFailed,
    CallStarted,
    EffectEnded,
    EffectStarted,
    ReplyReceived,
)
from metaco.run.facts import LIST, MESSAGES, Published, StoredFact

__all__ = [
    "FORMAT",
    "KINDS",
    "CallFailed",
    "CallStarted",
    "DecisionMade",
    "EffectEnded",
    "EffectStarted",
    "Entry",
    "Fact",
    "InputGiven",
    "LimitHit",
    "NoteAdded",
    "ProjectNamed",
    "Published",
    "RepeatEnded",
    "ReplyReceived",
    "RunEnded",
    "RunStarted",
    "SandboxDisabled",
    "TurnCompleted",
    "TurnFailed",
    "Unknown",
]

FORMAT = 2
"""Version of what is written; later versions of metaco that only add write the same.

In logs of format 1 a turn is known by the ids of all it reads, which its entry lists too.
"""


@dataclass(frozen=True, slots=True)
class RunStarted(StoredFact):
    """A run has started; always the first entry of it.

    Attributes:
        format: the version of the log's format.
        metaco: the version of metaco.
        sop: the name of a built-in SOP, or the path of another one.
        sop_hash: of its text.
        parts: the documents that are given and the names that are wanted; see `SOP.parts`.
        models: the route of each role.
        steps: the names of all steps, in their order.
        gates: the names of those with a gate.
        limits: what the user limits; see `Limits.dump`.
        sandbox: ``auto``, ``require`` or ``off``.
        name: what to call the project, if its documents shall not decide.
        text: the requirement, or what else a list of runs shall show.
        parent: the run of which it is a part.
    """

    kind: ClassVar[Literal["run"]] = "run"
    format: int
    metaco: str
    sop: str
    sop_hash: str
    parts: Mapping[str, Any]
    models: Mapping[str, str]
    steps: tuple[str, ...] = field(metadata=LIST)
    gates: tuple[str, ...] = field(metadata=LIST)
    limits: Mapping[str, Any]
    sandbox: str
    name: str
    text: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class InputGiven(Published):
    """A document that the run starts from, or a new version of it.

    Attributes:
        id: the hash of type, key and content when it was published.
        type: the name of its class.
        key: what tells it from others of its family.
        body: its fields.
    """

    kind: ClassVar[Literal["input"]] = "input"


@dataclass(frozen=True, slots=True)
class TurnCompleted(StoredFact):
    """An action has published its documents: all or none. The entry's key is the turn's.

    Attributes:
        step: the step.
        subject: the key of the document it is about, where there are several.
        reads: the ids of the messages it read; of lists, those that no earlier turn of its line
            lists.
        publishes: the messages: id, type, key, body.
        findings: problems that were not fixed.
    """

    kind: ClassVar[Literal["turn"]] = "turn"
    step: str
    subject: str
    reads: tuple[str, ...] = field(metadata=LIST)
    publishes: tuple[Published, ...] = field(metadata=MESSAGES)
    findings: tuple[str, ...] = field(default=(), metadata=LIST)


@dataclass(frozen=True, slots=True)
class TurnFailed(StoredFact):
    """An action has failed.

    Attributes:
        turn: the key of the turn.
        step: the step.
        subject: the key of the document it is about, where there are several.
        error: the class of the exception.
        problem: what is wrong.
        remedy: what to do about it.
        text: the reply that could not be read.
        trace: the traceback, where the exception is none of metaco's.
    """

    kind: ClassVar[Literal["failure"]] = "failure"
    turn: str
    step: str
    subject: str
    error: str
    problem: str
    remedy: str
    text: str | None = None
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionMade(StoredFact):
    """A person has decided at a gate.

    Attributes:
        turn: the key of the turn.
        step: the step.
        subject: the key of the document it is about, where there are several.
        verdict: ``approve``, ``edit`` or ``stop``.
        publishes: the documents that replace those of the turn, for an edit.
    """

    kind: ClassVar[Literal["decision"]] = "decision"
    turn: str
    step: str
    subject: str
    verdict: str
    publishes: tuple[Published, ...] = field(metadata=MESSAGES)


@dataclass(frozen=True, slots=True)
class NoteAdded(StoredFact):
    """A turn is to be run again.

    Attributes:
        content_key: the key of the turn without notes.
        turn: its key.
        text: feedback of a person; empty to do it afresh, null to go on from where it failed.
    """

    kind: ClassVar[Literal["note"]] = "note"
    content_key: str = field(metadata={"name": "base"})
    turn: str
    text: str | None


@dataclass(frozen=True, slots=True)
class RepeatEnded(StoredFact):
    """A repeat of the SOP has ended, which follows from the entries before.

    Attributes:
        repeat: which one of the SOP, from 1.
        place: its line, or line and round of the repeat around it and line within, and so on.
        reason: ``until``: what it waits for was published; ``nothing new``: nothing was published
            in its last round; ``came back``: its content is what an earlier round left, and it
            says `settle`; ``at_most``.
        rounds: how many there were.
        back: the earlier round that left the same content, 0 for what was there before; null if
            there was none.
        until: the name of what it waits for.
    """

    kind: ClassVar[Literal["repeat"]] = "repeat"
    repeat: int
    place: tuple[int, ...] = field(metadata=LIST)
    reason: str
    rounds: int
    back: int | None
    until: str = ""

    def __str__(self) -> str:
        left = f"what round {self.back} had left" if self.back else "what was there before it"
        again = f", with {left}" if self.back is not None else ""
        why = {
            "until": f"{self.until} was published",
            "nothing new": "nothing new was published",
            "came back": f"it left {left}",
            "at_most": f"no more are allowed{again}",
        }
        rounds = "1 round" if self.rounds == 1 else f"{self.rounds} rounds"
        return f"ended after {rounds}: {why.get(self.reason, self.reason)}"


@dataclass(frozen=True, slots=True)
class LimitHit(StoredFact):
    """A limit was reached, so that lines with `on_limit` run with what is there.

    Attributes:
        limit: its name.
        lifted: the run goes on, as if they had not run.
    """

    kind: ClassVar[Literal["limit"]] = "limit"
    limit: str
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class ProjectNamed(StoredFact):
    """The project folder has been created; later ones say what it lacks, or that it lacks nothing.

    Attributes:
        folder: its name in the workspace; empty if it could not be created.
        unwritten: why it does not hold what the log holds, and what to do about it.
    """

    kind: ClassVar[Literal["project"]] = "project"
    folder: str
    unwritten: tuple[str, ...] = field(default=(), metadata=LIST)


@dataclass(frozen=True, slots=True)
class SandboxDisabled(StoredFact):
    """The sandbox was switched off when the run was resumed.

    Attributes:
        sandbox: ``off``.
    """

    kind: ClassVar[Literal["sandbox"]] = "sandbox"
    sandbox: str


@dataclass(frozen=True, slots=True)
class RunEnded(StoredFact):
    """The run has ended; it can still be resumed.

    Attributes:
        status: ``done``, ``failed``, ``waiting``, ``stopped``, ``limit`` or ``interrupted``.
        problem: the limit that was reached, in a sentence.
        limit: its name.
        accepted: false where it is done and did not reach its aim.
    """

    kind: ClassVar[Literal["end"]] = "end"
    status: str
    problem: str = ""
    limit: str = ""
    accepted: bool = True


@dataclass(frozen=True, slots=True)
class Unknown(StoredFact):
    """A fact of a kind that a later version writes; all of it is in `more`."""

    kind: str  # type: ignore[misc]


Fact: TypeAlias = (
    RunStarted
    | InputGiven
    | CallStarted
    | ReplyReceived
    | CallFailed
    | EffectStarted
    | EffectEnded
    | TurnCompleted
    | TurnFailed
    | DecisionMade
    | NoteAdded
    | RepeatEnded
    | LimitHit
    | ProjectNamed
    | SandboxDisabled
    | RunEnded
    | Unknown
)
"""All facts there are."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact of a run, in its envelope.

    Attributes:
        run, n: the run it belongs to, and its number in that, from 1, without gaps.
        at: when it was written, in seconds since 1970.
        key: unique among the entries of this kind in this run.
        fact: what it says.
    """

    run: str
    n: int
    at: float
    key: str
    fact: Fact

    @property
    def kind(self) -> str:
        """The tag of its fact."""
        return self.fact.kind


KINDS: Mapping[str, Any] = {kind.kind: kind for kind in get_args(Fact) if kind is not Unknown}
"""The classes of the known facts, by their tags."""
