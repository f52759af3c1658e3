"""Roles and their actions: who on the team does what.

A role is a class, an action an async method of it. The annotations say everything the SOP has to
know: which documents the action reads and which it publishes. ::

    class Critic(Role):
        "Finds what is weak in a text."

        @action
        async def review(self, draft: Draft) -> Review:
            "Name the three weakest points and say how to fix each."
            return await self.ask(Review, draft=draft)

`ask` renders ``prompts/Critic.review.md.j2`` or ``prompts/review.md.j2`` beside the role; where
there is none, the prompt is made of the docstrings and the documents. The system prompt is what the
SOP says, else ``prompts/system.md.j2``, else a usual one with the docstring of the role. Models
that get lean prompts (`Settings.lean`) get ``prompts/review.lean.md.j2`` where it exists, with the
answer in ``prompts/review.example.json``.
"""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar, overload

from metaco.acting import Acting
from metaco.asking import answered
from metaco.context import Context
from metaco.core.document import Document
from metaco.core.errors import ConfigurationError
from metaco.core.model import Attachment, Request
from metaco.core.sampling import Sampling
from metaco.render.prompts import Prompts

__all__ = ["Context", "Role", "action"]

D = TypeVar("D", bound=Document)
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


def action(method: F) -> F:
    """Mark an async method of a role as an action that an SOP can name."""
    method.__metaco_action__ = True  # type: ignore[attr-defined]
    return method


class Role(Acting):
    """Someone on the team.

    A role is made anew for every turn: nothing survives in it from one turn to the next, because
    everything that counts is in the documents.
    """

    @overload
    async def ask(
        self,
        kind: type[D],
        /,
        *,
        check: Callable[[D], list[str]] | None = None,
        sampling: Sampling | None = None,
        prompt: str = "",
        attachments: Sequence[Attachment] = (),
        tools: Sequence[Any] = (),
        at_most: int = 20,
        **inputs: Any,
    ) -> D: ...

    @overload
    async def ask(
        self,
        kind: types.UnionType,
        /,
        *,
        check: Callable[[Any], list[str]] | None = None,
        sampling: Sampling | None = None,
        prompt: str = "",
        attachments: Sequence[Attachment] = (),
        tools: Sequence[Any] = (),
        at_most: int = 20,
        **inputs: Any,
    ) -> Any: ...

    @overload
    async def ask(
        self,
        kind: Callable[[str], T],
        /,
        *,
        check: Callable[[T], list[str]] | None = None,
        sampling: Sampling | None = None,
        prompt: str = "",
        attachments: Sequence[Attachment] = (),
        tools: Sequence[Any] = (),
        at_most: int = 20,
        **inputs: Any,
    ) -> T: ...

    async def ask(
        self,
        kind: Any,
        /,
        *,
        check: Callable[[Any], list[str]] | None = None,
        sampling: Sampling | None = None,
        prompt: str = "",
        attachments: Sequence[Attachment] = (),
        tools: Sequence[Any] = (),
        at_most: int = 20,
        **inputs: Any,
    ) -> Any:
        """Ask this role's model and return what it answered, read and checked.

        Args:
            kind: a document class, answered as JSON; several, as ``Praise | Draft``, answered as
                one of them; or a function that reads the reply or raises `ReplyError`.
            check: returns what is wrong with a readable answer, each a sentence for its author.
            sampling: how the reply is drawn, before what SOP, settings and provider say.
            prompt: the name of the prompt; by default that of the action.
            attachments: images and other files that go with the prompt.
            tools: what the model may call before it answers: functions, tools, objects that have
                some as ``tools``, and ``mcp.SERVER`` for those of a server; see `metaco.tool_loop`.
            at_most: how many replies may hold calls; then the model is told to answer.
            inputs: what the prompt is made of; documents, or anything a template can show.

        A reply goes back to its author once when it cannot be read, or repeated itself, and once
        when the check finds something wrong; what is not fixed is in ``self.context.findings``.

        Raises:
            ReplyError: the reply could not be read, also after it was asked for again.
            ProviderError: the endpoint did not answer.
            LimitReached: a limit does not allow the call.
            ConfigurationError: there is no such prompt, or a parameter is given as an input.
        """
        kinds = _kinds(kind)
        example = self._prompts.example(prompt or self.context.action) if kinds else ""
        drawn = self.context.sampling.replaced_by(sampling)
        request = self._request(kinds, inputs, prompt, example)
        request = replace(request, sampling=drawn, attachments=tuple(attachments))
        ask = self.context.call
        if tools := (*tools, *self.context.tools):
            from metaco.tool_loop import ToolLoop

            ask = (await ToolLoop.of(self.context, tools, at_most)).ask
        answer, findings = await answered(request, ask, kinds or kind, check, example)
        self.context.findings += findings
        return answer

    @property
    def _prompts(self) -> Prompts:
        """The prompts of this role, beside its module."""
        folder = Path(sys.modules[type(self).__module__].__file__ or ".").parent / "prompts"
        return Prompts(folder, type(self).__name__, self.context.lean)

    def _request(
        self,
        kinds: tuple[type[Document], ...],
        inputs: Mapping[str, Any],
        prompt: str,
        example: str,
    ) -> Request:
        from metaco.reply import one_of, schema

        for parameter in fields(Sampling):
            if isinstance(inputs.get(parameter.name), int | float | str):
                raise ConfigurationError(
                    f"{parameter.name} would become a part of the prompt.",
                    f"Write ask(..., sampling=Sampling({parameter.name}=...)).",
                )
        prompts, response_type = self._prompts, one_of(kinds) if kinds else None
        if file := prompts.find(prompt or self.context.action):
            body = prompts.render(file, **inputs)
        elif prompt:
            raise ConfigurationError(
                f"There is no prompt {prompt!r} in {prompts.folder}.",
                f"Write {prompt}.md.j2 there.",
            )
        else:
            method = getattr(type(self), self.context.action, None)
            task = inspect.cleandoc(getattr(method, "__doc__", None) or self.context.action)
            body = prompts.usual("action.md.j2", task=task, inputs=inputs)
        answer = prompts.usual(
            "answer.md.j2",
            notes=[note for note in self.context.notes if note],
            previous=self.context.previous,
            form=schema(response_type) if response_type else "",
            example=example.strip(),
        )
        about = inspect.cleandoc(type(self).__doc__ or type(self).__name__)
        return Request(
            role=self.context.role,
            action=self.context.action,
            system=prompts.system(about, self.context.system),
            prompt=f"{body.strip()}\n\n{answer}".strip(),
            response_type=response_type,
            inputs=inputs,
            role_module=type(self).__module__,
        )


