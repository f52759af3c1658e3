"""The trial of a model, over real sockets: endpoints that can do all, some or nothing of it."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from metaco.cli import main
from metaco.core.errors import ProviderError
from metaco.core.model import Reply, Usage
from metaco.models.capability import CALLS, TOKENS, Capabilities, ProbeResult, probe_model
from metaco.models.openai import OpenAIModel
from metaco.testing import FunctionModel

MARS = '{"name": "Mars", "moons": 2, "colours": ["red"]}'
STORE = "def total(prices: list[int]) -> int:\n    return sum(prices)\n"
REPORT = (
    "from kettle_box.store import total\n\n\ndef report(prices):\n    return str(total(prices))\n"
)
KETTLE = """class KettleStore:
    def pour_out(self, litres: float, *, to_cup: str = "blue") -> int:
        return 1

    def refill(self) -> None:
        return None
"""


def good(prompt: str, form: str) -> str:
    """Answer as a strong model does."""
    if "numbers from 1" in prompt:
        return "\n".join(map(str, range(1, 401)))
    if "two Python files" in prompt:
        first = f"kettle_box/store.py\n```python\n{STORE}```\n"
        return f"{first}\nkettle_box/report.py\n```python\n{REPORT}```\n"
    if "KettleStore" in prompt:
        return f"kettle_box/store.py\n```python\n{KETTLE}```\n"
    if "Python file" in prompt:
        return f"kettle_box/store.py\n```python\n{STORE}```\n"
    return MARS


def weak(prompt: str, form: str) -> str:
    """Answer as a small model does: wordy, under its own names, and not for long."""
    if "numbers from 1" in prompt:
        return "\n".join(map(str, range(1, 40))) + "\n..."
    if "two Python files" in prompt:
        return f"```python\n{STORE}{REPORT}```"
    if "KettleStore" in prompt:
        return f"```python\n{KETTLE.replace('to_cup', 'cup')}```"
    if "Python file" in prompt:
        return f"Sure! Here it is:\n```python\n{STORE}```\nEnjoy."
    return f"Here you go:\n```json\n{MARS[:-1]},}}\n```"


def poor(prompt: str, form: str) -> str:
    return "I love kettles."


class Endpoint(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.says: Callable[[str, str], str] = good
        self.refuses: tuple[str, ...] = ()
        self.status = 200
        self.bodies: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        form = body.get("response_format", {}).get("type", "")
        if self.server.status != 200:
            self.send(self.server.status, {"error": {"message": "no"}})
        elif form in self.server.refuses:
            self.send(400, {"error": {"message": f"response_format {form} is not supported"}})
        else:
            self.server.bodies.append(body)
            text = self.server.says(str(body["messages"]), form)
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
            self.send(200, {"model": "tiny", "choices": [choice], "usage": usage, "id": "1"})

    def send(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def model(endpoint: Endpoint) -> OpenAIModel:
    return OpenAIModel("ollama:tiny", model="tiny", base_url=endpoint.url, api_key="k")


async def test_a_strong_model_can_do_everything(endpoint: Endpoint) -> None:
    reported: list[ProbeResult] = []
    capabilities = await probe_model(model(endpoint), told=reported.append)
    assert reported == capabilities.results
    assert [each.what for each in capabilities.results if each.can is not True] == []
    assert len(capabilities.results) == CALLS == len(endpoint.bodies)
    assert capabilities.tokens == 150 * CALLS
    assert capabilities.usable
    assert capabilities.speed > 0
    assert capabilities.advice() == [
        "It follows the usual prompts; there is nothing to set for it."
    ]


async def test_each_form_is_tried_by_itself(endpoint: Endpoint) -> None:
    await probe_model(model(endpoint))
    forms = [body.get("response_format", {}).get("type") for body in endpoint.bodies]
    assert forms == ["json_schema", "json_object", *[None] * 6]
    assert [len(body["messages"]) for body in endpoint.bodies] == [2] * 6 + [4, 2]


async def test_what_the_endpoint_refuses_is_said_with_the_setting(endpoint: Endpoint) -> None:
    endpoint.refuses = ("json_schema", "json_object")
    capabilities = await probe_model(model(endpoint))
    assert [capabilities.can("JSON by schema"), capabilities.can("JSON mode")] == [False, False]
    assert capabilities.can("JSON in text") is True
    assert capabilities.usable
    advice = " ".join(capabilities.advice())
    assert "[providers.ollama] schema = false" in advice
    assert "[providers.ollama] json = false" in advice
    assert "lean" not in advice


async def test_what_the_endpoint_takes_and_ignores_is_no_form_either(endpoint: Endpoint) -> None:
    endpoint.says = lambda prompt, form: "It is red." if form else good(prompt, form)
    capabilities = await probe_model(model(endpoint))
    assert [capabilities.can("JSON by schema"), capabilities.can("JSON mode")] == [False, False]
    assert capabilities.usable


async def test_a_weak_model_gets_short_prompts(endpoint: Endpoint) -> None:
    endpoint.says = weak
    capabilities = await probe_model(model(endpoint))
    assert capabilities.usable
    bad = [each.what for each in capabilities.results[2:] if each.can is False]
    assert bad == ["several files", "given names", "long replies"]
    assert "39 of 400 lines" in capabilities.results[-1].summary
    assert 'lean = "ollama:tiny"' in " ".join(capabilities.advice())


async def test_a_poor_model_is_not_recommended(endpoint: Endpoint) -> None:
    endpoint.says = poor
    capabilities = await probe_model(model(endpoint))
    assert not capabilities.usable
    assert "choose another model" in capabilities.advice()[-1]


@pytest.mark.parametrize("status", [401, 404])
async def test_a_refusal_of_the_key_or_the_name_ends_it(endpoint: Endpoint, status: int) -> None:
    endpoint.status = status
    with pytest.raises(ProviderError) as caught:
        await probe_model(model(endpoint))
    assert caught.value.status == status


async def test_an_endpoint_with_a_problem_can_do_nothing(endpoint: Endpoint) -> None:
    endpoint.status = 500
    capabilities = await probe_model(model(endpoint))
    assert [each.can for each in capabilities.results] == [False] * CALLS
    assert not capabilities.usable
    assert capabilities.speed == 0


@pytest.mark.parametrize("limit", [0, 1500, 3000, 6000, TOKENS])
async def test_the_limit_of_tokens_is_kept(limit: int) -> None:
    used = 0

    def greedy(request: Any) -> Reply:
        nonlocal used
        used += 150 + request.max_tokens
        return Reply("x " * request.max_tokens, Usage(150, request.max_tokens), "greedy")

    capabilities = await probe_model(FunctionModel(greedy), tokens=limit)
    assert used == capabilities.tokens <= limit + 150
    assert sum(each.can is None for each in capabilities.results) >= (2 if limit == TOKENS else 3)


async def test_the_limit_of_time_is_kept() -> None:
    async def never(request: Any) -> str:
        await asyncio.Event().wait()
        return ""

    capabilities = await probe_model(FunctionModel(never), seconds=0.05)
    summaries = [each.summary for each in capabilities.results if each.can is not None]
    assert summaries == ["no answer within the time"]
    assert capabilities.results[-1].summary.startswith("not tried")


def test_a_slow_model_gets_more_time() -> None:
    capabilities = Capabilities("ollama:big")
    capabilities.results.append(ProbeResult("JSON in text", True, "", 10.0, 50))
    capabilities.results.append(ProbeResult("a file", True, "", 10.0, 50))
    assert capabilities.speed == 5
    assert "3.3 minutes; set timeout" in capabilities.advice()[-1]


# -- the command


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("METACO_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize(("says", "code", "marks"), [(good, 0, 8), (weak, 0, 3), (poor, 4, 0)])
def test_doctor_tries_a_model(
    endpoint: Endpoint,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    says: Callable[[str, str], str],
    code: int,
    marks: int,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
    endpoint.says = says
    assert main(["doctor", "--model", "openai:tiny"]) == code
    output = capsys.readouterr().out
    assert "at most 8 calls, 12,000 tokens and 2 minutes" in output
    assert "1,200 tokens in" in output
    assert output.count("✓") == marks
    assert "→" in output


@pytest.mark.usefixtures("user")
def test_doctor_with_no_model_to_try(
    endpoint: Endpoint, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["doctor", "--model", "offline"]) == 0
    assert "nothing to probe" in capsys.readouterr().out
    assert main(["doctor", "--model", "nobody:x"]) == 3
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.url)
    endpoint.status = 401
    assert main(["doctor", "--model", "openai:tiny"]) == 4
    assert "(401)" in capsys.readouterr().err
