"""Effects: what a turn does outside is done once, wherever a process dies."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from crashing import Crash, CrashingLog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop import Echo, environment, open_log

from metaco.core.document import Document, Requirement
from metaco.core.errors import ConfigurationError, EffectUnsure, ReplyError
from metaco.core.sandbox import SandboxResult
from metaco.role import Role, action
from metaco.run.effects import LONG
from metaco.run.entries import EffectEnded, EffectStarted
from metaco.run.environment import Environment
from metaco.run.gates import Decision, Question, questions
from metaco.run.log import Log
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step
from metaco.tools import tool


class Result(Document):
    text: str


Play = Callable[[Role, Requirement], Any]


def acting(play: Play) -> SOP:
    """Return an SOP of one turn, which does what `play` says."""

    class Actor(Role):
        @action
        async def act(self, requirement: Requirement) -> Result:
            return Result(text=json.dumps(await play(self, requirement)))

    Actor.act.__annotations__ |= {"requirement": Requirement, "return": Result}
    return SOP("acting", [Step(Actor, "act", role_name="actor")])


async def started(log: Any, play: Play, run: str = "r", **more: Any) -> Environment:
    """Run one turn, and return its environment."""
    env = environment(log, Echo(), run, sop=acting(play), **more)
    await env.open()
    if not env.state.inputs:
        await env.put(Requirement(text="go"))
    await env.run()
    return env


def said(env: Environment) -> Any:
    output = env.state.output()
    assert isinstance(output, Result)
    return json.loads(output.text)


async def effects(log: Log, run: str = "r") -> list[tuple[str, EffectStarted | EffectEnded]]:
    """Return what the log holds of effects, with the keys."""
    known = [(entry.key, entry.fact) for entry in await log.read(run)]
    return [(key, f) for key, f in known if isinstance(f, EffectStarted | EffectEnded)]


class Boom(Exception):
    pass


# ------------------------------------------------------------------ what is done


async def test_a_turn_that_runs_again_takes_what_is_there(tmp_path: Path) -> None:
    did: list[str] = []

    def look(url: str) -> dict[str, tuple[int, ...]]:
        did.append(url)
        return {url: (len(did), 2)}

    async def play(self: Role, requirement: Requirement) -> Any:
        first, second = await self.once(look, "a"), await self.once(look, "a")
        assert first == {"a": (1, 2)}, "as the hints say, also where it comes from the log"
        if len(did) == 2 and not failed:
            failed.append(True)
            raise Boom
        return [first, second, await self.once(look, "b")]

    failed: list[bool] = []
    log = open_log(tmp_path)
    env = await started(log, play)
    assert env.state.status == "failed"
    (turns,) = env.state.failed.values()
    await env.try_again(turns[0])
    assert await env.run() == "done"
    assert did == ["a", "a", "b"]  # the same said twice is two effects, each done once
    assert said(env) == [{"a": [1, 2]}, {"a": [2, 2]}, {"b": [3, 2]}]


async def test_what_happens_at_the_same_time_is_told_apart_by_its_order(tmp_path: Path) -> None:
    count = itertools.count()
    first = asyncio.Event()

    async def slow(n: int) -> int:
        number = next(count)
        if number:
            first.set()
        else:
            await first.wait()  # the first to start is the last to end
        return number

    async def play(self: Role, requirement: Requirement) -> Any:
        values = await asyncio.gather(self.once(slow, 1), self.once(slow, 1))
        if not failed:
            failed.append(True)
            raise Boom
        return values

    failed: list[bool] = []
    env = await started(open_log(tmp_path), play)
    (turns,) = env.state.failed.values()
    await env.try_again(turns[0])
    assert await env.run() == "done"
    assert said(env) == [0, 1]


async def test_an_effect_is_in_the_log_before_it_starts(tmp_path: Path) -> None:
    log = open_log(tmp_path)

    @tool(once=True)
    def send(to: str) -> None:
        """Send."""

    async def check(kind: str) -> str:
        return kind

    seen: list[list[str]] = []

    async def looking() -> list[str]:
        return [f.name for _, f in await effects(log) if isinstance(f, EffectStarted)]

    async def look() -> None:
        seen.append(await looking())

    async def play(self: Role, requirement: Requirement) -> Any:
        await self.once(check, "x")
        await self.once(look)
        await self.once(send, "ada")
        return None

    await started(log, play)
    assert seen == [["check", "look"]]
    facts = [(type(f).__name__, f.name) for _, f in await effects(log)]
    assert facts == [
        ("EffectStarted", "check"),
        ("EffectEnded", "check"),
        ("EffectStarted", "look"),
        ("EffectEnded", "look"),
        ("EffectStarted", "send"),
        ("EffectEnded", "send"),
    ]


async def test_a_long_result_is_kept_once_beside_the_entries(tmp_path: Path) -> None:
    long = "x" * (LONG + 1)

    def read() -> str:
        return long

    async def play(self: Role, requirement: Requirement) -> Any:
        texts = [await self.once(read), await self.once(read)]
        assert texts == [long, long]
        if not failed:
            failed.append(True)
            raise Boom
        return "read"

    failed: list[bool] = []
    log = open_log(tmp_path)
    env = await started(log, play)
    (turns,) = env.state.failed.values()
    await env.try_again(turns[0])
    assert await env.run() == "done"
    blobs = {f.blob for _, f in await effects(log) if isinstance(f, EffectEnded)}
    assert len(blobs) == 1
    assert len(json.loads(await log.kept(blobs.pop()))) == len(long)
    await log.close()
    with closing(sqlite3.connect(tmp_path / "metaco.db")) as db:
        assert db.execute("select count(*) from blob").fetchone() == (1,)
        assert db.execute("select max(length(body)) from entry").fetchone()[0] < 2000


@pytest.mark.parametrize("wrong", [object(), {1, 2}, b"\xff"])
async def test_what_json_cannot_hold_is_refused(tmp_path: Path, wrong: Any) -> None:
    def make() -> Any:
        return wrong

    async def play(self: Role, requirement: Requirement) -> Any:
        return await self.once(make)

    env = await started(open_log(tmp_path), play)
    if isinstance(wrong, set):  # which JSON holds as a list
        assert said(env) == [1, 2]
    else:
        (failure,) = env.state.problems()
        assert "JSON" in failure.problem or "utf" in failure.problem


async def test_the_sandbox_runs_a_command_once(tmp_path: Path) -> None:
    ran: list[Any] = []

    class Box:
        tier = "plain"

        async def run(self, files: Any, command: Any, **more: Any) -> SandboxResult:
            ran.append((dict(files), list(command)))
            return SandboxResult(0, f"run {len(ran)}", "", {}, "", "plain", 0.1)

    async def open_box() -> Any:
        return Box()

    async def play(self: Role, requirement: Requirement) -> Any:
        box = await self.context.sandbox()
        one = await box.run({"a.py": "1"}, ["python", "a.py"])
        if not failed:
            failed.append(True)
            raise Boom
        other = await box.run({"a.py": "2"}, ["python", "a.py"])
        return [box.tier, one.stdout, one.code, other.stdout]

    failed: list[bool] = []
    log = open_log(tmp_path)
    env = environment(log, Echo(), sop=acting(play))
    env.sandbox = open_box
    await env.put(Requirement(text="go"))
    await env.run()
    (turns,) = env.state.failed.values()
    await env.try_again(turns[0])
    assert await env.run() == "done"
    assert said(env) == ["plain", "run 1", 0, "run 2"]
    assert len(ran) == 2


# ------------------------------------------------------------------ people


async def test_a_turn_waits_for_a_person_and_the_process_may_end(tmp_path: Path) -> None:
    did: list[int] = []

    def pay(n: int) -> int:
        did.append(n)
        return n

    async def play(self: Role, requirement: Requirement) -> Any:
        paid = await self.once(pay, 1)
        answer = await self.decide("Really?", ["yes", "no"])
        return [paid, answer, await self.decide("Your name?")]

    log = open_log(tmp_path)
    env = await started(log, play)
    assert env.state.status == "waiting"
    assert not env.state.ready()

    env = await started(log, play)  # another process: nothing is done again, nor asked again
    assert env.state.status == "waiting"
    (question,) = questions(env.state)
    assert (question.step, question.text) == ("actor.act", "Really?")
    with pytest.raises(ConfigurationError, match="Answer yes or no"):
        await env.answer(question, "maybe")
    await env.answer(question, "y")
    assert await env.run() == "waiting"
    (question,) = questions(env.state)
    with pytest.raises(ConfigurationError, match="Write something"):
        await env.answer(question, " ")
    await env.answer(question, "Ada")
    assert await env.run() == "done"
    assert said(env) == [1, "yes", "Ada"]
    assert did == [1]
    asked = [f.name for _, f in await effects(log) if isinstance(f, EffectStarted)]
    assert asked == ["pay", "decide", "decide"]


async def test_other_turns_go_on_while_one_waits_and_somebody_may_answer_at_once(
    tmp_path: Path,
) -> None:
    asked: list[Question] = []

    async def answer(question: Question) -> str | None:
        asked.append(question)
        return "later" if len(asked) > 1 else None

    async def play(self: Role, requirement: Requirement) -> Any:
        return await self.decide("When?")

    log = open_log(tmp_path)
    env = await started(log, play, answer=answer)
    assert env.state.status == "waiting"  # who was asked did not want to say
    env = await started(log, play, answer=answer)
    assert env.state.status == "done"
    assert said(env) == "later"


async def test_several_questions_at_the_same_time_are_all_asked(tmp_path: Path) -> None:
    async def play(self: Role, requirement: Requirement) -> Any:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self.decide(text)) for text in ("one?", "two?")]
        return [task.result() for task in tasks]

    log = open_log(tmp_path)
    env = await started(log, play)
    while env.state.status == "waiting":
        question = questions(env.state)[0]
        await env.answer(question, question.text.upper())
        await env.run()
    assert said(env) == ["ONE?", "TWO?"]


async def test_a_role_that_catches_everything_does_not_catch_that_it_waits(
    tmp_path: Path,
) -> None:
    async def play(self: Role, requirement: Requirement) -> Any:
        try:
            return await self.decide("Sure?")
        except Exception:  # noqa: BLE001
            return "never asked"

    env = await started(open_log(tmp_path), play)
    assert env.state.status == "waiting"


async def test_a_turn_waits_for_a_time(tmp_path: Path) -> None:
    began = datetime.now(UTC)

    async def play(self: Role, requirement: Requirement) -> Any:
        await self.until(timedelta(milliseconds=30))
        await self.until(began + timedelta(milliseconds=60))
        await self.until(began)  # long ago
        return "awake"

    env = await started(open_log(tmp_path), play)
    assert said(env) == "awake"
    assert datetime.now(UTC) - began >= timedelta(milliseconds=60)


async def test_a_time_that_is_over_is_not_waited_for_again(tmp_path: Path) -> None:
    async def play(self: Role, requirement: Requirement) -> Any:
        await self.until(timedelta(milliseconds=50))
        if not failed:
            failed.append(True)
            raise Boom
        return "awake"

    failed: list[bool] = []
    log = open_log(tmp_path)
    env = await started(log, play)
    (turns,) = env.state.failed.values()
    await env.try_again(turns[0])
    await env.run()
    waits = [f.name for _, f in await effects(log) if isinstance(f, EffectEnded)]
    assert waits == ["now", "until"]


# ------------------------------------------------------------------ what may have been done


async def test_what_may_have_been_done_is_never_repeated_in_silence(tmp_path: Path) -> None:
    sent: list[str] = []

    @tool(once=True)
    def send(to: str) -> str:
        """Send."""
        sent.append(to)
        if len(sent) == 1:
            raise OSError("the line broke")
        return f"sent {len(sent)}"

    async def play(self: Role, requirement: Requirement) -> Any:
        return await self.once(send, "ada")

    log = open_log(tmp_path)
    env = await started(log, play)
    assert (env.state.status, sent) == ("waiting", ["ada"])
    (question,) = questions(env.state)
    assert "may have been done" in question.text
    assert "the line broke" in question.text
    env = await started(log, play)
    assert sent == ["ada"]
    await env.answer(questions(env.state)[0], "do it again")
    assert await env.run() == "done"
    assert said(env) == "sent 2"


async def test_a_turn_that_is_done_afresh_does_nothing_outside_again(tmp_path: Path) -> None:
    """Its reply was no good: the model is asked anew, and nothing else happens anew."""
    sent: list[str] = []

    @tool(once=True)
    def send(to: str) -> int:
        """Send."""
        sent.append(to)
        return len(sent)

    async def play(self: Role, requirement: Requirement) -> Any:
        number = await self.once(send, "ada")
        if not failed:
            failed.append(True)
            raise ReplyError("This is no good.")
        return number

    failed: list[bool] = []
    env = await started(open_log(tmp_path), play)
    (turns,) = env.state.failed.values()
    await env.try_again(turns[0])
    assert await env.run() == "done"
    assert env.state.notes  # it is another turn
    assert (sent, said(env)) == (["ada"], 1)


async def test_feedback_makes_a_turn_that_does_everything_anew(tmp_path: Path) -> None:
    looked: list[int] = []

    def look() -> int:
        looked.append(1)
        return len(looked)

    async def play(self: Role, requirement: Requirement) -> Any:
        return await self.once(look)

    sop = acting(play)
    next(sop.steps()).gate = True
    env = environment(open_log(tmp_path), Echo(), sop=sop)
    await env.put(Requirement(text="go"))
    await env.run()
    (turns,) = env.state.waiting.values()
    await env.note(turns[0], "look again")
    await env.run()
    (turns,) = env.state.waiting.values()
    await env.decide(turns[0], Decision("approve"))
    assert await env.run() == "done"
    assert said(env) == 2


async def test_a_long_question_is_kept_with_its_options(tmp_path: Path) -> None:
    async def play(self: Role, requirement: Requirement) -> Any:
        return await self.decide("x" * 10_000, ["yes", "no"])

    env = await started(open_log(tmp_path), play)
    (question,) = questions(env.state)
    assert (len(question.text), question.options) == (10_000, ("yes", "no"))


async def test_what_was_done_and_is_lost_is_an_error_of_its_own(tmp_path: Path) -> None:
    @tool(once=True)
    async def send(to: str) -> str:
        """Send."""
        raise OSError("the line broke")

    async def play(self: Role, requirement: Requirement) -> Any:
        try:
            return await self.once(send, "ada")
        except EffectUnsure:
            return "lost"

    env = await started(open_log(tmp_path), play)
    await env.answer(questions(env.state)[0], "it was done")
    assert await env.run() == "done"
    assert said(env) == "lost"


# ------------------------------------------------------------------ random trees, random crashes


EXAMPLES = int(os.environ.get("METACO_EXAMPLES", "40"))


class World:
    """What is outside: it counts what was done, and gives another value each time."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.values: dict[str, list[str]] = {}

    def do(self, name: str) -> str:
        self.done[name] += 1
        value = f"{name}-{self.done[name]}"
        self.values.setdefault(name, []).append(value)
        return value


