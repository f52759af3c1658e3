"""The switch that keeps tests from calling, and paying, real endpoints.

Production code never looks for a test runner: the pytest plugin of metaco sets this flag.
Endpoints on this machine (loopback) may always be called.
"""

from __future__ import annotations

import ipaddress
from types import TracebackType
from urllib.parse import urlsplit

from metaco.core.errors import RealCallBlocked

__all__ = ["allow_real_calls", "block_real_calls", "check", "is_loopback"]


class _Switch:
    """The state of the process: are real calls blocked?"""

    blocked = False


class _Turned:
    """What turning the switch returns: nothing to do with it, or a `with` that turns it back."""

    def __init__(self, blocked: bool) -> None:
        self._before = _Switch.blocked
        _Switch.blocked = blocked

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _Switch.blocked = self._before


def block_real_calls() -> _Turned:
    """Let no model of this process call an endpoint beyond this machine.

    As a statement it stays so; as ``with block_real_calls():`` until the block ends. The switch is
    one for the process, as fixtures and tests do not share a context.
    """
    return _Turned(blocked=True)


def allow_real_calls() -> _Turned:
    """Let models call their endpoints again, for good or for one ``with`` block."""
    return _Turned(blocked=False)


def is_loopback(url: str) -> bool:
    """Return whether `url` names this machine, without asking a name server."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check(model: str, url: str) -> None:
    """Refuse the call of `model` at `url` where real calls are blocked.

    Raises:
        RealCallBlocked: they are, and `url` is not on this machine.
    """
    if _Switch.blocked and not is_loopback(url):
        raise RealCallBlocked(
            f"A real call to {model} was tried where only doubles are allowed.",
            "Use a double of metaco.testing, or allow it with metaco.testing.allow_real_calls().",
        )
