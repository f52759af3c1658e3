"""What a command prints, up to a limit."""

from __future__ import annotations

import asyncio

__all__ = ["Output"]

_CHUNK = 1 << 16


class Output:
    """Collects both streams of a command, which share one limit.

    Args:
        most: bytes of both together.

    `exceeded` is set when there was more; the rest is read and thrown away.
    """

    def __init__(self, most: int) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self._room = most
        self.exceeded = asyncio.Event()

    async def collect(self, stream: asyncio.StreamReader, into: bytearray) -> None:
        """Read the stream to its end."""
        while chunk := await stream.read(_CHUNK):
            kept = chunk[: self._room]
            into += kept
            self._room -= len(kept)
            if len(kept) < len(chunk):
                self.exceeded.set()
