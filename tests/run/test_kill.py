"""Processes that are killed, and processes that work on the same run."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from shop import shop

from metaco.run.log import Log
from metaco.run.state import State

KILL = Path(__file__).parents[1] / "fixtures" / "kill.py"


def _start(*args: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(KILL), *map(str, args)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _run(*args: object) -> tuple[int, str]:
    process = _start(*args)
    out, err = process.communicate(timeout=60)
    return process.returncode, out.strip() or err


@pytest.mark.parametrize("when", ["b1", "a1", "b4", "a5", "a9", "b12", "a14", "b17", "a20", "b23"])
async def test_kill_and_resume(tmp_path: Path, when: str) -> None:
    log, ledger = tmp_path / "log", tmp_path / "ledger"
    assert _run(log, ledger, when)[0] == -9
    entries = await Log(log).read("r")
    logged = sum(entry.kind == "reply" for entry in entries)
    paid = len(ledger.read_text().splitlines()) if ledger.exists() else 0
    assert _run(log, ledger) == (0, "done")

    entries = await Log(log).read("r")
    kinds = Counter(entry.kind for entry in entries)
    assert kinds["reply"] == 6
    assert len(ledger.read_text().splitlines()) == paid + 6 - logged  # only what was in flight
    state = State(shop(), "r", entries)
    assert state.status == "done"
    output = state.output()
    assert output
    assert output.model_dump()["files"] == {
        "f0.txt": "f0.txt <mend>",
        "f1.txt": "<<hello> f1.txt>",
        "f2.txt": "<<hello> f2.txt>",
    }


async def test_two_processes_on_one_run(tmp_path: Path) -> None:
    log, ledger = tmp_path / "log", tmp_path / "ledger"
    _run(log, ledger, "a2")  # the order is there, and nothing else
    both = [_start(log, ledger), _start(log, ledger)]
    ends = {process.communicate(timeout=60)[0].strip() for process in both}
    assert ends <= {"done", ""}  # what one has begun to ask the other one leaves
    assert _run(log, ledger) == (0, "done")
    entries = await Log(log).read("r")
    assert [entry.n for entry in entries] == list(range(1, len(entries) + 1))
    kinds = Counter(entry.kind for entry in entries)
    assert len(ledger.read_text().splitlines()) <= kinds["call"]
    alone = tmp_path / "alone"
    _run(alone, tmp_path / "other")
    clean = await Log(alone).read("r")
    assert kinds["turn"] == sum(entry.kind == "turn" for entry in clean)
    states = [State(shop(), "r", each) for each in (entries, clean)]
    assert states[0].documents() == states[1].documents()


@pytest.mark.parametrize("trouble", ["fail", "hang"])
def test_of_102_turns_at_once_the_2_that_had_no_answer_are_asked_again(
    tmp_path: Path, trouble: str
) -> None:
    """The process is killed when 100 of them are done; nobody else is paid a second time."""
    ledger = tmp_path / "ledger"

    def work(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(KILL.parent / "fan_out.py"), str(tmp_path / "workspace")]
        return subprocess.run(
            [*command, str(ledger), *more], capture_output=True, text=True, timeout=60, check=False
        )

    assert work(trouble).returncode == -9
    first = ledger.read_text().splitlines()
    assert len(first) == 1 + 102
    again = work()
    assert (again.returncode, again.stdout.split()) == (0, ["done", "102", "103"]), again.stderr
    assert sorted(ledger.read_text().splitlines()[len(first) :]) == ["f7.txt", "f88.txt"]
