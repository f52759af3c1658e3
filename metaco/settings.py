"""Settings: what a user configured, from the strongest source that says something.

flag > METACO_* environment > ./metaco.toml or [tool.metaco] in ./pyproject.toml > the user's own
file > .env. Nothing is read on import.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from metaco.errors import ConfigurationError

__all__ = ["Settings"]

DEFAULT_MODEL = "openai:gpt-5-mini"
"""What answers when there is a key and no model was named."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user configured.

    Attributes:
        model: the model for all roles, as ``offline`` or ``openai:gpt-5``; empty chooses one.
        role_models: models of single roles, by the name the SOP gives the role.
        base_url, api_key: an OpenAI-compatible endpoint; also OPENAI_BASE_URL, OPENAI_API_KEY.
        timeout: seconds a reply may take.
        workspace: the folder of the projects.
        sandbox: ``auto``, ``require`` or ``off``.
        parallel: how many calls to models may be in flight at once.
        sources: where each setting came from, for `metaco doctor`.
    """

    model: str = ""
    role_models: Mapping[str, str] = field(default_factory=dict)
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    timeout: float = 600.0
    workspace: str = "workspace"
    sandbox: str = "auto"
    parallel: int = 32
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

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
            ConfigurationError: a file cannot be read, or a value or name is wrong.
        """
        folder = folder or Path.cwd()
        env = dict(os.environ if environment is None else environment)
        dotenv = _dotenv(folder / ".env")
        user = (
            Path(env.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "metaco" / "metaco.toml"
        )
        layers = [
            (".env", _from_env(dotenv)),
            (str(user), _from_toml(user)),
            ("pyproject.toml", _from_toml(folder / "pyproject.toml", "tool", "metaco")),
            ("metaco.toml", _from_toml(folder / "metaco.toml")),
            ("the environment", _from_env(env)),
            ("the command line", {k: v for k, v in (given or {}).items() if v is not None}),
        ]
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for source, layer in layers:
            for name, value in layer.items():
                value = _checked(name, value, source)
                if name == "role_models":
                    value = {**values.get(name, {}), **value}
                values[name], sources[name] = value, source
        return cls(**values, sources=sources)

    @property
    def chosen_model(self) -> str:
        """The model that answers: the one named, a real one if there is a key, else offline."""
        if self.model:
            return self.model
        return DEFAULT_MODEL if self.api_key or self.base_url else "offline"

    def model_of(self, role: str) -> str:
        """Return the name of the model that answers for `role`."""
        return self.role_models.get(role) or self.chosen_model


_TYPES: dict[str, type] = {
    f.name: type(f.default) for f in fields(Settings) if isinstance(f.default, str | int | float)
}


def _checked(name: str, value: Any, source: str) -> Any:
    """Return `value` as the type the setting has."""
    if name == "role_models":
        if isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values()):
            return dict(value)
        raise ConfigurationError(
            f"role_models in {source} is not a table of role = model.",
            'Write role_models = {engineer = "openai:gpt-5"}.',
        )
    if name not in _TYPES:
        raise ConfigurationError(
            f"There is no setting {name!r} ({source}).",
            f"Settings are {', '.join([*_TYPES, 'role_models'])}.",
        )
    try:
        if not isinstance(value, str | int | float | Path):
            raise TypeError(value)
        value = _TYPES[name](value)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"The setting {name} = {value!r} ({source}) is no {_TYPES[name].__name__}.",
            "Correct it.",
        ) from error
    if name == "sandbox" and value not in ("auto", "require", "off"):
        raise ConfigurationError(
            f"The setting sandbox is {value!r} ({source}).", "Write auto, require or off."
        )
    if name in ("parallel", "timeout") and not value > 0:
        raise ConfigurationError(f"The setting {name} is {value} ({source}).", "Give more than 0.")
    return value


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


def _from_toml(path: Path, *tables: str) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        data: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        if tables:  # somebody else's file: not ours to complain about
            return {}
        raise ConfigurationError(f"{path} cannot be read: {error}.", "Correct the file.") from error
    for table in tables:
        data = data.get(table, {}) if isinstance(data, dict) else {}
    return data if isinstance(data, dict) else {}


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    try:
        values = dotenv_values(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.", "Correct the file.") from error
    return {name: value for name, value in values.items() if value is not None}
