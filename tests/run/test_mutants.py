"""The properties can fail: with any rule taken out of the scheduler, one of them does."""

from __future__ import annotations

import importlib
import inspect
import random
import sys
import types
from functools import cache

import properties
import pytest
from graphs import lively

import metaco.run.state
from metaco.sop.procedure import SOP

MODULES = ("versions", "turn", "needs", "scheduler", "state")
"""In the order in which they import one another."""

MUTANTS = {
    # versions
    "a reader sees what stands below it": ("if versions[-1].place >= before:", "if False:"),
    "the hash of a list counts what stands below": (
        "wanted = bisect_left(kin.places, before)",
        "wanted = len(kin.places)",
    ),
    "the last write wins within a line": (
        "if before and _rank(before) >= _rank(version):",
        "if False:",
    ),
    "of equal twins the first turn wins": (
        "return version.message.id, version.turn",
        "return version.message.id, ''",
    ),
    "the same said again is no news": ('self.turn if inside else ""', '""'),
    "who said it matters outside of repeats too": ('self.turn if inside else ""', "self.turn"),
    "who said it in another repeat matters": (
        "and len(self.place) > 1 and self.place[0] == scope",
        "and len(self.place) > 1",
    ),
    # rounds
    "a pure line looks at who said it": (
        "return None if self.step.pure else self.block.scope",
        "return self.block.scope",
    ),
    "a turn says the same again in each round": ("or tuple(reads) in line.said:", "or False:"),
    "a trigger streams from several sources": ("return len(makers) == 1", "return len(makers) > 0"),
    "a trigger streams although something was there": (
        "isinstance(makers[0], Step) and not there",
        "isinstance(makers[0], Step)",
    ),
    "other parameters are not waited for": (
        "while line.inbox and node.blocking_producers <= block.done:",
        "while line.inbox:",
    ),
    "a line does not wait": ("elif settled and not line.begun:", "elif not line.begun:"),
    "a repeat does not wait": (
        "            if settled and not line.begun:\n                line.begun = True\n"
        "                first",
        "            if not line.begun:\n                line.begun = True\n                first",
    ),
    "a repeat ends for a document of an earlier round": (
        "for name, key in block.news if name == kin",
        "for name in [kin] for key in self.versions.families[kin].keys",
    ),
    "news inside are no news outside": (
        "block = block.parent.block if block.parent else None",
        "block = None",
    ),
    "what nobody inside reads counts as left": (
        "kins = sorted(node.families & roots.keys())",
        "roots |= {family(k): k for k in node.outputs}; kins = sorted(node.families)",
    ),
    "settle is ignored": ("elif node.settle and back_to is not None:", "elif False:"),
    "a round that says nothing goes on": ("elif not block.news:", "elif False:"),
    "only new triggers, whatever else is new": (
        "if line.looked is None or others != line.others:",
        "if line.looked is None:",
    ),
    "what comes with a trigger is never new": (
        "{family(step.trigger.kind), *(family(p.kind) for p in joined)}",
        "{family(step.trigger.kind)}",
    ),
    # needs
    "what this line has just said is not seen": (
        "version = own or self.versions.one",
        "version = self.versions.one",
    ),
    "circles are not said": ("for key in _circles(graph):", "for key in list[str]():"),
    "unknown keys are not said": (
        "if need not in triggers and not there(need):",
        "if False:",
    ),
    "what will not run releases nobody": (
        "ready += line.needs.settle(key, ())",
        "pass",
    ),
    "needs are not waited for": (
        "graph[key] = [need for need in needs if need in triggers]",
        "graph[key] = []",
    ),
    # the state
    "a waiting turn does not hold up": (
        "self.waiting.setdefault(turn.key, []).append(turn)\n",
        "self.progress.publish(turn, []); return\n",
    ),
    "a change does not begin a new pass": (
        "self.inputs[family(type(message.body)), message.body.key] = message\n"
        "                self._restart()",
        "self.inputs[family(type(message.body)), message.body.key] = message\n"
        "                self._restart() if self.n == 1 else None",
    ),
    "a failed turn counts as done": (
        "self.failed[key] = self.open.pop(key)",
        "[self.progress.publish(t, []) for t in self.open.pop(key)]",
    ),
    "notes are not in the key": (
        "digest(turn.content_key, *turn.notes) if turn.notes else turn.content_key",
        "turn.content_key",
    ),
    "an edit counts as an approval": ('if decided == "edit":', "if False:"),
    "an equal turn is called ready again": (
        "if turn.key not in self.open:  # an equal",
        "if True:  # an equal",
    ),
    "a turn that is tried again is not called ready": (
        "                    self.open[key] = self.failed.pop(key)\n"
        "                    self._fresh[key] = None",
        "                    self.open[key] = self.failed.pop(key)",
    ),
    "what a turn reads again is not listed again": (
        "line.listed = line.place",
        "line.listed = (line.place[0] + 1,)",
    ),
}


FIRST, MOST = 180, 80
"""From which seed on SOPs are tried, and how many: with these, every mutant is found."""


@cache
def _sop(seed: int, gates: bool, wild: bool) -> SOP:
    return lively(str(seed), gates, 3 + seed % 5, wild)


KINDS = (
    (properties.PLAIN, False, False),
    (properties.GATED, True, False),
    (properties.WILD, False, True),
)


def _found(most: int) -> str:
    """Return the first property that fails on the first SOPs, or nothing."""
    for seed in range(FIRST, FIRST + most):
        for checks, gates, wild in KINDS:
            sop = _sop(seed, gates, wild)
            for check in checks:
                try:
                    check(sop, random.Random(seed))
                except (AssertionError, LookupError, RecursionError, ValueError):
                    return check.__name__
    return ""


def test_nothing_is_found_in_the_state_as_it_is() -> None:
    assert _found(10) == ""


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(FIRST, FIRST + MOST):  # made with the state as it is
        for _, gates, wild in KINDS:
            _sop(seed, gates, wild)
    right, wrong = MUTANTS[name]
    names = [f"metaco.run.{module}" for module in MODULES]
    sources = {each: inspect.getsource(importlib.import_module(each)) for each in names}
    assert sum(right in source for source in sources.values()) == 1
    for each, source in sources.items():
        mutant = types.ModuleType(each)
        monkeypatch.setitem(sys.modules, each, mutant)
        exec(compile(source.replace(right, wrong), each, "exec"), mutant.__dict__)
    monkeypatch.setattr(metaco.run.state, "State", sys.modules["metaco.run.state"].State)
    assert _found(MOST)
