"""The model that is none: it calls the by-the-book answers that roles bring along.

A role offers them in a module ``offline`` beside its own, with one function per action that asks::

    # roles/architect/offline.py
    def write_design(prd: PRD) -> SystemDesign: ...

The function gets the documents of the request by name, and `manner` if it takes it. It returns
what a model would: a document, or text with code in fences.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any, Literal

from metaco.core.document import Document
from metaco.core.errors import ProviderError
from metaco.core.model import Reply, Request, Usage
from metaco.models.prices import estimate
from metaco.models.providers import Provider

__all__ = ["ABOUT", "MANNERS", "Manner", "Offline"]

Manner = Literal["plain", "careless", "stubborn"]
"""How it works: ``careless`` makes one mistake in the code and mends it when tests fail,
``stubborn`` never mends it; both show the fix loop at work."""

MANNERS: tuple[Manner, ...] = ("plain", "careless", "stubborn")

ABOUT = (
    "Made offline by rules and templates that ship with metaco; no AI model was involved. It finds"
    " nouns, fields, verbs and numbers in the requirement and builds a program of a known family."
    " For a model's own judgement configure one, as with --model openai:gpt-5-mini."
)
"""One honest paragraph for the console, the documents and the log."""


class Offline:
    """Answers with the rules that roles bring along; the default where no model is configured."""

    provider = Provider("offline", local=True, renames=True)

    def __init__(self, manner: Manner = "plain") -> None:
        self.manner = manner

    @property
    def name(self) -> str:
        return "offline" if self.manner == "plain" else f"offline:{self.manner}"

    def __repr__(self) -> str:
        return f"Offline({self.manner!r})"

    async def complete(self, request: Request) -> Reply:
        """Answer `request` with the function of its role's offline module.

        Raises:
            ProviderError: there is no such function, or not for these documents (status 404,
                as asking again cannot help).
        """
        await asyncio.sleep(0)  # rules never wait, and other companies want their turn
        answer = _call(request, self.manner)
        if isinstance(answer, Document):
            answer = answer.model_dump_json()
        if not isinstance(answer, str):
            raise ProviderError(
                f"The offline answer of {request.role}.{request.action} is a"
                f" {type(answer).__name__}.",
                "It has to return a document or text.",
                status=404,
            )
        return Reply(answer, Usage(estimate(request.text), estimate(answer)), "offline")


def _call(request: Request, manner: Manner) -> Any:
    function = getattr(_module(request), request.action, None)
    if not callable(function) or request.action.startswith("_"):
        raise _nothing(request)
    about = dict(request.inputs)
    if _takes(function, "manner"):
        about["manner"] = manner
    try:
        bound = inspect.signature(function).bind(**about)
    except TypeError as error:
        raise ProviderError(
            f"The offline answer {request.role_module}.offline.{request.action} does not fit what"
            f" the action asks about: {error}.",
            f"Let its parameters be {', '.join(request.inputs) or 'none'}.",
            status=404,
        ) from error
    return function(*bound.args, **bound.kwargs)


def _module(request: Request) -> ModuleType:
    wanted = f"{request.role_module}.offline"
    if not request.role_module:
        raise _nothing(request)
    try:
        return importlib.import_module(wanted)
    except ModuleNotFoundError as error:
        # Only its own absence is an answer; what it fails to import is a mistake to be seen.
        if error.name and f"{wanted}.".startswith(f"{error.name}."):
            raise _nothing(request) from error
        raise


def _nothing(request: Request) -> ProviderError:
    return ProviderError(
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
