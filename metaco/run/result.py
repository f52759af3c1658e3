"""The result of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from metaco.core.artifacts import UNCONFINED
from metaco.core.document import Document
from metaco.run.entries import Entry, ProjectNamed, RepeatEnded, RunEnded, TurnFailed
from metaco.run.gates import Question, questions
from metaco.run.state import State
from metaco.run.usage import Cost, Used

__all__ = ["Result", "end_of"]


def end_of(entries: Sequence[Entry]) -> RunEnded | None:
    """Return how a run with these newest entries ended, if it did and has not continued since."""
    last = next((e.fact for e in reversed(entries) if not isinstance(e.fact, ProjectNamed)), None)
    return last if isinstance(last, RunEnded) else None


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a run.

    Attributes:
        run: the name of the run, for `resume`.
        status: ``done``, ``failed``, ``waiting`` (at a gate), ``stopped`` or ``limit``.
        output: the document the SOP is for, if the run got there.
        documents: the current version of every document.
        project: the folder with the files, if there are any.
        cost: calls, tokens, dollars.
        seconds: how long it took, this time.
        ok: whether the run is done and has reached its aim, as `State.accepted` says, and the
            project folder holds what the log holds.
        failures: why turns failed: step, subject, problem, remedy.
        repeats: why each repeat ended that did, and after which round.
        waiting: the steps that wait for a person at a gate.
        questions: what other steps want to know of a person.
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
    ok: bool
    failures: tuple[TurnFailed, ...] = ()
    repeats: tuple[RepeatEnded, ...] = ()
    waiting: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    missing: tuple[str, ...] = ()
    problem: str = ""
    unwritten: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    replayed: Used = field(default_factory=Used)
    limit: str = ""
    sandbox: str = ""

    @classmethod
    def of_log(cls, state: State, known: Sequence[Entry], workspace: str) -> Result:
        """Return the result of a run by its log alone."""
        end = end_of(known) or RunEnded("interrupted")
        return cls.of(
            state,
            end.status,
            Cost.of(known),
            project=Path(workspace, state.project) if state.project else None,
            seconds=known[-1].at - known[0].at,
            problem=end.problem,
            unwritten=state.unwritten,
            limit=end.limit,
            warnings=state.sop.warnings,
        )

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
        waiting = [turns[0].step.name for turns in state.waiting.values()]
        sandbox = sandbox or state.sandbox
        return cls(
            run=state.run,
            status=status,
            output=state.output(),
            documents=documents,
            project=project,
            cost=cost,
            seconds=seconds,
            ok=status == "done" and state.accepted() and not unwritten,
            failures=tuple(state.problems()),
            repeats=tuple(state.ends()),
            waiting=tuple(dict.fromkeys(waiting)),
            questions=tuple(questions(state)),
            missing=state.missing() if status == "done" else (),
            problem=problem,
            unwritten=tuple(unwritten),
            warnings=(*([UNCONFINED] if sandbox == "off" else ()), *warnings),
            replayed=replayed or Used(),
            limit=limit,
            sandbox=sandbox,
        )
