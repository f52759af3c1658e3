"""A model that answers from a recording, and says what has changed where it cannot."""

from __future__ import annotations

import asyncio
import difflib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from metaco.core.document import Document
from metaco.core.errors import ConfigurationError, ProviderError, RecordingMiss
from metaco.core.model import Reply, Request
from metaco.models import RECORDING
from metaco.models.providers import Provider
from metaco.recording.call import CallReader, RecordedCall, key_of, scrubbed
from metaco.recording.store import Recording
from metaco.run.entries import Entry
from metaco.run.usage import Used

__all__ = ["Player", "Replay"]

_LONGEST = 40
"""Lines of a difference that are shown."""


class Player:
    """Gives out the replies of a recording, each once, to the models of all roles.

    Args:
        recording: what to play.
        scrub: takes out of prompts what belongs to this machine, as was done when recording.
        pace: seconds that each reply takes, one after the other, so that a person can follow.

    Attributes:
        played: what was given out: calls, tokens and the money they cost when they were recorded.
            None of it was spent now.
    """

    def __init__(
        self, recording: Recording, scrub: Callable[[str], str], pace: float = 0.0
    ) -> None:
        self.name = recording.path.name
        self.played = Used()
        self._scrub, self._pace, self._lock = scrub, pace, asyncio.Lock()
        self._calls = list(recording.calls.values())
        self._models = recording.models
        self._unused: defaultdict[str, list[RecordedCall]] = defaultdict(list)
        for call in sorted(self._calls, key=lambda call: (call.repetition, call.name)):
            self._unused[_lookup_key(call)].append(call)

    def model(self, role: str, otherwise: str = "") -> Replay:
        """Return the model that answers for `role`.

        Args:
            otherwise: the name of the model that is asked where the recording has no answer.
        """
        name = self._models.get(role) or otherwise or f"{RECORDING}:{self.name}"
        return Replay(self, name, bool(otherwise))

    def skip(self, entries: Iterable[Entry]) -> None:
        """Take as given out what the log of a run holds already."""
        for call in CallReader(self._scrub).of(entries):
            keys = _lookup_keys(call.key, call.step, [call.subject])
            self._match(keys, [call.subject], call.sampling)

    async def play(self, request: Request) -> Reply | None:
        """Return the next recorded reply to `request`, if there is one."""
        drawn = request.sampling.dump()
        call = self._match(self._keys_of(request), _subjects(request), drawn)
        if call is None:
            return None
        if self._pace:
            async with self._lock:
                await asyncio.sleep(self._pace)
        self.played.add(call.usage, call.cost)
        return call.reply

    def miss(self, request: Request) -> RecordingMiss:
        """Return the error that says what the recording lacks, and what has changed."""
        step, keys = f"{request.role}.{request.action}", self._keys_of(request)
        subjects = [self._scrub(subject) for subject in _subjects(request)]
        who = f"{step} ({subjects[0]})" if subjects else step
        times = sum(_lookup_key(call) in keys for call in self._calls)
        same = [call for call in self._calls if call.step == step and call.key]
        if times:
            problem = (
                f"The recording {self.name} contains {times} repl{'y' if times == 1 else 'ies'} to "
                f"{'this prompt of ' if same else ''}{who}, but one more was requested."
            )
        elif not same:
            others = ", ".join(sorted({call.step for call in self._calls})) or "nothing"
            problem = f"The recording {self.name} contains no call of {who}; it contains {others}."
        else:
            lines = self._lines(request.system, request.prompt, request.rejected_replies)
            near = self._nearest(same, lines, subjects)
            old = self._lines(near.system, near.prompt, near.rejected_replies)
            problem = (
                f"The prompt of {who} is not in the recording {self.name}; "
                f"the closest is {near.name}, with these differences:\n{_difference(old, lines)}\n"
            )
        remedy = "Record it again, or call a model for missing replies: --replay-or-call."
        if not any(call.key for call in self._calls):  # nothing of it was made by --record
            remedy = "Continue with a model: --model MODEL."
        return RecordingMiss(problem, remedy)

    def _match(
        self, keys: list[str], subjects: list[str], drawn: Mapping[str, Any]
    ) -> RecordedCall | None:
        waiting = next(filter(None, map(self._unused.get, keys)), None)
        if not waiting:
            return None
        # Of equal prompts, each document gets the reply it had, whichever is asked about first,
        # and each way to draw it; when it was recorded, the provider may have said more of that.
        call = max(
            waiting,
            key=lambda call: (call.subject in subjects, drawn.items() <= call.sampling.items()),
        )
        waiting.remove(call)
        return call

    def _keys_of(self, request: Request) -> list[str]:
        """Return the lookup keys of the replies that fit, the best first."""
        scrub = self._scrub
        earlier = tuple((scrub(reply), scrub(wrong)) for reply, wrong in request.rejected_replies)
        system, prompt = scrub(request.system), scrub(request.prompt)
        files = [each.dump() for each in request.attachments]
        tools, results = [each.name for each in request.tools], scrubbed(request.newest, scrub)
        key = key_of(request.role, request.action, system, prompt, earlier, files, tools, results)
        return _lookup_keys(key, f"{request.role}.{request.action}", _subjects(request))

    def _lines(self, system: str, prompt: str, rejected: Iterable[tuple[str, str]]) -> list[str]:
        parts = [system, prompt, *(text for pair in rejected for text in pair)]
        return [line for part in parts for line in self._scrub(part).splitlines()]

    def _nearest(
        self, calls: list[RecordedCall], wanted_lines: list[str], subjects: list[str]
    ) -> RecordedCall:
        def nearness(call: RecordedCall) -> tuple[bool, int]:
            lines = Counter(self._lines(call.system, call.prompt, call.rejected_replies))
            wanted = Counter(wanted_lines)
            shared, all_ = (lines & wanted).total(), (lines | wanted).total()
            return call.subject in subjects, 2 * shared - all_

        return max(calls, key=nearness)


