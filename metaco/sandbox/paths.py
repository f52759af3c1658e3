"""Paths inside the copy, none of which may leave it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath, PureWindowsPath

from metaco.core.errors import WorkspaceError

__all__ = ["contained"]

_LONGEST = 255  # bytes of a name, on all common file systems
_REMEDY = "Use paths relative to the project, such as src/main.py."


def contained(paths: Iterable[str]) -> list[str]:
    """Return the paths normalized (``./a//b`` becomes ``a/b``).

    Raises:
        WorkspaceError: a path is empty, too long, absolute (on any system), climbs with ``..``,
            contains a NUL byte, or is named both as a file and as a folder.
    """
    normalized = [_normalized(path) for path in paths]
    files = set(normalized)
    for path in normalized:
        for folder in PurePosixPath(path).parents:
            if str(folder) in files:
                raise WorkspaceError(
                    f"{str(folder)!r} is a file and a folder at once.", "Rename one of them."
                )
    return normalized


def _normalized(path: str) -> str:
    posix, windows = PurePosixPath(path), PureWindowsPath(path)
    if not posix.parts:
        raise WorkspaceError(f"The path {path!r} is empty.", _REMEDY)
    if any(len(part.encode("utf-8", "surrogatepass")) > _LONGEST for part in posix.parts):
        raise WorkspaceError(f"The path {path[:40]!r}... is too long.", _REMEDY)
    if "\0" in path:
        raise WorkspaceError(f"The path {path!r} contains a NUL byte.", _REMEDY)
    if posix.root or windows.root or windows.drive:
        raise WorkspaceError(f"The path {path!r} is absolute.", _REMEDY)
    if ".." in posix.parts or ".." in windows.parts:
        raise WorkspaceError(f"The path {path!r} leaves the project.", _REMEDY)
    return str(posix)
