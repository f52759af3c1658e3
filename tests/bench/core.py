"""Measures the core against the critical path, a bare loop and itself at other sizes.

``python tests/bench/core.py [latency] [sizes] [many]``: without arguments all of it. The log is a
real file with synchronous=FULL, the model is a sleep. Ratios are what can be compared between
machines; the figures in brackets are LangGraph's with its SQLite saver on the machine it was
measured on (see issue 2).
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from metaco.core.document import Document
from metaco.core.model import Reply, Request, Usage
from metaco.role import Role, action
from metaco.run.entries import Entry
from metaco.run.environment import Environment
from metaco.run.log import Log
from metaco.run.options import Options
from metaco.run.state import State
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step

TEXT = "x" * 2000


class Idea(Document):
    """The input."""

    text: str
    files: int


class Prd(Document):
    text: str
    files: int


class Design(Document):
    text: str
    files: int


class Tasks(Document):
    text: str
    files: int


class Task(Document):
    n: int

    @property
    def key(self) -> str:
        return str(self.n)


class File(Document):
    n: int
    text: str

    @property
    def key(self) -> str:
        return str(self.n)


class Done(Document):
    files: int


class Crew(Role):
    """Idea, PRD, design, tasks, files in parallel, done: four replies deep."""

    async def say(self, prompt: str) -> str:
        request = Request(self.context.role, self.context.action, "", prompt)
        return (await self.context.call(request)).text

    @action
    async def prd(self, idea: Idea) -> Prd:
        return Prd(text=await self.say(idea.text), files=idea.files)

    @action
    async def design(self, prd: Prd) -> Design:
        return Design(text=await self.say(prd.text), files=prd.files)

    @action
    async def plan(self, design: Design) -> Tasks:
        return Tasks(text=await self.say(design.text), files=design.files)

    @action
    async def split(self, tasks: Tasks) -> list[Task]:
        return [Task(n=n) for n in range(tasks.files)]

    @action
    async def write(self, task: Task, design: Design) -> File:
        return File(n=task.n, text=await self.say(f"{design.text} {task.n}"))

    @action
    async def finish(self, files: list[File]) -> Done:
        return Done(files=len(files))


class Sleeper:
    name = "scripted"

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    async def complete(self, request: Request) -> Reply:
        await asyncio.sleep(self.seconds)
        return Reply(TEXT, Usage(500, 500), "scripted")


def sop() -> SOP:
    steps = [Step(Crew, name) for name in ("prd", "design", "plan", "split", "write", "finish")]
    return SOP("bench", list(steps), input=Idea, output=Done)


async def _no_sandbox() -> Any:
    raise AssertionError


async def one(log: Log, run: str, files: int, latency: float) -> float:
    """Run once, and return the seconds it took."""
    model = Sleeper(latency)
    env = Environment(
        sop(), log, run, models=lambda _: model, sandbox=_no_sandbox, options=Options(parallel=1000)
    )
    began = time.perf_counter()
    await env.put(Idea(text="idea", files=files))
    status = await env.run()
    assert status == "done", (status, env.state.failures)
    return time.perf_counter() - began


def _fsync() -> float:
    """Return the milliseconds of one durable write of this disk."""
    import os

    with tempfile.NamedTemporaryFile(dir=tempfile.gettempdir()) as file:
        took = []
        for _ in range(50):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e3


def latency() -> None:
    print(f"overhead over the critical path of 4 x 0.1 s (one fsync: {_fsync():.2f} ms)")
    for files, other in ((12, 22), (100, 69)):
        with tempfile.TemporaryDirectory() as folder:
            log = Log(Path(folder) / "log")

            async def runs(log: Log = log, files: int = files) -> list[float]:
                await one(log, "warm", files, 0.0)
                return [await one(log, f"r{n}", files, 0.1) for n in range(5)]

            over = [took - 0.4 for took in asyncio.run(runs())]
            asyncio.run(log.close())
        ms = statistics.median(over) * 1e3
        print(f"  {files:4} files: {ms:6.1f} ms, {ms / 400:.1%} of the path   [{other} ms]")


def sizes() -> None:
    """Time per entry of the fold, and of a whole run, as the number of messages grows."""
    print("time per message as their number grows")
    first: dict[str, float] = {}
    for files in (100, 1_000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            log = Log(Path(folder) / "log")
            took = asyncio.run(one(log, "r", files, 0.0))
            entries = asyncio.run(log.read("r"))
            began = time.perf_counter()
            state = State(sop(), "r", entries)
            rebuild = time.perf_counter() - began
            fold = _fold(entries)
            assert state.status == "done"
        messages = 2 * files + 5
        figures = {"run": took / messages, "rebuild": rebuild / messages, "fold": fold / messages}
        cells = []
        for name, seconds in figures.items():
            first.setdefault(name, seconds)
            cells.append(f"{name} {seconds * 1e6:6.0f} us ({seconds / first[name]:.2f}x)")
        print(f"  {messages:6} messages: {'   '.join(cells)}")


def _fold(entries: list[Entry]) -> float:
    state = State(sop(), "r")
    began = time.perf_counter()
    for entry in entries:
        state.apply(entry)
    return time.perf_counter() - began


def many() -> None:
    async def bare() -> None:
        async def pipeline() -> None:
            for _ in range(3):
                await asyncio.sleep(0.1)
            await asyncio.gather(*(asyncio.sleep(0.1) for _ in range(12)))

        await asyncio.gather(*(pipeline() for _ in range(200)))

    began = time.perf_counter()
    asyncio.run(bare())
    floor = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        log = Log(Path(folder) / "log")

        async def all_of_them() -> None:
            await asyncio.gather(*(one(log, f"r{n}", 12, 0.1) for n in range(200)))

        began = time.perf_counter()
        asyncio.run(all_of_them())
        took = time.perf_counter() - began
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 200 / 1024
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    messages = 200 * 29 / took
    print("200 runs of 12 files at once, 0.1 s per reply")
    print(
        f"  {took:.2f} s, {took / floor:.1f}x bare asyncio, {messages:,.0f} messages/s   [4.80 s]"
    )
    print(f"  {memory:.0f} MB at most   [123 MB];  {size:.0f} KB of log per run")


if __name__ == "__main__":
    for name in sys.argv[1:] or ("many", "latency", "sizes"):
        {"latency": latency, "sizes": sizes, "many": many}[name]()
