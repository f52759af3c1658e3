"""How the tests call the command line: in this process, or as a user's shell would."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from metaco.cli import main

TEAM = Path(__file__).parent / "team"
CREW, GATED = str(TEAM / "crew.yaml"), str(TEAM / "gated.yaml")


class Completed(NamedTuple):
    """What a command returned and printed."""

    code: int
    out: str
    err: str


Metaco = Callable[..., Completed]

PATIENCE = 30.0  # seconds until a terminal that says nothing has failed


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user with nothing configured, in an empty folder."""
    for name in list(os.environ):
        if name.startswith(("METACO_", "OPENAI_", "MERMAID_")):
            monkeypatch.delenv(name)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / ".data"))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "path", list(sys.path))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)


@pytest.fixture
def metaco(capsys: pytest.CaptureFixture[str]) -> Metaco:
    """Call the command line in this process."""

    def call(*words: str) -> Completed:
        capsys.readouterr()
        code = main(words)
        return Completed(code, *capsys.readouterr())

    return call


@pytest.fixture
def spawn() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command line as a process of its own; none of them outlives the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str, **options: Any) -> subprocess.Popen[str]:
        process: subprocess.Popen[str] = subprocess.Popen(
            [sys.executable, "-m", "metaco", *words],
            stdin=options.pop("stdin", subprocess.DEVNULL),
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=options.pop("stderr", subprocess.PIPE),
            text=True,
            **options,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


class Terminal:
    """A terminal with metaco in it."""

    def __init__(self, *words: str, **variables: str) -> None:
        self.near, far = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "metaco", *words],
            stdin=far,
            stdout=far,
            stderr=far,
            env={**os.environ, "COLUMNS": "90", **variables},
            start_new_session=True,
        )
        os.close(far)
        self.text = ""

    def until(self, words: str) -> str:
        """Read until `words` were printed, and return what was printed since the last time."""
        deadline = time.monotonic() + PATIENCE
        while words not in self.text:
            more = self._read(deadline)
            assert more, f"it ended without {words!r}: {self.text!r}"
            self.text += more
        seen, _, self.text = self.text.partition(words)
        return seen + words

    def type(self, text: str) -> None:
        os.write(self.near, text.encode())

    def end(self) -> int:
        """Read to the end and return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while more := self._read(deadline):
            self.text += more
        return self.process.wait(PATIENCE)

    def _read(self, deadline: float) -> str:
        ready, _, _ = select.select([self.near], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"waited too long, after {self.text!r}"
        try:
            return os.read(self.near, 65536).decode("utf-8", "replace")
        except OSError:  # the other end was closed
            return ""

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.near)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Open terminals with metaco in them."""
    opened: list[Terminal] = []

    def start(*words: str, **variables: str) -> Terminal:
        opened.append(Terminal(*words, **variables))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


Open = Callable[..., Terminal]
