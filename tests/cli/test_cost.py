"""`metaco cost`: every number stands below its own title."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from facts import failed, reply, started

from metaco.run.log import Log

from .conftest import Metaco


async def _logged(workspace: Path) -> None:
    log = Log(workspace / "metaco.db")
    tokens: dict[str, Any] = {"prompt_tokens": 12_345, "cached_tokens": 678, "reply_tokens": 90}
    await log.append("r", "", started())
    await log.append("r", "c/1", failed())
    await log.append("r", "c", reply(**tokens, cost=1.25, seconds=3.0))
    await log.append("r", "d", reply("d", step="a.c", model="n", seconds=0.5, uncounted=True))
    await log.close()


def test_a_number_stands_below_its_title(metaco: Metaco) -> None:
    asyncio.run(_logged(Path("workspace")))
    result = metaco("cost", "r")
    assert result.code == 0
    rows = [re.split(r"\s{2,}", line.strip()) for line in result.out.splitlines() if line.strip()]
    assert rows[0] == ["calls", "failed", "prompt", "cached", "reply", "dollars", "seconds"]
    shown = {row[0]: dict(zip(rows[0], row[1:], strict=True)) for row in rows[1:]}
    first = {
        "calls": "1",
        "failed": "1",
        "prompt": "12,345",
        "cached": "678",
        "reply": "90",
        "dollars": "$1.25",
        "seconds": "3.0 s",
    }
    assert shown["step a.b"] == shown["model m"] == first
    assert shown["model n"]["dollars"] == "unknown"
    assert shown["total"]["prompt"] == "12,346"
    assert shown["total"]["dollars"] == "$1.25 + 1 unknown"
    assert list(shown)[-1] == "total"
    assert "n did not report the tokens of 1 of 1 replies" in result.err
