"""Providers by name: where each is, what it can do, and what users add."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from metaco.core.errors import ConfigurationError
from metaco.models import open_model, route
from metaco.models.openai import OpenAIModel
from metaco.models.providers import PROVIDERS, known, provider_of

NAMES = [
    "openai",
    "azure",
    "anthropic",
    "gemini",
    "deepseek",
    "mistral",
    "groq",
    "openrouter",
    "together",
    "xai",
    "qwen",
    "moonshot",
    "zhipu",
    "ollama",
    "lmstudio",
    "vllm",
    "llamacpp",
]
REMOTE = [name for name in NAMES if not PROVIDERS[name].local]
LOCAL = [name for name in NAMES if PROVIDERS[name].local]


def opened(name: str, **more: Any) -> OpenAIModel:
    model = open_model(name, **{"environment": {}, **more})
    assert isinstance(model, OpenAIModel)
    return model


def test_all_are_there() -> None:
    assert list(PROVIDERS) == NAMES
    assert LOCAL == ["ollama", "lmstudio", "vllm", "llamacpp"]


@pytest.mark.parametrize("name", NAMES)
def test_each_has_an_address_that_can_be_used(name: str) -> None:
    provider = PROVIDERS[name]
    url = provider.address({"AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com/"})
    parts = urlsplit(url)
    assert parts.scheme == ("http" if provider.local else "https")
    assert not url.endswith("/")
    assert provider.local == (parts.hostname == "localhost")
    assert provider.local or provider.key_env


@pytest.mark.parametrize("name", [n for n in REMOTE if n != "azure"])
def test_a_model_of_each_is_opened_with_its_own_key_only(name: str) -> None:
    provider = PROVIDERS[name]
    model = opened(
        f"{name}:some/model:free",
        base_url=None if name == "openai" else "http://elsewhere.example/v1",
        api_key=None if name == "openai" else "not-for-others",
        environment={provider.key_env: "its-own"},
    )
    assert (model.name, model.model) == (f"{name}:some/model:free", "some/model:free")
    assert model.base_url == provider.base_url
    assert model._key == "its-own"


@pytest.mark.parametrize("name", LOCAL)
def test_local_ones_need_no_key(name: str) -> None:
    model = opened(f"{name}:qwen2.5:7b")
    assert (model.model, model._key) == ("qwen2.5:7b", "")
    assert model.provider.local


@pytest.mark.parametrize("name", REMOTE)
def test_without_its_key_the_variable_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        opened(f"{name}:m", environment={"AZURE_OPENAI_ENDPOINT": "https://a.example"})
    assert PROVIDERS[name].key_env in caught.value.remedy


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("https://mine.openai.azure.com", "https://mine.openai.azure.com/openai/v1"),
        ("https://mine.openai.azure.com/openai/v1/", "https://mine.openai.azure.com/openai/v1"),
    ],
)
def test_azure_is_where_the_customer_says(endpoint: str, url: str) -> None:
    keys = {"AZURE_OPENAI_ENDPOINT": endpoint, "AZURE_OPENAI_API_KEY": "k"}
    assert opened("azure:my-deployment", environment=keys).base_url == url
    with pytest.raises(ConfigurationError, match="address of azure is not configured") as caught:
        opened("azure:my-deployment", environment={"AZURE_OPENAI_API_KEY": "k"})
    assert "AZURE_OPENAI_ENDPOINT" in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("openai:m", ["schema", "json", "plain"]),
        ("deepseek:m", ["json", "plain"]),
        ("lmstudio:m", ["schema", "plain"]),
        ("anthropic:m", ["plain"]),
    ],
)
def test_what_a_provider_cannot_do_is_not_tried(name: str, forms: list[str]) -> None:
    keys = {provider.key_env: "k" for provider in PROVIDERS.values()}
    assert opened(name, environment=keys).forms == (*["constraints"] * ("schema" in forms), *forms)


def test_an_endpoint_on_this_machine_is_local_whatever_its_name() -> None:
    assert opened("llama3.1:8b", base_url="http://127.0.0.1:9/v1").provider.local
    assert not opened("llama3.1:8b", base_url="http://gpu.example/v1").provider.local


@pytest.mark.parametrize(
    ("name", "hint"), [("deepsek:m", "Did you mean deepseek?"), ("acme:m", "[providers.acme]")]
)
def test_an_unknown_provider_comes_with_a_suggestion(name: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match="unknown provider") as caught:
        opened(name)
    assert hint in caught.value.remedy


def test_the_name_of_a_provider_may_be_that_of_a_model_elsewhere() -> None:
    with pytest.raises(ConfigurationError) as caught:
        opened("mistral:7b", base_url="http://localhost:11434/v1")
    assert "openai:mistral:7b" in caught.value.remedy
    assert opened("openai:mistral:7b", base_url="http://localhost:11434/v1").model == "mistral:7b"


# -- those of users


def test_users_add_and_change_providers() -> None:
    table: dict[str, dict[str, Any]] = {
        "gpu": {"base_url": "http://gpu.example:8000/v1/", "key_env": "GPU_KEY"},
        "Groq": {"requests_per_minute": 30, "parallel": 2},
    }
    providers = known(table)
    assert opened("gpu:a:b", providers=providers, environment={"GPU_KEY": "k"}).model == "a:b"
    assert providers["gpu"].base_url == "http://gpu.example:8000/v1"
    assert providers["groq"].base_url == PROVIDERS["groq"].base_url
    assert providers["groq"].requests_per_minute == 30
    assert PROVIDERS["groq"].parallel is None
    with pytest.raises(ConfigurationError, match="There is no key"):
        opened("gpu:a", providers=providers)


def test_one_of_ones_own_may_do_without_a_key() -> None:
    providers = known({"gpu": {"base_url": "http://gpu.example/v1"}})
    assert opened("gpu:a", providers=providers)._key == ""


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"gpu": {}}, "has no address"),
        ({"gpu": 1}, "is not a table"),
        ({"a b": {"base_url": "http://x/v1"}}, "cannot be called 'a b'"),
        ({"gpu": {"base_url": 7}}, "base_url is 7"),
        ({"groq": {"parallel": 0}}, "parallel is 0"),
        ({"groq": {"parallel": True}}, "parallel is True"),
        ({"groq": {"json": "yes"}}, "json is 'yes'"),
        ({"groq": {"base_ur": "x"}}, "has no option 'base_ur'"),
        ({"groq": {"name": "x"}}, "has no option 'name'"),
        ({"groq": {"api_key": "x"}}, "has no option 'api_key'"),
    ],
)
def test_a_table_with_a_mistake_is_refused(table: Any, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        known(table)
    assert problem in caught.value.problem
    assert caught.value.remedy


def test_a_route_is_a_list_of_names() -> None:
    assert route(" openai:gpt-5, ollama:qwen2.5:7b ,") == ("openai:gpt-5", "ollama:qwen2.5:7b")
    assert route("offline") == ("offline",)
    assert route("") == ()


@pytest.mark.parametrize("name", ["gpt-5", "llama3.1:8b", "meta/llama-3"])
def test_nobody_knows_what_an_endpoint_of_ones_own_charges(name: str) -> None:
    model = open_model(name, base_url="https://models.example/v1", api_key="k", environment={})
    assert model.name == name
    assert provider_of(model).bill == "https://models.example/v1"
