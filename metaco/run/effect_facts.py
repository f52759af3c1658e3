"""What the log holds of effects: of calls to models, and of all else that a turn does outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from metaco.core.model import Reply, ToolCall, Usage
from metaco.run.facts import LIST, PAIRS, StoredFact

__all__ = ["CallFailed", "CallStarted", "EffectEnded", "EffectStarted", "ReplyReceived"]


@dataclass(frozen=True, slots=True)
class EffectStarted(StoredFact):
    """A turn is about to do something outside; the entry's key is the effect's.

    Attributes:
        turn: the key of the turn.
        step: the step.
        subject: the key of the document it is about, where there are several.
        name: what is done: the name of a function, ``sandbox``, ``run``,
            ``until`` or ``decide``.
        about: with what; of long texts the beginning.
        how: ``again``: where nobody knows what came of it, it is done again; ``once``: never in
            silence; ``ask``: a person ends it, and the turn waits.
    """

    kind: ClassVar[Literal["effect"]] = "effect"
    turn: str
    step: str
    subject: str
    name: str
    about: Any
    how: str


@dataclass(frozen=True, slots=True)
class EffectEnded(StoredFact):
    """What came of an effect; the entry's key is the effect's.

    Attributes:
        step: the step.
        name: what was done.
        seconds: how long it took.
        value: what came of it, as JSON; null where it is long.
        blob: the hash under which the log keeps what is long.
        cost: what a run below this one has used: in total, by role, step and model.
        unsure: why nobody knows whether it was done; empty where what came of it is known.
    """

    kind: ClassVar[Literal["result"]] = "result"
    step: str
    name: str
    seconds: float
    value: Any = None
    blob: str = ""
    cost: Mapping[str, Any] | None = None
    unsure: str = ""


@dataclass(frozen=True, slots=True)
class CallStarted(StoredFact):
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
        tools: the names of the tools that the model may call.
        results: the calls of the reply before and what came of them; what was said earlier is in
            earlier entries.
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
    rejected_replies: tuple[tuple[str, str], ...] = field(metadata={"name": "earlier", **PAIRS})
    sampling: Mapping[str, Any] | None = None
    attachments: tuple[Mapping[str, Any], ...] = field(default=(), metadata=LIST)
    tools: tuple[str, ...] = field(default=(), metadata=LIST)
    results: tuple[Mapping[str, Any], ...] = field(default=(), metadata=LIST)


@dataclass(frozen=True, slots=True)
class ReplyReceived(StoredFact):
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
        calls: the calls of tools in it: tool, arguments, id.
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
    calls: tuple[Mapping[str, Any], ...] = field(default=(), metadata=LIST)

    @property
    def usage(self) -> Usage:
        """The tokens of the call."""
        return Usage(self.prompt_tokens, self.reply_tokens, self.cached_tokens)

    @property
    def reply(self) -> Reply:
        """The reply as the model gave it."""
        calls = tuple(ToolCall(**call) for call in self.calls)
        return Reply(self.text, self.usage, self.answered_by, self.finish, calls=calls)


@dataclass(frozen=True, slots=True)
class CallFailed(StoredFact):
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
