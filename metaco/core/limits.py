"""Limits: what a run, and single roles in it, may use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from metaco.core.errors import ConfigurationError
from metaco.core.suggest import suggest

__all__ = ["LIMITS", "ROLE_LIMITS", "Limits", "not_a_limit"]

ROLE_LIMITS = ("cost", "tokens", "calls")
"""What a single role can be limited in."""
LIMITS = (*ROLE_LIMITS, "minutes", "roles")
"""What a run can be limited in."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use: dollars, tokens (prompt and reply), calls, minutes; None is no limit.

    Attributes:
        roles: what single roles may use of that: dollars, tokens, calls.

    Raises:
        ConfigurationError: a value cannot be a limit.
    """

    cost: float | None = None
    tokens: int | None = None
    calls: int | None = None
    minutes: float | None = None
    roles: Mapping[str, Limits] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Whatever there is can be read back by `of`, so that the run it limits can be resumed.
        for name in LIMITS[:-1]:
            value = getattr(self, name)
            if value is not None and (wanted := not_a_limit(name, value)):
                raise ConfigurationError(f"The limit {name} is {value!r}.", f"Give {wanted}.")
        for role, limits in self.roles.items():
            if limits.roles or limits.minutes is not None:
                raise ConfigurationError(
                    f"The role {role} has a limit that applies to whole runs only.",
                    f"Limits of a role are {', '.join(ROLE_LIMITS)}.",
                )

    @classmethod
    def of(cls, table: Mapping[str, Any], source: str, *, whole: bool = True) -> Limits:
        """Read limits from a table as it stands in settings and in the log.

        Args:
            table: the limits that are given, by name.
            source: what to call the table in messages.
            whole: those of a run; else those of a role.

        Raises:
            ConfigurationError: a name is not known, or a value cannot be a limit.
        """
        allowed = LIMITS if whole else ROLE_LIMITS
        values: dict[str, Any] = {}
        for name, value in table.items():
            if name not in allowed:
                raise ConfigurationError(
                    f"There is no limit {name!r} ({source}).",
                    suggest(name, allowed, "There are"),
                )
            if name != "roles":
                wanted = not_a_limit(name, value)
                if wanted:
                    raise ConfigurationError(
                        f"The limit {name} is {value!r} ({source}).", f"Give {wanted}."
                    )
                values[name] = value
            elif isinstance(value, Mapping) and all(isinstance(v, Mapping) for v in value.values()):
                values[name] = {
                    r: cls.of(v, f"{source}, {r}", whole=False) for r, v in value.items()
                }
            else:
                raise ConfigurationError(
                    f"The limits of roles are not a table ({source}).",
                    "Write roles = {engineer = {cost = 1.0}}.",
                )
        return cls(**values)

    def dump(self) -> dict[str, Any]:
        """Return what is limited, as plain JSON; `of` reads it."""
        values = {name: getattr(self, name) for name in LIMITS[:-1]}
        table = {name: value for name, value in values.items() if value is not None}
        if self.roles:
            table["roles"] = {role: limits.dump() for role, limits in self.roles.items()}
        return table

    def replaced_by(self, other: Limits | None) -> Limits:
        """Return these limits, with what `other` says in the place of what they say."""
        if other is None:
            return self
        roles = {r: self.roles.get(r, Limits()).replaced_by(v) for r, v in other.roles.items()}
        given = {name: getattr(other, name) for name in LIMITS[:-1]}
        given = {name: value for name, value in given.items() if value is not None}
        return replace(self, **given, roles={**self.roles, **roles})

    def without(self, part: float) -> Limits:
        """Return these limits without a part of them, as 0.1; those of roles stay as they are."""
        left: dict[str, Any] = {}
        for name in LIMITS[:-1]:
            if (value := getattr(self, name)) is not None:
                rest = value * (1 - part)
                left[name] = math.floor(rest) if name in ("tokens", "calls") else rest
        return replace(self, **left)

    def lowered_to(self, other: Limits) -> Limits:
        """Return these limits, each no higher than in `other`."""
        roles = {r: v.lowered_to(other.roles.get(r, Limits())) for r, v in self.roles.items()}
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in LIMITS[:-1]}
        lower = {name: min(pair) for name, pair in pairs.items() if None not in pair}
        return replace(self, **lower, roles=roles)


def not_a_limit(name: str, value: Any) -> str:
    """Return what `value` should be to be the limit `name`; empty where it is that."""
    whole = name in ("tokens", "calls")
    number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if number and 0 <= value < math.inf:
        return ""
    return f"{'a whole number' if whole else 'a number'}, 0 or more"
