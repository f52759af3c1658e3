"""What a run used: calls, tokens, dollars and seconds, folded from its log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from metaco.core.model import Usage
from metaco.run.entries import CallFailed, EffectEnded, Entry, ReplyReceived

__all__ = ["Cost", "Used"]


@dataclass(slots=True)
class Used:
    """A sum of calls.

    Attributes:
        calls: replies that arrived.
        failed: attempts that got no reply.
        prompt, reply, cached: tokens; `cached` is the part of `prompt` a provider's cache served.
        dollars: what is known of the price.
        unpriced: calls whose price is not known; they are not in `dollars`.
        seconds: time spent waiting for replies, summed over calls that ran side by side.
        uncounted: calls of which the provider did not say the tokens; they are booked at their
            worst case.
    """

    calls: int = 0
    failed: int = 0
    prompt: int = 0
    reply: int = 0
    cached: int = 0
    dollars: float = 0.0
    unpriced: int = 0
    seconds: float = 0.0
    uncounted: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt + self.reply

    def add(
        self, usage: Usage, dollars: float | None, seconds: float = 0.0, *, uncounted: bool = False
    ) -> None:
        """Add a call that got a reply; None stands for a price that is not known."""
        self.calls += 1
        self.prompt += usage.prompt
        self.reply += usage.reply
        self.cached += usage.cached
        self.seconds += seconds
        self.uncounted += uncounted
        self.unpriced += dollars is None
        self.dollars += dollars or 0.0

    def merge(self, other: Mapping[str, Any]) -> None:
        """Add another sum, as plain JSON."""
        for name, value in other.items():
            setattr(self, name, getattr(self, name) + value)


@dataclass(slots=True)
class Cost:
    """The use of a run: in total, and by role, step and model. The parts add up to the total."""

    total: Used = field(default_factory=Used)
    by_role: dict[str, Used] = field(default_factory=dict)
    by_step: dict[str, Used] = field(default_factory=dict)
    by_model: dict[str, Used] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Cost:
        cost = cls()
        for entry in entries:
            cost.apply(entry)
        return cost

    def apply(self, entry: Entry) -> None:
        """Take in one entry of the log: replies, failed attempts, and runs below this one count."""
        fact = entry.fact
        if isinstance(fact, EffectEnded) and fact.cost:
            self._add(fact.cost)
        if not isinstance(fact, (ReplyReceived, CallFailed)):
            return
        used = (
            self.total,
            self.by_role.setdefault(fact.step.rpartition(".")[0], Used()),
            self.by_step.setdefault(fact.step, Used()),
            self.by_model.setdefault(fact.model, Used()),
        )
        if isinstance(fact, CallFailed):
            for each in used:
                each.failed += 1
        else:
            usage = fact.usage
            for each in used:
                each.add(usage, fact.cost, fact.seconds, uncounted=fact.uncounted)

    def dump(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)

    def _add(self, other: Mapping[str, Any]) -> None:
        self.total.merge(other["total"])
        for mine, name in (
            (self.by_role, "by_role"),
            (self.by_step, "by_step"),
            (self.by_model, "by_model"),
        ):
            for key, used in other[name].items():
                mine.setdefault(key, Used()).merge(used)
