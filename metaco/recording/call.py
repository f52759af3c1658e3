"""One recorded call, and the calls that the log of a run holds."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from metaco.core.document import digest
from metaco.core.model import Reply, ToolCall, Usage
from metaco.run.entries import CallStarted, Entry, ReplyReceived, RunStarted

__all__ = ["CallReader", "RecordedCall", "key_of", "scrubbed"]

RejectedReplies = tuple[tuple[str, str], ...]


def key_of(
    role: str,
    action: str,
    system: str,
    prompt: str,
    earlier: RejectedReplies,
    attachments: Sequence[Mapping[str, Any]] = (),
    tools: Sequence[str] = (),
    results: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return the hash of what a model sees, after scrubbing."""
    more: list[Any] = [attachments] if attachments else []
    more += [{"tools": tools, "results": results}] if tools or results else []
    return digest(role, action, system, prompt, earlier, *more)


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call and its reply.

    Attributes:
        name: the name of its file: place of the step in the SOP, step, subject.
        role, action: who asked, and for what.
        subject: the key of the document it is about, where there are several.
        system, prompt, rejected_replies: what was asked; see `metaco.core.model.Request`.
        key: the hash of all that: the same question has the same key on every machine. It is
            empty where the page holds no prompt: the reply is for any question of its step.
        repetition: the ordinal of this request among equal ones of the run, from 1.
        model: the model's name as the user gave it; `answered_by`, as the provider did.
        finish: why the reply ended.
        usage: tokens as they were counted, or estimated.
        cost: dollars, or None where the price is not known.
        text: the reply.
        sampling: how the reply was to be drawn; no part of the key, as the question is the same.
        attachments: the files that went with the prompt, as the log holds them.
        tools, results, calls: what the model could call, what came of its calls before, and what
            it called now, as the log holds them.
    """

    name: str
    role: str
    action: str
    subject: str
    system: str
    prompt: str
    rejected_replies: RejectedReplies = ()
    key: str = ""
    repetition: int = 1
    model: str = ""
    answered_by: str = ""
    finish: str = "stop"
    usage: Usage = field(default_factory=Usage)
    cost: float | None = None
    text: str = ""
    sampling: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[Mapping[str, Any], ...] = ()
    tools: tuple[str, ...] = ()
    results: tuple[Mapping[str, Any], ...] = ()
    calls: tuple[Mapping[str, Any], ...] = ()

    @property
    def step(self) -> str:
        """Role and action, as an SOP names them."""
        return f"{self.role}.{self.action}"

    @property
    def reply(self) -> Reply:
        """The reply as a model gives it."""
        calls = tuple(ToolCall(**call) for call in self.calls)
        return Reply(self.text, self.usage, self.answered_by, self.finish, calls=calls)


class CallReader:
    """Reads the calls out of a log, entry by entry.

    Names and repetitions go by the order in which the calls began, so that they are the same
    however long each reply took.

    Args:
        scrub: takes out what belongs to this machine; by default nothing is taken out.

    Attributes:
        models: the name of each role's model, the first of its route.
    """

    def __init__(self, scrub: Callable[[str], str] = str) -> None:
        self._scrub = scrub
        self.models: dict[str, str] = {}
        self._steps: list[str] = []
        self._begun: dict[str, RecordedCall] = {}
        self._names: Counter[str] = Counter()
        self._repetitions: Counter[str] = Counter()

    def of(self, entries: Iterable[Entry]) -> list[RecordedCall]:
        """Return the calls in `entries` that got a reply, in the order of the replies."""
        return [call for entry in entries if (call := self.take(entry))]

    def take(self, entry: Entry) -> RecordedCall | None:
        """Take in one entry; return the call that it completes, if it does."""
        match entry.fact:
            case RunStarted(steps=steps, models=routes):
                self._steps = list(steps)
                self.models = {
                    role: self._scrub(route.partition(",")[0]) for role, route in routes.items()
                }
            case CallStarted() as call if call.call not in self._begun:
                self._begun[call.call] = self._begin(call)
            case ReplyReceived() as reply if begun := self._begun.get(entry.key):
                return replace(
                    begun,
                    model=self._scrub(reply.model),
                    answered_by=self._scrub(reply.answered_by),
                    finish=reply.finish,
                    usage=reply.usage,
                    cost=reply.cost,
                    text=self._scrub(reply.text),
                    calls=scrubbed(reply.calls, self._scrub),
                )
        return None

    @property
    def begun(self) -> list[RecordedCall]:
        """All calls so far, also those without a reply, in the order in which they began."""
        return list(self._begun.values())

    def _begin(self, call: CallStarted) -> RecordedCall:
        scrub = self._scrub
        role, _, action = call.step.rpartition(".")
        subject = scrub(call.subject)
        system, prompt = scrub(call.system), scrub(call.prompt)
        earlier = tuple((scrub(reply), scrub(wrong)) for reply, wrong in call.rejected_replies)
        results = scrubbed(call.results, scrub)
        key = key_of(role, action, system, prompt, earlier, call.attachments, call.tools, results)
        self._repetitions[key] += 1
        name = self._name(f"{role}.{action}", subject)
        return RecordedCall(
            name,
            role,
            action,
            subject,
            system,
            prompt,
            earlier,
            key,
            self._repetitions[key],
            sampling=scrubbed(call.sampling or {}, scrub),
            attachments=call.attachments,
            tools=call.tools,
            results=results,
        )

    def _name(self, step: str, subject: str) -> str:
        if step not in self._steps:  # a log of an earlier version, or an SOP that has changed
            self._steps.append(step)
        about = _file_name_part(subject)
        name = (
            f"{self._steps.index(step) + 1:02}-{_file_name_part(step)}{'-' if about else ''}{about}"
        )
        self._names[name.casefold()] += 1
        number = self._names[name.casefold()]
        return f"{name}~{number}" if number > 1 else name


def scrubbed(value: Any, scrub: Callable[[str], str]) -> Any:
    """Return plain JSON with all its texts scrubbed; a list becomes a tuple, as facts have it."""
    plain = json.loads(scrub(json.dumps(value)))
    return tuple(plain) if isinstance(plain, list) else plain


def _file_name_part(text: str) -> str:
    """Return `text` as a part of a file name that every system allows."""
    short = re.sub(r"[^\w.-]+", "-", text).encode()[:90].decode("utf-8", "ignore")
    return short.strip("-.")
