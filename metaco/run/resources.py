"""Resources: what lives as long as a run, such as a database or a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from metaco.core.errors import ConfigurationError, MetacoError
from metaco.core.held import Held
from metaco.core.suggest import suggest
from metaco.run.options import Resource

__all__ = ["Resources"]


class Resources:
    """The resources of one run, open at most as long as this context.

    Args:
        known: by their names.
        warnings: what a person should know; more is added here.
    """

    def __init__(self, known: Mapping[str, Resource], warnings: list[str]) -> None:
        self._known, self._warnings = known, warnings
        self._held: dict[str, Held[Any]] = {}

    async def get(self, name: str) -> Any:
        """Return a resource, which is opened where nobody has needed it before.

        Raises:
            ConfigurationError: there is none of this name, or it could not be opened. Who needs it
                next tries again.
        """
        if name not in self._known:
            raise ConfigurationError(
                f"There is no resource {name!r}.",
                suggest(name, list(self._known), "There are")
                if self._known
                else "Name it in Company(resources=...); mcp.NAME is [mcp.NAME] in metaco.toml.",
            )
        try:
            held = self._held.get(name)
            if held is None:
                held = self._held[name] = Held(self._known[name]())
            return await held.value()
        except Exception as error:
            if self._held.get(name) is held:
                self._held.pop(name, None)
            if isinstance(error, MetacoError):
                raise
            raise ConfigurationError(
                f"The resource {name} could not be opened: {type(error).__name__}: {error}.",
                "Correct that and go on with `metaco resume`.",
            ) from error

    def lent(self) -> dict[str, Resource]:
        """Return the same resources for a run that is part of this one, which closes none."""

        @asynccontextmanager
        async def lend(name: str) -> AsyncIterator[Any]:
            yield await self.get(name)

        return {name: partial(lend, name) for name in self._known}

    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None:
        """Close all that are open, the newest first."""
        while self._held:
            name, held = self._held.popitem()
            try:
                await held.close()
            except Exception as error:  # noqa: BLE001  the others are closed, too
                self._warnings.append(f"The resource {name} could not be closed: {error!r}.")
