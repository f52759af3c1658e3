"""The plain tier where processes cannot be forked (Windows): a child, watched from here."""

from __future__ import annotations

import pytest

from metaco.sandbox import SandboxLimits
from metaco.sandbox.direct import Direct
from metaco.sandbox.tiers import tier_named

from .conftest import processes_with

SANDBOX = Direct(tier_named("plain"))
WAIT = "import threading; threading.Event().wait()"


async def test_files_go_in_and_come_back() -> None:
    program = """
import os, sys
os.symlink("/etc/passwd", "link")
open("made", "w").write("✓")
print(sys.stdin.read(), open("a/b").read(), "SECRET" in os.environ)
"""
    result = await SANDBOX.run(
        {"a/b": "inside"}, ["python", "-c", program], fetch=["made", "link", "absent"], stdin="in"
    )
    assert (result.code, result.stdout, result.stderr) == (0, "in inside False\n", "")
    assert result.files == {"made": "✓"}


@pytest.mark.parametrize(
    ("program", "limits", "stopped", "printed"),
    [
        (WAIT, SandboxLimits(seconds=0.5), "time", 0),
        ("while True: print('x' * 1000)", SandboxLimits(output_bytes=5000), "output", 5000),
        (f"open('x', 'wb').write(b'x' * (4 << 20)); {WAIT}", SandboxLimits(disk_mb=2), "disk", 0),
    ],
)
async def test_limits_end_it(
    program: str, limits: SandboxLimits, stopped: str, printed: int, marker: str
) -> None:
    result = await SANDBOX.run({}, ["python", "-c", program, marker], limits=limits)
    assert (result.code, result.stopped, len(result.stdout)) == (None, stopped, printed)
    assert processes_with(marker) == []


async def test_unknown_command() -> None:
    result = await SANDBOX.run({}, ["no-such-program"])
    assert (result.code, result.stderr) == (127, "no-such-program: No such file or directory\n")
