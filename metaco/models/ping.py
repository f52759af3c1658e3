"""Whether a provider can be reached, and what it runs: one request for its list of models."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from metaco.core.errors import ConfigurationError, RealCallBlocked
from metaco.core.redaction import public_address
from metaco.models import guard
from metaco.models.providers import Provider

__all__ = ["PATIENCE", "Ping", "ping", "ping_all", "served"]

_LARGEST = 4_000_000  # bytes of an answer
PATIENCE = 2.0
"""Seconds that an answer may take."""


@dataclass(frozen=True, slots=True)
class Ping:
    """The outcome of the request.

    Attributes:
        reachable: whether a provider of models answered; None where it was not asked.
        summary: the same in a few words.
        models: the names of its models, if it told them.
    """

    reachable: bool | None
    summary: str
    models: tuple[str, ...] = ()


async def ping(
    provider: Provider, environment: Mapping[str, str], patience: float = PATIENCE
) -> Ping:
    """Ask a provider for its models.

    Args:
        provider: which one.
        environment: where its key and its address are looked up.
        patience: seconds to wait for the answer.
    """
    url = provider.address(environment)
    if not url:
        return Ping(None, f"{provider.url_env} is not set")
    try:
        guard.check(provider.name, url)
    except RealCallBlocked:
        return Ping(None, "real calls are blocked here")
    key = environment.get(provider.key_env, "")
    try:
        async with asyncio.timeout(patience + 1):
            status, body = await asyncio.to_thread(_get, provider, url, key, patience)
    except TimeoutError:
        return Ping(False, f"no answer within {patience:g} s")
    except (OSError, http.client.HTTPException, ValueError):
        return Ping(False, "cannot be reached")
    if status in (401, 403):
        return Ping(True, "refuses the key")
    if status == 200 and (models := _models(body)) is not None:
        return Ping(True, f"{len(models)} model{'s' if len(models) != 1 else ''}", models)
    if provider.local:  # many other things may use the same port
        return Ping(False, "something else answers there")
    return Ping(status < 500, f"answers with {status}")


async def ping_all(
    providers: Iterable[Provider], environment: Mapping[str, str], patience: float = PATIENCE
) -> dict[str, Ping]:
    """Ask several providers at once; by their names."""
    asked = list(providers)
    pings = await asyncio.gather(*(ping(each, environment, patience) for each in asked))
    return {provider.name: each for provider, each in zip(asked, pings, strict=True)}


def served(provider: Provider, url: str, key: str, usual: str = "gpt-5-mini") -> str:
    """Return the model that an endpoint runs: the `usual` one if it is there, else the first.

    Raises:
        ConfigurationError: it does not say so.
        RealCallBlocked: only doubles are allowed here.
    """
    guard.check(provider.name, url)
    why = "it cannot be reached"
    try:
        status, body = _get(provider, url, key, PATIENCE)
        why = f"it answers with {status}" if status != 200 else "it names none"
        models = (_models(body) or ()) if status == 200 else ()
    except (OSError, http.client.HTTPException, ValueError):
        models = ()
    if not models:
        raise ConfigurationError(
            f"{public_address(url)} was asked which models it runs, but {why}.",
            "Start the server, correct the base URL (it usually ends in /v1), or name a model with "
            "--model.",
        )
    return usual if usual in models else models[0]


def _get(provider: Provider, url: str, key: str, patience: float) -> tuple[int, bytes]:
    """Return status and body. A redirect is not followed: it could lead the key elsewhere."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if provider.name == "anthropic":  # only its chat completions know the header of the others
        headers |= {"x-api-key": key, "anthropic-version": "2023-06-01"}
    parts = urlsplit(f"{url.rstrip('/')}/models")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=patience)
    try:
        connection.request("GET", parts.path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(_LARGEST)
    finally:
        connection.close()


def _models(body: bytes) -> tuple[str, ...] | None:
    """Return the names of models that an answer holds, if it is a list of models."""
    try:
        return tuple(str(each["id"]) for each in json.loads(body)["data"])
    except (ValueError, TypeError, KeyError):
        return None