def tree(rng: random.Random, path: str = "") -> Any:
    """Return what a turn does: effects one after the other or at the same time, in any depth."""
    if len(path) < 3 and rng.random() < (0.9 if not path else 0.4):
        inner = [tree(rng, f"{path}{n}") for n in range(rng.randint(1, 3))]
        return [rng.choice(["then", "all"]), inner]
    kind = rng.choice(["again", "again", "once", "once", "ask"])
    return [kind, str(rng.randint(0, 2)) if kind == "again" else path]  # the same again and again


def leaves(wanted: Any, kind: str) -> int:
    what, inner = wanted
    return sum(leaves(each, kind) for each in inner) if isinstance(inner, list) else what == kind


def playing(world: World, wanted: Any) -> Play:
    async def look(name: str) -> str:
        await asyncio.sleep(0)
        return world.do(f"look {name}")

    @tool(once=True)
    async def send(name: str) -> str:
        """Send."""
        await asyncio.sleep(0)
        return world.do(f"send {name}")

    async def node(self: Role, what: Any) -> Any:
        kind, inner = what
        match kind:
            case "then":
                return [await node(self, each) for each in inner]
            case "all":
                return await asyncio.gather(*(node(self, each) for each in inner))
            case "again":
                return await self.once(look, inner)
            case "once":
                try:
                    return await self.once(send, inner)
                except EffectUnsure:
                    return "lost"
        return await self.decide(f"{inner}?")

    async def play(self: Role, requirement: Requirement) -> Any:
        return await node(self, wanted)

    return play


