"""A tool: a typed function with a docstring that a model may call.

::

    @tool(once=True)
    def send(to: str, text: str) -> str:
        "Send a message.\n\nArgs:\n    to: the address."

    result = await Tool.of(send).call({"to": "ada@example.org", "text": "Hello"})

What a model got wrong, and what fails inside, is a text for the model (`ToolResult.failed`). Errors
of metaco other than `ToolError` are not the model's to mend and are raised.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, NotRequired, TypeVar, get_type_hints, overload

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from pydantic_core import to_json
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from metaco.core.errors import ConfigurationError, MetacoError, ToolError
from metaco.core.redaction import redact
from metaco.core.tool_calls import ToolSpec
from metaco.tools.shorten import shorten
from metaco.tools.subjects import Subject, as_text

__all__ = ["STORED", "Tool", "ToolResult", "tool", "tools_by_name"]

F = TypeVar("F", bound=Callable[..., Any])
STORED = 256 * 1024
"""The most bytes of a result that are kept."""
SHOWN = 16_000
"""The most bytes of a result that a model is shown, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a call gave.

    Attributes:
        text: for the model; at most `STORED` bytes.
        changes: what it changed in the state of its tool, as JSON; `Tool.apply` does so again
            where a call is replayed from the log instead of made.
        failed: the text says what went wrong.
    """

    text: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    failed: bool = False

    def shown(self, most: int = SHOWN) -> str:
        """Return the text in at most so many bytes, with a note of how much is left out."""
        return shorten(self.text, most)


@dataclass(frozen=True, slots=True)
class Tool:
    """Something a model may call; `Tool.of` makes one of a function.

    Attributes:
        name: what the model calls it.
        about: what it does, for the model.
        schema: its arguments as JSON schema. All of them are required and others are not allowed,
            as strict endpoints want it; null stands for an argument's default.
        run: does it; gets the arguments as they came, of whatever type.
        once: it changes something outside, so it is never repeated in silence.
        ask: whether a person is asked before it is called, where no rule says otherwise:
            ``unconfined`` is where code would run without a sandbox. One that is `once` is always
            asked about.
        subject: what permissions match of its first argument.
        apply: makes the changes of an earlier result again.
        check: raises `ToolError` where arguments are none of it.
    """

    name: str
    about: str
    schema: Mapping[str, Any]
    run: Callable[[Any], Awaitable[Any]] = field(repr=False)
    once: bool = False
    ask: Literal["no", "unconfined", "yes"] = "no"
    subject: Callable[[str], Subject] = as_text
    apply: Callable[[Mapping[str, Any]], None] | None = field(default=None, repr=False)
    check: Callable[[Any], object] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Tool:
        """Make a tool of a function or a bound method, sync or async.

        A bound method whose object has ``apply(changes)`` hands it on. Sync functions run in a
        thread, which goes on where the call is cancelled.

        Raises:
            ConfigurationError: it has no docstring, or arguments that cannot be described.
        """
        marks: Mapping[str, Any] = getattr(function, "__metaco_tool__", {})
        name = str(marks.get("name") or getattr(function, "__name__", ""))
        if not re.fullmatch(r"[A-Za-z_][\w-]{0,63}", name, re.ASCII):
            raise ConfigurationError(
                f"{name or function!r} is no name for a tool.", "Use a named function or method."
            )
        about, remarks = _described(inspect.getdoc(function) or "")
        if not about:
            raise ConfigurationError(
                f"The tool {name} has no docstring.", "Say in one what it does: models read it."
            )
        adapter, optional = _arguments(function, name, remarks)

        def check(arguments: Any) -> dict[str, Any]:
            return _validated(adapter, name, arguments, optional)

        async def run(arguments: Mapping[str, Any]) -> Any:
            given = check(arguments)
            if inspect.iscoroutinefunction(function):
                return await function(**given)
            value = await asyncio.to_thread(function, **given)
            return await value if inspect.isawaitable(value) else value

        return cls(
            name=name,
            about=about,
            schema=_schema(adapter.json_schema(), optional),
            run=run,
            once=marks.get("once", False),
            ask=marks.get("ask", "no"),
            subject=marks.get("subject", as_text),
            apply=getattr(getattr(function, "__self__", None), "apply", None),
            check=check,
        )

    @property
    def spec(self) -> ToolSpec:
        """What a model is told of it."""
        return ToolSpec(self.name, self.about, self.schema)

    async def call(self, arguments: Mapping[str, Any] | str) -> ToolResult:
        """Call it with what a model gave.

        Raises:
            MetacoError: something that is not the model's to mend, as a limit or the sandbox.
        """
        try:
            value = await self.run(arguments)
            result = value if isinstance(value, ToolResult) else ToolResult(_text(value))
        except ToolError as error:
            result = ToolResult(str(error), failed=True)
        except MetacoError:
            raise
        except Exception as error:  # noqa: BLE001  the model reads it, and it is in the log
            shown = shorten(redact(f"{type(error).__name__}: {error}"), 2000)
            result = ToolResult(f"{self.name} failed. {shown}", failed=True)
        text = result.text.encode("utf-8", "replace").decode()  # a log holds no half characters
        return replace(result, text=shorten(text, STORED))


@overload
def tool(function: F, /) -> F: ...


@overload
def tool(
    *,
    name: str = "",
    once: bool = False,
    ask: Literal["no", "unconfined", "yes"] = "no",
    subject: Callable[[str], Subject] = as_text,
) -> Callable[[F], F]: ...


def tool(function: Any = None, /, **marks: Any) -> Any:
    """Mark a function as a tool, and say what `Tool` says of it; one that is not marked works too.

    Args:
        name: other than that of the function.
        once: it changes something outside.
        ask: whether a person is asked before it is called; see `Tool`.
        subject: what permissions match of its first argument.
    """

    def mark(function: Any) -> Any:
        function.__metaco_tool__ = marks
        return function

    return mark if function is None else mark(function)


def tools_by_name(tools: Iterable[Tool | Callable[..., Any]]) -> dict[str, Tool]:
    """Return the tools, and those made of functions, by their names.

    Raises:
        ConfigurationError: two have the same name, or a function cannot be one.
    """
    found: dict[str, Tool] = {}
    for each in tools:
        one = each if isinstance(each, Tool) else Tool.of(each)
        if one.name in found:
            raise ConfigurationError(
                f"Two tools are called {one.name}.", "Rename one with @tool(name=...)."
            )
        found[one.name] = one
    return found


_SECTION = re.compile(r"\n\s*(Args|Arguments|Returns|Raises|Yields|Example|Examples):[ \t]*\n")


def _described(doc: str) -> tuple[str, dict[str, str]]:
    """Return what a docstring says of the function and of each argument."""
    about, *sections = _SECTION.split(f"\n{doc}\n")
    remarks: dict[str, str] = {}
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        if title.startswith("Arg"):
            for names, text in re.findall(r"(?m)^ {1,4}(\w[\w, ]*):(.*(?:\n {5,}.*)*)", body):
                remarks |= {one.strip(): " ".join(text.split()) for one in names.split(",")}
    return about.strip(), remarks


def _arguments(
    function: Callable[..., Any], name: str, remarks: Mapping[str, str]
) -> tuple[TypeAdapter[Any], dict[str, Any]]:
    """Return what validates the arguments, and the defaults of those that have one."""
    fields: dict[str, Any] = {}
    optional = {}
    try:
        hints = get_type_hints(function, include_extras=True)
        for one in inspect.signature(function).parameters.values():
            if one.kind not in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY):
                raise TypeError(f"*{one.name} has no name of its own")
            hint = hints[one.name]
            if one.default is not one.empty:
                optional[one.name] = one.default
                hint = NotRequired[hint]
            if one.name in remarks:
                hint = Annotated[hint, Field(description=remarks[one.name])]
            fields[one.name] = hint
        make: Any = TypedDict  # whose type knows only classes that are written down
        kind = make(name, fields)
        kind.__pydantic_config__ = ConfigDict(extra="forbid")
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        adapter.json_schema()
    except (TypeError, ValueError, NameError, KeyError, PydanticUserError) as error:
        raise ConfigurationError(
            f"The arguments of the tool {name} cannot be described: {error}.",
            "Give each a name and a type that JSON can hold.",
        ) from error
    return adapter, optional


def _validated(
    adapter: TypeAdapter[Any], name: str, arguments: Any, optional: Mapping[str, Any]
) -> dict[str, Any]:
    if not isinstance(arguments, Mapping):
        raise ToolError(f"The arguments of {name} are no JSON object.", "Send an object.")
    given = {k: v for k, v in arguments.items() if v is not None or k not in optional}
    try:
        valid: dict[str, Any] = adapter.validate_python(given)
    except ValidationError as error:
        wrong = []
        for each in error.errors(include_url=False, include_context=False)[:5]:
            place = ".".join(map(str, each["loc"])) or "arguments"
            if each["type"] == "missing":
                wrong.append(f"{place} is missing")
            elif each["type"] == "extra_forbidden":
                wrong.append(f"{place} is not one of them")
            else:
                got = shorten(json.dumps(each["input"], ensure_ascii=False, default=str), 80)
                wrong.append(f"{place}: {each['msg']}, got {got}")
        raise ToolError(f"The arguments of {name} are wrong: {'; '.join(wrong)}.") from None
    return valid


def _schema(node: dict[str, Any], optional: Mapping[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = _strict(node)
    for name, default in optional.items():
        inner = schema["properties"][name]
        about = inner.pop("description", "")
        choices = inner["anyOf"] if set(inner) == {"anyOf"} else [inner]
        if {"type": "null"} not in choices:
            choices = [*choices, {"type": "null"}]
        if default is not None:
            about = f"{about} Default: {_text(default)}.".strip()
        schema["properties"][name] = {"anyOf": choices} | ({"description": about} if about else {})
    return schema


def _strict(node: Any) -> Any:
    """Return a schema whose objects are closed and complete, without what strict form lacks."""
    if isinstance(node, list):
        return [_strict(each) for each in node]
    if not isinstance(node, dict):
        return node
    result = {
        key: {name: _strict(each) for name, each in value.items()}
        if key in ("properties", "$defs")
        else _strict(value)
        for key, value in node.items()
        if key not in ("title", "default")
    }
    if result.get("type") == "object" and "additionalProperties" not in result:
        result["properties"] = result.get("properties", {})
    if "properties" in result:
        result |= {"required": list(result["properties"]), "additionalProperties": False}
    return result


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else to_json(value, bytes_mode="base64").decode()
