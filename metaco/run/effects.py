"""Effects: what a turn does outside, each of them once.

A turn that runs again takes the results that are there. An effect is known by its turn, its name,
what it is about, and how often the turn has done the same before; it is in the log before it
starts, and so is what came of it before the turn goes on. Calls to models are effects with rules of
their own, about money: see `metaco.run.calls`.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json

from metaco.context import How
from metaco.core.document import digest
from metaco.core.errors import EffectUnsure, RunBusy
from metaco.core.model import Reply, Request
from metaco.core.redaction import redact
from metaco.core.sandbox import Sandbox, SandboxLimits, SandboxResult
from metaco.run.entries import EffectEnded, EffectStarted
from metaco.run.feed import Feed
from metaco.run.state import State
from metaco.run.turn import Turn

__all__ = ["Effects", "Outcome", "Parked", "effect_key", "is_parked", "waits_below"]

LONG = 256 * 1024
"""The most bytes of a result that are part of its entry."""

SHOWN = 4000
"""The most characters of what an effect is about that are in the log."""


class Parked(BaseException):
    """The turn waits for a person: it ends here, and begins again when there is an answer.

    No `Exception`, so that no role takes it for a failure.

    Args:
        below: it waits for a run below this one, which waits for a person.
    """

    def __init__(self, below: bool = False) -> None:
        super().__init__()
        self.below = below


def is_parked(error: BaseException) -> bool:
    """Return whether an error, or each of a group of errors, says that a turn waits."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(is_parked, error.exceptions))
    return isinstance(error, Parked)


