"""Messages: documents as the log holds them, written, read back and looked at before that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic_core import PydanticSerializationError, from_json, to_json

from metaco.core.artifacts import Claims
from metaco.core.document import Document, Message
from metaco.core.errors import LogError
from metaco.run.entries import Published
from metaco.sop.procedure import SOP
from metaco.sop.steps import Step

if TYPE_CHECKING:
    from metaco.run.state import State

__all__ = ["Messages", "Publisher"]


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
            raise TypeError(f"{kind.__name__} is no document of this SOP: no step names it.")
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


class Publisher:
    """Turns documents into messages of one run, once it is known what files they write.

    Args:
        state: what the log says of the run.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._claims: tuple[object, Claims] = (None, Claims())

    def outputs(self, step: Step, documents: Sequence[Document]) -> tuple[Published, ...]:
        """Return what a step publishes.

        Raises:
            TypeError: it is none of its documents, or as for `messages`.
            WorkspaceError: as for `messages`.
        """
        for document in documents:
            if not isinstance(document, step.outputs):
                wanted = " | ".join(kind.__name__ for kind in step.outputs) or "None"
                raise TypeError(f"{step.name} publishes {wanted}, not {type(document).__name__}.")
        return self.messages(documents)

    def messages(self, documents: Sequence[Document]) -> tuple[Published, ...]:
        """Return documents as messages for the log.

        Raises:
            TypeError: one could not be read back, or its files are none.
            WorkspaceError: a file of it is that of another document.
        """
        published = tuple(map(self._state.messages.encode, documents))
        state = self._state
        if self._claims[0] is not state.root:  # a new pass: others may be there now
            there = [*state.inputs.values()]
            there += [message for stage in state.stages() for message in stage.messages]
            there += [message for key in state.held for message in state.memory[key]]
            self._claims = (state.root, Claims(message.body for message in there))
        for document in documents:
            self._claims[1].add(document)
        return published
