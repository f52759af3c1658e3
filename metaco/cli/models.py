"""`metaco models`: the known providers, their keys, and which of them can be reached."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from typing import Any

from metaco.cli import interrupt
from metaco.cli.options import Add, verbose
from metaco.cli.screen import add_row, draw, err, out, table
from metaco.core.redaction import strip_userinfo
from metaco.models.ping import Ping, ping_all
from metaco.models.providers import Provider
from metaco.settings import Settings

__all__ = ["models", "options"]


def options(add: Add) -> None:
    """Declare the options."""
    add(
        "--check",
        action="store_true",
        help="also contact providers with a key, not only local ones",
    )
    add("--json", action="store_true", help="one JSON object per line")
    verbose(add)


_FEATURES = ("schema", "json")


def models(args: Namespace) -> int:
    """List the providers; ask the local ones, and with --check all that are configured."""
    settings = Settings.load()
    environment = {**os.environ, **settings.keys}
    providers = settings.known_providers().values()
    asked = [p for p in providers if p.local or (args.check and _configured(p, environment))]
    pings = interrupt.run(ping_all(asked, environment))
    rows = [_row(each, environment, pings.get(each.name)) for each in providers]
    if args.json:
        for row in rows:
            out(json.dumps(row, ensure_ascii=False))
        return 0
    made = table("provider", "key", "status", "supports", "address", whole=("provider", "key"))
    for row in rows:
        add_row(
            made,
            row["provider"],
            _key(row),
            row["status"],
            " ".join(row["supports"]),
            row["address"],
        )
    draw(made)
    err("")
    err(f"Models: {settings.chosen_model} for all roles, unless --model or --role-model is given.")
    if not args.check:
        err("To contact providers with a key: metaco models --check")
    return 0


def _configured(provider: Provider, environment: dict[str, str]) -> bool:
    """Return whether all is there that a call would need."""
    key = not provider.key_env or bool(environment.get(provider.key_env))
    return key and bool(provider.address(environment))


def _row(provider: Provider, environment: dict[str, str], ping: Ping | None) -> dict[str, Any]:
    return {
        "provider": provider.name,
        "address": strip_userinfo(provider.address(environment)),
        "key_env": provider.key_env,
        "key": bool(provider.key_env and environment.get(provider.key_env)),
        "local": provider.local,
        "reachable": ping.reachable if ping else None,
        "status": ping.summary if ping else "",
        "models": list(ping.models) if ping else [],
        "supports": [name for name in _FEATURES if getattr(provider, name)],
    }


def _key(row: dict[str, Any]) -> str:
    if row["key"]:
        return f"{row['key_env']} is set"
    return f"{row['key_env']} is not set" if row["key_env"] and not row["local"] else "not needed"