def _kinds(kind: Any) -> tuple[type[Document], ...]:
    """Return the documents that may answer; none where a function reads the text.

    Raises:
        ConfigurationError: `kind` is a union of something else.
    """
    union = typing.get_origin(kind) in (typing.Union, types.UnionType)
    kinds = typing.get_args(kind) if union else (kind,)
    if all(isinstance(each, type) and issubclass(each, Document) for each in kinds):
        return tuple(kinds)
    if union:
        raise ConfigurationError(
            f"{kind} cannot be asked for.", "A union that is asked for holds document classes only."
        )
    return ()


def role_class(module: Any, name: str = "") -> type[Role]:
    """Return the role class in `module`: the one called `name`, else the only one it defines.

    Raises:
        ConfigurationError: there is none, or more than one to choose from.
    """
    if name:
        cls = getattr(module, name, None)
        if isinstance(cls, type) and issubclass(cls, Role):
            return cls
        raise ConfigurationError(
            f"{module.__name__} has no role class {name}.",
            "Name a class that derives from metaco.Role.",
        )
    classes = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Role)
        and thing.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise ConfigurationError(
            f"{module.__name__} defines {len(classes)} role classes, and none was selected.",
            "Write module:Class in the SOP.",
        )
    return classes[0]


def actions(role: type[Role]) -> list[str]:
    """Return the names of a role's actions, in the order in which they stand in the class."""
    return [
        name
        for cls in reversed(role.__mro__)
        for name, member in vars(cls).items()
        if getattr(member, "__metaco_action__", False)
    ]
