"""Messages: documents as the log holds them, written and read back."""

from __future__ import annotations

import json

from pydantic_core import PydanticSerializationError, from_json, to_json

from metaco.core.document import Document, Message
from metaco.core.errors import LogError
from metaco.run.entries import Published
from metaco.sop.procedure import SOP

__all__ = ["Messages"]


class Messages:
    """Turns documents into messages of the log, and back; each is validated once.

    Who reads the same log in the same process can share it.

    Args:
        sop: its types decode the messages.
    """

    def __init__(self, sop: SOP) -> None:
        self.sop = sop
        self._known: dict[str, Message] = {}  # by id, which is the hash of type, key and content

    def encode(self, document: Document) -> Published:
        """Return a document as a message for the log, once it is certain that it can be read.

        Raises:
            TypeError: it could not be read back: its class is not in the SOP, or its fields do not
                survive JSON.
        """
        kind, published = type(document), Published.of(document)
        if self.sop.kinds.get(kind.__name__) is not kind:
            raise TypeError(f"{kind.__name__} is not a document of this SOP: no step names it.")
        if published.id not in self._known:
            try:
                self._read_back(kind, published)
            except ValueError as error:
                problem = f"{kind.__name__} cannot be read back from JSON: {error}"
                raise TypeError(problem) from error
        return published

    def _read_back(self, kind: type[Document], published: Published) -> None:
        try:
            body = from_json(to_json(published.body))
        except PydanticSerializationError:  # half a character, in the place of which the log has ?
            kind.model_validate(json.loads(json.dumps(published.body)))
        else:
            self._known[published.id] = Message(published.id, kind.model_validate(body))

    def decode(self, published: Published) -> Message:
        """Return the message that the log holds as `published`.

        Raises:
            LogError: the SOP does not know its type.
        """
        message = self._known.get(published.id)
        if message is None:
            kind = self.sop.kinds.get(published.type)
            if kind is None:
                raise LogError(
                    f"The log holds a {published.type}, which the SOP {self.sop.name} does not "
                    "know.",
                    "Resume with the SOP the run was started with.",
                )
            message = Message(published.id, kind.model_validate(published.body))
            self._known[published.id] = message
        return message
