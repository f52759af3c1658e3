"""Dollars for tokens, from the tables of genai-prices or the user's own; never from the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from metaco.core.errors import ConfigurationError
from metaco.core.model import Model, Usage
from metaco.core.tokens import estimate
from metaco.models.providers import is_version, provider_of

__all__ = ["check_price_table", "estimate", "price", "price_of"]

_FREE = ("offline", "scripted", "function", "human")  # nobody sends a bill
_MILLION = 1_000_000


def price(
    model: str,
    provider: str | None,
    usage: Usage,
    overrides: Mapping[str, Mapping[str, float]] | None = None,
    *,
    asked: str = "",
    local: bool = False,
) -> float | None:
    """Return what `usage` costs in dollars, or None where the price is not known.

    Args:
        model: the model's name, best the real one that came with the reply.
        provider: who sends the bill, as ``openai``; without it, the one known for the model.
        usage: the tokens.
        overrides: prices of the user's own by ``provider:model`` or ``model``, each with dollars
            per million tokens for ``prompt``, ``reply`` and, if it differs, ``cached``.
        asked: the name as the user wrote it, for overrides, and where the real one is not known.
        local: it runs on hardware of the user's own: without an override it costs nothing.

    Raises:
        ConfigurationError: an override that lacks a price or holds another thing than a price.
    """
    # What answered does not say whether it is free: that would be its word alone.
    if any((name or "").partition(":")[0] in _FREE for name in (provider, asked or model)):
        return 0.0
    overrides = overrides or {}
    bare = asked.partition(":")[2]
    for name in (asked, bare, f"{provider}:{model}", f"{provider}/{model}", model):
        if name and name in overrides:
            return _dollars(name, overrides[name], usage)
    where, _, full = asked.rpartition(":")
    for name, table in overrides.items():  # the same model, with a date behind its name
        prefix, _, short = name.rpartition(":")
        if prefix in ("", where) and is_version(short, full or model):
            return _dollars(name, table, usage)
    if local:
        return 0.0

    for name in (model, bare):
        if rate := _listed(name, provider):
            return rate(usage)
    return None


@lru_cache(maxsize=1024)  # looking a name up takes longer than all else that a call costs us
def _listed(model: str, provider: str | None) -> Callable[[Usage], float] | None:
    """Return what tells the dollars for tokens of a model in the tables, if it is there.

    Tables that a program exchanges later are not looked at for what was asked for before.
    """
    import genai_prices

    def calculate(usage: Usage) -> genai_prices.types.PriceCalculation:
        tokens = genai_prices.Usage(
            input_tokens=usage.prompt,
            output_tokens=usage.reply,
            cache_read_tokens=min(usage.cached, usage.prompt),
        )
        return genai_prices.calc_price(tokens, model, provider_id=provider)

    try:
        found = calculate(Usage())
    except LookupError:
        return None
    prices = {unit: price for unit, price in vars(found.model_price).items() if price is not None}
    fixed = found.model.prices is found.model_price  # else they depend on the time
    if (
        not fixed
        or "requests_kcount" in prices
        or not all(isinstance(price, Decimal) for price in prices.values())
    ):
        return lambda usage: float(calculate(usage).total_price)
    zero = Decimal()
    prompt, reply = prices.get("input_mtok", zero), prices.get("output_mtok", zero)
    cached = prices.get("cache_read_mtok", prompt)

    def rate(usage: Usage) -> float:
        hit = min(usage.cached, usage.prompt)
        total = (usage.prompt - hit) * prompt + hit * cached + usage.reply * reply
        return float(total / _MILLION)

    return rate


def price_of(
    model: Model, usage: Usage, prices: Mapping[str, Mapping[str, float]], real: str = ""
) -> float | None:
    """Return what `usage` of a model costs in dollars, or None where the price is not known.

    Where another model answered than was asked, the dearer of the two counts.

    Args:
        prices: prices of the user's own, as the overrides of `price`.
        real: the name under which it answered.
    """
    provider, bare = provider_of(model), model.name.partition(":")[2] or model.name

    def at(name: str, asked: str) -> float | None:
        return price(name, provider.bill or None, usage, prices, asked=asked, local=provider.local)

    if not real or provider.renames or is_version(bare, real):
        return at(real or bare, model.name)
    both = at(bare, model.name), at(real, f"{provider.name}:{real}")
    return max((dollars for dollars in both if dollars is not None), default=None)


def check_price_table(overrides: Mapping[str, Any]) -> None:
    """Look at prices of the user's own before anything is bought.

    Raises:
        ConfigurationError: one is not a price.
    """
    for name, prices in overrides.items():
        _dollars(name, prices, Usage())


def _dollars(name: str, prices: Mapping[str, float], usage: Usage) -> float:
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
