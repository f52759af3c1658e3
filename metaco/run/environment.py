"""The environment: where roles meet. It runs the turns that are ready until none is.

Roles do not know one another. A turn publishes its documents by one entry in the log; the state
says which turns have become ready by it; the environment starts those. Anyone may subscribe to the
log.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

from metaco.context import Context
from metaco.core.document import Document, digest
from metaco.core.errors import LimitReached, LogError, MetacoError, RunBusy, first_error
from metaco.core.model import Model
from metaco.core.sandbox import Sandbox
from metaco.core.slots import Slots
from metaco.models.providers import provider_of
from metaco.run.budget import Budget
from metaco.run.calls import Calls
from metaco.run.effects import Effects, is_parked, waits_below
from metaco.run.entries import (
    DecisionMade,
    EffectEnded,
    Entry,
    InputGiven,
    LimitHit,
    NoteAdded,
    Published,
    RunEnded,
    TurnCompleted,
)
from metaco.run.feed import Feed
from metaco.run.gates import Answer, Ask, Decision, People, Question
from metaco.run.grants import Grants
from metaco.run.log import Log
from metaco.run.observers import Observer, Observers
from metaco.run.options import Options
from metaco.run.publisher import Publisher
from metaco.run.resources import Resources
from metaco.run.state import State
from metaco.run.turn import Turn
from metaco.run.usage import Cost
from metaco.sop.procedure import SOP

__all__ = ["Environment"]


class Environment:
    """One run of an SOP.

    Args:
        sop: the procedure.
        log: where the run is kept.
        run: its name.
        models: returns the model that answers for a role, or the models of its route.
        sandbox: opens the place where generated code may run.
        ask: asks a person at a gate; without it, the run ends there and waits.
        answer: asks a person what a turn wants to know; without it, the turn waits.
        options: how the run works.
        above: the budgets of runs that this one is part of.
        run_child: runs another SOP for a turn; see `metaco.run.child`.
    """

    def __init__(
        self,
        sop: SOP,
        log: Log,
        run: str,
        *,
        models: Callable[[str], Model | Sequence[Model]],
        sandbox: Callable[[], Awaitable[Sandbox]],
        ask: Ask | None = None,
        answer: Answer | None = None,
        options: Options | None = None,
        above: Sequence[Budget] = (),
        run_child: Callable[..., Awaitable[list[Document]]] | None = None,
    ) -> None:
        self.sop, self.log, self.name = sop, log, run
        self.models, self.sandbox, self.ask, self.answer_with = models, sandbox, ask, answer
        self._above, self._run_child = above, run_child
        options = options or Options()
        self.options = replace(options, limits=sop.limits.replaced_by(options.limits))
        self.state, self.cost = State(sop, run), Cost()
        self.limit: LimitReached | None = None
        self._observers = Observers(log, run)
        self._warnings: list[str] = []
        self._end_key = ""
        self._running: set[str] = set()
        self._parked: set[str] = set()
        self._tries: Counter[str] = Counter()
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._feed = Feed(log, run, self._apply, self._on_failure)
        self._unwritten: BaseException | None = None
        self._publisher, self._grants = Publisher(self.state), Grants(self.state)
        self.resources = Resources(options.resources, self._warnings)
        self._people = People(ask, answer, self.decide, self.answer)

    @property
    def warnings(self) -> list[str]:
        """What a person should know: observers that failed, other models than were asked for."""
        return [*self._observers.warnings, *self._warnings]

    @property
    def unseen(self) -> list[str]:
        """Which observers that are awaited did not get to the end, and why."""
        return self._observers.failed

    def subscribe(self, observer: Observer, after: int = 0, *, awaited: bool = False) -> None:
        """Let `observer` see every entry behind position `after`, also while the run goes on.

        It cannot slow down or break the run: one that fails is dropped with a warning.

        Args:
            awaited: the end is written only once it has seen all before it, and the run is over
                only once it has seen the end, however long that takes. For observers that write.
        """
        self._observers.add(observer, after, awaited)

    def add_warnings(self, warnings: Sequence[str]) -> None:
        """Add what a person should know."""
        self._warnings += [each for each in warnings if each not in self._warnings]

    def budgets(self, turn: Turn) -> list[Budget]:
        """Return the budgets that a turn uses up."""
        return self._calls.budgets(turn.step)

    async def open(self) -> None:
        """Read what the log holds of this run."""
        await self._feed.catch_up()

    async def put(self, document: Document) -> None:
        """Publish an input: the requirement, or a change of it; at any time, also after the end.

        Raises:
            TypeError: it cannot be kept, or its files are none; see `metaco.core.artifacts`.
            WorkspaceError: a file of it is that of another document.
        """
        (published,) = self._publisher.messages([document])
        fact = InputGiven(published.id, published.type, published.key, published.body)
        await self._feed.append(digest(self.state.n, fact.id), fact)

    async def note(self, turn: Turn, text: str | None) -> None:
        """Have a turn done again: with feedback, afresh (empty text), or from where it failed
        (None), which uses every reply that was paid already."""
        key = digest(turn.content_key, text, self.state.counts["note"])
        await self._feed.append(key, NoteAdded(turn.content_key, turn.key, text))

    async def try_again(self, turn: Turn) -> None:
        """Have a turn that failed done again: afresh where its reply was no good."""
        failure = self.state.failures[turn.key]
        afresh = failure.error in ("ReplyError", "ValidationError", "WorkspaceError")
        await self.note(turn, "" if afresh else None)

    async def decide(self, turn: Turn, decision: Decision) -> None:
        """Record a person's decision on a turn that waits at a gate.

        The first decision counts, except that a stop can be followed by another one.

        Raises:
            TypeError: documents of an edit are of a kind the step does not publish, or their
                files are none.
            WorkspaceError: a file of them is that of another document.
        """
        if decision.verdict == "feedback":
            await self.note(turn, decision.text)
            return
        self._people.asked.add(turn.key)
        fact = DecisionMade(
            turn=turn.key,
            step=turn.step.name,
            subject=turn.subject,
            verdict=decision.verdict,
            publishes=self._publisher.outputs(turn.step, decision.documents),
        )
        await self._feed.append(f"{turn.key}/{self.state.counts['decision']}", fact)

    async def answer(self, question: Question, text: str) -> None:
        """Record a person's answer; the turn goes on with it.

        Raises:
            ConfigurationError: it is none of the options.
        """
        self._people.asked.add(question.key)
        answer = question.checked(text)
        await self._feed.append(question.key, EffectEnded(question.step, "decide", 0.0, answer))

    async def run(self) -> str:
        """Run what is ready until nothing is.

        Returns:
            The final status: ``done``, ``failed``, ``waiting``, ``stopped``, ``limit``.

        Raises:
            LogError: the log cannot be written; what was not written did not happen.
        """
        self._unwritten = None
        await self.open()
        # The end of this run, not of one that another process does of the same entries.
        self._end_key = f"{self.state.n}-{secrets.token_hex(4)}"
        self._observers.start(self._end_key)
        if self.state.at_limit:  # there may be more now
            await self._feed.append(str(self.state.n), LimitHit("", lifted=True))
        try:
            async with self.resources:
                status = await self._work()
            await self._observers.caught_up(self.state.n)
            await self._end(status)
            if self._unwritten:
                raise self._unwritten
        except asyncio.CancelledError:
            await asyncio.shield(self._end("interrupted"))
            raise
        except BaseExceptionGroup as group:
            self._observers.drop()
            raise first_error(group) from group
        except BaseException:
            self._observers.drop()
            raise
        finally:
            await self._observers.finish()
        return status

    async def _work(self) -> str:
        """Start what is ready; take the next entry, apply it, and start what it makes ready."""
        self._slots = {step.name: Slots(step.parallel) for step in self.sop.steps()}
        self._calls = Calls(
            self.state,
            self.cost,
            self.options,
            feed=self._feed,
            warnings=self._warnings,
            above=self._above,
            last=[step for step in self.sop.steps() if step.on_limit],
            on_text=self._observers.on_text,
        )
        self.limit, self._parked = None, set()
        while True:
            async with asyncio.TaskGroup() as self._group:
                self._start(self.state.ready())
                async with aclosing(self._feed.entries(busy=lambda: bool(self._tasks))) as entries:
                    async for entry in entries:
                        self._start(self._apply(entry))
            status = self.state.status
            if status == "open" and {turn.key for turn in self.state.ready()} <= self._parked:
                status = "waiting"  # for runs below this one
            if self.limit and not self.state.at_limit and any(s.on_limit for s in self.sop.steps()):
                await self._feed.append(str(self.state.n), LimitHit(self.limit.limit))
                continue
            # A turn that was not started because of a stop is open again if that was taken back.
            if self.limit or status != "open":
                return "limit" if self.limit else status

    def _apply(self, entry: Entry) -> list[Turn]:
        self.cost.apply(entry)
        return self.state.apply(entry)

    def _start(self, ready: Sequence[Turn]) -> None:
        """Note which repeats ended, start turns that are ready, ask about what is at a gate."""
        for key, end in self.state.new_ends():
            self._spawn(self._feed.append(key, end, early=True))
        for turn in ready:
            self._spawn(self._turn(turn))
        for work in self._people.asking(self.state):
            self._spawn(work)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something beside the turns, unless they are ending already."""
        try:
            assert self._group
            task = self._group.create_task(work)
        except RuntimeError:  # the group is shutting down, as after an error
            work.close()
        else:
            self._tasks.add(task)
            task.add_done_callback(self._end_task)

    def _end_task(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._feed.wake()

    # -- turns

    async def _turn(self, turn: Turn) -> None:
        async with self._slots[turn.step.name]:
            limit = self._calls.time_is_up(turn.step)
            self.limit = self.limit or limit
            if limit or (self.limit and not turn.step.on_limit) or self.state.status == "stopped":
                return
            if turn.key in self._running or turn.key not in self.state.open:
                return  # a change came while it waited
            self._running.add(turn.key)
            effects = self._effects(turn)
            context = self._context(turn, effects)
            try:
                publishes = await self._act(turn, context, effects)
            except LimitReached as limit:
                self.limit = self.limit or limit
            except (LogError, RunBusy):
                raise  # not the turn's error: the run ends here
            except asyncio.CancelledError as error:
                if (task := asyncio.current_task()) and task.cancelling():
                    raise
                await self._fail(turn, error)  # the role's own doing, not ours
            except (Exception, SystemExit) as error:  # noqa: BLE001  not its siblings' error
                await self._fail(turn, error)
            except BaseException as error:
                if not is_parked(error):
                    raise
                if waits_below(error):
                    self._parked.add(turn.key)
                elif turn.key not in self.state.parked:  # it was answered before it had ended
                    self._spawn(self._turn(turn))
            else:
                self._warnings += [f"{turn.step.name} left out: {t}" for t in context.left_out]
                fact = TurnCompleted(
                    step=turn.step.name,
                    subject=turn.subject,
                    reads=turn.reads(),
                    publishes=publishes,
                    findings=tuple(context.findings),
                )
                await self._feed.append(turn.key, fact, early=True)
            finally:
                self._running.discard(turn.key)

    def _effects(self, turn: Turn) -> Effects:
        ask = partial(self._calls.ask, turn, self._route(turn.step.role_name))
        return Effects(turn, self.state, self._feed, ask, self.sandbox)

    def _context(self, turn: Turn, effects: Effects) -> Context:
        route = self._route(turn.step.role_name)
        return Context(
            role=turn.step.role_name,
            action=turn.step.action,
            call=effects.call,
            sandbox=effects.sandbox,
            perform=effects.perform,
            resource=self.resources.get,
            run=partial(self._run_child, self, turn, effects) if self._run_child else None,
            notes=turn.notes,
            previous=tuple(message.body for message in self.state.previous_versions(turn)),
            model=route[0].name,
            lean=self.options.is_lean(route[0].name),
            system=turn.step.system,
            sampling=self.options.sampling_of(turn.step.role_name).replaced_by(turn.step.sampling),
            tools=turn.step.tools,
            permissions=turn.step.permissions | self.options.permissions,
            granted=self._grants.take,
            window=min(provider_of(model).window for model in route),
        )

    async def _act(self, turn: Turn, context: Context, effects: Effects) -> tuple[Published, ...]:
        """Run the action and return what it publishes, as messages for the log."""
        try:
            result = await getattr(turn.step.role(context), turn.step.action)(**turn.args)
        except BaseException:
            if not ((task := asyncio.current_task()) and task.cancelling()):
                await effects.land()
            raise
        documents = result if isinstance(result, list) else [] if result is None else [result]
        return self._publisher.outputs(turn.step, documents)

    async def _fail(self, turn: Turn, error: BaseException) -> None:
        number = self.state.counts["failure"]
        await self._feed.append(f"{turn.key}/{number}", turn.failure(error), early=True)
        self._tries[turn.content_key] += 1
        if self._tries[turn.content_key] <= turn.step.retry:
            await self.try_again(turn)

    def _route(self, role: str) -> Sequence[Model]:
        """Return the models that answer for a role, the best first."""
        route = self.models(role)
        return route if isinstance(route, Sequence) else (route,)

    # -- the log

    def _on_failure(self, error: MetacoError) -> None:
        """End the run, as an entry it went on with did not get onto the disk."""
        self._unwritten = error
        self._spawn(self._raise_unwritten())

    async def _raise_unwritten(self) -> None:
        assert self._unwritten
        raise self._unwritten

    async def _end(self, status: str) -> None:
        limit = self.limit
        problem, name = (str(limit), limit.limit) if limit else ("", "")
        accepted = status != "done" or self.state.accepted()
        await self._feed.append(self._end_key, RunEnded(status, problem, name, accepted))
