"""Runs the shop in a process of its own, which kills itself before or after an append.

``python kill.py LOG LEDGER [b3|a3]``: the ledger gets a line per call that is made.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from shop import Echo, Order, environment

from metaco.log import Log
from metaco.model import Request


def main(path: str, ledger: str, when: str = "") -> None:
    count = 0

    class Deadly(Log):
        def _append(self, *facts: Any) -> Any:
            nonlocal count
            count += 1
            if when == f"b{count}":
                os.kill(os.getpid(), signal.SIGKILL)
            job = super()._append(*facts)
            if when == f"a{count}":
                job.answer.add_done_callback(lambda _: os.kill(os.getpid(), signal.SIGKILL))
            return job

    def write(line: str) -> None:
        with Path(ledger).open("a") as file:
            file.write(line + "\n")

    async def note(request: Request) -> None:
        write(request.prompt)

    async def work() -> None:
        place = environment(Deadly(path), Echo(note))
        await place.open()
        if not place.state.inputs:
            await place.put(Order(text="hello world", files=3))
        print(await place.run())

    asyncio.run(work())


if __name__ == "__main__":
    main(*sys.argv[1:])
