"""The lines of an SOP: steps, which name an action, and repeats, which hold lines."""

from __future__ import annotations

import importlib
import inspect
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metaco.core.document import Document, family, has_needs
from metaco.core.errors import ConfigurationError, SOPError
from metaco.core.permissions import Permissions
from metaco.core.sampling import Sampling
from metaco.core.suggest import suggest
from metaco.role import Role, action, actions, role_class

__all__ = [
    "Node",
    "Param",
    "Repeat",
    "Step",
    "built_in_roles",
    "child_role",
    "repeats",
    "resolve",
    "resolve_tool",
    "walk",
]


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of an action: the kind of document it reads, one or a list of them."""

    name: str
    kind: type[Document]
    many: bool = False

    def __str__(self) -> str:
        kind = f"list[{self.kind.__name__}]" if self.many else self.kind.__name__
        return f"{self.name}: {kind}"


@dataclass(eq=False)
class Node:
    """One line of an SOP. It reads what stands above it.

    Attributes:
        index: its position among its siblings.
        producers: the siblings above it that publish something it reads.
        blocking_producers: the same without those that only its trigger comes from.
        line: where it stands in the file, 0 if there is no file.
    """

    index: int = field(default=0, init=False)
    producers: frozenset[int] = field(default=frozenset(), init=False)
    blocking_producers: frozenset[int] = field(default=frozenset(), init=False)
    line: int = field(default=0, init=False)
    name: str = field(default="", init=False)
    reads: list[type[Document]] = field(default_factory=list, init=False)
    outputs: tuple[type[Document], ...] = field(default=(), init=False)
    families: frozenset[str] = field(default=frozenset(), init=False)

    def position_among(self, siblings: Sequence[Node]) -> None:
        self.index = siblings.index(self)

        def above(kinds: Sequence[type[Document]]) -> frozenset[int]:
            families = {family(kind) for kind in kinds}
            return frozenset(n.index for n in siblings[: self.index] if n.families & families)

        self.producers, self.blocking_producers = above(self.reads), above(self.reads[1:])


@dataclass(eq=False)
class Step(Node):
    """A line that names an action.

    Args:
        role: the class; `role_name` is the name under which the SOP knows it.
        action: the name of the method.
        gate: a person approves what it publishes before anyone reads it.
        after: documents to wait for that are not read.
        parallel: how many turns of this line may run at once.
        pure: what it makes depends on the content it reads alone: the same said again is not new.
        retry: how often a turn that failed is tried again by itself.
        on_limit: the part of all limits that is kept for this line, which then runs with what is
            there when a limit is reached; 0 if it does not.

    Attributes:
        params: what it reads.
        trigger: the parameter of which every document is a turn of its own, if there is one.
        child: the SOP that it has do its work, if it is such a line.
        needed: the parameter that holds what this line published about what the trigger needs; see
            `metaco.core.document.Document.needs`.
        sampling: how replies are drawn, as the SOP and this line say it.
        tools: what its model may call, besides what the role itself offers.
        permissions: what its model may do with tools.
        system: the system prompt of the SOP, if it has one.
    """

    role: type[Role]
    action: str
    role_name: str = ""
    gate: bool = False
    after: list[type[Document]] = field(default_factory=list)
    parallel: int = 1_000_000
    pure: bool = False
    retry: int = 0
    on_limit: float = 0.0
    sampling: Sampling = field(default_factory=Sampling)
    tools: tuple[Any, ...] = ()
    permissions: Permissions = field(default_factory=Permissions)
    system: str = ""

    def __post_init__(self) -> None:
        self.role_name = self.role_name or self.role.__module__.rpartition(".")[2]
        self.name = f"{self.role_name}.{self.action}"
        self.method = getattr(self.role, self.action, None)
        if not getattr(self.method, "__metaco_action__", False):
            known = actions(self.role)
            raise SOPError(
                f"{self.role.__name__} has no action {self.action!r}.",
                suggest(self.action, known, "Its actions are"),
            )
        self.params, self.outputs, self.lists = _signature(self.role, self.action)
        self.reads = [param.kind for param in self.params] + self.after
        self.families = frozenset(family(kind) for kind in self.outputs)
        self.trigger = None if self.params[0].many else self.params[0]
        self.needed = self._needed()
        self.child: str = getattr(self.role, "runs", "")

    def _needed(self) -> Param | None:
        """Return the list of what the line publishes itself, where its trigger needs some of it."""
        if not self.trigger or not has_needs(self.trigger.kind):
            return None
        own = (p for p in self.params[1:] if p.many and family(p.kind) in self.families)
        return next(own, None)

    def __str__(self) -> str:
        out = " | ".join(kind.__name__ for kind in self.outputs) or "None"
        if self.lists:
            out = f"list[{out}]"
        return f"{self.name}({', '.join(map(str, self.params))}) -> {out}"


@dataclass(eq=False)
class Repeat(Node):
    """Lines that are gone through again and again.

    It ends when a document of kind `until` was published in a round, after `at_most` rounds, or
    when nothing was published in one.

    Args:
        settle: it also ends when the content is what an earlier round left.

    Attributes:
        number: which repeat of the text it is, from 1.
    """

    at_most: int
    steps: list[Node]
    until: type[Document] | None = None
    settle: bool = False
    number: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.name = "repeat"
        self.reads = [kind for node in self.steps for kind in node.reads]
        self.outputs = tuple(kind for node in self.steps for kind in node.outputs)
        self.families = frozenset(family(kind) for kind in self.outputs)
        for node in self.steps:
            node.position_among(self.steps)


def walk(nodes: Iterable[Node]) -> Iterator[Step]:
    """Yield all steps from top to bottom, those inside of repeats too."""
    return (node for node in _all(nodes) if isinstance(node, Step))


def repeats(nodes: Iterable[Node]) -> Iterator[Repeat]:
    """Yield all repeats from top to bottom, those inside of repeats too."""
    return (node for node in _all(nodes) if isinstance(node, Repeat))


def _all(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        if isinstance(node, Repeat):
            yield from _all(node.steps)


def resolve(ref: str) -> tuple[type[Role], str]:
    """Return the role class that `ref` names, and the name under which an SOP knows it.

    Args:
        ref: ``architect`` for a built-in role, ``module:Class`` or ``module`` with a dot or
            colon for others.

    Raises:
        SOPError: there is no such module or class.
    """
    module, _, name = ref.partition(":")
    path = module if ":" in ref else f"metaco.roles.{module}"
    try:
        loaded = importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name and not f"{path}.".startswith(f"{error.name}."):
            raise SOPError(
                f"The role {ref} needs the module {error.name}, which is not installed.",
                "Install it, or run where it can be imported.",
            ) from error
        remedy = "Write module:Class and run where the module can be imported."
        if ":" not in ref:
            remedy = suggest(module, built_in_roles(), "Built-in roles are")
        raise SOPError(f"There is no role {ref!r}.", remedy) from error
    except Exception as error:
        raise SOPError(
            f"The role {ref} cannot be imported: {type(error).__name__}: {error}.",
            "Correct its module.",
        ) from error
    try:
        return role_class(loaded, name), (name or module.rpartition(".")[2])
    except ConfigurationError as error:
        raise SOPError(error.problem, error.remedy) from error


def child_role(sop: str, given: type[Document], makes: Iterable[type[Document]]) -> type[Role]:
    """Return a role whose action `work` has another SOP do the work, and publishes what that did.

    Args:
        sop: its name or path.
        given: what it starts from.
        makes: what it publishes.
    """

    async def work(self: Role, given: Any) -> Any:
        return await self.context.run(sop, [given]) if self.context.run else []

    kinds = tuple(dict.fromkeys(makes))
    work.__annotations__ = {"given": given, "return": typing.Union[kinds]}  # noqa: UP007
    work.__doc__ = f"Run {sop}."
    return type("Child", (Role,), {"__module__": __name__, "runs": sop, "work": action(work)})


def resolve_tool(ref: str) -> Any:
    """Return the tool that `ref` names, as ``module:function``, or ``module:object`` with tools.

    ``mcp.SERVER`` stands for all tools of a server, which is asked for them in a run.

    Raises:
        SOPError: there is no such module, or nothing of that name in it.
    """
    module, colon, name = ref.partition(":")
    if ref.startswith("mcp.") and not colon:
        return ref
    if not (module and colon and name.isidentifier()):
        raise SOPError(f"{ref!r} names no tool.", "Write module:function, or mcp.SERVER.")
    try:
        return getattr(importlib.import_module(module), name)
    except Exception as error:
        raise SOPError(
            f"The tool {ref} cannot be imported: {type(error).__name__}: {error}.",
            "Correct its name or its module, and run where it can be imported.",
        ) from error


def built_in_roles() -> list[str]:
    """Return the names of the roles that ship with metaco."""
    folder = Path(__file__).parents[1] / "roles"
    homes = folder.glob("*/__init__.py")
    return sorted(p.parent.name for p in homes if "(Role):" in p.read_text("utf-8"))


def _signature(
    role: type[Role], action: str
) -> tuple[list[Param], tuple[type[Document], ...], bool]:
    """Return what an action reads and publishes, and whether it returns a list."""
    method, where = getattr(role, action), f"{role.__name__}.{action}"
    if not inspect.iscoroutinefunction(method):
        raise SOPError(f"{where} is not async.", "Write `async def`.")
    try:
        hints = typing.get_type_hints(method)
    except (NameError, TypeError, AttributeError, SyntaxError) as error:
        raise SOPError(
            f"An annotation of {where} cannot be resolved: {error}.",
            "Define documents at the top of the module, not inside a function.",
        ) from error
    params = []
    for name in list(inspect.signature(method).parameters)[1:]:
        kinds, many = _kinds(hints.get(name))
        if len(kinds) != 1:
            raise SOPError(
                f"The parameter {name} of {where} is not annotated with one kind of document.",
                "Annotate it as `name: Kind` or `name: list[Kind]`.",
            )
        params.append(Param(name, kinds[0], many))
    if not params:
        raise SOPError(f"{where} reads nothing.", "Give it at least one document to read.")
    outputs, lists = _kinds(hints.get("return"))
    if not outputs and hints.get("return") is not types.NoneType:
        raise SOPError(
            f"{where} does not declare what it publishes.",
            "Annotate what it returns: Kind, A | B, list[Kind], or Kind | None.",
        )
    return params, outputs, lists


def _kinds(hint: Any) -> tuple[tuple[type[Document], ...], bool]:
    """Return the document types inside an annotation, and whether they stand in a list."""
    origin = typing.get_origin(hint)
    if origin is list:
        return _kinds(typing.get_args(hint)[0])[0], True
    if origin in (typing.Union, types.UnionType):
        parts = [_kinds(arg) for arg in typing.get_args(hint)]
        return tuple(k for kinds, _ in parts for k in kinds), any(many for _, many in parts)
    if isinstance(hint, type) and issubclass(hint, Document) and hint is not Document:
        return (hint,), False
    return (), False
