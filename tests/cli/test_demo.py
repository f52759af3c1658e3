"""`metaco demo`: it ends as recorded, and is said to be a recording wherever one looks."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from metaco.core.errors import SandboxUnavailable
from metaco.recording import Recording

from .conftest import Metaco, Open, plain

Spawn = Callable[..., subprocess.Popen[str]]

CHOIR = "Made from the recorded replies 'choir'; no AI model was asked."
ROMAN = CHOIR.replace("choir", "roman")


def test_a_person_watches_the_choir(terminal: Open, metaco: Metaco) -> None:
    screen = terminal("demo")
    assert screen.end() == 0
    text = plain(screen.text)
    assert "Replaying the demo 'choir': its replies were recorded earlier" in text
    assert "software_company · recording:choir" in text
    sent_back = re.findall(r"↩ (\w+\.\w+) +(\S+): sent back: (.+)", text)
    assert Counter(step for step, _, _ in sent_back) == {
        "engineer.write_file": 2,
        "qa_engineer.write_tests": 2,
    }
    assert "Ledger.debtors is part of the interface" in str(sent_back)
    failed, fixed = text.index("(43 passed, 2 failed)"), text.index("TestsPassed (45 passed)")
    assert failed < text.index("engineer.fix_files") < fixed
    assert "✓ Done." in text and "6 of 6 requirements pass their tests" in text
    assert "Model      recording:choir  no AI model, " in text and CHOIR in text
    assert "$" not in text
    waited = json.loads(metaco("cost", "--json").out)["total"]["seconds"]
    assert waited >= 20 * 0.25  # one reply after the other, which a person can follow

    project = Path("workspace/choir_books")
    for page in ("README.md", "docs/delivery.md"):
        assert CHOIR in (project / page).read_text()
    assert "done · software_company · recording:choir" in metaco("show", "last").out
    assert set(json.loads(metaco("show", "--json").out)["models"].values()) == {"recording:choir"}


def test_a_program_gets_the_same_without_waiting(spawn: Spawn, metaco: Metaco) -> None:
    process = spawn("demo", "roman", "--json")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    outcome = json.loads(out.splitlines()[-1])
    assert (outcome["status"], outcome["accepted"], outcome["exit_code"]) == ("done", True, 0)
    assert outcome["tests"] == {"passed": 11, "failed": 0}
    assert outcome["models"] == ["recording:roman"] and ROMAN in outcome["remarks"]
    assert outcome["replayed"]["calls"] == outcome["calls"] == 3
    assert (outcome["cost"], outcome["tokens"]["prompt"], outcome["tokens"]["reply"]) == (0, 0, 0)
    assert json.loads(metaco("cost", "--json").out)["total"]["seconds"] < 3 * 0.25


def test_plain_text_without_a_terminal(spawn: Spawn) -> None:
    process = spawn("demo", "debate", env={**os.environ, "OPENAI_API_KEY": "sk-of-nobody"})
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err.startswith("metaco: Replaying the demo 'debate'")
    assert "  ↩ debater.argue_for" in err and "\x1b" not in out + err
    assert CHOIR.replace("choir", "debate") in out.splitlines()[-1]


def test_the_list_and_a_name_that_is_none(metaco: Metaco) -> None:
    listed = metaco("demo", "--list")
    assert listed.code == 0
    lines = listed.out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == ["choir", "debate", "leitner", "roman"]
    assert all(len(line.split()) > 8 for line in lines)  # with a sentence about each
    wrong = metaco("demo", "opera")
    assert wrong.code == 2
    assert "There is no demo 'opera'." in wrong.err
    assert "There are choir, debate, leitner, roman." in wrong.err
    assert "Did you mean choir?" in metaco("demo", "chor").err
    assert not Path("workspace").exists()


def test_without_a_sandbox_the_tests_are_not_run(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(mode: str) -> None:
        raise SandboxUnavailable("No tier works here.", "Install bubblewrap.")

    monkeypatch.setattr("metaco.sandbox.open_sandbox", refuse)
    result = metaco("demo", "roman")
    assert result.code == 1
    assert "✗ Not accepted." in result.out
    assert "Tests not run: No tier works here. Install bubblewrap." in result.out
    assert ROMAN in result.out
    assert metaco("demo", "roman", "--sandbox", "require").code == 3


def test_a_demo_that_was_interrupted_goes_on_where_it_was(terminal: Open, metaco: Metaco) -> None:
    screen = terminal("demo", "debate")
    screen.until("debater.argue_for")
    os.killpg(screen.process.pid, signal.SIGINT)
    assert screen.end() == 130
    went_on = metaco("resume", "last")
    assert went_on.code == 0
    assert "Made from the recorded replies 'debate'" in went_on.out
    assert "Adopt it" in Path("workspace/debate/minutes.md").read_text()
    assert json.loads(metaco("cost", "--json").out)["total"]["calls"] == 10


def test_a_recording_answers_nothing_new(metaco: Metaco) -> None:
    assert metaco("demo", "debate", "--quiet").code == 0
    result = metaco("resume", "last", "--change", "Think of a team of two.")
    assert result.code == 4
    assert (
        "The recording debate contains 1 reply to moderator.frame, but one more was" in result.out
    )
    assert "Continue with a model: --model MODEL." in result.out
    assert metaco("resume", "last", "--model", "offline", "--quiet").code == 0


def test_every_demo_is_short_enough_to_watch() -> None:
    from metaco.cli.demo import demos

    for each in demos().values():
        assert each.about and "\n" not in each.about
        assert 0 < len(Recording(each.folder).calls) * 0.25 <= 6
