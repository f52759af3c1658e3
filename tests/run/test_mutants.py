"""The properties can fail: with any rule taken out of the state, one of them does."""

from __future__ import annotations

import inspect
import random
import sys
import types
from functools import cache

import properties
import pytest
from graphs import lively

import metaco.run.round
import metaco.run.state
from metaco.sop.procedure import SOP

MUTANTS = {
    "a reader sees what stands below it": ("max(i for i in v if i < before)", "max(v)"),
    "a trigger streams from several sources": ("for n in above) == 1", "for n in above) >= 1"),
    "a trigger streams although something was there": ("kin not in self.documents and sum", "sum"),
    "other parameters are not waited for": ("and node.blocking_producers <= self.done", "and True"),
    "a fan-in does not wait": (
        "elif settled and isinstance(node, Step)",
        "elif isinstance(node, Step)",
    ),
    "a waiting turn does not hold up": (
        "self.waiting.setdefault(turn.key, []).append(turn)\n",
        "turn.publish([]); return\n",
    ),
    "the last write wins within a step": (
        "if index not in versions or message.id > versions[index].id:",
        "if True:",
    ),
    "a round ends for a document of an earlier one": (
        "isinstance(left[each].body, node.until) for each in new",
        "isinstance(left[each].body, node.until) for each in left",
    ),
    "a repeat publishes its last round only": (
        "[left[each] for each in sorted(changed)]",
        "[left[each] for each in sorted(new)]",
    ),
    "a change does not begin a new pass": (
        "self.inputs[family(type(message.body)), message.body.key] = message\n"
        "                return True",
        "self.inputs[family(type(message.body)), message.body.key] = message\n"
        "                self._restart() if self.n == 1 else None",
    ),
    "a failed turn counts as done": (
        "self.failed[failure.turn] = self.open.pop(failure.turn)",
        "[t.publish([]) for t in self.open.pop(failure.turn)]",
    ),
    "notes are not in the key": (
        "digest(content_key, *notes) if notes else content_key",
        "content_key",
    ),
    "an edit counts as an approval": ('if decided == "edit":', "if False:"),
}


@cache
def _sop(seed: int, gates: bool) -> SOP:
    return lively(str(seed), gates, 3 + seed % 5)


def _found(most: int) -> str:
    """Return the first property that fails on the first SOPs, or nothing."""
    for seed in range(most):
        for checks, gates in ((properties.PLAIN, False), (properties.GATED, True)):
            sop = _sop(seed, gates)
            for check in checks:
                try:
                    check(sop, random.Random(seed))
                except (AssertionError, KeyError, IndexError, RecursionError):
                    return check.__name__
    return ""


def test_nothing_is_found_in_the_state_as_it_is() -> None:
    assert _found(10) == ""


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(60):  # made with the state as it is
        _sop(seed, False)
        _sop(seed, True)
    right, wrong = MUTANTS[name]
    modules = (metaco.run.round, metaco.run.state)
    sources = {module.__name__: inspect.getsource(module) for module in modules}
    assert sum(right in source for source in sources.values()) == 1
    made: dict[str, types.ModuleType] = {}
    for module, source in sources.items():
        mutant = made[module] = types.ModuleType(f"mutant.{module}")
        monkeypatch.setitem(sys.modules, mutant.__name__, mutant)
        exec(compile(source.replace(right, wrong), mutant.__name__, "exec"), mutant.__dict__)
    changed = made["metaco.run.state"]
    monkeypatch.setattr(changed, "Round", made["metaco.run.round"].Round)
    monkeypatch.setattr(metaco.run.state, "State", changed.State)
    assert _found(60)
