"""What a person trusts: files of a folder, by their content.

A folder may come from anybody: from a repository, or from a model. What its files may not say by
themselves (see `metaco.settings`) they may say once a person has looked at them, with
``metaco trust``. That is kept in the person's own folder, one small file for each location and
content: a file that is changed, moved or copied has to be trusted again.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from metaco.core.errors import ConfigurationError
from metaco.core.paths import user_folder

__all__ = ["Claim", "revoke", "trusted"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that wants what only a trusted one gets.

    Attributes:
        path: where it is.
        content: what was read from it, and nothing that was read later.
        says: what it wants, one sentence each.
        names: the same in a word each, as ``base_url``.
    """

    path: Path
    content: bytes = field(repr=False)
    says: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def location(self) -> str:
        """Where it is, by its real folder. A link is not followed: it is a file of its own."""
        return str(self.path.parent.resolve() / self.path.name)

    def is_trusted(self, environment: Mapping[str, str]) -> bool:
        """Return whether a person trusts the file as it was read."""
        return self._mark(environment).is_file()

    def trust(self, environment: Mapping[str, str]) -> None:
        """Keep that a person trusts the file as it was read.

        Raises:
            ConfigurationError: the user's folder cannot be written.
        """
        mark = self._mark(environment)
        try:
            mark.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            revoke(self.location, environment)  # what it said before
            file = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(file, "wb") as out:
                out.write(os.fsencode(self.location))
        except OSError as error:
            raise ConfigurationError(
                f"{mark.parent} cannot be written: {error.strerror}.",
                "Correct its permissions, or set XDG_DATA_HOME.",
            ) from error

    def refusal(self, environment: Mapping[str, str]) -> ConfigurationError:
        """Return what to raise where it is not trusted."""
        changed = self.location in trusted(environment)
        since = ", and it has changed since you trusted it" if changed else ""
        return ConfigurationError(
            f"{self.path.name} requires your trust for {', '.join(self.names)}{since}.",
            f"Review it and allow it with `metaco trust {shlex.quote(str(self.path))}`, or set it "
            "on the command line, in the environment or in your own configuration.",
        )

    def _mark(self, environment: Mapping[str, str]) -> Path:
        marked = os.fsencode(self.location) + b"\0" + self.content
        return user_folder(environment, "data") / "trust" / hashlib.sha256(marked).hexdigest()


def trusted(environment: Mapping[str, str]) -> dict[str, list[Path]]:
    """Return the paths of all trusted files, each with what keeps the trust."""
    marks: dict[str, list[Path]] = {}
    folder = user_folder(environment, "data") / "trust"
    for mark in sorted(folder.iterdir()) if folder.is_dir() else ():
        marks.setdefault(os.fsdecode(mark.read_bytes()), []).append(mark)
    return marks


def revoke(path: str, environment: Mapping[str, str]) -> bool:
    """Trust the file at `path` no longer; return whether it was trusted."""
    marks = trusted(environment).get(path, [])
    for mark in marks:
        mark.unlink(missing_ok=True)
    return bool(marks)
