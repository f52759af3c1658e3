"""How one run uses a recording: writes one, replays one, or goes on with one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from metaco.core.errors import ConfigurationError
from metaco.core.model import Model
from metaco.recording.record import Recorder, refuse_others
from metaco.recording.replay import Player, existing
from metaco.recording.store import Recording
from metaco.run.entries import Entry
from metaco.run.usage import Used

__all__ = ["Tape"]

RouteOf = Callable[[str], Sequence[Model]]
"""Opens the models that are configured for a role."""


@dataclass(slots=True)
class Tape:
    """What stands between one run, its models and a recording.

    Attributes:
        recorder: the observer that records, if this run is recorded.
        player: what gives out recorded replies, if this run is a replay.
        calls: whether models are asked what the recording does not hold.
    """

    recorder: Recorder | None = None
    player: Player | None = None
    calls: bool = True
    replayed: Used = field(default_factory=Used)

    @classmethod
    def open(
        cls,
        scrub: Callable[[str], str],
        *,
        record: str | Path | None = None,
        replay: str | Path | None = None,
        replay_or_call: str | Path | None = None,
        known: Sequence[Entry] = (),
        pace: float = 0.0,
    ) -> Tape:
        """Open what a run was told to use, of which there is one at the most.

        Args:
            scrub: takes out what belongs to this machine.
            record: where to keep every reply.
            replay: what to answer from.
            replay_or_call: what to answer from, and where to keep the replies it lacks.
            known: the log of the run as far as it is there.
            pace: seconds that each replayed reply takes.

        Raises:
            ConfigurationError: it cannot be used: there is nothing to replay, or another run
                would be overwritten.
        """
        given = [path for path in (record, replay, replay_or_call) if path is not None]
        if len(given) > 1:
            raise ConfigurationError(
                "More than one recording option was given.",
                "Use only one of record, replay and replay_or_call.",
            )
        if not given:
            return cls()
        recording = Recording(given[0])
        if record is not None:
            refuse_others(recording, known, scrub)
            return cls(Recorder(recording, scrub))
        player = Player(existing(recording) if replay is not None else recording, scrub, pace)
        player.skip(known)
        recorder = Recorder(recording, scrub) if replay is None else None
        return cls(recorder, player, replay is None, player.played)

    def models(self, role: str, route_of: RouteOf) -> Sequence[Model]:
        """Return the models that answer for `role`; `route_of` opens those that are configured."""
        if self.player is None:
            return route_of(role)
        if not self.calls:
            return [self.player.model(role)]
        route = route_of(role)
        return [self.player.model(role, route[0].name), *route]

    def name(self, role: str, route_of: RouteOf) -> str:
        """Return the route of `role` in one line: as configured, or as it was when recorded."""
        route = [self.player.model(role)] if self.player and not self.calls else route_of(role)
        return ",".join(model.name for model in route)
