"""Settings: what a user configured, from the strongest source that says something.

flag > METACO_* environment > ./metaco.toml or [tool.metaco] in ./pyproject.toml > the user's own
file > .env. Nothing is read on import.

The files of the current folder may come from anybody. They may name models, tighten limits and say
how things look; whatever decides where prompts and keys go, what is paid or what is sent elsewhere
is refused until the person trusts the file (`metaco.settings.trust`) or says it in a stronger
source of their own. None of them weakens the sandbox, trusted or not.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from metaco.core.permissions import Permissions
from metaco.core.redaction import register_secret
from metaco.core.sampling import Sampling
from metaco.run.options import Resource
from metaco.settings.claims import check_workspace, claims_of
from metaco.settings.sources import read_layers
from metaco.settings.trust import Claim
from metaco.settings.values import TABLES, WORKSPACE, known_providers, merged

if TYPE_CHECKING:
    from metaco.core.model import Model
    from metaco.models.providers import Provider
    from metaco.tools.mcp import Server

__all__ = ["Settings"]

DEFAULT_MODEL, SERVED_MODEL = "openai:gpt-5-mini", "openai:*"
"""What answers when no model was named: there is a key; or an endpoint, which says what it runs."""


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
        sampling: how replies are drawn, by role; see `metaco.core.sampling.Sampling`.
        permissions: what models may do with tools; the rules of all sources count.
        prices: dollars per million tokens, by model; see `metaco.models.prices.price`.
        limits: replaces the limits of SOPs, as a table like theirs; also per role.
        lowered: the same from files of the folder that nobody trusts: it lowers them only.
        daily_cost: the most dollars that all runs of a workspace may cost in a day.
        mcp: MCP servers by their names; see `metaco.tools.mcp.Server`.
        timeout: seconds a reply may take.
        workspace: the folder of the projects.
        sandbox: ``auto``, ``require`` or ``off``.
        parallel: how many calls to models may be in flight at once; by default only the pace of
            each provider limits that.
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
    workspace: str = WORKSPACE
    sandbox: str = "auto"
    parallel: int = 1_000_000
    lean: str = ""
    telemetry: str = "off"
    daily_cost: float = math.inf
    providers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    sampling: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    permissions: Permissions = field(default_factory=Permissions)
    prices: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    lowered: Mapping[str, Any] = field(default_factory=dict)
    mcp: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
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
        layers = read_layers(given or {}, folder or Path.cwd(), env)
        claims = claims_of(layers, env)
        trusted = {claim.path for claim in claims if claim.is_trusted(env)}
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for layer in layers:
            for name, value in layer.values.items():
                lowers = name == "limits" and layer.path and layer.path not in trusted
                to, sources[name] = "lowered" if lowers else name, layer.source
                if name == "mcp":  # a server of one source gets nothing of another's
                    values[to] = {**values.get(to, {}), **value}
                else:
                    values[to] = merged(values.get(to), value) if name in TABLES else value
        providers = known_providers(values.get("providers", {}))
        for claim in claims:
            if claim.path not in trusted:
                raise claim.refusal(env)
        if "workspace" not in values:
            check_workspace(folder or Path.cwd())
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
        return claims_of(read_layers({}, folder or Path.cwd(), env), env)

    @property
    def chosen_model(self) -> str:
        """The model that answers: the one named, a real one if there is a key, else offline."""
        if self.model:
            return self.model
        if self.base_url and urlsplit(self.base_url).hostname != "api.openai.com":
            return SERVED_MODEL
        return DEFAULT_MODEL if self.api_key or self.base_url else "offline"

    def model_of(self, role: str) -> str:
        """Return the name of the model that answers for `role`, or of the models of its route."""
        return self.role_models.get(role) or self.chosen_model

    def is_lean(self, model: str) -> bool:
        """Return whether the model (the first one of a route) gets the short prompts."""
        first = model.partition(",")[0].strip().lower()
        patterns = [pattern.strip().lower() for pattern in self.lean.split(",")]
        return any(fnmatchcase(first, pattern) for pattern in patterns if pattern)

    def sampling_of(self, role: str) -> Sampling:
        """Return how the replies to `role` are drawn."""
        return Sampling.of(self.sampling.get(role, {}), f"sampling.{role}")

    def servers(self) -> list[Server]:
        """Return the MCP servers that are configured."""
        if not self.mcp:
            return []
        from metaco.tools.mcp import Server

        return [Server.of(name, table, "the settings") for name, table in self.mcp.items()]

    def resources(self) -> dict[str, Resource]:
        """Return what of the settings lives as long as a run: MCP servers, as ``mcp.NAME``."""
        return {f"mcp.{server.name}": server.open for server in self.servers()}

    def known_providers(self) -> dict[str, Provider]:
        """Return all providers there are: those of metaco, with what is configured."""
        return known_providers(self.providers)

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
