"""What the tests of the sandbox share: every confining tier that works here, and a victim host."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from metaco.core.errors import SandboxUnavailable
from metaco.sandbox import CONFINING, Sandbox, open_sandbox

if sys.platform != "linux":  # the tests look at the host through /proc
    collect_ignore_glob = ["test_*.py"]


async def opened(tier: str) -> Sandbox:
    if tier == "plain":
        return await open_sandbox("off")
    try:
        return await open_sandbox("require", tiers=(tier,))
    except SandboxUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(params=CONFINING)
async def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Each tier that confines."""
    return await opened(request.param)


@pytest.fixture(params=[*CONFINING, "plain"])
async def any_sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Each tier, with the one that confines nothing."""
    return await opened(request.param)


@dataclass
class Outside:
    """Things of the host that anyone may use, so that nothing but the sandbox stops a program."""

    folder: Path
    secret: Path
    port: int
    listener: socket.socket
    unix: tuple[socket.socket, socket.socket]  # a stream and a datagram socket
    abstract: str  # name of a stream socket that has no file
    nameless: socket.socket
    victim: subprocess.Popen[bytes]

    def reached(self) -> list[str]:
        """Return which of the sockets somebody has connected or written to."""
        stream, datagram = self.unix
        names = []
        for name, act in (
            ("port", lambda: self.listener.accept()[0].close()),
            ("stream", lambda: stream.accept()[0].close()),
            ("datagram", lambda: datagram.recv(1)),
            ("abstract", lambda: self.nameless.accept()[0].close()),
        ):
            try:
                act()
                names.append(name)
            except BlockingIOError:
                continue
        return names


@pytest.fixture
def outside(temporary: Path) -> Iterator[Outside]:
    folder = temporary / "outside"
    folder.mkdir()
    folder.chmod(0o777)
    secret = folder / "secret"
    secret.write_text("top secret")
    secret.chmod(0o666)
    victim = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        env=dict(os.environ, METACO_TEST_SECRET="sk-in-the-environment"),
    )
    with (
        socket.socket() as listener,
        socket.socket(socket.AF_UNIX) as stream,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagram,
        socket.socket(socket.AF_UNIX) as nameless,
    ):
        abstract = f"metaco-test-{os.urandom(8).hex()}"
        nameless.bind(f"\0{abstract}")
        listener.bind(("127.0.0.1", 0))
        stream.bind(str(folder / "stream"))
        datagram.bind(str(folder / "datagram"))
        for path in ("stream", "datagram"):
            (folder / path).chmod(0o777)
        for server in (listener, stream, nameless):
            server.listen()
        for server in (listener, stream, datagram, nameless):
            server.setblocking(False)
        port = listener.getsockname()[1]
        unix = stream, datagram
        yield Outside(folder, secret, port, listener, unix, abstract, nameless, victim)
    victim.kill()
    victim.wait()


def processes_with(marker: str) -> list[int]:
    """Return the processes of the host whose command line holds the marker."""
    pids = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if marker.encode() in (entry / "cmdline").read_bytes():
                    pids.append(int(entry.name))
            except OSError:
                continue
    return pids


@pytest.fixture(autouse=True)
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary directory of the test's own, where copies that are left behind are seen."""
    folder = Path(tempfile.mkdtemp(prefix="test-sandbox-"))
    folder.chmod(0o755)  # root's sandboxes run as another user
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert copies() == set()
    shutil.rmtree(folder)


def copies() -> set[str]:
    """Return the temporary copies that lie around on the host."""
    return {path.name for path in Path(tempfile.gettempdir()).glob("metaco-sandbox-*")}


@pytest.fixture
def marker(request: pytest.FixtureRequest) -> str:
    """A word that appears in no other process's command line."""
    return f"marker-{os.getpid()}-{os.urandom(6).hex()}"
