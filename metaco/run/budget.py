"""Limits that hold: the worst case of a call is reserved before it is sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

from metaco.core.errors import LimitReached
from metaco.core.limits import Limits
from metaco.run.usage import Used

__all__ = ["Budget", "Reservation", "WorstCase"]


@dataclass(frozen=True, slots=True)
class WorstCase:
    """The most a call can use: tokens, and dollars (None where the price is not known)."""

    tokens: int
    dollars: float | None


@dataclass(slots=True)
class _Sum:
    """What several calls can use at the most."""

    calls: int = 0
    tokens: int = 0
    dollars: float = 0.0

    def add(self, worst: WorstCase, times: int) -> None:
        self.calls += times
        self.tokens += times * worst.tokens
        self.dollars += times * (worst.dollars or 0.0)


class Budget:
    """Guards the limits of a run or of one of its roles, also with many calls in flight.

    Args:
        limits: what may be used in all.
        used: what the log says was used; it grows while calls return.
        unanswered: worst cases of calls that were in flight when an earlier process died. They may
            have been paid, so they count.
        maybe_billed: the same of calls that failed in a way after which they may have been paid.
        whose: the role, if it is the budget of one.
        kept: what is left over, and for whom, if these are not all limits of the run.
    """

    def __init__(
        self,
        limits: Limits,
        used: Used,
        unanswered: Iterable[WorstCase] = (),
        *,
        maybe_billed: Iterable[WorstCase] = (),
        whose: str = "",
        kept: str = "",
    ) -> None:
        self.limits, self.used, self.whose, self.kept = limits, used, whose, kept
        self._unconfirmed, self._in_flight, self._below = _Sum(), _Sum(), _Sum()
        for worst in unanswered:
            self._unconfirmed.add(worst, 1)
        for worst in maybe_billed:
            self.hold_unconfirmed(worst)
        minutes = limits.minutes
        self.deadline = time.monotonic() + minutes * 60 if minutes is not None else None
        self._released = asyncio.Event()

    async def reserve(self, worst: WorstCase) -> Reservation:
        """Hold what a call may use, until that is released.

        Waits for other calls to settle where that may make room.

        Raises:
            LimitReached: it does not fit, however the calls in flight end.
        """
        while problem := self._problem(worst, self._in_flight):
            if not self._in_flight.calls or self._problem(worst, _Sum()):
                raise problem
            await self._released.wait()
        self._in_flight.add(worst, 1)
        return Reservation(self, worst)

    def release(self, worst: WorstCase) -> None:
        """Hold what was reserved for a call no longer."""
        self._in_flight.add(worst, -1)
        released, self._released = self._released, asyncio.Event()
        released.set()

    def hold(self, more: WorstCase) -> None:
        """Hold more for a call whose reply used more than was reserved for it."""
        self._in_flight.add(more, 1)
        self._in_flight.calls -= 1

    def hold_unconfirmed(self, worst: WorstCase) -> None:
        """Keep holding what a call may have used that failed; as a call it counts as failed."""
        self._unconfirmed.add(worst, 1)
        self._unconfirmed.calls -= 1

    def spend_below(self, used: Used, times: int = 1) -> None:
        """Count what a run below this one has used, as long as it is not part of `used`."""
        self._below.add(WorstCase(used.tokens, used.dollars), times)
        self._below.calls += times * (used.calls + used.failed - 1)

    def time_is_up(self) -> LimitReached | None:
        """Return the error to raise if the minutes are over."""
        if self.deadline is not None and time.monotonic() >= self.deadline:
            return self.late()
        return None

    def seconds_left(self) -> float | None:
        """Return the seconds until the minutes are over, if they are limited."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def late(self) -> LimitReached:
        """Return the error that says that the minutes are over."""
        return LimitReached(
            f"The time limit of {self.limits.minutes or 0:g} minutes is reached{self.kept}.",
            "Run `metaco resume` to go on, with --minutes for more.",
            limit="minutes",
        )

    @property
    def exceeded(self) -> str:
        """The limit that was exceeded by more use than was reserved; empty if none."""
        whose = f" of the role {self.whose}" if self.whose else ""
        if self.limits.cost is not None and self._dollars > self.limits.cost + _SLACK:
            return f"limit of ${self.limits.cost:.2f}{whose}"
        if self.limits.tokens is not None and self._tokens > self.limits.tokens:
            return f"limit of {self.limits.tokens:,} tokens{whose}"
        return ""

    @property
    def overdrawn(self) -> bool:
        """Whether more is used and reserved than is allowed, as a reply was more than reserved."""
        limits, reserved = self.limits, (self._unconfirmed, self._in_flight)
        tokens = self._tokens + sum(each.tokens for each in reserved)
        dollars = self._dollars + sum(each.dollars for each in reserved)
        return (limits.tokens is not None and tokens > limits.tokens) or (
            limits.cost is not None and dollars > limits.cost + _SLACK
        )

    @property
    def _tokens(self) -> int:
        return self.used.tokens + self._below.tokens

    @property
    def _dollars(self) -> float:
        return self.used.dollars + self._below.dollars

    def _problem(self, worst: WorstCase, in_flight: _Sum) -> LimitReached | None:
        if late := self.time_is_up():
            return late
        limits, used, unconfirmed = self.limits, self.used, self._unconfirmed
        calls = used.calls + used.failed + self._below.calls + unconfirmed.calls + in_flight.calls
        if limits.calls is not None and calls + 1 > limits.calls:
            return self._reached(f"The limit of {limits.calls} calls is reached", "calls")
        tokens = unconfirmed.tokens + in_flight.tokens + worst.tokens
        if limits.tokens is not None and self._tokens + tokens > limits.tokens:
            more = f", up to {unconfirmed.tokens:,} more by calls whose reply did not arrive,"
            return self._reached(
                f"{self._tokens:,} of {limits.tokens:,} tokens are used"
                f"{more if unconfirmed.tokens else ''}"
                f" and the next call may need {worst.tokens:,}",
                "tokens",
            )
        dollars = unconfirmed.dollars + in_flight.dollars + (worst.dollars or 0.0)
        if limits.cost is not None and self._dollars + dollars > limits.cost + _SLACK:
            more = f", up to ${unconfirmed.dollars:.4f} more on calls whose reply did not arrive,"
            return self._reached(
                f"${self._dollars:.4f} of ${limits.cost:.2f} is spent"
                f"{more if unconfirmed.dollars else ''}"
                f" and the next call may cost ${worst.dollars or 0.0:.4f}",
                "cost",
            )
        return None

    def _reached(self, problem: str, limit: str) -> LimitReached:
        if not self.whose:
            option = "budget" if limit == "cost" else limit
            remedy = f"Run `metaco resume --{option}` with more."
            return LimitReached(f"{problem}{self.kept}.", remedy, limit=limit)
        return LimitReached(
            f"{problem} by the role {self.whose}.",
            f"Raise {limit} in [limits.roles.{self.whose}] of metaco.toml, and `metaco resume`.",
            limit=f"roles.{self.whose}.{limit}",
        )


@dataclass(slots=True)
class Reservation:
    """What a budget holds for one call.

    Attributes:
        budget: whose it is.
        worst: how much it is.
    """

    budget: Budget
    worst: WorstCase

    def grow(self, more: WorstCase) -> None:
        """Hold more, as the reply used more than was reserved for it."""
        self.budget.hold(more)
        self.worst = WorstCase(
            self.worst.tokens + more.tokens, (self.worst.dollars or 0.0) + (more.dollars or 0.0)
        )

    def release(self) -> None:
        """Hold nothing any longer."""
        self.budget.release(self.worst)


_SLACK = 1e-9  # sums of binary fractions
