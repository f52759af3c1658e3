"""Dollars for tokens: known, unknown, one's own, and never from the network."""

import socket
import subprocess
import sys

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot

from metaco.core.errors import ConfigurationError
from metaco.core.model import Usage
from metaco.models.prices import estimate, price

MILLION = Usage(1_000_000, 1_000_000)


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2)])
def test_a_token_is_about_four_characters(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-4o-mini-2024-07-18"])
@pytest.mark.parametrize("provider", ["openai", None])
def test_knows_the_price_of_a_model_also_by_its_dated_name(
    model: str, provider: str | None
) -> None:
    assert price(model, provider, MILLION) == pytest.approx(0.15 + 0.60)


def test_cached_tokens_are_cheaper_and_never_more_than_the_prompt() -> None:
    full = price("gpt-4o-mini", "openai", Usage(1_000_000, 0))
    half = price("gpt-4o-mini", "openai", Usage(1_000_000, 0, cached=500_000))
    all_ = price("gpt-4o-mini", "openai", Usage(1_000_000, 0, cached=1_000_000))
    more = price("gpt-4o-mini", "openai", Usage(1_000_000, 0, cached=9_000_000))
    assert full and half and all_
    assert full > half > all_ > 0
    assert more == all_


def test_every_price_is_that_of_the_tables() -> None:
    listed = [(model, each.id) for each in get_snapshot().providers for model in each.models]
    assert len(listed) > 1000
    for model, provider in listed:
        tokens = genai_prices.Usage(
            input_tokens=123_457, output_tokens=7_777, cache_read_tokens=23_451
        )
        try:
            found = genai_prices.calc_price(tokens, model.id, provider_id=provider)
        except LookupError:
            continue
        usage = Usage(123_457, 7_777, 23_451)
        assert price(model.id, provider, usage) == float(found.total_price), (provider, model.id)


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("qwen-of-my-own", "openai"),
        ("gpt-4o-mini", "a-provider-nobody-knows"),
        ("llama3.1:8b", None),
        ("", None),
        ("", "openai"),
    ],
)
def test_an_unknown_price_is_unknown_and_not_zero(model: str, provider: str | None) -> None:
    assert price(model, provider, MILLION) is None


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("offline", None),
        ("offline:one-bug", None),
        ("one-bug", "offline"),
        ("scripted", None),
        ("function", None),
    ],
)
def test_rules_and_doubles_cost_nothing(model: str, provider: str | None) -> None:
    assert price(model, provider, MILLION) == 0.0


@pytest.mark.parametrize("name", ["openai:mine", "openai/mine", "mine"])
def test_an_override_wins(name: str) -> None:
    overrides = {name: {"prompt": 2.0, "reply": 8.0, "cached": 0.5}}
    usage = Usage(prompt=1_000_000, reply=500_000, cached=400_000)
    assert price("mine", "openai", usage, overrides) == pytest.approx(1.2 + 0.2 + 4.0)


def test_an_override_without_a_cached_price_takes_that_of_the_prompt() -> None:
    overrides = {"gpt-4o-mini": {"prompt": 1.0, "reply": 0.0}}
    assert price("gpt-4o-mini", "openai", Usage(1_000_000, 5, 900_000), overrides) == 1.0


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"prompt": 1.0},
        {"prompt": -1.0, "reply": 1.0},
        {"prompt": "much", "reply": 1.0},
        {"prompt": float("nan"), "reply": 1.0},
        {"prompt": 1.0, "reply": 1.0, "input": 2.0},
        7,
    ],
)
def test_an_override_that_is_no_price_is_refused(bad: object) -> None:
    with pytest.raises(ConfigurationError, match="'mine' is not a price"):
        price("mine", None, MILLION, {"mine": bad})  # type: ignore[dict-item]


def test_prices_need_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert price("gpt-4o-mini", "openai", MILLION) is not None
    assert price("never-heard-of", None, MILLION) is None


def test_importing_the_module_does_not_load_the_tables() -> None:
    code = "import sys, metaco.models.prices; sys.exit('genai_prices' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_each_character_of_another_script_is_a_token() -> None:
    assert estimate("一二三abcd") == 4
    assert estimate("日本語" * 100) == 300


def test_local_models_cost_nothing_unless_the_user_says_so() -> None:
    assert price("qwen2.5:7b", "ollama", MILLION, local=True) == 0
    assert price("qwen2.5:7b", "ollama", MILLION) is None
    overrides = {"ollama:qwen": {"prompt": 1, "reply": 2}}
    assert (
        price("qwen2.5:latest", "ollama", MILLION, overrides, asked="ollama:qwen", local=True) == 3
    )
    assert (
        price("qwen2.5:latest", "ollama", MILLION, overrides, asked="ollama:other", local=True) == 0
    )


def test_the_name_that_was_asked_for_helps_where_the_real_one_is_not_known() -> None:
    known = price("gpt-4o-mini", "openai", MILLION)
    assert price("a-deployment", "openai", MILLION, asked="openai:gpt-4o-mini") == known
    assert price("a-deployment", "openai", MILLION, asked="openai:another") is None


def test_a_date_behind_the_name_is_no_other_price() -> None:
    overrides = {"house:small": {"prompt": 1, "reply": 1}, "big": {"prompt": 60, "reply": 60}}
    used = Usage(1_000_000, 0)
    for name, dollars in (("big-2026-01-01", 60), ("big", 60), ("small-0901", 1)):
        assert price(name, None, used, overrides, asked=f"house:{name}", local=True) == dollars
    assert price("bigger", None, used, overrides, asked="house:bigger", local=True) == 0
