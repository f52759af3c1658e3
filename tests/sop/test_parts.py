"""Parts of a run: only what leads to some documents, and what is left when some are given."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from metaco import SOP, Company, Requirement
from metaco.cli import main
from metaco.core.errors import ConfigurationError
from metaco.models.offline import Offline
from metaco.observers.workspace import rebuild
from metaco.roles.documents import (
    PRD,
    Delivery,
    SourceFile,
    SystemDesign,
    TaskPlan,
    TestReport,
    TestsPassed,
)
from metaco.run.entries import RunStarted
from metaco.run.log import Log

WISH = "a word counter"
MADE = ["write_prd", "write_design", "plan_tasks", "split"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)


def lines(sop: SOP) -> list[str]:
    return [node.name.rpartition(".")[2] for node in sop.body.steps]


def company(sop: str | SOP = "software_company", **options: Any) -> Company:
    return Company(sop, model="offline", workspace="workspace", **options)


async def one(kind: type[Any], **options: Any) -> Any:
    """Return a document that the offline company writes."""
    result = await company(only=[kind.__name__], **options).run(WISH)
    return next(document for document in result.documents if isinstance(document, kind))


def history(folder: Path) -> list[str]:
    words = ["git", "log", "--format=%s", "--reverse"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


# ---------------------------------------------------------------------- parts of an SOP


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["prd"], ["write_prd"]),
        (["PRD", "Design"], ["write_prd", "write_design"]),
        (["systemdesign"], ["write_prd", "write_design"]),
        (["ARCHITECT.write_design"], ["write_prd", "write_design"]),
        (["plan_tasks", "prd"], ["write_prd", "write_design", "plan_tasks"]),
        (["TestsPassed"], [*MADE, "write_file", "write_tests", "run_tests", "repeat"]),
        (["write_tests"], [*MADE, "write_tests"]),
    ],
)
def test_only_what_leads_there(names: list[str], expected: list[str]) -> None:
    whole = SOP.load("software_company")
    before = lines(whole), [node.index for node in whole.body.steps]
    part = whole.up_to(names)
    assert lines(part) == expected
    assert list(part.goals) == names
    assert part.warnings == []
    assert (lines(whole), [node.index for node in whole.body.steps]) == before
    assert lines(part.up_to(names)) == expected


@pytest.mark.parametrize(
    ("kinds", "first", "inputs"),
    [
        ([PRD], "write_design", [PRD]),
        ([PRD, SystemDesign], "plan_tasks", [PRD, SystemDesign]),
        ([SystemDesign], "write_prd", [Requirement, SystemDesign]),
        ([PRD, SystemDesign, TaskPlan], "split", [PRD, SystemDesign, TaskPlan]),
        ([Requirement], "write_prd", [Requirement]),
        ([PRD, TestsPassed], "write_design", [PRD, TestReport]),
    ],
)
def test_what_is_given_is_not_made(kinds: list[Any], first: str, inputs: list[Any]) -> None:
    whole = SOP.load("software_company")
    part = whole.starting_from(kinds)
    assert lines(part)[0] == first
    assert part.inputs == inputs
    assert lines(part)[-1] == "deliver"
    assert "Delivery" in part.goals
    assert lines(part.starting_from(kinds)) == lines(part)
    again = whole.as_started(part.parts, [])
    assert (lines(again), again.inputs, again.parts) == (lines(part), part.inputs, part.parts)


def test_what_only_left_out_lines_read_is_left_out(tmp_path: Path) -> None:
    sop = SOP.load("software_company").starting_from([PRD, SystemDesign, TestReport, SourceFile])
    assert "run_tests" not in lines(sop)
    # The tests are still read by deliver, and so are the tasks they are written from.
    assert lines(sop) == ["plan_tasks", "split", "write_tests", "repeat", "deliver"]


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        (lambda sop: sop.up_to(["desing"]), "Did you mean design?"),
        (lambda sop: sop.up_to(["file"]), "SourceFile or TestFile"),
        (lambda sop: sop.up_to(["nonsense at all"]), "Name a document or a step"),
        (lambda sop: sop.starting_from([PRD]).up_to(["prd"]), "prd is given"),
        (lambda sop: sop.starting_from([Delivery]), "No step of software_company remains"),
        (lambda sop: SOP.load("debate").starting_from([PRD]), "debate has no document PRD"),
        (lambda sop: SOP.load("quick").starting_from([SourceFile]), "Give TestFile too"),
        (
            lambda sop: sop.as_started({"given": ["Gone"], "only": []}, []),
            "no longer has the document Gone",
        ),
    ],
)
def test_parts_that_cannot_be(cut: Callable[[SOP], SOP], expected: str) -> None:
    with pytest.raises(ConfigurationError, match=expected.replace("?", r"\?")):
        cut(SOP.load("software_company"))


# ---------------------------------------------------------------------- runs


async def test_a_run_stops_after_the_documents_and_is_done() -> None:
    result = await company(only=["prd", "design"]).run(WISH)
    assert (result.status, result.ok, result.missing) == ("done", True, ())
    assert isinstance(result.output, SystemDesign)
    assert result.cost.total.calls == 2
    assert result.project is not None
    names = {path.name for path in (result.project / "docs").iterdir()}
    assert {"prd.md", "design.md"} <= names
    assert "tasks.md" not in names


async def test_a_run_starts_from_documents_and_writes_them_too() -> None:
    prd = await one(PRD)
    result = await company(name="mine").run(given=[prd])
    assert result.ok
    assert result.project is not None
    assert json.loads((result.project / "docs" / "prd.json").read_text()) == prd.model_dump()
    assert "write_prd" not in " ".join(result.cost.by_step)
    assert history(result.project)[:2] == ["Given", "Write design"]


async def test_a_part_is_resumed_as_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    prd, real = await one(PRD), Offline.complete

    async def fails(self: Offline, request: Any) -> Any:
        if request.action == "plan_tasks":
            raise RuntimeError("the power went off")
        return await real(self, request)

    with monkeypatch.context() as broken:
        broken.setattr(Offline, "complete", fails)
        first = await company(only=["taskplan"]).run(given=[prd])
    assert first.status == "failed"
    # Another process, which is told nothing of parts.
    again = await Company("software_company", model="offline", workspace=company().root).resume(
        first.run
    )
    assert (again.status, again.ok) == ("done", True)
    assert isinstance(again.output, TaskPlan)
    assert again.cost.by_step.keys() == {"architect.write_design", "project_manager.plan_tasks"}


async def test_a_part_is_rebuilt_as_a_part() -> None:
    prd = await one(PRD)
    crew = company(only=["design"], name="again")
    result = await crew.run(given=[prd])
    assert result.project is not None

    before = files(result.project)
    entry = await crew.log.last(result.run, RunStarted)
    assert entry is not None
    remove(before)
    sop = SOP.load("software_company").as_started(entry.parts, entry.gates)
    await rebuild(crew.root, sop, crew.log, result.run)
    assert files(result.project) == before
    assert "docs/prd.md" in " ".join(map(str, before))


def files(folder: Path) -> dict[Path, bytes]:
    hidden = {".git", ".metaco"}
    files = [p for p in folder.rglob("*") if p.is_file() and not hidden & set(p.parts)]
    return {path: path.read_bytes() for path in files}


def remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink()


async def test_gates_work_in_a_part() -> None:
    result = await company(only=["design"], gates=["prd"]).run(WISH)
    assert (result.status, result.waiting) == ("waiting", ("product_manager.write_prd",))


async def test_what_was_wanted_and_is_missing_is_not_ok(tmp_path: Path) -> None:
    # A report of failed tests, from a company that makes no mistake.
    result = await company(only=["TestsFailed"]).run(WISH)
    assert (result.status, result.ok, result.missing) == ("done", False, ("TestsFailed",))


async def test_what_a_run_cannot_start_from() -> None:
    prd = await one(PRD)
    for run, expected in (
        (company().run(WISH, given=[prd]), "No step reads the Requirement"),
        (company().run(), "starts from a Requirement, but none was given"),
        (company().run(given=[prd, prd]), "have the same identity"),
        (company("debate").run(given=[prd]), "has no document PRD"),
    ):
        with pytest.raises(ConfigurationError, match=expected):
            await run


async def test_a_change_of_what_was_given() -> None:
    prd = await one(PRD)
    crew = company(only=["design"])
    first = await crew.run(given=[prd])
    with pytest.raises(ConfigurationError, match="no step reads a requirement"):
        await crew.resume(first.run, change="something else")
    with pytest.raises(ConfigurationError, match="no step reads a requirement"):
        await crew.resume(first.run, requirement="something else")
    second = await crew.resume(first.run, change=prd.model_copy(update={"summary": "a snake game"}))
    assert isinstance(second.output, SystemDesign)
    assert second.output.summary == "a snake game"


async def test_a_run_that_was_killed_before_its_inputs_says_so(tmp_path: Path) -> None:
    prd = await one(PRD)
    crew = company(only=["design"])
    first = await crew.run(given=[prd])
    begun = await crew.log.last(first.run, RunStarted)
    assert begun is not None
    await Log.open(crew.root / "metaco.db").append("half", "", begun)
    with pytest.raises(ConfigurationError, match="interrupted before it had begun"):
        await crew.resume("half")


# ---------------------------------------------------------------------- the command line


def run_json(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any], str]:
    capsys.readouterr()
    code = main([*words, "--json"])
    captured = capsys.readouterr()
    return code, json.loads(captured.out.splitlines()[-1]), captured.err


def test_only_and_from_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    code, report, _ = run_json(capsys, WISH, "--only", "prd, Design")
    assert (code, report["output"], report["commands"]) == (0, "SystemDesign", [])
    docs = Path(report["project"]) / "docs"
    Path("mine.prd.json").write_bytes((docs / "prd.json").read_bytes())
    Path("other.json").write_bytes((docs / "design.json").read_bytes())
    for design in ("other.json", "SystemDesign=other.json", "design=other.json"):
        code, report, _ = run_json(
            capsys, "--from", "mine.prd.json", "--from", design, "--only", "plan_tasks"
        )
        assert (code, report["output"], report["calls"]) == (0, "TaskPlan", 1)
    code, report, _ = run_json(capsys, "resume", report["run"])
    assert (code, report["output"]) == (0, "TaskPlan")
    capsys.readouterr()
    assert main(["show", "last"]) == 0
    assert "from PRD, SystemDesign" in capsys.readouterr().out


def test_the_twins_of_a_small_project(capsys: pytest.CaptureFixture[str]) -> None:
    code, report, _ = run_json(capsys, WISH, "--sop", "quick", "--only", "outline")
    assert code == 0
    file = f"{report['project']}/docs/prd.json"
    code, report, _ = run_json(capsys, "--from", file, "--sop", "quick")
    assert (code, report["accepted"]) == (0, True)


@pytest.mark.parametrize(
    ("name", "text", "code", "expected"),
    [
        ("gone.prd.json", None, 2, "cannot be read"),
        ("a.prd.json", "{", 3, "not JSON"),
        ("a.prd.json", '{"project_name": "x"}', 3, "PRD.summary: Field required"),
        ("a.prd.json", "[]", 3, "no document"),
        ("a.json", '{"project_name": "x"}', 2, "is not a document of software_company"),
        ("nonsense=a.json", "{}", 2, "has no document 'nonsense'"),
        ("a.json", '{"path": "a/b.py", "content": ""}', 2, "could be SourceFile or TestFile"),
    ],
)
def test_documents_that_are_none(
    capsys: pytest.CaptureFixture[str], name: str, text: str | None, code: int, expected: str
) -> None:
    if text is not None:
        Path(name.rpartition("=")[2]).write_text(text)
    exit_code, report, err = run_json(capsys, "--from", name)
    assert exit_code == code
    assert expected in err
    assert expected in report["problem"]
    assert report["remedy"]


def test_an_old_document_is_refused_with_the_place(capsys: pytest.CaptureFixture[str]) -> None:
    _, report, _ = run_json(capsys, WISH, "--only", "prd")
    path = Path(report["project"]) / "docs" / "prd.json"
    prd = json.loads(path.read_text())
    prd["requirements"][0]["id"] = "first"
    Path("old.prd.json").write_text(json.dumps({**prd, "colour": "red"}))
    code, report, _ = run_json(capsys, "--from", "old.prd.json")
    assert code == 3
    assert "PRD.requirements.0.id" in report["problem"]
    assert "PRD.colour" in report["problem"]
    assert "another version of metaco" in report["remedy"]
