"""Documents, the typed things that roles write, and messages, documents as they are published.

A *document* is a frozen pydantic model. A *message* is a document with the identity that its
content gives it. The log wraps messages into *entries*; see `metaco.run.log`.
"""

from __future__ import annotations

import hashlib
import json
import typing
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticSerializationError, to_json

__all__ = [
    "Document",
    "Message",
    "Part",
    "Requirement",
    "digest",
    "family",
    "family_root",
    "has_needs",
    "keyed",
    "message_id",
]


_to_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def digest(*parts: Any) -> str:
    """Return 32 hex digits that stand for the content of `parts` (anything JSON can hold)."""
    return hashlib.sha256(_encoded(parts)).hexdigest()[:32]


def _encoded(parts: tuple[Any, ...]) -> bytes:
    if all(type(part) in (str, int) or part == () for part in parts):
        # Most are long texts alone, of which a faster encoder makes the same bytes.
        with suppress(PydanticSerializationError):  # half a character
            return to_json(parts)
    return _to_json(parts).encode("utf-8", "surrogatepass")


def _has_set(hint: Any) -> bool:
    if hint in (set, frozenset) or typing.get_origin(hint) in (set, frozenset):
        return True
    return any(_has_set(arg) for arg in typing.get_args(hint))


class Part(BaseModel):
    """A piece of a document, as an item of a list in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Document(BaseModel):
    """A typed body that one role writes and others read.

    Two documents of one family with the same `key` are versions of one another. The family is the
    class right below `Document`, so subclasses can stand for conditions: `TestsPassed` and
    `TestsFailed` are both versions of `TestReport`.

    Sets are refused as field types: their order depends on the process, and a document's
    identity must not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        for name, info in cls.model_fields.items():
            if _has_set(info.annotation):
                raise TypeError(
                    f"{cls.__name__}.{name} is a set, whose order is not stable. Use a list."
                )
            if name in ("key", "needs"):
                raise TypeError(
                    f"{cls.__name__}.{name} is a field, which nothing would read. Give the field "
                    f"another name, and let a property {name} return it."
                )

    @property
    def key(self) -> str:
        """What tells this document from others of its family; empty if there is only one."""
        return ""

    @property
    def needs(self) -> Sequence[str]:
        """The keys of the documents that are made before that about this one.

        An action that takes this document and a list of what it publishes itself, as
        ``async def work(self, task: Task, done: list[Work]) -> Work``, runs once what is about
        these keys is published, and gets just that.
        """
        return ()

    def artifacts(self) -> dict[str, str]:
        """Return the files this document puts into the project: relative path to text."""
        return {}

    def replaces(self, path: str) -> bool:
        """Return whether it may write `path` anew, which a document of another kind has written."""
        return False

    def project(self) -> str:
        """Return the name this document gives to the project's folder, or nothing."""
        return ""

    def accepted(self) -> bool:
        """Return whether a run that ends with this document reached its aim."""
        return True


class Requirement(Document):
    """What a person asks for, in their own words."""

    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """A document as it was published: `id` is the hash of type, key and content.

    The id is stored with the message and never computed again from a stored body, so that a field
    added later (with a default) does not change what was published before.
    """

    id: str
    body: Document

    @classmethod
    def of(cls, body: Document) -> Message:
        """Make the message that publishes `body`."""
        return cls(message_id(body, body.model_dump(mode="json")), body)


def message_id(document: Document, fields: Mapping[str, Any]) -> str:
    """Return the id of the message that publishes a document, whose plain JSON is `fields`."""
    return digest(type(document).__name__, document.key, fields)


@lru_cache(maxsize=1024)  # asked of every message, several times
def family(kind: type[Document]) -> str:
    """Return the name of the class right below `Document`: versions of one thing share it."""
    return family_root(kind).__name__


def family_root(kind: type[Document]) -> type[Document]:
    """Return the first of a kind's family: the class right below `Document`."""
    if kind is Document:
        raise TypeError("Document itself has no family; use a subclass.")
    return kind.__mro__[kind.__mro__.index(Document) - 1]


def keyed(kind: type[Document]) -> bool:
    """Return whether documents of this kind carry a key, so that there may be many at once."""
    return kind.key is not Document.key


def has_needs(kind: type[Document]) -> bool:
    """Return whether documents of this kind may have to wait for one another."""
    return kind.needs is not Document.needs
