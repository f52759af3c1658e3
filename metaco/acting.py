"""What a role may do outside, beside asking its model: each of it is done once.

A turn that runs again gets what came of it the first time; see `metaco.run.effects`.
"""

from __future__ import annotations

import asyncio
import inspect
import time
import typing
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar, overload

from metaco.context import Context, How
from metaco.core.document import Document
from metaco.core.errors import ConfigurationError, EffectUnsure

__all__ = ["Acting"]

T = TypeVar("T")


class Acting:
    """Whoever does something in a turn.

    Attributes:
        context: what it may use.
    """

    def __init__(self, context: Context) -> None:
        self.context = context

    @overload
    async def once(self, do: Callable[..., Awaitable[T]], /, *args: Any, **named: Any) -> T: ...

    @overload
    async def once(self, do: Callable[..., T], /, *args: Any, **named: Any) -> T: ...

    async def once(self, do: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        """Do something outside: a turn that runs again gets what came of it the first time.

        Args:
            do: a function, async or not; those that are not run in a thread. One that is marked
                ``@tool(once=True)`` changes something outside. If a process dies in the middle of
                it, a person is asked whether it was done; others are just done again.
            args, named: what it is called with; JSON can hold them, and what it returns.

        Raises:
            EffectUnsure: it was done, and what it returned is lost.
            TypeError: arguments or result are nothing that JSON can hold.
        """
        from pydantic import TypeAdapter

        hint = typing.get_type_hints(do).get("return", Any) if inspect.isroutine(do) else Any
        result: TypeAdapter[Any] = TypeAdapter(hint)

        async def run() -> Any:
            if inspect.iscoroutinefunction(do):
                value: Any = await do(*args, **named)
            else:
                value = await asyncio.to_thread(do, *args, **named)
                value = await value if inspect.isawaitable(value) else value
            return value if hint is Any else result.dump_python(value, mode="json")

        name = getattr(do, "__name__", type(do).__name__)
        how: How = "once" if getattr(do, "__metaco_tool__", {}).get("once") else "again"
        about: dict[str, Any] = {"args": args, **({"named": named} if named else {})}
        while True:
            try:
                return result.validate_python(await self.context.perform(name, about, run, how))
            except EffectUnsure as unsure:
                answer = await self.decide(f"{unsure.problem} What now?", [_AGAIN, _DONE])
                if answer == _DONE:
                    raise
            about = {**about, "attempt": about.get("attempt", 1) + 1}

    async def decide(self, question: str, options: Sequence[str] = ()) -> str:
        """Ask a person, and return their answer. The turn ends here, and begins again with it.

        Args:
            question: what they are asked.
            options: one of these is the answer; without any, it is what they write.
        """
        about = {"question": question, "options": list(options)}
        answer: str = await self.context.perform("decide", about, _nobody, "ask")
        return answer

    async def until(self, when: datetime | timedelta) -> None:
        """Wait until a time, or for so long; a turn that runs again waits for what is left.

        Raises:
            TypeError: a time without a time zone.
        """
        if isinstance(when, timedelta):
            # When it began is the result of an effect as well.
            now = await self.context.perform("now", when.total_seconds(), _now)
            seconds = now + when.total_seconds() - time.time()
        elif when.tzinfo is None:
            raise TypeError("Say in which time zone: datetime.now().astimezone() is one that does.")
        else:
            seconds = when.timestamp() - time.time()

        async def wait() -> None:
            await asyncio.sleep(seconds)

        await self.context.perform("until", str(when), wait)

    async def run(self, sop: Any, *given: Document | str) -> Any:
        """Have another SOP do some work, in a run of its own, and return the document it is for.

        Its other documents are in that run; the line `sop: NAME` of an SOP publishes them all. What
        it uses counts in the limits of this run. A turn that runs again takes the document, or
        goes on with that run where it was.

        Args:
            sop: an `SOP`, its name or its path.
            given: the documents it starts from; a text stands for its input.

        Raises:
            RunFailed: it did not get to its end.
            SOPError: there is no such SOP, or it cannot run.
        """
        if not self.context.run:
            raise ConfigurationError("Nobody is there to run an SOP.", "Run it in a company.")
        return (await self.context.run(sop, given))[0]


_AGAIN, _DONE = "do it again", "it was done"


async def _nobody() -> str:
    raise ConfigurationError("Nobody is there to answer.", "Run it in a company.")


async def _now() -> float:
    return time.time()
