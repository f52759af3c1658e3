"""The models that come with metaco, by name.

======================  ===========================================================
``offline``             rules instead of a model (also ``:careless``, ``:stubborn``)
``openai:gpt-5-mini``   an OpenAI-compatible endpoint (also ``openai/gpt-5-mini``)
``gpt-5-mini``          the same, once a key or a base URL is configured
======================  ===========================================================

Nothing heavy is imported before a model is opened, nor the network touched before it is asked.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from metaco.errors import ConfigurationError

if TYPE_CHECKING:
    from metaco.model import Model

__all__ = ["open_model"]


class _Provider(NamedTuple):
    """Where the models of a provider are, and which variable holds the key."""

    base_url: str
    key: str


_PROVIDERS = {"openai": _Provider("https://api.openai.com/v1", "OPENAI_API_KEY")}


def open_model(
    name: str,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    timeout: float = 600.0,
) -> Model:
    """Return the model that `name` stands for.

    Args:
        name: as in the table above. At an endpoint of one's own (`base_url`) everything that does
            not begin with a known provider is the model's name there, as ``llama3.1:8b``.
        base_url: the endpoint; by default ``OPENAI_BASE_URL``, then the provider's own.
        api_key: the key; by default the provider's variable, as ``OPENAI_API_KEY``. Endpoints
            other than the provider's own may do without.
        timeout: seconds that one reply may take.

    Raises:
        ConfigurationError: no such model, or no key for it.
    """
    name = name.strip()
    if name == "offline" or name.startswith("offline:"):
        return _offline(name)

    prefix, model = _split(name)
    base_url = base_url or os.environ.get("OPENAI_BASE_URL") or None
    provider = _PROVIDERS["openai"]
    if prefix in _PROVIDERS:
        provider, name = _PROVIDERS[prefix], f"{prefix}:{model}"
    elif prefix and not base_url:
        raise ConfigurationError(
            f"{name!r} names the provider {prefix!r}, which is not known.",
            f"Known are {', '.join(_PROVIDERS)} and offline; for any other OpenAI-compatible"
            " endpoint set the base URL, too.",
        )
    else:
        model = name
    key = api_key or os.environ.get(provider.key) or ""
    if not model:
        raise ConfigurationError(
            f"{name!r} names no model.", "Name one, as openai:gpt-5-mini or offline."
        )
    if not key and (not base_url or base_url.rstrip("/") == provider.base_url):
        raise ConfigurationError(
            f"There is no key for the model {name!r}.",
            f"Set {provider.key}, or work without a model: --model offline.",
        )

    from metaco.models.openai import OpenAIModel

    return OpenAIModel(
        name, model=model, base_url=base_url or provider.base_url, api_key=key, timeout=timeout
    )


def _split(name: str) -> tuple[str, str]:
    """Split ``provider:model`` or ``provider/model``; without a provider it is ("", name)."""
    match = re.fullmatch(r"([A-Za-z][\w.-]*)[:/](.*)", name, re.DOTALL)
    return (match[1].lower(), match[2].strip()) if match else ("", name)


def _offline(name: str) -> Model:
    from metaco.models.offline import MANNERS, Offline

    _, colon, word = name.partition(":")
    for manner in MANNERS:
        if word == manner or not colon:
            return Offline(manner)
    raise ConfigurationError(
        f"{name!r} is not a manner of the offline model.",
        f"There are offline and {', '.join(f'offline:{m}' for m in MANNERS)}.",
    )