class Replay:
    """The model of one role: answers from a recording, under the name it was recorded with.

    Args:
        player: gives out the replies.
        name: the model's name when it was recorded, as documents may hold it.
        others: whether another model is asked where the recording has no answer.

    Attributes:
        provider: free of charge, without rate limits.
    """

    provider = Provider("replay", local=True, renames=True)

    def __init__(self, player: Player, name: str, others: bool) -> None:
        self._player, self.name, self._others = player, name, others

    async def complete(self, request: Request) -> Reply:
        """Answer `request` as recorded.

        Raises:
            RecordingMiss: the recording has no answer.
            ProviderError: the same, where another model is asked next.
        """
        if reply := await self._player.play(request):
            request.on_text(reply.text)
            return reply
        miss = self._player.miss(request)
        if self._others:
            raise ProviderError(miss.problem, "The next model is called.", status=404)
        raise miss


def existing(recording: Recording) -> Recording:
    """Return `recording` if there is anything in it to replay.

    Raises:
        ConfigurationError: there is nothing.
    """
    if not recording.calls:
        raise ConfigurationError(
            f"There is no recording in {recording.path}.",
            "Create one with --record, or from a run: metaco record RUN --out DIR.",
        )
    return recording


def _lookup_key(call: RecordedCall) -> str:
    """Return what a call is looked up by: its prompt or, without one, its step and subject."""
    return call.key or f"{call.step}:{call.subject}"


def _lookup_keys(key: str, step: str, subjects: list[str]) -> list[str]:
    return [key, *(f"{step}:{subject}" for subject in subjects), f"{step}:"]


def _subjects(request: Request) -> list[str]:
    about = request.inputs.values()
    return [each.key for each in about if isinstance(each, Document) and each.key]


def _difference(old: list[str], new: list[str]) -> str:
    lines = list(difflib.unified_diff(old, new, "recorded", "asked now", lineterm="", n=1))
    if not lines:
        return "(only in line breaks)"
    more = len(lines) - _LONGEST
    shown = [line if len(line) <= 200 else f"{line[:197]}..." for line in lines[:_LONGEST]]
    return "\n".join([*shown, *([f"... and {more} more lines"] if more > 0 else [])])
