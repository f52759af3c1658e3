"""What a person expects of loops, task graphs and revisions, with actions that ask no model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from metaco.core.document import Document, Requirement
from metaco.role import Role, action
from metaco.run.entries import Entry, InputGiven, Published, TurnCompleted
from metaco.run.state import State
from metaco.sop.procedure import SOP
from metaco.sop.steps import Node, Repeat, Step


class Command(Document):
    name: str


class Output(Document):
    text: str


class Finished(Output):
    pass


class Draft(Document):
    text: str


class Review(Document):
    text: str


class Task(Document):
    name: str
    wants: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.name

    @property
    def needs(self) -> tuple[str, ...]:
        return self.wants


class Work(Document):
    name: str
    text: str

    @property
    def key(self) -> str:
        return self.name


class Report(Document):
    count: int


class Worker(Role):
    """Does what a test wants: each action calls the function of the same name."""

    does: dict[str, Callable[..., Any]]

    @action
    async def choose(self, requirement: Requirement, outputs: list[Output]) -> Command:
        raise NotImplementedError

    @action
    async def execute(self, command: Command) -> Output | Finished:
        raise NotImplementedError

    @action
    async def draft(self, requirement: Requirement) -> Draft:
        raise NotImplementedError

    @action
    async def review(self, draft: Draft) -> Review:
        raise NotImplementedError

    @action
    async def revise(self, review: Review, draft: Draft) -> Draft:
        raise NotImplementedError

    @action
    async def split(self, requirement: Requirement, works: list[Work]) -> list[Task]:
        raise NotImplementedError

    @action
    async def plan(self, requirement: Requirement) -> list[Task]:
        raise NotImplementedError

    @action
    async def work(self, task: Task) -> Work:
        raise NotImplementedError

    @action
    async def build(self, task: Task, done: list[Work]) -> Work:
        raise NotImplementedError

    @action
    async def count(self, works: list[Work]) -> Report:
        raise NotImplementedError


def step(name: str, **options: Any) -> Step:
    return Step(Worker, name, **options)


class Running:
    """Runs lines whose actions are functions; later processes start from its entries."""

    def __init__(self, lines: list[Node], output: type[Document] | None = None, **does: Any):
        self.sop, self.does = SOP("scene", lines, output=output), does
        self.entries: list[Entry] = []
        self.ran: list[str] = []
        self.state = State(self.sop, "r")

    def add(self, key: str, fact: Any) -> None:
        self.entries.append(Entry("r", len(self.entries) + 1, 0.0, key, fact))
        self.state.apply(self.entries[-1])

    def start(self, text: str = "go") -> Running:
        published = Published.of(Requirement(text=text))
        fact = InputGiven(published.id, published.type, published.key, published.body)
        self.add(f"i{len(self.entries)}", fact)
        return self.go_on()

    def go_on(self) -> Running:
        while ready := self.state.ready():
            turn = ready[0]
            made = self.does[turn.step.action](**turn.args)
            made = made if isinstance(made, list) else [made]
            self.ran.append(f"{turn.step.action} {turn.subject}".strip())
            publishes = tuple(map(Published.of, made))
            self.add(turn.key, TurnCompleted(turn.step.name, "", turn.reads(), publishes))
        return self

    def resumed(self) -> State:
        return State(self.sop, "r", self.entries)

    @property
    def why(self) -> list[tuple[str, int, int | None]]:
        return [(end.reason, end.rounds, end.back) for end in self.state.ends()]


def loop(script: list[str], at_most: int = 10, settle: bool = False) -> tuple[Running, list[str]]:
    """Return an agent that says what is in the script, and what was executed."""
    left: Iterator[str] = iter(script)
    executed: list[str] = []

    def choose(requirement: Requirement, outputs: list[Output]) -> Command:
        return Command(name=next(left))

    def execute(command: Command) -> Output:
        executed.append(command.name)
        return Finished(text="") if command.name == "finish" else Output(text=command.name)

    lines: list[Node] = [
        Repeat(at_most, [step("choose"), step("execute")], until=Finished, settle=settle)
    ]
    return Running(lines, choose=choose, execute=execute), executed


@pytest.mark.parametrize("script", ["ls pwd ls", "ls ls ls", "a a b a a b a", ""])
def test_a_loop_executes_what_was_said(script: str) -> None:
    wanted = [*script.split(), "finish"]
    running, executed = loop(wanted)
    running.start()
    assert executed == wanted
    assert [reason for reason, *_ in running.why] == ["until"]
    again = running.resumed()
    assert not again.open
    assert [end.reason for end in again.ends()] == ["until"]


def test_a_loop_that_gets_nowhere_ends_at_its_limit_and_says_since_when() -> None:
    running, executed = loop(["ls"] * 99, at_most=7)
    running.start()
    assert len(executed) == 7
    assert running.why == [("at_most", 7, 1)]


def test_a_loop_that_settles_ends_when_its_content_comes_back() -> None:
    running, executed = loop(["ls"] * 99, at_most=7, settle=True)
    running.start()
    assert len(executed) == 2
    assert running.why == [("came back", 2, 1)]


def test_with_more_rounds_a_loop_goes_on_and_repeats_nothing() -> None:
    running, executed = loop(["ls"] * 3 + ["pwd"] * 3 + ["finish"], at_most=3)
    running.start()
    assert executed == ["ls"] * 3
    repeat = running.sop.body.steps[0]
    assert isinstance(repeat, Repeat)
    repeat.at_most = 10
    running.state = running.resumed()
    running.go_on()
    assert executed == ["ls"] * 3 + ["pwd"] * 3 + ["finish"]


def test_what_improves_in_a_loop_is_not_undone_by_what_began_it() -> None:
    def improve(review: Review, draft: Draft) -> Draft:
        return Draft(text=f"{draft.text}!")

    lines: list[Node] = [Repeat(4, [step("draft"), step("review"), step("revise")])]
    running = Running(
        lines,
        draft=lambda requirement: Draft(text="draft"),
        review=lambda draft: Review(text=f"of {draft.text}"),
        revise=improve,
    ).start()
    assert running.ran == ["draft", *["review", "revise"] * 4]
    assert Draft(text="draft!!!!") in [message.body for message in running.state.documents()]


def test_a_document_can_be_revised_without_a_loop() -> None:
    lines: list[Node] = [step("draft"), step("review"), step("revise"), step("review")]
    running = Running(
        lines,
        draft=lambda requirement: Draft(text="one"),
        review=lambda draft: Review(text=f"of {draft.text}"),
        revise=lambda review, draft: Draft(text=f"{draft.text}, {review.text}"),
    ).start()
    assert running.ran == ["draft", "review", "revise", "review"]
    bodies = [message.body for message in running.state.documents()]
    assert bodies[0] == Draft(text="one, of one")
    assert bodies[2] == Review(text="of one, of one")


@pytest.mark.parametrize(("pure", "turns"), [(False, 8), (True, 4)])
def test_a_line_that_is_pure_is_not_done_again_by_a_loop_that_plans_anew(
    pure: bool, turns: int
) -> None:
    plans = iter([["a1", "b1"], ["a1", "b1", "c1"], ["a1", "b2", "c1"]])

    def split(requirement: Requirement, works: list[Work]) -> list[Task]:
        return [Task(name=each[0], wants=()) for each in next(plans)]

    versions = {"n": 0}

    def work(task: Task) -> Work:
        versions["n"] += 1
        return Work(name=task.name, text=task.name)

    running = Running([Repeat(3, [step("split"), step("work", pure=pure)])], split=split, work=work)
    running.start()
    # A pure line of this loop does a, b and c once each.
    assert sum(each.startswith("work") for each in running.ran) == (3 if pure else turns)


def graph(**wants: str) -> Running:
    def build(task: Task, done: list[Work]) -> Work:
        return Work(name=task.name, text=f"{task.name}({''.join(each.text for each in done)})")

    tasks = [Task(name=name, wants=tuple(needs)) for name, needs in wants.items()]
    lines: list[Node] = [step("plan"), step("build"), step("count")]
    return Running(
        lines,
        plan=lambda requirement: tasks,
        build=build,
        count=lambda works: Report(count=len(works)),
    ).start()


def test_a_turn_starts_when_what_it_needs_is_there_and_reads_just_that() -> None:
    running = graph(d="bc", b="a", c="a", a="", e="")
    built = [each.removeprefix("build ") for each in running.ran if each.startswith("build")]
    assert built.index("a") < min(built.index("b"), built.index("c"))
    assert built[-1] == "d" or built.index("d") > max(built.index("b"), built.index("c"))
    works = {m.body.key: m.body for m in running.state.documents() if isinstance(m.body, Work)}
    assert works["d"] == Work(name="d", text="d(b(a())c(a()))")
    assert works["e"] == Work(name="e", text="e()")
    assert running.state.status == "done"


def test_what_does_not_wait_for_a_turn_starts_while_it_runs() -> None:
    sop = SOP("graph", [step("plan"), step("build"), step("count")])
    state, n = State(sop, "r"), 0

    def add(key: str, fact: Any) -> list[str]:
        nonlocal n
        n += 1
        return [turn.subject for turn in state.apply(Entry("r", n, 0.0, key, fact))]

    def done(subject: str) -> list[str]:
        turn = next(turn for turn in state.ready() if turn.subject == subject)
        made = Published.of(Work(name=subject, text=""))
        return add(turn.key, TurnCompleted(turn.step.name, "", (), (made,)))

    published = Published.of(Requirement(text="go"))
    add("i", InputGiven(published.id, published.type, published.key, published.body))
    tasks = [Task(name="a"), Task(name="b"), Task(name="c", wants=("b",))]
    (plan,) = state.ready()
    made = tuple(map(Published.of, tasks))
    assert add(plan.key, TurnCompleted(plan.step.name, "", (), made)) == ["a", "b"]
    assert done("b") == ["c"]  # while a still runs
    assert done("c") == []


def test_a_circle_and_an_unknown_need_are_said_at_once_and_the_rest_is_done() -> None:
    running = graph(d="c", c="d", b="c", a="", x="q")
    assert running.ran[-1] == "build a"
    broken = {key: problem for (_, key), problem in running.state.progress.broken.items()}
    assert broken == {
        "c": "c needs itself, by way of others.",
        "d": "d needs itself, by way of others.",
        "x": "x needs q, which is not there.",
    }
    assert running.state.status == "failed"
