"""What calls to models may use at the most, and what they have used: tokens and dollars.

For a model that exceeds what was requested, as by a longer reply, as much is reserved from then on.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from metaco.core.errors import ConfigurationError, LimitReached
from metaco.core.limits import Limits
from metaco.core.model import Model, Reply, Request, Usage
from metaco.models.prices import estimate, price_of
from metaco.models.providers import provider_of, same_name
from metaco.run.budget import WorstCase
from metaco.run.entries import CallStarted, ReplyReceived
from metaco.run.options import Options
from metaco.sop.procedure import SOP

__all__ = ["Excess", "Pricing", "Quote", "check_cost_limits", "most_asked"]


@dataclass(slots=True)
class Excess:
    """How a model exceeded what was requested of it.

    Attributes:
        factor: how many times the tokens asked for its longest reply had.
        reply: the most tokens of a reply that was longer than asked for.
        prompt: the most tokens it counted beyond the bytes of a prompt.
        names: the dearer models that answered in its place.
    """

    factor: float = 1.0
    reply: int = 0
    prompt: int = 0
    names: set[str] = field(default_factory=set)

    def apply(self, reply: ReplyReceived) -> None:
        """Take in one more reply of the model."""
        if reply.dearer:
            self.names.add(reply.answered_by)
        self.prompt = max(self.prompt, reply.extra)
        if reply.over:
            self.factor = max(self.factor, reply.over)
            self.reply = max(self.reply, reply.reply_tokens)

    def most(self, asked: Usage) -> Usage:
        """Return the most that a call can use of which `asked` should be the most."""
        reply = max(ceil(asked.reply * self.factor), self.reply)
        return Usage(asked.prompt + self.prompt, reply)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a call can use.

    Attributes:
        asked: the most tokens that it should use.
        most: the most tokens that it can use, of a model as it was seen to behave.
        worst: what is reserved for it.
        excesses: how many replies had broken their model's word by then.
    """

    asked: Usage
    most: Usage
    worst: WorstCase
    excesses: int

    def beyond(self, reply: ReplyReceived) -> WorstCase:
        """Return what a reply used beyond the worst case."""
        tokens = reply.prompt_tokens + reply.reply_tokens - self.worst.tokens
        dollars = (reply.cost or 0.0) - (self.worst.dollars or 0.0)
        return WorstCase(max(tokens, 0), max(dollars, 0.0))


def most_asked(request: Request) -> Usage:
    """Return the most tokens that a request should use."""
    # No token is shorter than a byte, so that this cannot be passed; an estimate could be.
    text = len(request.text.encode("utf-8", "replace"))
    files = sum(
        _MOST_OF_AN_IMAGE if each.media_type.startswith("image/") else len(each.data)
        for each in request.attachments
    )
    return Usage(text + files, request.max_tokens)


_MOST_OF_AN_IMAGE = 40_000  # tokens; providers count its size, and the dearest of them so many


