"""What a run used: calls, tokens, dollars and seconds, folded from its log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from metaco.run.log import Entry

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

    def add(self, body: dict[str, object]) -> None:
        """Add a reply as the log holds it."""
        self.calls += 1
        self.prompt += int(str(body["prompt_tokens"]))
        self.reply += int(str(body["reply_tokens"]))
        self.cached += int(str(body.get("cached_tokens", 0)))
        self.seconds += float(str(body.get("seconds", 0)))
        self.uncounted += bool(body.get("uncounted"))
        if body.get("cost") is None:
            self.unpriced += 1
        else:
            self.dollars += float(str(body["cost"]))


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
            cost.take(entry)
        return cost

    def take(self, entry: Entry) -> None:
        """Take in one entry of the log; all kinds but `reply` and `error` are passed over."""
        if entry.kind not in ("reply", "error"):
            return
        step, model = str(entry.body["step"]), str(entry.body["model"])
        parts = (
            self.total,
            self.by_role.setdefault(step.rpartition(".")[0], Used()),
            self.by_step.setdefault(step, Used()),
            self.by_model.setdefault(model, Used()),
        )
        for used in parts:
            if entry.kind == "reply":
                used.add(entry.body)
            else:
                used.failed += 1
