"""The shim is started, fed and ended; what it cannot set up is an error."""

from __future__ import annotations

import pytest

from metaco.core.errors import SandboxUnavailable
from metaco.sandbox import SandboxLimits
from metaco.sandbox.supervised import Supervised
from metaco.sandbox.tiers import Tier

from .conftest import copies, processes_with


async def test_a_sandbox_that_cannot_be_set_up_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metaco.sandbox.tiers._may_administer", lambda: False)
    monkeypatch.setattr("metaco.sandbox.tiers._user", lambda: 1 << 33)
    with pytest.raises(SandboxUnavailable, match="could not be set up"):
        await Supervised(Tier("namespaces", "namespaces")).run({}, ["python", "-c", "print(1)"])
    assert copies() == set()


async def test_plain_where_linux_is_missing(marker: str) -> None:
    """macOS: fork and limits, but nothing that only Linux has."""
    sandbox = Supervised(Tier("plain", "none", confined=False, linux=False))
    result = await sandbox.run({"x": "1"}, ["python", "-c", "print(open('x').read())"])
    assert (result.code, result.stdout) == (0, "1\n")
    loop = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while 1: pass', '{}'])"
    command = ["python", "-c", loop.format(marker)]
    result = await sandbox.run({}, command, limits=SandboxLimits(seconds=1))
    assert (result.code, result.stopped) == (None, "time")
    assert processes_with(marker) == []
