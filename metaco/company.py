"""A company: an SOP, the people who work by it, and everything they need, put together.

This is the one place where the parts meet: ::

    result = await Company("software_company").run("Write a CLI expense tracker")
    print(result.status, result.project)
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from metaco import __version__
from metaco.cost import Cost
from metaco.document import Document, family
from metaco.environment import Ask, Decision, Environment, Observer, Retry, with_limits
from metaco.errors import ConfigurationError
from metaco.log import FORMAT, Log
from metaco.model import Model
from metaco.settings import Settings
from metaco.sop import SOP, Limits, built_in
from metaco.state import State
from metaco.workspace import Workspace

if TYPE_CHECKING:
    from metaco.sandbox import Sandbox

__all__ = ["Company", "Result"]


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
        warnings: what else a person should know.
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
    warnings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the run is done and reached its aim: for software, all tests of P0 passed."""
        accepted = self.output is None or self.output.accepted()
        return self.status == "done" and not self.missing and accepted

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
        warnings: Sequence[str] = (),
    ) -> Result:
        """Return what the state of a run says has come of it."""
        documents = tuple(message.body for message in state.documents())
        held = [turns[0] for turns in state.held.values()]
        aims = state.sop.aims if status == "done" else {}
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
                for name, kinds in aims.items()
                if not any(isinstance(document, kinds) for document in documents)
            ),
            problem=problem,
            warnings=tuple(warnings),
        )


