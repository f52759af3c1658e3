"""Text that a command line names: a file, or stdin."""

from __future__ import annotations

import sys
from pathlib import Path

from metaco.cli.parser import UsageError

__all__ = ["called", "read"]

_LARGEST = 1_000_000  # characters of a requirement, or of a document


def read(name: str) -> str:
    """Return the text of a file, or of stdin.

    Raises:
        UsageError: there is no such file, or it is no text.
    """
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{called(name)} cannot be read: {(error.strerror or str(error)).lower()}.",
            "Name a text file, or - for stdin.",
        ) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{called(name)} is not UTF-8 text.", "Name a text file.") from error
    if "\0" in text or len(text) > _LARGEST:
        raise UsageError(f"{called(name)} is too long, or not text.", "Name a text file.")
    return text


def called(name: str) -> str:
    return "stdin" if name == "-" else name
