"""Options: how the user wants a run to work, as one value from the company down to the calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from metaco.core.errors import ConfigurationError
from metaco.core.limits import Limits
from metaco.core.permissions import Permissions
from metaco.core.sampling import Sampling

__all__ = ["Options", "Resource", "Retry"]

Resource: TypeAlias = Callable[[], AbstractAsyncContextManager[Any]]
"""Makes what is opened when a run first needs it, and closed when the run ends."""


@dataclass(frozen=True, slots=True)
class Retry:
    """When a call that failed is tried again; see `metaco.run.retry`.

    Attributes:
        attempts: how often a call is tried in all.
        first: seconds before the second attempt; each further pause is twice as long.
        longest: the longest pause, in seconds. A provider that still fails is left alone for as
            long where a route has others.
    """

    attempts: int = 5
    first: float = 1.0
    longest: float = 60.0


def _never(model: str) -> bool:
    return False


def _as_usual(role: str) -> Sampling:
    return Sampling()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a run works.

    Attributes:
        limits: what may be used in all, and by single roles; it replaces what the SOP says.
        parallel: how many calls to models may be in flight at once; by default only the pace of
            each provider limits that.
        retry: what to do when a provider fails.
        prices: prices of the user's own; see `metaco.models.prices.price`.
        daily_cost: the most dollars that all runs in the log may cost in a day.
        is_lean: says of a model's name whether it gets short prompts; by default none does.
        sampling_of: says of a role's name how its replies are drawn.
        resources: what roles may have that lives as long as the run, by name.
        permissions: what models may do with tools, besides what the SOP says of that.

    Raises:
        ConfigurationError: `parallel` is no whole number above 0.
    """

    limits: Limits = field(default_factory=Limits)
    parallel: int = 1_000_000
    retry: Retry = field(default_factory=Retry)
    prices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    daily_cost: float = math.inf
    is_lean: Callable[[str], bool] = _never
    sampling_of: Callable[[str], Sampling] = _as_usual
    resources: Mapping[str, Resource] = field(default_factory=dict)
    permissions: Permissions = field(default_factory=Permissions)

    def __post_init__(self) -> None:
        if type(self.parallel) is not int or self.parallel < 1:
            raise ConfigurationError(
                f"parallel is {self.parallel!r}.", "Give a whole number above 0."
            )
