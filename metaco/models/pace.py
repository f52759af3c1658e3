"""How fast a provider is asked: by all companies of this process together.

A provider has one `Pace` per process, found by its address, so that a hundred companies in several
threads keep the limits of the one account they share. It also remembers for how long a provider
that failed is better left alone.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from metaco.core.slots import Slots
from metaco.models.providers import Provider

__all__ = ["Pace", "Sent", "WaitedTooLong", "pace_of"]

_MINUTE = 60.0


@dataclass(eq=False, slots=True)
class Sent:
    """One request of the last minute; `tokens` is its worst case until its reply has come."""

    at: float
    tokens: int


class WaitedTooLong(Exception):
    """A request could not be sent in the time it had."""


class Pace:
    """Lets requests through as fast as a provider allows.

    Args:
        parallel: requests in flight at once; None is no limit, here and below.
        requests: requests per minute.
        tokens: tokens per minute, prompt and reply. What is asked for counts before a reply has
            come, what was used afterwards. A single request above the limit goes alone.
        clock, sleep: the time; tests have their own.
    """

    def __init__(
        self,
        parallel: int | None = None,
        requests: int | None = None,
        tokens: int | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        self._known: dict[int, Slots | None] = {0: None}
        self.limit(parallel, requests, tokens)
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()  # companies may run in the loops of several threads
        self._sent: deque[Sent] = deque()
        self._rests_until = -math.inf

    def limit(self, parallel: int | None, requests: int | None, tokens: int | None) -> None:
        """Set the limits."""
        if parallel and parallel not in self._known:  # kept, as companies may take turns at this
            self._known[parallel] = Slots(parallel)
        self._slots = self._known[parallel or 0]
        self._requests, self._tokens = requests, tokens

    @asynccontextmanager
    async def slot(self, tokens: int, seconds: float | None = None) -> AsyncIterator[Sent]:
        """Wait until a request of `tokens` tokens may be sent, and hold its place until it ends.

        Args:
            seconds: how long to wait at most.

        Yields:
            What is remembered of it; set its `tokens` to what was really used.

        Raises:
            WaitedTooLong: it could not be sent in that time.
        """
        slots = self._slots  # other companies may set another limit before it ends
        try:
            async with asyncio.timeout(seconds):
                if slots:
                    await slots.acquire()
                try:
                    sent = await self._send(tokens)
                except BaseException:
                    if slots:
                        slots.release()
                    raise
        except TimeoutError:
            raise WaitedTooLong from None
        try:
            yield sent
        finally:
            if slots:
                slots.release()

    @property
    def rests(self) -> bool:
        """Whether it failed lately, so that another provider is the better choice."""
        return self._clock() < self._rests_until

    def rest(self, seconds: float) -> None:
        """Remember that it failed: it is better left alone for some time."""
        self._rests_until = max(self._rests_until, self._clock() + seconds)

    def recover(self) -> None:
        """Remember that it works."""
        self._rests_until = -math.inf

    async def _send(self, tokens: int) -> Sent:
        """Wait until there is room in the minute, and take it."""
        while True:
            with self._lock:
                now = self._clock()
                wait = self._wait(now, tokens)
                if not wait:
                    sent = Sent(now, tokens)
                    self._sent.append(sent)
                    return sent
            await (self._sleep or asyncio.sleep)(wait)

    def _wait(self, now: float, tokens: int) -> float:
        """Return the seconds until there may be room."""
        while self._sent and now - self._sent[0].at >= _MINUTE:
            self._sent.popleft()
        if self._requests is None and self._tokens is None:
            self._sent.clear()
            return 0.0
        wait = 0.0
        if self._requests is not None and len(self._sent) >= self._requests:
            wait = self._sent[-self._requests].at + _MINUTE - now
        if self._tokens is not None and self._sent:
            used = sum(sent.tokens for sent in self._sent)
            for sent in self._sent:
                if used + tokens <= self._tokens:
                    break
                used -= sent.tokens
                wait = max(wait, sent.at + _MINUTE - now)
        return wait


_paces: dict[tuple[str, str], Pace] = {}


def pace_of(provider: Provider) -> Pace:
    """Return the pace of `provider`, the same one for all of this process."""
    pace = _paces.setdefault((provider.name, provider.base_url), Pace())
    pace.limit(provider.at_once, provider.requests_per_minute, provider.tokens_per_minute)
    return pace
