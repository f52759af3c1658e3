"""The exit codes, which are promised in ``metaco docs ci``."""

from __future__ import annotations

__all__ = [
    "CONFIGURATION",
    "DONE",
    "INTERNAL",
    "INTERRUPTED",
    "LIMIT",
    "MODEL",
    "UNMET",
    "USAGE",
    "WAITING",
]

DONE = 0
UNMET = 1  # delivered in part, or stopped at a gate
USAGE = 2
CONFIGURATION = 3
MODEL = 4  # a model or its provider failed
LIMIT = 5
WAITING = 6  # for an approval
INTERNAL = 7
INTERRUPTED = 130  # by Ctrl-C; other signals have codes of their own
