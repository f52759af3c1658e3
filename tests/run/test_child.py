"""Child runs: a turn has another SOP do some work, in a run of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from metaco import Company, Decision, Document, Limits, Requirement, Role, SOPError, action
from metaco.core.errors import ProviderError
from metaco.core.model import Reply, Request, Usage
from metaco.run.entries import CallStarted, ReplyReceived
from metaco.run.options import Retry
from metaco.run.usage import Cost
from metaco.settings import Settings
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step


class Answer(Document):
    text: str


class Report(Document):
    text: str


class Thinker(Role):
    """Thinks."""

    @action
    async def think(self, requirement: Requirement) -> Answer:
        """Think about it."""
        return await self.ask(lambda text: Answer(text=text), requirement=requirement)


class Boss(Role):
    """Has others think."""

    @action
    async def report(self, requirement: Requirement) -> Report:
        """Report."""
        words = requirement.text.split()
        answers = await asyncio.gather(*(self.run(thinking(), word) for word in words))
        return Report(text=" ".join(answer.text for answer in answers))


GATES: list[bool] = []


def thinking() -> SOP:
    step = Step(Thinker, "think", role_name="thinker", gate=bool(GATES))
    return SOP("thinking", [step], output=Answer)


@pytest.fixture(autouse=True)
def no_gates() -> None:
    GATES.clear()


class Model:
    name = "openai:gpt-5-mini"

    def __init__(self, before: Callable[[str], Awaitable[None]] | None = None) -> None:
        self.asked: list[str] = []
        self._before = before

    async def complete(self, request: Request) -> Reply:
        word = request.inputs["requirement"].text
        self.asked.append(word)
        if self._before:
            await self._before(word)
        return Reply(word.upper(), Usage(100, 10), "gpt-5-mini")


def company(folder: Path, model: Model, **more: Any) -> Company:
    sop = SOP("boss", [Step(Boss, "report", role_name="boss")], output=Report)
    more.setdefault("retry", Retry(attempts=1))
    return Company(sop, model=model, workspace=folder, settings=Settings(), **more)


async def test_what_a_child_run_makes_and_costs_is_the_parents(tmp_path: Path) -> None:
    team = company(tmp_path, model := Model())
    result = await team.run("one two one")
    assert result.output == Report(text="ONE TWO ONE")
    assert sorted(model.asked) == ["one", "one", "two"]  # said twice is done twice
    assert result.cost.total.calls == 3
    assert result.cost.total.tokens == 330
    assert list(result.cost.by_step) == ["thinker.think"]
    assert Cost.of(await team.log.read(result.run)) == result.cost
    children = [entry.run for entry in await team.log.runs() if entry.run != result.run]
    assert len(children) == 3
    assert all(child.startswith(f"{result.run}.") for child in children)
    again = await team.resume(result.run)
    assert again.cost == result.cost
    assert len(model.asked) == 3


async def test_a_turn_that_runs_again_finds_its_child_runs(tmp_path: Path) -> None:
    async def fail(word: str) -> None:
        if word == "two" and len(model.asked) < 3:
            raise ProviderError("No.", status=404)

    team = company(tmp_path, model := Model(fail))
    result = await team.run("one two")
    assert result.status == "failed"
    (failure,) = result.failures
    assert failure.error == "RunFailed"
    assert "of thinking is failed: No." in failure.problem
    result = await team.resume(result.run)
    assert result.output == Report(text="ONE TWO")
    assert sorted(model.asked) == ["one", "two", "two"]
    assert result.cost.total.calls == 2
    assert result.cost.total.failed == 1


async def test_what_was_in_flight_when_the_process_died_is_asked_again_and_no_more(
    tmp_path: Path,
) -> None:
    reached = asyncio.Event()

    async def hang(word: str) -> None:
        if word == "two" and not reached.is_set():
            reached.set()
            await asyncio.Event().wait()

    team = company(tmp_path, model := Model(hang))
    work = asyncio.create_task(team.run("one two"))
    await reached.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    (run, *_) = [entry.run for entry in await team.log.runs()]
    result = await company(tmp_path, model).resume(run)
    assert result.output == Report(text="ONE TWO")
    assert sorted(model.asked) == ["one", "two", "two"]


@pytest.mark.parametrize("calls", [0, 1, 2, 3])
async def test_the_limits_of_the_parent_hold_for_all_below_it(tmp_path: Path, calls: int) -> None:
    words = "one two three four"
    team = company(tmp_path, model := Model(), limits=Limits(calls=calls))
    result = await team.run(words)
    assert (result.status, result.limit) == ("limit", "calls")
    assert len(model.asked) == calls
    result = await company(tmp_path, model, limits=Limits(calls=4)).resume(result.run)
    assert result.output == Report(text=words.upper())
    assert sorted(model.asked) == sorted(words.split())
    assert result.cost.total.calls == 4


async def test_dollars_are_reserved_in_the_parent_before_a_child_spends_them(
    tmp_path: Path,
) -> None:
    """Two calls may cost $0.06 at worst: with less than that, one waits for the other."""
    together = asyncio.Barrier(3)

    async def meet(word: str) -> None:
        await together.wait()

    async with asyncio.timeout(30):
        assert (await company(tmp_path / "a", Model(meet)).run("one two three")).ok
    team = company(tmp_path / "b", Model(), limits=Limits(cost=0.05))
    assert (await team.run("one two three")).ok
    calls: list[tuple[float, float]] = []
    for started in (await team.log.runs())[1:]:
        known = await team.log.read(started.run)
        at = {type(entry.fact): entry.at for entry in known}
        calls.append((at[CallStarted], at[ReplyReceived]))
    calls.sort()
    assert all(reply <= call for (_, reply), (call, _) in pairwise(calls))


async def test_a_parent_waits_for_what_waits_below_it(tmp_path: Path) -> None:
    GATES.append(True)
    team = company(tmp_path, model := Model())
    result = await team.run("one")
    assert result.status == "waiting"
    (warning,) = result.warnings
    assert "waits; `metaco show" in warning
    child = next(entry.run for entry in await team.log.runs() if entry.run != result.run)
    below = Company(thinking(), model=model, workspace=tmp_path, settings=Settings())
    assert (await below.resume(child, decisions={"think": Decision("approve")})).ok
    result = await team.resume(result.run)
    assert result.output == Report(text="ONE")
    assert model.asked == ["one"]


async def test_a_person_who_is_there_decides_at_once(tmp_path: Path) -> None:
    GATES.append(True)

    async def ask(turn: Any, documents: list[Document]) -> Decision:
        return Decision("approve")

    result = await company(tmp_path, Model(), ask=ask).run("one")
    assert result.output == Report(text="ONE")


# ------------------------------------------------------------------ as a line

INNER = """name: inner
output: SourceFile
steps: [programmer.outline, programmer.write_program]
"""


def test_a_line_that_names_an_sop_publishes_what_that_does(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text(INNER)
    outer = tmp_path / "outer.yaml"
    outer.write_text("name: outer\nsteps:\n  - sop: inner.yaml\n  - qa_engineer.run_tests\n")
    sop = SOP.load(outer)
    assert [step.name for step in sop.steps()] == ["inner.work", "qa_engineer.run_tests"]
    assert {"Outline", "SourceFile", "TestFile"} <= sop.kinds.keys()
    assert sop.warnings == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("sop: nowhere", "outer.yaml:3: There is no SOP 'nowhere'."),
        ("sop: outer.yaml", "outer.yaml:3: outer.yaml would run itself."),
        ("sop: {gate: ask}", "outer.yaml:3: The line names no SOP."),
        ("sop: {name: inner.yaml, twice: 2}", "outer.yaml:3: Unknown key 'twice'."),
        ("sop: circle.yaml", "outer.yaml would run itself."),
        ("sop: x/../outer.yaml", "outer.yaml would run itself."),
    ],
)
def test_what_is_wrong_with_such_a_line_is_said(tmp_path: Path, line: str, problem: str) -> None:
    (tmp_path / "inner.yaml").write_text(INNER)
    (tmp_path / "circle.yaml").write_text("steps:\n  - sop: outer.yaml\n")
    (tmp_path / "x").mkdir()
    outer = tmp_path / "outer.yaml"
    outer.write_text(f"name: outer\nsteps:\n  - {line}\n")
    with pytest.raises(SOPError) as error:
        SOP.load(outer)
    assert problem in str(error.value)


def test_such_a_line_takes_options(tmp_path: Path) -> None:
    (tmp_path / "inner.yaml").write_text(INNER)
    outer = tmp_path / "outer.yaml"
    outer.write_text("name: outer\nsteps:\n  - sop: {name: inner.yaml, gate: ask, retry: 2}\n")
    (step,) = SOP.load(outer).steps()
    assert (step.gate, step.retry) == (True, 2)


async def test_the_files_of_a_child_run_are_in_the_project(tmp_path: Path) -> None:
    outer = tmp_path / "outer.yaml"
    outer.write_text("name: outer\noutput: Delivery\nsteps:\n  - sop: quick\n")
    team = Company(outer, model="offline", workspace=tmp_path, settings=Settings())
    result = await team.run("hangman")
    assert result.ok
    assert result.project
    assert (result.project / "hangman" / "__main__.py").is_file()
    assert (await team.resume(result.run)).ok
