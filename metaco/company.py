"""A company: an SOP, the people who work by it, and everything they need, put together.

This is the one place where the parts meet: ::

    result = await Company("software_company").run("a todo list with title, due date and priority")
    print(result.status, result.project)
"""

from __future__ import annotations

import asyncio
import math
import secrets
import shlex
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from metaco import __version__
from metaco.core.artifacts import UNCONFINED, Claims
from metaco.core.document import Document, family
from metaco.core.errors import ConfigurationError, RunBusy
from metaco.core.limits import Limits
from metaco.core.model import Model, Usage
from metaco.models.prices import price_of
from metaco.observers.logging import Logger
from metaco.observers.workspace import Workspace
from metaco.run.cost import Cost, Used
from metaco.run.environment import Ask, Decision, Environment, Observer, Retry
from metaco.run.lock import alone
from metaco.run.log import FORMAT, Entry, Log
from metaco.run.state import State
from metaco.settings import Settings
from metaco.sop.procedure import SOP, built_in

if TYPE_CHECKING:
    from metaco.observers.telemetry import Telemetry
    from metaco.recording import Tape
    from metaco.sandbox import Sandbox

__all__ = ["UNCONFINED", "Company", "Result"]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run.

    Attributes:
        run: the name of the run, for `resume`.
        status: ``done``, ``failed``, ``waiting`` (at a gate), ``stopped`` or ``limit``.
        output: the document the SOP is for, if the run got there.
        documents: the current version of every document.
        project: the folder with the files, if there are any.
        cost: calls, tokens, dollars.
        seconds: how long it took, this time.
        failures: why turns failed: step, problem and remedy.
        waiting: the steps that wait for a person.
        missing: what the run was for, or what was named of it, and is not there.
        problem: the limit that was reached, if one was.
        unwritten: what is wrong with the project folder, so that it does not hold all of this.
        limit: its name, as ``cost``, ``daily_cost`` or ``roles.writer.calls``.
        warnings: what else a person should know.
        replayed: what came out of a recording this time, with the money that it cost when it was
            recorded; nothing of that was spent now.
        sandbox: ``auto``, ``require`` or ``off``; ``off`` if it was off at any time of the run,
            which is among the warnings then.
    """

    run: str
    status: str
    output: Document | None
    documents: tuple[Document, ...]
    project: Path | None
    cost: Cost
    seconds: float
    failures: tuple[Mapping[str, Any], ...] = ()
    waiting: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    problem: str = ""
    unwritten: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    replayed: Used = field(default_factory=Used)
    limit: str = ""
    sandbox: str = ""

    @property
    def ok(self) -> bool:
        """Whether the run is done and reached its aim: for software, all tests of P0 passed.

        It is not where the project folder could not be brought to what the log holds.
        """
        accepted = self.output is None or self.output.accepted()
        return self.status == "done" and not self.missing and not self.unwritten and accepted

    @classmethod
    def of(
        cls,
        state: State,
        status: str,
        cost: Cost,
        *,
        project: Path | None = None,
        seconds: float = 0.0,
        problem: str = "",
        unwritten: Sequence[str] = (),
        warnings: Sequence[str] = (),
        replayed: Used | None = None,
        limit: str = "",
        sandbox: str = "",
    ) -> Result:
        """Return what the state of a run says has come of it."""
        documents = tuple(message.body for message in state.documents())
        held = [turns[0] for turns in state.held.values()]
        goals = state.sop.goals if status == "done" else {}
        sandbox = sandbox or state.sandbox
        return cls(
            run=state.run,
            status=status,
            output=state.output(),
            documents=documents,
            project=project,
            cost=cost,
            seconds=seconds,
            failures=tuple(state.failures[turns[0].key] for turns in state.failed.values()),
            waiting=tuple(dict.fromkeys(turn.step.name for turn in held)),
            missing=tuple(
                name
                for name, kinds in goals.items()
                if not any(isinstance(document, kinds) for document in documents)
            ),
            problem=problem,
            unwritten=tuple(unwritten),
            warnings=(*([UNCONFINED] if sandbox == "off" else ()), *warnings),
            replayed=replayed or Used(),
            limit=limit,
            sandbox=sandbox,
        )


@dataclass
class Company:
    """A team that works by an SOP.

    Args:
        sop: the name of a built-in SOP, the path of one of your own, or an `SOP`.
        model: answers for all roles: a name as ``openai:gpt-5-mini`` or ``offline``, or a `Model`.
            By default what is configured, else ``offline``. A list of them, or names with commas
            between them, is a route: where one fails, the next one answers.
        models: models of single roles, by the name the SOP gives the role.
        workspace: the folder of the projects and of the log.
        name: what to call the project, if its documents shall not decide.
        limits: replaces the SOP's limits; see `metaco.sop.procedure.Limits`.
        only: documents to stop after, or steps and actions that publish them; see `SOP.only`.
        gates: steps after which a person approves: names, ``all`` or ``none``.
        ask: asks a person at a gate; without it the run comes to rest there.
        observers: called with every entry of the log; see `metaco.run.environment.Observer`.
        sandbox: ``auto``, ``require`` or ``off``; see `metaco.sandbox`.
        parallel: how many calls to models may be in flight at once.
        retry: what to do when a provider fails.
        record: keep every reply in this folder, or file ``NAME.md``; see `metaco.recording`.
        replay: answer from this recording, without models, keys and network.
        replay_or_call: answer from this recording; ask models what it lacks, and keep that in it.
        pace: seconds that each replayed reply takes, one after the other, for who looks on.
        settings: what is not given above; read from the environment and files by default.

    Raises:
        SOPError: the SOP cannot run.
        ConfigurationError: a setting cannot be used.
    """

    sop: str | Path | SOP = "software_company"
    model: str | Model | Sequence[str | Model] | None = None
    models: Mapping[str, str | Model | Sequence[str | Model]] = field(default_factory=dict)
    workspace: str | Path | None = None
    name: str = ""
    limits: Limits | None = None
    only: Sequence[str] = ()
    gates: Sequence[str] = ()
    ask: Ask | None = None
    observers: Sequence[Observer] = ()
    sandbox: str | None = None
    parallel: int | None = None
    retry: Retry | None = None
    record: str | Path | None = None
    replay: str | Path | None = None
    replay_or_call: str | Path | None = None
    pace: float = 0.0
    settings: Settings | None = None

    def __post_init__(self) -> None:
        self.settings = self.settings or Settings.load({"workspace": self.workspace})
        self._sop = self.sop if isinstance(self.sop, SOP) else SOP.load(self.sop)
        self._sop = self._sop.with_gates(self.gates)
        self.root = Path(self.workspace or self.settings.workspace)
        self._models: dict[str, Model] = {}
        self._mind: tuple[str, ...] = ()
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

    async def run(
        self, requirement: str | Document | None = None, *, given: Sequence[Document] = ()
    ) -> Result:
        """Start a run from a requirement and work until it comes to rest.

        Args:
            requirement: a text, or a document of the kind the SOP starts from; none, if all that
                would read it is given.
            given: documents that are there already; the steps that would make them are left out.

        Raises:
            ConfigurationError: the requirement is empty, a document does not belong here, or a
                model cannot be used.
            LogError: the log cannot be written.
            SandboxUnavailable: the sandbox is required, and none that confines works here.
        """
        sop = self._sop.starting_from([type(document) for document in given]).up_to(self.only)
        documents = _with_files([*self._inputs(sop, requirement, given)])
        limits = self._limits(sop, Limits())
        tape = self._tape()
        self._check(sop, limits, tape)
        facts = {
            "format": FORMAT,
            "metaco": __version__,
            "sop": self._reference(),
            "sop_hash": sop.hash,
            "parts": sop.slice,
            "models": {s.role_name: tape.name(s.role_name, self.route_of) for s in sop.steps()},
            "steps": list(dict.fromkeys(step.name for step in sop.steps())),
            "gates": [step.name for step in sop.steps() if step.gate],
            "limits": (self.limits or Limits()).dump(),
            "sandbox": self._sandbox,
            "name": self.name,
            "text": _called(documents),
        }
        if self._sandbox == "require":
            await self._open_sandbox()  # before anything is paid
        async with AsyncExitStack() as held:
            run = await self._begin(held, facts)
            environment = self._environment(sop, run, limits, tape)
            await environment.open()
            for document in documents:
                await environment.put(document)
            return await self._work(environment, tape)

    async def _begin(self, held: AsyncExitStack, facts: dict[str, Any]) -> str:
        """Log a new run, which is ours before anybody can see it; return its name."""
        log = self.log
        while True:
            run = _new_name()
            with suppress(RunBusy):  # somebody else has begun one of this name
                await held.enter_async_context(alone(self.root, run))
                if await log.append(run, "run", "", facts):
                    return run

    async def resume(
        self,
        run: str,
        *,
        change: str | Document | None = None,
        requirement: str | None = None,
        decisions: Mapping[str, Decision] | None = None,
        wait: bool = False,
    ) -> Result:
        """Go on with a run: after a crash, a limit, a failure, at a gate, or with a change.

        Nothing that is in the log is done or paid again. Turns that failed are tried again.

        Args:
            run: its name.
            change: words that are added to the requirement, or a new version of a document that
                the run was given.
            requirement: takes the place of the requirement so far.
            decisions: what a person says at gates, by the name of the step or, where several of
                its documents wait, by ``step:key``. Limits that are not given stay as they were.
            wait: where somebody else works on the run, wait until they are done.

        Raises:
            RunBusy: somebody else works on it.
            ConfigurationError: there is no such run, nothing waits at a gate named, or there is
                both a change and a requirement.
            SandboxUnavailable: as for `run`.
        """
        begun = await self.log.last(run, "run")
        if begun is None:
            raise ConfigurationError(
                f"There is no run {run!r} in {self.root}.", "See `metaco runs` for all."
            )
        async with alone(self.root, run, wait=wait):
            return await self._go_on(run, begun.body, change, requirement, decisions or {})

    async def _go_on(
        self,
        run: str,
        begun: Mapping[str, Any],
        change: str | Document | None,
        requirement: str | None,
        decisions: Mapping[str, Decision],
    ) -> Result:
        sop = self._sop.as_started(begun)  # before the log is read: parts and gates decide
        limits = self._limits(sop, Limits.of(begun.get("limits", {}), run))
        tape = self._tape(await self.log.read(run))
        self._check(sop, limits, tape)
        if self._sandbox == "require":
            await self._open_sandbox()
        if self._sandbox == "off" != begun.get("sandbox"):
            await self.log.append(run, "sandbox", "off", {"sandbox": "off"})
        environment = self._environment(sop, run, limits, tape)
        await environment.open()
        old = environment.state.n
        there = {family for family, _ in environment.state.inputs}
        if any(family(kind) not in there for kind in sop.inputs):
            raise ConfigurationError(
                f"The run {run} was interrupted before it had begun: nothing was done or paid.",
                f"Start it again{_command(sop, begun)}.",
            )
        if change is not None or requirement is not None:
            changed = self._change(environment.state, change, requirement)
            await environment.put(*_with_files([changed]))
        for name, decision in decisions.items():
            await self._decide(environment, name, decision)
        for turns in list(environment.state.failed.values()):
            failure = environment.state.failures[turns[0].key]
            afresh = failure["error"] in ("ReplyError", "ValidationError", "WorkspaceError")
            await environment.note(turns[0], "" if afresh else None)
        return await self._work(environment, tape, old)

    def model_of(self, role: str) -> Model:
        """Return the model that answers for `role`, as long as it can.

        Raises:
            ConfigurationError: its name is not known, or it has no key.
        """
        return self.route_of(role)[0]

    def route_of(self, role: str) -> tuple[Model, ...]:
        """Return the models that answer for `role`, each where those before it fail.

        Raises:
            ConfigurationError: a name is not known, or has no key; or there is none.
        """
        from metaco.models import route

        assert self.settings
        wish = self.models.get(role) or self.model or self.settings.model_of(role)
        found: list[Model] = []
        wishes: Sequence[Any] = wish if isinstance(wish, list | tuple) else [wish]
        for each in wishes:
            found += [self._open(n) for n in route(each)] if isinstance(each, str) else [each]
        if not found:
            raise ConfigurationError(
                f"No model is named for the role {role}.", "Name one, as openai:gpt-5-mini."
            )
        return tuple(found)

    def where(self, role: str) -> str:
        """Return the route of `role` in one line, with the hosts that are not the usual ones.

        Raises:
            ConfigurationError: as `route_of`.
        """
        from metaco.models import place

        hosts = [(model.name, place(model)) for model in self.route_of(role)]
        return ", ".join(f"{name} at {host}" if host else name for name, host in hosts)

    def _open(self, name: str) -> Model:
        assert self.settings
        if name not in self._models:
            self._models[name] = self.settings.open(name)
        return self._models[name]

    def _limits(self, sop: SOP, earlier: Limits) -> Limits:
        """Return what the user limits: in the settings of today, when the run began, and now."""
        assert self.settings
        own = Limits.of(self.settings.limits, "the settings")
        lower = Limits.of(self.settings.lowered, "the settings")
        own = own.replaced_by(lower.lowered_to(sop.limits.replaced_by(own)))
        return own.replaced_by(earlier).replaced_by(self.limits)

    def _check(self, sop: SOP, own: Limits, tape: Tape) -> None:
        """Look for what cannot work before anything starts: models, keys, budgets.

        Raises:
            ConfigurationError: a wrong name, a missing key, or dollars nobody could count.
        """
        assert self.settings
        limits, daily = sop.limits.replaced_by(own), self.settings.daily_cost < math.inf
        found: dict[str, None] = {}
        for role in dict.fromkeys(step.role_name for step in sop.steps()):
            mine = own.roles.get(role, Limits())
            for model in tape.models(role, self.route_of):
                if price_of(model, Usage(1, 1), self.settings.prices) is not None:
                    continue
                general = (own.cost is not None or daily) and own.tokens is None
                special = mine.cost is not None and mine.tokens is None and own.tokens is None
                if general or special or (limits.cost is not None and limits.tokens is None):
                    raise ConfigurationError(
                        f"The price of {model.name} is not known, so that no budget in dollars "
                        "can be kept.",
                        f'Limit the tokens (--tokens), or set [prices."{model.name}"] with prompt '
                        "and reply in dollars per million tokens.",
                    )
                if limits.cost is not None or mine.cost is not None:
                    found[f"The price of {model.name} is not known; its tokens are limited."] = None
        self._mind = tuple(found)

    def _inputs(
        self, sop: SOP, requirement: str | Document | None, given: Sequence[Document]
    ) -> list[Document]:
        """Return everything that a run starts from."""
        found = {(family(type(each)), each.key): each for each in given}
        if len(found) < len(given):
            raise ConfigurationError(
                "Two of the documents that are given stand for the same.", "Give one of them."
            )
        needed = sop.input in sop.inputs
        own = any(isinstance(each, sop.input) for each in given)
        if requirement is not None:
            if own or not needed:
                raise ConfigurationError(
                    f"Nobody reads the {sop.input.__name__}: "
                    f"{' and '.join(sorted({name for name, _ in found}))} is given.",
                    "Leave one of them out.",
                )
            return [self._input(requirement), *given]
        if needed and not own:
            readers = [s.name for s in sop.steps() if sop.input in s.reads] or [sop.name]
            raise ConfigurationError(
                f"{readers[0]} starts from a {sop.input.__name__}, and none is given.",
                'Say in a line what to build, as in: metaco "a snake game".',
            )
        return list(given)

    def _change(
        self, state: State, change: str | Document | None, requirement: str | None
    ) -> Document:
        """Return a new version of what a run starts from: what is said later stands last."""
        if change is not None and requirement is not None:
            raise ConfigurationError(
                "There are both a change and a requirement.",
                "Give the change alone to add to the requirement, or a whole new requirement.",
            )
        sop = state.sop
        if isinstance(change, Document):
            return change if isinstance(change, tuple(sop.inputs)) else self._input(change)
        if sop.input not in sop.inputs:
            names = " and ".join(kind.__name__ for kind in sop.inputs)
            raise ConfigurationError(
                f"This run starts from {names}, so that nobody reads another requirement.",
                f"Start a new one from the changed {names}.",
            )
        if requirement is not None:
            return self._input(requirement)
        if not change or not change.strip():
            raise ConfigurationError("The change is empty.", "Say what shall be different.")
        wish = family(sop.input)
        before = next(m.body for (name, _), m in state.inputs.items() if name == wish)
        return self._input(f"{getattr(before, 'text', '')}\n\n{change.strip()}")

    def _input(self, given: str | Document) -> Document:
        kind = self._sop.input
        if isinstance(given, str):
            if not given.strip():
                raise ConfigurationError(
                    "The requirement is empty.",
                    'Say in a line what to build, as in: metaco "a snake game".',
                )
            try:
                return kind.model_validate({"text": given.strip()})
            except ValidationError as error:
                raise ConfigurationError(
                    f"{self._sop.name} starts from {kind.__name__}, which is more than a text.",
                    f"Pass a {kind.__name__} from Python.",
                ) from error
        if not isinstance(given, kind):
            raise ConfigurationError(
                f"{self._sop.name} starts from {kind.__name__}, not {type(given).__name__}.",
                "Pass a text or the right document.",
            )
        return given

    def _reference(self) -> str:
        """Return how the SOP is found again from anywhere: its name, or the path of its file."""
        place = self._sop.origin or self._sop.name
        path = Path(place)
        return str(path.absolute()) if place not in built_in() and path.is_file() else place

    def _tape(self, known: Sequence[Entry] = ()) -> Tape:
        """Return how a run, of which the log has `known`, uses a recording."""
        from metaco.recording import Scrubber, Tape

        if (self.record, self.replay, self.replay_or_call) == (None, None, None):
            return Tape()
        assert self.settings
        return Tape.open(
            Scrubber.of(self.root, self.settings),
            record=self.record,
            replay=self.replay,
            replay_or_call=self.replay_or_call,
            known=known,
            pace=self.pace,
        )

    def _environment(self, sop: SOP, run: str, limits: Limits, tape: Tape) -> Environment:
        return Environment(
            sop,
            self.log,
            run,
            models=lambda role: tape.models(role, self.route_of),
            sandbox=self._open_sandbox,
            limits=sop.limits.replaced_by(limits),
            ask=self.ask,
            parallel=self.parallel or self.settings.parallel,  # type: ignore[union-attr]
            retry=self.retry,
            prices={} if self.replay else self.settings.prices,  # type: ignore[union-attr]
            daily_cost=self.settings.daily_cost,  # type: ignore[union-attr]
            lean=self.settings.is_lean,  # type: ignore[union-attr]
        )

    def _telemetry(self) -> Telemetry | None:
        """Return who tells the run to OpenTelemetry, if that is wanted."""
        assert self.settings
        if self.settings.telemetry == "off":
            return None
        from metaco.observers.telemetry import Telemetry

        return Telemetry(content=self.settings.telemetry == "content")

    async def _close_models(self) -> None:
        models, self._models = self._models, {}
        for model in models.values():
            if close := getattr(model, "aclose", None):
                await close()

    @property
    def _sandbox(self) -> str:
        assert self.settings
        return self.sandbox or self.settings.sandbox

    async def _open_sandbox(self) -> Sandbox:
        from metaco.sandbox import open_sandbox

        return await open_sandbox(self._sandbox)  # type: ignore[arg-type]

    async def _decide(self, environment: Environment, name: str, decision: Decision) -> None:
        name, _, key = name.partition(":")
        step = environment.sop.find(name).name
        held = [turns[0] for turns in environment.state.held.values()]
        held = [turn for turn in held if turn.step.name == step and key in ("", turn.subject)]
        if not held:
            raise ConfigurationError(
                f"Nothing of {step} waits for a decision.", "See `metaco show` for what does."
            )
        if len(held) > 1 and decision.verdict == "edit":
            raise ConfigurationError(
                f"{len(held)} documents of {step} wait, so that none can be chosen to edit.",
                f"Name one, as {step}:{held[0].subject}.",
            )
        _with_files(decision.documents)
        for turn in held:
            await environment.decide(turn, decision)

    async def _work(self, environment: Environment, tape: Tape, old: int = 0) -> Result:
        """Let the environment run, with the workspace and all observers looking on."""
        began = time.monotonic()
        workspace = Workspace(
            self.root,
            environment.sop,
            self.log,
            environment.name,
            environment.state.begun["name"],
            known=environment.state.n,
        )
        environment.subscribe(workspace, awaited=True)
        if tape.recorder:
            environment.subscribe(tape.recorder)
        for observer in self.observers:
            environment.subscribe(observer)
        environment.subscribe(Logger(old))
        telemetry = self._telemetry()
        if telemetry:
            environment.subscribe(telemetry)
        self._working += 1
        try:
            status = await environment.run()
        finally:
            self._working -= 1
            if not self._working:  # other runs of this company may be using them
                await self._close_models()
            if telemetry:
                await asyncio.to_thread(telemetry.close)
        return Result.of(
            environment.state,
            status,
            environment.cost,
            project=workspace.folder,
            seconds=time.monotonic() - began,
            problem=str(environment.limit or ""),
            unwritten=workspace.lost(environment.unseen),
            limit=environment.limit.limit if environment.limit else "",
            warnings=(
                *environment.sop.warnings,
                *self._mind,
                *environment.warnings,
                *workspace.warnings,
            ),
            replayed=tape.replayed,
        )


def _with_files(documents: Sequence[Document]) -> Sequence[Document]:
    """Return documents that a person gives, once it is known that their files are some.

    Raises:
        ConfigurationError: they are none; see `metaco.core.artifacts`.
    """
    claims = Claims()
    for document in documents:
        try:
            claims.add(document)
        except TypeError as error:
            raise ConfigurationError(
                f"The {type(document).__name__} that is given cannot be used: {error}",
                "Mend its class, or leave it out.",
            ) from error
    return documents


def _called(documents: Sequence[Document]) -> str:
    """Return what a run of these documents is called in lists: the requirement, or their kinds."""
    text = next((str(t) for d in documents if (t := getattr(d, "text", ""))), "")
    return text or "from " + ", ".join(type(document).__name__ for document in documents)


def _command(sop: SOP, begun: Mapping[str, Any]) -> str:
    """Return how a run is started once more, as far as a line holds it."""
    if sop.input not in sop.inputs:
        return " from the same documents, with --from"
    if len(begun["text"]) > 200:
        return " with the same requirement"
    return ": " + shlex.join(["metaco", "run", begun["text"], "--sop", begun["sop"]])


def _new_name() -> str:
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
