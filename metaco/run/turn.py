"""A turn: one action applied to the documents it reads."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from metaco.core.document import keyed
from metaco.core.errors import MetacoError, ReplyError
from metaco.core.redaction import redact
from metaco.run.entries import TurnFailed
from metaco.run.versions import Place, Version, Versions
from metaco.sop.steps import Param, Step

__all__ = ["Turn"]


@dataclass(eq=False, slots=True)
class Turn:
    """One action applied to the documents it reads, which are looked up when it runs.

    Attributes:
        step: the line of the SOP.
        place: the line, and the round where it stands in a repeat.
        versions: what is published.
        trigger: the version it is about, where there is one turn for each.
        needed: what its line published about what the trigger needs.
        since: what stands above this place is among the reads of earlier turns of its line.
        content: what stands for all that it reads.
        content_key: the key without notes; feedback is addressed to it.
        key: what the log remembers it by.
        notes: what was said about earlier versions.
    """

    step: Step
    place: Place
    versions: Versions
    trigger: Version | None
    needed: Sequence[Version]
    since: Place
    content: tuple[Any, ...]
    content_key: str = ""
    key: str = ""
    notes: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The key of the document it is about, where there are several turns of one step."""
        return self.trigger.body.key if self.trigger else ""

    @property
    def args(self) -> dict[str, Any]:
        """The documents, by parameter."""
        args: dict[str, Any] = {}
        for param in self.step.params:
            bodies = [version.body for version in self._read(param)]
            args[param.name] = bodies if param.many else bodies[0]
        return args

    def reads(self) -> tuple[str, ...]:
        """Return the ids of what it reads; of lists those that its line has not listed before."""
        found: list[Version] = []
        for param in self.step.params:
            if param.many and param is not self.step.needed:
                found += self.versions.new(param.kind, self.since, self.place)
            else:
                found += self._read(param)
        return tuple(version.message.id for version in found)

    def ids(self) -> dict[str, list[str]]:
        """Return the ids of all that it reads, by parameter."""
        read = {param.name: self._read(param) for param in self.step.params}
        for kind in self.step.after:
            read[f"after {kind.__name__}"] = list(self.versions.all(kind, self.place))
        return {name: [version.message.id for version in found] for name, found in read.items()}

    def _read(self, param: Param) -> Sequence[Version]:
        if param is self.step.needed:
            return self.needed
        if param.many:
            return list(self.versions.all(param.kind, self.place))
        if self.trigger and param is self.step.trigger:
            return [self.trigger]
        key = self.subject if keyed(param.kind) else ""
        version = self.versions.one(param.kind, key, self.place)
        assert version  # else the turn had not begun
        return [version]

    def failure(self, error: BaseException) -> TurnFailed:
        """Return what the log says of the turn where its action raises `error`."""
        problem, remedy, trace = repr(error), "", None
        if isinstance(error, MetacoError):
            problem, remedy = error.problem, error.remedy
        else:
            trace = redact("".join(traceback.format_exception(error)))
        if isinstance(error, TimeoutError | asyncio.CancelledError):
            problem = f"The role {self.step.role_name} stopped waiting by itself: {error!r}."
            remedy = "No option limits that but the code of the role; `metaco show -v` shows where."
        return TurnFailed(
            turn=self.key,
            step=self.step.name,
            subject=self.subject,
            error=type(error).__name__,
            problem=redact(problem),
            remedy=redact(remedy),
            text=error.text if isinstance(error, ReplyError) else None,
            trace=trace,
        )
