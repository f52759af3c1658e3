"""`--from`: documents that are there already, read from JSON files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metaco.cli.gate import edited
from metaco.cli.parser import UsageError
from metaco.cli.text import read
from metaco.core.document import Document
from metaco.core.errors import ConfigurationError
from metaco.sop.procedure import SOP

__all__ = ["given"]


def given(sop: SOP, names: Sequence[str]) -> list[Document]:
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
                f"{sop.name} knows no document {sign!r}.",
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
    kinds = " or ".join(type(found[0]).__name__ for found in fits)
    raise UsageError(
        f"{name} could be {kinds}." if fits else f"{name} is no document of {sop.name}.",
        f"Say what it is, as in KIND={name}; the kinds are {', '.join(sop.kinds)}.",
    )


def _read(path: str, kinds: Sequence[type[Document]]) -> list[Document]:
    try:
        return edited(read(path), kinds)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{path}: {error.problem}",
            "Correct it, or leave it out; another version of metaco may have written it.",
        ) from error
