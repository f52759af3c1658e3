"""The providers whose models can be named, as ``deepseek:deepseek-chat``: where each is and what
it can do, as its own documentation says. All of them speak the protocol of OpenAI.

Users add their own, or change one, in ``metaco.toml``::

    [providers.gpu]
    base_url = "http://gpu.example:8000/v1"
    key_env = "GPU_KEY"

    [providers.groq]
    requests_per_minute = 30
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from metaco.core.errors import ConfigurationError
from metaco.core.sampling import Sampling

if TYPE_CHECKING:
    from metaco.core.model import Model

__all__ = [
    "PROVIDERS",
    "Provider",
    "check_address",
    "is_version",
    "known",
    "provider_of",
    "same_name",
    "suggestion",
]


@dataclass(frozen=True, slots=True)
class Provider:
    """Who answers, where, and on what terms.

    Attributes:
        name: what stands before the colon in the name of a model.
        base_url: the endpoint, up to and without ``/chat/completions``; empty where each customer
            has another one.
        key_env: the variable that holds the key; empty where none is asked for.
        url_env: the variable that holds the address of the customer's own endpoint, to which
            `url_path` is added.
        schema: takes a JSON schema that the answer has to follow.
        json: takes the wish for JSON without a schema.
        tools: takes tools, and tells its models of them; some accept them and do not.
        local: runs on hardware of the user's own: no key is needed and nobody sends a bill.
        renames: answers under a name of its own, which is no sign of another model.
        billed_as: its name in the price tables, where that is another one.
        parallel: how much it may be asked at once, by all companies of this process; None stands
            for 128, or 32 on hardware of the user's own.
        requests_per_minute, tokens_per_minute: the same in a minute; None is no limit.
        api: how it is asked: ``chat`` (completions) or ``responses``.
        window: the most tokens that a conversation with tools may have, prompt and reply together.
        idle: seconds within which a reply that has begun has to go on.
        sampling: how replies of its models are drawn, unless a role, an SOP or a call says it.
    """

    name: str
    base_url: str = ""
    key_env: str = ""
    url_env: str = ""
    url_path: str = ""
    schema: bool = True
    json: bool = True
    tools: bool = True
    local: bool = False
    renames: bool = False
    billed_as: str = ""
    parallel: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    api: str = "chat"
    window: int = 100_000
    idle: int = 120
    sampling: Sampling = field(default_factory=Sampling)

    @property
    def at_once(self) -> int | None:
        """How many requests may be in flight; None where nothing is asked over a network."""
        if self.parallel or not self.base_url:
            return self.parallel
        return 32 if self.local else 128

    @property
    def bill(self) -> str:
        """The name under which the price tables know it."""
        return self.billed_as or self.name

    def address(self, environment: Mapping[str, str]) -> str:
        """Return its base URL; empty where the customer's own address is not known."""
        if self.base_url or not self.url_env:
            return self.base_url
        url = environment.get(self.url_env, "").rstrip("/")
        return url if not url or url.endswith(self.url_path) else url + self.url_path


