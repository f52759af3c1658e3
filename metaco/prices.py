"""Dollars for tokens, from the tables of genai-prices or the user's own; never from the network."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from metaco.errors import ConfigurationError
from metaco.model import Usage

__all__ = ["estimate", "price"]

_FREE = ("offline", "scripted", "function")  # rules and doubles: nobody sends a bill
_MILLION = 1_000_000


def estimate(text: str) -> int:
    """Return about how many tokens `text` has: a quarter of its characters, rounded up."""
    return ceil(len(text) / 4)


def price(
    model: str,
    provider: str | None,
    usage: Usage,
    overrides: Mapping[str, Mapping[str, float]] | None = None,
) -> float | None:
    """Return what `usage` costs in dollars, or None where the price is not known.

    Args:
        model: the model's name, best the real one that came with the reply.
        provider: who sends the bill, as ``openai``; without it, whoever is known for the model.
        usage: the tokens.
        overrides: prices of the user's own by ``provider:model`` or ``model``, each with dollars
            per million tokens for ``prompt``, ``reply`` and, if it differs, ``cached``.

    Raises:
        ConfigurationError: an override that lacks a price or holds another thing than a price.
    """
    if provider in _FREE or model.partition(":")[0] in _FREE:
        return 0.0
    overrides = overrides or {}
    for name in (f"{provider}:{model}", f"{provider}/{model}", model):
        if name in overrides:
            return _own(name, overrides[name], usage)

    import genai_prices

    tokens = genai_prices.Usage(
        input_tokens=usage.prompt,
        output_tokens=usage.reply,
        cache_read_tokens=min(usage.cached, usage.prompt),
    )
    try:
        return float(genai_prices.calc_price(tokens, model, provider_id=provider).total_price)
    except LookupError:
        return None


def _own(name: str, prices: Mapping[str, float], usage: Usage) -> float:
    try:
        prompt, reply = float(prices["prompt"]), float(prices["reply"])
        cached = float(prices.get("cached", prompt))
        strange = set(prices) - {"prompt", "reply", "cached"}
        if strange or not all(0 <= p < float("inf") for p in (prompt, reply, cached)):
            raise ValueError(prices)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(
            f"The price of {name!r} is not a price.",
            "Give dollars per million tokens, as {prompt = 0.25, reply = 2.0, cached = 0.03}.",
        ) from error
    hit = min(usage.cached, usage.prompt)
    return ((usage.prompt - hit) * prompt + hit * cached + usage.reply * reply) / _MILLION
