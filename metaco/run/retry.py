"""When a call is worth another attempt, and after how long."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from metaco.core.errors import ProviderError
from metaco.run.options import Retry

if TYPE_CHECKING:
    import tenacity

__all__ = ["is_down", "is_our_fault", "retried"]

_LONGEST_OF_THE_LAST = 600
"""Seconds that the last model of a route is waited for where it asks for that."""


async def retried(
    work: Callable[[], Awaitable[None]],
    retry: Retry,
    left: Callable[[], float | None],
    *,
    last: bool,
) -> None:
    """Do `work`, again where that may help; the last model of a route is worth a longer wait.

    Args:
        left: returns the seconds until the time limit, if there is one.
    """
    longest = _LONGEST_OF_THE_LAST if last else retry.longest
    try:
        await work()
    except ProviderError as error:
        if not _is_passing(error, longest):
            raise
        await _again(work, error, retry, left, longest)


async def _again(
    work: Callable[[], Awaitable[None]],
    error: ProviderError | None,
    retry: Retry,
    left: Callable[[], float | None],
    longest: float,
) -> None:
    """Do `work` again after the first attempt has raised `error`."""
    import tenacity

    def wait(state: tenacity.RetryCallState) -> float:
        """Return how long to wait: as asked, else longer each time, to the time limit at most."""
        assert state.outcome
        asked = getattr(state.outcome.exception(), "retry_after", None)
        backoff = min(retry.first * 2.0 ** (state.attempt_number - 1), retry.longest)
        backoff *= random.uniform(0.75, 1)  # not all of many calls at the same moment
        seconds, most = float(asked) if asked is not None else backoff, left()
        return seconds if most is None else min(seconds, most)

    attempts = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(lambda error: _is_passing(error, longest)),
        stop=tenacity.stop_after_attempt(retry.attempts),
        wait=wait,
        reraise=True,
    )
    async for attempt in attempts:
        with attempt:
            if error:
                first, error = error, None
                raise first
            await work()


def is_down(error: ProviderError) -> bool:
    """Return whether a provider will fail again: one that is down, or refuses the key."""
    return error.status in (401, 402, 403) or _is_passing(error, float("inf"))


def is_our_fault(error: ProviderError) -> bool:
    """Return whether the request is wrong, so that another model would refuse it as well."""
    return error.status in (400, 422)


def _is_passing(error: BaseException, longest: float) -> bool:
    """Return whether the same request may succeed within `longest` seconds: not if refused."""
    if not isinstance(error, ProviderError):
        return False
    if error.retry_after is not None and error.retry_after > longest:
        return False
    return error.status is None or error.status in (408, 409, 425, 429) or error.status >= 500
