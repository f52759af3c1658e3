"""Gates and questions: what a person decides on what a turn published, or answers to one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from metaco.core.document import Document
from metaco.core.errors import ConfigurationError
from metaco.run.state import State
from metaco.run.turn import Turn

__all__ = [
    "Answer",
    "Ask",
    "Decision",
    "People",
    "Question",
    "find_question",
    "find_waiting",
    "questions",
]


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


@dataclass(frozen=True, slots=True)
class Question:
    """What a turn that waits asks a person.

    Attributes:
        key: of the effect that the answer ends.
        step, subject: who asks, and about which document where there are several.
        text: what is asked.
        options: one of these is the answer; without any, it is what they write.
    """

    key: str
    step: str
    subject: str
    text: str
    options: tuple[str, ...] = ()

    def checked(self, answer: str) -> str:
        """Return the answer that a person means: an option, which its beginning can stand for.

        Raises:
            ConfigurationError: it is empty, or none of the options.
        """
        answer = answer.strip()
        fits = [each for each in self.options if each.lower() == answer.lower()]
        fits = fits or [each for each in self.options if each.lower().startswith(answer.lower())]
        if answer and (not self.options or len(fits) == 1):
            return fits[0] if fits else answer
        raise ConfigurationError(
            f"{answer!r} is no answer to: {self.text}",
            f"Answer {' or '.join(self.options)}." if self.options else "Write something.",
        )


Answer: TypeAlias = Callable[[Question], Awaitable[str | None]]
"""Asks a person what a turn wants to know; None means not now."""

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


def questions(state: State) -> list[Question]:
    """Return what turns want to know of a person."""
    found = []
    for key, turn in state.questions().items():
        about = state.effects[key].about
        text, options = str(about), list[str]()
        if isinstance(about, dict):  # else it was too long to be kept whole
            text, options = about["question"], about["options"]
        found.append(Question(key, turn.step.name, turn.subject, text, tuple(options)))
    return found


def find_question(state: State, name: str) -> Question:
    """Return the question that an answer is to.

    Args:
        name: of the step, or ``step:key`` where several turns of it ask; empty for the only one.

    Raises:
        ConfigurationError: there is none, or more than one.
    """
    step, _, key = name.partition(":")
    step = state.sop.find(step).name if step else ""
    asked = questions(state)
    fits = [each for each in asked if step in ("", each.step) and key in ("", each.subject)]
    if len(fits) == 1:
        return fits[0]
    names = dict.fromkeys(f"{q.step}:{q.subject}" if q.subject else q.step for q in asked)
    if not fits:
        raise ConfigurationError(
            f"Nothing {f'of {step} ' if step else ''}is waiting for an answer.",
            "`metaco show` lists what is waiting.",
        )
    raise ConfigurationError(
        f"{len(fits)} questions are waiting.", f"Say which one you answer: {', '.join(names)}."
    )


class People:
    """Asks people about what waits for them, each thing once.

    Args:
        ask, answer: how; without one of them, that kind waits.
        decide, reply: what is done with a decision, and with an answer.

    Attributes:
        asked: the keys of what people know about.
    """

    def __init__(
        self,
        ask: Ask | None,
        answer: Answer | None,
        decide: Callable[[Turn, Decision], Awaitable[None]],
        reply: Callable[[Question, str], Awaitable[None]],
    ) -> None:
        self.asked: set[str] = set()
        self._ask, self._answer, self._decide, self._reply = ask, answer, decide, reply

    def asking(self, state: State) -> Iterator[Coroutine[Any, Any, None]]:
        """Yield what asks about everything that is new."""
        for key, turns in state.waiting.items() if self._ask else ():
            if key not in self.asked:
                self.asked.add(key)
                yield self._gate(turns[0], [message.body for message in state.memory[key]])
        for question in questions(state) if self._answer and state.parked else ():
            if question.key not in self.asked:
                self.asked.add(question.key)
                yield self._question(question)

    async def _gate(self, turn: Turn, documents: list[Document]) -> None:
        assert self._ask
        if decision := await self._ask(turn, documents):
            await self._decide(turn, decision)

    async def _question(self, question: Question) -> None:
        assert self._answer
        if (text := await self._answer(question)) is not None:
            await self._reply(question, text)
