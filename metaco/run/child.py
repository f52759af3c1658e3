"""Child runs: a turn has another SOP do some work, in a run of its own.

A child run is a run like others, with its own entries in the same log; its name follows from the
effect that it is, so a turn that runs again finds it. What it uses counts in the budgets of all
runs above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from metaco.core.document import Document, Message
from metaco.core.errors import RunFailed
from metaco.core.limits import Limits
from metaco.core.model import Model
from metaco.run.effects import Effects, Outcome, Parked, effect_key
from metaco.run.entries import Published
from metaco.run.environment import Environment
from metaco.run.inputs import initial_inputs, run_started
from metaco.run.messages import Messages
from metaco.run.turn import Turn
from metaco.sop.procedure import SOP

__all__ = ["run_child"]


async def run_child(
    parent: Environment, turn: Turn, effects: Effects, what: str | Path | SOP, given: Sequence[Any]
) -> list[Document]:
    """Run an SOP as part of a turn.

    Returns:
        What it has published, in its current versions; first the document that it is for.

    Args:
        what: the SOP, its name or its path.
        given: the documents it starts from; a text stands for its input.

    Raises:
        RunFailed: it did not get to its end.
        LimitReached: a limit of it, or of a run above, does not allow that.
        SOPError: there is no such SOP, or it cannot run.
        ConfigurationError: it is given too much, or not enough.
    """
    sop = what if isinstance(what, SOP) else SOP.load(what)
    text = next((each for each in given if isinstance(each, str)), None)
    documents = initial_inputs(sop, text, [each for each in given if isinstance(each, Document)])
    ids = sorted(Message.of(each).id for each in documents)
    children: list[Environment] = []

    async def work() -> Outcome:
        child = _environment(parent, turn, sop, f"{parent.name}.{effect_key.get()[:8]}")
        children.append(child)
        return await _work(parent, child, documents)

    about = {"sop": sop.reference, "hash": sop.hash, "documents": ids}
    made = await effects.perform("run", about, work)
    for child in children:  # it is part of what this run has used now
        for budget in parent.budgets(turn):
            budget.spend_below(child.cost.total, -1)
    messages = Messages(sop)
    return [messages.decode(Published(**fields)).body for fields in made]


def _environment(parent: Environment, turn: Turn, sop: SOP, name: str) -> Environment:
    above = parent.budgets(turn)
    left = [seconds for each in above if (seconds := each.seconds_left()) is not None]
    limits = Limits(minutes=min(left) / 60 if left else None)
    return Environment(
        sop,
        parent.log,
        name,
        models=parent.models,
        sandbox=parent.sandbox,
        ask=parent.ask,
        answer=parent.answer_with,
        options=replace(
            parent.options,
            limits=limits.lowered_to(sop.limits),
            resources=parent.resources.lent(),
        ),
        above=above,
        run_child=run_child,
    )


async def _work(parent: Environment, child: Environment, documents: Sequence[Document]) -> Outcome:
    routes = {step.role_name: _names(child.models(step.role_name)) for step in child.sop.steps()}
    started = run_started(
        child.sop, documents, models=routes, sandbox=parent.state.sandbox, parent=parent.name
    )
    await child.log.append(child.name, "", started)  # unless it is there
    await child.open()
    if not child.state.inputs:
        for document in documents:
            await child.put(document)
    for turns in list(child.state.failed.values()):
        await child.try_again(turns[0])
    status = await child.run()
    parent.add_warnings(child.warnings)
    show = f"`metaco show {child.name}` shows it"
    if status == "waiting":
        parent.add_warnings([f"The run {child.name} of {child.sop.name} waits; {show}."])
        raise Parked(below=True)
    if status == "limit":
        assert child.limit
        raise child.limit
    output = child.state.output()
    if status == "done" and output is not None:
        given = {message.id for message in child.state.inputs.values()}
        others = [m.body for m in child.state.documents() if m.id not in given]
        made = [output, *(each for each in others if each != output)]
        return Outcome([_fields(Published.of(each)) for each in made], child.cost.dump())
    problems = child.state.problems()
    why = f": {problems[0].problem}" if problems else "."
    raise RunFailed(f"The run {child.name} of {child.sop.name} is {status}{why}", f"{show}.")


def _names(route: Model | Sequence[Model]) -> str:
    return ", ".join(model.name for model in (route if isinstance(route, Sequence) else [route]))


def _fields(published: Published) -> dict[str, Any]:
    return {name: getattr(published, name) for name in ("id", "type", "key", "body")}
