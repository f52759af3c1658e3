"""Calls to models: paid once, tried again where that helps, answered by another model where not.

This is the only place that tries again. What is asked is looked up in the log first. Else, for
each model of the route and for each attempt: what the call may cost at worst is reserved, the
provider's pace is kept, the call is logged, the model is asked, and its reply or error is logged.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from metaco.core.errors import LimitReached, ProviderError, RunBusy
from metaco.core.model import Model, Reply, Request
from metaco.core.redaction import redact
from metaco.core.slots import Slots
from metaco.models.pace import Pace, Sent, WaitedTooLong, pace_of
from metaco.models.prices import estimate
from metaco.models.providers import provider_of
from metaco.run.budget import Budget, Reservation, WorstCase
from metaco.run.entries import CallFailed, CallStarted, ReplyReceived
from metaco.run.feed import Feed
from metaco.run.options import Options
from metaco.run.pricing import Pricing, Quote, most_asked
from metaco.run.retry import is_down, is_our_fault, retried
from metaco.run.state import CallState, State
from metaco.run.store import Money
from metaco.run.turn import Turn
from metaco.run.usage import Cost, Used
from metaco.sop.steps import Step

__all__ = ["Calls"]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One attempt to get a reply.

    Attributes:
        turn: who asks.
        model, request: who is asked, and what.
        key, call: of the attempt in the log, and what is logged before it is made.
        quote: what it can use.
        reserved: what budgets hold for it.
        day: on which it began.
    """

    turn: Turn
    model: Model
    request: Request
    key: str
    call: CallStarted
    quote: Quote
    reserved: Sequence[Reservation]
    day: str

    @property
    def worst_dollars(self) -> float:
        return self.quote.worst.dollars or 0.0


