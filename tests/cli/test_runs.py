"""What the log tells afterwards: runs, show, cost, rebuild, export."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from metaco.observers.project_folder import ProjectFolder

from .conftest import CREW, GATED, Metaco


@pytest.fixture
def run(metaco: Metaco) -> str:
    """A finished run."""
    result = metaco("a page about tea", "--sop", CREW, "--json")
    assert result.code == 0
    return str(json.loads(result.out.splitlines()[-1])["run"])


def test_no_runs_are_no_error_and_make_no_workspace(metaco: Metaco) -> None:
    assert metaco("runs") == (0, "", "There are no runs in workspace yet.\n")
    assert not Path("workspace").exists()


def test_runs(metaco: Metaco, run: str) -> None:
    result = metaco("runs")
    assert (result.code, result.err) == (0, "")
    head, row = result.out.splitlines()
    assert head.split() == ["run", "status", "sop", "project", "requirement"]
    assert row.startswith(f"{run}   done ")
    assert row.endswith("a page about tea")
    facts = json.loads(metaco("runs", "--json").out)
    assert (facts["run"], facts["status"], facts["project"]) == (run, "done", "page")
    assert (facts["accepted"], facts["conclusion"]) == (True, "Done.")


def test_show(metaco: Metaco, run: str) -> None:
    result = metaco("show", run)
    assert (result.code, result.err) == (0, "")
    for words in (run, "done", "crew.yaml", "Crew.write_page", "Handover", "workspace/page"):
        assert words in result.out
    facts = json.loads(metaco("show", "--json").out)
    assert [step["step"] for step in facts["steps"]] == ["Crew.write_page", "Crew.hand_over"]
    assert [d["type"] for d in facts["documents"]] == ["Handover", "Page", "Requirement"]
    assert (facts["failures"], facts["waiting"], "prompts" in facts) == ([], [], False)


def test_what_could_not_be_written_is_said_by_every_command(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ProjectFolder, "write", full)
        result = metaco("a page about tea", "--sop", CREW, "--name", "page")
        assert result.code == 1
        assert "Done." not in result.out
    for words in (result.out, metaco("show").out):
        assert "✗ Not accepted." in words
        assert "page.md cannot be written: [Errno 28] No space left on device." in words
        assert "`metaco rebuild" in words
    assert metaco("runs").out.splitlines()[1].split("   ")[1].strip() == "not accepted"
    assert json.loads(metaco("runs", "--json").out)["accepted"] is False
    assert metaco("rebuild").code == 0
    assert "✓ Done." in metaco("show").out
    assert json.loads(metaco("runs", "--json").out)["accepted"] is True


def test_show_prompts_and_replies(metaco: Metaco, run: str) -> None:
    result = metaco("show", "--prompts")
    assert result.out.count("── prompt") == result.out.count("── reply") == 1
    assert '{"title":"A page"' in result.out
    calls = json.loads(metaco("show", "--prompts", "--json").out)["prompts"]
    assert [call["step"] for call in calls] == ["Crew.write_page"]


def test_show_says_what_waits_and_how_to_go_on(metaco: Metaco) -> None:
    metaco("a page", "--sop", GATED, "-q", "--workspace", "w")
    result = metaco("show", "--workspace", "w")
    assert "Waiting for you:\n  Crew.write_page" in result.out
    assert "--approve Crew.write_page --workspace w" in result.out


def test_show_without_the_sop_tells_what_the_log_has(metaco: Metaco) -> None:
    shutil.copy(CREW, "mine.yaml")
    assert metaco("a page", "--sop", "mine.yaml", "-q").code == 0
    Path("mine.yaml").unlink()
    result = metaco("show")
    assert result.code == 0
    assert "Crew.hand_over" in result.out
    assert "The SOP cannot be used now" in result.err


def test_cost(metaco: Metaco, run: str) -> None:
    result = metaco("cost", run)
    assert result.code == 0
    rows = {row.split("  ")[0]: row.split() for row in result.out.splitlines() if row}
    assert {"role Crew", "step Crew.write_page", "model offline", "total"} <= set(rows)
    assert rows["total"][1:3] == ["1", "0"]
    facts = json.loads(metaco("cost", "--json").out)
    assert facts["run"] == run
    assert facts["total"]["prompt"] == sum(u["prompt"] for u in facts["by_step"].values())


def test_an_unknown_price_is_said_to_be_unknown(
    metaco: Metaco, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metaco.models import prices

    monkeypatch.setattr(prices, "price", lambda *_, **more: None)
    result = metaco("a page", "--sop", CREW, "--tokens", "100000")
    assert result.code == 0
    assert "Cost       unknown" in result.out
    assert "unknown" in metaco("cost").out.splitlines()[-1]


def test_rebuild_writes_the_same_project_again(metaco: Metaco, run: str) -> None:
    page = Path("workspace/page/docs/page.md")
    before = page.read_bytes()
    shutil.rmtree("workspace/page")
    result = metaco("rebuild")
    assert (result.code, result.out) == (0, "workspace/page\n")
    assert page.read_bytes() == before


def test_export(metaco: Metaco, run: str) -> None:
    entries = [json.loads(line) for line in metaco("export", run[:-1]).out.splitlines()]
    assert [entry["n"] for entry in entries] == list(range(1, len(entries) + 1))
    assert {entry["run"] for entry in entries} == {run}
    result = metaco("export", "--out", "log.jsonl")
    assert (result.code, result.out) == (0, "")
    assert [json.loads(t) for t in Path("log.jsonl").read_text().splitlines()] == entries
    assert metaco("export", "--out", "log.jsonl").code == 2  # it is not overwritten
    assert metaco("export", "--out", "no/such/folder").code == 3


PAINTER = """
from metaco import Document, Requirement, Role, action

