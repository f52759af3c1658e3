"""What must hold for every SOP, as functions of an SOP and some choices.

`test_state.py` tries them on random SOPs; `test_mutants.py` shows that they can fail.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from graphs import INPUT, Driver, interpret

from metaco.document import Document, Message, keyed
from metaco.sop import SOP


def ends(sop: SOP, rng: random.Random) -> None:
    """A run ends, nothing is stuck, and no turn runs twice."""
    driver = Driver(sop, rng.random()).put("one").drain()
    assert driver.finished()
    assert len(set(driver.ran)) == len(driver.ran)


def as_written(sop: SOP, rng: random.Random) -> None:
    """A run makes the documents and the turns of whoever reads the SOP from top to bottom."""
    driver = Driver(sop, rng.random()).put("one").drain()
    documents, turns = interpret(sop, INPUT[0](text="one"))
    assert {message.id for message in driver.state.documents()} == documents
    assert set(driver.ran) == turns


def any_schedule(sop: SOP, rng: random.Random) -> None:
    """The order in which turns end changes nothing."""
    seed = rng.random()
    picks: list[Callable[[list[str]], str] | None] = [None, min, lambda k: k[0], lambda k: k[-1]]
    runs = [Driver(sop, seed).put("one").drain(pick) for pick in picks]
    assert len({(frozenset(run.ran), run.world()) for run in runs}) == 1


def rebuilt(sop: SOP, rng: random.Random) -> None:
    """After every entry the state is the one that the log alone gives, to the byte."""
    driver = Driver(sop, rng.random()).put("one")
    while driver.state.open and len(driver.ran) < 60:
        driver.step()
        assert driver.rebuilt() == driver.state.snapshot()


def resumed(sop: SOP, rng: random.Random) -> None:
    """From every prefix of the log a run goes on to the same end, and repeats nothing."""
    driver = Driver(sop, rng.random()).put("one").drain()
    for cut in range(1, min(len(driver.entries), 30)):
        later = Driver(sop, rng.random(), driver.entries[:cut]).drain()
        assert set(later.ran) == set(driver.ran[cut - 1 :])
        assert later.state.snapshot() == driver.state.snapshot()


def changed(sop: SOP, rng: random.Random) -> None:
    """A change at any moment ends as a clean run does; late results do no harm; back is free."""
    driver = Driver(sop, rng.random()).put("one")
    when = rng.randrange(16)
    for _ in range(when):
        if driver.state.open:
            driver.step()
    running = [turns[0] for turns in driver.state.open.values()]
    complete = not running
    driver.put("two")
    for turn in rng.sample(running, rng.randint(0, len(running))):
        if turn.key not in driver.state.memory:
            driver.commit(turn)
    driver.drain()
    clean = Driver(sop, rng.random()).put("two").drain()
    assert driver.world() == clean.world()
    assert len(set(driver.ran)) == len(driver.ran)
    assert set(clean.ran) <= set(driver.ran)
    assert driver.rebuilt() == driver.state.snapshot()

    paid = len(driver.ran)
    driver.put("one").drain()
    assert driver.world() == Driver(sop, rng.random()).put("one").drain().world()
    assert len(driver.ran) == paid or not complete


def gated(sop: SOP, rng: random.Random) -> None:
    """Approvals and feedback in any order: the end is that of the SOP without gates."""
    driver = Driver(sop, rng.random()).put("one")
    told = 0
    while driver.state.open or driver.state.held:
        assert len(driver.ran) < 5000
        if driver.state.held and (not driver.state.open or rng.random() < 0.5):
            key = rng.choice(sorted(driver.state.held))
            verdict = rng.random()
            if told < 3 and verdict < 0.2:
                told += 1  # the actions ignore what they are told, so that the end is the same
                driver.note(driver.state.held[key][0], f"better {told}")
                assert key not in driver.state.held  # it is done again
            elif told < 3 and verdict < 0.3:
                told += 1
                driver.decide(key, "stop")
                assert driver.state.status == "stopped"
            else:
                driver.decide(key, "approve")
            assert driver.rebuilt() == driver.state.snapshot()
        else:
            driver.step()
    assert driver.finished()
    assert len(set(driver.ran)) == len(driver.ran)
    gates = [step for step in sop.steps() if step.gate]
    try:
        for step in gates:
            step.gate = False
        assert driver.world() == Driver(sop).put("one").drain().world()
    finally:
        for step in gates:
            step.gate = True


def edited(sop: SOP, rng: random.Random) -> None:
    """What people edit at gates has the same effect in whatever order they do it."""
    ends = set()
    for seed in (rng.random(), rng.random()):
        driver = Driver(sop, seed).put("one")
        while driver.state.open or driver.state.held:
            assert len(driver.ran) < 5000
            if driver.state.held and (not driver.state.open or driver.rng.random() < 0.4):
                key = driver.rng.choice(sorted(driver.state.held))
                h = int(key, 16)  # what is edited, and how, depends on the turn alone
                if h % 3:
                    driver.decide(key, "approve")
                else:
                    edit = _edit(driver.state.held[key][0].step.outputs, h)
                    driver.decide(key, "edit", edit)
                    stages = driver.state.stages()
                    assert Message.of(edit) in [m for stage in stages for m in stage.messages]
            else:
                driver.step()
            if len(driver.entries) % 3 == 0:
                assert driver.rebuilt() == driver.state.snapshot()
        assert driver.finished()
        assert len(set(driver.ran)) == len(driver.ran)
        ends.add((frozenset(driver.ran), driver.world()))
    assert len(ends) == 1


def _edit(outputs: tuple[type[Document], ...], h: int) -> Document:
    kind = outputs[h % len(outputs)]
    return kind(name="abc"[h % 3] if keyed(kind) else "", text=f"edited {h % 5}")


def failing(sop: SOP, rng: random.Random) -> None:
    """Failures hold up what depends on them and nothing else; trying again heals them."""
    driver = Driver(sop, rng.random()).put("one")
    failures = 0
    while driver.state.status in ("open", "failed"):
        assert len(driver.entries) < 5000
        if not driver.state.open:
            assert driver.rebuilt() == driver.state.snapshot()
            key = rng.choice(sorted(driver.state.failed))
            driver.note(driver.state.failed[key][0], rng.choice([None, ""]))
        elif failures < 4 and rng.random() < 0.25:
            failures += 1
            driver.fail(rng.choice(sorted(driver.state.open)))
            assert driver.rebuilt() == driver.state.snapshot()
        else:
            driver.step()
    assert driver.finished()
    assert len(set(driver.ran)) == len(driver.ran)
    assert driver.world() == Driver(sop).put("one").drain().world()


PLAIN = (ends, as_written, any_schedule, rebuilt, resumed, changed, failing)
GATED = (gated, edited)
