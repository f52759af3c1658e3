"""`metaco run`: what is shown, what is returned, and every exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from metaco.models.offline import Offline
from metaco.sop.procedure import SOP

from .conftest import CREW, GATED, Metaco

Spawn = Callable[..., subprocess.Popen[str]]


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_done(metaco: Metaco) -> None:
    result = metaco("a page about tea", "--sop", CREW)
    assert result.code == 0
    assert result.out.splitlines()[0] == "✓ Done. A page."
    for words in (
        "workspace/page/docs",
        "cd workspace/page",
        "cat docs/page.md",
        "3 passed",
        "1 of 2 requirements pass their tests  P0 1/1, P1 0/1",
        "R2 P1 untested",
        "offline",
        "no AI model was involved",
    ):
        assert words in result.out
    assert "No key was found" in result.err
    assert "OPENAI_API_KEY" in result.err
    assert "Crew.write_page  Page" in result.err
    assert "\x1b" not in result.out + result.err  # neither colours, nor what a document holds


def test_quiet_prints_nothing_but_the_result(metaco: Metaco) -> None:
    result = metaco("a page", "--sop", CREW, "--quiet")
    assert result.code == 0
    (line,) = result.err.splitlines()  # what runs is said once, before it does
    assert line.startswith(f"metaco: {CREW}: it runs code of crew_for_cli")
    assert result.out.startswith("✓ Done.")
    assert metaco("a page", "--sop", CREW, "--quiet").err == ""


def test_the_procedure_is_cut_to_size_once(metaco: Metaco, monkeypatch: pytest.MonkeyPatch) -> None:
    cut: list[list[str]] = []
    up_to = SOP.up_to

    def counted(self: SOP, names: Sequence[str]) -> SOP:
        cut.append(list(names))
        return up_to(self, names)

    monkeypatch.setattr(SOP, "up_to", counted)
    assert metaco("a page", "--sop", CREW, "--only", "page", "--quiet").code == 0
    assert cut == [["page"]]


def test_delivered_but_tests_fail_is_1(metaco: Metaco) -> None:
    result = metaco("a bad page", "--sop", CREW)
    assert result.code == 1
    assert "✗ Not accepted." in result.out
    assert "3 passed, 2 failed" in result.out
    assert "Not done\n  - the link" in result.out


def test_json(metaco: Metaco) -> None:
    result = metaco("a bad page", "--sop", CREW, "--json")
    assert result.code == 1
    *entries, outcome = lines_of(result.out)
    assert [entry["n"] for entry in entries] == list(range(1, len(entries) + 1))
    events = [entry["event"] for entry in entries]
    assert events[:2] == ["run", "input"]
    assert events[-1] == "end"
    turns = [entry for entry in entries if entry["event"] == "turn"]
    assert {"call", "reply", "turn", "project"} <= set(events)
    assert all(set(entry) == {"event", "run", "n", "at", "key", "body"} for entry in entries)
    assert not any("prompt" in e["body"] or "text" in e["body"] for e in entries[2:])
    assert outcome == {
        "event": "result",
        "run": entries[0]["run"],
        "status": "done",
        "exit_code": 1,
        "accepted": False,
        "project": "workspace/page",
        "files": ["docs/page.md"],
        "output": "Handover",
        "coverage": turns[-1]["body"]["publishes"][0]["body"]["coverage"],
        "tests": {"passed": 3, "failed": 2},
        "commands": ["cat docs/page.md"],
        "losses": [],
        "not_done": ["the link"],
        "untested": [],
        "remarks": [],
        "summary": "A page.",
        "cost": 0.0,
        "unpriced_calls": 0,
        "calls": 1,
        "replayed": {"calls": 0, "cost": 0.0},
        "tokens": {"prompt": 0, "reply": 0, "cached": 0},  # no model was asked
        "seconds": outcome["seconds"],
        "models": ["offline"],
        "failures": [],
        "repeats": [],
        "waiting": [],
        "questions": [],
        "problem": "",
        "limit": "",
        "remedy": "",
        "sandbox": "auto",
        "warnings": [],
    }
    assert "\nmetaco: No key was found" in result.err


def test_json_with_prompts_and_replies(metaco: Metaco) -> None:
    result = metaco("a page", "--sop", CREW, "--json", "--verbose")
    bodies = {entry["event"]: entry.get("body", {}) for entry in lines_of(result.out)}
    assert "a page" in bodies["call"]["prompt"]
    assert "A page" in bodies["reply"]["text"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--model", "nonsense:x"], "nonsense"),
        (["--model", "openai:gpt-5"], "OPENAI_API_KEY"),
        (["--model", "offline:wild"], "offline:wild"),
        (["--role-model", "Crow=offline"], "Did you mean Crew?"),
        (["--sop", "nothing"], "no SOP 'nothing'"),
        (["--sop", "software_compnay"], "Did you mean software_company?"),
        (["--sop", "broken.yaml"], "broken.yaml:3"),
        (["--sop", "notyaml.yaml"], "not YAML"),
        (["--gate", "write_pgae"], "Did you mean write_page?"),
        (["--workspace", "file/below"], "file/below"),
    ],
)
def test_wrong_configuration_is_3(metaco: Metaco, words: list[str], expected: str) -> None:
    Path("file").write_text("not a folder")
    Path("broken.yaml").write_text("name: broken\nsteps:\n  - crew_for_cli:Crew.rite_page\n")
    Path("notyaml.yaml").write_text("steps: [a\n")
    given = words if "--sop" in words else ["--sop", CREW, *words]
    result = metaco("a page", *given, "--quiet")
    assert result.code == 3, result
    assert expected in result.err
    assert "Traceback" not in result.err
    assert result.err.startswith("metaco: ")
    assert result.out == ""


def test_wrong_settings_are_3(metaco: Metaco, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("metaco.toml").write_text('modle = "offline"\n')
    assert "no setting 'modle'" in metaco("a page", "--sop", CREW).err
    Path("metaco.toml").unlink()
    monkeypatch.setenv("METACO_SANDBOX", "maybe")
    result = metaco("a page", "--sop", CREW, "--json")
    assert result.code == 3
    error = lines_of(result.out)[-1]
    assert error["status"] == "error"
    assert error["exit_code"] == 3
    assert "maybe" in error["problem"]


def test_a_sandbox_that_is_required_and_missing_is_3(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metaco.core.errors import SandboxUnavailable

    async def nothing_works(self: Offline, request: object) -> None:
        raise SandboxUnavailable("No tier works here.", "Install bubblewrap.")

    monkeypatch.setattr(Offline, "complete", nothing_works)
    result = metaco("a page", "--sop", CREW, "--sandbox", "require", "--quiet")
    assert result.code == 3
    assert "No tier works here. Install bubblewrap." in result.out


def test_a_model_that_fails_is_4_and_resume_goes_on(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metaco.core.errors import ProviderError

    async def refuses(self: Offline, request: object) -> None:
        raise ProviderError("The key is refused.", "Check OPENAI_API_KEY.", status=401)

    with monkeypatch.context() as broken:
        broken.setattr(Offline, "complete", refuses)
        result = metaco("a page", "--sop", CREW)
    assert result.code == 4
    assert "Crew.write_page: The key is refused. Check OPENAI_API_KEY." in result.out
    assert "metaco resume 2" in result.out
    assert "✗ Crew.write_page" in result.err
    assert metaco("show").out.count("The key is refused") == 1
    assert metaco("resume").code == 0


def test_an_attempt_that_fails_is_shown_and_tried_again(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metaco.core.errors import ProviderError

    answers = Offline.complete
    failures = [ProviderError("It is busy.", "Wait.", status=503, retry_after=0.0)]

    async def stumbles(self: Offline, request: Any) -> Any:
        if failures:
            raise failures.pop()
        return await answers(self, request)

    monkeypatch.setattr(Offline, "complete", stumbles)
    result = metaco("a page", "--sop", CREW)
    assert result.code == 0
    assert "! Crew.write_page  attempt 1: It is busy\n" in result.err
    assert metaco("cost").out.splitlines()[-1].split()[1:3] == ["1", "1"]


def test_a_limit_is_5_and_resume_with_more_goes_on(metaco: Metaco) -> None:
    result = metaco("a page", "--sop", CREW, "--tokens", "10")
    assert result.code == 5
    assert "tokens" in result.out.splitlines()[0]
    last = result.out.rstrip().splitlines()[-1]  # the option that was hit, and no other
    assert last.endswith("--tokens N")
    assert "metaco resume" in last
    again = metaco("resume")  # the limit is the run's, not the process's
    assert again.code == 5
    assert metaco("resume", "--tokens", "100000").code == 0


def test_an_error_nobody_expected_is_7(metaco: Metaco) -> None:
    result = metaco("a page that may crash", "--sop", CREW)
    assert result.code == 7
    assert "the page caught fire" in result.out
    assert "Traceback" not in result.out + result.err
    assert "metaco show 2" in result.out
    assert "Traceback" not in metaco("show").out
    assert "Traceback" in metaco("show", "-v").out


def test_an_error_in_metaco_is_7_and_kept(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import tempfile

    from metaco.cli import sop

    def fails(args: object) -> int:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(sop, "sop", fails)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    result = metaco("sop", "list")
    assert result.code == 7
    assert len(result.err.splitlines()) == 2
    kept = next(tmp_path.glob("metaco-error-*.txt"))
    assert str(kept) in result.err
    assert "ZeroDivisionError: oh" in kept.read_text()
    assert "Traceback" in metaco("sop", "list", "-v").err


def test_the_flag_beats_the_environment(metaco: Metaco, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METACO_MODEL", "openai:gpt-5")
    monkeypatch.setenv("METACO_MODEL_CREW", "openai:gpt-5")
    result = metaco("a page", "--sop", CREW, "--model", "offline")
    assert result.code == 0
    assert "No key was found" not in result.err


def test_a_name_for_the_project(metaco: Metaco) -> None:
    assert metaco("a page", "--sop", CREW, "--name", "tea").code == 0
    assert Path("workspace/tea/docs/page.md").is_file()


def test_without_a_terminal_a_gate_is_6(metaco: Metaco) -> None:
    result = metaco("a page", "--sop", GATED)
    assert result.code == 6
    run = metaco("runs").out.split()[5]
    assert f"metaco resume {run} --approve Crew.write_page" in result.out
    assert "Waiting for your approval of Crew.write_page." in result.out


@pytest.mark.parametrize(("gate", "code"), [("none", 0), ("all", 6), ("hand_over", 6), ("Page", 6)])
def test_gates_of_ones_own(metaco: Metaco, gate: str, code: int) -> None:
    sop = GATED if gate == "none" else CREW
    assert metaco("a page", "--sop", sop, "--gate", gate).code == code


def test_yes_approves_everything(metaco: Metaco) -> None:
    result = metaco("a page", "--sop", GATED, "--gate", "all", "--yes")
    assert result.code == 0
    assert result.err.count("approved") == 2


def test_texts_cannot_steer_the_terminal(metaco: Metaco) -> None:
    result = metaco("an evil page \x1b[2J", "--sop", CREW)
    shown = metaco("show", "--prompts")
    listed = metaco("runs")
    for text in (*result[1:], *shown[1:], *listed[1:]):
        assert "\x1b" not in text


def test_the_whole_company_from_the_shell(spawn: Spawn) -> None:
    process = spawn("a word counter", "--json", "--sandbox", "auto")
    out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    result = lines_of(out)[-1]
    assert result["accepted"]
    assert result["tests"]["passed"] > 0
    assert all(item["status"] == "passed" for item in result["coverage"])
    project = Path(result["project"])
    assert all((project / path).is_file() for path in result["files"])
    done = subprocess.run(
        [sys.executable, "-m", project.name, "--help"], cwd=project, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_a_company_that_never_fixes_its_mistake_delivers_with_1(metaco: Metaco) -> None:
    result = metaco("a word counter", "--model", "offline:never-fixes", "--json")
    outcome = lines_of(result.out)[-1]
    assert result.code == outcome["exit_code"] == 1, result.out[-2000:]
    assert outcome["tests"]["failed"] > 0
    assert outcome["not_done"]
