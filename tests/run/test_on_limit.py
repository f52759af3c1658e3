"""A line that still runs when a limit is hit, from a part of the limits that is kept for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from metaco import Company, Document, Limits, Requirement, Role, SOPError, action
from metaco.core.model import Reply, Request, Usage
from metaco.run.entries import LimitHit
from metaco.run.result import Result
from metaco.run.state import State
from metaco.settings import Settings
from metaco.sop.procedure import SOP
from metaco.sop.steps import Node, Repeat, Step


class Finding(Document):
    number: int

    @property
    def key(self) -> str:
        return str(self.number)


class Report(Document):
    text: str

    def artifacts(self) -> dict[str, str]:
        return {"report.md": self.text}


class Searcher(Role):
    """Searches."""

    @action
    async def search(self, requirement: Requirement, findings: list[Finding]) -> Finding:
        """Find one more thing."""
        await self.ask(str, requirement=requirement, findings=findings)
        return Finding(number=len(findings))

    @action
    async def report(self, findings: list[Finding], requirement: Requirement) -> Report:
        """Report what was found."""
        await self.ask(str, findings=findings)
        return Report(text=f"{len(findings)} found")


class Model:
    name = "openai:gpt-5-mini"

    def __init__(self, tokens: int = 10) -> None:
        self.asked: list[str] = []
        self.tokens = tokens

    async def complete(self, request: Request) -> Reply:
        self.asked.append(request.action)
        return Reply("ok", Usage(100, self.tokens), "gpt-5-mini")


def company(folder: Path, model: Model, kept: float = 0.1, **limits: Any) -> Company:
    lines: list[Node] = [
        Repeat(30, [Step(Searcher, "search", role_name="searcher")]),
        Step(Searcher, "report", role_name="searcher", on_limit=kept),
    ]
    sop = SOP("search", lines, output=Report)
    return Company(sop, model=model, workspace=folder, settings=Settings(), limits=Limits(**limits))


def texts(result: Result) -> list[str]:
    return [each.text for each in result.documents if isinstance(each, Report)]


async def test_a_line_runs_with_what_is_there_when_a_limit_is_hit(tmp_path: Path) -> None:
    result = await company(tmp_path, model := Model(), calls=10).run("go")
    assert model.asked == ["search"] * 9 + ["report"]
    assert (result.status, result.limit, result.ok) == ("limit", "calls", False)
    assert "The limit of 9 calls is reached; 10% is kept for searcher.report." in result.problem
    assert result.output == Report(text="9 found")
    assert texts(result) == ["9 found"]
    assert result.project
    assert (result.project / "report.md").read_text() == "9 found"


async def test_the_log_alone_says_the_same(tmp_path: Path) -> None:
    team = company(tmp_path, Model(), calls=10)
    result = await team.run("go")
    known = await team.log.read(result.run)
    told = Result.of_log(State(team.sop, result.run, known), known, str(tmp_path))
    assert (told.output, told.documents) == (result.output, result.documents)


async def test_resumed_without_more_nothing_is_paid_again(tmp_path: Path) -> None:
    team = company(tmp_path, model := Model(), calls=10)
    result = await team.run("go")
    again = await team.resume(result.run)
    assert (again.status, again.output) == ("limit", result.output)
    assert len(model.asked) == 10


async def test_with_more_it_goes_on_as_if_it_had_not_run(tmp_path: Path) -> None:
    result = await company(tmp_path, model := Model(), calls=10).run("go")
    more = await company(tmp_path, model, calls=40).resume(result.run)
    assert (more.status, more.output) == ("done", Report(text="30 found"))
    assert model.asked == ["search"] * 9 + ["report"] + ["search"] * 21 + ["report"]
    clean = await company(tmp_path / "clean", Model(), calls=40).run("go")
    assert more.documents == clean.documents


async def test_without_a_limit_it_runs_in_its_place(tmp_path: Path) -> None:
    result = await company(tmp_path, model := Model(), calls=31).run("go")
    assert (result.status, result.output) == ("limit", Report(text="27 found"))
    result = await company(tmp_path, model := Model()).run("go")
    assert (result.status, result.output) == ("done", Report(text="30 found"))
    log = await company(tmp_path, model).log.read(result.run)
    assert not [entry for entry in log if isinstance(entry.fact, LimitHit)]


async def test_what_is_kept_holds_for_dollars_and_tokens_too(tmp_path: Path) -> None:
    limits: list[dict[str, Any]] = [{"cost": 0.2}, {"tokens": 100_000}]
    for limit in limits:
        folder = tmp_path / next(iter(limit))
        result = await company(folder, model := Model(3000), 0.5, **limit).run("go")
        assert result.status == "limit"
        assert model.asked[-1] == "report"
        assert len(texts(result)) == 1
        for name, most in limit.items():
            used = result.cost.total
            assert (used.dollars if name == "cost" else used.tokens) <= most


async def test_where_nothing_is_there_to_report_it_does_not_run(tmp_path: Path) -> None:
    result = await company(tmp_path, model := Model(), calls=1).run("go")
    assert (result.status, result.output, model.asked) == ("limit", None, [])


@pytest.mark.parametrize(
    ("option", "problem"),
    [("5", "on_limit is '5'"), ("0%", "on_limit is '0%'"), ("100%", "on_limit is '100%'")],
)
def test_it_is_written_as_a_percentage(option: str, problem: str) -> None:
    text = f"steps:\n  - product_manager.write_prd: {{on_limit: {option}}}\n"
    with pytest.raises(SOPError, match=problem):
        SOP.parse(text, "p.yaml")
    (step,) = SOP.parse(text.replace(option, "15%"), "p.yaml").steps()
    assert step.on_limit == 0.15


def test_in_a_repeat_it_is_refused() -> None:
    inner = "product_manager.write_prd: {on_limit: 10%}"
    text = f"steps:\n  - repeat:\n      at_most: 2\n      steps:\n        - {inner}\n"
    with pytest.raises(SOPError, match=r"p.yaml:5: .* in a repeat"):
        SOP.parse(text, "p.yaml")
