"""From what an action returns, or a person gives, to messages that may go into the log."""

from __future__ import annotations

from collections.abc import Sequence

from metaco.core.artifacts import Claims
from metaco.core.document import Document
from metaco.run.entries import Published
from metaco.run.state import State
from metaco.sop.steps import Step

__all__ = ["Publisher"]


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
        if self._claims[0] is not state.progress:  # a new pass: others may be there now
            there = [*state.inputs.values()]
            there += [message for stage in state.stages() for message in stage.messages]
            there += [message for key in state.waiting for message in state.memory[key]]
            self._claims = (state.progress, Claims(message.body for message in there))
        for document in documents:
            self._claims[1].add(document)
        return published
