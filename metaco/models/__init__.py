"""The models that come with metaco, by name.

==========================  =========================================================
``offline``                 rules instead of a model (also ``:one-bug``, ``:never-fixes``)
``openai:gpt-5-mini``       a model of a provider of `metaco.models.providers`; the name of the
                            model may hold colons itself, as ``ollama:qwen2.5:7b``
``openai/gpt-5-mini``       the same
``gpt-5-mini``              a model at OpenAI or at the base URL that is configured
``ollama:*``                what the endpoint runs: it is asked for its models when this is opened
``human``                   a person at the terminal
==========================  =========================================================

Nothing heavy is imported before a model is opened, nor the network touched before it is asked, but
to learn what an endpoint runs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from metaco.core.errors import ConfigurationError
from metaco.models.providers import PROVIDERS, Provider, provider_of, suggestion

if TYPE_CHECKING:
    from metaco.core.model import Model

__all__ = ["RECORDING", "disclosure", "open_model", "route", "unusual_host"]

RECORDING = "recording"
"""What stands before the colon in the name of what answers from a recording that names no model."""


def disclosure(name: str) -> str:
    """Return what a person must know where no model answers under `name`; else nothing."""
    kind, _, recording = name.partition(":")
    if kind == "offline":
        from metaco.models.offline import ABOUT

        return ABOUT
    if kind == RECORDING:
        return f"Made from the recorded replies {recording!r}; no AI model was asked."
    return ""


def route(names: str) -> tuple[str, ...]:
    """Split a route into the names of its models: ``openai:gpt-5,deepseek:deepseek-chat``."""
    return tuple(name.strip() for name in names.split(",") if name.strip())


def unusual_host(model: Model) -> str:
    """Return the host that is asked, where it is not the usual one of the model's provider."""
    url = str(getattr(model, "base_url", ""))
    usual = PROVIDERS.get(provider_of(model).name)
    if not url or (usual and usual.base_url == url):
        return ""
    return urlsplit(url).netloc.rpartition("@")[2]


def open_model(
    name: str,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    timeout: float = 600.0,
    providers: Mapping[str, Provider] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Model:
    """Return the model that `name` stands for.

    Args:
        name: as in the table above. At an endpoint of one's own (`base_url`) everything that does
            not begin with a known provider and a colon is the model's name there.
        base_url: an endpoint of one's own for ``openai:`` and for names without a provider; by
            default ``OPENAI_BASE_URL``, then OpenAI's. Other providers have their own.
        api_key: the key for the same; by default ``OPENAI_API_KEY``. No other provider gets it.
        timeout: seconds that one reply may take.
        providers: all there are; those of `metaco.models.providers` by default.
        environment: where the keys of providers are looked up; the process's by default.

    Raises:
        ConfigurationError: no such model, no key for it, or no terminal for a person.
    """
    name = name.strip()
    if name == "offline" or name.startswith("offline:"):
        return _offline(name)
    if name == "human":
        return _human()

    providers = PROVIDERS if providers is None else providers
    environment = os.environ if environment is None else environment
    base_url = base_url or environment.get("OPENAI_BASE_URL") or None
    provider, model, prefix = _provider_of(name, providers, base_url)
    name = f"{prefix}:{model}" if prefix else name
    is_openai = provider.name == "openai"
    official = provider.address(environment)
    url = (base_url if is_openai else None) or official
    key = (api_key if is_openai else None) or environment.get(provider.key_env, "")
    if not url:
        raise ConfigurationError(
            f"The address of {provider.name} is not configured.",
            f"Set {provider.url_env}, or base_url in [providers.{provider.name}] of metaco.toml.",
        )
    if not key and not provider.local and provider.key_env and url.rstrip("/") == official:
        raise _no_key(name, provider, "" if is_openai else base_url)

    from metaco.models.guard import is_loopback
    from metaco.models.openai import OpenAIModel
    from metaco.models.ping import served

    provider = replace(provider, base_url=url, local=provider.local or is_loopback(url))
    if not prefix and url != official:
        provider = replace(provider, billed_as=url)  # nobody knows what is charged there
    here = partial(OpenAIModel, base_url=url, api_key=key, timeout=timeout, provider=provider)
    opened = here(name, model=model)
    if model == "*":
        model = served(provider, url, key.strip())
        opened = here(f"{provider.name}:{model}", model=model)
    return opened


def _no_key(name: str, provider: Provider, elsewhere: str | None) -> ConfigurationError:
    hint = f" At {elsewhere} it would be called openai:{name}." if elsewhere else ""
    return ConfigurationError(
        f"There is no key for the model {name!r}.",
        f"Set {provider.key_env}, or run without a model: --model offline.{hint}",
    )


def _provider_of(
    name: str, providers: Mapping[str, Provider], base_url: str | None
) -> tuple[Provider, str, str]:
    """Return the provider that a name means, the model's name there, and the prefix, if any."""
    prefix, sign, model = _split(name)
    if sign == "/" and base_url:
        prefix = ""  # endpoints of one's own name models like this, too
    if prefix and prefix not in providers and not base_url:
        raise ConfigurationError(
            f"{name!r} names the unknown provider {prefix!r}.",
            suggestion(prefix, providers),
        )
    if prefix not in providers:
        prefix, model = "", name
    if not model:
        raise ConfigurationError(
            f"{name!r} names no model.", "Name one, as openai:gpt-5-mini or offline."
        )
    return providers[prefix or "openai"], model, prefix


def _split(name: str) -> tuple[str, str, str]:
    """Split ``provider:model`` or ``provider/model``; without a provider it is ("", "", name)."""
    match = re.fullmatch(r"([A-Za-z][\w.-]*)([:/])(.*)", name, re.DOTALL)
    return (match[1].lower(), match[2], match[3].strip()) if match else ("", "", name)


def _offline(name: str) -> Model:
    from metaco.models.offline import FAULT_MODES, Offline

    if name == "offline":
        return Offline()
    for fault in FAULT_MODES:
        if name == f"offline:{fault}":
            return Offline(fault)
    raise ConfigurationError(
        f"{name!r} is not a fault mode of the offline model.",
        f"There are offline and {', '.join(f'offline:{fault}' for fault in FAULT_MODES)}.",
    )


def _human() -> Model:
    from metaco.models.human import Human, can_answer

    if not can_answer():
        raise ConfigurationError(
            "The model human requires a terminal.",
            "Run metaco in a terminal, or choose another model than human.",
        )
    return Human()
