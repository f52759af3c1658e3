"""Long texts with their middle left out: what begins and what ends a text says most about it."""

from __future__ import annotations

__all__ = ["shorten"]


def shorten(text: str, most: int) -> str:
    """Return `text`, or its head and tail with a note of how much is missing between them.

    Args:
        most: bytes of UTF-8 that the whole may have, with the note; so never more characters.
    """
    data = text.encode("utf-8", "replace")
    if len(data) <= most:
        return text
    note = "\n[... {} of {} bytes are left out ...]\n"
    room = most - len(note.format(len(data), len(data)))
    if room <= 0:  # too little even for the note
        return data[: max(most, 0)].decode("utf-8", "ignore")
    tail = room // 3
    head, end = data[: room - tail], data[len(data) - tail :]
    return "".join(
        [
            head.decode("utf-8", "ignore"),
            note.format(len(data) - room, len(data)),
            end.decode("utf-8", "ignore"),
        ]
    )
