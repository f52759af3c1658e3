"""Grants: what a person has allowed for more than one call, as the log of the run has it."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from metaco.core.permissions import Permission
from metaco.run.state import State

__all__ = ["Grants"]


class Grants:
    """The answers of people that are about all calls of a kind.

    Only an answer to a question counts: no model and no tool writes one.

    Args:
        state: what is known of the run; it grows.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    @cached_property
    def _used(self) -> Counter[str]:
        """How many calls each answer has allowed besides the one it was about."""
        used = (end.value for end in self._state.results.values() if end.name == "permission")
        return Counter(key for key in used if isinstance(key, str) and key)

    def take(self, kind: str) -> str:
        """Return the key of an answer that allows one more call, and count that; empty if none."""
        for key, effect in self._state.effects.items():
            about, answer = effect.about, self._state.results.get(key)
            if effect.how != "ask" or not answer or not isinstance(about, dict):
                continue
            allowed = Permission.of(str(answer.value))
            if about.get("kind") == kind and allowed.allowed and self._used[key] < allowed.more:
                self._used[key] += 1
                return key
        return ""
