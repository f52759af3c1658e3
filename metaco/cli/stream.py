"""Replies as they come, for `--stream`: whole lines, as several replies come at once."""

from __future__ import annotations

from collections.abc import Callable

from metaco.core.redaction import redact
from metaco.run.entries import CallFailed, CallStarted, Entry, ReplyReceived

__all__ = ["Stream"]

_LONG = 100


class Stream:
    """Collects the pieces of replies and shows each line once it is whole, or long.

    Args:
        show: is called with the call that a line belongs to, and the line.
    """

    def __init__(self, show: Callable[[CallStarted, str], None]) -> None:
        self._show = show
        self._open: dict[str, tuple[CallStarted, str]] = {}

    def add(self, call: CallStarted, text: str) -> None:
        """Take in a piece of the reply to `call`."""
        _, rest = self._open.get(call.call, (call, ""))
        *lines, rest = (rest + text).split("\n")
        if len(rest) > _LONG and " " in rest:  # cut between words, so that no key is cut
            line, _, rest = rest.rpartition(" ")
            lines.append(line)
        self._open[call.call] = call, rest
        for line in lines:
            self._show(call, redact(line))

    def end(self, entry: Entry) -> None:
        """Show what is left of a reply that has come, or will not."""
        match entry.fact:
            case ReplyReceived(call=name) | CallFailed(call=name) if name in self._open:
                call, rest = self._open.pop(name)
                if rest:
                    self._show(call, redact(rest))
