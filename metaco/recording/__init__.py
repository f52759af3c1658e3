"""Recordings: what models replied in a run, kept in files that people read, compare and replay.

A recording is a folder with one Markdown file per call, or a single file ``NAME.md`` that holds
the same texts one after another. It is made from the log of a run, while the run is at work or
later, and holds no keys, no base URLs and no paths of the machine it was made on. A replay needs
no model, no key and no network.

A page without a prompt and its key is the reply to its step about its subject, the first, second,
... as its ``repetition`` says, whatever the prompt is. The demos in ``metaco/demos`` are such
recordings, so that prompts can be reworded.

================  ================================================================
`scrub`           takes out what belongs to a machine or a person
`call`            one call, and the calls that a log holds
`page`            a call as Markdown
`store`           the folder or the file
`record`          from a log into a recording
`replay`          a model that answers from a recording, and says what it misses
`tape`            what one run uses of all this
================  ================================================================
"""

from __future__ import annotations

from metaco.recording.call import CallReader, RecordedCall
from metaco.recording.record import Recorder, record
from metaco.recording.replay import Player, Replay
from metaco.recording.scrub import Scrubber
from metaco.recording.store import Recording
from metaco.recording.tape import Tape

__all__ = [
    "CallReader",
    "Player",
    "RecordedCall",
    "Recorder",
    "Recording",
    "Replay",
    "Scrubber",
    "Tape",
    "record",
]
