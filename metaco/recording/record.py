"""From the log of a run into a recording: while the run is at work, or later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from metaco.core.errors import ConfigurationError
from metaco.recording.call import CallReader, RecordedCall
from metaco.recording.store import Recording
from metaco.run.entries import Entry, RunEnded

__all__ = ["Recorder", "record"]


class Recorder:
    """An observer that keeps every reply of one run in a recording.

    What the recording holds already stays as it is. A call of the same name whose prompt or reply
    differs is replaced, so that a version control system shows what has changed.

    Args:
        recording: where to keep them.
        scrub: takes out what belongs to this machine.
    """

    def __init__(self, recording: Recording, scrub: Callable[[str], str]) -> None:
        self.recording, self._calls = recording, CallReader(scrub)
        self._names: set[str] = set()  # names in the recording that are calls of this run

    def __call__(self, entry: Entry) -> None:
        """Take in one entry of the log."""
        if call := self._calls.take(entry):
            self.recording.begin(self._calls.models)
            self._keep(call)
        elif isinstance(entry.fact, RunEnded):
            self.recording.tidy()

    def _keep(self, call: RecordedCall) -> None:
        for known in self.recording.calls.values():
            if _same(known, call) and known.name not in self._names:
                self._names.add(known.name)
                return
        base, _, number = call.name.partition("~")
        while call.name in self._names:
            number = str(int(number or "1") + 1)
            call = replace(call, name=f"{base}~{number}")
        self.recording.put(call)
        self._names.add(call.name)


def record(entries: Iterable[Entry], path: str | Path, scrub: Callable[[str], str]) -> Recording:
    """Turn the log of a run into a recording.

    Args:
        entries: the log, from its beginning.
        path: a folder or a file ``NAME.md``, with nothing of another run in it.
        scrub: takes out what belongs to this machine.

    Raises:
        ConfigurationError: the recording belongs to another run, or cannot be written.
    """
    entries, recording = list(entries), Recording(path)
    refuse_others(recording, entries, scrub)
    recorder = Recorder(recording, scrub)
    for entry in entries:
        recorder(entry)
    recording.tidy()
    return recording


def refuse_others(
    recording: Recording, entries: Iterable[Entry], scrub: Callable[[str], str]
) -> None:
    """Refuse to record into what holds calls of another run, before anything is spent.

    Raises:
        ConfigurationError: `recording` holds a call that is not in `entries`.
    """
    logged = Counter(map(_content, CallReader(scrub).of(entries)))
    recorded = Counter(map(_content, recording.calls.values()))
    if recorded - logged:
        raise ConfigurationError(
            f"The recording {recording.path} contains another run.",
            "Remove it, choose another path, or continue it with --replay-or-call.",
        )


def _same(one: RecordedCall, other: RecordedCall) -> bool:
    return _content(one) == _content(other)


def _content(call: RecordedCall) -> tuple[str, str, str]:
    return call.key, call.text, str(call.calls)
