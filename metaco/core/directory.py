"""A folder as a document: what a run can start from besides a requirement."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from metaco.core.document import Document
from metaco.core.errors import ConfigurationError

__all__ = ["Folder"]

_SKIPPED = {"__pycache__", "node_modules", "build", "dist", "venv"}
_LARGEST = 2_000_000
_MOST = 5_000


class Folder(Document):
    """The text files of a folder as they are.

    Hidden files and folders are left out, and so are links, virtual environments and what is built.
    """

    name: str
    files: dict[str, str] = Field(description="path, with slashes, to text")
    left_out: list[str] = Field(description="files that are no UTF-8 text, or too large")

    @classmethod
    def read(cls, path: str | Path) -> Folder:
        """Read the folder at `path`.

        Raises:
            ConfigurationError: there is none, it cannot be read, or it holds too many files.
        """
        root = Path(path)
        if not root.is_dir():
            raise ConfigurationError(f"There is no folder {root}.", "Name the folder of a project.")
        files: dict[str, str] = {}
        left_out = []
        try:
            for each in _files(root):
                name = each.relative_to(root).as_posix()
                try:
                    raw = each.read_bytes() if each.stat().st_size <= _LARGEST else b"\0"
                    text = raw.decode("utf-8-sig").replace("\r\n", "\n")
                    name.encode()
                except UnicodeError:
                    text = "\0"
                if "\0" in text:
                    left_out.append(name.encode("utf-8", "replace").decode())
                else:
                    files[name] = text
                if len(files) > _MOST:
                    raise ConfigurationError(
                        f"{root} contains more than {_MOST} text files.",
                        "Name the folder of a single project.",
                    )
        except OSError as error:
            raise ConfigurationError(
                f"{root} cannot be read: {error}.", "Correct its permissions."
            ) from error
        return cls(name=root.resolve().name, files=files, left_out=left_out)


def _files(root: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise error

    for where, folders, names in os.walk(root, onerror=fail):
        folder = Path(where)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _SKIPPED
            and not name.endswith(".egg-info")
            and not (folder / name / "pyvenv.cfg").exists()
            and not (folder / name).is_symlink()
        )
        for name in sorted(names):
            if not name.startswith(".") and not (folder / name).is_symlink():
                yield folder / name
