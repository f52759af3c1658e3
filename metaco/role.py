"""Roles and their actions: who on the team does what.

A role is a class, an action an async method of it. The annotations say everything the SOP has to
know: which documents the action reads and which it publishes. ::

    class Critic(Role):
        "Finds what is weak in a text."

        @action
        async def review(self, draft: Draft) -> Review:
            "Name the three weakest points and say how to fix each."
            return await self.ask(Review, draft=draft)

`ask` renders ``prompts/review.md.j2`` beside the role; where there is none, the prompt is made of
the docstrings and the documents. Models that get lean prompts (`Settings.lean`) get
``prompts/review.lean.md.j2`` where it exists, with the answer in ``prompts/review.example.json``.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
import time
import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar, overload

from pydantic import ValidationError

from metaco.core.document import Document
from metaco.core.errors import ConfigurationError, EffectUnsure, ReplyError
from metaco.core.model import Reply, Request
from metaco.core.sandbox import Sandbox
from metaco.render.templates import templates

if TYPE_CHECKING:
    import jinja2

__all__ = ["Context", "Role", "action"]

D = TypeVar("D", bound=Document)
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Awaitable[Any]])


def action(method: F) -> F:
    """Mark an async method of a role as an action that an SOP can name."""
    method.__metaco_action__ = True  # type: ignore[attr-defined]
    return method


How: TypeAlias = Literal["again", "once", "ask"]
"""What to do about an effect that was begun and of which nothing was heard: do it again, never in
silence; or a person ends it."""


class Perform(Protocol):
    """Does something outside, unless it was done before; see `metaco.run.effects`."""

    async def __call__(
        self, name: str, about: Any, do: Callable[[], Awaitable[Any]], how: How = "again"
    ) -> Any: ...


async def _perform(
    name: str, about: Any, do: Callable[[], Awaitable[Any]], how: How = "again"
) -> Any:
    """Do it, where there is no run that could remember it."""
    return await do()


class Call(Protocol):
    """Sends a request to the model of this role; the reply is logged before it is returned."""

    async def __call__(self, request: Request) -> Reply: ...


@dataclass(slots=True)
class Context:
    """What a role may use during one turn.

    Attributes:
        role, action: the names under which the SOP knows them.
        call: the way to the model.
        sandbox: opens the place where generated code may run.
        perform: the way to everything else outside.
        notes: what a person said about earlier versions; empty texts mean "try again".
        previous: what this turn published before the last note.
        findings: what `ask` could not get fixed; shown to the user and kept in the log.
        left_out: what of the replies could not be used; a warning of the run says so.
        model: the name of the model that will answer.
        lean: whether it gets short prompts, as small models need them.
    """

    role: str
    action: str
    call: Call
    sandbox: Callable[[], Awaitable[Sandbox]]
    perform: Perform = _perform
    notes: tuple[str, ...] = ()
    previous: tuple[Document, ...] = ()
    findings: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    model: str = ""
    lean: bool = False


class Role:
    """Someone on the team.

    A role is made anew for every turn: nothing survives in it from one turn to the next, because
    everything that counts is in the documents.
    """

    def __init__(self, context: Context) -> None:
        self.context = context

    @overload
    async def ask(
        self, kind: type[D], /, *, check: Callable[[D], list[str]] | None = None, **inputs: Any
    ) -> D: ...

    @overload
    async def ask(
        self,
        kind: Callable[[str], T],
        /,
        *,
        check: Callable[[T], list[str]] | None = None,
        **inputs: Any,
    ) -> T: ...

    async def ask(
        self, kind: Any, /, *, check: Callable[[Any], list[str]] | None = None, **inputs: Any
    ) -> Any:
        """Ask this role's model and return what it answered, read and checked.

        Args:
            kind: a document class, answered as JSON; or a function that reads the text of the
                reply and raises `ReplyError` where it cannot.
            check: returns what is wrong with a readable answer, each a sentence for its author.
            inputs: what the prompt is made of; documents, or anything a template can show.

        A reply goes back to its author once when it cannot be read, and once when the check
        finds something wrong.

        Returns:
            The document, or what `kind` returned. Findings that its author did not fix are left
            in ``self.context.findings``.

        Raises:
            ReplyError: the reply could not be read, also after it was asked for again.
            ProviderError: the endpoint did not answer.
            LimitReached: a limit does not allow the call.
        """
        response_type = kind if isinstance(kind, type) and issubclass(kind, Document) else None
        example = self._example() if response_type else ""
        request = Request(
            role=self.context.role,
            action=self.context.action,
            system=_render(None, "system.lean.md.j2" if self.context.lean else "system.md.j2"),
            prompt=self._prompt(response_type, inputs, example),
            response_type=response_type,
            inputs=inputs,
            role_module=type(self).__module__,
        )
        usable: tuple[Any, list[str]] | None = None  # readable, with what is wrong about it
        unread = False
        while True:
            reply = await self.context.call(request)
            try:
                answer = _read(response_type or kind, reply, example)
                findings = check(answer) if check else []
            except ReplyError as error:
                if usable:
                    break  # it was readable before it was to be corrected
                if unread:
                    error.text = error.text or reply.text
                    raise
                unread, findings = True, [error.problem]
            else:
                again = usable is not None
                usable = (answer, findings)
                if again or not findings:
                    break
            request = replace(request, rejected_replies=((_quoted(reply), _complaint(findings)),))
        self.context.findings += usable[1]
        return usable[0]

    async def once(self, do: Callable[..., T | Awaitable[T]], /, *args: Any, **named: Any) -> T:
        """Do something outside: a turn that runs again gets what came of it the first time.

        Args:
            do: a function, async or not; those that are not run in a thread. One that is marked
                ``@tool(once=True)`` changes something outside. If a process dies in the middle of
                it, a person is asked whether it was done; others are just done again.
            args, named: what it is called with; JSON can hold them, and what it returns.

        Raises:
            EffectUnsure: it was done, and what it returned is lost.
            TypeError: arguments or result are nothing that JSON can hold.
        """
        from pydantic import TypeAdapter

        async def run() -> Any:
            if inspect.iscoroutinefunction(do):
                return result.dump_python(await do(*args, **named), mode="json")
            value = await asyncio.to_thread(do, *args, **named)
            return result.dump_python(
                await value if inspect.isawaitable(value) else value, mode="json"
            )

        hint = typing.get_type_hints(do).get("return", Any) if inspect.isroutine(do) else Any
        result: TypeAdapter[Any] = TypeAdapter(hint)
        name = getattr(do, "__name__", type(do).__name__)
        how: How = "once" if getattr(do, "__metaco_tool__", {}).get("once") else "again"
        about: dict[str, Any] = {"args": args, **({"named": named} if named else {})}
        while True:
            try:
                return result.validate_python(await self.context.perform(name, about, run, how))  # type: ignore[no-any-return]
            except EffectUnsure as unsure:
                answer = await self.decide(f"{unsure.problem} What now?", [_AGAIN, _DONE])
                if answer == _DONE:
                    raise
            about = {**about, "attempt": about.get("attempt", 1) + 1}

    async def decide(self, question: str, options: Sequence[str] = ()) -> str:
        """Ask a person, and return their answer. The turn ends here, and begins again with it.

        Args:
            question: what they are asked.
            options: one of these is the answer; without any, it is what they write.
        """
        about = {"question": question, "options": list(options)}
        answer: str = await self.context.perform("decide", about, _nobody, "ask")
        return answer

    async def until(self, when: datetime | timedelta) -> None:
        """Wait until a time, or for so long; a turn that runs again waits for what is left.

        Raises:
            TypeError: a time without a time zone.
        """
        if isinstance(when, timedelta):
            # When it began is the result of an effect as well.
            now = await self.context.perform("now", when.total_seconds(), _now)
            seconds = now + when.total_seconds() - time.time()
        elif when.tzinfo is None:
            raise TypeError("Say in which time zone: datetime.now().astimezone() is one that does.")
        else:
            seconds = when.timestamp() - time.time()

        async def wait() -> None:
            await asyncio.sleep(seconds)

        await self.context.perform("until", str(when), wait)

    @property
    def _prompts(self) -> Path:
        """The folder with the prompts of this role."""
        return Path(sys.modules[type(self).__module__].__file__ or ".").parent / "prompts"

    def _example(self) -> str:
        """Return the answer that a lean prompt shows, if there is one beside it."""
        file = self._prompts / f"{self.context.action}.example.json"
        return file.read_text(encoding="utf-8") if self.context.lean and file.is_file() else ""

    def _prompt(
        self, response_type: type[Document] | None, inputs: Mapping[str, Any], example: str
    ) -> str:
        from metaco.reply import schema

        folder, name = self._prompts, f"{self.context.action}.md.j2"
        if self.context.lean and (folder / f"{self.context.action}.lean.md.j2").is_file():
            name = f"{self.context.action}.lean.md.j2"
        parts = {
            "notes": [note for note in self.context.notes if note],
            "previous": self.context.previous,
            "form": schema(response_type) if response_type else "",
            "example": example.strip(),
        }
        if (folder / name).is_file():
            body = _render(folder, name, **inputs)
        else:
            method = getattr(type(self), self.context.action, None)
            body = _render(
                None,
                "action.md.j2",
                role=inspect.cleandoc(type(self).__doc__ or type(self).__name__),
                task=inspect.cleandoc(getattr(method, "__doc__", None) or self.context.action),
                inputs=inputs,
            )
        return f"{body.strip()}\n\n{_render(None, 'answer.md.j2', **parts)}".strip()


_AGAIN, _DONE = "do it again", "it was done"


async def _nobody() -> str:
    raise ConfigurationError("Nobody is there to answer.", "Run it in a company.")


async def _now() -> float:
    return time.time()


def _read(kind: Any, reply: Reply, example: str) -> Any:
    if reply.finish == "length":
        raise ReplyError(
            "The answer was cut off at the output limit; answer again, complete but shorter.",
            text=reply.text,
        )
    if reply.finish == "content_filter":
        raise ReplyError("The answer was withheld by a content filter.", text=reply.text)
    if not reply.text.strip():
        raise ReplyError("The answer was empty.", text=reply.text)
    if isinstance(kind, type) and issubclass(kind, Document):
        from metaco.reply import parse

        return parse(kind, reply.text, examples=[json.loads(example)] if example else [])
    try:
        return kind(reply.text)
    except ValidationError as error:
        wrong = [
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
            for each in error.errors(include_url=False, include_context=False)
        ]
        raise ReplyError("; ".join(wrong)[:1000], text=reply.text) from None


def _quoted(reply: Reply) -> str:
    # A cut-off answer is not worth its tokens a second time.
    return "(cut off)" if reply.finish == "length" else reply.text or "(empty)"


def _complaint(findings: list[str]) -> str:
    wrong = "\n".join(f"- {finding}" for finding in findings)
    return f"This cannot be used as it is:\n{wrong}\n\nAnswer again, complete, with these fixed."


def _render(folder: Path | None, name: str, **values: Any) -> str:
    return _templates(folder).get_template(name).render(values)


@lru_cache(maxsize=256)
def _templates(folder: Path | None) -> jinja2.Environment:
    shared = Path(__file__).parent / "prompts"
    # The folder above a role's is searched too, so that roles can share a part of a prompt.
    folders = [folder, folder.parent.parent, shared] if folder else [shared]
    environment = templates(folders)
    environment.filters["document"] = _as_text
    return environment


def _as_text(value: Any) -> str:
    """Show a document, or a list of them, in a prompt."""
    if isinstance(value, Document):
        return value.model_dump_json(indent=1, exclude_defaults=True)
    if isinstance(value, list | tuple):
        return "\n\n".join(_as_text(item) for item in value)
    return str(value)


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
