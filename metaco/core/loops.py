"""Event loops of other threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

__all__ = ["post"]


def post(loop: asyncio.AbstractEventLoop, call: Callable[..., Any], *args: Any) -> bool:
    """Have `loop` call something, from any thread.

    Returns:
        Whether it still runs; in a loop that is closed nobody waits any more.
    """
    try:
        loop.call_soon_threadsafe(call, *args)
    except RuntimeError:
        return False
    return True
