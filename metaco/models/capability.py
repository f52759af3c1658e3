"""A trial of a model: a few tiny calls that show which forms it can do, and how fast.

Each call is small and has one plain check, so that the result says something about the model and
not about the check. The trial keeps to its limits: a call whose worst case does not fit into what
is left of them is not made.
"""

from __future__ import annotations

import ast
import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from metaco.core.document import Document
from metaco.core.errors import ProviderError, ReplyError
from metaco.core.model import Model, Reply, Request
from metaco.models.openai import OpenAIModel
from metaco.models.prices import estimate
from metaco.reply import fenced, files, parse, schema

__all__ = ["CALLS", "SECONDS", "TOKENS", "Capabilities", "ProbeResult", "probe_model"]

CALLS = 8
"""How many calls a trial makes at most."""

TOKENS = 12_000
"""How many tokens a trial uses at most, prompts and replies together."""

SECONDS = 120.0
"""How long a trial takes at most."""

_SHORT, _LONG, _LINES = 1000, 2500, 400
_SYSTEM = "You do exactly what you are asked to, and nothing besides."
_FILE, _OTHER = "kettle_box/store.py", "kettle_box/report.py"


class Planet(Document):
    """What the trial asks about."""

    name: str
    moons: int
    colours: list[str]


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """One call of a trial.

    Attributes:
        what: what was tried.
        can: whether the model can do it; None where it was not tried.
        summary: how it went, in a few words.
        seconds: how long the reply took.
        tokens: of the reply, as the provider counts them or estimated.
    """

    what: str
    can: bool | None
    summary: str
    seconds: float = 0.0
    tokens: int = 0


@dataclass(slots=True)
class Capabilities:
    """The result of a trial.

    Attributes:
        model: its name.
        provider: the name of its provider, where it has one.
        results: the calls, in order.
        tokens: what they used in all.
        seconds: how long they took.
    """

    model: str
    provider: str = ""
    results: list[ProbeResult] = field(default_factory=list)
    tokens: int = 0
    seconds: float = 0.0

    def can(self, what: str) -> bool | None:
        """Return whether the model can do this; None where it was not tried."""
        return next((each.can for each in self.results if each.what == what), None)

    @property
    def speed(self) -> float:
        """Tokens of replies per second; 0 where nothing was said."""
        seconds = sum(each.seconds for each in self.results if each.tokens)
        return sum(each.tokens for each in self.results) / seconds if seconds else 0.0

    @property
    def usable(self) -> bool:
        """Whether it can do what every software project needs."""
        return self.can("JSON in text") is True and self.can("a file") is True

    def advice(self) -> list[str]:
        """Return which settings suit the model, each a sentence."""
        sentences = []
        for what, setting in (("JSON by schema", "schema"), ("JSON mode", "json")):
            if self.can(what) is False:
                line = f"[providers.{self.provider}] {setting} = false"
                sentences.append(f"{what} does not work; set {line} in metaco.toml.")
        if not self.usable:
            return [*sentences, "It cannot write documents and files; choose another model."]
        weak = [each.what for each in self.results[2:] if each.can is False]
        if weak:
            sentences.append(
                f"It is weak at {', '.join(weak)}; short prompts help it: "
                f'set lean = "{self.model}" in metaco.toml, or METACO_LEAN.'
            )
        else:
            sentences.append("It follows the usual prompts; there is nothing to set for it.")
        if 0 < self.speed < 15:
            minutes = 1000 / self.speed / 60
            sentences.append(
                f"A file of a hundred lines takes it about {minutes:.1f} minutes; set timeout to "
                "1800 and parallel to 1 or 2 if it runs on your own machine."
            )
        return sentences


@dataclass(frozen=True, slots=True)
class _Probe:
    """A call of the trial: `check` returns what is remarkable, or raises `ReplyError`."""

    what: str
    request: Request
    check: Callable[[Reply], str]
    form: str = ""


async def probe_model(
    model: Model,
    *,
    tokens: int = TOKENS,
    seconds: float = SECONDS,
    told: Callable[[ProbeResult], None] = lambda tried: None,
) -> Capabilities:
    """Try what a model can do.

    Args:
        model: the model.
        tokens, seconds: the limits; what does not fit into them is not tried.
        told: is called with each result as it comes.

    Raises:
        ProviderError: the key or the model's name is refused, or nobody answers there.
    """
    capabilities = Capabilities(
        model.name, model.provider.name if isinstance(model, OpenAIModel) else ""
    )
    began = time.monotonic()
    for probe in _probes():
        left = seconds - (time.monotonic() - began)
        capabilities.results.append(
            await _try(model, probe, tokens - capabilities.tokens, left, capabilities)
        )
        told(capabilities.results[-1])
    capabilities.seconds = time.monotonic() - began
    return capabilities


