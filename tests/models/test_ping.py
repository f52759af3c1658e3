"""Is a provider there? Over real sockets."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from endpoint import Handler, serving

from metaco.core.errors import ConfigurationError, RealCallBlocked
from metaco.models import open_model
from metaco.models.ping import ping, ping_all
from metaco.models.providers import Provider, known


def lists(monkeypatch: pytest.MonkeyPatch, status: int, body: Any, **headers: str) -> list[str]:
    """Let all endpoints answer so; return the keys they will be shown."""
    keys: list[str] = []

    def get(self: Handler) -> None:
        keys.append(self.headers.get("Authorization", ""))
        self.send(status if self.path == "/v1/models" else 404, body, **headers)

    monkeypatch.setattr(Handler, "do_GET", get, raising=False)
    return keys


MODELS = {"object": "list", "data": [{"id": "a"}, {"id": "b:7b"}]}


async def test_a_list_of_models(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = lists(monkeypatch, 200, MODELS)
    with serving() as server:
        answer = await ping(Provider("one", server.url, "KEY"), {"KEY": "secret"})
    assert (answer.reachable, answer.summary, answer.models) == (True, "2 models", ("a", "b:7b"))
    assert keys == ["Bearer secret"]


@pytest.mark.parametrize(
    ("status", "body", "local", "answered", "summary"),
    [
        (401, {}, False, True, "refuses the key"),
        (404, {}, False, True, "answers with 404"),
        (500, {}, False, False, "answers with 500"),
        (302, {}, False, True, "answers with 302"),
        (200, "hello", False, True, "answers with 200"),
        (200, "hello", True, False, "something else answers there"),
        (404, {}, True, False, "something else answers there"),
        (200, {"data": [1]}, True, False, "something else answers there"),
    ],
)
async def test_other_answers(
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: Any,
    local: bool,
    answered: bool,
    summary: str,
) -> None:
    keys = lists(monkeypatch, status, body, Location="http://127.0.0.1:9/v1/models")
    with serving() as server:
        answer = await ping(Provider("one", server.url, local=local), {})
    assert (answer.reachable, answer.summary) == (answered, summary)
    assert len(keys) == 1  # a redirect is not followed


async def test_nobody_there_and_nobody_answering() -> None:
    with serving(listening=False) as nobody, socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        answers = await ping_all([Provider("a", nobody.url), Provider("b", url)], {}, 0.1)
    assert [(each.reachable, each.summary) for each in answers.values()] == [
        (False, "cannot be reached"),
        (False, "no answer within 0.1 s"),
    ]


async def test_who_is_not_asked() -> None:
    """Real calls are blocked in tests, and nobody knows where an Azure is."""
    far = await ping(Provider("a", "http://nobody.invalid/v1"), {})
    assert (far.reachable, far.summary) == (None, "real calls are blocked here")
    azure = await ping(Provider("azure", url_env="AZURE_OPENAI_ENDPOINT"), {})
    assert (azure.reachable, azure.summary) == (None, "AZURE_OPENAI_ENDPOINT is not set")
    wrong = await ping(Provider("a", "http://127.0.0.1:no/v1"), {})
    assert wrong.reachable is False


# -- what an endpoint runs


@pytest.mark.parametrize(
    ("name", "models", "opened"),
    [
        ("openai:*", ["tiny"], "openai:tiny"),
        ("openai:*", ["a/b:7b", "other"], "openai:a/b:7b"),
        ("openai:*", ["other", "gpt-5-mini"], "openai:gpt-5-mini"),
        ("near:*", ["tiny"], "near:tiny"),
    ],
)
def test_a_star_is_what_the_endpoint_runs(name: str, models: list[str], opened: str) -> None:
    with serving() as endpoint:
        endpoint.models = models
        model = open_model(
            name,
            base_url=endpoint.url,
            api_key="k",
            providers=known({"near": {"base_url": endpoint.url}}),
        )
        assert (model.name, getattr(model, "model", "")) == (opened, opened.partition(":")[2])
        assert endpoint.seen == [("/v1/models", "Bearer k" if name == "openai:*" else "")]


def test_an_endpoint_that_does_not_say_what_it_runs() -> None:
    with serving() as endpoint:
        endpoint.models = []
        for url, why in ((endpoint.url, "it names none"), (endpoint.url[:-3], "with 404")):
            with pytest.raises(ConfigurationError, match=why) as caught:
                open_model("openai:*", base_url=url)
            assert "--model" in caught.value.remedy
    with pytest.raises(ConfigurationError, match="cannot be reached"):
        open_model("openai:*", base_url=endpoint.url)


def test_no_real_endpoint_is_asked_in_tests() -> None:
    with pytest.raises(RealCallBlocked):
        open_model("openai:*", base_url="http://models.example/v1")
