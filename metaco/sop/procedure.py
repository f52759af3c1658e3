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
``module:action`` where the module defines one role) for your own, and ``sop: NAME`` has another SOP
do the work, in a run of its own. What may follow what is said by the types of the actions; what
does is said here. Options of a line: ``gate: ask`` (a person approves what it publishes), ``after:
[Kind, ...]`` (wait for these although they are not read), ``parallel: n`` (at most n turns of this
line at once), ``sampling: {temperature: 0.2}`` (how replies are drawn; also for a whole SOP),
``retry: n`` (a turn that fails is tried again up to n times), ``on_limit: 10%`` (a part of the
limits is kept for it, and it runs when one is reached), ``pure: true`` (what it makes depends on
the content it reads alone, so that the same said again in a repeat is not done again). A repeat
ends when ``until`` was published, when a round publishes nothing, after ``at_most`` rounds, and
with ``settle: true`` also when a round leaves what an earlier one has left. ``system:`` is the
system prompt of all roles of an SOP.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from metaco.core.document import Document, Requirement, family, family_root
from metaco.core.errors import ConfigurationError, SOPError
from metaco.core.limits import Limits
from metaco.core.suggest import suggest
from metaco.sop.parser import read
from metaco.sop.parts import (
    copy_node,
    match_steps,
    name_suffixes,
    remaining_steps,
    steps_leading_to,
)
from metaco.sop.source import built_in, source
from metaco.sop.steps import Node, Repeat, Step, repeats, walk
from metaco.sop.validation import check