class Pricing:
    """The prices of one run, and how its models were seen to behave.

    Args:
        prices: prices of the user's own; see `metaco.models.prices.price`.
        warnings: what a person should know of a model is added here.
    """

    def __init__(self, prices: Mapping[str, Mapping[str, float]], warnings: list[str]) -> None:
        self._prices, self._warnings = prices, warnings
        self._excess: dict[str, Excess] = defaultdict(Excess)
        self._excesses = 0

    def quote(self, model: Model, asked: Usage) -> Quote:
        """Return what a call can use of which `asked` should be the most."""
        excess = self._excess[model.name]
        most = excess.most(asked)
        prices = [self._price(model, most, real) for real in ("", *excess.names)]
        dollars = max((price for price in prices if price is not None), default=None)
        worst = WorstCase(most.prompt + most.reply, dollars)
        return Quote(asked, most, worst, self._excesses)

    def renewed(self, quote: Quote, model: Model) -> Quote:
        """Return what the same call can use now."""
        return quote if quote.excesses == self._excesses else self.quote(model, quote.asked)

    def book(
        self, call: CallStarted, seconds: float, model: Model, reply: Reply, quote: Quote
    ) -> ReplyReceived:
        """Return a reply as the log keeps it, and learn from it how its model behaves.

        It is booked at its worst case where it says nothing to go by.
        """
        bare = model.name.partition(":")[2] or model.name
        real, asked = reply.model or bare, quote.asked
        if not provider_of(model).renames and not same_name(bare, real):
            self.warn(_stood_in(model.name, real))
        for parameter in reply.ignored:
            self.warn(f"{model.name} does not take {parameter}; it was left out.")
        counted = reply.usage if reply.usage and reply.usage.sound else None
        long = len(reply.text) > _LONGEST_TOKEN * asked.reply
        at_most = max(quote.most.reply, estimate(reply.text) * long)
        used = counted or Usage(quote.most.prompt, at_most)
        cost = self._price(model, used, real)
        usual = cost if real == bare else self._price(model, used)
        dearer = cost is not None and usual is not None and cost > usual
        if not counted and quote.worst.dollars is not None:
            cost = max(cost or 0.0, quote.worst.dollars)
        longer = (counted or long) and used.reply > asked.reply
        received = ReplyReceived(
            call=call.call,
            step=call.step,
            model=call.model,
            seconds=seconds,
            text=reply.text,
            finish=reply.finish,
            answered_by=real,
            prompt_tokens=used.prompt,
            reply_tokens=used.reply,
            cached_tokens=used.cached,
            uncounted=counted is None,
            cost=cost,
            dearer=dearer,
            extra=max(0, counted.prompt - asked.prompt) if counted else 0,
            over=used.reply / max(asked.reply, 1) if longer else 0.0,
            calls=tuple(each.dump() for each in reply.calls),
        )
        self.learn(received)
        return received

    def learn(self, reply: ReplyReceived) -> None:
        """Take in what a reply tells of its model, and say what a person should know of it."""
        if reply.dearer or reply.extra or reply.over:
            self._excess[reply.model].apply(reply)
            self._excesses += 1
        if reply.dearer:
            self.warn(_stood_in(reply.model, reply.answered_by))
        if reply.over:
            self.warn(f"{reply.model} exceeded its reply limit; later calls reserve as much.")
        if reply.uncounted:
            self.warn(f"{reply.model} does not count its tokens; the most they can be is booked.")

    def refuse_unpriced(self, model: Model, worst: WorstCase, limits: Limits, run: Limits) -> None:
        """Refuse to spend against a money limit that could not be watched.

        Args:
            limits, run: those of a role or of the run, and those of the run.

        Raises:
            LimitReached: the price is not known, and no tokens are limited instead.
        """
        tokens = run.tokens if limits.tokens is None else limits.tokens
        if worst.dollars is None and limits.cost is not None and tokens is None:
            raise LimitReached(
                f"The price of {model.name} is not known, so ${limits.cost:g} cannot be kept.",
                "Limit the tokens instead, with --tokens or `limits: {tokens: ...}`.",
                limit="tokens",
            )

    def warn(self, text: str) -> None:
        """Say something once."""
        if text not in self._warnings:
            self._warnings.append(text)

    def _price(self, model: Model, usage: Usage, real: str = "") -> float | None:
        return price_of(model, usage, self._prices, real)


_LONGEST_TOKEN = 8
"""Letters; a text with more of them for each token it may have is longer than was asked for."""


def _stood_in(asked: str, real: str) -> str:
    return f"{asked} was requested, but {real} replied."


def check_cost_limits(
    sop: SOP, options: Options, models_of: Callable[[str], Sequence[Model]]
) -> list[str]:
    """Look, before anything starts, whether limits in dollars can be kept.

    Args:
        sop: the procedure of the run.
        options: how it works, with the limits that the user sets.
        models_of: returns the models of a role.

    Returns:
        Warnings: models of which only the tokens are limited.

    Raises:
        ConfigurationError: dollars are limited of a model whose price is not known; or there is no
            such model.
    """
    own = options.limits
    limits, daily = sop.limits.replaced_by(own), options.daily_cost < math.inf
    warnings: dict[str, None] = {}
    for role in dict.fromkeys(step.role_name for step in sop.steps()):
        mine = own.roles.get(role, Limits())
        for model in models_of(role):
            if price_of(model, Usage(1, 1), options.prices) is not None:
                continue
            general = (own.cost is not None or daily) and own.tokens is None
            special = mine.cost is not None and mine.tokens is None and own.tokens is None
            if general or special or (limits.cost is not None and limits.tokens is None):
                raise ConfigurationError(
                    f"The price of {model.name} is not known, so that no budget in dollars "
                    "can be kept.",
                    f'Limit the tokens (--tokens), or set [prices."{model.name}"] with prompt '
                    "and reply in dollars per million tokens.",
                )
            if limits.cost is not None or mine.cost is not None:
                warnings[f"The price of {model.name} is not known; its tokens are limited."] = None
    return list(warnings)
