"""Takes out of texts what belongs to one machine or one person: paths, keys, base URLs."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from metaco.core.redaction import names_secret

if TYPE_CHECKING:
    from metaco.settings import Settings

__all__ = ["Scrubber"]

_SHORTEST = 8
"""Characters below which a value is too common a word to be taken out wherever it stands."""


class Scrubber:
    """Puts placeholders in the place of what must not leave this machine.

    Paths become ``<workspace>``, ``<home>``, ``<cwd>`` and ``<tmp>``, so that the same prompt is
    the same text on every machine. Paths of one name, as ``/app`` or ``/tmp``, stay: they say
    nothing of a machine and are part of ordinary programs. Only the home folder always goes.

    Args:
        workspace: the folder of the projects.
        private: keys and base URLs to take out, besides those in the environment.
        environment: the process environment by default.
        cwd, home, tmp: the folders of this process by default.
    """

    def __init__(
        self,
        workspace: str | Path | None = None,
        private: Iterable[str] = (),
        *,
        environment: Mapping[str, str] | None = None,
        cwd: str | Path | None = None,
        home: str | Path | None = None,
        tmp: str | Path | None = None,
    ) -> None:
        env = os.environ if environment is None else environment
        values = [*private, *(value for name, value in env.items() if _is_private(name, value))]
        whole = [value.strip().rstrip("/") for value in values]
        secrets = {
            value: "<base-url>" if "://" in value else "<key>"
            for value in whole
            if len(value) >= _SHORTEST
        }
        folders = {
            "<workspace>": workspace,
            "<home>": home or _home(),
            "<cwd>": cwd or Path.cwd(),
            "<tmp>": tmp or tempfile.gettempdir(),
        }
        patterns = {re.escape(text): mark for text, mark in secrets.items()}
        for mark, folder in folders.items():
            for path in _spellings(folder):
                depth = len([name for name in re.split(r"[\\/]+", path) if name])
                if depth < 2 and (mark != "<home>" or not depth):
                    continue
                # A short path may also be the end of another one, as src/data/site.
                boundary = r"(?<![\w.-])" if depth < (2 if mark == "<home>" else 3) else ""
                patterns.setdefault(rf"{boundary}{re.escape(path)}(?![\w-])", mark)
        # The longest first: the workspace often lies in the current folder, that in the home.
        ordered = sorted(patterns, key=len, reverse=True)
        self._marks = [patterns[pattern] for pattern in ordered]
        self._pattern = re.compile("|".join(f"({pattern})" for pattern in ordered) or r"(?!)")

    @classmethod
    def of(cls, workspace: Path, settings: Settings) -> Scrubber:
        """Return the scrubber of a workspace and of what a user has configured."""
        urls = [str(facts.get("base_url", "")) for facts in settings.providers.values()]
        keys = settings.keys.values()
        return cls(workspace, [settings.api_key, settings.base_url, *keys, *urls])

    def __call__(self, text: str) -> str:
        """Return `text` with placeholders, as UTF-8 can hold it."""
        text = text.encode("utf-8", "replace").decode()
        return self._pattern.sub(lambda match: self._marks[(match.lastindex or 1) - 1], text)


def _is_private(name: str, value: str) -> bool:
    words = re.split(r"[\W_]+", name.upper())
    if words[-2:] == ["BASE", "URL"] or words[-1] in ("ENDPOINT", "HOST"):
        return "://" in value
    return (
        names_secret(name) and not value.isalpha()
    )  # a single word is no key, and stands in many texts


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # a process without a user has none
        return None


def _spellings(folder: str | Path | None) -> list[str]:
    """Return the ways in which a folder is written: as given, resolved, escaped in JSON."""
    if folder is None:
        return []
    path = Path(folder).absolute()
    plain = dict.fromkeys([str(path), str(path.resolve())])
    posix = [text.replace("\\", "/") for text in plain]
    return list(dict.fromkeys([*plain, *posix, *(text.replace("\\", "\\\\") for text in plain)]))
