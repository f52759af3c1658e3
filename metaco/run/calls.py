"""Calls to models: paid once, tried again where that helps, answered by another model where not.

This is the only place that tries again. What is asked is looked up in the log first. Else, for
each model of the route and for each attempt: what the call may cost at worst is reserved, the
provider's pace is kept, the call is logged, the model is asked, and its reply or error is logged.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from metaco.core.errors import LimitReached, ProviderError, RunBusy
from metaco.core.limits import Limits
from metaco.core.model import Model, Reply, Request, Usage
from metaco.core.redaction import redact
from metaco.models.pace import Pace, pace_of
from metaco.models.providers import provider_of, same_name
from metaco.run.budget import Budget, Excess, Worst
from metaco.run.cost import Cost, Used
from metaco.run.log import Money
from metaco.run.state import State, Turn

if TYPE_CHECKING:
    import tenacity

__all__ = ["Append", "Calls", "Retry"]


@dataclass(frozen=True, slots=True)
class Retry:
    """When a provider fails: attempts in all, seconds before the second and at the most.

    A provider that still fails is left alone for `longest` seconds where a route has others.
    """

    attempts: int = 5
    first: float = 1.0
    longest: float = 60.0


class Append(Protocol):
    """Appends an entry to the log of the run, and takes it into its state.

    It returns whether the entry is new: false if there was one of that kind and key.
    """

    def __call__(
        self, kind: str, key: str, body: dict[str, Any], money: Money | None = None
    ) -> Awaitable[bool]: ...


class Calls:
    """The calls of one run.

    Args:
        state, cost: what the log says of the run; they grow while calls return.
        append, append_early: put an entry into the log and go on when it is on disk, or when it
            has its place.
        limits: what may be used in all, and by single roles.
        parallel: how many calls may be in flight at once.
        retry: what to do when a provider fails.
        prices: prices of the user's own.
        daily: the most dollars that all runs of the log may cost in a day.
        warnings: what a person should know is added here.
    """

    def __init__(
        self,
        state: State,
        cost: Cost,
        *,
        append: Append,
        append_early: Append,
        limits: Limits,
        parallel: int,
        retry: Retry,
        prices: Mapping[str, Mapping[str, float]],
        daily: float,
        warnings: list[str],
    ) -> None:
        self._state, self._cost, self._limits, self._retry = state, cost, limits, retry
        self._append, self._append_early = append, append_early
        self._prices, self._daily, self._warnings = prices, daily, warnings
        self._budget = Budget(limits, cost.total, self._lost(), unsure=self._unsure())
        self._budgets: dict[str, Budget] = {}  # of roles
        self._slots = asyncio.Semaphore(parallel)
        # Attempts from before we worked, and ours: others are of somebody else who works now.
        self._known = Counter({key: call.attempts for key, call in state.calls.items()})
        self._flying, self._landed = 0, asyncio.Event()
        self._run = asyncio.current_task()
        self._cancels = self._run.cancelling() if self._run else 0  # of what came before
        self._excess: dict[str, Excess] = defaultdict(Excess)  # of models
        for call in state.calls.values():
            if call.reply:
                self._learn(call.reply)

    def time_is_up(self) -> LimitReached | None:
        """Return the error to raise if the minutes are over."""
        return self._budget.time_is_up()

    async def ask(self, turn: Turn, route: Sequence[Model], request: Request, key: str) -> Reply:
        """Return the reply that the log holds for a request, or ask the models of the route.

        Args:
            turn: who asks.
            route: the models to ask, the best first.
            request: what is asked.
            key: what the log remembers it by.

        Raises:
            ProviderError: no model of the route answered; this is what was wrong with the last.
            LimitReached: a limit does not allow the call.
        """
        models = [(model, pace_of(provider_of(model))) for model in route]
        while not (reply := self._state.calls[key].reply):
            model, pace = models.pop(0)
            others = [pace for _, pace in models]
            try:
                async for attempt in self._attempts(last=not models):
                    with attempt:
                        await self._attempt(turn, model, pace, others, request, key)
                pace.recover()
            except _Resting:
                models.append((model, pace))
            except _Overtaken:
                models.insert(0, (model, pace))
            except ProviderError as error:
                self._give_up(pace, error)
                if not models or getattr(error, "status", None) in _WRONG:
                    raise
        return _from_log(reply)

    def _attempts(self, *, last: bool) -> tenacity.AsyncRetrying:
        """Return the attempts on one model; the last of a route is worth a longer wait."""
        import tenacity

        return tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(
                lambda error: _worth_a_retry(error, 600 if last else self._retry.longest)
            ),
            stop=tenacity.stop_after_attempt(self._retry.attempts),
            wait=self._wait,
            reraise=True,
        )

    async def _attempt(
        self, turn: Turn, model: Model, pace: Pace, others: list[Pace], request: Request, key: str
    ) -> None:
        from metaco.models.prices import estimate

        # No token is shorter than a byte, so that this cannot be passed; the estimate could be.
        asked = Usage(prompt=len(request.text.encode("utf-8", "replace")), reply=request.max_tokens)
        most, worst = self._worst(model, asked)
        budgets = [b for b in (self._role_budget(turn.step.role_name), self._budget) if b]
        for budget in budgets:
            self._refuse_unpriced(model, worst, budget.limits)
        async with AsyncExitStack() as held:
            for budget in budgets:
                await held.enter_async_context(budget.reserve(worst))
            await held.enter_async_context(self._slots)
            if pace.rests and any(not other.rests for other in others):
                raise _Resting
            tokens = estimate(request.text) + request.max_tokens
            try:
                async with asyncio.timeout(self._left()):
                    sent = await held.enter_async_context(pace.turn(tokens))
            except TimeoutError:
                raise self._budget.late() from None
            if late := self.time_is_up():
                raise late
            number, day = self._state.calls[key].attempts + 1, Money.today()
            if number > self._known[key] + 1:
                raise self._busy()
            facts = {"call": key, "step": turn.step.name, "model": model.name}
            started = {
                **facts,
                "turn": turn.key,
                "subject": turn.subject,
                "tokens": worst.tokens,
                "cost": worst.dollars,
                "system": request.system,
                "prompt": request.prompt,
                "earlier": [list(pair) for pair in request.rejected_replies],
            }

            def overtaken() -> bool:
                changed = self._worst(model, asked)[1] != worst
                return changed or any(budget.overdrawn for budget in budgets)

            await self._begin(f"{key}/{number}", started, day, overtaken)
            try:
                reply = await self._answer(
                    turn, model, request, facts, f"{key}/{number}", day, worst, budgets
                )
                body = {**facts, **self._entry(model, reply, asked, most, worst)}
                if not body["uncounted"]:
                    sent.tokens = body["prompt_tokens"] + body["reply_tokens"]
                self._learn(body)
                for budget in budgets:
                    held.enter_context(budget.hold(_beyond(worst, body)))
                money = Money((body["cost"] or 0.0) - (worst.dollars or 0.0), day)
                if not await self._append_early("reply", key, body, money):
                    # Somebody else was answered before: this one was paid as well.
                    await self._append_early("reply", f"{key}/{number}", body, money)
                self._warn_if_passed(model, budgets)
            finally:
                self._flying -= 1
                landed, self._landed = self._landed, asyncio.Event()
                landed.set()

    async def _begin(
        self, key: str, body: dict[str, Any], day: str, overtaken: Callable[[], bool]
    ) -> None:
        """Log that a call is made, once the budget of the day has room for it.

        Raises:
            RunBusy: somebody else makes it.
        """
        while True:
            if overtaken():  # by a reply that broke its word, while this call waited
                raise _Overtaken
            landed = self._landed
            self._known[body["call"]] += 1
            try:
                new = await self._append(
                    "call", key, body, Money(body["cost"] or 0.0, day, self._daily)
                )
            except LimitReached:
                self._known[body["call"]] -= 1
                if not self._flying:
                    raise
                await landed.wait()  # what it leaves over may be enough
            else:
                if not new:
                    raise self._busy()
                self._flying += 1
                return

    def _busy(self) -> RunBusy:
        return RunBusy(
            f"Somebody else is working on the run {self._state.run}.",
            "Wait for it with `metaco resume --wait`, or end it first.",
        )

    async def _answer(
        self,
        turn: Turn,
        model: Model,
        request: Request,
        facts: dict[str, Any],
        key: str,
        day: str,
        worst: Worst,
        budgets: Sequence[Budget],
    ) -> Reply:
        """Return what the model answers; `facts` gets the seconds it took."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._left()) as cut:
                reply = await model.complete(request)
        except (Exception, asyncio.CancelledError) as error:
            why = self._why(error, turn, model, late=cut.expired())
            failed = {**facts, "problem": redact(str(why)), "seconds": _since(began)}
            failed["status"] = getattr(why, "status", None)
            if (asked := getattr(why, "retry_after", None)) is not None:
                failed["retry_after"] = asked
            money: Money | None = Money(-(worst.dollars or 0.0), day)
            if isinstance(why, LimitReached | _CutOff) or getattr(why, "unsure", False):
                failed["unsure"], money = True, None
                for budget in budgets:
                    budget.doubt(worst)
            await self._append_early("error", key, failed, money)
            if why is error or isinstance(why, _CutOff):
                raise
            raise why from error
        facts["seconds"] = _since(began)
        return reply

    def _why(self, error: BaseException, turn: Turn, model: Model, *, late: bool) -> BaseException:
        """Return the error that says why a call got no reply."""
        if late:
            return self._budget.late()
        if isinstance(error, asyncio.CancelledError):
            if self._run and self._run.cancelling() > self._cancels:
                return _CutOff("The run was interrupted before the answer came.")
            return _CutOff(f"The role {turn.step.role_name} did not wait for the answer.")
        if isinstance(error, TimeoutError):
            return ProviderError(
                f"{model.name} did not answer in time{f': {error}' if str(error) else ''}.",
                "Try again later, or allow the model more time.",
                unsure=True,
            )
        return error

    def _entry(
        self, model: Model, reply: Reply, asked: Usage, most: Usage, worst: Worst
    ) -> dict[str, Any]:
        """Return what is booked for a reply; its worst case where it says nothing to go by.

        Args:
            asked, most: the most tokens it should have, and what was reserved for it.
        """
        from metaco.models.prices import estimate

        bare = model.name.partition(":")[2] or model.name
        real = reply.model or bare
        if not provider_of(model).renames and not same_name(bare, real):
            self._warn(_stood_in(model.name, real))
        counted = reply.usage if reply.usage and reply.usage.sound else None
        long = len(reply.text) > _LONGEST_TOKEN * asked.reply
        used = counted or Usage(most.prompt, max(most.reply, estimate(reply.text) * long))
        cost, usual = self._price(model, used, real), self._price(model, used)
        dearer = cost is not None and usual is not None and cost > usual
        if not counted and worst.dollars is not None:
            cost = max(cost or 0.0, worst.dollars)
        body = {
            "text": reply.text,
            "finish": reply.finish,
            "answered_by": real,
            "prompt_tokens": used.prompt,
            "reply_tokens": used.reply,
            "cached_tokens": used.cached,
            "uncounted": counted is None,
            "cost": cost,
        }
        if dearer:
            body["dearer"] = True
        if counted and counted.prompt > asked.prompt:
            body["extra"] = counted.prompt - asked.prompt
        if (counted or long) and used.reply > asked.reply:
            body["over"] = used.reply / max(asked.reply, 1)
        return body

    # -- models that break their word

    def _learn(self, body: dict[str, Any]) -> None:
        """Take in what a reply tells of its model, and say what a person should know of it."""
        model = body["model"]
        self._excess[model].take(body)
        if body.get("dearer"):
            self._warn(_stood_in(model, body["answered_by"]))
        if body.get("over"):
            self._warn(f"{model} wrote more than it may; what it took is reserved from then on.")
        if body.get("uncounted"):
            self._warn(f"{model} does not count its tokens; the most they can be is booked.")

    def _worst(self, model: Model, asked: Usage) -> tuple[Usage, Worst]:
        """Return the most that a call can use, of a model as it was seen to behave."""
        excess = self._excess[model.name]
        most = excess.most(asked)
        prices = [self._price(model, most, real) for real in ("", *excess.names)]
        dollars = max((price for price in prices if price is not None), default=None)
        return most, Worst(most.prompt + most.reply, dollars)

    def _warn_if_passed(self, model: Model, budgets: Sequence[Budget]) -> None:
        for budget in budgets:
            if passed := budget.passed:
                self._warn(f"The {passed} was passed: {model.name} took more than it may.")

    def _warn(self, text: str) -> None:
        if text not in self._warnings:
            self._warnings.append(text)

    # -- money and time

    def _price(self, model: Model, usage: Usage, real: str = "") -> float | None:
        from metaco.models.prices import price_of

        return price_of(model, usage, self._prices, real)

    def _refuse_unpriced(self, model: Model, worst: Worst, limits: Limits) -> None:
        """Refuse to spend against a money limit that could not be watched."""
        tokens = self._limits.tokens if limits.tokens is None else limits.tokens
        if worst.dollars is None and limits.cost is not None and tokens is None:
            raise LimitReached(
                f"The price of {model.name} is not known, so ${limits.cost:g} cannot be kept.",
                "Limit the tokens instead, with --tokens or `limits: {tokens: ...}`.",
                limit="tokens",
            )

    def _role_budget(self, role: str) -> Budget | None:
        """Return the budget of a role, if it has one of its own."""
        if role in self._limits.roles and role not in self._budgets:
            used = self._cost.by_role.setdefault(role, Used())
            lost, unsure = self._lost(role), self._unsure(role)
            limits = self._limits.roles[role]
            self._budgets[role] = Budget(limits, used, lost, unsure=unsure, whose=role)
        return self._budgets.get(role)

    def _lost(self, role: str = "") -> list[Worst]:
        """Return the calls of which nothing was heard when an earlier process died."""
        return [
            Worst(*call.worst)
            for call in self._state.calls.values()
            for _ in range(call.lost)
            if role in ("", call.step.rpartition(".")[0])
        ]

    def _unsure(self, role: str = "") -> list[Worst]:
        """Return the calls that failed, and may have been paid all the same."""
        return [
            Worst(*call.worst)
            for call in self._state.calls.values()
            for _ in range(call.unsure)
            if role in ("", call.step.rpartition(".")[0])
        ]

    def _left(self) -> float | None:
        """Return the seconds until the time limit, if there is one."""
        deadline = self._budget.deadline
        return None if deadline is None else max(0.0, deadline - time.monotonic())

    def _wait(self, retry: tenacity.RetryCallState) -> float:
        """Return how long to wait: as asked, else longer each time, never beyond the time limit."""
        assert retry.outcome
        asked = getattr(retry.outcome.exception(), "retry_after", None)
        backoff = min(self._retry.first * 2.0 ** (retry.attempt_number - 1), self._retry.longest)
        backoff *= random.uniform(0.75, 1)  # not all of many calls at the same moment
        wait = float(asked) if asked is not None else backoff
        left = self._left()
        return wait if left is None else min(wait, left)

    def _give_up(self, pace: Pace, error: Exception) -> None:
        """Leave a provider alone that will fail again: one that is down, or refuses the key."""
        status = getattr(error, "status", None)
        if status in (401, 402, 403) or _worth_a_retry(error, float("inf")):
            asked = getattr(error, "retry_after", None) or 0.0
            pace.rest(max(asked, self._retry.longest))


