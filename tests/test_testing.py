"""The doubles that metaco gives its users, and the plugin that blocks real calls."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from metaco.core.document import Document
from metaco.core.errors import ProviderError, RealCallBlocked
from metaco.core.model import Model, Reply, Request, Usage
from metaco.models import guard
from metaco.models.prices import estimate
from metaco.testing import FunctionModel, Scripted, allow_real_calls, block_real_calls

URL = "https://api.openai.com/v1"


class Task(Document):
    path: str

    @property
    def key(self) -> str:
        return self.path


def ask(action: str = "review", role: str = "critic", path: str = "") -> Request:
    about = {"task": Task(path=path)} if path else {}
    return Request(role=role, action=action, system="s", prompt="p", inputs=about)


async def texts(model: Model, *requests: Request) -> list[str]:
    return [(await model.complete(request)).text for request in requests]


async def test_a_list_is_taken_in_order() -> None:
    model = Scripted(["a", Task(path="x.py"), Reply("c", None, "mine", "length")])
    assert await texts(model, ask(), ask("write")) == ["a", '{"path":"x.py"}']
    assert await model.complete(ask()) == Reply("c", None, "mine", "length")
    assert [request.action for request in model.requests] == ["review", "write", "review"]


async def test_usage_is_an_estimate() -> None:
    reply = await Scripted(["abcdefgh"]).complete(ask())
    assert reply == Reply("abcdefgh", Usage(estimate(ask().text), 2), "scripted")


async def test_a_mapping_goes_from_the_document_to_the_action_to_anyone() -> None:
    model = Scripted(
        {
            "critic.review:a.py": ["first of a", "second of a"],
            "critic.review": "any review",
            "*": "anything",
        }
    )
    asked = [ask(path=p) for p in ("a.py", "b.py", "a.py", "a.py")]
    assert await texts(model, *asked, ask("write"), ask()) == [
        "first of a",
        "any review",
        "second of a",
        "any review",
        "anything",
        "any review",
    ]


async def test_exceptions_are_raised_and_the_script_goes_on() -> None:
    model = Scripted([ProviderError("busy", status=429), "ok"])
    with pytest.raises(ProviderError, match="busy"):
        await model.complete(ask())
    assert await texts(model, ask()) == ["ok"]
    assert len(model.requests) == 2


@pytest.mark.parametrize("script", [[], {}, {"critic.review": []}, {"other.review": "x"}])
async def test_a_script_that_is_over_says_for_whom(script: dict[str, str]) -> None:
    model = Scripted(script)
    with pytest.raises(ProviderError) as caught:
        await model.complete(ask(path="a.py"))
    assert "critic.review" in caught.value.problem
    assert "a.py" in caught.value.problem
    assert caught.value.status == 404  # nobody waits and asks again
    assert len(model.requests) == 1


@pytest.mark.parametrize("single", ["one text", Task(path="x")])
def test_a_single_reply_is_a_mistake(single: object) -> None:
    with pytest.raises(TypeError, match="not a single reply"):
        Scripted(single)  # type: ignore[arg-type]


async def test_a_reply_of_another_type_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="answered with int"):
        await Scripted([7]).complete(ask())  # type: ignore[list-item]


async def test_a_function_is_a_model_plain_or_async() -> None:
    async def later(request: Request) -> Task:
        return Task(path=f"{request.action}.py")

    plain = FunctionModel(lambda request: f"{request.role}!")
    assert await texts(plain, ask(), ask(role="author")) == ["critic!", "author!"]
    assert len(plain.requests) == 2
    assert await texts(FunctionModel(later), ask()) == ['{"path":"review.py"}']
    assert await FunctionModel(lambda _: Reply("x")).complete(ask()) == Reply("x")
    assert (plain.name, FunctionModel(later).name) == ("function", "function")


async def test_what_a_function_raises_is_raised() -> None:
    def fail(_: Request) -> str:
        raise ProviderError("down", status=503)

    with pytest.raises(ProviderError, match="down"):
        await FunctionModel(fail).complete(ask())


def blocked(url: str = URL) -> bool:
    try:
        guard.check("a model", url)
    except RealCallBlocked:
        return True
    return False


@pytest.fixture
def switch() -> Iterator[None]:
    """Turn the switch back, whatever a test leaves it at."""
    with block_real_calls():
        yield


def test_the_switch_is_turned_for_a_block_or_for_good(switch: None) -> None:
    assert blocked()
    with allow_real_calls():
        assert not blocked()
        with block_real_calls():
            assert blocked()
        assert not blocked()
    assert blocked()
    allow_real_calls()
    assert not blocked()
    with pytest.raises(ZeroDivisionError), block_real_calls():
        raise ZeroDivisionError
    assert not blocked()


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:11434/v1", True),
        ("http://LOCALHOST/v1", True),
        ("http://127.0.0.1:8000/v1", True),
        ("http://127.8.8.8/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://box.localhost/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://192.168.0.7:8000/v1", False),
        ("http://localhost.example.com/v1", False),
        ("http://127.0.0.1.example.com/v1", False),
        ("http://127.0.0.1@example.com/v1", False),
        ("http://[2001:db8::1]/v1", False),
        ("", False),
    ],
)
def test_this_machine_is_told_from_others(url: str, here: bool, switch: None) -> None:
    assert guard.is_loopback(url) is here
    assert blocked(url) is not here


SUITE = """
import pytest
from metaco.core.errors import RealCallBlocked
from metaco.core.model import Request
from metaco.models import open_model

ASK = Request(role="r", action="a", system="", prompt="p")

def call():
    import asyncio
    model = open_model("gpt-5-mini", api_key="k", base_url="https://api.openai.com/v1")
    asyncio.run(model.complete(ASK))

def test_blocked():
    with pytest.raises(RealCallBlocked):
        call()

def test_allowed_for_a_suite_and_blocked_for_a_test(no_real_calls):
    with pytest.raises(RealCallBlocked):
        call()

def test_scripted(scripted):
    import asyncio
    model = scripted({"r.a": "hello"})
    assert asyncio.run(model.complete(ASK)).text == "hello"
    assert model.requests == [ASK]
"""


@pytest.mark.parametrize("allow", ["", "from metaco.testing import allow_real_calls\n"])
def test_the_plugin_blocks_real_calls_in_the_suites_of_users(tmp_path: Path, allow: str) -> None:
    (tmp_path / "test_theirs.py").write_text(SUITE)
    tests = "test_theirs.py"
    if allow:
        (tmp_path / "conftest.py").write_text(f"{allow}allow_real_calls()\n")
        tests += "::test_allowed_for_a_suite_and_blocked_for_a_test"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *_plugin(), tests],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _plugin() -> list[str]:
    """Name the plugin where metaco was not installed with it, as in a checkout."""
    from importlib.metadata import entry_points

    installed = any(e.value == "metaco.pytest_plugin" for e in entry_points(group="pytest11"))
    return [] if installed else ["-p", "metaco.pytest_plugin"]


@pytest.mark.parametrize("module", ["metaco.pytest_plugin", "metaco.testing", "metaco.models"])
def test_nothing_heavy_is_imported_before_it_is_needed(module: str) -> None:
    heavy = ["openai", "genai_prices", "jinja2", "rich", "mermaid", "json_repair"]
    heavy += ["pydantic"] if module == "metaco.pytest_plugin" else []
    heavy += [] if module == "metaco.pytest_plugin" else ["pytest"]
    code = f"import sys, {module}; print(*set({heavy}) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
