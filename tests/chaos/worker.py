"""Works on companies 0..N-1 of one workspace, wherever they stand, until it is killed or done.

python -m tests.chaos.worker WORKSPACE BASE_URL COMPANIES
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from metaco import Company, Limits, Log, Retry, Settings
from metaco.run.entries import RunStarted
from tests.chaos.team import sop, tokens_of


async def main(workspace: Path, url: str, count: int) -> None:
    settings = Settings(base_url=url, api_key="sk-chaos-canary", timeout=3.0)
    began = {}
    if (workspace / "metaco.db").exists():
        runs = await Log.open(workspace / "metaco.db").runs()
        began = {e.fact.text: e.run for e in runs if isinstance(e.fact, RunStarted)}

    async def one(n: int) -> None:
        text = f"book number {n}"
        company = Company(
            sop(),
            model="openai:chaos",
            workspace=workspace,
            name=f"book_{n}",
            settings=settings,
            limits=Limits(tokens=tokens_of(n)),
            retry=Retry(attempts=6, first=0.01, longest=0.05),
        )
        if run := began.get(text):
            result = await company.resume(run)
        else:
            result = await company.run(text)
        print(n, result.status, *(failure.error for failure in result.failures), flush=True)

    await asyncio.gather(*(one(n) for n in range(count)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
