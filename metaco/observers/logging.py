"""What happens in a run, written to the standard `logging` under the name ``metaco``.

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

from metaco.run.entries import (
    CallFailed,
    CallStarted,
    DecisionMade,
    EffectEnded,
    EffectStarted,
    Entry,
    InputGiven,
    LimitHit,
    NoteAdded,
    ProjectNamed,
    RepeatEnded,
    ReplyReceived,
    RunEnded,
    RunStarted,
    TurnCompleted,
    TurnFailed,
)

__all__ = ["JSONLines", "Lines", "Logger", "logger", "shown"]

logger = logging.getLogger("metaco")
logger.addHandler(logging.NullHandler())

_LONGEST = 300  # characters of a value


class Logger:
    """Logs each entry of a run as one record.

    Args:
        after: the position in the log up to which entries are not shown again.
    """

    def __init__(self, after: int = 0) -> None:
        self.after = after
        self._started: RunStarted | None = None
        self._turns: dict[str, float] = {}  # turn -> when its first call was sent
        self._failed: dict[str, float] = {}  # call -> when its last attempt failed
        self._announced = False

    async def __call__(self, entry: Entry) -> None:
        """Log one entry."""
        if isinstance(entry.fact, RunStarted):
            self._started = entry.fact
        if entry.n <= self.after:
            return
        if not self._announced and self._started:
            self._announced = True
            models = ",".join(dict.fromkeys(self._started.models.values()))
            event = "run.resumed" if self.after else "run.started"
            self._log(logging.INFO, event, entry, sop=self._started.sop, models=models)
        match entry.fact:
            case CallStarted() as call:
                self._on_call(entry, call)
            case ReplyReceived() as reply:
                self._on_reply(entry, reply)
            case CallFailed() as failed:
                self._on_error(entry, failed)
            case TurnCompleted() as turn:
                self._on_turn(entry, turn)
            case TurnFailed() as failure:
                self._on_failure(entry, failure)
            case _:
                self._on_other(entry)

    def _on_call(self, entry: Entry, call: CallStarted) -> None:
        if call.turn not in self._turns:
            self._turns[call.turn] = entry.at
            self._log(logging.INFO, "turn.started", entry, step=call.step, subject=call.subject)
        failed = self._failed.pop(call.call, None)
        self._log(
            logging.INFO if failed else logging.DEBUG,
            "call.started",
            entry,
            step=call.step,
            subject=call.subject,
            model=call.model,
            attempt=_attempt(entry),
            waited=round(entry.at - failed, 3) if failed else None,
            most_tokens=call.tokens,
            asked_again=len(call.rejected_replies) or None,
        )

    def _on_reply(self, entry: Entry, reply: ReplyReceived) -> None:
        self._log(
            logging.INFO,
            "call.replied",
            entry,
            step=reply.step,
            model=reply.model,
            answered_by=reply.answered_by,
            prompt_tokens=reply.prompt_tokens,
            cached_tokens=reply.cached_tokens,
            reply_tokens=reply.reply_tokens,
            uncounted=reply.uncounted or None,
            cost=reply.cost,
            seconds=reply.seconds,
            finish=reply.finish,
        )

    def _on_error(self, entry: Entry, failed: CallFailed) -> None:
        self._failed[failed.call] = entry.at
        self._log(
            logging.WARNING,
            "call.failed",
            entry,
            step=failed.step,
            model=failed.model,
            attempt=_attempt(entry),
            status=failed.status,
            seconds=failed.seconds,
            retry_after=failed.retry_after,
            problem=failed.problem,
        )

    def _on_turn(self, entry: Entry, turn: TurnCompleted) -> None:
        began = self._turns.pop(entry.key, None)
        self._log(
            logging.INFO,
            "turn.ended",
            entry,
            step=turn.step,
            subject=turn.subject,
            publishes=",".join(published.type for published in turn.publishes) or None,
            seconds=round(entry.at - began, 3) if began else None,
            findings=len(turn.findings) or None,
        )

    def _on_failure(self, entry: Entry, failure: TurnFailed) -> None:
        self._turns.pop(failure.turn, None)
        self._log(
            logging.ERROR,
            "turn.failed",
            entry,
            step=failure.step,
            subject=failure.subject,
            error=failure.error,
            problem=failure.problem,
        )

    def _on_other(self, entry: Entry) -> None:
        match entry.fact:
            case InputGiven(type=kind):
                self._log(logging.DEBUG, "input", entry, type=kind)
            case EffectStarted(step=step, name=name, how=how):
                self._log(logging.DEBUG, "effect.started", entry, step=step, name=name, how=how)
            case EffectEnded(step=step, name=name, seconds=seconds, unsure=unsure):
                level = logging.WARNING if unsure else logging.INFO
                self._log(
                    level,
                    "effect.ended",
                    entry,
                    step=step,
                    name=name,
                    seconds=seconds,
                    unsure=unsure,
                )
            case RepeatEnded() as end:
                self._log(logging.INFO, "repeat.ended", entry, repeat=end.repeat, why=str(end))
            case LimitHit(limit=limit, lifted=lifted):
                self._log(logging.INFO, "limit", entry, limit=limit, lifted=lifted or None)
            case DecisionMade(step=step, verdict=verdict):
                self._log(logging.INFO, "decision", entry, step=step, verdict=verdict)
            case NoteAdded(turn=turn):
                self._log(logging.INFO, "note", entry, turn=turn)
            case ProjectNamed(folder=folder):
                self._log(logging.INFO, "project", entry, folder=folder)
            case RunEnded(status=status, problem=problem):
                self._announced = False
                self._log(logging.INFO, "run.ended", entry, status=status, problem=problem)

    def _log(self, level: int, event: str, entry: Entry, **facts: Any) -> None:
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


def _attempt(entry: Entry) -> int:
    return int(entry.key.rpartition("/")[2])


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
