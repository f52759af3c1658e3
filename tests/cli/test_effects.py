"""A process is killed while a role does something outside; a person goes on with the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Open, plain

Spawn = Callable[..., subprocess.Popen[str]]

ROLE = '''
import os
import signal
from pathlib import Path

from metaco import Document, Requirement, Role, action
from metaco.tools import tool

HERE = Path(__file__).parent


class Receipt(Document):
    text: str


def price(article: str) -> int:
    (HERE / "prices").open("a").write("looked up\\n")
    return 20


@tool(once=True)
def pay(dollars: int) -> str:
    """Pay."""
    with (HERE / "payments").open("a") as file:
        file.write(f"{dollars}\\n")
    if not (HERE / "killed").exists():
        (HERE / "killed").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "paid"


class Buyer(Role):
    """Buys."""

    @action
    async def buy(self, requirement: Requirement) -> Receipt:
        """Buy."""
        dollars = await self.once(price, requirement.text)
        return Receipt(text=f"{await self.once(pay, dollars)} {dollars}")
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "buyer.py").write_text(ROLE)
    (tmp_path / "buyer.yaml").write_text("name: buyer\nsteps: [buyer:Buyer.buy]\n")
    return tmp_path


def metaco(folder: Path, *args: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "metaco", *args]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_killed_while_paying(folder: Path) -> None:
    assert metaco(folder, "run", "a lamp", "--sop", "buyer.yaml")[0] == -9
    code, out, _ = metaco(folder, "resume", "last")
    assert code == 6
    assert "Buyer.buy asks: pay was begun" in out
    assert "--answer" in out
    code, out, _ = metaco(folder, "show", "last", "--json")
    shown = json.loads(out)
    assert shown["status"] == "waiting"
    assert shown["effects"] == {"price": 1, "pay": 1, "decide": 1}
    (question,) = shown["questions"]
    assert question["options"] == ["do it again", "it was done"]
    code, out, err = metaco(folder, "resume", "last", "--answer", "perhaps")
    assert code == 3
    assert "Answer do it again or it was done" in err
    code, out, _ = metaco(folder, "resume", "last", "--answer", "buy=do it again", "--json")
    assert code == 0
    assert json.loads(out.splitlines()[-1])["status"] == "done"
    assert (folder / "prices").read_text().splitlines() == ["looked up"]
    assert (folder / "payments").read_text().splitlines() == ["20", "20"]  # as the person said


def test_nothing_waits(folder: Path) -> None:
    (folder / "killed").touch()
    assert metaco(folder, "run", "a lamp", "--sop", "buyer.yaml")[0] == 0
    code, _, err = metaco(folder, "resume", "last", "--answer", "yes")
    assert code == 3
    assert "Nothing is waiting for an answer." in err
    code, _, err = metaco(folder, "resume", "last", "--answer", "a", "--answer", "b")
    assert code == 2
    assert "two answers" in err


ASKING = """
from metaco import Document, Requirement, Role, action


class Answer(Document):
    text: str


class Asker(Role):
    \"\"\"Asks.\"\"\"

    @action
    async def ask_twice(self, requirement: Requirement) -> Answer:
        \"\"\"Ask.\"\"\"
        size = await self.decide("How large?", ["small", "large"])
        return Answer(text=f"{size} {await self.decide('Which colour?')}")
"""


def test_a_person_at_a_terminal_is_asked_at_once(terminal: Open) -> None:
    Path("asker.py").write_text(ASKING)
    Path("asker.yaml").write_text("name: asker\nsteps: [asker:Asker.ask_twice]\n")
    screen = terminal("a lamp", "--sop", "asker.yaml")
    assert "Asker.ask_twice asks: How large?" in plain(
        screen.until("small, large (empty: later)? ")
    )
    screen.type("huge\n")
    assert "Answer small or large." in plain(screen.until("small, large (empty: later)? "))
    screen.type("s\n")
    assert "Which colour?" in plain(screen.until("(empty: later)? "))
    screen.type("\n")
    assert screen.end() == 6
    assert "Answer with: metaco resume" in plain(screen.text)
    screen = terminal("resume")
    screen.until("(empty: later)? ")
    screen.type("red\n")
    assert screen.end() == 0
    assert json.loads(metaco(Path(), "show", "last", "--json")[1])["status"] == "done"


SLOW = """
from pathlib import Path

from metaco import Document, Requirement, Role, action

HERE = Path(__file__).parent


class Answer(Document):
    text: str


def look() -> str:
    with (HERE / "looked").open("a") as file:
        file.write("once\\n")
    with (HERE / "started").open("w") as pipe:
        pipe.write("go")
    return (HERE / "answer").read_text()


class Looker(Role):
    \"\"\"Looks.\"\"\"

    @action
    async def look(self, requirement: Requirement) -> Answer:
        \"\"\"Look.\"\"\"
        return Answer(text=await self.once(look))
"""


def test_two_processes_on_one_run_do_an_effect_once(folder: Path, spawn: Spawn) -> None:
    (folder / "looker.py").write_text(SLOW)
    (folder / "looker.yaml").write_text("name: looker\nsteps: [looker:Looker.look]\n")
    for name in ("started", "answer"):
        os.mkfifo(folder / name)
    first = spawn("run", "a lamp", "--sop", "looker.yaml", cwd=folder)
    assert (folder / "started").read_text() == "go"  # it is in the middle of the effect
    code, _, err = metaco(folder, "resume", "last")
    assert code == 3
    assert f"Process {first.pid} is working on the run" in err
    second = spawn("resume", "last", "--wait", cwd=folder)
    (folder / "answer").write_text("seen")
    assert first.wait(30) == 0
    assert second.wait(30) == 0
    assert (folder / "looked").read_text() == "once\n"
