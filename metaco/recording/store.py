"""A recording on disk: a folder with a file per call, or one file with all of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from metaco.core.errors import ConfigurationError
from metaco.recording.call import RecordedCall
from metaco.recording.page import (
    BEGIN,
    END,
    RUN,
    read_call,
    read_facts,
    system_name,
    write_call,
    write_run,
    write_system,
)

__all__ = ["Recording"]


class Recording:
    """The calls of one run.

    What is written is whole at any moment: a file is put in place in one step, and what a crash
    left at the end of a single file is passed over.

    Args:
        path: a folder, or a file whose name ends in ``.md``; neither need be there.

    Attributes:
        calls: the calls by name.
        models: the name of each role's model, also of roles that made no call.

    Raises:
        ConfigurationError: there is something else, or a file of it cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.single = self.path.suffix.lower() == ".md" and not self.path.is_dir()
        self.calls: dict[str, RecordedCall] = {}
        self.models: dict[str, str] = {}
        self._systems: dict[str, str] = {}
        self._whole = 0  # bytes of a single file up to its last whole page
        if self.path.exists() and self.single != self.path.is_file():
            raise ConfigurationError(
                f"{self.path} is a file, but not a recording.",
                "Name a folder, or a file whose name ends in .md.",
            )
        pages = list(self._pages())
        self._systems = {
            facts["call"]: text
            for _, facts, sections in pages
            for title, text in sections
            if title == "System"
        }
        for file, facts, sections in pages:
            if facts["call"] == RUN:
                self.models = dict(facts.get("models", {}))
            elif facts["call"] not in self._systems:
                try:
                    call = read_call(facts, sections, self._systems)
                except ValueError as error:
                    raise _broken(file, error) from error
                self.calls[call.name] = call

    def begin(self, models: Mapping[str, str]) -> None:
        """Keep the names of the roles' models, unless some are kept already."""
        if not self.models and models:
            self._write(RUN, write_run(models))
            self.models = dict(models)

    def put(self, call: RecordedCall) -> None:
        """Keep a call, in the place of the one that has its name; it is on disk afterwards.

        Raises:
            ConfigurationError: it cannot be written.
        """
        system = system_name(call.system)
        if system and system not in self._systems:
            self._write(system, write_system(call.system))
            self._systems[system] = call.system
        self._write(call.name, write_call(call))
        self.calls[call.name] = call

    def tidy(self) -> None:
        """Bring a single file into the order of the names; drop system prompts nobody uses."""
        used = {system_name(call.system) for call in self.calls.values()}
        unused = [name for name in self._systems if name not in used]
        for name in unused:
            del self._systems[name]
        if self.single and self.calls:
            text = write_run(self.models) if self.models else ""
            text += "".join(write_system(self._systems[name]) for name in sorted(self._systems))
            text += "".join(map(write_call, self._ordered()))
            self._whole = _replace(self.path, text)
        elif not self.single:
            for name in unused:
                (self.path / f"{name}.md").unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all calls; other files in the folder stay."""
        if self.single:
            self.path.unlink(missing_ok=True)
        else:
            for name in [*self.calls, *self._systems, RUN]:
                (self.path / f"{name}.md").unlink(missing_ok=True)
        self.calls, self.models, self._systems, self._whole = {}, {}, {}, 0

    def _write(self, name: str, page: str) -> None:
        try:
            if self.single:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("ab") as file:
                    file.truncate(self._whole)
                    file.write(page.encode())
                    file.flush()
                    os.fsync(file.fileno())
                    self._whole += len(page.encode())
            else:
                _replace(self.path / f"{name}.md", page)
        except OSError as error:
            raise ConfigurationError(
                f"The recording {self.path} cannot be written: {error}.",
                "Free some space or choose another path.",
            ) from error

    def _ordered(self) -> Iterable[RecordedCall]:
        def position(call: RecordedCall) -> tuple[str, int]:
            name, _, number = call.name.partition("~")
            return name, int(number) if number.isdecimal() else 1

        return sorted(self.calls.values(), key=position)

    def _pages(self) -> Iterator[tuple[str, dict[str, Any], list[tuple[str, str]]]]:
        """Yield what is on disk: the file, the facts and the sections of every page."""
        if self.single:
            files = [self.path] if self.path.is_file() else []
        else:
            files = sorted(self.path.glob("*.md"))
        for file in files:
            try:
                text = file.read_bytes().decode().replace("\r\n", "\n")
            except (OSError, UnicodeDecodeError) as error:
                raise _broken(str(file), error) from error
            if not text.startswith(BEGIN):
                if self.single and not BEGIN.startswith(text):
                    raise _broken(str(file), "it is another Markdown file")
                continue  # a README, say
            *pages, rest = f"\n{text}".split(f"\n{END}")
            if rest.strip() and not self.single:
                raise _broken(str(file), "its end is missing")
            for page in pages:
                try:
                    facts, sections = read_facts(page.removeprefix("\n") + "\n")
                except ValueError as error:
                    raise _broken(str(file), error) from error
                if not self.single:
                    facts["call"] = file.stem
                yield str(file), facts, sections
            if self.single:
                self._whole = max(0, file.stat().st_size - len(rest.encode()))


def _replace(path: Path, text: str) -> int:
    """Write `text` to `path` in one step, and return its length in bytes."""
    raw = text.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    with new.open("wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    return len(raw)


def _broken(file: str, why: object) -> ConfigurationError:
    return ConfigurationError(
        f"{file} cannot be read as a recording: {why}.",
        "Restore it, or remove it and record again.",
    )
