"""SOPs: short YAML procedures, read from top to bottom, checked before anything runs.

::

    name: review
    about: A draft, reviewed until it is good.
    input: Requirement
    output: Draft
    steps:
      - writer.write_draft                      # (requirement: Requirement) -> Draft
      - repeat:
          at_most: 3
          until: Praise
          steps: [my_roles:Critic.review, writer.improve]
    limits: {cost: 1.00, tokens: 200000, calls: 40, minutes: 10, roles: {writer: {cost: 0.50}}}

A line names a role and an action: ``role.action`` for a built-in role, ``module:Class.action`` (or
``module:action`` where the module defines one role) for your own. What may follow what is said by
the types of the actions; what does is said here. Options of a line: ``gate: ask`` (a person
approves what it publishes), ``after: [Kind, ...]`` (wait for these although they are not read),
``parallel: n`` (at most n turns of this line at once).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from metaco.check import check
from metaco.cut import called, copied, ending, ends, head, starting
from metaco.document import Document, Requirement, family
from metaco.errors import ConfigurationError, SOPError
from metaco.role import Role
from metaco.step import Node, Repeat, Step, resolve, suggest

__all__ = ["SOP", "Limits", "built_in"]

_OPTIONS = ("gate", "after", "parallel")
_REPEAT = ("at_most", "until", "steps")
_FIELDS = ("name", "about", "input", "output", "steps", "limits")
_ROLE_LIMITS = ("cost", "tokens", "calls")
_LIMITS = (*_ROLE_LIMITS, "minutes", "roles")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use: dollars, tokens (prompt and reply), calls, minutes; None is no limit.

    Attributes:
        roles: what single roles may use of that: dollars, tokens, calls.
    """

    cost: float | None = None
    tokens: int | None = None
    calls: int | None = None
    minutes: float | None = None
    roles: Mapping[str, Limits] = field(default_factory=dict)

    @classmethod
    def of(cls, table: Mapping[str, Any], place: str, *, whole: bool = True) -> Limits:
        """Read limits from a table as it stands in settings and in the log.

        Args:
            table: the limits that are given, by name.
            place: what to call the table in messages.
            whole: those of a run; else those of a role.

        Raises:
            ConfigurationError: a name is not known, or a value cannot be a limit.
        """
        allowed = _LIMITS if whole else _ROLE_LIMITS
        values: dict[str, Any] = {}
        for name, value in table.items():
            if name not in allowed:
                raise ConfigurationError(
                    f"There is no limit {name!r} ({place}).",
                    suggest(name, allowed, "There are"),
                )
            if name != "roles":
                wanted = _not_a_limit(name, value)
                if wanted:
                    raise ConfigurationError(
                        f"The limit {name} is {value!r} ({place}).", f"Give {wanted}."
                    )
                values[name] = value
            elif isinstance(value, Mapping) and all(isinstance(v, Mapping) for v in value.values()):
                values[name] = {
                    r: cls.of(v, f"{place}, {r}", whole=False) for r, v in value.items()
                }
            else:
                raise ConfigurationError(
                    f"The limits of roles are no table ({place}).",
                    "Write roles = {engineer = {cost = 1.0}}.",
                )
        return cls(**values)

    def dump(self) -> dict[str, Any]:
        """Return what is limited, as plain JSON; `of` reads it."""
        values = {name: getattr(self, name) for name in _LIMITS[:-1]}
        found = {name: value for name, value in values.items() if value is not None}
        if self.roles:
            found["roles"] = {role: limits.dump() for role, limits in self.roles.items()}
        return found

    def replaced_by(self, other: Limits | None) -> Limits:
        """Return these limits, with what `other` says in the place of what they say."""
        if other is None:
            return self
        roles = {r: self.roles.get(r, Limits()).replaced_by(v) for r, v in other.roles.items()}
        given = {name: getattr(other, name) for name in _LIMITS[:-1]}
        given = {name: value for name, value in given.items() if value is not None}
        return replace(self, **given, roles={**self.roles, **roles})


