"""`metaco models`, what `doctor` finds on this machine, and a person as a model."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .conftest import CREW, Metaco


class Ollama(BaseHTTPRequestHandler):
    """A server with one model."""

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""

    def do_GET(self) -> None:
        body = json.dumps({"object": "list", "data": [{"id": "qwen2.5:7b"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def nobody() -> Path:
    """No local server runs, whatever runs on this machine."""
    names = ("ollama", "lmstudio", "vllm", "llamacpp")
    tables = [f'[providers.{name}]\nbase_url = "http://127.0.0.1:9/v1"\n' for name in names]
    user_file = Path(os.environ["XDG_CONFIG_HOME"]) / "metaco" / "metaco.toml"
    user_file.parent.mkdir(parents=True)
    user_file.write_text("".join(tables))
    return user_file


@pytest.fixture
def ollama(nobody: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Ollama) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://me:secret@127.0.0.1:{server.server_address[1]}/v1"
        nobody.write_text(nobody.read_text().replace("http://127.0.0.1:9/v1", url, 1))
        yield url
        server.shutdown()
        thread.join()


def test_models_lists_providers_and_never_keys(
    metaco: Metaco, ollama: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPSEEK_API_KEY", "canary-key")
    Path(".env").write_text("GROQ_API_KEY=canary-key\n")
    for words in ((), ("--check",), ("--json",), ("--json", "--check")):
        result = metaco("models", *words)
        assert result.code == 0
        assert "canary" not in result.out + result.err
        assert "secret" not in result.out + result.err
    rows = {row["provider"]: row for row in map(json.loads, result.out.splitlines())}
    assert len(rows) == 17
    assert rows["ollama"]["reachable"] is True
    assert rows["ollama"]["models"] == ["qwen2.5:7b"]
    assert rows["vllm"]["reachable"] is False
    assert rows["deepseek"]["key"] is rows["groq"]["key"] is True
    assert rows["deepseek"]["status"] == "real calls are blocked here"
    assert (rows["mistral"]["key"], rows["mistral"]["reachable"]) == (False, None)
    plain = metaco("models").out
    assert "DEEPSEEK_API_KEY is set" in plain
    assert "MISTRAL_API_KEY is not set" in plain
    assert "1 model" in plain


def test_doctor_offers_a_server_that_runs_here(metaco: Metaco, ollama: str) -> None:
    result = metaco("doctor")
    assert result.code == 0
    assert "it runs here, with qwen2.5:7b" in result.out
    assert "--model ollama:qwen2.5:7b" in result.out
    Path("metaco.toml").write_text('model = "ollama:qwen2.5:7b"\n')
    result = metaco("doctor")
    assert "it runs here" not in result.out
    host = ollama.partition("@")[2].removesuffix("/v1")
    assert f"✓ model       ollama:qwen2.5:7b at {host}, from metaco.toml" in result.out


def test_doctor_looks_at_every_model_of_a_route(metaco: Metaco, nobody: Path) -> None:
    Path("metaco.toml").write_text('model = ["offline", "deepseek:deepseek-chat"]\n')
    result = metaco("doctor")
    assert result.code == 3
    assert "DEEPSEEK_API_KEY" in result.out
    assert "it runs here" not in result.out


def test_a_person_needs_a_terminal(metaco: Metaco) -> None:
    result = metaco("a page", "--sop", CREW, "--model", "human")
    assert result.code == 3
    assert "requires a terminal" in result.err


def test_a_route_on_the_command_line(metaco: Metaco) -> None:
    result = metaco("a page", "--sop", CREW, "--model", "offline,offline:one-bug", "--json")
    assert result.code == 0
    first = json.loads(result.out.splitlines()[0])
    assert set(first["body"]["models"].values()) == {"offline,offline:one-bug"}
    assert metaco("resume", first["run"]).code == 0
