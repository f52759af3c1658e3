"""Runs the shop with its workspace in a process of its own, and dies at a point that is chosen.

``python projection.py ROOT WHAT [POINT]``: WHAT is ``run``, ``resume`` or ``rebuild``. POINT names
a function and a count, as ``git:3`` or ``put:5-``: the process kills itself before the third
command of git, or behind the fifth file that is written; with ``~`` it sends itself SIGINT.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import metaco.observers.workspace
from metaco.core.errors import RunBusy
from metaco.observers import git, held
from metaco.observers.workspace import Workspace, rebuild
from metaco.run.log import Log
from tests.fixtures.shop import Echo, Order, environment, shop


def dying(point: str) -> None:
    """Arrange for the process to die at `point`."""
    what, _, when = point.partition(":")
    number = signal.SIGINT if when.endswith("~") else signal.SIGKILL
    after, wanted, count = "-" in when, int(when.rstrip("-~")), 0

    def step(behind: bool) -> None:
        nonlocal count
        count += not behind
        if count == wanted and behind == after:
            os.kill(os.getpid(), number)

    if what == "git":
        run = git.History._git

        async def deadly(self: Any, *args: str, **more: Any) -> Any:
            step(False)
            found = await run(self, *args, **more)
            step(True)
            return found

        git.History._git = deadly  # type: ignore[method-assign]
    else:
        write = held.put

        def put(*args: Any) -> None:
            step(False)
            write(*args)
            step(True)

        metaco.observers.workspace.put = git.put = put  # type: ignore[attr-defined]


async def work(root: Path, what: str) -> None:
    log = Log(root / "log")
    if what == "rebuild":
        try:
            made = await rebuild(root, shop(), log, "r")
        except RunBusy:
            print("busy")
            return
        print(made.warnings, made.problems)
        return
    place = environment(log, Echo())
    await place.open()
    if not place.state.inputs:
        await place.put(Order(text="hello world", files=3))
    workspace = Workspace(root, place.state.messages, log, "r", known=place.state.n)
    place.subscribe(workspace, awaited=True)
    await place.run()
    print(workspace.warnings, workspace.lost(place.unseen))


if __name__ == "__main__":
    if len(sys.argv) > 3:
        dying(sys.argv[3])
    asyncio.run(work(Path(sys.argv[1]), sys.argv[2]))
