"""A long conversation fits into its budget, always in the same way."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from metaco.models.prices import estimate
from metaco.tools import Exchange, ToolCall, compact
from metaco.tools.compaction import FLOOR

values = st.text(max_size=30) | st.integers() | st.lists(st.text(max_size=9), max_size=3)
long = st.builds(lambda text, n: text * n, st.text(min_size=1, max_size=5), st.integers(1, 4000))
calls = st.builds(
    ToolCall, st.text(max_size=100), st.dictionaries(st.text(max_size=9), values | long, max_size=3)
)
exchanges = st.lists(st.builds(Exchange, calls, st.text(max_size=50) | long), max_size=12)


def total(some: list[Exchange]) -> int:
    return sum(estimate(str(each.call)) + estimate(each.result) for each in some)


@settings(max_examples=300, deadline=None)
@given(exchanges, st.integers(FLOOR, 4 * FLOOR))
def test_it_fits_keeps_the_order_and_both_ends(some: list[Exchange], budget: int) -> None:
    short = compact(some, budget, estimate)
    assert total(short) <= budget
    assert short == compact(list(some), budget, estimate)
    assert short == some or total(some) > budget
    tools = iter(each.call.tool[:40] for each in some)
    assert all(each.call.tool[:40] in tools for each in short)  # in order
    if some:
        assert short[0].call.tool[:40] == some[0].call.tool[:40]
        assert short[-1].call.tool[:40] == some[-1].call.tool[:40]


@settings(deadline=None)
@given(st.text(min_size=1, max_size=1), st.integers(1, 2000))
def test_any_characters_fit_into_the_floor(char: str, count: int) -> None:
    one = Exchange(ToolCall(char * 10_000, {char * 1000: char * 1000}), char * 10_000)
    assert total(compact([one] * count, FLOOR, len)) <= FLOOR


def numbered(n: int, size: int) -> list[Exchange]:
    return [Exchange(ToolCall("read", {"n": each}), f"<{each}>" + "x" * size) for each in range(n)]


def test_old_ones_are_shortened_first_and_the_newest_stays_whole() -> None:
    some = numbered(4, 4_000)
    short = compact(some, 3_000, estimate)
    assert short[3] == some[3] and short[2] == some[2]
    assert "bytes are left out" in short[0].result and len(short[0].result) <= 1_000
    assert [each.call for each in short] == [each.call for each in some]


def test_then_they_are_a_line_each_and_then_counted() -> None:
    lines = compact(numbered(40, 4_000), 2_500, estimate)
    assert lines[-1].result == numbered(40, 4_000)[-1].result
    assert lines[1].result == "<1>" + "x" * 37 + " [... 4003 characters]"
    few = compact(numbered(1_000, 4_000), FLOOR, estimate)
    left = 1_000 - len(few)
    assert f"[{left} later calls are left out]" in few[0].result
    assert [each.call.dump()["arguments"]["n"] for each in few] == [0, *range(left + 1, 1_000)]


def test_a_long_argument_stays_one() -> None:
    wrote = Exchange(ToolCall("write", {"path": "a.py", "text": "x" * 50_000}), "done")
    short, _ = compact([wrote, *numbered(1, 10)], 2_000, estimate)
    assert short.call.dump()["arguments"]["path"] == "a.py"
    assert len(short.call.dump()["arguments"]["text"]) <= 1_000
    json.loads(str(short.call))
