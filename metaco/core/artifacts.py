"""The files that documents put into the project: what may be written, and by whom."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from metaco.core.document import Document, family
from metaco.core.errors import WorkspaceError
from metaco.core.paths import PathSet, safe_path

__all__ = ["UNCONFINED", "Artifacts", "Claims", "configures", "noted"]

UNCONFINED = "The sandbox was off: generated code may have run without one that confines."


@dataclass(slots=True)
class Artifacts:
    """The files of one document.

    Attributes:
        files: those that may be written, by their plain paths.
        refused: the other paths, each with what is wrong.
        project: what the document calls the project, if it says so.
    """

    files: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    project: str = ""

    @classmethod
    def of(cls, document: Document, unconfined: bool = False) -> Artifacts:
        """Return the files of `document`.

        Args:
            unconfined: say so in its Markdown, but for what it holds as it is: that may be part of
                the program.

        Raises:
            TypeError: what its class says of files, project or acceptance is of another type, or
                it raises; the message names the class and the path.
        """
        artifacts = cls()
        given = _result_of(document, "artifacts", Mapping, "a dict of paths and texts")
        artifacts.project = _result_of(document, "project", str, "text")
        _result_of(document, "accepted", bool, "True or False")
        taken = PathSet()
        for path, text in given.items():
            if not isinstance(path, str):
                problem = f"{_kind(path)} as a path: {path!r}; return text."
                raise TypeError(f"{_kind(document)}.artifacts() returns {problem}")
            if not isinstance(text, str):
                problem = f"{_kind(text)} for {path!r}; return text."
                raise TypeError(f"{_kind(document)}.artifacts() returns {problem}")
            try:
                plain = safe_path(path)
                if plain in taken:
                    raise ValueError(f"{plain} is there twice; name every file once.")
                if configures(plain, text):
                    raise ValueError(f"{plain} contains [tool.metaco]; remove that table.")
                taken.add(plain)
            except ValueError as error:
                artifacts.refused[path] = str(error)
            else:
                if unconfined and plain.endswith(".md") and text not in vars(document).values():
                    text = noted(text)
                # Half a character is kept as what the log makes of it.
                artifacts.files[plain] = text.encode("utf-8", "replace").decode()
        return artifacts


def noted(page: str) -> str:
    """Return a page in Markdown that says at its end that nothing was confined."""
    return f"{page.rstrip()}\n\n> {UNCONFINED}\n"


def _result_of(document: Document, method: str, kind: type, wanted: str) -> Any:
    try:
        given = getattr(document, method)()
    except (Exception, SystemExit) as error:
        raise TypeError(f"{_kind(document)}.{method}() raises {error!r}.") from error
    if not isinstance(given, kind):
        raise TypeError(f"{_kind(document)}.{method}() returns {_kind(given)}; return {wanted}.")
    return given


def configures(path: str, text: str) -> bool:
    """Return whether a file would configure metaco for those who work in its folder."""
    if path.rpartition("/")[2].casefold() != "pyproject.toml":
        return False
    try:
        return "metaco" in tomllib.loads(text.lstrip("\ufeff")).get("tool", {})
    except (ValueError, TypeError, RecursionError):
        return bool(re.search(r"tool[\s.\"']+metaco", text))


class Claims:
    """Which documents write which file, so that none takes the file of another in silence.

    Args:
        documents: those that are there; what they write is not questioned any more.
    """

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self._paths = PathSet()
        self._authors: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for document in documents:
            with suppress(TypeError, WorkspaceError):
                self.add(document)

    def add(self, document: Document) -> None:
        """Note down the files of one more document.

        Raises:
            TypeError: see `Artifacts.of`.
            WorkspaceError: one is the file of another document, or cannot stand beside it.
        """
        identity = (family(type(document)), document.key)
        for path in Artifacts.of(document).files:
            authors = self._authors[path]
            if authors and identity not in authors and not document.replaces(path):
                raise _taken(document, f"{path} is a file of {_named(*min(authors))}.")
            try:
                self._paths.add(path)
            except ValueError as error:
                raise _taken(document, str(error)) from error
            authors.add(identity)


def _taken(document: Document, problem: str) -> WorkspaceError:
    name = _named(type(document).__name__, document.key)
    return WorkspaceError(
        f"{name} cannot be published: {problem}", "Have it written again with another path."
    )


def _named(kind: str, key: str) -> str:
    return f"{kind} {key}".strip()


def _kind(value: object) -> str:
    return type(value).__name__
