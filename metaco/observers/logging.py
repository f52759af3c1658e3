"""What happens in a run, told to the standard `logging` under the name ``metaco``.

An observer of the log, so that one line stands for one fact. Nothing is shown unless somebody
configures `logging`, as ``metaco -v`` does. Each record has its facts as ``record.facts``: plain
values, no prompts, replies or documents. Steps, replies and further attempts are at INFO, first
attempts at DEBUG, failed ones at WARNING, failed turns at ERROR.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from metaco.run.log import Entry

__all__ = ["JSONLines", "Lines", "Logger", "logger", "shown"]

logger = logging.getLogger("metaco")
logger.addHandler(logging.NullHandler())

_LONGEST = 300  # characters of a value


class Logger:
    """Tells each entry of a run as one record.

    Args:
        after: the position in the log up to which everything is old news.
    """

    def __init__(self, after: int = 0) -> None:
        self.after = after
        self._begun: dict[str, Any] = {}
        self._turns: dict[str, float] = {}  # turn -> when its first call was sent
        self._failed: dict[str, float] = {}  # call -> when its last attempt failed
        self._told = False

    async def __call__(self, entry: Entry) -> None:
        """Tell one entry."""
        if entry.kind == "run":
            self._begun = entry.body
        if entry.n <= self.after:
            return
        if not self._told:
            self._told = True
            models = ",".join(dict.fromkeys(map(str, self._begun.get("models", {}).values())))
            event = "run.resumed" if self.after else "run.started"
            self._tell(logging.INFO, event, entry, sop=self._begun.get("sop"), models=models)
        if tell := getattr(self, f"_on_{entry.kind}", None):
            tell(entry)

    def _on_input(self, entry: Entry) -> None:
        self._tell(logging.DEBUG, "input", entry, type=entry.body.get("type"))

    def _on_call(self, entry: Entry) -> None:
        body = entry.body
        turn = str(body["turn"])
        if turn not in self._turns:
            self._turns[turn] = entry.at
            self._tell(logging.INFO, "turn.started", entry, **_where(body))
        failed = self._failed.pop(str(body["call"]), None)
        self._tell(
            logging.INFO if failed else logging.DEBUG,
            "call.started",
            entry,
            **_where(body),
            model=body["model"],
            attempt=int(entry.key.rpartition("/")[2]),
            waited=round(entry.at - failed, 3) if failed else None,
            most_tokens=body["tokens"],
            asked_again=len(body["earlier"]) or None,
        )

    def _on_reply(self, entry: Entry) -> None:
        body = entry.body
        self._tell(
            logging.INFO,
            "call.replied",
            entry,
            **_where(body),
            model=body["model"],
            answered_by=body["answered_by"],
            prompt_tokens=body["prompt_tokens"],
            cached_tokens=body["cached_tokens"],
            reply_tokens=body["reply_tokens"],
            uncounted=body.get("uncounted") or None,
            cost=body["cost"],
            seconds=body["seconds"],
            finish=body["finish"],
        )

    def _on_error(self, entry: Entry) -> None:
        body = entry.body
        self._failed[str(body["call"])] = entry.at
        self._tell(
            logging.WARNING,
            "call.failed",
            entry,
            **_where(body),
            model=body["model"],
            attempt=int(entry.key.rpartition("/")[2]),
            status=body.get("status"),
            seconds=body["seconds"],
            retry_after=body.get("retry_after"),
            problem=body["problem"],
        )

    def _on_turn(self, entry: Entry) -> None:
        body = entry.body
        began = self._turns.pop(entry.key, None)
        self._tell(
            logging.INFO,
            "turn.ended",
            entry,
            **_where(body),
            publishes=",".join(str(message["type"]) for message in body["publishes"]) or None,
            seconds=round(entry.at - began, 3) if began else None,
            findings=len(body.get("findings", ())) or None,
        )

    def _on_failure(self, entry: Entry) -> None:
        body = entry.body
        self._turns.pop(str(body["turn"]), None)
        self._tell(
            logging.ERROR,
            "turn.failed",
            entry,
            **_where(body),
            error=body["error"],
            problem=body["problem"],
        )

    def _on_decision(self, entry: Entry) -> None:
        self._tell(
            logging.INFO, "decision", entry, step=entry.body.get("step"), said=entry.body["verdict"]
        )

    def _on_note(self, entry: Entry) -> None:
        self._tell(logging.INFO, "note", entry, turn=entry.body.get("turn"))

    def _on_project(self, entry: Entry) -> None:
        self._tell(logging.INFO, "project", entry, folder=entry.body["folder"])

    def _on_end(self, entry: Entry) -> None:
        body = entry.body
        self._told = False
        self._tell(
            logging.INFO, "run.ended", entry, status=body["status"], problem=body.get("problem")
        )

    def _tell(self, level: int, event: str, entry: Entry, **facts: Any) -> None:
        if logger.isEnabledFor(level):
            known = {name: value for name, value in facts.items() if value not in (None, "")}
            facts = {"event": event, "run": entry.run, "n": entry.n, **known}
            logger.log(level, "%s", _logfmt(facts), extra={"facts": facts})


class Lines(logging.Formatter):
    """One line per record: time, level, then ``name=value``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of `record`."""
        at = time.strftime("%H:%M:%S", time.localtime(record.created))
        text = " ".join(record.getMessage().split())
        return f"{at}.{int(record.msecs):03d} {record.levelname:<7} {text}"


class JSONLines(logging.Formatter):
    """One JSON object per record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object of `record`, in one line."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        facts = getattr(record, "facts", None) or {"event": "log", "message": record.getMessage()}
        head = {"time": f"{at}.{int(record.msecs):03d}Z", "level": record.levelname.lower()}
        return json.dumps({**head, **facts}, ensure_ascii=False, default=str)


def _where(body: dict[str, Any]) -> dict[str, Any]:
    return {"step": body["step"], "subject": body.get("subject")}


def _logfmt(facts: dict[str, Any]) -> str:
    return " ".join(f"{name}={_value(value)}" for name, value in facts.items())


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return text if re.fullmatch(r"""[^\s"=\\]+""", text) else json.dumps(text, ensure_ascii=False)


class _Writer(logging.Handler):
    """Hands each record to a function, as one line."""

    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        self._write(self.format(record))


@contextmanager
def shown(write: Callable[[str], None], *, all: bool = False) -> Iterator[None]:
    """Write the records, from INFO on, with a function while this lasts.

    They are JSON lines where METACO_LOG says ``json``.

    Args:
        all: those from DEBUG on.
    """
    handler, before = _Writer(write), logger.level
    handler.setFormatter(JSONLines() if os.environ.get("METACO_LOG") == "json" else Lines())
    logger.setLevel(logging.DEBUG if all else logging.INFO)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
