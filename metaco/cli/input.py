"""What a command line names to be read: text from a file or stdin, documents from JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from metaco.cli.parser import UsageError
from metaco.core.document import Document
from metaco.core.errors import ConfigurationError
from metaco.sop.procedure import SOP

__all__ = ["display_name", "edited", "read_documents", "read_text"]

_LARGEST = 1_000_000  # characters of a requirement, or of a document


def read_text(name: str) -> str:
    """Return the text of a file, or of stdin.

    Raises:
        UsageError: there is no such file, or it is no text.
    """
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{display_name(name)} cannot be read: {(error.strerror or str(error)).lower()}.",
            "Name a text file, or - for stdin.",
        ) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{display_name(name)} is not UTF-8 text.", "Name a text file.") from error
    if "\0" in text or len(text) > _LARGEST:
        raise UsageError(f"{display_name(name)} is too long, or not text.", "Name a text file.")
    return text


def display_name(name: str) -> str:
    return "stdin" if name == "-" else name


def read_documents(sop: SOP, names: Sequence[str]) -> list[Document]:
    """Return the documents in the files that `names` names.

    What a file holds is said by ``KIND=FILE``, by its name as in ``todo.prd.json`` or
    ``docs/prd.json``, or else by what it fits: exactly one kind of document of the SOP.

    Raises:
        UsageError: a file cannot be read, or it cannot be told what it holds.
        ConfigurationError: it is no document of its kind; the message says where.
    """
    return [document for name in names for document in _documents(sop, name)]


def _documents(sop: SOP, name: str) -> list[Document]:
    sign, _, path = name.partition("=")
    if path and not Path(name).exists():
        kind = sop.kind(sign)
        if kind is None:
            raise UsageError(
                f"{sop.name} has no document {sign!r}.",
                f"Give one of {', '.join(sop.kinds)}, as in {next(iter(sop.kinds))}=FILE.",
            )
        return _read(path, [kind])
    kind = sop.kind(Path(name).name.removesuffix(".json").rpartition(".")[2])
    if kind is not None:
        return _read(name, [kind])
    fits = []
    for each in sop.kinds.values():
        try:
            fits.append(_read(name, [each]))
        except ConfigurationError:
            continue
    if len(fits) == 1:
        return fits[0]
    kinds = " or ".join(type(documents[0]).__name__ for documents in fits)
    raise UsageError(
        f"{name} could be {kinds}." if fits else f"{name} is not a document of {sop.name}.",
        f"Say what it is, as in KIND={name}; the kinds are {', '.join(sop.kinds)}.",
    )


def _read(path: str, kinds: Sequence[type[Document]]) -> list[Document]:
    try:
        return edited(read_text(path), kinds)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{path}: {error.problem}",
            "Correct it or omit it; it may have been written by another version of metaco.",
        ) from error


def edited(text: str, kinds: Sequence[type[Document]]) -> list[Document]:
    """Read documents that a person wrote as JSON: one object, or a list of them.

    Args:
        text: the JSON.
        kinds: what each may be, the likeliest first.

    Raises:
        ConfigurationError: it is not JSON, or not such a document; the message says where.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"This is not JSON: {error}.", "Correct it.") from error
    items = data if isinstance(data, list) else [data]
    if not items:
        raise ConfigurationError(
            "The file contains no document.", "Write one, or stop the run at this gate."
        )
    return [_document(item, kinds) for item in items]


def _document(item: Any, kinds: Sequence[type[Document]]) -> Document:
    problems: list[str] = []
    for kind in kinds:
        try:
            return kind.model_validate(item)
        except ValidationError as error:
            problems += [
                f"{kind.__name__}.{'.'.join(map(str, each['loc']))}: {each['msg']}"
                for each in error.errors()
            ][: 5 if not problems else 0]
    raise ConfigurationError(
        f"This is not a valid {kinds[0].__name__}: {'; '.join(problems)}.", "Correct it."
    )