def waits_below(error: BaseException) -> bool:
    """Return whether a turn that is parked waits for a run below it."""
    if isinstance(error, BaseExceptionGroup):
        return any(map(waits_below, error.exceptions))
    return isinstance(error, Parked) and error.below


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an effect, with what it has cost."""

    value: Any
    cost: Mapping[str, Any]


effect_key: ContextVar[str] = ContextVar("effect_key")
"""The key of the effect that is being done, the same whenever it is done again."""


class Effects:
    """What one attempt of a turn does outside.

    Args:
        turn: who does it.
        state, feed: what is known of the run, and its way to the log.
        ask: asks the models of the turn, with the key under which the log knows the request.
        open_sandbox: opens the place where generated code may run.
    """

    def __init__(
        self,
        turn: Turn,
        state: State,
        feed: Feed,
        ask: Callable[[Request, str], Awaitable[Reply]],
        open_sandbox: Callable[[], Awaitable[Sandbox]],
    ) -> None:
        self._turn, self._state, self._feed = turn, state, feed
        self._ask, self._open_sandbox = ask, open_sandbox
        self._done: Counter[tuple[str, ...]] = Counter()
        self._flying, self._over = 0, False
        self._landed = asyncio.Event()
        notes = [note for note in turn.notes if note]
        self._lasting = digest(turn.content_key, *notes) if notes else turn.content_key

    async def call(self, request: Request) -> Reply:
        """Ask the models of this turn."""
        with self._flight():
            return await self._ask(request, self._key(self._turn.key, request.digest()))

    async def sandbox(self) -> Sandbox:
        """Open the sandbox; what ran there before is not run again."""
        perform = partial(self.perform, afresh=True)
        return _Sandbox(await self._open_sandbox(), perform)

    async def perform(
        self,
        name: str,
        about: Any,
        do: Callable[[], Awaitable[Any]],
        how: How = "again",
        afresh: bool = False,
    ) -> Any:
        """Do something outside, unless the log holds what came of it.

        Args:
            name: what is done.
            about: with what, as JSON.
            do: does it, and returns JSON.
            how: see `metaco.run.effect_facts.EffectStarted`.
            afresh: do it anew in a turn that is done afresh since its reply was no good; else that
                turn takes what came of it before.

        Returns:
            What came of it, as it is read from JSON.

        Raises:
            EffectUnsure: it is to be done once, was begun before, and nobody knows what came of it.
            Parked: a person is to answer.
            TypeError: what it is about, or what came of it, is no JSON.
        """
        with self._flight():
            shown = _json(about, name)
            turn = self._turn.key if afresh else self._lasting
            return await self._perform(self._key(turn, name, shown), name, shown, do, how)

    async def land(self) -> None:
        """Let nothing more begin, and wait for what has begun: its results are not to be lost.

        Where a turn does several things at the same time, one of them may end it for all.
        """
        self._over = True
        while self._flying:
            self._landed.clear()
            await self._landed.wait()

    @contextmanager
    def _flight(self) -> Iterator[None]:
        if self._over:
            raise Parked
        self._flying += 1
        try:
            yield
        finally:
            self._flying -= 1
            self._landed.set()

    async def _perform(
        self, key: str, name: str, shown: str, do: Callable[[], Awaitable[Any]], how: How
    ) -> Any:
        step = self._turn.step.name
        if result := self._state.results.get(key):
            return await self._value(result)
        if key not in self._state.effects:
            await self._start(key, name, shown, how)
        elif how == "once":
            why = f"{name} was begun with {shown[:200]}, and nobody knows whether it was done."
            return await self._end(key, EffectEnded(step, name, 0.0, unsure=why))
        if how == "ask":
            raise Parked
        began, cost = time.monotonic(), None
        token = effect_key.set(key)
        try:
            made = await do()
            if isinstance(made, Outcome):
                made, cost = made.value, made.cost
            text = _json(made, name)
        except Exception as error:
            if how != "once":
                raise  # it may be done again
            why = f"{name} failed with {shown[:200]}, and may have been done: {error!r}."
            return await self._end(key, EffectEnded(step, name, 0.0, unsure=redact(why)))
        finally:
            effect_key.reset(token)
        blob = await self._feed.log.keep(text) if len(text) > LONG else ""
        value, seconds = None if blob else from_json(text), round(time.monotonic() - began, 3)
        return await self._end(key, EffectEnded(step, name, seconds, value, blob, cost))

    # -- the log

    def _key(self, turn: str, *what: str) -> str:
        """Return the key of an effect; it is taken before anything is waited for."""
        self._done[what] += 1
        return digest(turn, *what, self._done[what])

    async def _start(self, key: str, name: str, about: str, how: How) -> None:
        step, subject = self._turn.step.name, self._turn.subject
        whole = len(about) <= SHOWN or how == "ask"  # a person is shown all of a question
        shown = from_json(about) if whole else f"{about[:SHOWN]} ..."
        fact = EffectStarted(self._turn.key, step, subject, name, shown, how)
        # What may be done again need not be on disk before.
        if not await self._feed.append(key, fact, early=how == "again"):
            raise RunBusy(
                f"Another process is working on the run {self._state.run}.",
                "Wait for it with `metaco resume --wait`, or end it first.",
            )

    async def _end(self, key: str, result: EffectEnded) -> Any:
        await self._feed.append(key, result, early=True)
        return await self._value(self._state.results[key])

    async def _value(self, result: EffectEnded) -> Any:
        if result.unsure:
            raise EffectUnsure(result.unsure, "Catch EffectUnsure in the role to go on without it.")
        return from_json(await self._feed.log.kept(result.blob)) if result.blob else result.value


def _json(value: Any, name: str) -> str:
    try:
        return to_json(value, inf_nan_mode="constants").decode()
    except (PydanticSerializationError, ValueError) as error:
        raise TypeError(f"{name} takes and returns what JSON can hold: {error}") from error


_LIMITS = SandboxLimits()


class _Sandbox:
    """A sandbox of which the log keeps what ran there."""

    def __init__(self, sandbox: Sandbox, perform: Callable[..., Awaitable[Any]]) -> None:
        self._sandbox, self._perform = sandbox, perform

    @property
    def tier(self) -> str:
        return self._sandbox.tier

    async def run(
        self,
        files: Mapping[str, str],
        command: Sequence[str],
        *,
        fetch: Sequence[str] = (),
        limits: SandboxLimits = _LIMITS,
        stdin: str = "",
    ) -> SandboxResult:
        """Run a command, as any sandbox does, unless it ran in this turn before."""
        about = {
            "command": list(command),
            "files": digest(dict(files)),
            "fetch": list(fetch),
            "limits": asdict(limits),
            "stdin": digest(stdin),
        }

        async def do() -> dict[str, Any]:
            result = await self._sandbox.run(
                files, command, fetch=fetch, limits=limits, stdin=stdin
            )
            return asdict(result)

        return SandboxResult(**await self._perform("sandbox", about, do))
