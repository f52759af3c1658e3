"""What the log of a run can hold: one frozen class per kind of entry.

An `Entry` is the envelope, its `fact` what happened. Later versions only add kinds and fields: a
kind that is not known here is `Unknown`, and fields that are not known are kept in `more`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias, get_args

from metaco.core.document import Document, message_id
from metaco.core.model import Usage

__all__ = [
    "FORMAT",
    "KINDS",
    "CallFailed",
    "CallStarted",
    "DecisionMade",
    "Entry",
    "Fact",
    "InputGiven",
    "NoteAdded",
    "ProjectNamed",
    "Published",
    "ReplyReceived",
    "RunEnded",
    "RunStarted",
    "SandboxDisabled",
    "TurnCompleted",
    "TurnFailed",
    "Unknown",
]

FORMAT = 1
"""Version of what is written; later versions of metaco that only add write the same."""

# How the codec reads a list, and the name that a field has in JSON where it is another one.
_TUPLE, _PAIRS, _MESSAGES = ({"list_of": what} for what in ("values", "pairs", "messages"))


@dataclass(frozen=True, slots=True)
class _Fact:
    """What an entry says.

    Attributes:
        kind, more: its tag in the log, and what later versions write besides, kept as it is.
    """

    kind: ClassVar[str]
    more: Mapping[str, Any] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True, slots=True)
class Published(_Fact):
    """A message as stored in the log: a document in plain JSON, with its id."""

    id: str
    type: str
    key: str
    body: Mapping[str, Any]

    @classmethod
    def of(cls, document: Document) -> Published:
        """Return the message that publishes `document`."""
        body = document.model_dump(mode="json")
        return cls(message_id(document, body), type(document).__name__, document.key, body)


@dataclass(frozen=True, slots=True)
class RunStarted(_Fact):
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
    """

    kind: ClassVar[Literal["run"]] = "run"
    format: int
    metaco: str
    sop: str
    sop_hash: str
    parts: Mapping[str, Any]
    models: Mapping[str, str]
    steps: tuple[str, ...] = field(metadata=_TUPLE)
    gates: tuple[str, ...] = field(metadata=_TUPLE)
    limits: Mapping[str, Any]
    sandbox: str
    name: str
    text: str


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
class CallStarted(_Fact):
    """A model is about to be called; on disk before each attempt.

    Attributes:
        call: stands for the request, also when it is tried again.
        step: the step that asks.
        model: the name of the model, as the user gives it.
        turn: the key of the turn that asks.
        subject: the key of the document it is about, where there are several.
        tokens: the most that the attempt can use.
        cost: the most dollars of it; null where the price is not known.
        system: the system prompt of the role.
        prompt: the part that is this action's own.
        rejected_replies: replies to this request that could not be used, each with the reason.
        sampling: how the reply is to be drawn, where anything says so.
        attachments: the files that go with the prompt: name, type, sha256.
    """

    kind: ClassVar[Literal["call"]] = "call"
    call: str
    step: str
    model: str
    turn: str
    subject: str
    tokens: int
    cost: float | None
    system: str
    prompt: str
    rejected_replies: tuple[tuple[str, str], ...] = field(metadata={"name": "earlier", **_PAIRS})
    sampling: Mapping[str, Any] | None = None
    attachments: tuple[Mapping[str, Any], ...] = field(default=(), metadata=_TUPLE)


@dataclass(frozen=True, slots=True)
class ReplyReceived(_Fact):
    """A model has replied; logged on arrival, before it is parsed.

    Attributes:
        call: the request it answers; the entry's key, or that of the attempt for a further one.
        step: the step that asked.
        model: the name of the model, as the user gives it.
        seconds: how long it took.
        text: the reply.
        finish: why it ended, as ``stop`` or ``length``.
        answered_by: the name of the model, as its provider gives it.
        prompt_tokens: of the request.
        reply_tokens: of the reply.
        cached_tokens: those of the request that the provider's cache served.
        uncounted: the provider did not count them; the most they can be is booked.
        cost: dollars; null where the price is not known.
        dearer: it came from a dearer model than the one that was asked.
        extra: tokens counted beyond the most that the prompt can have.
        over: how many times the tokens that the reply may have.
    """

    kind: ClassVar[Literal["reply"]] = "reply"
    call: str
    step: str
    model: str
    seconds: float
    text: str
    finish: str
    answered_by: str
    prompt_tokens: int
    reply_tokens: int
    cached_tokens: int
    uncounted: bool
    cost: float | None
    dearer: bool = False
    extra: int = 0
    over: float = 0.0

    @property
    def usage(self) -> Usage:
        """The tokens of the call."""
        return Usage(self.prompt_tokens, self.reply_tokens, self.cached_tokens)


@dataclass(frozen=True, slots=True)
class CallFailed(_Fact):
    """A call has failed: no reply arrived.

    Attributes:
        call: the request.
        step: the step that asked.
        model: the name of the model, as the user gives it.
        problem: what went wrong.
        seconds: how long it took.
        status: of HTTP, if there was one.
        retry_after: seconds after which the provider wants to be asked again.
        maybe_billed: the provider may have been paid all the same.
    """

    kind: ClassVar[Literal["error"]] = "error"
    call: str
    step: str
    model: str
    problem: str
    seconds: float
    status: int | None
    retry_after: float | None = None
    maybe_billed: bool = field(default=False, metadata={"name": "unsure"})


@dataclass(frozen=True, slots=True)
class TurnCompleted(_Fact):
    """An action has published its documents: all or none. The entry's key is the turn's.

    Attributes:
        step: the step.
        subject: the key of the document it is about, where there are several.
        reads: the ids of the messages it read.
        publishes: the messages.
        findings: problems that were not fixed.
    """

    kind: ClassVar[Literal["turn"]] = "turn"
    step: str
    subject: str
    reads: tuple[str, ...] = field(metadata=_TUPLE)
    publishes: tuple[Published, ...] = field(metadata=_MESSAGES)
    findings: tuple[str, ...] = field(default=(), metadata=_TUPLE)


@dataclass(frozen=True, slots=True)
class TurnFailed(_Fact):
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
class DecisionMade(_Fact):
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
    publishes: tuple[Published, ...] = field(metadata=_MESSAGES)


@dataclass(frozen=True, slots=True)
class NoteAdded(_Fact):
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
class ProjectNamed(_Fact):
    """The project folder has been created; later ones say what it lacks, or that it lacks nothing.

    Attributes:
        folder: its name in the workspace; empty if it could not be created.
        unwritten: why it does not hold what the log holds, and what to do about it.
    """

    kind: ClassVar[Literal["project"]] = "project"
    folder: str
    unwritten: tuple[str, ...] = field(default=(), metadata=_TUPLE)


@dataclass(frozen=True, slots=True)
class SandboxDisabled(_Fact):
    """The sandbox was switched off when the run was resumed.

    Attributes:
        sandbox: ``off``.
    """

    kind: ClassVar[Literal["sandbox"]] = "sandbox"
    sandbox: str


@dataclass(frozen=True, slots=True)
class RunEnded(_Fact):
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
class Unknown(_Fact):
    """A fact of a kind that a later version writes; all of it is in `more`."""

    kind: str  # type: ignore[misc]


Fact: TypeAlias = (
    RunStarted
    | InputGiven
    | CallStarted
    | ReplyReceived
    | CallFailed
    | TurnCompleted
    | TurnFailed
    | DecisionMade
    | NoteAdded
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