_ALL = (
    Provider("openai", "https://api.openai.com/v1", "OPENAI_API_KEY"),
    Provider(
        "azure",
        key_env="AZURE_OPENAI_API_KEY",
        url_env="AZURE_OPENAI_ENDPOINT",
        url_path="/openai/v1",
        renames=True,  # models are called by the name of a deployment
    ),
    Provider(  # the compatible endpoint ignores response_format
        "anthropic",
        "https://api.anthropic.com/v1",
        "ANTHROPIC_API_KEY",
        schema=False,
        json=False,
    ),
    Provider(
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "GEMINI_API_KEY",
        billed_as="google",
    ),
    Provider("deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY", schema=False),
    Provider("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    Provider("groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    Provider("openrouter", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    Provider("together", "https://api.together.ai/v1", "TOGETHER_API_KEY"),
    Provider("xai", "https://api.x.ai/v1", "XAI_API_KEY", billed_as="x-ai"),
    Provider(
        "qwen",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        "DASHSCOPE_API_KEY",
        schema=False,
    ),
    Provider(
        "moonshot",
        "https://api.moonshot.ai/v1",
        "MOONSHOT_API_KEY",
        schema=False,
        billed_as="moonshotai",
    ),
    Provider(
        "zhipu",
        "https://open.bigmodel.cn/api/paas/v4",
        "ZHIPUAI_API_KEY",
        schema=False,
        billed_as="zhipuai",
    ),
    Provider("ollama", "http://localhost:11434/v1", local=True, window=16_000),
    Provider("lmstudio", "http://localhost:1234/v1", json=False, local=True, window=16_000),
    Provider("vllm", "http://localhost:8000/v1", "VLLM_API_KEY", local=True, window=16_000),
    Provider(
        "llamacpp",
        "http://localhost:8080/v1",
        "LLAMA_API_KEY",
        local=True,
        renames=True,  # it serves one model, whatever it is called
        window=16_000,
    ),
)
PROVIDERS: dict[str, Provider] = {provider.name: provider for provider in _ALL}
"""The providers that metaco knows by itself."""

_SETTINGS = {each.name: each.type for each in fields(Provider) if each.name != "name"}


# What programs read in different ways is no address: a query, a fragment, \\, a second @.
_ADDRESS = re.compile(
    r"https?://([^/?#@\\\s]*@)?([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?(/[^?#@\\\s]*)?", re.ASCII | re.I
)


def check_address(address: str, source: str = "") -> None:
    """Look whether `address` can only be read in one way.

    Args:
        source: where the address was given.

    Raises:
        ConfigurationError: it is not the plain address of an endpoint.
    """
    if not (address.isascii() and address.isprintable() and _ADDRESS.fullmatch(address)):
        shown = "" if "@" in address else f" {address!r}"  # else it may hold a password
        raise ConfigurationError(
            f"The base URL{shown}{source and f' ({source})'} is not the address of an endpoint.",
            "It looks like https://api.openai.com/v1 or http://localhost:11434/v1, without ? and "
            "#; letters that are not ASCII are written in %XX or, in a host, in xn--.",
        )


def known(
    tables: Mapping[str, Mapping[str, Any]] | None = None, *, whole: bool = True
) -> dict[str, Provider]:
    """Return all providers: those above, with what a user adds and changes.

    Args:
        tables: those called ``[providers.NAME]`` of the settings; the names are those of the
            attributes of `Provider`.
        whole: all tables there are; in a part of them an address may be missing.

    Raises:
        ConfigurationError: a table holds what it cannot, or a new provider has no address.
    """
    providers = dict(PROVIDERS)
    for name, table in (tables or {}).items():
        section = f"[providers.{name}]"
        if not name.isidentifier() and not name.replace("-", "_").isidentifier():
            raise ConfigurationError(
                f"A provider cannot be called {name!r}.", "Use letters, digits and dashes."
            )
        if not isinstance(table, Mapping):
            raise ConfigurationError(
                f"{section} is not a table.", f'Write {section} base_url = "...".'
            )
        values = {key: _checked(section, key, value) for key, value in table.items()}
        name = name.lower()
        providers[name] = replace(providers.get(name, Provider(name)), **values)
        if whole and not (providers[name].base_url or providers[name].url_env):
            raise ConfigurationError(
                f"{section} has no address.", 'Add base_url = "https://host/v1" to it.'
            )
    return providers


def provider_of(model: Model) -> Provider:
    """Return the provider of a model: the one it names, else who its name begins with."""
    provider = getattr(model, "provider", None)
    if isinstance(provider, Provider):
        return provider
    prefix, colon, _ = model.name.partition(":")
    return _named(prefix if colon else "")


@lru_cache(maxsize=1024)  # asked of every call
def _named(name: str) -> Provider:
    return PROVIDERS.get(name) or Provider(name)


def same_name(asked: str, real: str) -> bool:
    """Return whether `real` may be the full name of the model that was asked for."""
    short, long = sorted((_normalized(asked), _normalized(real)), key=len)
    return short in long


def is_version(asked: str, real: str) -> bool:
    """Return whether `real` is what was asked for, or the same with a date or number behind it."""
    rest = _normalized(real).removeprefix(start := _normalized(asked))
    return _normalized(real).startswith(start) and (not rest or (rest.isdigit() and len(rest) > 2))


@lru_cache(maxsize=1024)  # asked of every call
def _normalized(name: str) -> str:
    """Return a model's name without what names differ in: path, letters' case, variant."""
    name = name.lower().rpartition("/")[2].partition(":")[0]
    return "".join(c for c in name.removesuffix("-latest") if c.isalnum())


def suggestion(name: str, names: Mapping[str, Any]) -> str:
    """Return the sentence that helps somebody who named a provider that is none."""
    close = difflib.get_close_matches(name, names, 1, 0.6)
    hint = f"Did you mean {close[0]}? " if close else ""
    return (
        f"{hint}There are {', '.join(names)}, offline and human; add others in metaco.toml as"
        f" [providers.{name}] with a base_url."
    )


def _checked(section: str, key: str, value: Any) -> Any:
    kind = _SETTINGS.get(key)
    if kind is None:
        close = difflib.get_close_matches(key, _SETTINGS, 1, 0.6)
        hint = f"Did you mean {close[0]}?" if close else f"It may say {', '.join(_SETTINGS)}."
        raise ConfigurationError(f"{section} has no option {key!r}.", hint)
    if kind == "Sampling":
        return Sampling.of(value, section)
    if kind == "bool":
        fits, wanted = isinstance(value, bool), "true or false"
    elif kind == "str":
        fits, wanted = isinstance(value, str), "a text"
    else:
        fits = isinstance(value, int) and not isinstance(value, bool) and 0 < value < math.inf
        wanted = "a whole number above 0"
    if not fits:
        raise ConfigurationError(f"{section} {key} is {value!r}.", f"Give {wanted}.")
    if key == "base_url" and value:
        check_address(value, section)
    elif key == "api" and value not in ("chat", "responses"):
        raise ConfigurationError(f"{section} api is {value!r}.", "Write chat or responses.")
    elif key == "url_path" and value:
        check_address(f"http://host{value}", section)
        if not value.startswith("/"):  # it would change the host
            raise ConfigurationError(f"{section} {key} is {value!r}.", "Begin it with a slash.")
    return value.rstrip("/") if key == "base_url" else value
