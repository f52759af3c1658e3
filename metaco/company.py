"""A company: an SOP, the people who work by it, and everything they need, put together.

::

    result = await Company("software_company").run("a todo list with title, due date and priority")
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaco.core.document import Document, family
from metaco.core.errors import ConfigurationError, RunBusy
from metaco.core.limits import Limits
from metaco.core.model import Model
from metaco.core.sandbox import Sandbox
from metaco.observers.logging import Logger
from metaco.observers.telemetry import Telemetry
from metaco.observers.workspace import Workspace
from metaco.run.child import run_child
from metaco.run.entries import Entry, RunStarted, SandboxDisabled
from metaco.run.environment import Environment
from metaco.run.gates import Answer, Ask, Decision, find_question, find_waiting
from metaco.run.inputs import (
    changed_input,
    check_files,
    initial_inputs,
    new_run_name,
    run_started,
    start_command,
)
from metaco.run.lock import alone
from metaco.run.log import Log
from metaco.run.observers import Observer
from metaco.run.options import Options, Resource, Retry
from metaco.run.pricing import check_cost_limits
from metaco.run.result import Result
from metaco.run.routes import Route, Routes
from metaco.settings import Settings
from metaco.sop.procedure import SOP

if TYPE_CHECKING:
    from metaco.recording import Tape

__all__ = ["Company"]


class Company:
    """A team that works by an SOP.

    Args:
        sop: the name of a built-in SOP, the path of one of your own, or an `SOP`.
        model: answers for all roles: a name as ``openai:gpt-5-mini`` or ``offline``, or a `Model`.
            By default what is configured, else ``offline``. A list of them, or names with commas
            between them, is a route: where one fails, the next one answers.
        models: models of single roles, by the name the SOP gives the role.
        workspace: the folder of the projects and of the log.
        name: what to call the project, if its documents should not decide.
        limits: replaces the SOP's limits; see `metaco.core.limits.Limits`.
        only: documents to stop after, or steps and actions that publish them; see `SOP.up_to`.
        gates: steps after which a person approves: names, ``all`` or ``none``.
        ask: asks a person at a gate; without it the run ends there and waits.
        answer: asks a person what a turn wants to know; without it the turn waits.
        observers: called with every entry of the log; see `metaco.run.observers.Observer`.
        sandbox: ``auto``, ``require`` or ``off``; see `metaco.sandbox`.
        parallel, retry: how many calls may be in flight, and what to do when one fails.
        record: keep every reply in this folder, or file ``NAME.md``; see `metaco.recording`.
        replay: answer from this recording, without models, keys and network.
        replay_or_call: answer from this recording; ask models what it lacks, and keep that in it.
        pace: seconds that each replayed reply takes, one after the other: a person can follow.
        resources: what roles get by name, open for the run: callables that return async contexts.
        settings: what is not given above; read from the environment and files by default.

    Attributes:
        sop: the procedure, with its gates.
        root: the folder of the workspace.
        settings, options, routes: what is configured, how runs work by that, and who answers.

    Raises:
        SOPError: the SOP cannot run.
        ConfigurationError: a setting cannot be used.
    """

    def __init__(
        self,
        sop: str | Path | SOP = "software_company",
        *,
        model: Route | None = None,
        models: Mapping[str, Route] | None = None,
        workspace: str | Path | None = None,
        name: str = "",
        limits: Limits | None = None,
        only: Sequence[str] = (),
        gates: Sequence[str] = (),
        ask: Ask | None = None,
        answer: Answer | None = None,
        observers: Sequence[Observer] = (),
        sandbox: str | None = None,
        parallel: int | None = None,
        retry: Retry | None = None,
        record: str | Path | None = None,
        replay: str | Path | None = None,
        replay_or_call: str | Path | None = None,
        pace: float = 0.0,
        resources: Mapping[str, Resource] | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings.load({"workspace": workspace})
        self.sop = (sop if isinstance(sop, SOP) else SOP.load(sop)).with_gates(gates)
        self.root = Path(workspace or self.settings.workspace)
        self.name, self.only, self.observers = name, only, observers
        self.ask, self.answer, self.pace = ask, answer, pace
        self.record, self.replay, self.replay_or_call = record, replay, replay_or_call
        self.sandbox = sandbox or self.settings.sandbox
        self.options = Options(
            limits=limits or Limits(),
            parallel=self.settings.parallel if parallel is None else parallel,
            retry=retry or Retry(),
            prices=self.settings.prices,
            daily_cost=self.settings.daily_cost,
            is_lean=self.settings.is_lean,
            sampling_of=self.settings.sampling_of,
            resources={**self.settings.resources(), **(resources or {})},
            permissions=self.settings.permissions,
        )
        self.routes = Routes(models or {}, model, self.settings.model_of, self.settings.open)
        self._working = 0
        self._log: Log | None = None

    @property
    def log(self) -> Log:
        """The log of the workspace, opened when it is first needed.

        Raises:
            ConfigurationError: the workspace cannot be written.
        """
        if self._log is None:
            try:
                self.root.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise ConfigurationError(
                    f"The workspace {self.root} cannot be made: {error}.",
                    "Choose another folder with --workspace.",
                ) from error
            self._log = Log.open(self.root / "metaco.db")
        return self._log

    def part(self, given: Sequence[Document] = ()) -> SOP:
        """Return the part of the SOP that a new run does.

        Args:
            given: documents that are there already; the steps that would make them are left out.

        Raises:
            ConfigurationError: a document or a name is not of this SOP, or nothing is left to do.
        """
        return self.sop.starting_from([type(document) for document in given]).up_to(self.only)

    async def run(
        self,
        requirement: str | Document | None = None,
        *,
        given: Sequence[Document] = (),
        part: SOP | None = None,
    ) -> Result:
        """Start a run from a requirement and work until it ends.

        Args:
            requirement: a text, or a document of the kind the SOP starts from; none, if all that
                would read it is given.
            given: see `part`.
            part: what `part` has returned for them, if somebody had to look at it before.

        Raises:
            ConfigurationError: the requirement is empty, a document does not belong here, or a
                model cannot be used.
            LogError: the log cannot be written.
            SandboxUnavailable: the sandbox is required, and none that confines works here.
        """
        sop = part or self.part(given)
        documents = initial_inputs(sop, requirement, given)
        check_files(documents)
        tape = self._tape()
        options = self.options_for(sop, Limits())
        warnings = check_cost_limits(sop, options, self._models_of(tape))
        started = run_started(
            sop,
            documents,
            models={s.role_name: tape.name(s.role_name, self.routes.route_of) for s in sop.steps()},
            sandbox=self.sandbox,
            limits=self.options.limits,
            name=self.name,
        )
        if self.sandbox == "require":
            await self._open_sandbox()  # before anything is paid
        async with AsyncExitStack() as stack:
            run = await self._begin(stack, started)
            environment = self._environment(sop, run, options, tape)
            await environment.open()
            for document in documents:
                await environment.put(document)
            return await self._work(environment, started, tape, warnings)

    async def _begin(self, stack: AsyncExitStack, started: RunStarted) -> str:
        """Log a new run, which is ours before anybody can see it; return its name."""
        log = self.log
        while True:
            run = new_run_name()
            with suppress(RunBusy):  # somebody else has begun one of this name
                await stack.enter_async_context(alone(self.root, run))
                if await log.append(run, "", started):
                    return run

    async def resume(
        self,
        run: str,
        *,
        change: str | Document | None = None,
        requirement: str | None = None,
        decisions: Mapping[str, Decision] | None = None,
        answers: Mapping[str, str] | None = None,
        wait: bool = False,
    ) -> Result:
        """Go on with a run: after a crash, a limit, a failure, at a gate, or with a change.

        Nothing that is in the log is done or paid again. Turns that failed are tried again.
        Limits that are not given stay as they were.

        Args:
            run: its name.
            change: words that are added to the requirement, or a new version of a document that
                the run was given.
            requirement: takes the place of the requirement so far.
            decisions: what a person says at gates, by the name of the step or, where several of
                its documents wait, by ``step:key``.
            answers: what a person answers to the questions of steps, by the same names; an empty
                name stands for the only question.
            wait: where somebody else works on the run, wait until they are done.

        Raises:
            RunBusy: somebody else works on it.
            ConfigurationError: there is no such run, nothing waits at a gate named, or there is
                both a change and a requirement.
            SandboxUnavailable: as for `run`.
        """
        started = await self.log.last(run, RunStarted)
        if started is None:
            raise ConfigurationError(
                f"There is no run {run!r} in {self.root}.", "See `metaco runs` for all."
            )
        async with alone(self.root, run, wait=wait):
            words = (change, requirement, decisions or {}, answers or {})
            return await self._go_on(run, started, *words)

    async def _go_on(
        self,
        run: str,
        started: RunStarted,
        change: str | Document | None,
        requirement: str | None,
        decisions: Mapping[str, Decision],
        answers: Mapping[str, str],
    ) -> Result:
        # Before the log is read: parts and gates decide.
        sop = self.sop.as_started(started.parts, started.gates)
        tape = self._tape(await self.log.read(run))
        options = self.options_for(sop, Limits.of(started.limits, run))
        warnings = check_cost_limits(sop, options, self._models_of(tape))
        if self.sandbox == "require":
            await self._open_sandbox()
        if self.sandbox == "off" != started.sandbox:
            await self.log.append(run, "off", SandboxDisabled("off"))
        environment = self._environment(sop, run, options, tape)
        await environment.open()
        known = environment.state.n
        given = {family for family, _ in environment.state.inputs}
        if any(family(kind) not in given for kind in sop.inputs):
            raise ConfigurationError(
                f"The run {run} was interrupted before it had begun: nothing was done or paid.",
                f"Start it again{start_command(sop, started)}.",
            )
        if change is not None or requirement is not None:
            changed = changed_input(environment.state, change, requirement)
            check_files([changed])
            await environment.put(changed)
        for name, decision in decisions.items():
            waiting = find_waiting(environment.state, name, decision)
            check_files(decision.documents)
            for turn in waiting:
                await environment.decide(turn, decision)
        for name, text in answers.items():
            await environment.answer(find_question(environment.state, name), text)
        for turns in list(environment.state.failed.values()):
            await environment.try_again(turns[0])
        return await self._work(environment, started, tape, warnings, known)

    async def _work(
        self,
        environment: Environment,
        started: RunStarted,
        tape: Tape,
        warnings: Sequence[str],
        known: int = 0,
    ) -> Result:
        """Let the environment run, with the workspace and all observers looking on.

        Args:
            known: the position up to which the log is of earlier times.
        """
        began = time.monotonic()
        state = environment.state
        workspace = Workspace(
            self.root, state.messages, self.log, state.run, started.name, known=state.n
        )
        environment.subscribe(workspace, awaited=True)
        telemetry = Telemetry.configured(self.settings.telemetry)
        for observer in (tape.recorder, *self.observers, Logger(known), telemetry):
            if observer is not None:
                environment.subscribe(observer)
        self._working += 1
        try:
            status = await environment.run()
        finally:
            self._working -= 1
            if not self._working:  # other runs of this company may be using them
                await self.routes.close()
            if telemetry:
                await asyncio.to_thread(telemetry.close)
        return Result.of(
            state,
            status,
            environment.cost,
            project=workspace.folder,
            seconds=time.monotonic() - began,
            problem=str(environment.limit or ""),
            unwritten=await workspace.finish(environment.unseen),
            limit=environment.limit.limit if environment.limit else "",
            warnings=(*state.sop.warnings, *warnings, *environment.warnings, *workspace.warnings),
            replayed=tape.replayed,
        )

    # -- the parts

    def options_for(self, sop: SOP, earlier: Limits) -> Options:
        """Return how a run works, with what the user limits.

        That is what the settings of today say, what was said when it began, and what is said now.
        """
        configured = Limits.of(self.settings.limits, "the settings")
        lower = Limits.of(self.settings.lowered, "the settings")
        configured = configured.replaced_by(lower.lowered_to(sop.limits.replaced_by(configured)))
        limits = configured.replaced_by(earlier).replaced_by(self.options.limits)
        prices: Mapping[str, Any] = {} if self.replay else self.options.prices
        return replace(self.options, limits=limits, prices=prices)

    def _tape(self, known: Sequence[Entry] = ()) -> Tape:
        """Return how a run, of which the log has `known`, uses a recording."""
        from metaco.recording import Scrubber, Tape

        if (self.record, self.replay, self.replay_or_call) == (None, None, None):
            return Tape()
        return Tape.open(
            Scrubber.of(self.root, self.settings),
            record=self.record,
            replay=self.replay,
            replay_or_call=self.replay_or_call,
            known=known,
            pace=self.pace,
        )

    def _models_of(self, tape: Tape) -> Callable[[str], Sequence[Model]]:
        return lambda role: tape.models(role, self.routes.route_of)

    def _environment(self, sop: SOP, run: str, options: Options, tape: Tape) -> Environment:
        return Environment(
            sop,
            self.log,
            run,
            models=self._models_of(tape),
            sandbox=self._open_sandbox,
            ask=self.ask,
            answer=self.answer,
            run_child=run_child,
            options=options,
        )

    async def _open_sandbox(self) -> Sandbox:
        from metaco.sandbox import open_sandbox

        return await open_sandbox(self.sandbox)  # type: ignore[arg-type]
