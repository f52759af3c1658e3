"""The company under test, single actions, and the fixtures, as users have them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from metaco import Document, ProviderError, ReplyError, Requirement, Role, action
from metaco.core.errors import ConfigurationError
from metaco.recording import RecordedCall, Recording
from metaco.roles.architect import Architect
from metaco.roles.documents import PRD
from metaco.roles.engineer import Engineer
from metaco.roles.product_manager import ProductManager
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step
from metaco.testing import FunctionModel, Scripted, Team, act, company_under_test


class Idea(Document):
    text: str


class Poem(Document):
    """A few lines."""

    text: str
    topic: str = ""

    @property
    def key(self) -> str:
        return self.topic

    def project(self) -> str:
        return "poems"

    def artifacts(self) -> dict[str, str]:
        return {f"{self.topic or 'poem'}.txt": self.text}


class LongPoem(Poem):
    pass


class Poet(Role):
    """Writes poems."""

    @action
    async def write(self, idea: Idea) -> list[Poem | LongPoem]:
        """Write a short poem and a long one."""
        short = await self.ask(str, idea=idea, kind="short")
        long = await self.ask(str, idea=idea, kind="long")
        return [Poem(text=short, topic="short"), LongPoem(text=long, topic="long")]

    @action
    async def mend(self, poem: Poem) -> Poem:
        """Make it longer than four letters."""
        better = await self.ask(Poem, check=lambda p: ["too short"] * (len(p.text) < 5), poem=poem)
        return better.model_copy(update={"topic": str(self.context.previous or "")})


def poetry() -> SOP:
    return SOP("poetry", [Step(Poet, "write", role_name="poet")], input=Idea)


async def test_a_few_lines_are_enough() -> None:
    async with company_under_test(poetry(), model=Scripted(["ab", "abcd"])) as team:
        result = await team.run("spring")
        assert result.ok
        assert team.published(Poem, "short").text == "ab"
        assert team.published("LongPoem").text == "abcd"
        assert [poem.topic for poem in team.documents(Poem)] == ["short", "long"]
        assert team.documents("Delivery") == []
        assert len(team.asked("poet.write")) == 2
        assert "spring" in team.prompts()[0]
        assert [call.text for call in team.asked()] == ["ab", "abcd"]
        assert team.file("short.txt") == "ab"
        folder = team.company.root
    assert not folder.exists()


@pytest.mark.parametrize(
    ("look", "parts"),
    [
        (lambda team: team.published("Prose"), ["No Prose", "Poem short", "LongPoem long"]),
        (lambda team: team.published(Poem, "odd"), ["No Poem odd was published", "'done'"]),
        (lambda team: team.asked("poet.sing"), ["asked for poet.sing", "poet.write (2 times)"]),
        (lambda team: team.prompts("poet.write", "x"), ["asked for poet.write x"]),
        (lambda team: team.file("odd.txt"), ["no file odd.txt", "long.txt; short.txt"]),
    ],
)
async def test_what_was_there_instead_is_said(look: Any, parts: list[str]) -> None:
    async with company_under_test(poetry(), model=Scripted({"*": "a"})) as team:
        with pytest.raises(AssertionError, match="Nothing was run yet"):
            look(team)
        await team.run("spring")
        with pytest.raises(AssertionError) as caught:
            look(team)
    for part in parts:
        assert part in str(caught.value)


async def test_a_failure_is_said_and_can_be_mended() -> None:
    script = Scripted(["ab", ProviderError("The line is dead.", "Call again.", status=402), "cd"])
    async with company_under_test(poetry(), model=script) as team:
        with pytest.raises(AssertionError, match="Nothing was run"):
            await team.resume()
        result = await team.run("spring")
        assert result.status == "failed"
        with pytest.raises(AssertionError) as caught:
            team.published(Poem)
        assert "Published were: nothing." in str(caught.value)
        assert "'failed'" in str(caught.value)
        assert "Failed: poet.write: The line is dead. Call again." in str(caught.value)
        assert [call.text for call in team.asked()] == ["ab", ""]
        await team.resume()
        assert team.published(Poem).text == "cd"


async def test_nobody_waits_for_a_provider_that_fails_at_first() -> None:
    script = Scripted([ProviderError("busy", status=503), "ab", "cd"])
    async with company_under_test(poetry(), model=script) as team:
        assert (await team.run("spring")).ok


async def test_what_is_configured_plays_no_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("METACO_MODEL", "no such model")
    monkeypatch.setenv("METACO_MODEL_POET", "nor:this")
    async with company_under_test("quick", workspace=tmp_path) as team:
        result = await team.run("convert miles to kilometers")
        assert result.ok
        assert "def test" in "".join(d.content for d in team.documents("TestFile"))
    assert (tmp_path / "metaco.db").is_file()


async def test_an_action_alone() -> None:
    model = Scripted([json.dumps({"text": "abc"}), Poem(text="abcdef")])
    findings: list[str] = []
    poem = await act(
        Poet,
        "mend",
        Poem(text="a"),
        model=model,
        notes=["rhyme"],
        previous=[Poem(text="old")],
        findings=findings,
    )
    assert (poem.text, findings) == ("abcdef", [])
    assert "old" in poem.topic
    assert "rhyme" in model.requests[0].prompt
    assert model.requests[1].rejected_replies[0][0] == '{"text": "abc"}'
    assert model.requests[0].role == "test_pytest_plugin"
    stubborn = Scripted({"*": Poem(text="abc")})
    await act(Poet, "mend", poem=Poem(text="a"), model=stubborn, findings=findings)
    assert findings == ["too short"]


async def test_an_action_of_the_software_company_alone() -> None:
    requirement = Requirement(text="a word counter")
    prd = await act(ProductManager, "write_prd", requirement, model="offline")
    assert isinstance(prd, PRD)
    design = await act(Architect, "write_design", prd, model="offline")
    assert design.files
    with pytest.raises(ReplyError):
        await act(ProductManager, "write_prd", requirement, model=Scripted({"*": "no JSON"}))
    with pytest.raises(ConfigurationError, match="write_file, fix_files"):
        await act(Engineer, "write_files", model=Scripted())


# ---------------------------------------------------------------------- the fixtures


async def test_the_fixture_gives_a_team_with_a_workspace(company: Any, tmp_path: Path) -> None:
    async with company(poetry(), model=FunctionModel(lambda _: "ab")) as team:
        assert isinstance(team, Team)
        await team.run("spring")
    assert (tmp_path / "workspace" / "poems" / "long.txt").read_text() == "ab"


SUITE = '''
import os
import pytest
from metaco import Document, Role, action
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step

class Idea(Document):
    text: str

class Poem(Document):
    text: str

class Poet(Role):
    """Writes poems."""

    @action
    async def write(self, idea: Idea) -> Poem:
        """Write a poem."""
        return await self.ask(Poem, idea=idea)

@pytest.mark.parametrize("topic", ["spring", "rain/snow"])
async def test_poem(company, recording, topic):
    sop = SOP("poetry", [Step(Poet, "write", role_name="poet")], input=Idea)
    async with company(sop, model="openai:gpt-5-mini", **recording) as team:
        await team.run(topic + os.environ.get("CHANGED", ""))
        assert team.published(Poem).text == "roses"
'''


class _Poems(BaseHTTPRequestHandler):
    asked = 0

    def do_POST(self) -> None:
        type(self).asked += 1
        self.rfile.read(int(self.headers["content-length"]))
        message = {"role": "assistant", "content": '{"text": "roses"}'}
        body = json.dumps(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": "gpt-5-mini",
                "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
            }
        ).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    _Poems.asked = 0
    server = HTTPServer(("127.0.0.1", 0), _Poems)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_suite_records_once_and_replays_without_key_and_network(
    tmp_path: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test_poems.py").write_text(SUITE)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789")
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint)
    old = Recording(tmp_path / "recordings" / "test_poems" / "test_poem-spring")
    old.put(RecordedCall("01-poet.sing", "poet", "sing", "", "", "old", text="old"))
    code, output = _pytest(tmp_path, "--metaco-record")  # makes it anew
    assert code == 0, output
    assert _Poems.asked == 2
    assert not (old.path / "01-poet.sing.md").exists()
    places = sorted(
        str(path.parent.relative_to(tmp_path)) for path in tmp_path.glob("rec*/**/01-poet.write.md")
    )
    assert places == [f"recordings/test_poems/test_poem-{n}" for n in ("rain-snow", "spring")]
    pages = "".join(p.read_text() for p in (tmp_path / "recordings").rglob("*.md"))
    assert "roses" in pages
    assert "canary" not in pages
    assert "127.0.0.1" not in pages

    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    code, output = _pytest(tmp_path)
    assert code == 0, output
    monkeypatch.setenv("CHANGED", " and more")
    code, output = _pytest(tmp_path)
    assert code == 1
    assert "spring and more" in output
    assert "closest is 01-poet.write" in output
    assert _Poems.asked == 2


def _pytest(folder: Path, *options: str) -> tuple[int, str]:
    from importlib.metadata import entry_points

    installed = any(e.value == "metaco.pytest_plugin" for e in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "metaco.pytest_plugin"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-o", "asyncio_mode=auto", *plugin, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return done.returncode, done.stdout + done.stderr