@dataclass
class Company:
    """A team that works by an SOP.

    Args:
        sop: the name of a built-in SOP, the path of one of your own, or an `SOP`.
        model: answers for all roles: a name as ``openai:gpt-5-mini`` or ``offline``, or a `Model`.
            By default what is configured, else ``offline``.
        models: models of single roles, by the name the SOP gives the role.
        workspace: the folder of the projects and of the log.
        name: what to call the project, if its documents shall not decide.
        limits: replaces the SOP's limits; see `metaco.sop.Limits`.
        only: documents to stop after, or steps and actions that publish them; see `SOP.only`.
        gates: steps after which a person approves: names, ``all`` or ``none``.
        ask: asks a person at a gate; without it the run comes to rest there.
        observers: called with every entry of the log; see `metaco.environment.Observer`.
        sandbox: ``auto``, ``require`` or ``off``; see `metaco.sandbox`.
        parallel: how many calls to models may be in flight at once.
        retry: what to do when a provider fails.
        settings: what is not given above; read from the environment and files by default.

    Raises:
        SOPError: the SOP cannot run.
        ConfigurationError: a setting cannot be used.
    """

    sop: str | Path | SOP = "software_company"
    model: str | Model | None = None
    models: Mapping[str, str | Model] = field(default_factory=dict)
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
    settings: Settings | None = None

    def __post_init__(self) -> None:
        self.settings = self.settings or Settings.load()
        self._sop = self.sop if isinstance(self.sop, SOP) else SOP.load(self.sop)
        self._sop.gates(self.gates)
        self.root = Path(self.workspace or self.settings.workspace)
        self._models: dict[str, Model] = {}
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
        """
        sop = self._sop.given([type(document) for document in given]).only(self.only)
        documents = [*self._inputs(sop, requirement, given)]
        for step in sop.steps():
            self.model_of(step.as_)  # a wrong name or a missing key shows before anything starts
        facts = {
            "format": FORMAT,
            "metaco": __version__,
            "sop": self._reference(),
            "sop_hash": sop.hash,
            "parts": sop.parts,
            "models": {step.as_: self.model_of(step.as_).name for step in sop.steps()},
            "gates": [step.name for step in sop.steps() if step.gate],
            "limits": _given(self.limits),
            "name": self.name,
            "text": _called(documents),
        }
        run = _new_name()
        while await self.log.append(run, "run", "", facts) is None:
            run = _new_name()  # somebody else has begun one of this name
        environment = self._environment(sop, run)
        await environment.open()
        for document in documents:
            await environment.put(document)
        return await self._work(environment)

    async def resume(
        self,
        run: str,
        *,
        change: str | Document | None = None,
        decisions: Mapping[str, Decision] | None = None,
    ) -> Result:
        """Go on with a run: after a crash, a limit, a failure, at a gate, or with a change.

        Nothing that is in the log is done or paid again. Turns that failed are tried again.

        Args:
            run: its name.
            change: a new version of the requirement, or of a document the run was given.
            decisions: what a person says at gates, by the name of the step or, where several of
                its documents wait, by ``step:key``. Limits that are not given stay as they were.

        Raises:
            ConfigurationError: there is no such run, or nothing waits at a gate named.
        """
        begun = await self.log.last(run, "run")
        if begun is None:
            raise ConfigurationError(
                f"There is no run {run!r} in {self.root}.", "See `metaco runs` for all."
            )
        sop = self._sop.as_begun(begun.body)  # before the log is read: parts and gates decide
        self.limits = Limits(**{**begun.body.get("limits", {}), **_given(self.limits)})
        environment = self._environment(sop, run)
        await environment.open()
        there = {family for family, _ in environment.state.inputs}
        if any(family(kind) not in there for kind in sop.inputs):
            raise ConfigurationError(
                f"The run {run} was interrupted before it had begun.", "Start it again."
            )
        if change is not None:
            await environment.put(self._change(sop, change))
        for name, decision in (decisions or {}).items():
            await self._decide(environment, name, decision)
        for turns in list(environment.state.failed.values()):
            failure = environment.state.failures[turns[0].key]
            afresh = failure["error"] in ("ReplyError", "ValidationError")
            await environment.note(turns[0], "" if afresh else None)
        return await self._work(environment)

    def model_of(self, role: str) -> Model:
        """Return the model that answers for `role`.

        Raises:
            ConfigurationError: its name is not known, or it has no key.
        """
        assert self.settings
        wish = self.models.get(role) or self.model or self.settings.model_of(role)
        if not isinstance(wish, str):
            return wish
        if wish not in self._models:
            from metaco.models import open_model

            self._models[wish] = open_model(
                wish,
                base_url=self.settings.base_url or None,
                api_key=self.settings.api_key or None,
                timeout=self.settings.timeout,
            )
        return self._models[wish]

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
                'Say in a line what to build, as in: metaco "a CLI expense tracker".',
            )
        return list(given)

    def _change(self, sop: SOP, change: str | Document) -> Document:
        """Return a new version of what a run starts from."""
        if isinstance(change, str) and sop.input not in sop.inputs:
            names = " and ".join(kind.__name__ for kind in sop.inputs)
            raise ConfigurationError(
                f"This run starts from {names}, so that nobody reads another requirement.",
                f"Start a new one from the changed {names}.",
            )
        if isinstance(change, str) or not isinstance(change, tuple(sop.inputs)):
            return self._input(change)
        return change

    def _input(self, given: str | Document) -> Document:
        kind = self._sop.input
        if isinstance(given, str):
            if not given.strip():
                raise ConfigurationError(
                    "The requirement is empty.",
                    'Say in a line what to build, as in: metaco "a CLI expense tracker".',
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
        place = self._sop.place or self._sop.name
        path = Path(place)
        return str(path.absolute()) if place not in built_in() and path.is_file() else place

    def _environment(self, sop: SOP, run: str) -> Environment:
        return Environment(
            sop,
            self.log,
            run,
            models=self.model_of,
            sandbox=self._open_sandbox,
            limits=with_limits(self._sop.limits, **_given(self.limits)),
            ask=self.ask,
            parallel=self.parallel or self.settings.parallel,  # type: ignore[union-attr]
            retry=self.retry,
        )

    async def _close_models(self) -> None:
        models, self._models = self._models, {}
        for model in models.values():
            if close := getattr(model, "aclose", None):
                await close()

    async def _open_sandbox(self) -> Sandbox:
        from metaco.sandbox import open_sandbox

        assert self.settings
        return await open_sandbox(self.sandbox or self.settings.sandbox)  # type: ignore[arg-type]

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
        for turn in held:
            await environment.decide(turn, decision)

    async def _work(self, environment: Environment) -> Result:
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
        for observer in self.observers:
            environment.subscribe(observer)
        self._working += 1
        try:
            status = await environment.run()
        finally:
            self._working -= 1
            if not self._working:  # other runs of this company may be using them
                await self._close_models()
        return Result.of(
            environment.state,
            status,
            environment.cost,
            project=workspace.folder,
            seconds=time.monotonic() - began,
            problem=str(environment.limit or ""),
            warnings=(*environment.sop.warnings, *environment.warnings, *workspace.warnings),
        )


def _called(documents: Sequence[Document]) -> str:
    """Return what a run of these documents is called in lists: the requirement, or their kinds."""
    text = next((str(t) for d in documents if (t := getattr(d, "text", ""))), "")
    return text or "from " + ", ".join(type(document).__name__ for document in documents)


def _new_name() -> str:
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def _given(limits: Limits | None) -> dict[str, Any]:
    if limits is None:
        return {}
    given = {name: getattr(limits, name) for name in Limits.__dataclass_fields__}
    return {name: value for name, value in given.items() if value is not None}
