"""What files of a folder want that only trusted ones get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from metaco.core.errors import ConfigurationError
from metaco.core.paths import user_folder
from metaco.core.redaction import public_address
from metaco.settings.sources import Layer
from metaco.settings.trust import Claim
from metaco.settings.values import TABLES, WORKSPACE, check_address, known_providers

__all__ = ["check_workspace", "claims_of"]

_FREE = ("model", "role_models", "timeout", "parallel", "lean")
"""What a file of a folder may say although nobody trusts it."""


_WANTS = {
    "base_url": "models are asked there, and prompts and keys go there",
    "api_key": "models are paid with this key instead of yours, and its owner may see the prompts",
    "providers": "models are asked where it says, with the keys it names, and billed as it says",
    "sampling": "requests carry its headers and its extra_body",
    "permissions": "models may call these tools without asking you",
    "prices": "budgets in dollars are counted with these prices",
    "telemetry": "what a run does is sent to where your OTEL variables point",
    "workspace": "projects and the log are written outside of the folder",
    "limits": "the limits of your own configuration are raised",
    "daily_cost": "the limit of your own configuration is raised",
    "mcp": "it is run with your permissions, or asked there",
}


_WEAKER = {"require": 0, "auto": 1, "off": 2}


def claims_of(layers: Sequence[Layer], env: Mapping[str, str]) -> list[Claim]:
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
        personal = {name: value for each in below for name, value in each.values.items()}
        overridden = {name for each in layers[n + 1 :] for name in each.values}
        wants: dict[str, str] = {}
        for name, value in layer.values.items():
            if name in overridden and name not in TABLES:
                continue
            if name == "sandbox" and _WEAKER[value] > _WEAKER[str(personal.get(name, "auto"))]:
                raise ConfigurationError(
                    f"{layer.path.name} sets sandbox = {value!r}, but a file of a folder cannot "
                    "weaken the sandbox.",
                    "If this is intended, set it with --sandbox, METACO_SANDBOX or "
                    f"{user_folder(env, 'config') / 'metaco.toml'}.",
                )
            if name == "api_key" and layer.variables:  # the folder's own, and displaces no other
                continue
            if not _is_free(name, value, personal.get(name), layer.path.parent):
                wants |= _words(name, value)
        tables = [known_providers(each.values.get("providers"), whole=False) for each in layers]
        providers = [provider for table in tables for provider in table.values()]
        addresses = {provider.url_env for provider in providers} & layer.variables.keys()
        defined = {name for name, value in env.items() if value}  # an empty one decides nothing
        for name in sorted(addresses - defined):
            check_address(layer.variables[name], f"{name} in {layer.source}")
            wants[name] = f"{public_address(layer.variables[name])}; {_WANTS['base_url']}"
        read = {provider.key_env for provider in providers} | addresses | {"OPENAI_BASE_URL"}
        for name in sorted(layer.filled - defined):
            if name in read or name.startswith("METACO_"):
                wants[name] = "it takes in what other variables hold, which may be secrets"
        if wants:
            says = tuple(f"{name}: {text}" for name, text in wants.items())
            claims.append(Claim(layer.path, layer.content, says, tuple(wants)))
    return claims


def check_workspace(folder: Path) -> None:
    """Refuse the usual workspace where a link of the folder leads it elsewhere."""
    usual = WORKSPACE
    if not _is_free("workspace", usual, None, folder):
        raise ConfigurationError(
            f"{usual}, or what metaco keeps there, is a link that leaves the folder.",
            "If this is intended, set the workspace with --workspace, METACO_WORKSPACE or your own "
            "configuration.",
        )


def _is_free(name: str, value: Any, personal: Any, folder: Path) -> bool:
    """Return whether a file that nobody trusts may say so.

    Args:
        personal: what the person's own configuration says.
    """
    if name == "workspace":
        workspace = folder / str(value)
        kept = (workspace, *workspace.glob("metaco.*"))  # its log and its locks
        return all(path.resolve().is_relative_to(folder.resolve()) for path in kept)
    if name == "telemetry":
        return bool(value == "off")
    if name == "daily_cost":
        return bool(personal is None or value <= personal)
    if name == "sampling":
        return not any({"headers", "extra_body"} & table.keys() for table in value.values())
    if name == "permissions":
        return not value.allow
    if name == "limits":
        return _within(value, personal or {})
    return name in _FREE or name == "sandbox"


def _within(limits: Mapping[str, Any], personal: Mapping[str, Any]) -> bool:
    """Return whether no limit is higher than one's own; so also for single roles."""
    return all(
        _within(value, personal[name])
        if isinstance(value, Mapping)
        else bool(value <= personal[name])
        for name, value in limits.items()
        if name in personal
    ) and all(
        name in limits and set(limits[name]) >= set(each)
        for name, each in personal.items()
        if isinstance(each, Mapping) and name in limits
    )


def _words(name: str, value: Any) -> dict[str, str]:
    """Return what a setting wants, in words: one for each provider or server and what it says."""
    if name in ("providers", "mcp"):
        why = f"; {_WANTS[name]}" if name == "mcp" else ""
        return {
            f"{name}.{one}": ", ".join(f"{k} = {_shown(k, v)}" for k, v in table.items()) + why
            for one, table in value.items()
        }
    if name == "permissions":
        return {name: f"allow {', '.join(value.allow)}; {_WANTS[name]}"}
    prefix = (
        "" if name in ("api_key", "prices", "sampling", "limits") else f"{_shown(name, value)}; "
    )
    return {name: prefix + _WANTS[name]}


def _shown(name: str, value: Any) -> str:
    return public_address(value) if name == "base_url" else str(value)
