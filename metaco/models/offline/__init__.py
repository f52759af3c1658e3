"""The offline model: rules and finished programs instead of a model.

For the built-in roles the answers are here: a wish is read (`reading`), a program of `programs` is
meant or none, and documents, code and tests are taken from it (`answers`, `debate`). A role of
one's own offers its answers in a module ``offline`` beside its own, one function per action::

    # critic/offline.py
    def review(design: SystemDesign) -> Review: ...

A function gets the documents of the request by name, and `fault` if it takes it. It returns what a
model would: a document, a dictionary to be read as one, or text with code in fences.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
from collections.abc import Callable
from typing import Any, Literal, get_args

from metaco.core.document import Document
from metaco.core.errors import ProviderError
from metaco.core.model import Reply, Request, Usage
from metaco.models.providers import Provider

__all__ = ["ABOUT", "FAULT_MODES", "FaultMode", "Offline"]

FaultMode = Literal["one-bug", "never-fixes"]
"""Mistakes made on purpose, to see the fix loop at work: ``one-bug`` writes one and mends it when
tests fail, ``never-fixes`` does not fix it."""

FAULT_MODES: tuple[FaultMode, ...] = get_args(FaultMode)

ABOUT = (
    "Made offline, by rules; no AI model was involved. What no requirement answers is left out and"
    " listed. For a model's own judgement configure one, as with --model openai:gpt-5-mini."
)
"""One honest paragraph for the console, the documents and the log."""

_BUILT_IN = "metaco.roles."


class Offline:
    """Answers with finished programs and with what roles bring along; asks no model.

    Args:
        fault: mistakes it makes on purpose.
    """

    provider = Provider("offline", local=True, renames=True)

    def __init__(self, fault: FaultMode | None = None) -> None:
        self.fault = fault

    @property
    def name(self) -> str:
        return f"offline:{self.fault}" if self.fault else "offline"

    def __repr__(self) -> str:
        return f"Offline({self.fault!r})"

    async def complete(self, request: Request) -> Reply:
        """Answer `request` with the function for its action.

        Raises:
            ProviderError: there is no such function, or not for these documents (status 404,
                as asking again cannot help).
            ConfigurationError: no program is meant by the wish.
        """
        await asyncio.sleep(0)  # rules never wait, and other companies want their turn
        answer = _call(request, self.fault)
        if isinstance(answer, Document):
            answer = answer.model_dump_json()
        elif isinstance(answer, dict):
            answer = json.dumps(answer, ensure_ascii=False)
        if not isinstance(answer, str):
            raise ProviderError(
                f"The offline answer of {request.role}.{request.action} is a"
                f" {type(answer).__name__}.",
                "It has to return a document, a dictionary or text.",
                status=404,
            )
        return Reply(answer, Usage(), "offline")  # nobody was asked, so that nothing was used


def _call(request: Request, fault: FaultMode | None) -> Any:
    function = _function(request)
    about = dict(request.inputs)
    if _takes(function, "fault"):
        about["fault"] = fault
    try:
        bound = inspect.signature(function).bind(**about)
    except TypeError as error:
        raise ProviderError(
            f"The offline answer {function.__module__}.{request.action} does not accept the"
            f" inputs of the action: {error}.",
            f"Its parameters have to be {', '.join(request.inputs) or 'none'}.",
            status=404,
        ) from error
    return function(*bound.args, **bound.kwargs)


def _function(request: Request) -> Callable[..., Any]:
    """Return the function that answers a request: one beside the role, or one from here.

    Raises:
        ProviderError: there is none.
    """
    modules = [f"{request.role_module}.offline"] if request.role_module else []
    if request.role_module.startswith(_BUILT_IN):
        modules += [f"{__name__}.answers", f"{__name__}.debate"]
    for module in modules:
        try:
            function = getattr(importlib.import_module(module), request.action, None)
        except ModuleNotFoundError as error:
            # Only its own absence is an answer; what it fails to import is a mistake to be seen.
            if not error.name or not f"{module}.".startswith(f"{error.name}."):
                raise
            continue
        if inspect.isroutine(function) and not request.action.startswith("_"):
            return function
    raise ProviderError(
        f"{request.role}.{request.action} has no offline answer.",
        "Choose another model with --model, or write the function"
        f" {request.action} in {request.role_module or 'the module of the role'}.offline.",
        status=404,
    )


def _takes(function: Callable[..., Any], name: str) -> bool:
    parameters = inspect.signature(function).parameters
    return name in parameters or any(
        p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()
    )
