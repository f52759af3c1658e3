"""What a run starts from: the documents that a person gives, and new versions of them."""

from __future__ import annotations

import secrets
import shlex
import time
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from metaco import __version__
from metaco.core.artifacts import Claims
from metaco.core.document import Document, family
from metaco.core.errors import ConfigurationError
from metaco.core.limits import Limits
from metaco.run.entries import FORMAT, RunStarted
from metaco.run.state import State
from metaco.sop.procedure import SOP

__all__ = [
    "changed_input",
    "check_files",
    "initial_inputs",
    "new_run_name",
    "run_started",
    "run_title",
    "start_command",
]


def initial_inputs(
    sop: SOP, requirement: str | Document | None, given: Sequence[Document]
) -> list[Document]:
    """Return everything that a run starts from.

    Raises:
        ConfigurationError: something is missing, is there twice, or is read by nobody.
    """
    names = {(family(type(each)), each.key) for each in given}
    if len(names) < len(given):
        raise ConfigurationError(
            "Two of the given documents have the same identity.", "Give only one of them."
        )
    needed = sop.input in sop.inputs
    own = any(isinstance(each, sop.input) for each in given)
    if requirement is not None:
        if own or not needed:
            raise ConfigurationError(
                f"No step reads the {sop.input.__name__}: "
                f"{' and '.join(sorted({name for name, _ in names}))} is given.",
                "Leave one of them out.",
            )
        return [_input(sop, requirement), *given]
    if needed and not own:
        readers = [s.name for s in sop.steps() if sop.input in s.reads] or [sop.name]
        raise ConfigurationError(
            f"{readers[0]} starts from a {sop.input.__name__}, but none was given.",
            'Describe in one line what to build, as in: metaco "a snake game".',
        )
    return list(given)


def changed_input(state: State, change: str | Document | None, requirement: str | None) -> Document:
    """Return a new version of what a run starts from: what is said later stands last.

    Raises:
        ConfigurationError: there are both or neither, or nobody reads it.
    """
    if change is not None and requirement is not None:
        raise ConfigurationError(
            "Both a change and a requirement were given.",
            "Give the change alone to add to the requirement, or a whole new requirement.",
        )
    sop = state.sop
    if isinstance(change, Document):
        return change if isinstance(change, tuple(sop.inputs)) else _input(sop, change)
    if sop.input not in sop.inputs:
        names = " and ".join(kind.__name__ for kind in sop.inputs)
        raise ConfigurationError(
            f"This run starts from {names}, so no step reads a requirement.",
            f"Start a new run from the changed {names}.",
        )
    if requirement is not None:
        return _input(sop, requirement)
    if not change or not change.strip():
        raise ConfigurationError("The change is empty.", "Describe what should be different.")
    kind = family(sop.input)
    before = next(message.body for (name, _), message in state.inputs.items() if name == kind)
    return _input(sop, f"{getattr(before, 'text', '')}\n\n{change.strip()}")


def _input(sop: SOP, given: str | Document) -> Document:
    kind = sop.input
    if isinstance(given, str):
        if not given.strip():
            raise ConfigurationError(
                "The requirement is empty.",
                'Describe in one line what to build, as in: metaco "a snake game".',
            )
        try:
            return kind.model_validate({"text": given.strip()})
        except ValidationError as error:
            raise ConfigurationError(
                f"{sop.name} starts from {kind.__name__}, which cannot be created from a text.",
                f"Pass a {kind.__name__} from Python.",
            ) from error
    if not isinstance(given, kind):
        raise ConfigurationError(
            f"{sop.name} starts from {kind.__name__}, not {type(given).__name__}.",
            "Pass a text or the right document.",
        )
    return given


def check_files(documents: Sequence[Document]) -> None:
    """Look at the files of documents that a person gives.

    Raises:
        ConfigurationError: they are none; see `metaco.core.artifacts`.
    """
    claims = Claims()
    for document in documents:
        try:
            claims.add(document)
        except TypeError as error:
            raise ConfigurationError(
                f"The given {type(document).__name__} cannot be used: {error}",
                "Fix its class, or omit it.",
            ) from error


def run_title(documents: Sequence[Document]) -> str:
    """Return what lists call a run that starts from these: the requirement, or their kinds."""
    text = next((str(t) for d in documents if (t := getattr(d, "text", ""))), "")
    return text or "from " + ", ".join(type(document).__name__ for document in documents)


def run_started(
    sop: SOP,
    given: Sequence[Document],
    *,
    models: Mapping[str, str],
    sandbox: str,
    limits: Limits | None = None,
    name: str = "",
    parent: str = "",
) -> RunStarted:
    """Return what the log says first of a run that starts from these documents."""
    return RunStarted(
        format=FORMAT,
        metaco=__version__,
        sop=sop.reference,
        sop_hash=sop.hash,
        parts=sop.parts,
        models=models,
        steps=tuple(dict.fromkeys(step.name for step in sop.steps())),
        gates=tuple(step.name for step in sop.steps() if step.gate),
        limits=limits.dump() if limits else {},
        sandbox=sandbox,
        name=name,
        text=run_title(given),
        parent=parent,
    )


def start_command(sop: SOP, started: RunStarted) -> str:
    """Return the end of the command that starts a run again, without a text that is long."""
    if sop.input not in sop.inputs:
        return " from the same documents, with --from"
    if len(started.text) > 200:
        return " with the same requirement"
    return ": " + shlex.join(["metaco", "run", started.text, "--sop", started.sop])


def new_run_name() -> str:
    """Return a name for a run: when it began, and something by chance."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
