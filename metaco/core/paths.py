"""Paths that a model chose, inside the project and good on every system; folders of the user."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

__all__ = ["PathSet", "distinct", "safe_path", "user_folder"]

_OURS = re.compile(r"\.metaco.*|metaco\.toml|metaco~\d+(\..*)?|\.env")
"""What metaco keeps in a project, and what it reads where a person works: the last two as short
names of Windows, and the keys and settings of a person."""

_DEVICES = {"con", "prn", "aux", "nul", "conin$", "conout$"} | {
    name + digit for name in ("com", "lpt") for digit in "123456789¹²³"
}


def safe_path(path: str) -> str:
    """Return `path` in its plain form, as ``todo/storage.py``.

    What is harmless is corrected: white space around it, ``./`` and doubled slashes.

    Raises:
        ValueError: the path leaves the project, hides in it, or cannot exist on every system; the
            message is a sentence that a model can act on.
    """
    shown = ascii(path if len(path) <= 80 else path[:77] + "...")
    plain = unicodedata.normalize("NFC", path.strip())
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in plain):
        raise ValueError(f"{shown} contains an invisible character; remove it.")
    if "\\" in plain:
        raise ValueError(f"{shown} contains a backslash; separate folders by a slash.")
    if plain.startswith(("/", "~")) or re.match(r"[A-Za-z]:", plain):
        raise ValueError(
            f"{shown} is not relative; start at the project's folder, as in pkg/file.py."
        )
    if plain.endswith("/"):
        raise ValueError(f"{shown} is a folder; name a file in it.")
    names = [name for name in plain.split("/") if name not in ("", ".")]
    if not names or plain.endswith("/."):
        raise ValueError(f"{shown} names no file; give a path such as pkg/file.py.")
    for name in names:
        if name == "..":
            raise ValueError(f"{shown} leaves its folder; do not use '..'.")
        _check_name(name, shown)
    for name in names[:-1]:
        if name.startswith("."):
            raise ValueError(f"{shown} is in a hidden folder; use one without the leading dot.")
    plain = "/".join(names)
    if len(plain) > 200:
        raise ValueError(f"{shown} is longer than 200 characters; use shorter names.")
    return plain


def _check_name(name: str, shown: str) -> None:
    """Refuse what cannot be the name of a file or folder everywhere, or has a meaning."""
    if match := re.search(r'[<>:"|?*]', name):
        raise ValueError(
            f"{shown} contains {match[0]!r}, which not every system allows; remove it."
        )
    if name != name.strip() or name.endswith("."):
        raise ValueError(f"{shown} has a name that ends with a dot or a space; remove it.")
    if name.startswith("-"):
        raise ValueError(f"{shown} has a name that looks like an option; start it with a letter.")
    if name.split(".")[0].rstrip().casefold() in _DEVICES:
        raise ValueError(f"{shown} uses a name that Windows reserves for a device; choose another.")
    if re.fullmatch(r"\.git|git~\d+", name.casefold()):
        raise ValueError(f"{shown} belongs to git; choose another name.")
    if _OURS.fullmatch(unicodedata.normalize("NFKC", name).casefold()):
        raise ValueError(
            f"{shown} has a name for metaco's own files and a person's settings; choose another."
        )


def distinct(paths: Iterable[str]) -> None:
    """Check that plain paths can stand side by side on every system.

    Raises:
        ValueError: two are equal but for their case, or one is a folder of another.
    """
    taken = PathSet()
    for path in paths:
        if path in taken:
            raise ValueError(f"{path} appears twice; name every file once.")
        taken.add(path)


class PathSet:
    """Plain paths that can stand side by side on every system."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}  # each with a file that lies in it

    def __contains__(self, path: str) -> bool:
        return self._files.get(_folded(path)) == path

    def add(self, path: str) -> None:
        """Add a path; one that is there already stays.

        Raises:
            ValueError: another one, or a folder of it, is equal but for its case or its normal
                form, or one of the two is a folder of the other.
        """
        name = _folded(path)
        if (other := self._files.get(name, path)) != path:
            raise ValueError(f"{other} and {path} are the same file on case-insensitive systems.")
        if name in self._folders:
            raise ValueError(
                f"{path} is a file, but {self._folders[name]} requires it to be a folder."
            )
        above = name.split("/")[:-1]
        folders = ["/".join(above[:end]) for end in range(1, len(above) + 1)]
        for depth, folder in enumerate(folders, 1):
            if other := self._files.get(folder, ""):
                raise ValueError(f"{other} is a file, but {path} requires it to be a folder.")
            pair = (self._folders.get(folder, path), path)
            known, added = ("/".join(each.split("/")[:depth]) for each in pair)
            if known != added:
                raise ValueError(
                    f"{known} and {added} are the same folder on case-insensitive systems."
                )
        self._files[name] = path
        for folder in folders:
            self._folders.setdefault(folder, path)


def _folded(path: str) -> str:
    """Return what is equal for paths that are one file on some system."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def user_folder(environment: Mapping[str, str], kind: str) -> Path:
    """Return a folder of the user's own, outside of every project.

    Args:
        environment: where the XDG variables are looked up; relative paths do not count, as they
            would lead into the current folder.
        kind: ``config``, ``data`` or ``cache``.
    """
    named = Path(environment.get(f"XDG_{kind.upper()}_HOME", ""))
    usual = {"config": ".config", "data": ".local/share", "cache": ".cache"}[kind]
    return (named if named.is_absolute() else Path.home() / usual) / "metaco"
