"""200 offline companies at once in one process: none may be lost.

python tests/bench/many.py [COMPANIES]
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from collections import Counter

from metaco import Company

WISHES = (
    "a calculator",
    "a todo list with title, due date and priority",
    "expenses: amount, date, category",
    "tic-tac-toe against the computer",
    "a unit converter",
)


async def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:

        async def one(n: int) -> str:
            company = Company("quick", model="offline", workspace=folder)
            result = await company.run(WISHES[n % len(WISHES)])
            return f"{result.status}, {'accepted' if result.ok else 'not accepted'}"

        began = time.perf_counter()
        alone = await one(0)
        single = time.perf_counter() - began
        began = time.perf_counter()
        ends = Counter(await asyncio.gather(*(one(n) for n in range(count))))
        wall = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"one company: {single:.2f} s ({alone})")
    print(f"{count} at once: {wall:.1f} s = {wall / count / single:.2f} x one each, {peak:.0f} MB")
    print("; ".join(f"{n} {end}" for end, n in ends.items()))


if __name__ == "__main__":
    asyncio.run(main())
