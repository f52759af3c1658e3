"""A small company for tests: plan, write, test, fix, deliver. Its roles need no prompts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from metaco.document import Document
from metaco.environment import Environment, Retry
from metaco.log import Entry, Log
from metaco.model import Reply, Request, Usage
from metaco.role import Role, action
from metaco.sop import SOP
from metaco.step import Repeat, Step


class Order(Document):
    """What is wanted: a text and how many files."""

    text: str
    files: int = 2


class Plan(Document):
    """What will be made."""

    title: str
    paths: list[str]


class Task(Document):
    """One file to write."""

    path: str

    @property
    def key(self) -> str:
        return self.path


class File(Document):
    """One file."""

    path: str
    text: str

    @property
    def key(self) -> str:
        return self.path

    def artifacts(self) -> dict[str, str]:
        return {self.path: self.text}


class Report(Document):
    """How the test went."""

    bad: tuple[str, ...] = ()


class Passed(Report):
    pass


class Failed(Report):
    pass


class Delivery(Document):
    """The end of it."""

    files: dict[str, str]
    passed: bool

    def accepted(self) -> bool:
        return self.passed


class Planner(Role):
    """Plans."""

    @action
    async def plan(self, order: Order) -> Plan:
        """Plan the files."""
        title = await say(self, order.text.split()[0])
        return Plan(title=title, paths=[f"f{n}.txt" for n in range(order.files)])

    @action
    async def split(self, plan: Plan) -> list[Task]:
        """Make a task of each file."""
        return [Task(path=path) for path in plan.paths]


class Writer(Role):
    """Writes files."""

    @action
    async def write(self, task: Task, plan: Plan) -> File:
        """Write one file; the first draft of the first is bad."""
        text = await say(self, f"{plan.title} {task.path}")
        return File(path=task.path, text=f"{text}!" if task.path == "f0.txt" else text)

    @action
    async def fix(self, report: Failed, files: list[File]) -> list[File]:
        """Mend what is bad."""
        bad = [file for file in files if file.path in report.bad]
        texts = await asyncio.gather(*(say(self, "mend") for _ in bad), say(self, "mend"))
        return [File(path=f.path, text=f"{f.path} {t}") for f, t in zip(bad, texts, strict=False)]


class Tester(Role):
    """Tests."""

    @action
    async def test(self, files: list[File]) -> Passed | Failed:
        """Find what is bad."""
        bad = [file.path for file in files if file.text.endswith("!")]
        return Failed(bad=tuple(bad)) if bad else Passed()

    @action
    async def deliver(self, report: Report, files: list[File]) -> Delivery:
        """Hand over."""
        return Delivery(files={f.path: f.text for f in files}, passed=isinstance(report, Passed))


async def say(role: Role, prompt: str) -> str:
    context = role.context
    notes = " ".join(context.notes)
    request = Request(context.role, context.action, "", f"{prompt} {notes}".strip(), max_tokens=20)
    return (await context.call(request)).text


def shop(**options: Any) -> SOP:
    """Return the SOP; `options` are those of single steps, by action."""

    def step(role: type[Role], name: str) -> Step:
        return Step(role, name, as_=role.__name__.lower(), **options.get(name, {}))

    rounds = Repeat(3, [step(Writer, "fix"), step(Tester, "test")], Passed)
    lines = [
        step(Planner, "plan"),
        step(Planner, "split"),
        step(Writer, "write"),
        step(Tester, "test"),
        rounds,
        step(Tester, "deliver"),
    ]
    return SOP("shop", lines, input=Order, output=Delivery)


class Echo:
    """A model that repeats its prompt and keeps a list of what it was asked."""

    name = "scripted"

    def __init__(self, before: Callable[[Request], Awaitable[None]] | None = None) -> None:
        self.asked: list[str] = []
        self._before = before

    async def complete(self, request: Request) -> Reply:
        self.asked.append(request.prompt)
        if self._before:
            await self._before(request)
        await asyncio.sleep(0)
        return Reply(f"<{request.prompt}>", Usage(5, 5), "scripted")


def environment(
    log: Log, model: Any, run: str = "r", sop: SOP | None = None, **more: Any
) -> Environment:
    """Return an environment of the shop."""

    async def no_sandbox() -> Any:
        raise AssertionError("nobody runs code here")

    more.setdefault("retry", Retry(attempts=3, first=0.0))
    return Environment(sop or shop(), log, run, models=lambda _: model, sandbox=no_sandbox, **more)


async def start(log: Log, model: Any, run: str = "r", files: int = 2, **more: Any) -> Environment:
    """Run the shop from its beginning, and return its environment."""
    place = environment(log, model, run, **more)
    await place.open()
    await place.put(Order(text="hello world", files=files))
    await place.run()
    return place


def unanswered(entries: list[Entry]) -> int:
    """Return how many attempts have neither a reply nor an error."""
    kinds = Counter(entry.kind for entry in entries)
    return kinds["call"] - kinds["reply"] - kinds["error"]


def open_log(folder: Path) -> Log:
    return Log(folder / "metaco.db")
