"""Sampling: how a reply is to be drawn, as a provider, a role, an SOP or a call says it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from metaco.core.errors import ConfigurationError
from metaco.core.redaction import register_secret
from metaco.core.suggest import suggest

__all__ = ["Sampling"]

_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
_OURS = frozenset({"model", "messages", "stream", "stream_options", "response_format", "stop"}) | {
    *("max_tokens", "max_completion_tokens", "n", "best_of", "tools", "tool_choice"),
    *("temperature", "top_p", "seed", "reasoning_effort"),
}  # what a request, a limit or another parameter says
_HEADER = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_NO_HEADERS = frozenset({"authorization", "host", "content-type", "content-length"})


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a reply is to be drawn; what is None or empty is left to whoever is less specific.

    Attributes:
        temperature: from 0 (always the likeliest token) to 2.
        top_p: the share of probability that tokens are taken from, above 0 and up to 1.
        seed: the same seed is to give the same reply, where the endpoint can do that.
        effort: how long a model reasons: none, minimal, low, medium, high, xhigh.
        max_tokens: the most tokens the reply may have.
        stop: texts before which the reply ends.
        headers: headers of the request besides metaco's own.
        extra_body: keys of the request's body that metaco does not know.

    Raises:
        ConfigurationError: a value cannot be used.
    """

    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    effort: str | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra_body: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if isinstance(self.stop, list):  # as files have it
            object.__setattr__(self, "stop", tuple(self.stop))
        for name, value in self._given().items():
            _check(name, value)
        register_secret(*self.headers.values())  # some endpoints repeat what they refuse

    @classmethod
    def of(cls, table: object, source: str) -> Sampling:
        """Read a table as it stands in settings and in an SOP.

        Args:
            table: parameters by the names of the attributes.
            source: what to call the table in messages.

        Raises:
            ConfigurationError: a name is not known, or a value cannot be used.
        """
        if not isinstance(table, Mapping):
            raise ConfigurationError(
                f"sampling ({source}) is not a table.", "Write sampling = {temperature = 0.2}."
            )
        for name in table:
            if name not in _WANTED:
                raise ConfigurationError(
                    f"There is no parameter {name!r} of sampling ({source}).",
                    suggest(str(name), list(_WANTED), "There are"),
                )
            _check(name, table[name], f" ({source})")
        return cls(**table)

    def replaced_by(self, other: Sampling | None) -> Sampling:
        """Return this, with what `other` says in the place of what it says."""
        given = other._given() if other else {}
        for name in ("headers", "extra_body"):
            if name in given:
                given[name] = {**getattr(self, name), **given[name]}
        return replace(self, **given) if given else self

    def varied(self) -> Sampling:
        """Return sampling that gives another reply to the same question."""
        warmer = min(max(1.0, (self.temperature or 0.0) + 0.3), 2.0)
        seed = None if self.seed is None else self.seed + 1
        return replace(self, temperature=warmer, seed=seed)

    def dump(self) -> dict[str, Any]:
        """Return what is said, as plain JSON for logs, recordings and digests.

        Of headers it holds the names only, as their values may be keys.
        """
        given = self._given()
        lists: dict[str, Any] = {"stop": list(self.stop), "headers": sorted(self.headers)}
        return {**given, **{name: value for name, value in lists.items() if value}}

    def _given(self) -> dict[str, Any]:
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if value not in (None, (), {})}


def _check(name: str, value: Any, where: str = "") -> None:
    fits, wanted = _WANTED[name]
    if not fits(value):
        shown = "" if name == "headers" else f" {value!r}"  # else it may show a key
        raise ConfigurationError(
            f"The sampling parameter {name}{where} cannot be{shown or ' that'}.", f"Give {wanted}."
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _are_headers(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str)
        and _HEADER.fullmatch(name)
        and name.lower() not in _NO_HEADERS
        and isinstance(text, str)
        and text.isascii()
        and text.isprintable()
        for name, text in value.items()
    )


def _is_body(value: Any) -> bool:
    if not isinstance(value, Mapping) or _OURS & value.keys():
        return False
    try:
        json.dumps(dict(value), allow_nan=False)
    except (TypeError, ValueError):
        return False
    return all(isinstance(name, str) for name in value)


_WANTED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "temperature": (lambda v: _is_number(v) and 0 <= v <= 2, "a number from 0 to 2"),
    "top_p": (lambda v: _is_number(v) and 0 < v <= 1, "a number above 0, and up to 1"),
    "seed": (lambda v: type(v) is int and abs(v) < 2**63, "a whole number of at most 63 bits"),
    "effort": (lambda v: v in _EFFORTS, f"one of {', '.join(_EFFORTS)}"),
    "max_tokens": (lambda v: type(v) is int and 0 < v < 2**31, "a whole number above 0"),
    "stop": (
        lambda v: isinstance(v, list | tuple) and all(isinstance(t, str) and t for t in v),
        "a list of texts",
    ),
    "headers": (
        _are_headers,
        f"names and texts in ASCII; metaco itself sets {', '.join(sorted(_NO_HEADERS))}",
    ),
    "extra_body": (
        _is_body,
        f"a table that JSON can hold; metaco itself sets {', '.join(sorted(_OURS))}",
    ),
}
