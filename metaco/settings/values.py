"""The values of settings: their types, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaco.core.errors import ConfigurationError
from metaco.core.permissions import Permissions
from metaco.core.sampling import Sampling

if TYPE_CHECKING:
    from metaco.models.providers import Provider

__all__ = ["TABLES", "TYPES", "WORKSPACE", "check_address", "checked", "known_providers", "merged"]

WORKSPACE = "workspace"
"""The folder of the projects, where none is named."""

TYPES: Mapping[str, type] = {
    "model": str,
    "base_url": str,
    "api_key": str,
    "timeout": float,
    "workspace": str,
    "sandbox": str,
    "parallel": int,
    "lean": str,
    "telemetry": str,
    "daily_cost": float,
}
"""The settings that are one value."""

_KINDS = {str: "text", int: "a whole number", float: "a number"}

TABLES = ("role_models", "providers", "sampling", "permissions", "prices", "limits", "mcp")
"""The others."""


def checked(name: str, value: Any, source: str) -> Any:
    """Return `value` as the type the setting has."""
    if name in TABLES:
        return _table(name, value, source)
    if name == "model" and isinstance(value, list):
        value = _route(name, value, source)
    if name not in TYPES:
        raise ConfigurationError(
            f"There is no setting {name!r} ({source}).",
            f"Settings are {', '.join([*TYPES, *TABLES])}.",
        )
    try:
        if not isinstance(value, str | int | float | Path):
            raise TypeError(value)
        value = TYPES[name](value)
    except (TypeError, ValueError):
        shown = name if name in ("api_key", "base_url") else f"{name} = {value!r}"
        raise ConfigurationError(
            f"The setting {shown} ({source}) is not {_KINDS[TYPES[name]]}.", "Correct it."
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
        raise ConfigurationError(
            f"The setting {name} is {value} ({source}).", "Use a value greater than 0."
        )
    if name == "base_url" and value:
        check_address(value, source)
    return value


def _table(name: str, value: Any, source: str) -> dict[str, Any] | Permissions:
    """Return the table `value`, once it is certain that it can be used."""
    if name == "permissions":
        return Permissions.of(value, source)
    example = {
        "role_models": 'role_models = {engineer = "openai:gpt-5"}',
        "providers": '[providers.gpu] base_url = "http://gpu.example/v1"',
        "sampling": "[sampling.engineer] temperature = 0.2",
        "prices": '[prices."gpu:llama"] prompt = 0.5, reply = 1.5',
        "limits": "limits = {cost = 2.0, roles = {engineer = {cost = 1.0}}}",
        "mcp": '[mcp.files] command = ["python", "server.py"]',
    }[name]
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"{name} in {source} is not a table.", f"Write {example}.")
    if name == "role_models":
        return {role: _route(f"{name}.{role}", model, source) for role, model in value.items()}
    if name == "providers":
        known_providers(value, whole=False)
    elif name == "sampling":
        for role, parameters in value.items():
            Sampling.of(parameters, f"{role} in {source}")
    elif name == "prices":
        from metaco.models.prices import check_price_table

        check_price_table(value)
    elif name == "mcp":
        from metaco.tools.mcp import Server

        for server, facts in value.items():
            Server.of(server, facts, source)
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


def known_providers(tables: Mapping[str, Any] | None, *, whole: bool = True) -> dict[str, Provider]:
    from metaco.models.providers import known

    return known(tables, whole=whole)


def check_address(address: str, source: str) -> None:
    from metaco.models.providers import check_address

    check_address(address, source)


def merged(weak: Any, strong: Any) -> Any:
    """Return two tables as one; so also the tables in them."""
    if isinstance(strong, Permissions):
        return strong | (weak or Permissions())
    table = dict(weak or {})
    for name, value in strong.items():
        table[name] = merged(table.get(name), value) if isinstance(value, Mapping) else value
    return table