class _Resting(Exception):
    """A provider failed lately; there is one to ask before it."""


class _Overtaken(Exception):
    """What was reserved is not enough any more: it has to be reserved anew."""


class _CutOff(Exception):
    """Says why somebody stopped waiting for a reply; raised by nobody."""


_LONGEST_TOKEN = 8
"""Letters; a text with more of them for each token it may have is longer than was asked for."""


_WRONG = (400, 422)
"""The request is at fault: another model would refuse it as well."""


def _worth_a_retry(error: BaseException, longest: float) -> bool:
    """Return whether the same request may succeed within `longest` seconds: not if refused."""
    if not isinstance(error, ProviderError):
        return False
    if error.retry_after is not None and error.retry_after > longest:
        return False
    return error.status is None or error.status in (408, 409, 425, 429) or error.status >= 500


def _from_log(body: dict[str, Any]) -> Reply:
    usage = Usage(body["prompt_tokens"], body["reply_tokens"], body["cached_tokens"])
    return Reply(body["text"], usage, body["answered_by"], body["finish"])


def _beyond(worst: Worst, body: dict[str, Any]) -> Worst:
    """Return what a reply used beyond its worst case."""
    tokens = body["prompt_tokens"] + body["reply_tokens"] - worst.tokens
    return Worst(max(tokens, 0), max((body["cost"] or 0.0) - (worst.dollars or 0.0), 0.0))


def _stood_in(asked: str, real: str) -> str:
    return f"{asked} was asked, and {real} answered."


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
