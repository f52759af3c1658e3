"""What models may do with tools, as SOP, settings and command line say it, and what people answer.

What rules mean is said in `metaco.tools.permissions`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from metaco.core.errors import ConfigurationError
from metaco.core.suggest import suggest

__all__ = ["Permission", "Permissions", "parts_of_rule"]

_RULE = re.compile(r"\s*([\w*?-]+)\s*(?:\((.+)\))?\s*", re.S)
_YES = re.compile(r"y(?:es)?(?:\s*-?\s*(\d{1,6}))?", re.I)


def parts_of_rule(text: str) -> tuple[str, str]:
    """Return the tool that a rule names, and its pattern; empty where it has none.

    Raises:
        ConfigurationError: it is no rule.
    """
    match = _RULE.fullmatch(text)
    if not match:
        raise ConfigurationError(
            f"{text!r} is no rule for tools.", "Write a tool's name, as shell, or shell(git *)."
        )
    pattern = (match[2] or "").strip()
    return match[1], "" if pattern == "*" else pattern


@dataclass(frozen=True, slots=True)
class Permissions:
    """Rules for the calls of tools; denying is stronger than allowing, that than asking a person.

    Attributes:
        allow, ask, deny: rules, as ``shell`` or ``shell(git *)``.

    Raises:
        ConfigurationError: one of them is no rule.
    """

    allow: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for rule in (*self.allow, *self.ask, *self.deny):
            parts_of_rule(rule)

    @classmethod
    def of(cls, table: Any, source: str) -> Permissions:
        """Read a table as it stands in settings and in an SOP.

        Args:
            table: lists of rules, or single ones, by the names of the attributes.
            source: what to call the table in messages.

        Raises:
            ConfigurationError: a name is not known, or a rule is none.
        """
        if isinstance(table, Permissions):
            return table
        if not isinstance(table, Mapping):
            raise ConfigurationError(
                f"permissions ({source}) is not a table.", 'Write permissions = {deny = ["fetch"]}.'
            )
        names = [each.name for each in fields(cls)]
        rules: dict[str, tuple[str, ...]] = {}
        for name, given in table.items():
            if name not in names:
                raise ConfigurationError(
                    f"There is no permission {name!r} ({source}).",
                    suggest(str(name), names, "There are"),
                )
            some = [given] if isinstance(given, str) else given
            if not isinstance(some, list | tuple) or not all(isinstance(one, str) for one in some):
                raise ConfigurationError(
                    f"{name} ({source}) is {given!r}.", 'Give rules, as ["shell(git *)"].'
                )
            rules[name] = tuple(some)
        return cls(**rules)

    def __or__(self, other: Permissions) -> Permissions:
        """Return the rules of both; which of them says something makes no difference."""
        return Permissions(self.allow + other.allow, self.ask + other.ask, self.deny + other.deny)


@dataclass(frozen=True, slots=True)
class Permission:
    """What a person answered who was asked about a call.

    Attributes:
        allowed: whether it may be made.
        more: how many further calls of this kind in this run may be made.
        feedback: what the person said instead.
    """

    allowed: bool
    more: float = 0
    feedback: str = ""

    @classmethod
    def of(cls, answer: str) -> Permission:
        """Read ``yes``, ``yes -3`` (this and the next two), ``always``, ``no``, or other words."""
        answer = answer.strip()
        if match := _YES.fullmatch(answer):
            return cls(True, max(int(match[1] or 1) - 1, 0))
        if answer.lower() == "always":
            return cls(True, math.inf)
        return cls(False, feedback="" if answer.lower() in ("n", "no") else answer)
