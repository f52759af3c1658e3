"""The company: everything put together, used as a user would from Python."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from shop import Delivery, Echo, Order, Planner, shop

from metaco import Company, Decision, Entry, Limits, Retry, Settings
from metaco.core.errors import ConfigurationError, ProviderError
from metaco.run.entries import RunStarted
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step

SETTINGS = Settings(model="offline")
ORDER = Order(text="hello world", files=3)


def company(folder: Path, model: Any = None, sop: SOP | None = None, **more: Any) -> Company:
    model = model or Echo()
    return Company(
        sop or shop(), model=model, workspace=folder, settings=SETTINGS, retry=Retry(1, 0), **more
    )


async def test_a_run_and_its_result(tmp_path: Path) -> None:
    seen: list[Entry] = []
    result = await company(tmp_path, observers=[seen.append]).run(ORDER)
    assert result.ok
    assert result.status == "done"
    assert isinstance(result.output, Delivery)
    assert result.output in result.documents
    assert result.project == tmp_path / "hello_world"
    assert (result.project / "f2.txt").read_text() == "<<hello> f2.txt>"
    assert result.cost.total.calls == 6
    assert set(result.cost.by_role) == {"planner", "writer"}
    assert sum(used.tokens for used in result.cost.by_step.values()) == result.cost.total.tokens
    assert (result.failures, result.waiting, result.problem, result.warnings) == ((), (), "", ())
    assert isinstance(seen[0].fact, RunStarted)
    assert seen[0].fact.text == "hello world"


async def test_resume_after_a_failure_a_limit_and_a_change(tmp_path: Path) -> None:
    class Once(Echo):
        refuse = True

        async def complete(self, request: Any) -> Any:
            if self.refuse and "f1" in request.prompt:
                raise ProviderError("no", "Pay first.", status=402)
            return await super().complete(request)

    model = Once()
    first = await company(tmp_path, model).run(ORDER)
    assert first.status == "failed"
    assert not first.ok
    assert [failure.remedy for failure in first.failures] == ["Pay first."]
    model.refuse = False
    limited = await company(tmp_path, model, limits=Limits(calls=5)).resume(first.run)
    assert limited.status == "limit"
    assert "5 calls" in limited.problem
    still = await company(tmp_path, model).resume(first.run)
    assert still.status == "done"  # limits belong to a run as it was started: it had none
    changed = await company(tmp_path, model).resume(
        first.run, change=Order(text="hello moon", files=3)
    )
    assert changed.ok
    assert changed.cost.total.calls == still.cost.total.calls + 1
    assert changed.project == first.project


async def test_gates_hold_in_another_process_too(tmp_path: Path) -> None:
    model = Echo()
    waiting = await company(tmp_path, model, gates=["plan", "deliver"]).run(ORDER)
    assert waiting.status == "waiting"
    assert waiting.waiting == ("planner.plan",)
    again = await company(tmp_path, model).resume(waiting.run)
    assert again.waiting == ("planner.plan",)
    assert model.asked == ["hello"]
    second = await company(tmp_path, model).resume(
        waiting.run, decisions={"planner.plan": Decision("approve")}
    )
    assert second.waiting == ("tester.deliver",)
    with pytest.raises(ConfigurationError, match=r"No document of writer\.write is waiting"):
        await company(tmp_path).resume(waiting.run, decisions={"write": Decision("approve")})
    done = await company(tmp_path, model).resume(
        waiting.run, decisions={"delivery": Decision("stop")}
    )
    assert done.status == "stopped"
    assert done.output is None
    done = await company(tmp_path, model).resume(
        waiting.run, decisions={"delivery": Decision("approve")}
    )
    assert done.ok


async def test_fifty_companies_at_once_share_a_workspace(tmp_path: Path) -> None:
    companies = [company(tmp_path) for _ in range(50)]
    results = await asyncio.gather(*(one.run(ORDER) for one in companies))
    assert all(result.ok for result in results)
    assert len({result.run for result in results}) == 50
    assert len({result.project for result in results}) == 50
    assert len(await companies[0].log.runs()) == 50


async def test_names_of_runs_are_never_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(["a", "a", "a", "b", "b", "c"])
    monkeypatch.setattr("metaco.company.new_run_name", lambda: next(names))
    one = company(tmp_path)
    results = [await one.run(ORDER) for _ in range(3)]
    assert [result.run for result in results] == ["a", "b", "c"]


async def test_one_company_can_have_several_runs_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first that ends does not close the models of the others."""

    class Closing(Echo):
        closed = False

        async def complete(self, request: Any) -> Any:
            assert not self.closed
            return await super().complete(request)

        async def aclose(self) -> None:
            self.closed = True

    opened: list[Closing] = []

    def open_model(name: str, **_: Any) -> Closing:
        opened.append(Closing())
        return opened[-1]

    monkeypatch.setattr("metaco.models.open_model", open_model)
    one = Company(shop(), model="mine", workspace=tmp_path, settings=SETTINGS)
    orders = [Order(text="hello world", files=files) for files in (1, 5, 9)]
    results = await asyncio.gather(*(one.run(order) for order in orders))
    assert all(result.ok for result in results)
    assert all(model.closed for model in opened)
    assert (await one.run(ORDER)).ok


def test_in_loops_of_the_users_own(tmp_path: Path) -> None:
    one = company(tmp_path)
    first = asyncio.run(one.run(ORDER))
    second = asyncio.run(one.resume(first.run))
    third = asyncio.run(company(tmp_path).run(ORDER))
    assert first.ok
    assert second.ok
    assert third.project != first.project


async def test_a_model_per_role(tmp_path: Path) -> None:
    general, writer = Echo(), Echo()
    result = await company(tmp_path, general, models={"writer": writer}).run(ORDER)
    assert result.ok
    assert general.asked == ["hello"]
    assert len(writer.asked) == 5


@pytest.mark.parametrize("given", ["", "  \n", "a text", Delivery(files={}, passed=True)])
async def test_an_input_that_is_none(tmp_path: Path, given: Any) -> None:
    sop = SOP("plan", [Step(Planner, "split")], input=__import__("shop").Plan)
    with pytest.raises(ConfigurationError):
        await company(tmp_path, sop=sop).run(given)
    assert await company(tmp_path).log.runs() == []


async def test_a_text_becomes_the_document_the_sop_starts_from(tmp_path: Path) -> None:
    result = await company(tmp_path).run("  hello world ")
    assert Order(text="hello world") in result.documents


async def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="There is no run 'x'"):
        await company(tmp_path).resume("x")
    with pytest.raises(ConfigurationError, match="No step of shop is called 'y'"):
        company(tmp_path, gates=["y"])
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be made"):
        await company(tmp_path / "file" / "deeper").run(ORDER)
    wrong = Company(shop(), model="no:such", workspace=tmp_path, settings=Settings())
    with pytest.raises(ConfigurationError):
        await wrong.run(ORDER)
    assert await wrong.log.runs() == []
