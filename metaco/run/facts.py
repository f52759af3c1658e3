"""What facts have in common: they are frozen, and keep what later versions write besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from metaco.core.document import Document, message_id

__all__ = ["LIST", "MESSAGES", "PAIRS", "Published", "StoredFact"]

# How the codec reads a list, and the name that a field has in JSON where it is another one.
LIST, PAIRS, MESSAGES = ({"list_of": what} for what in ("values", "pairs", "messages"))


@dataclass(frozen=True, slots=True)
class StoredFact:
    """What an entry says.

    Attributes:
        kind: its tag in the log.
        more: what later versions write besides, kept as it is.
    """

    kind: ClassVar[str]
    more: Mapping[str, Any] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True, slots=True)
class Published(StoredFact):
    """A message as stored in the log: a document in plain JSON, with its id."""

    id: str
    type: str
    key: str
    body: Mapping[str, Any]

    @classmethod
    def of(cls, document: Document) -> Published:
        """Return the message that publishes `document`."""
        body = document.model_dump(mode="json")
        return cls(message_id(document, body), type(document).__name__, document.key, body)
