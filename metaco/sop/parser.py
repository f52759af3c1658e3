"""Reading the text of an SOP, so that every error can name its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from metaco.core.document import Document, Requirement
from metaco.core.errors import ConfigurationError, SOPError
from metaco.core.limits import LIMITS, ROLE_LIMITS, Limits, not_a_limit
from metaco.core.permissions import Permissions
from metaco.core.sampling import Sampling
from metaco.core.suggest import suggest
from metaco.role import Role
from metaco.sop.source import built_in, source
from metaco.sop.steps import Node, Repeat, Step, child_role, resolve, resolve_tool, walk

__all__ = ["imports", "read"]

_RULES = ("allow", "ask", "deny")
_OPTIONS = (
    *("gate", "after", "parallel", "pure", "retry", "on_limit", "sampling", "tools"),
    *_RULES,
)
_REPEAT = ("at_most", "until", "settle", "steps")
_FIELDS = ("name", "about", "input", "output", "steps", "limits", "system", "sampling")
_SOP = "sop "  # begins what a line names that names another SOP
_DEEPEST = 40
_TYPED = (":int", ":float", ":bool", ":null")


def read(text: str, origin: str) -> dict[str, Any]:
    """Return what an SOP is made of, as the arguments of `metaco.sop.procedure.SOP`.

    Args:
        text: YAML.
        origin: what to call it in messages: a path, or a name.

    Raises:
        SOPError: it cannot be read; the message names the line.
    """
    return _Reader(text, origin).sop()


def imports(text: str, origin: str) -> list[str]:
    """Return the modules that an SOP imports besides the built-in roles; none is imported here.

    Raises:
        SOPError: it cannot be read; the message names the line.
    """
    return _Reader(text, origin).modules()


class _Reader:
    """Reads SOP text and keeps the lines, so that every error can name its line."""

    def __init__(self, text: str, origin: str, above: Sequence[str] = ()) -> None:
        import yaml

        self.yaml, self.origin, self.above = yaml, origin, (*above, _identity(origin))
        self._children: dict[str, tuple[type[Role], str, str]] = {}
        try:
            self._check_structure(text)
            self.root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f"{origin}:{mark.line + 1}" if mark else origin
            problem = getattr(error, "problem", None) or str(error)
            raise SOPError(
                f"This is not YAML: {problem}.", "Check colons, brackets and indentation.", line
            ) from error

    def _check_structure(self, text: str) -> None:
        """Refuse what could make little text large or endless: aliases, and very deep nesting."""
        depth = 0
        for event in self.yaml.parse(text, Loader=self.yaml.SafeLoader):
            if isinstance(event, self.yaml.AliasEvent):
                raise self.fail(
                    event, "Aliases (`*name`) are not supported in SOPs.", "Write it out."
                )
            depth += isinstance(event, self.yaml.CollectionStartEvent)
            depth -= isinstance(event, self.yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise self.fail(event, "The SOP is nested too deeply.", "Flatten it.")

    def fail(self, node: Any, problem: str, remedy: str) -> SOPError:
        return SOPError(problem, remedy, f"{self.origin}:{node.start_mark.line + 1}")

    def sop(self) -> dict[str, Any]:
        root = self.root
        if root is None or not isinstance(root, self.yaml.MappingNode):
            raise SOPError(
                "This is not an SOP.", "Write `name:`, `input:` and `steps:`.", self.origin
            )
        fields = self.mapping(root, _FIELDS)
        if "steps" not in fields or not isinstance(fields["steps"], self.yaml.SequenceNode):
            raise self.fail(root, "The SOP has no steps.", "Add a list `steps:` of role.action.")
        if not fields["steps"].value:
            raise self.fail(fields["steps"], "The SOP has no steps.", "Add lines of role.action.")
        self._system = str(self.value(fields["system"])) if "system" in fields else ""
        self._sampling = self.sampling(fields, Sampling())
        refs: dict[str, type[Document]] = {}
        self._known(fields["steps"], refs)
        steps = [self.node(item, refs) for item in fields["steps"].value]

        def kind(name: str) -> type[Document] | None:
            return self.kind(fields[name], refs) if name in fields else None

        name = self.value(fields["name"]) if "name" in fields else Path(self.origin).stem
        output = kind("output")
        made = [made for step in steps for made in step.outputs]
        if output and not any(issubclass(k, output) or issubclass(output, k) for k in made):
            raise self.fail(
                fields["output"],
                f"No step publishes the output {output.__name__}.",
                suggest(output.__name__, [k.__name__ for k in made], "They publish"),
            )
        return {
            "name": str(name),
            "steps": steps,
            "input": kind("input") or Requirement,
            "output": output,
            "about": str(self.value(fields["about"])) if "about" in fields else "",
            "limits": self.limits(fields["limits"], _roles(steps)) if "limits" in fields else None,
            "origin": self.origin,
        }

    def modules(self) -> list[str]:
        fields = self.mapping(self.root, _FIELDS) if self.root is not None else {}
        found: list[str] = []
        for item, ref in self._refs(fields.get("steps")):
            if ref.startswith(_SOP):
                found += self._reader(item, ref.removeprefix(_SOP)).modules()
            elif ":" in ref:
                found.append(ref.partition(":")[0])
        refs = self._tool_refs(fields.get("steps"))
        found += [ref.partition(":")[0] for ref in refs if ":" in ref]
        return list(dict.fromkeys(found))

    def mapping(self, node: Any, allowed: Sequence[str]) -> dict[str, Any]:
        if not isinstance(node, self.yaml.MappingNode):
            raise self.fail(node, "A mapping is expected here.", f"Allowed keys: {_list(allowed)}.")
        values = {}
        for key, value in node.value:
            name = str(self.value(key))
            if name not in allowed:
                raise self.fail(
                    key, f"Unknown key {name!r}.", suggest(name, allowed, "Allowed are")
                )
            if name in values:
                raise self.fail(key, f"The key {name} appears twice.", "Remove one of them.")
            values[name] = value
        return values

    def value(self, node: Any) -> Any:
        if isinstance(node, self.yaml.ScalarNode):
            if not node.tag.endswith(_TYPED):
                return node.value
            try:
                return self.yaml.safe_load(node.value)
            except (self.yaml.YAMLError, ValueError) as error:
                raise self.fail(
                    node, f"{node.value[:40]!r} cannot be read as a value.", "Correct it."
                ) from error
        if isinstance(node, self.yaml.SequenceNode):
            return [self.value(item) for item in node.value]
        return {str(self.value(k)): self.value(v) for k, v in node.value}

    def limits(self, node: Any, roles: Sequence[str]) -> Limits:
        """Read limits: those of the run, with those of its `roles`; or those of one role."""
        values: dict[str, Any] = {}
        for name, item in self.mapping(node, LIMITS if roles else ROLE_LIMITS).items():
            if name == "roles":
                tables = self.mapping(item, roles)
                values[name] = {role: self.limits(tables[role], ()) for role in tables}
                continue
            value = self.value(item)
            if wanted := not_a_limit(name, value) or ("" if value else "more than 0"):
                raise self.fail(item, f"The limit {name} is {value!r}.", f"Give {wanted}.")
            values[name] = value
        return Limits(**values)

    def sampling(self, fields: Mapping[str, Any], usual: Sampling) -> Sampling:
        if "sampling" not in fields:
            return usual
        node = fields["sampling"]
        try:
            return usual.replaced_by(Sampling.of(self.value(node), "this SOP"))
        except ConfigurationError as error:
            raise self.fail(node, error.problem, error.remedy) from error

    def permissions(self, fields: Mapping[str, Any]) -> Permissions:
        rules = {name: self.value(fields[name]) for name in _RULES if name in fields}
        try:
            return Permissions.of(rules, "this line")
        except ConfigurationError as error:
            raise self.fail(fields[next(iter(rules))], error.problem, error.remedy) from error

    def tools(self, node: Any) -> tuple[Any, ...]:
        try:
            return tuple(map(resolve_tool, self.names(node)))
        except SOPError as error:
            raise self.fail(node, error.problem, error.remedy) from error

    def names(self, node: Any) -> list[str]:
        """Read a name, or a list of them."""
        names = self.value(node)
        return list(map(str, names if isinstance(names, list) else [names]))

    def kind(self, node: Any, refs: Mapping[str, type[Document]]) -> type[Document]:
        name = str(self.value(node))
        if name not in refs:
            raise self.fail(
                node,
                f"No step reads or publishes a document {name!r}.",
                suggest(name, list(refs), "Known are"),
            )
        return refs[name]

    def _known(self, steps: Any, refs: dict[str, type[Document]]) -> None:
        """Collect the documents all actions of the SOP read and publish, by name."""
        refs.setdefault("Requirement", Requirement)
        for item, ref in self._refs(steps):
            role, _, name = self._role(item, ref)
            for kind in (
                k for s in [self._step(item, role, name, {})] for k in (*s.reads, *s.outputs)
            ):
                for parent in kind.__mro__[: kind.__mro__.index(Document)]:
                    refs.setdefault(parent.__name__, parent)

    def _refs(self, steps: Any) -> Iterator[tuple[Any, str]]:
        """Yield the lines that name an action, those inside of repeats too."""
        for item in steps.value if isinstance(steps, self.yaml.SequenceNode) else ():
            ref, options = self._line(item)
            if ref != "repeat":
                yield item, ref
            elif isinstance(options, self.yaml.MappingNode):
                yield from self._refs(self.mapping(options, _REPEAT).get("steps"))

    def _tool_refs(self, steps: Any) -> Iterator[str]:
        """Yield the tools that lines name, those inside of repeats too."""
        for item in steps.value if isinstance(steps, self.yaml.SequenceNode) else ():
            ref, options = self._line(item)
            if isinstance(options, self.yaml.MappingNode):
                allowed = _REPEAT if ref == "repeat" else (*_OPTIONS, "name")
                given = self.mapping(options, allowed)
                yield from self.names(given["tools"]) if "tools" in given else ()
                yield from self._tool_refs(given.get("steps"))

    def _line(self, item: Any) -> tuple[str, Any]:
        if isinstance(item, self.yaml.ScalarNode):
            return str(item.value), None
        if isinstance(item, self.yaml.MappingNode) and len(item.value) == 1:
            key, options = item.value[0]
            ref = str(self.value(key))
            if ref != "sop":
                return ref, options
            if isinstance(options, self.yaml.ScalarNode):
                return f"{_SOP}{self.value(options)}", None
            given = self.mapping(options, (*_OPTIONS, "name"))
            if "name" not in given:
                raise self.fail(item, "The line names no SOP.", "Write `- sop: NAME`.")
            return f"{_SOP}{self.value(given['name'])}", options
        raise self.fail(
            item, "A line must be one step.", "Write `- role.action` or `- role.action: {...}`."
        )

    def _role(self, item: Any, ref: str) -> tuple[type[Role], str, str]:
        if ref.startswith(_SOP):
            return self._child(item, ref.removeprefix(_SOP))
        role, dot, name = ref.rpartition(".")
        if not dot and ":" in ref:
            role, _, name = ref.rpartition(":")
            role += ":"
        if not role or not name:
            raise self.fail(
                item, f"{ref!r} names no action.", "Write role.action or module:Class.action."
            )
        try:
            role_type, role_name = resolve(role)
        except SOPError as error:
            raise self.fail(item, error.problem, error.remedy) from error
        return role_type, role_name, name

    def _reader(self, item: Any, name: str) -> _Reader:
        """Return who reads another SOP, which a line of this one names."""
        beside = Path(self.origin).parent / name if Path(self.origin).is_file() else Path(name)
        try:
            text, origin = source(beside if beside.is_file() else name)
        except SOPError as error:
            raise self.fail(item, error.problem, error.remedy) from error
        if _identity(origin) in self.above:
            raise self.fail(item, f"{name} would run itself.", "Name another SOP.")
        return _Reader(text, origin, self.above)

    def _child(self, item: Any, name: str) -> tuple[type[Role], str, str]:
        """Return the role that has another SOP do its work, what it is called, and its action."""
        if name not in self._children:
            reader = self._reader(item, name)
            sop = reader.sop()
            origin, makes = reader.origin, [k for step in sop["steps"] for k in step.outputs]
            if origin not in built_in():
                origin = str(Path(origin).absolute())
            role = child_role(origin, sop["input"], makes)
            self._children[name] = role, Path(name).stem, "work"
        return self._children[name]

    def _step(self, item: Any, role: type[Role], name: str, options: dict[str, Any]) -> Step:
        try:
            return Step(role, name, **options)
        except SOPError as error:
            raise self.fail(item, error.problem, error.remedy) from error

    def node(self, item: Any, refs: Mapping[str, type[Document]]) -> Node:
        ref, options = self._line(item)
        node = (
            self.repeat(item, options, refs)
            if ref == "repeat"
            else self.step(item, ref, options, refs)
        )
        node.line = item.start_mark.line + 1
        return node

    def step(self, item: Any, ref: str, options: Any, refs: Mapping[str, type[Document]]) -> Step:
        role, role_name, name = self._role(item, ref)
        allowed = (*_OPTIONS, "name") if ref.startswith(_SOP) else _OPTIONS
        given = self.mapping(options, allowed) if options is not None and options.value else {}
        values: dict[str, Any] = {"role_name": role_name, "system": self._system}
        values["sampling"] = self.sampling(given, self._sampling)
        values["permissions"] = self.permissions(given)
        if "tools" in given:
            values["tools"] = self.tools(given["tools"])
        if "gate" in given:
            values["gate"] = self.switch(given["gate"], "gate", ("ask", "off"))
        if "pure" in given:
            values["pure"] = self.switch(given["pure"], "pure", ("true", "false"))
        if "parallel" in given:
            values["parallel"] = self.number(given["parallel"], "parallel", 1)
        if "retry" in given:
            values["retry"] = self.number(given["retry"], "retry", 0)
        if "on_limit" in given:
            text = str(given["on_limit"].value)
            percent = re.fullmatch(r"([1-9]\d?) ?%", text)
            if not percent:
                raise self.fail(given["on_limit"], f"on_limit is {text!r}.", "Write it as 10%.")
            values["on_limit"] = int(percent[1]) / 100
        if "after" in given:
            after = given["after"]
            items = after.value if isinstance(after, self.yaml.SequenceNode) else [after]
            values["after"] = [self.kind(kind, refs) for kind in items]
        return self._step(item, role, name, values)

    def switch(self, node: Any, name: str, words: tuple[str, str]) -> bool:
        """Read what is on or off; `words` are those that a person is told to write."""
        text = str(node.value)
        on, off = (words[0], "on", "true", "yes"), (words[1], "off", "false", "no")
        if text not in (*on, *off):
            raise self.fail(node, f"{name} is {text!r}.", f"Write {words[0]} or {words[1]}.")
        return text in on

    def number(self, node: Any, name: str, least: int) -> int:
        """Read a whole number that is not below `least`."""
        value = self.value(node)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            remedy = f"Give a whole number above {least - 1}." if least else "Give 0 or more."
            raise self.fail(node, f"{name} is {value!r}.", remedy)
        return value

    def repeat(self, item: Any, options: Any, refs: Mapping[str, type[Document]]) -> Repeat:
        if options is None or not isinstance(options, self.yaml.MappingNode):
            raise self.fail(item, "A repeat needs a body.", "Write at_most, until and steps.")
        given = self.mapping(options, _REPEAT)
        at_most = self.value(given["at_most"]) if "at_most" in given else None
        if not isinstance(at_most, int) or isinstance(at_most, bool) or at_most < 1:
            raise self.fail(
                item, "A repeat needs at_most: the largest number of rounds.", "Give 1 or more."
            )
        steps = given.get("steps")
        if not isinstance(steps, self.yaml.SequenceNode) or not steps.value:
            raise self.fail(item, "A repeat needs steps.", "Add a list `steps:`.")
        until = self.kind(given["until"], refs) if "until" in given else None
        settle = "settle" in given and self.switch(given["settle"], "settle", ("true", "false"))
        return Repeat(at_most, [self.node(step, refs) for step in steps.value], until, settle)


def _identity(origin: str) -> str:
    """Return what tells an SOP from others, however its path is written."""
    path = Path(origin)
    return str(path.resolve()) if path.is_file() else origin


def _roles(steps: Sequence[Node]) -> list[str]:
    """Return the names of the roles in `steps`, those inside of repeats too."""
    return list(dict.fromkeys(step.role_name for step in walk(steps)))


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
