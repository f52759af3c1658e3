"""The environment: where roles meet. It runs the turns that are ready until none is.

Roles do not know one another. A turn publishes its documents by one entry in the log; the state
sees who reads them; the environment starts those turns. Anyone may subscribe to the log.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import traceback
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from metaco.core.artifacts import Claims
from metaco.core.document import Document, digest
from metaco.core.errors import LimitReached, LogError, MetacoError, ReplyError, RunBusy
from metaco.core.limits import Limits
from metaco.core.model import Model, Reply, Request
from metaco.core.redaction import redact
from metaco.role import Context
from metaco.run.calls import Calls, Retry
from metaco.run.cost import Cost
from metaco.run.log import Entry, Log, Money
from metaco.run.observers import Observer, Observers
from metaco.run.state import State, Turn
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step

if TYPE_CHECKING:
    from metaco.sandbox import Sandbox

__all__ = ["Decision", "Environment", "Observer", "Retry"]


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on what a turn published.

    Attributes:
        verdict: let it pass, replace it by `documents`, have it done again with `text`, or end.
    """

    verdict: Literal["approve", "edit", "feedback", "stop"]
    documents: Sequence[Document] = ()
    text: str = ""


Ask = Callable[[Turn, list[Document]], Awaitable[Decision | None]]
"""Asks a person to decide on what a turn published; None means not now."""


