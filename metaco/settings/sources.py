"""Where settings are read: the command line, the environment, files."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from metaco.core.errors import ConfigurationError
from metaco.core.paths import user_folder
from metaco.settings.values import TYPES, checked

__all__ = ["Layer", "read_layers"]


@dataclass(frozen=True, slots=True)
class Layer:
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


def read_layers(given: Mapping[str, Any], folder: Path, env: Mapping[str, str]) -> list[Layer]:
    """Return all sources, the strongest one last. Each file is read once, and never again."""
    user, project = user_folder(env, "config") / "metaco.toml", folder / "metaco.toml"
    same_file = project.resolve() == user.resolve()
    layers = [
        _dotenv(folder / ".env"),
        Layer(str(user), _from_toml(user, _content(user))),
        _file(folder / "pyproject.toml", "tool", "metaco"),
        Layer(project.name, {}) if same_file else _file(project),
        Layer("the environment", _from_env(env)),
        Layer("the command line", {k: v for k, v in given.items() if v is not None}),
    ]
    return [
        replace(layer, values={k: checked(k, v, layer.source) for k, v in layer.values.items()})
        for layer in layers
    ]


def _from_env(env: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in TYPES:
        if value := env.get(f"METACO_{name.upper()}"):
            values[name] = value
    for name, variable in (("api_key", "OPENAI_API_KEY"), ("base_url", "OPENAI_BASE_URL")):
        if name not in values and env.get(variable):
            values[name] = env[variable]
    roles = {
        name.removeprefix("METACO_MODEL_").lower(): value
        for name, value in env.items()
        if name.startswith("METACO_MODEL_") and value
    }
    if roles:
        values["role_models"] = roles
    return values


def _content(path: Path) -> bytes | None:
    if not path.is_file():
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}.", "Correct its permissions."
        ) from error


def _file(path: Path, *tables: str) -> Layer:
    content = _content(path)
    return Layer(path.name, _from_toml(path, content, *tables), path, content or b"")


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


def _dotenv(path: Path) -> Layer:
    content = _content(path)
    if content is None:
        return Layer(".env", {})
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
    return Layer(".env", values, path, content, full, frozenset(filled))