__all__ = ["SOP", "built_in"]


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
        goals: what a run is to end with: the kinds of document, by what they are called.
        kinds: all kinds of document by name; the log knows them by nothing else.
        parts: the documents that are given and the names that are wanted, if this is a part of
            another SOP; see `starting_from` and `up_to`.

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
        origin: str = "",
    ) -> None:
        self.name, self.about, self.input, self.output = name, about, input, output
        self.limits = limits or Limits()
        self.origin = origin
        self.hash = ""
        self.body = Repeat(1, steps)  # the whole SOP is a block of one round
        for number, each in enumerate(repeats(steps), 1):
            each.number = number
        self.inputs = [input, *given]
        self.warnings = check(self.body, self.inputs, output, origin)
        self.kinds = self._kinds()
        self.goals: dict[str, tuple[type[Document], ...]] = (
            {output.__name__: (output,)} if output else {}
        )
        self.parts: dict[str, list[str]] = {"given": [], "only": []}

    @classmethod
    def load(cls, name: str | Path) -> SOP:
        """Load a built-in SOP by its name, or one of your own by its path.

        Raises:
            SOPError: there is no such SOP, or it cannot run.
        """
        return cls.parse(*cls.source(name))

    @staticmethod
    def source(name: str | Path) -> tuple[str, str]:
        """Return the text of an SOP and its origin, as `parse` takes them; nothing is imported.

        Raises:
            SOPError: there is no such SOP.
        """
        return source(name)

    @classmethod
    def parse(cls, text: str, origin: str = "SOP") -> SOP:
        """Read an SOP from YAML text; `origin` stands for it in messages."""
        sop = cls(**read(text, origin))
        sop.hash = hashlib.sha256(text.encode()).hexdigest()[:16]
        return sop

    @property
    def reference(self) -> str:
        """How it is found again from anywhere: its name, or the path of its file."""
        origin = self.origin or self.name
        path = Path(origin)
        return str(path.absolute()) if origin not in built_in() and path.is_file() else origin

    def steps(self) -> Iterator[Step]:
        """Yield all steps from top to bottom, those inside of repeats too."""
        return walk(self.body.steps)

    def with_gates(self, names: Sequence[str]) -> SOP:
        """Return this SOP with a gate behind the named steps.

        Args:
            names: steps, actions or documents, one after the other; ``all`` puts a gate behind
                every step, ``none`` takes all away.

        Raises:
            ConfigurationError: a name fits no step.
        """
        if not names:
            return self
        sop = self._part(self.body.steps, self.inputs)
        sop.goals, sop.parts = self.goals, self.parts
        for name in names:
            fits = sop.steps() if name in ("all", "none") else sop._match(name)
            for step in fits:
                step.gate = name != "none"
        return sop

    def up_to(self, names: Sequence[str]) -> SOP:
        """Return the part of this SOP that leads to some documents, and ends with them.

        Args:
            names: of documents, or of steps and actions for what they publish. Capitals do not
                count, and the end of a name will do where no other ends so: ``design``.

        Raises:
            ConfigurationError: a name fits no step.
        """
        matches = {name: self._match(name) for name in names}
        if not matches:
            return self
        last = {step for steps in matches.values() for step in steps}
        sop = self._part(steps_leading_to(self.body.steps, last), self.inputs)
        sop.goals = {
            name: tuple(dict.fromkeys(kind for kinds in steps.values() for kind in kinds))
            for name, steps in matches.items()
        }
        sop.parts = {**self.parts, "only": list(names)}
        return sop

    def starting_from(self, kinds: Sequence[type[Document]]) -> SOP:
        """Return what of this SOP is left to do when documents of some kinds are there already.

        Lines that would make them are left out, and so are those that only such lines read.

        Raises:
            ConfigurationError: a kind is not of this SOP, is made together with others that are
                not given, or nothing is left to do.
        """
        for kind in kinds:
            if self._roots().get(kind.__name__) is not kind:
                raise ConfigurationError(
                    f"{self.name} has no document {kind.__name__}.",
                    suggest(kind.__name__, list(self.kinds), "Its documents are"),
                )
        available = {family(kind) for kind in self.inputs}
        new = {
            family_root(kind).__name__: family_root(kind)
            for kind in kinds
            if family(kind) not in available
        }
        if not new:
            return self
        goals = [family(kind) for about in self.goals.values() for kind in about]
        given = [*self.parts["given"], *new]
        steps = remaining_steps(self.body.steps, given, goals or self.body.steps[-1].families)
        if not steps:
            raise ConfigurationError(
                f"No step of {self.name} remains to be run if {', '.join(given)} is given.",
                "Do not give the documents that the run should create.",
            )
        sop = self._part(steps, [*self.inputs, *new.values()])
        sop.goals = self.goals
        sop.parts = {**self.parts, "given": given}
        return sop

    def as_started(self, parts: Mapping[str, list[str]], gates: Sequence[str]) -> SOP:
        """Return this SOP as a run has it.

        Args:
            parts: what the run does of it; see the attribute.
            gates: the names of the steps with a gate.

        Raises:
            ConfigurationError: the SOP has changed, and lacks what the run names.
        """
        if self.parts == parts and [step.name for step in self.steps() if step.gate] == [*gates]:
            return self
        names = parts["given"]
        if unknown := [name for name in names if name not in self._roots()]:
            raise ConfigurationError(
                f"{self.name} no longer has the document {', '.join(unknown)}.",
                "Resume with the SOP the run was started with.",
            )
        part = self.starting_from([self._roots()[name] for name in names]).up_to(parts["only"])
        return part.with_gates(["none", *gates])

    def _part(self, steps: Sequence[Node], inputs: Sequence[type[Document]]) -> SOP:
        """Return an SOP of some lines of this one, which it leaves as they are."""
        left = [copy_node(node) for node in steps]
        made = {name for node in left for name in node.families}
        sop = SOP(
            self.name,
            left,
            input=self.input,
            output=self.output if self.output and family(self.output) in made else None,
            given=[kind for kind in inputs if kind is not self.input],
            about=self.about,
            limits=self.limits,
            origin=self.origin,
        )
        read = {family(kind) for node in left for kind in node.reads}
        if family(self.input) not in read and len(sop.inputs) > 1:
            sop.inputs = sop.inputs[1:]
        # What only the lines read that were left out is no mistake.
        sop.warnings = [text for text in sop.warnings if text in self.warnings]
        sop.kinds, sop.hash = self.kinds, self.hash
        return sop

    def kind(self, name: str) -> type[Document] | None:
        """Return the kind of document that `name` stands for, if it is one: see `up_to`."""
        kinds = self._roots()
        exact = [kind for each, kind in kinds.items() if each.lower() == name.lower()]
        fits = exact or [kind for kind in kinds.values() if name.lower() in name_suffixes([kind])]
        return fits[0] if len(fits) == 1 else None

    def _roots(self) -> dict[str, type[Document]]:
        """Return the kinds by name, with those that are only the first of their family."""
        return {
            family_root(kind).__name__: family_root(kind) for kind in self.kinds.values()
        } | self.kinds

    def _match(self, name: str) -> dict[Step, tuple[type[Document], ...]]:
        """Return the steps that `name` stands for, and what they make of it."""
        if matches := match_steps(name, self.steps()):
            return matches
        if any(
            name.lower() in (given.lower(), *name_suffixes([self._roots()[given]]))
            for given in self.parts["given"]
        ):
            raise ConfigurationError(
                f"{name} is given, so no step creates it.",
                "Name a document that is created from it.",
            )
        steps = list(self.steps())
        known = sorted({n for step in steps for n in (*_names(step), *name_suffixes(step.outputs))})
        alike = {k.__name__ for s in steps for k in s.outputs if name.lower() in name_suffixes([k])}
        remedy = suggest(name, known, "")
        if alike:
            remedy = f"It could be {' or '.join(sorted(alike))}; say which."
        elif "Did you mean" not in remedy:
            remedy = suggest(
                name, sorted({step.name for step in steps}), "Name a document or a step:"
            )
        raise ConfigurationError(f"No step of {self.name} is called {name!r}.", remedy)

    def find(self, name: str) -> Step:
        """Return the first step that is called `name` (step, action or document).

        Raises:
            ConfigurationError: there is none.
        """
        return next(iter(self._match(name)))

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
                        f"{self.origin}:{step.line}" if self.origin and step.line else self.origin,
                    )
        return known


def _names(step: Step) -> set[str]:
    made = {kind.__name__ for kind in step.outputs} | set(step.families)
    return {step.name, step.action, *made, *(name.lower() for name in made)}