async def finished(log: Log, world: World, wanted: Any, rng: random.Random, crashes: int) -> Any:
    """Run to the end, with crashes and with people who answer; return what is said."""
    play = playing(world, wanted)
    for attempt in range(200):
        before = {key: f for key, f in await effects(log) if isinstance(f, EffectEnded)}
        dying: Any = CrashingLog(log, rng.randint(1, 14), rng.random() < 0.5)
        with suppress(Crash):
            await started(dying if attempt < crashes else log, play)
        env = environment(log, Echo(), sop=acting(play))
        await env.open()
        now = {key: f for key, f in await effects(log) if isinstance(f, EffectEnded)}
        assert before.items() <= now.items(), "what came of an effect was replaced"
        if env.state.inputs and env.state.status == "done":
            return said(env)
        for question in questions(env.state):
            if question.options:  # the person looks whether it was done
                name = question.text.split('"args":["')[1].split('"')[0]
                done = world.done[f"send {name}"]
                await env.answer(question, "it was done" if done else "do it again")
            else:
                await env.answer(question, question.text)
    raise AssertionError("it does not end")


@settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(st.integers(0, 2**32), st.integers(0, 12))
def test_random_trees_with_random_crashes(seed: int, crashes: int) -> None:
    wanted, world = tree(random.Random(seed)), World()
    log = Log()
    asyncio.run(finished(log, world, wanted, random.Random(seed), crashes))
    sends = {name: n for name, n in world.done.items() if name.startswith("send")}
    assert set(sends.values()) <= {1}, "done twice"
    assert len(sends) == leaves(wanted, "once")
    looks = sum(n for name, n in world.done.items() if name.startswith("look"))
    most = leaves(wanted, "again")
    assert most <= looks <= most * (crashes + 1)
    if not crashes:
        assert looks == most


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_crash_at_every_boundary(tmp_path: Path, after: bool) -> None:
    wanted = ["all", [["then", [["once", "a"], ["again", "1"]]], ["once", "b"], ["ask", "c"]]]
    for at in range(1, 30):
        log, world = open_log(tmp_path / f"{at}"), World()

        class Once(random.Random):
            def randint(self, *_: int) -> int:
                return at  # noqa: B023

            def random(self) -> float:
                return 0.9 if not after else 0.1

        values = await finished(log, world, wanted, Once(), 1)
        assert world.done["send a"] == world.done["send b"] == 1
        (one, look), other, answer = values
        assert one in ("lost", "send a-1")
        assert other in ("lost", "send b-1")
        assert look == f"look 1-{world.done['look 1']}"
        assert answer == "c?"