class SOP:
    """A checked procedure.

    Args:
        name: how users call it.
        steps: the lines, top to bottom.
        input: the kind of document a run starts from.
        output: the kind of document a run is for; None if any will do.
        given: kinds of document that a run is given besides.

    Attributes:
        inputs: all kinds of document that a run has to be given.
        aims: what a run shall come to: the kinds of document, by what they are called.
        kinds: all kinds of document by name; the log knows them by nothing else.
        parts: the documents that are given and the names that are wanted, if this is a part of
            another SOP; see `given` and `only`.

    Raises:
        SOPError: it cannot run; the message says where and what to do.
    """

    def __init__(
        self,
        name: str,
        steps: list[Node],
        *,
        input: type[Document] = Requirement,
        output: type[Document] | None = None,
        given: Sequence[type[Document]] = (),
        about: str = "",
        limits: Limits | None = None,
        place: str = "",
    ) -> None:
        self.name, self.about, self.input, self.output = name, about, input, output
        self.limits = limits or Limits()
        self.place = place
        self.hash = ""
        self.body = Repeat(1, steps)  # the whole SOP is a block of one round
        self.inputs = [input, *given]
        self.warnings = check(self.body, self.inputs, output, place)
        self.kinds = self._kinds()
        self.aims: dict[str, tuple[type[Document], ...]] = (
            {output.__name__: (output,)} if output else {}
        )
        self.parts: dict[str, list[str]] = {"given": [], "only": []}

    @classmethod
    def load(cls, name: str | Path) -> SOP:
        """Load a built-in SOP by its name, or one of your own by its path.

        Raises:
            SOPError: there is no such SOP, or it cannot run.
        """
        known = built_in()
        path = known.get(str(name)) or Path(name)
        if path.suffix not in (".yaml", ".yml") and not path.is_file():
            raise SOPError(
                f"There is no SOP {str(name)!r}.",
                suggest(str(name), list(known), "Give a path ending in .yaml, or one of"),
            )
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SOPError(
                f"The SOP {path} cannot be read: {error}.", "Check the path and the encoding."
            ) from error
        return cls.parse(text, str(name) if str(name) in known else str(path))

    @classmethod
    def parse(cls, text: str, place: str = "SOP") -> SOP:
        """Read an SOP from YAML text; `place` stands for it in messages."""
        sop = _Reader(text, place).sop()
        sop.hash = hashlib.sha256(text.encode()).hexdigest()[:16]
        return sop

    def steps(self, block: Repeat | None = None) -> Iterator[Step]:
        """Yield all steps from top to bottom, those inside of repeats too."""
        for node in (block or self.body).steps:
            if isinstance(node, Step):
                yield node
            elif isinstance(node, Repeat):
                yield from self.steps(node)

    def gates(self, names: Sequence[str]) -> None:
        """Put a gate behind the named steps: by name, by action, by document, `all` or `none`.

        Raises:
            ConfigurationError: a name fits no step.
        """
        for name in names:
            fits = self.steps() if name in ("all", "none") else self._called(name)
            for step in fits:
                step.gate = name != "none"

    def only(self, names: Sequence[str]) -> SOP:
        """Return the part of this SOP that leads to some documents, and ends with them.

        Args:
            names: of documents, or of steps and actions for what they publish. Capitals do not
                count, and the end of a name will do where no other ends so: ``design``.

        Raises:
            ConfigurationError: a name fits no step.
        """
        found = {name: self._called(name) for name in names}
        if not found:
            return self
        last = {step for steps in found.values() for step in steps}
        sop = self._part(ending(self.body.steps, last), self.inputs)
        sop.aims = {
            name: tuple(dict.fromkeys(kind for kinds in steps.values() for kind in kinds))
            for name, steps in found.items()
        }
        sop.parts = {**self.parts, "only": list(names)}
        return sop

    def given(self, kinds: Sequence[type[Document]]) -> SOP:
        """Return what of this SOP is left to do when documents of some kinds are there already.

        Lines that would make them are left out, and so are those that only such lines read.

        Raises:
            ConfigurationError: a kind is not of this SOP, is made together with others that are
                not given, or nothing is left to do.
        """
        for kind in kinds:
            if self._heads().get(kind.__name__) is not kind:
                raise ConfigurationError(
                    f"{self.name} knows no document {kind.__name__}.",
                    suggest(kind.__name__, list(self.kinds), "It knows"),
                )
        there = {family(kind) for kind in self.inputs}
        new = {head(kind).__name__: head(kind) for kind in kinds if family(kind) not in there}
        if not new:
            return self
        aims = [family(kind) for about in self.aims.values() for kind in about]
        given = [*self.parts["given"], *new]
        steps = starting(self.body.steps, given, aims or self.body.steps[-1].makes)
        if not steps:
            raise ConfigurationError(
                f"Nothing of {self.name} is left to do when {_list(given)} is given.",
                "Leave out what shall be made.",
            )
        sop = self._part(steps, [*self.inputs, *new.values()])
        sop.aims = self.aims
        sop.parts = {**self.parts, "given": given}
        return sop

    def as_begun(self, facts: Mapping[str, Any]) -> SOP:
        """Return this SOP as a run has it whose first entry holds `facts`: its part, its gates.

        Raises:
            ConfigurationError: the SOP has changed, and lacks what the run names.
        """
        parts = facts.get("parts", self.parts)
        names = parts["given"]
        if unknown := [name for name in names if name not in self._heads()]:
            raise ConfigurationError(
                f"{self.name} knows no document {_list(unknown)} any more.",
                "Resume with the SOP the run was started with.",
            )
        part = self._part(self.body.steps, self.inputs)
        part.aims, part.parts = self.aims, self.parts
        part = part.given([self._heads()[name] for name in names]).only(parts["only"])
        part.gates(["none", *facts["gates"]])
        return part

    def _part(self, steps: Sequence[Node], inputs: Sequence[type[Document]]) -> SOP:
        """Return an SOP of some lines of this one, which it leaves as they are."""
        left = [copied(node) for node in steps]
        made = {name for node in left for name in node.makes}
        sop = SOP(
            self.name,
            left,
            input=self.input,
            output=self.output if self.output and family(self.output) in made else None,
            given=[kind for kind in inputs if kind is not self.input],
            about=self.about,
            limits=self.limits,
            place=self.place,
        )
        read = {family(kind) for node in left for kind in node.reads}
        if family(self.input) not in read and len(sop.inputs) > 1:
            sop.inputs = sop.inputs[1:]
        # What only the lines read that were left out is no mistake.
        sop.warnings = [text for text in sop.warnings if text in self.warnings]
        sop.kinds, sop.hash = self.kinds, self.hash
        return sop

    def kind(self, name: str) -> type[Document] | None:
        """Return the kind of document that `name` stands for, if it is one: see `only`."""
        kinds = self._heads()
        exact = [kind for each, kind in kinds.items() if each.lower() == name.lower()]
        fits = exact or [kind for kind in kinds.values() if name.lower() in ends([kind])]
        return fits[0] if len(fits) == 1 else None

    def _heads(self) -> dict[str, type[Document]]:
        """Return the kinds by name, with those that are only the first of their family."""
        return {head(kind).__name__: head(kind) for kind in self.kinds.values()} | self.kinds

    def _called(self, name: str) -> dict[Step, tuple[type[Document], ...]]:
        """Return the steps that `name` stands for, and what they make of it."""
        if found := called(name, self.steps()):
            return found
        if any(
            name.lower() in (given.lower(), *ends([self._heads()[given]]))
            for given in self.parts["given"]
        ):
            raise ConfigurationError(
                f"{name} is given, so that no step makes it.", "Name what shall be made of it."
            )
        steps = list(self.steps())
        known = sorted({n for step in steps for n in (*_names(step), *ends(step.outputs))})
        alike = {k.__name__ for s in steps for k in s.outputs if name.lower() in ends([k])}
        remedy = suggest(name, known, "")
        if alike:
            remedy = f"It could be {' or '.join(sorted(alike))}; say which."
        elif "Did you mean" not in remedy:
            remedy = suggest(name, [step.name for step in steps], "Name a document or a step:")
        raise ConfigurationError(f"No step of {self.name} is called {name!r}.", remedy)

    def find(self, name: str) -> Step:
        """Return the first step that is called `name` (step, action or document).

        Raises:
            ConfigurationError: there is none.
        """
        return next(iter(self._called(name)))

    def _kinds(self) -> dict[str, type[Document]]:
        """Return all kinds of documents by name; the log knows them by nothing else."""
        known = {kind.__name__: kind for kind in self.inputs}
        for step in self.steps():
            for kind in (*step.reads, *step.outputs):
                other = known.setdefault(kind.__name__, kind)
                if other is not kind:
                    raise SOPError(
                        f"Two kinds of document are called {kind.__name__}: "
                        f"{other.__module__} and {kind.__module__}.",
                        "Rename one of them.",
                        f"{self.place}:{step.line}" if self.place and step.line else self.place,
                    )
        return known


