"""Doubles: models that answer from a script or a function. `metaco.testing` gives them out."""

from __future__ import annotations

import inspect
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from metaco.core.document import Document
from metaco.core.errors import ProviderError
from metaco.core.model import Reply, Request, ToolCall, Usage
from metaco.models.prices import estimate
from metaco.reply import OneOf

__all__ = ["FunctionModel", "Scripted"]

Answer: TypeAlias = str | Document | ToolCall | Sequence[ToolCall] | Reply
Script: TypeAlias = Answer | BaseException


class Scripted:
    """A model that answers from a script.

    Args:
        replies: a list, taken in the order of the requests of all; or a mapping from who
            asks to what it gets: ``engineer.write_file:todo/cli.py`` (the action about the
            document with that key) goes before ``engineer.write_file``, that before ``*``. A list
            there is used up from its front, anything else is the answer every time. Documents are
            sent as JSON, a `ToolCall` or a list of them calls tools, exceptions are raised, a
            `Reply` comes as it is.

    Attributes:
        requests: all requests so far, in order.
    """

    name = "scripted"

    def __init__(
        self, replies: Iterable[Script] | Mapping[str, Script | Iterable[Script]] = ()
    ) -> None:
        if isinstance(replies, str | Document):
            raise TypeError("Scripted takes a list of replies or a mapping, not a single reply.")
        script = replies if isinstance(replies, Mapping) else {"*": replies}
        self._script: dict[str, deque[Script] | Script] = {
            who: answers
            if isinstance(answers, str | Document | ToolCall | Reply | BaseException)
            else deque(answers)
            for who, answers in script.items()
        }
        self.requests: list[Request] = []

    async def complete(self, request: Request) -> Reply:
        """Answer `request` from the script.

        Raises:
            ProviderError: the script holds nothing (more) for this request (status 404, so that
                nobody waits and asks again); and whatever the script says.
        """
        self.requests.append(request)
        action = f"{request.role}.{request.action}"
        keys = [d.key for d in request.inputs.values() if isinstance(d, Document) and d.key]
        for who in [*(f"{action}:{key}" for key in keys), action, "*"]:
            answers = self._script.get(who)
            if isinstance(answers, deque):
                if answers:
                    return _reply(answers.popleft(), request, self.name)
            elif answers is not None:
                return _reply(answers, request, self.name)
        raise ProviderError(
            f"The script has no reply for {' or '.join([*keys, action])},"
            f" request number {len(self.requests)}.",
            f"Script one; there are replies for {', '.join(self._script) or 'nothing'}.",
            status=404,
        )


class FunctionModel:
    """A model that is a function.

    Args:
        function: plain or async; gets the request and returns text, a document, calls of tools,
            or a `Reply`.

    Attributes:
        requests: all requests so far, in order.
    """

    name = "function"

    def __init__(self, function: Callable[[Request], Answer | Awaitable[Answer]]) -> None:
        self.requests: list[Request] = []
        self._function = function

    async def complete(self, request: Request) -> Reply:
        """Answer `request` with the function; what it raises is raised."""
        self.requests.append(request)
        answer = self._function(request)
        return _reply(await answer if inspect.isawaitable(answer) else answer, request, self.name)


def _reply(answer: Script, request: Request, model: str) -> Reply:
    if isinstance(answer, BaseException):
        raise answer
    if isinstance(answer, Reply):
        return answer
    if isinstance(answer, ToolCall):
        answer = [answer]
    if isinstance(answer, list | tuple) and all(isinstance(each, ToolCall) for each in answer):
        usage = Usage(estimate(request.text), estimate(" ".join(map(str, answer))))
        return Reply("", usage, model, "tool_calls", calls=tuple(answer))
    if isinstance(answer, Document):
        kind = request.response_type
        union = kind is not None and issubclass(kind, OneOf) and type(answer) is not kind
        plain = answer.model_dump(mode="json")
        answer = json.dumps({type(answer).__name__: plain}) if union else answer.model_dump_json()
    if not isinstance(answer, str):
        raise TypeError(f"A double answered with {type(answer).__name__}, not text or a document.")
    return Reply(answer, Usage(estimate(request.text), estimate(answer)), model)
