"""What a loop of many rounds, a wide fan-out and a task graph cost, without models.

``python tests/bench/loops.py [rounds] [files] [graph]``; figures in brackets are goals.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from metaco import SOP, Document, Environment, Log, Requirement, Role, action
from metaco.run.state import State
from metaco.sop.steps import Node, Repeat, Step


class Command(Document):
    number: int


class Note(Document):
    number: int
    text: str

    @property
    def key(self) -> str:
        return str(self.number)


class Task(Document):
    number: int
    seconds: float = 0.0
    after: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        return str(self.number)

    @property
    def needs(self) -> list[str]:
        return list(map(str, self.after))


class Summary(Document):
    count: int


GRAPH = [Task(number=0, seconds=1.0), Task(number=1, seconds=0.2)]
GRAPH += [Task(number=2, seconds=0.8, after=(1,))]


class Worker(Role):
    files = 0

    @action
    async def choose(self, requirement: Requirement, notes: list[Note]) -> Command:
        return Command(number=len(notes))

    @action
    async def execute(self, command: Command) -> Note:
        return Note(number=command.number, text="x" * 40)

    @action
    async def split(self, requirement: Requirement) -> list[Task]:
        return [Task(number=number) for number in range(self.files)] or GRAPH

    @action
    async def write(self, task: Task) -> Note:
        return Note(number=task.number, text="x" * 40)

    @action
    async def build(self, task: Task, done: list[Note]) -> Note:
        await asyncio.sleep(task.seconds)
        return Note(number=task.number, text=str(len(done)))

    @action
    async def count(self, notes: list[Note]) -> Summary:
        return Summary(count=len(notes))


async def _no_sandbox() -> Any:
    raise AssertionError


class _Nobody:
    name = "nobody"

    async def complete(self, request: Any) -> Any:
        raise AssertionError


async def _run(lines: list[Node], path: Path) -> tuple[float, float, float, int]:
    """Return seconds of CPU, seconds, seconds of CPU to read it again, and bytes of the log."""
    log, sop = Log(path), SOP("bench", lines)
    env = Environment(sop, log, "r", models=lambda _: _Nobody(), sandbox=_no_sandbox)
    await env.put(Requirement(text="go"))
    cpu, wall = time.process_time(), time.monotonic()
    assert await env.run() == "done"
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    entries = await log.read("r")
    again = time.process_time()
    assert State(sop, "r", entries).status == "done"
    again = time.process_time() - again
    await log.close()
    size = sum(file.stat().st_size for file in path.parent.iterdir())
    return cpu, wall, again, size


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rounds() -> None:
    print("a loop that accumulates, one note a round   [10 ms, 30 KB, resume 1 ms a round]")
    for most in (300, 3_000):
        lines: list[Node] = [Repeat(most, [Step(Worker, "choose"), Step(Worker, "execute")])]
        with tempfile.TemporaryDirectory() as folder:
            cpu, _, again, size = asyncio.run(_run(lines, Path(folder) / "log"))
        print(
            f"  {most:6} rounds: {cpu / most * 1e3:.2f} ms CPU, {size / most / 1024:.1f} KB, "
            f"resume {again / most * 1e3:.2f} ms a round; {_memory():.0f} MB"
        )


def files() -> None:
    print("a fan-out   [0.5 ms CPU a file]")
    for most in (1_500, 15_000):
        Worker.files = most
        lines: list[Node] = [Step(Worker, "split"), Step(Worker, "write"), Step(Worker, "count")]
        with tempfile.TemporaryDirectory() as folder:
            cpu, _, again, size = asyncio.run(_run(lines, Path(folder) / "log"))
        print(
            f"  {most:6} files: {cpu / most * 1e3:.2f} ms CPU, {size / most / 1024:.1f} KB, "
            f"resume {again / most * 1e3:.2f} ms a file; {_memory():.0f} MB"
        )


def graph() -> None:
    Worker.files = 0
    lines: list[Node] = [Step(Worker, "split"), Step(Worker, "build"), Step(Worker, "count")]
    with tempfile.TemporaryDirectory() as folder:
        _, wall, _, _ = asyncio.run(_run(lines, Path(folder) / "log"))
    print(f"a graph of 1.0 s beside 0.2 -> 0.8 s: {wall:.2f}x its longest path   [1.0x]")


if __name__ == "__main__":
    for name in sys.argv[1:] or ("rounds", "files", "graph"):
        {"rounds": rounds, "files": files, "graph": graph}[name]()
