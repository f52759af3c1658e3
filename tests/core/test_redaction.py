"""Keys of a user stay with the user: canaries in every place a key can come from, looked for in
everything that is printed or written."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaco.cli import main
from metaco.cli.command import COMMANDS
from metaco.company import Company
from metaco.core.redaction import redact, register_secret, strip_userinfo
from metaco.models.openai import OpenAIModel
from metaco.run.options import Retry
from metaco.settings import Settings

KEY = "canary7f3a-key-0123456789"
PASSWORD = "canary7f3a-pass"
CANARY = "canary7f3a"
BASIC = b64encode(f"me:{PASSWORD}".encode()).decode()

ROLE = '''
from metaco import Document, Requirement, Role, action
from metaco.settings import Settings


class Idea(Document):
    text: str

    def artifacts(self):
        return {"docs/idea.md": self.text + "\\n"}

    def project(self):
        return "idea"


class Thinker(Role):
    """Has ideas."""

    @action
    async def think(self, requirement: Requirement) -> Idea:
        """Have one."""
        if "crash" in requirement.text:
            settings = Settings.load()
            raise RuntimeError(f"key {settings.api_key!r} at {settings.base_url} {settings}")
        return await self.ask(Idea, requirement=requirement)
'''
SOP = "name: thinking\nabout: An idea.\nsteps:\n  - thinkers:Thinker.think\n"


class Handler(BaseHTTPRequestHandler):
    """Answers, or refuses and repeats all that it was sent."""

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body = self.server.answer(dict(self.headers.items()))  # type: ignore[attr-defined]
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def says(_: dict[str, str]) -> tuple[int, Any]:
    message = {"role": "assistant", "content": '{"text": "a clock"}'}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return 200, {"id": "1", "object": "chat.completion", "model": "tiny", "choices": [choice]}


def echoes(status: int) -> Callable[[dict[str, str]], tuple[int, Any]]:
    def answer(headers: dict[str, str]) -> tuple[int, Any]:
        message = f"Not with {headers}, nor with {headers.get('Authorization', '')[7:]}!"
        return status, {"error": {"message": f"{'-' * 60} {message} {message}", "code": message}}

    return answer


class Server(ThreadingHTTPServer):
    daemon_threads = True
    answer: Callable[[dict[str, str]], tuple[int, Any]] = staticmethod(says)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as one:
        thread = threading.Thread(target=one.serve_forever, args=(0.01,))
        thread.start()
        yield one
        one.shutdown()
        thread.join()


class World:
    """A user's folder, and everything that was printed and written there."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], port: int) -> None:
        self.folder, self.capsys, self.port = folder, capsys, port
        self.url = f"http://me:{PASSWORD}@127.0.0.1:{port}/v1"
        self.output = ""

    def __call__(self, *words: str) -> int:
        code = main(words)
        read = self.capsys.readouterr()
        self.output += read.out + read.err
        return code

    def tell_everything(self) -> None:
        """Call every command that tells something about runs or settings."""
        for words in (
            ["show", "--prompts"],
            ["show", "--prompts", "--json"],
            ["show", "-vv"],
            ["export"],
            ["cost", "--json"],
            ["runs", "--json"],
            ["rebuild"],
            ["doctor", "-vv"],
            *([["models"], ["models", "-v"]] if "models" in COMMANDS else []),
        ):
            assert self(*words) in (0, 3, 4), words

    def leaks(self) -> list[str]:
        """Return where a canary is, other than where the user put it."""
        leaks = ["output"] if CANARY in self.output or BASIC in self.output else []
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.name not in ("metaco.toml", ".env"):
                raw = path.read_bytes()
                if CANARY.encode() in raw or BASIC.encode() in raw:
                    leaks.append(str(path.relative_to(self.folder)))
        return leaks


def in_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", world.url)


