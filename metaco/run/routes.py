"""Routes: which models answer for each role, opened when they are first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from metaco.core.errors import ConfigurationError
from metaco.core.model import Model
from metaco.models import route, unusual_host

__all__ = ["Route", "Routes"]

Route = str | Model | Sequence[str | Model]
"""A model or several, each where those before it fail; names may have commas between them."""


class Routes:
    """The routes of the roles of a company.

    Args:
        of_roles: the routes of single roles.
        usual: the route of all others; None leaves it to `configured`.
        configured: returns what the settings say of a role.
        open_model: opens a model by its name.
    """

    def __init__(
        self,
        of_roles: Mapping[str, Route],
        usual: Route | None,
        configured: Callable[[str], str],
        open_model: Callable[[str], Model],
    ) -> None:
        self._of_roles, self._usual, self._configured = of_roles, usual, configured
        self._open_model = open_model
        self._opened: dict[str, Model] = {}

    def route_of(self, role: str) -> tuple[Model, ...]:
        """Return the models that answer for `role`, each where those before it fail.

        Raises:
            ConfigurationError: a name is not known, or has no key; or there is none.
        """
        named: Any = self._of_roles.get(role) or self._usual or self._configured(role)
        models: list[Model] = []
        for each in named if isinstance(named, list | tuple) else [named]:
            models += map(self._open, route(each)) if isinstance(each, str) else [each]
        if not models:
            raise ConfigurationError(
                f"No model is named for the role {role}.", "Name one, as openai:gpt-5-mini."
            )
        return tuple(models)

    def hosts_of(self, role: str) -> str:
        """Return the route of `role` in one line, with the hosts that are not the usual ones.

        Raises:
            ConfigurationError: as `route_of`.
        """
        hosts = [(model.name, unusual_host(model)) for model in self.route_of(role)]
        return ", ".join(f"{name} at {host}" if host else name for name, host in hosts)

    def _open(self, name: str) -> Model:
        if name not in self._opened:
            self._opened[name] = self._open_model(name)
        return self._opened[name]

    async def close(self) -> None:
        """Close the models that were opened; they are opened anew when they are needed again."""
        models: Iterable[Model] = self._opened.values()
        self._opened = {}
        for model in models:
            if close := getattr(model, "aclose", None):
                await close()