class Calls:
    """The calls of one run.

    Args:
        state, cost: what the log says of the run; they grow while calls return.
        options: how the run works; its limits are those of the run.
        feed: where calls are logged.
        warnings, on_text: get what a person should know, and each piece of a reply as it comes.
    """

    def __init__(
        self,
        state: State,
        cost: Cost,
        options: Options,
        *,
        feed: Feed,
        warnings: list[str],
        above: Sequence[Budget] = (),
        last: Sequence[Step] = (),
        on_text: Callable[[CallStarted, str], None],
    ) -> None:
        self._state, self._cost, self._options = state, cost, options
        self._feed, self._on_text = feed, on_text
        self._pricing = Pricing(options.prices, warnings)
        self._budget, self._above = self._budget_of(cost.total), above
        self._usual = self._budget_of(cost.total, last=last) if last else self._budget
        self._spend_above(cost.total)
        self._role_budgets: dict[str, Budget] = {}
        self._slots = Slots(options.parallel)
        # Attempts from before we worked, and ours: others are of somebody else who works now.
        self._known = Counter({key: call.attempts for key, call in state.calls.items()})
        self._in_flight, self._call_finished = 0, asyncio.Event()
        self._run = asyncio.current_task()
        self._cancels = self._run.cancelling() if self._run else 0  # of what came before
        for call in state.calls.values():
            if call.reply:
                self._pricing.learn(call.reply)

    def time_is_up(self, step: Step) -> LimitReached | None:
        """Return the error to raise if the minutes are over for a step."""
        return self._budget_for(step).time_is_up()

    async def ask(self, turn: Turn, route: Sequence[Model], request: Request, key: str) -> Reply:
        """Return the reply that the log holds for a request, or ask the models of the route.

        Args:
            turn, request: who asks what.
            route: the models to ask, the best first.
            key: what the log remembers it by.

        Raises:
            ProviderError: no model of the route answered; this is what was wrong with the last.
            LimitReached: a limit does not allow the call.
        """
        models = [(model, pace_of(provider_of(model))) for model in route]
        left = self._budget_for(turn.step).seconds_left
        while not (reply := self._state.calls[key].reply):
            model, pace = models.pop(0)
            others = [pace for _, pace in models]
            retry = self._options.retry
            try:
                work = partial(self._attempt, turn, model, pace, others, request, key)
                await retried(work, retry, left, last=not models)
                pace.recover()
            except _Resting:
                models.append((model, pace))
            except _Overtaken:
                models.insert(0, (model, pace))
            except ProviderError as error:
                if is_down(error):
                    pace.rest(max(error.retry_after or 0.0, retry.longest))
                if not models or is_our_fault(error):
                    raise
        return reply.reply

    async def _attempt(
        self, turn: Turn, model: Model, pace: Pace, others: list[Pace], request: Request, key: str
    ) -> None:
        """Ask a model once, as soon as limits and pace allow it; the state has the reply then."""
        request = request.drawn_by(provider_of(model).sampling)
        quote = self._pricing.quote(model, most_asked(request))
        budgets, run = self.budgets(turn.step), self._budget_for(turn.step)
        for budget in budgets:
            self._pricing.refuse_unpriced(model, quote.worst, budget.limits, self._options.limits)
        reserved: list[Reservation] = []
        try:
            for budget in budgets:
                reserved.append(await budget.reserve(quote.worst))
            async with self._slots:
                if pace.rests and any(not other.rests for other in others):
                    raise _Resting
                tokens = estimate(request.text) + request.max_tokens
                async with pace.slot(tokens, run.seconds_left()) as sent:
                    if late := run.time_is_up():
                        raise late
                    attempt = _Attempt(
                        turn,
                        model,
                        request,
                        self._next_attempt(key),
                        _call_started(turn, model, request, key, quote.worst),
                        quote,
                        reserved,
                        Money.today(),
                    )
                    await self._make(attempt, sent)
        except WaitedTooLong:
            raise run.late() from None
        finally:
            for each in reserved:
                each.release()

    def _next_attempt(self, key: str) -> str:
        """Return what the log shall call the next attempt at a call.

        Raises:
            RunBusy: somebody else has made one.
        """
        number = self._state.calls[key].attempts + 1
        if number > self._known[key] + 1:
            raise self._busy()
        return f"{key}/{number}"

    async def _make(self, attempt: _Attempt, sent: Sent) -> None:
        """Make a call that pace and limits allow, and log and book what comes."""
        await self._begin(attempt)
        try:
            reply, seconds = await self._answer(attempt)
            quote, model = attempt.quote, attempt.model
            received = self._pricing.book(attempt.call, seconds, model, reply, quote)
            if not received.uncounted:
                sent.tokens = received.prompt_tokens + received.reply_tokens
            beyond = quote.beyond(received)
            for each in attempt.reserved:
                each.grow(beyond)
            await self._log_reply(attempt, received)
            for each in attempt.reserved:
                if limit := each.budget.exceeded:
                    self._pricing.warn(f"{model.name} exceeded the {limit}.")
        finally:
            self._in_flight -= 1
            finished, self._call_finished = self._call_finished, asyncio.Event()
            finished.set()

    async def _begin(self, attempt: _Attempt) -> None:
        """Log that a call is made, once the budget of the day has room for it.

        Raises:
            RunBusy: somebody else makes it.
        """
        call = attempt.call
        while True:
            if self._is_overtaken(attempt):  # by what another reply used, while this one waited
                raise _Overtaken
            finished = self._call_finished
            self._known[call.call] += 1
            money = Money(attempt.worst_dollars, attempt.day, self._options.daily_cost)
            begun: list[str] = []
            try:
                new = await self._feed.append(
                    attempt.key, call, money, begun=partial(begun.append, attempt.key)
                )
            except LimitReached:
                self._known[call.call] -= 1
                if not self._in_flight:
                    raise
                await finished.wait()  # what it leaves over may be enough
            except asyncio.CancelledError as error:
                if begun:
                    await self._log_failure(attempt, self._why(error, attempt))
                raise
            else:
                if not new:
                    raise self._busy()
                self._in_flight += 1
                return

    def _is_overtaken(self, attempt: _Attempt) -> bool:
        """Return whether what was reserved is not enough any more."""
        now = self._pricing.renewed(attempt.quote, attempt.model).worst
        return now != attempt.quote.worst or any(each.budget.overdrawn for each in attempt.reserved)

    def _busy(self) -> RunBusy:
        return RunBusy(
            f"Another process is working on the run {self._state.run}.",
            "Wait for it with `metaco resume --wait`, or end it first.",
        )

    async def _answer(self, attempt: _Attempt) -> tuple[Reply, float]:
        """Return what the model answers, and the seconds it took; log why where it does not."""
        budget = self._budget_for(attempt.turn.step)
        if late := budget.time_is_up():  # while the call was logged
            await self._log_failure(attempt, late)
            raise late
        began = time.monotonic()
        try:
            async with asyncio.timeout(budget.seconds_left()) as deadline:
                shown = partial(self._on_text, attempt.call)
                reply = await attempt.model.complete(replace(attempt.request, on_text=shown))
        except (Exception, asyncio.CancelledError) as error:
            why = budget.late() if deadline.expired() else self._why(error, attempt)
            maybe_billed = isinstance(why, LimitReached | _CutOff) or (
                isinstance(why, ProviderError) and why.maybe_billed
            )
            await self._log_failure(attempt, why, seconds=_since(began), maybe_billed=maybe_billed)
            if why is error or isinstance(why, _CutOff):
                raise
            raise why from error
        return reply, _since(began)

    async def _log_failure(
        self,
        attempt: _Attempt,
        why: BaseException,
        *,
        seconds: float = 0.0,
        maybe_billed: bool = False,
    ) -> None:
        """Log that an attempt got no reply, and give back what it cannot have cost."""
        failed = CallFailed(
            call=attempt.call.call,
            step=attempt.call.step,
            model=attempt.call.model,
            problem=redact(str(why)),
            seconds=seconds,
            status=getattr(why, "status", None),
            retry_after=getattr(why, "retry_after", None),
            maybe_billed=maybe_billed,
        )
        if maybe_billed:
            for each in attempt.reserved:
                each.budget.hold_unconfirmed(attempt.quote.worst)
        money = None if maybe_billed else Money(-attempt.worst_dollars, attempt.day)
        self._spend_above(Used(failed=1))
        await self._feed.append(attempt.key, failed, money, early=True)

    def _why(self, error: BaseException, attempt: _Attempt) -> BaseException:
        """Return the error that says why a call got no reply."""
        if isinstance(error, asyncio.CancelledError):
            if self._run and self._run.cancelling() > self._cancels:
                return _CutOff("The run was interrupted before the answer came.")
            role = attempt.turn.step.role_name
            return _CutOff(f"The role {role} did not wait for the answer.")
        if isinstance(error, TimeoutError):
            more = f": {error}" if str(error) else ""
            return ProviderError(
                f"{attempt.model.name} did not answer in time{more}.",
                "Try again later, or allow the model more time.",
                maybe_billed=True,
            )
        return error

    async def _log_reply(self, attempt: _Attempt, reply: ReplyReceived) -> None:
        money = Money((reply.cost or 0.0) - attempt.worst_dollars, attempt.day)
        if not await self._feed.append(reply.call, reply, money, early=True):
            # Somebody else was answered before: this one was paid as well.
            await self._feed.append(attempt.key, reply, money, early=True)
        tokens = {"prompt": reply.prompt_tokens, "reply": reply.reply_tokens}
        self._spend_above(Used(calls=1, dollars=reply.cost or 0.0, **tokens))

    # -- budgets

    def budgets(self, step: Step) -> list[Budget]:
        """Return the budgets that a step uses up: of its role, of the run, and those above."""
        role = step.role_name
        if role in self._options.limits.roles and role not in self._role_budgets:
            used = self._cost.by_role.setdefault(role, Used())
            self._role_budgets[role] = self._budget_of(used, role)
        own = [self._role_budgets[role]] if role in self._role_budgets else []
        return [*own, *dict.fromkeys([self._budget_for(step), self._budget]), *self._above]

    def _budget_for(self, step: Step) -> Budget:
        """Return the budget of the run, without what is kept for other steps."""
        return self._budget if step.on_limit else self._usual

    def _spend_above(self, used: Used) -> None:
        for each in self._above:
            each.spend_below(used)

    def _budget_of(self, used: Used, role: str = "", last: Sequence[Step] = ()) -> Budget:
        """Return the budget of the run, or of a role, with what earlier processes left open."""
        limits, part = self._options.limits, sum(step.on_limit for step in last)
        known = self._state.calls.values()
        calls = [call for call in known if role in ("", call.step.rpartition(".")[0])]
        return Budget(
            limits.roles[role] if role else limits.without(part) if last else limits,
            used,
            _worst_cases(calls, lambda call: call.unanswered),
            maybe_billed=_worst_cases(calls, lambda call: call.maybe_billed),
            whose=role,
            kept=f"; {part:.0%} is kept for {last[0].name}" if last else "",
        )


class _Resting(Exception):
    """A provider failed lately; there is one to ask before it."""


class _Overtaken(Exception):
    """What was reserved is not enough any more: it has to be reserved anew."""


class _CutOff(Exception):
    """Says why somebody stopped waiting for a reply; raised by nobody."""


def _call_started(
    turn: Turn, model: Model, request: Request, key: str, worst: WorstCase
) -> CallStarted:
    return CallStarted(
        call=key,
        step=turn.step.name,
        model=model.name,
        turn=turn.key,
        subject=turn.subject,
        tokens=worst.tokens,
        cost=worst.dollars,
        system=request.system,
        prompt=request.prompt,
        rejected_replies=request.rejected_replies,
        sampling=request.sampling.dump() or None,
        attachments=tuple(each.dump() for each in request.attachments),
        tools=tuple(each.name for each in request.tools),
        results=request.newest,
    )


def _worst_cases(calls: Sequence[CallState], times: Callable[[CallState], int]) -> list[WorstCase]:
    return [WorstCase(*call.worst) for call in calls for _ in range(times(call))]


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