class Environment:
    """One run of an SOP.

    Args:
        sop: the procedure.
        log: where the run is kept.
        run: its name.
        models: returns the model that answers for a role, or the models of its route.
        sandbox: opens the place where generated code may run.
        limits: what may be used in all.
        ask: asks a person at a gate; without it, the run comes to rest and waits.
        parallel: how many calls to models may be in flight at once.
        retry: what to do when a provider fails.
        prices: prices of the user's own; see `metaco.models.prices.price`.
        daily_cost: the most dollars that all runs in this log may cost in a day.
        lean: says of a model's name whether it gets short prompts; by default none does.
    """

    def __init__(
        self,
        sop: SOP,
        log: Log,
        run: str,
        *,
        models: Callable[[str], Model | Sequence[Model]],
        sandbox: Callable[[], Awaitable[Sandbox]],
        limits: Limits | None = None,
        ask: Ask | None = None,
        parallel: int = 32,
        retry: Retry | None = None,
        prices: Mapping[str, Mapping[str, float]] | None = None,
        daily_cost: float = math.inf,
        lean: Callable[[str], bool] | None = None,
    ) -> None:
        self.lean = lean or (lambda model: False)
        self.sop, self.log, self.name = sop, log, run
        self.models, self.sandbox, self.ask = models, sandbox, ask
        self.limits, self.parallel, self.retry = limits or sop.limits, parallel, retry or Retry()
        self.prices, self.daily_cost = prices or {}, daily_cost
        self.state, self.cost = State(sop, run), Cost()
        self.limit: LimitReached | None = None
        self._observers = Observers(log, run)
        self._surprises: list[str] = []
        self._end_key = ""
        self._running: set[str] = set()
        self._asked: set[str] = set()
        self._group: asyncio.TaskGroup | None = None
        self._reading = asyncio.Lock()
        self._unwritten: BaseException | None = None
        self._claims: tuple[object, Claims] = (None, Claims())

    @property
    def warnings(self) -> list[str]:
        """What a person should know: observers that failed, other models than were asked for."""
        return [*self._observers.warnings, *self._surprises]

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

    async def open(self) -> None:
        """Read what the log holds of this run."""
        await self._catch_up()

    async def put(self, document: Document) -> None:
        """Publish an input: the requirement, or a change of it; at any time, also after the end.

        Raises:
            TypeError: it cannot be kept, or its files are none; see `metaco.core.artifacts`.
            WorkspaceError: a file of it is that of another document.
        """
        (body,) = self._encoded([document])
        await self._append("input", digest(self.state.n, body["id"]), body)

    async def note(self, turn: Turn, text: str | None) -> None:
        """Have a turn done again: with feedback, afresh (empty text), or from where it failed
        (None), which uses every reply that was paid already."""
        count = self.state.counts["note"]
        body = {"base": turn.base, "turn": turn.key, "text": text}
        await self._append("note", digest(turn.base, text, count), body)

    async def decide(self, turn: Turn, decision: Decision) -> None:
        """Record a person's decision on a turn that is held at a gate.

        The first decision counts, except that a stop can be followed by another one.

        Raises:
            TypeError: documents of an edit are of a kind the step does not publish, or their
                files are none.
            WorkspaceError: a file of them is that of another document.
        """
        if decision.verdict == "feedback":
            await self.note(turn, decision.text)
            return
        self._asked.add(turn.key)
        body = {
            "turn": turn.key,
            "step": turn.step.name,
            "subject": turn.subject,
            "verdict": decision.verdict,
            "publishes": self._messages(turn.step, decision.documents),
        }
        number = self.state.counts["decision"]
        await self._append("decision", f"{turn.key}/{number}", body)

    async def run(self) -> str:
        """Run what is ready until nothing is.

        Returns:
            How the run came to rest: ``done``, ``failed``, ``waiting``, ``stopped``, ``limit``.

        Raises:
            LogError: the log cannot be written; what was not written did not happen.
        """
        self._reading, self._unwritten = asyncio.Lock(), None
        await self.open()
        # The end of this run, not of one that another process does of the same entries.
        self._end_key = f"{self.state.n}-{secrets.token_hex(4)}"
        self._observers.start(self._end_key)
        try:
            status = await self._run_turns()
            await self._observers.caught_up(self.state.n)
            await self._end(status)
            if self._unwritten:
                raise self._unwritten
        except asyncio.CancelledError:
            await asyncio.shield(self._end("interrupted"))
            raise
        except BaseExceptionGroup as group:
            self._observers.drop()
            raise _first(group) from group
        except BaseException:
            self._observers.drop()
            raise
        finally:
            await self._observers.finish()
        return status

    # -- turns

    async def _run_turns(self) -> str:
        self._slots = {step.name: asyncio.Semaphore(step.parallel) for step in self.sop.steps()}
        self._calls = Calls(
            self.state,
            self.cost,
            append=self._append,
            append_early=self._append_early,
            limits=self.limits,
            parallel=self.parallel,
            retry=self.retry,
            prices=self.prices,
            daily=self.daily_cost,
            warnings=self._surprises,
        )
        self.limit = None
        while True:
            self.state.fresh = [turns[0] for turns in self.state.open.values()]
            try:
                async with asyncio.TaskGroup() as self._group:
                    self._start()
            finally:
                self._group = None
            # A turn that was not started because of a stop is open again if that was taken back.
            if self.limit or self.state.status != "open":
                return "limit" if self.limit else self.state.status

    def _start(self) -> None:
        """Start what has become ready, and ask about what has come to a gate."""
        if not self._group:
            return
        fresh, self.state.fresh = self.state.fresh, []
        for turn in fresh:
            self._group.create_task(self._turn(turn))
        if self.ask:
            for key, turns in self.state.held.items():
                if key not in self._asked:
                    self._asked.add(key)
                    self._group.create_task(self._gate(turns[0]))

    async def _turn(self, turn: Turn) -> None:
        async with self._slots[turn.step.name]:
            self.limit = self.limit or self._calls.time_is_up()
            if self.limit or self.state.status == "stopped":
                return
            if turn.key in self._running or turn.key not in self.state.open:
                return  # a change came while it waited
            self._running.add(turn.key)
            context = self._context(turn)
            try:
                publishes = await self._act(turn, context)
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
            else:
                body: dict[str, Any] = {
                    "step": turn.step.name,
                    "subject": turn.subject,
                    "reads": turn.reads,
                    "publishes": publishes,
                }
                if context.findings:
                    body["findings"] = context.findings
                self._surprises += [f"{turn.step.name} left out: {t}" for t in context.left_out]
                await self._append_early("turn", turn.key, body)
            finally:
                self._running.discard(turn.key)

    def _context(self, turn: Turn) -> Context:
        route, repeated = self._route(turn.step.role_name), defaultdict[str, int](int)

        async def call(request: Request) -> Reply:
            content = request.digest()
            repeated[content] += 1
            key = digest(turn.key, content, repeated[content])
            return await self._calls.ask(turn, route, request, key)

        return Context(
            role=turn.step.role_name,
            action=turn.step.action,
            call=call,
            sandbox=self.sandbox,
            notes=turn.notes,
            previous=tuple(message.body for message in self.state.previous_versions(turn)),
            model=route[0].name,
            lean=self.lean(route[0].name),
        )

    async def _act(self, turn: Turn, context: Context) -> list[dict[str, Any]]:
        """Run the action and return what it publishes, as messages for the log."""
        result = await getattr(turn.step.role(context), turn.step.action)(**turn.args)
        documents = result if isinstance(result, list) else [] if result is None else [result]
        return self._messages(turn.step, documents)

    def _messages(self, step: Step, documents: Sequence[Document]) -> list[dict[str, Any]]:
        for document in documents:
            if not isinstance(document, step.outputs):
                wanted = " | ".join(kind.__name__ for kind in step.outputs) or "None"
                raise TypeError(f"{step.name} publishes {wanted}, not {type(document).__name__}.")
        return self._encoded(documents)

    def _encoded(self, documents: Sequence[Document]) -> list[dict[str, Any]]:
        """Return documents as messages for the log, once it is known what files they write."""
        bodies = [self.state.encode(document) for document in documents]
        if self._claims[0] is not self.state.root:  # a new pass: others may be there now
            there = [*self.state.inputs.values()]
            there += [message for stage in self.state.stages() for message in stage.messages]
            there += [message for key in self.state.held for message in self.state.memory[key]]
            self._claims = (self.state.root, Claims(message.body for message in there))
        for document in documents:
            self._claims[1].add(document)
        return bodies

    async def _fail(self, turn: Turn, error: BaseException) -> None:
        problem, remedy = repr(error), ""
        if isinstance(error, MetacoError):
            problem, remedy = error.problem, error.remedy
        elif isinstance(error, TimeoutError | asyncio.CancelledError):
            problem = f"The role {turn.step.role_name} stopped waiting by itself: {error!r}."
            remedy = "No option limits that but the code of the role; `metaco show -v` shows where."
        body: dict[str, Any] = {
            "turn": turn.key,
            "step": turn.step.name,
            "subject": turn.subject,
            "error": type(error).__name__,
            "problem": redact(problem),
            "remedy": redact(remedy),
        }
        if isinstance(error, ReplyError):
            body["text"] = error.text
        if not isinstance(error, MetacoError):
            body["trace"] = redact("".join(traceback.format_exception(error)))
        await self._append_early("failure", f"{turn.key}/{self.state.counts['failure']}", body)

    async def _gate(self, turn: Turn) -> None:
        assert self.ask
        documents = [message.body for message in self.state.memory[turn.key]]
        if decision := await self.ask(turn, documents):
            await self.decide(turn, decision)

    def _route(self, role: str) -> Sequence[Model]:
        """Return the models that answer for a role, the best first."""
        found = self.models(role)
        return found if isinstance(found, Sequence) else (found,)

    # -- the log

    async def _append(
        self, kind: str, key: str, body: dict[str, Any], money: Money | None = None
    ) -> bool:
        """Append an entry, and go on when it is on disk; see `metaco.run.calls.Append`."""
        placed, written = self.log.append_early(
            self.name, kind, key, body, urgent=True, money=money
        )
        try:
            entry = await placed
            await self._placed(entry)
        finally:
            await written
        return entry is not None

    async def _append_early(
        self, kind: str, key: str, body: dict[str, Any], money: Money | None = None
    ) -> bool:
        """Append an entry, and go on when it has its place in the log.

        What follows from it is behind it in the log: no call is made, and no run ends, before it
        is on disk as well.
        """
        placed, written = self.log.append_early(self.name, kind, key, body, money=money)
        written.add_done_callback(self._written)
        entry = await placed
        await self._placed(entry)
        return entry is not None

    def _written(self, written: asyncio.Future[Entry | None]) -> None:
        """End the run if an entry it went on with did not get onto the disk."""
        if written.cancelled() or not (error := written.exception()):
            return
        self._unwritten = error
        if self._group:
            self._group.create_task(_raise(error))

    async def _placed(self, entry: Entry | None) -> None:
        """Take in an entry of our own, and those of others that came before it."""
        if entry is not None and entry.n == self.state.n + 1:
            self._take([entry])
        elif entry is None or entry.n > self.state.n:
            async with self._reading:
                if entry is None or entry.n > self.state.n:
                    await self._catch_up()
        if not ((task := asyncio.current_task()) and task.cancelling()):  # else it only says why
            self._start()

    async def _catch_up(self) -> None:
        self._take(await self.log.read(self.name, self.state.n))

    def _take(self, entries: list[Entry]) -> None:
        new = [entry for entry in entries if entry.n > self.state.n]
        for entry in new:
            self.cost.take(entry)
        self.state.extend(new)

    async def _end(self, status: str) -> None:
        body = {"status": status}
        if self.limit:
            body |= {"problem": str(self.limit), "limit": self.limit.limit}
        await self._append("end", self._end_key, body)


async def _raise(error: BaseException) -> None:
    raise error


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    """Return the first single error in a group of errors."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
