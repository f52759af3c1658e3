"""Gates: what a person decides on what a turn published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from metaco.core.document import Document
from metaco.core.errors import ConfigurationError
from metaco.run.state import State
from metaco.run.turn import Turn

__all__ = ["Ask", "Decision", "find_waiting"]


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on what a turn published.

    Attributes:
        verdict: ``approve``; ``edit``: publish `documents` in its place; ``feedback``: run the turn
            again with `text`; ``stop``: end the run.
        documents: for ``edit``: what readers get in the place of what the turn published.
        text: for ``feedback``: what should be different.
    """

    verdict: Literal["approve", "edit", "feedback", "stop"]
    documents: Sequence[Document] = ()
    text: str = ""


Ask: TypeAlias = Callable[[Turn, list[Document]], Awaitable[Decision | None]]
"""Asks a person to decide on what a turn published; None means not now."""


def find_waiting(state: State, name: str, decision: Decision) -> list[Turn]:
    """Return the turns that wait at a gate for a decision.

    Args:
        name: of the step, or ``step:key`` where several of its documents wait.

    Raises:
        ConfigurationError: none waits, or there are several and only one can be meant.
    """
    name, _, key = name.partition(":")
    step = state.sop.find(name).name
    waiting = [turns[0] for turns in state.waiting.values()]
    waiting = [turn for turn in waiting if turn.step.name == step and key in ("", turn.subject)]
    if not waiting:
        raise ConfigurationError(
            f"No document of {step} is waiting for a decision.",
            "`metaco show` lists what is waiting.",
        )
    if len(waiting) > 1 and decision.verdict == "edit":
        raise ConfigurationError(
            f"{len(waiting)} documents of {step} are waiting, and the edit does not select one.",
            f"Name one, as {step}:{waiting[0].subject}.",
        )
    return waiting