def built_in() -> dict[str, Path]:
    """Return the SOPs that ship with metaco: name to path."""
    folder = Path(__file__).parent / "sops"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def _names(step: Step) -> set[str]:
    made = {kind.__name__ for kind in step.outputs} | set(step.makes)
    return {step.name, step.action, *made, *(name.lower() for name in made)}


# ---------------------------------------------------------------------- reading YAML


class _Reader:
    """Reads SOP text and keeps the lines, so that every complaint can name its place."""

    def __init__(self, text: str, place: str) -> None:
        import yaml

        self.yaml, self.place = yaml, place
        try:
            self._plain(text)
            self.root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f"{place}:{mark.line + 1}" if mark else place
            problem = getattr(error, "problem", None) or str(error)
            raise SOPError(
                f"This is not YAML: {problem}.", "Mind colons, brackets and indentation.", line
            ) from error

    def _plain(self, text: str) -> None:
        """Refuse what could make little text large or endless: aliases, and very deep nesting."""
        depth = 0
        for event in self.yaml.parse(text, Loader=self.yaml.SafeLoader):
            if isinstance(event, self.yaml.AliasEvent):
                raise self.fail(event, "Aliases (`*name`) are not for SOPs.", "Write it out.")
            depth += isinstance(event, self.yaml.CollectionStartEvent)
            depth -= isinstance(event, self.yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise self.fail(event, "The SOP is nested too deeply.", "Flatten it.")

    def fail(self, node: Any, problem: str, remedy: str) -> SOPError:
        return SOPError(problem, remedy, f"{self.place}:{node.start_mark.line + 1}")

    def sop(self) -> SOP:
        root = self.root
        if root is None or not isinstance(root, self.yaml.MappingNode):
            raise SOPError(
                "This is not an SOP.", "Write `name:`, `input:` and `steps:`.", self.place
            )
        fields = self.mapping(root, _FIELDS)
        if "steps" not in fields or not isinstance(fields["steps"], self.yaml.SequenceNode):
            raise self.fail(root, "The SOP has no steps.", "Add a list `steps:` of role.action.")
        if not fields["steps"].value:
            raise self.fail(fields["steps"], "The SOP has no steps.", "Add lines of role.action.")
        refs: dict[str, type[Document]] = {}
        self._known(fields["steps"], refs)
        steps = [self.node(item, refs) for item in fields["steps"].value]

        def kind(name: str) -> type[Document] | None:
            return self.kind(fields[name], refs) if name in fields else None

        name = self.value(fields["name"]) if "name" in fields else Path(self.place).stem
        output = kind("output")
        made = [made for step in steps for made in step.outputs]
        if output and not any(issubclass(k, output) or issubclass(output, k) for k in made):
            raise self.fail(
                fields["output"],
                f"No step publishes the output {output.__name__}.",
                suggest(output.__name__, [k.__name__ for k in made], "They publish"),
            )
        return SOP(
            str(name),
            steps,
            input=kind("input") or Requirement,
            output=output,
            about=str(self.value(fields["about"])) if "about" in fields else "",
            limits=self.limits(fields["limits"], _roles(steps)) if "limits" in fields else None,
            place=self.place,
        )

    def mapping(self, node: Any, allowed: Sequence[str]) -> dict[str, Any]:
        if not isinstance(node, self.yaml.MappingNode):
            raise self.fail(node, "A mapping is wanted here.", f"Allowed keys: {_list(allowed)}.")
        found = {}
        for key, value in node.value:
            name = str(self.value(key))
            if name not in allowed:
                raise self.fail(
                    key, f"Unknown key {name!r}.", suggest(name, allowed, "Allowed are")
                )
            if name in found:
                raise self.fail(key, f"The key {name} is there twice.", "Leave one of them out.")
            found[name] = value
        return found

    def value(self, node: Any) -> Any:
        if isinstance(node, self.yaml.ScalarNode):
            if not node.tag.endswith(_TYPED):
                return node.value
            try:
                return self.yaml.safe_load(node.value)
            except (self.yaml.YAMLError, ValueError) as error:
                raise self.fail(node, f"{node.value[:40]!r} is no value.", "Correct it.") from error
        if isinstance(node, self.yaml.SequenceNode):
            return [self.value(item) for item in node.value]
        return {str(self.value(k)): self.value(v) for k, v in node.value}

    def limits(self, node: Any, roles: Sequence[str]) -> Limits:
        """Read limits: those of the run, with those of its `roles`; or those of one role."""
        values: dict[str, Any] = {}
        for name, item in self.mapping(node, _LIMITS if roles else _ROLE_LIMITS).items():
            if name == "roles":
                tables = self.mapping(item, roles)
                values[name] = {role: self.limits(tables[role], ()) for role in tables}
                continue
            value = self.value(item)
            if wanted := _not_a_limit(name, value):
                raise self.fail(item, f"The limit {name} is {value!r}.", f"Give {wanted}.")
            values[name] = value
        return Limits(**values)

    def kind(self, node: Any, refs: Mapping[str, type[Document]]) -> type[Document]:
        name = str(self.value(node))
        if name not in refs:
            raise self.fail(
                node, f"No step knows a document {name!r}.", suggest(name, list(refs), "Known are")
            )
        return refs[name]

    def _known(self, steps: Any, refs: dict[str, type[Document]]) -> None:
        """Collect the documents all actions of the SOP read and publish, by name."""
        refs.setdefault("Requirement", Requirement)
        for item in steps.value:
            ref, options = self._line(item)
            if ref == "repeat":
                if isinstance(options, self.yaml.MappingNode):
                    inner = self.mapping(options, _REPEAT).get("steps")
                    if isinstance(inner, self.yaml.SequenceNode):
                        self._known(inner, refs)
                continue
            role, _, name = self._role(item, ref)
            for kind in (
                k for s in [self._step(item, role, name, {})] for k in (*s.reads, *s.outputs)
            ):
                for parent in kind.__mro__[: kind.__mro__.index(Document)]:
                    refs.setdefault(parent.__name__, parent)

    def _line(self, item: Any) -> tuple[str, Any]:
        if isinstance(item, self.yaml.ScalarNode):
            return str(item.value), None
        if isinstance(item, self.yaml.MappingNode) and len(item.value) == 1:
            key, options = item.value[0]
            return str(self.value(key)), options
        raise self.fail(
            item, "A line must be one step.", "Write `- role.action` or `- role.action: {...}`."
        )

    def _role(self, item: Any, ref: str) -> tuple[type[Role], str, str]:
        role, dot, name = ref.rpartition(".")
        if not dot and ":" in ref:
            role, _, name = ref.rpartition(":")
            role += ":"
        if not role or not name:
            raise self.fail(
                item, f"{ref!r} names no action.", "Write role.action or module:Class.action."
            )
        try:
            found, as_ = resolve(role)
        except SOPError as error:
            raise self.fail(item, error.problem, error.remedy) from error
        return found, as_, name

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
        role, as_, name = self._role(item, ref)
        given = self.mapping(options, _OPTIONS) if options is not None and options.value else {}
        values: dict[str, Any] = {"as_": as_}
        if "gate" in given:
            gate = str(given["gate"].value)
            if gate not in ("ask", "off", "on", "true", "false", "yes", "no"):
                raise self.fail(given["gate"], f"The gate is {gate!r}.", "Write ask or off.")
            values["gate"] = gate in ("ask", "on", "true", "yes")
        if "parallel" in given:
            parallel = self.value(given["parallel"])
            if not isinstance(parallel, int) or isinstance(parallel, bool) or parallel < 1:
                raise self.fail(
                    given["parallel"], f"parallel is {parallel!r}.", "Give a whole number above 0."
                )
            values["parallel"] = parallel
        if "after" in given:
            after = given["after"]
            items = after.value if isinstance(after, self.yaml.SequenceNode) else [after]
            values["after"] = [self.kind(kind, refs) for kind in items]
        return self._step(item, role, name, values)

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
        return Repeat(at_most, [self.node(step, refs) for step in steps.value], until)


_DEEPEST = 40
_TYPED = (":int", ":float", ":bool", ":null")


def _not_a_limit(name: str, value: Any) -> str:
    """Return what `value` should be to be the limit `name`; empty where it is that."""
    whole = name in ("tokens", "calls")
    number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if number and 0 < value < math.inf:
        return ""
    return f"{'a whole number' if whole else 'a number'} above 0"


def _roles(steps: Sequence[Node]) -> list[str]:
    """Return the names of the roles in `steps`, those inside of repeats too."""
    found: dict[str, None] = {}
    for node in steps:
        if isinstance(node, Step):
            found[node.as_] = None
        elif isinstance(node, Repeat):
            found |= dict.fromkeys(_roles(node.steps))
    return list(found)


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