class Painting(Document):
    text: str

    def artifacts(self):
        return {"fine.mmd": f"flowchart LR\\n  {self.text}", "broken.mmd": "nonsense"}

class Painter(Role):
    @action
    async def paint(self, requirement: Requirement) -> Painting:
        return Painting(text=requirement.text)
"""


def test_pictures_of_the_documents(metaco: Metaco, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MERMAID_INK_SERVER", raising=False)
    Path("painter.py").write_text(PAINTER)
    Path("paint.yaml").write_text("input: Requirement\nsteps: [painter:Painter.paint]\n")
    assert metaco("run", "A --> B", "--sop", "paint.yaml", "--model", "offline").code == 0
    result = metaco("export", "--pictures", "pictures")
    assert (result.code, result.out) == (1, "pictures/fine.svg\n")
    assert "mermaidx did not render 'broken': " in result.err
    assert Path("pictures/fine.svg").read_text("utf-8").startswith("<svg")
    refused = metaco("export", "--pictures", "x", "--mermaid", "mermaid.ink")
    assert refused.code == 3
    assert "is not the address of a Mermaid server" in refused.err
    Path("taken").touch()
    assert "cannot be written" in metaco("export", "--pictures", "taken").err


@pytest.mark.parametrize("words", ["export", "show --prompts", "--help", "run --help"])
def test_a_closed_pipe_is_silent(run: str, words: str) -> None:
    script = f"{sys.executable} -m metaco {words} | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_a_run_survives_the_reader_of_its_lines(metaco: Metaco) -> None:
    call = f"{sys.executable} -m metaco 'a page' --sop {CREW} --model offline --json"
    script = f"{call} | head -n 1 >/dev/null; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert done.stdout == "0\n"
    (line,) = done.stderr.splitlines()
    assert "it runs code of crew_for_cli" in line
    assert "done" in metaco("runs").out


def test_a_log_that_is_none_is_3(metaco: Metaco) -> None:
    Path("workspace").mkdir()
    Path("workspace/metaco.db").write_text("this is no database, " * 100)
    result = metaco("runs")
    assert result.code == 3
    assert len(result.err.splitlines()) == 2
