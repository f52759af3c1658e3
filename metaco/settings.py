"""Settings: what a user configured, from the strongest source that says something.

flag > METACO_* environment > ./metaco.toml or [tool.metaco] in ./pyproject.toml > the user's own
file > .env. Nothing is read on import.

The files of the current folder may come from anybody. They may name models, tighten limits and say
how things look; whatever decides where prompts and keys go, what is paid or what is sent elsewhere
is refused until the person trusts the file (`metaco.trust`) or says it in a stronger source of
their own. None of them weakens the sandbox, trusted or not.
"""

from __future__ import annotations

import io
import math
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaco.core.errors import ConfigurationError
from metaco.core.paths import user_folder
from metaco.core.redaction import public_address, register_secret
from metaco.trust import Claim

if TYPE_CHECKING:
    from metaco.core.model import Model
    from metaco.models.providers import Provider

__all__ = ["Settings"]

DEFAULT_MODEL = "openai:gpt-5-mini"
"""What answers when there is a key and no model was named."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user configured.

    Attributes:
        model: the model for all roles, as ``offline`` or ``openai:gpt-5``; empty chooses one. A
            list, or names with commas between them, is a route: the next one answers where one
            fails.
        role_models: models of single roles, by the name the SOP gives the role.
        base_url, api_key: an OpenAI-compatible endpoint; also OPENAI_BASE_URL, OPENAI_API_KEY.
        providers: providers that are added or changed; see `metaco.models.providers`.
        prices: dollars per million tokens, by model; see `metaco.models.prices.price`.
        limits: replaces the limits of SOPs, as a table like theirs; also per role.
        lowered: the same from files of the folder that nobody trusts: it lowers them only.
        daily_cost: the most dollars that all runs of a workspace may cost in a day.
        timeout: seconds a reply may take.
        workspace: the folder of the projects.
        sandbox: ``auto``, ``require`` or ``off``.
        parallel: how many calls to models may be in flight at once.
        lean: the models that get short prompts, as ``ollama:*, openai:gpt-5-nano``; ``*`` is all.
        telemetry: ``off``, ``on``, or ``content`` (with prompts and replies); see
            `metaco.observers.telemetry`.
        sources: where each setting came from, for `metaco doctor`.
        keys: the keys of providers, by their variable.
    """

    model: str = ""
    role_models: Mapping[str, str] = field(default_factory=dict)
    base_url: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    timeout: float = 600.0
    workspace: str = "workspace"
    sandbox: str = "auto"
    parallel: int = 32
    lean: str = ""
    telemetry: str = "off"
    daily_cost: float = math.inf
    providers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    prices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    lowered: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(
        cls,
        given: Mapping[str, Any] | None = None,
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Settings:
        """Read the settings.

        Args:
            given: the strongest source, as the command line; None values do not count.
            folder: where the project's own file is looked for; the current folder by default.
            environment: the process environment by default.

        Raises:
            ConfigurationError: a file cannot be read, a value or name is wrong, or a file of the
                folder wants what only a trusted one gets.
        """
        env = dict(os.environ if environment is None else environment)
        layers = _layers(given or {}, folder or Path.cwd(), env)
        claims = _claims(layers, env)
        trusted = {claim.path for claim in claims if claim.is_trusted(env)}
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for layer in layers:
            for name, value in layer.values.items():
                lowers = name == "limits" and layer.path and layer.path not in trusted
                to, sources[name] = "lowered" if lowers else name, layer.source
                values[to] = _merged(values.get(to), value) if name in _TABLES else value
        providers = _known(values.get("providers", {}))
        for claim in claims:
            if claim.path not in trusted:
                raise claim.refusal(env)
        if "workspace" not in values:
            _check_workspace(folder or Path.cwd())
        variables = {**layers[0].variables, **env}
        wanted = {
            variable
            for provider in providers.values()
            for variable in (provider.key_env, provider.url_env)
            if variables.get(variable)
        }
        keys = {variable: variables[variable] for variable in sorted(wanted)}
        register_secret(*keys.values(), values.get("api_key", ""), values.get("base_url", ""))
        return cls(**values, sources=sources, keys=keys)

    @staticmethod
    def claims(
        folder: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> list[Claim]:
        """Return what the files of a folder want that only trusted ones get.

        Raises:
            ConfigurationError: as `load`, but for what is not trusted.
        """
        env = dict(os.environ if environment is None else environment)
        return _claims(_layers({}, folder or Path.cwd(), env), env)

    @property
    def chosen_model(self) -> str:
        """The model that answers: the one named, a real one if there is a key, else offline."""
        if self.model:
            return self.model
        return DEFAULT_MODEL if self.api_key or self.base_url else "offline"

    def model_of(self, role: str) -> str:
        """Return the name of the model that answers for `role`, or of the models of its route."""
        return self.role_models.get(role) or self.chosen_model

    def is_lean(self, model: str) -> bool:
        """Return whether the model (the first one of a route) gets the short prompts."""
        first = model.partition(",")[0].strip().lower()
        patterns = [pattern.strip().lower() for pattern in self.lean.split(",")]
        return any(fnmatchcase(first, pattern) for pattern in patterns if pattern)

    def known_providers(self) -> dict[str, Provider]:
        """Return all providers there are: those of metaco, with what is configured."""
        return _known(self.providers)

    def open(self, name: str) -> Model:
        """Return the model that `name` stands for, at its provider and with its key.

        Raises:
            ConfigurationError: there is no such model, or no key for it.
        """
        from metaco.models import open_model

        return open_model(
            name,
            base_url=self.base_url or None,
            api_key=self.api_key or None,
            timeout=self.timeout,
            providers=self.known_providers(),
            environment={**os.environ, **self.keys},
        )


_TABLES = ("role_models", "providers", "prices", "limits")
_TYPES: dict[str, type] = {
    f.name: type(f.default) for f in fields(Settings) if isinstance(f.default, str | int | float)
}


def _checked(name: str, value: Any, source: str) -> Any:
    """Return `value` as the type the setting has."""
    if name in _TABLES:
        return _table(name, value, source)
    if name == "model" and isinstance(value, list):
        value = _route(name, value, source)
    if name not in _TYPES:
        raise ConfigurationError(
            f"There is no setting {name!r} ({source}).",
            f"Settings are {', '.join([*_TYPES, *_TABLES])}.",
        )
    try:
        if not isinstance(value, str | int | float | Path):
            raise TypeError(value)
        value = _TYPES[name](value)
    except (TypeError, ValueError):
        said = name if name in ("api_key", "base_url") else f"{name} = {value!r}"
        raise ConfigurationError(
            f"The setting {said} ({source}) is no {_TYPES[name].__name__}.", "Correct it."
        ) from None
    if name == "sandbox" and value not in ("auto", "require", "off"):
        raise ConfigurationError(
            f"The setting sandbox is {value!r} ({source}).", "Write auto, require or off."
        )
    if name == "telemetry" and value not in ("off", "on", "content"):
        raise ConfigurationError(
            f"The setting telemetry is {value!r} ({source}).", "Write off, on or content."
        )
    if name in ("parallel", "timeout", "daily_cost") and not value > 0:
        raise ConfigurationError(f"The setting {name} is {value} ({source}).", "Give more than 0.")
    if name == "base_url" and value:
        _check_address(value, source)
    return value


def _table(name: str, value: Any, source: str) -> dict[str, Any]:
    """Return the table `value`, once it is certain that it can be used."""
    example = {
        "role_models": 'role_models = {engineer = "openai:gpt-5"}',
        "providers": '[providers.gpu] base_url = "http://gpu.example/v1"',
        "prices": '[prices."gpu:llama"] prompt = 0.5, reply = 1.5',
        "limits": "limits = {cost = 2.0, roles = {engineer = {cost = 1.0}}}",
    }[name]
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"{name} in {source} is not a table.", f"Write {example}.")
    if name == "role_models":
        return {role: _route(f"{name}.{role}", model, source) for role, model in value.items()}
    if name == "providers":
        _known(value, whole=False)
    elif name == "prices":
        from metaco.models.prices import check_prices

        check_prices(value)
    else:
        from metaco.core.limits import Limits

        Limits.of(value, source)
    return dict(value)


def _route(name: str, value: Any, source: str) -> str:
    """Return one name, or several with commas between them."""
    names = value if isinstance(value, list) else [value]
    if not names or not all(isinstance(each, str) and each.strip() for each in names):
        raise ConfigurationError(
            f"{name} = {value!r} ({source}) names no model.",
            'Write a name, as "openai:gpt-5", or a list of names to try in turn.',
        )
    return ",".join(each.strip() for each in names)


def _known(own: Mapping[str, Any] | None, *, whole: bool = True) -> dict[str, Provider]:
    from metaco.models.providers import known

    return known(own, whole=whole)


def _check_address(address: str, source: str) -> None:
    from metaco.models.providers import check_address

    check_address(address, source)


def _merged(weak: Any, strong: Mapping[str, Any]) -> dict[str, Any]:
    """Return two tables as one; so also the tables in them."""
    found = dict(weak or {})
    for name, value in strong.items():
        found[name] = _merged(found.get(name), value) if isinstance(value, Mapping) else value
    return found


def _check_workspace(folder: Path) -> None:
    """Refuse the usual workspace where a link of the folder leads it elsewhere."""
    usual = Settings().workspace
    if not _is_free("workspace", usual, None, folder):
        raise ConfigurationError(
            f"{usual}, or what metaco keeps there, is a link out of the folder.",
            "If you want that, name the workspace with --workspace, METACO_WORKSPACE or your own "
            "configuration.",
        )


def _from_env(env: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _TYPES:
        if value := env.get(f"METACO_{name.upper()}"):
            found[name] = value
    for name, variable in (("api_key", "OPENAI_API_KEY"), ("base_url", "OPENAI_BASE_URL")):
        if name not in found and env.get(variable):
            found[name] = env[variable]
    roles = {
        name.removeprefix("METACO_MODEL_").lower(): value
        for name, value in env.items()
        if name.startswith("METACO_MODEL_") and value
    }
    if roles:
        found["role_models"] = roles
    return found


@dataclass(frozen=True, slots=True)
class _Layer:
    """One source of settings.

    Attributes:
        path, content: the file of the folder it is, as it was read; none where a person's own.
        variables: all that a `.env` says.
        filled: those of them that hold what other variables do.
    """

    source: str
    values: Mapping[str, Any]
    path: Path | None = None
    content: bytes = b""
    variables: Mapping[str, str] = field(default_factory=dict)
    filled: frozenset[str] = frozenset()


def _layers(given: Mapping[str, Any], folder: Path, env: Mapping[str, str]) -> list[_Layer]:
    """Return all sources, the strongest one last. Each file is read once, and never again."""
    user, project = user_folder(env, "config") / "metaco.toml", folder / "metaco.toml"
    mine = project.resolve() == user.resolve()
    found = [
        _dotenv(folder / ".env"),
        _Layer(str(user), _from_toml(user, _content(user))),
        _file(folder / "pyproject.toml", "tool", "metaco"),
        _Layer(project.name, {}) if mine else _file(project),
        _Layer("the environment", _from_env(env)),
        _Layer("the command line", {k: v for k, v in given.items() if v is not None}),
    ]
    return [
        replace(layer, values={k: _checked(k, v, layer.source) for k, v in layer.values.items()})
        for layer in found
    ]


_FREE = ("model", "role_models", "timeout", "parallel", "lean")
"""What a file of a folder may say although nobody trusts it."""

_WANTS = {
    "base_url": "models are asked there, and prompts and keys go there",
    "api_key": "models are paid with this key instead of yours, and its owner may see the prompts",
    "providers": "models are asked where it says, with the keys it names, and billed as it says",
    "prices": "budgets in dollars are counted with these prices",
    "telemetry": "what a run does is sent to where your OTEL variables point",
    "workspace": "projects and the log are written outside of the folder",
    "limits": "the limits of your own configuration are raised",
    "daily_cost": "the limit of your own configuration is raised",
}


def _claims(layers: Sequence[_Layer], env: Mapping[str, str]) -> list[Claim]:
    """Return what the files of the folder want that only trusted ones get.

    What a stronger source says anyway is no matter of theirs.

    Raises:
        ConfigurationError: one of them weakens the sandbox.
    """
    claims = []
    for n, layer in enumerate(layers):
        if layer.path is None:
            continue
        below = [each for each in layers[:n] if each.path is None]
        own = {name: value for each in below for name, value in each.values.items()}
        said = {name for each in layers[n + 1 :] for name in each.values}
        wants: dict[str, str] = {}
        for name, value in layer.values.items():
            if name in said and name not in _TABLES:
                continue
            if name == "sandbox" and _WEAKER[value] > _WEAKER[str(own.get(name, "auto"))]:
                raise ConfigurationError(
                    f"{layer.path.name} says sandbox = {value!r}, but no file of a folder can "
                    "weaken the sandbox.",
                    "If you want that, say it with --sandbox, METACO_SANDBOX or "
                    f"{user_folder(env, 'config') / 'metaco.toml'}.",
                )
            if name == "api_key" and layer.variables:  # the folder's own, and displaces no other
                continue
            if not _is_free(name, value, own.get(name), layer.path.parent):
                wants |= _words(name, value)
        tables = [_known(each.values.get("providers"), whole=False) for each in layers]
        providers = [provider for table in tables for provider in table.values()]
        addresses = {provider.url_env for provider in providers} & layer.variables.keys()
        there = {name for name, value in env.items() if value}  # an empty one decides nothing
        for name in sorted(addresses - there):
            _check_address(layer.variables[name], f"{name} in {layer.source}")
            wants[name] = f"{public_address(layer.variables[name])}; {_WANTS['base_url']}"
        read = {provider.key_env for provider in providers} | addresses | {"OPENAI_BASE_URL"}
        for name in sorted(layer.filled - there):
            if name in read or name.startswith("METACO_"):
                wants[name] = "it takes in what other variables hold, which may be secrets"
        if wants:
            says = tuple(f"{name}: {text}" for name, text in wants.items())
            claims.append(Claim(layer.path, layer.content, says, tuple(wants)))
    return claims


_WEAKER = {"require": 0, "auto": 1, "off": 2}


def _is_free(name: str, value: Any, own: Any, folder: Path) -> bool:
    """Return whether a file that nobody trusts may say so.

    Args:
        own: what the person's own configuration says.
    """
    if name == "workspace":
        there = folder / str(value)
        kept = (there, *there.glob("metaco.*"))  # its log and its locks
        return all(path.resolve().is_relative_to(folder.resolve()) for path in kept)
    if name == "telemetry":
        return bool(value == "off")
    if name == "daily_cost":
        return bool(own is None or value <= own)
    if name == "limits":
        return _within(value, own or {})
    return name in _FREE or name == "sandbox"


def _within(limits: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Return whether no limit is higher than one's own; so also for single roles."""
    return all(
        _within(value, own[name]) if isinstance(value, Mapping) else bool(value <= own[name])
        for name, value in limits.items()
        if name in own
    ) and all(
        name in limits and set(limits[name]) >= set(each)
        for name, each in own.items()
        if isinstance(each, Mapping) and name in limits
    )


def _words(name: str, value: Any) -> dict[str, str]:
    """Return what a setting wants, in words: one for each provider and what it says."""
    if name == "providers":
        return {
            f"providers.{provider}": ", ".join(f"{k} = {_shown(k, v)}" for k, v in table.items())
            for provider, table in value.items()
        }
    said = "" if name in ("api_key", "prices", "limits") else f"{_shown(name, value)}; "
    return {name: said + _WANTS[name]}


def _shown(name: str, value: Any) -> str:
    return public_address(value) if name == "base_url" else str(value)


def _content(path: Path) -> bytes | None:
    if not path.is_file():
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}.", "Mend its permissions."
        ) from error


def _file(path: Path, *tables: str) -> _Layer:
    content = _content(path)
    return _Layer(path.name, _from_toml(path, content, *tables), path, content or b"")


def _from_toml(path: Path, content: bytes | None, *tables: str) -> dict[str, Any]:
    try:
        data: Any = tomllib.loads((content or b"").decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        if tables:  # somebody else's file: not ours to complain about
            return {}
        raise ConfigurationError(f"{path} cannot be read: {error}.", "Correct the file.") from error
    for table in tables:
        data = data.get(table, {}) if isinstance(data, dict) else {}
    return data if isinstance(data, dict) else {}


def _dotenv(path: Path) -> _Layer:
    content = _content(path)
    if content is None:
        return _Layer(".env", {})
    from dotenv import dotenv_values

    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.", "Correct the file.") from error
    plain, full = (
        {k: v for k, v in dotenv_values(stream=io.StringIO(text), interpolate=way).items() if v}
        for way in (False, True)
    )
    values = _from_env(full)
    filled = {name for name, value in full.items() if plain.get(name) != value}
    return _Layer(".env", values, path, content, full, frozenset(filled))
