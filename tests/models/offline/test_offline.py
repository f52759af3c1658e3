"""The offline model finds the answers that roles bring along."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from metaco.core.errors import ProviderError
from metaco.core.model import Request, Usage
from metaco.models import open_model
from metaco.models.offline import ABOUT, FAULT_MODES, FaultMode, Offline

ROLE = """
from metaco.core.document import Document

class Review(Document):
    findings: list[str]
"""
OFFLINE = """
from offline_role_for_tests import Review

IS_NO_FUNCTION = 1

def review(design: str) -> Review:
    return Review(findings=[design.upper()])

def write(design: str, fault: str) -> str:
    return f"{fault}: {design}"

def anything(**about: object) -> str:
    return ",".join(sorted(about))

def nothing() -> int:
    return 7

def fails(design: str) -> str:
    raise ZeroDivisionError(design)

def _hidden() -> str:
    return "hidden"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package with a role and its offline answers, as users write them."""
    name = "offline_role_for_tests"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text(ROLE)
    (tmp_path / name / "offline.py").write_text(OFFLINE)
    (tmp_path / f"{name}_plain.py").write_text("x = 1\n")
    broken = tmp_path / f"{name}_broken"
    broken.mkdir()
    (broken / "__init__.py").write_text("")
    (broken / "offline.py").write_text("import a_package_nobody_has\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    for module in [m for m in sys.modules if m.startswith(name)]:
        del sys.modules[module]


def ask(home: str, action: str, **about: object) -> Request:
    return Request(
        role="critic", action=action, system="s", prompt="prompt", role_module=home, inputs=about
    )


async def test_a_document_comes_as_json_and_uses_nothing(home: str) -> None:
    reply = await Offline().complete(ask(home, "review", design="a lock"))
    assert json.loads(reply.text) == {"findings": ["A LOCK"]}
    assert reply.model == "offline"
    assert reply.finish == "stop"
    assert reply.usage == Usage(0, 0, 0)  # counted, and none


@pytest.mark.parametrize("fault", FAULT_MODES)
async def test_the_fault_goes_to_functions_that_take_it(home: str, fault: FaultMode) -> None:
    reply = await Offline(fault).complete(ask(home, "write", design="x"))
    assert reply.text == f"{fault}: x"


async def test_a_function_may_take_everything(home: str) -> None:
    reply = await Offline().complete(ask(home, "anything", b=1, a=2))
    assert reply.text == "a,b,fault"


@pytest.mark.parametrize("action", ["unknown", "_hidden", "IS_NO_FUNCTION"])
async def test_an_action_without_an_answer_says_what_to_do(home: str, action: str) -> None:
    with pytest.raises(ProviderError) as caught:
        await Offline().complete(ask(home, action))
    assert caught.value.problem == f"critic.{action} has no offline answer."
    assert "--model" in caught.value.remedy
    assert f"{home}.offline" in caught.value.remedy
    assert caught.value.status == 404  # asking again cannot help


@pytest.mark.parametrize(
    "home_of_nobody", ["", "a_module_nobody_has", "a_package.nobody.has", "__main__"]
)
async def test_a_role_without_offline_answers(home_of_nobody: str) -> None:
    with pytest.raises(ProviderError, match="has no offline answer"):
        await Offline().complete(ask(home_of_nobody, "review"))


async def test_a_role_in_a_single_file_has_none(home: str) -> None:
    with pytest.raises(ProviderError, match="has no offline answer"):
        await Offline().complete(ask(f"{home}_plain", "review"))


async def test_what_an_answer_fails_to_import_is_not_hidden(home: str) -> None:
    with pytest.raises(ModuleNotFoundError, match="a_package_nobody_has"):
        await Offline().complete(ask(f"{home}_broken", "review"))


async def test_a_mistake_in_an_answer_is_not_hidden(home: str) -> None:
    with pytest.raises(ZeroDivisionError):
        await Offline().complete(ask(home, "fails", design="x"))


@pytest.mark.parametrize("about", [{}, {"plan": 1}, {"design": "x", "plan": 1}])
async def test_an_answer_to_another_question(home: str, about: dict[str, object]) -> None:
    with pytest.raises(ProviderError, match="does not accept the inputs of the action") as caught:
        await Offline().complete(ask(home, "review", **about))
    assert caught.value.status == 404


async def test_an_answer_of_the_wrong_type(home: str) -> None:
    with pytest.raises(ProviderError, match="is a int"):
        await Offline().complete(ask(home, "nothing"))


async def test_others_get_their_turn(home: str) -> None:
    turns: list[str] = []

    async def work(name: str) -> None:
        for _ in range(3):
            await Offline().complete(ask(home, "review", design="x"))
            turns.append(name)

    await asyncio.gather(work("a"), work("b"))
    assert turns == ["a", "b"] * 3


@pytest.mark.parametrize("name", ["offline", "offline:one-bug", "offline:never-fixes"])
def test_is_opened_by_name(name: str) -> None:
    model = open_model(name)
    assert isinstance(model, Offline)
    assert model.name == name


def test_says_honestly_what_it_is() -> None:
    assert "no AI model was involved" in ABOUT
    assert "--model" in ABOUT
