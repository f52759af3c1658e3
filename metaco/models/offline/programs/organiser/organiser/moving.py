"""Carrying a plan out and taking it back."""

import json
from pathlib import Path

from organiser.plan import Move, OrganiseError

RECORD = ".organised.json"


def carry_out(folder: Path, moves: list[Move]) -> None:
    """Move files and keep a record of those that were moved, also if it stops half-way.

    Raises:
        OrganiseError: a file or a folder is in the way.
        OSError: a file cannot be moved.
    """
    done: list[list[str]] = []
    try:
        for old, new in moves:
            if new.exists():
                raise OrganiseError(f"{new} is in the way")
            new.parent.mkdir(parents=True, exist_ok=True)
            old.rename(new)
            done.append([str(path.relative_to(folder)) for path in (old, new)])
    finally:
        if done:
            (folder / RECORD).write_text(json.dumps(done, indent=1), encoding="utf-8")


def undo(folder: Path) -> list[Move]:
    """Move the files of the last run back and remove the folders that are empty then.

    Raises:
        OrganiseError: there was no run, or a file is gone or would overwrite another.
    """
    record = folder / RECORD
    if not record.exists():
        raise OrganiseError(f"there is nothing to undo in {folder}")
    names = json.loads(record.read_text(encoding="utf-8"))
    moves = [(folder / new, folder / old) for old, new in names]
    for now, before in moves:
        if not now.exists() or before.exists():
            raise OrganiseError(f"cannot undo: {now} is gone or {before} is there again")
    for now, before in moves:
        before.parent.mkdir(parents=True, exist_ok=True)
        now.rename(before)
        parent = now.parent
        while parent != folder and not any(parent.iterdir()):
            parent.rmdir()
            parent = parent.parent
    record.unlink()
    return moves