def with_a_line_break(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METACO_API_KEY", f" {KEY}\n")
    monkeypatch.setenv("METACO_BASE_URL", world.url)


def trust() -> None:
    assert main(["trust", "--yes"]) == 0


def in_toml(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("metaco.toml").write_text(f'api_key = "{KEY}"\nbase_url = "{world.url}"\n')
    trust()


def in_dotenv(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text(f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL={world.url}\n")
    trust()


def at_a_provider(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text(f"DEEPSEEK_API_KEY={KEY}\n")
    text = f'model = "deepseek:tiny"\n[providers.deepseek]\nbase_url = "{world.url}"\n'
    Path("metaco.toml").write_text(text)
    monkeypatch.setenv("METACO_MODEL", "deepseek:tiny")
    trust()


SOURCES = [in_environment, with_a_line_break, in_toml, in_dotenv, at_a_provider]


@pytest.fixture
def world(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    server: Server,
) -> World:
    for name in list(os.environ):
        if name.startswith(("METACO_", "OPENAI_", "DEEPSEEK_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("METACO_MODEL", "openai:gpt-5-mini")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / ".data"))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    (tmp_path / "thinkers.py").write_text(ROLE)
    (tmp_path / "thinking.yaml").write_text(SOP)
    monkeypatch.chdir(tmp_path)
    return World(tmp_path, capsys, server.server_address[1])


@pytest.fixture(params=SOURCES, ids=lambda source: source.__name__)
def source(
    request: pytest.FixtureRequest, world: World, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    request.param(world, monkeypatch)
    yield
    sys.modules.pop("thinkers", None)


RUN = ["run", "an idea", "--sop", "thinking.yaml"]


@pytest.mark.usefixtures("source")
def test_a_run_that_works_writes_no_key(world: World) -> None:
    assert world(*RUN, "--json", "-vv") == 0
    assert world(*RUN, "--json") == 0
    assert world(*RUN, "-v") == 0
    world.tell_everything()
    assert (world.folder / "workspace" / "idea" / "docs" / "idea.md").read_text() == "a clock\n"
    assert (world.folder / "workspace" / "metaco.db").stat().st_size > 0
    assert world.leaks() == []


@pytest.mark.usefixtures("source")
async def test_a_recording_holds_no_key(world: World, server: Server) -> None:
    answers = [echoes(429), says]
    server.answer = lambda headers: answers.pop(0)(headers)
    company = Company("thinking.yaml", record=world.folder / "kept", retry=Retry(2, 0.0))
    assert (await company.run("an idea")).ok
    kept = [path.read_text() for path in (world.folder / "kept").rglob("*") if path.is_file()]
    assert any("a clock" in text for text in kept)
    assert f"127.0.0.1:{world.port}" not in "".join(kept)
    assert world.leaks() == []


@pytest.mark.usefixtures("source")
def test_a_refusal_that_repeats_the_key_is_shown_without_it(world: World, server: Server) -> None:
    for status in (401, 400):
        server.answer = echoes(status)
        assert world(*RUN, "--json", "-vv") == 4
        assert world(*RUN, "-v") == 4
        assert f"({status})" in world.output
        world.tell_everything()
    assert world.leaks() == []


@pytest.mark.usefixtures("source")
def test_a_reply_that_repeats_the_key_is_kept_without_it(world: World, server: Server) -> None:
    def repeats(headers: dict[str, str]) -> tuple[int, Any]:
        status, body = says(headers)
        choice = body["choices"][0]
        choice["message"]["content"] = json.dumps({"text": f"sk-1234567890 {headers}"})
        body["model"] = choice["finish_reason"] = f"tiny {headers.get('Authorization')}"
        return status, body

    server.answer = repeats
    assert world(*RUN, "--json", "-vv", "--record", "kept") == 0
    assert world(*RUN, "--replay", "kept") == 0
    world.tell_everything()
    idea = (world.folder / "workspace" / "idea" / "docs" / "idea.md").read_text()
    assert "sk-1234567890" in idea and "***" in idea  # what is not ours stays
    assert world.leaks() == []


@pytest.mark.usefixtures("source")
def test_nobody_there_and_errors_in_roles(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world("run", "crash", "--sop", "thinking.yaml", "-vv") != 0
    assert world("run", "crash", "--sop", "thinking.yaml", "--json", "-v") != 0
    assert "RuntimeError" in world.output
    world.tell_everything()
    assert "Traceback" in world.output

    class Silent(OpenAIModel):
        async def _send(self, arguments: dict[str, Any], *_: Any) -> Any:
            raise ValueError(f"{self._key} {self.base_url} {arguments}")

    monkeypatch.setattr("metaco.models.openai.OpenAIModel", Silent)
    assert world(*RUN, "-vv") != 0
    world.tell_everything()
    assert world.leaks() == []


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize("status", [200, 401, 500])
def test_a_server_that_is_asked_for_its_models(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("METACO_MODEL", f"{os.environ['METACO_MODEL'].partition(':')[0]}:*")
    server.answer = echoes(status)
    assert world(*RUN, "-vv") == 3
    assert "was asked which models it runs" in world.output
    assert world("doctor", "-vv") == 3
    assert world.leaks() == []


def test_a_refused_connection(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = World(world.folder, world.capsys, free.getsockname()[1])
        in_environment(nobody, monkeypatch)
        assert nobody(*RUN, "-vv", "--minutes", "0.01") in (4, 5)
        nobody.tell_everything()
    assert nobody.leaks() == []


@pytest.mark.parametrize("broken", [f"{KEY}\nX", f"{KEY}é", f"{KEY}\x00"])
def test_a_key_that_cannot_be_sent(world: World, broken: str) -> None:
    Path("metaco.toml").write_text(f"api_key = {json.dumps(broken)}\nbase_url = '{world.url}'\n")
    trust()
    assert world(*RUN, "-vv", "--json") == 3
    assert "characters that are invalid in a key" in world.output
    assert world("doctor") == 3
    assert world.leaks() == []


@pytest.mark.parametrize(
    "text",
    [
        f'api_key = ["{KEY}"]',
        f'api_key = "{KEY}',
        f'keys = "{KEY}"',
        f'base_url = ["http://me:{KEY}@x"]',
        f'base_url = "http:/me:{KEY}@x"',
        f'base_url = "me:{KEY}@x:8000/v1"',
    ],
)
def test_settings_that_cannot_be_used(world: World, text: str) -> None:
    Path("metaco.toml").write_text(f"{text}\n")
    assert world(*RUN, "--json", "-v") == 3
    assert world("doctor", "-v") == 3
    assert world.leaks() == []


def test_an_internal_error_is_kept_without_the_key(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_environment(world, monkeypatch)

    async def fail(self: Company, *_: object, **__: object) -> None:
        raise KeyError(f"{self.settings} {KEY} http://me:{PASSWORD}@host Bearer {KEY}")

    monkeypatch.setattr(Company, "run", fail)
    assert world(*RUN) == 7
    assert world(*RUN, "-v") == 7
    (kept,) = (world.folder / "tmp").glob("metaco-error-*.txt")
    assert "KeyError" in kept.read_text()
    assert world.leaks() == []


def test_what_the_user_wrote_stays(world: World, server: Server) -> None:
    Path("metaco.toml").write_text(f'api_key = "{KEY}"\nbase_url = "{world.url}"\n')
    trust()
    text = "a mask for keys as sk-1234567890abcdef and http://me:word@host"
    assert world("run", text, "--sop", "thinking.yaml", "--json", "-vv") == 0
    assert world("show", "--prompts", "--json") == 0
    assert world.output.count("sk-1234567890abcdef and http://me:word@host") > 2
    assert world.leaks() == []


# -- the redaction itself


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at http://me:pa@ss1@host/v1.", "at http://host/v1."),
        ("at http://me@host/v1 and https://you:x@other", "at http://host/v1 and https://other"),
        ("mail me@host, see http://host/@me", "mail me@host, see http://host/@me"),
        ("Bearer abcdef123456", "Bearer ***"),
        ("'authorization': 'Basic bWU6cGFzcw=='", "'authorization': 'Basic ***'"),
        ("sk-proj-abcd****wxyz is wrong", "sk-*** is wrong"),
        ("a basic idea about task-lists", "a basic idea about task-lists"),
        ("gsk_1234567890", "gsk_***"),
        ("", ""),
    ],
)
def test_what_looks_like_a_key_is_hidden(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_what_is_kept_is_hidden_in_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    register_secret("odd'key\\1234567", "short", "http://me:pass%20word1@host")
    assert "1234567" not in redact(repr("x odd'key\\1234567 y"))
    assert redact("pass word1 or pass%20word1") == "*** or ***"
    assert redact("it is short") == "it is short"
    monkeypatch.setenv("SOME_API_KEY", "value-12345")
    monkeypatch.setenv("SOME_NAME", "value-67890")
    assert redact("value-12345 value-67890") == "*** value-67890"
    assert strip_userinfo("http://a:b@c") == "http://c"


@given(st.text(max_size=60))
def test_redaction_is_stable_and_never_fails(text: str) -> None:
    assert redact(redact(text)) == redact(text)


def test_no_repr_shows_a_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {"api_key": KEY, "base_url": f"http://me:{PASSWORD}@host/v1"}
    settings = Settings.load(given, folder=tmp_path, environment={"DEEPSEEK_API_KEY": KEY})
    model = settings.open("openai:tiny")
    assert CANARY not in f"{settings!r} {settings} {model!r} {vars(type(model))}"
    assert settings.api_key == KEY
