"""What ``-v`` shows: the records of `metaco.observers.logging` on stderr, one line each."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from metaco.cli.screen import clean, err

__all__ = ["shown"]


class _Stderr(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        err(clean(self.format(record)))


@contextmanager
def shown(times: int) -> Iterator[None]:
    """Show the records while this lasts: from INFO on for one ``-v``, from DEBUG on for more.

    They are JSON lines where METACO_LOG says ``json``.
    """
    if not times:
        yield
        return
    from metaco.observers.logging import JSONLines, Lines, logger

    handler = _Stderr()
    handler.setFormatter(JSONLines() if os.environ.get("METACO_LOG") == "json" else Lines())
    before = logger.level
    logger.setLevel(logging.INFO if times == 1 else logging.DEBUG)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