async def _try(
    model: Model, probe: _Probe, tokens: int, left: float, capabilities: Capabilities
) -> ProbeResult:
    request = probe.request
    prompt = estimate(request.text)
    if prompt + request.max_tokens > tokens:
        return ProbeResult(probe.what, None, "not tried: it does not fit into the limit of tokens")
    if left <= 0:
        return ProbeResult(probe.what, None, "not tried: the time is up")
    one = model
    if probe.form:
        if not isinstance(model, OpenAIModel):
            return ProbeResult(probe.what, None, "not tried: only endpoints have such a form")
        one = model.taking(probe.form)
    began = time.monotonic()
    try:
        async with asyncio.timeout(left):
            reply = await one.complete(request)
    except TimeoutError:
        capabilities.tokens += prompt + request.max_tokens  # it may be charged
        return ProbeResult(probe.what, False, "no answer within the time", time.monotonic() - began)
    except ProviderError as error:
        if error.status in (None, 401, 402, 403, 404) and not capabilities.tokens:
            raise  # all others would be refused, too
        return ProbeResult(probe.what, False, error.problem, time.monotonic() - began)
    finally:
        if isinstance(one, OpenAIModel):
            await one.aclose()
    took = time.monotonic() - began
    replied = reply.usage.reply if reply.usage else estimate(reply.text)
    capabilities.tokens += (reply.usage.prompt if reply.usage else prompt) + replied
    try:
        if isinstance(one, OpenAIModel) and probe.form and probe.form not in one.forms:
            raise ReplyError("the endpoint refuses it")
        if not reply.text.strip():
            raise ReplyError("the reply is empty")
        if reply.finish == "length" and probe.request.max_tokens == _SHORT:
            raise ReplyError(f"cut off at {_SHORT} tokens")
        return ProbeResult(probe.what, True, probe.check(reply), took, replied)
    except ReplyError as error:
        return ProbeResult(probe.what, False, " ".join(error.problem.split())[:200], took, replied)


def _probes() -> Iterator[_Probe]:
    def ask(prompt: str, response_type: type[Document] | None = None, **more: object) -> Request:
        limit = int(str(more.pop("max_tokens", _SHORT)))
        return Request(
            role="trial", action="try", system=_SYSTEM, prompt=prompt, response_type=response_type,
            max_tokens=limit, **more,  # type: ignore[arg-type]
        )  # fmt: skip

    about = "Describe the planet Mars: its name, how many moons it has, and its colours."
    form = f"{about}\n\nAnswer with one JSON object and nothing else:\n\n{schema(Planet)}"
    yield _Probe("JSON by schema", ask(about, Planet), _strict, "schema")
    yield _Probe("JSON mode", ask(form, Planet), _strict, "json")
    yield _Probe("JSON in text", ask(form), _loose)
    path = f"Put the line {_FILE} above it and the whole file into one fenced code block."
    yield _Probe(
        "a file",
        ask(
            f"Write the Python file {_FILE}. It holds the function "
            f"`total(prices: list[int]) -> int`, which returns the sum. {path}"
        ),
        lambda reply: _defines(fenced(reply.text, _FILE), "total"),
    )
    yield _Probe(
        "several files",
        ask(
            f"Write two Python files. {_FILE} holds the function `total(prices: list[int]) -> "
            f"int`, which returns the sum; {_OTHER} imports it and holds the function "
            "`report(prices: list[int]) -> str`, which returns the sum as a text. For each, write "
            "its path in one line, then the whole file in one fenced code block."
        ),
        _both,
    )
    yield _Probe(
        "given names",
        ask(
            f"Write the Python file {_FILE}. It holds the class `KettleStore` with the methods "
            "`pour_out(self, litres: float, *, to_cup: str = 'blue') -> int` and "
            f"`refill(self) -> None`. Use these names and parameters letter by letter. {path}"
        ),
        _names,
    )
    wrong = '{"name": "Mars", "colours": "red"}'
    complaint = (
        "This cannot be used as it is:\n- moons: is missing\n\nAnswer again, complete, with this "
        "mended."
    )
    yield _Probe("mending", ask(form, rejected_replies=((wrong, complaint),)), _loose)
    yield _Probe(
        "long replies",
        ask(
            f"Write the whole numbers from 1 to {_LINES}, one in a line, all of them, without "
            "anything else.",
            max_tokens=_LONG,
        ),
        _length,
    )


def _strict(reply: Reply) -> str:
    try:
        value = json.loads(reply.text)
    except ValueError:
        raise ReplyError("the endpoint accepts it, but the reply is not plain JSON") from None
    if not isinstance(value, dict) or value.keys() != Planet.model_fields.keys():
        raise ReplyError("the endpoint accepts it, but returns other keys")
    return "as it should be"


def _loose(reply: Reply) -> str:
    parse(Planet, reply.text)
    try:
        Planet.model_validate_json(reply.text)
    except ValueError:
        return "it can be read, with what is around it or wrong left out"
    return "as it should be"


def _defines(code: str, *names: str) -> str:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        raise ReplyError("the file does not parse") from None
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    defined = {node.name for node in ast.walk(tree) if isinstance(node, kinds)}
    if missing := [name for name in names if name not in defined]:
        raise ReplyError(f"the file lacks {', '.join(missing)}")
    return "as it should be"


def _both(reply: Reply) -> str:
    contents = files(reply.text)
    if contents.keys() != {_FILE, _OTHER}:
        raise ReplyError(f"{_FILE} and {_OTHER} were asked for; {', '.join(contents)} came")
    _defines(contents[_FILE], "total")
    return _defines(contents[_OTHER], "report")


def _names(reply: Reply) -> str:
    code = fenced(reply.text, _FILE)
    _defines(code, "KettleStore", "pour_out", "refill")
    wanted = r"def pour_out\(\s*self,\s*litres: float,\s*\*,\s*to_cup: str = ['\"]blue['\"],?\s*\)"
    if not re.search(wanted, code):
        raise ReplyError("the parameters differ from the given ones")
    return "letter by letter"


def _length(reply: Reply) -> str:
    numbers = [int(n) for n in re.findall(r"\d+", reply.text)]
    right = next((i for i, n in enumerate(numbers) if n != i + 1), len(numbers))
    if right < _LINES:
        raise ReplyError(f"{right} of {_LINES} lines are right and in order")
    return f"{_LINES} lines without a mistake"
