"""A turn: one action applied to the messages it reads."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from metaco.core.document import Document, Message
from metaco.core.errors import MetacoError, ReplyError
from metaco.core.redaction import redact
from metaco.run.entries import TurnFailed
from metaco.sop.steps import Step

__all__ = ["Turn"]


@dataclass(eq=False, slots=True)
class Turn:
    """One action applied to the messages it reads.

    Attributes:
        step: the line of the SOP.
        args: the documents, by parameter.
        reads: the ids of the messages.
        content_key: the key without notes; feedback is addressed to it.
        key: what the log remembers it by.
        notes: what was said about earlier versions.
        publish: takes what it publishes, once that may be read.
    """

    step: Step
    args: dict[str, Any]
    reads: tuple[str, ...]
    content_key: str
    key: str
    notes: tuple[str, ...]
    publish: Callable[[Iterable[Message]], None]

    @property
    def subject(self) -> str:
        """The key of the document it is about, where there are several turns of one step."""
        first = next(iter(self.args.values()))
        return first.key if isinstance(first, Document) else ""

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
