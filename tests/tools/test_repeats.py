"""A model that goes in circles is told so once, and then stopped."""

from __future__ import annotations

from metaco.tools import Repeat, Repeats, ToolCall, ToolResult

LOOK = ToolCall("read", {"path": "a", "start": 1})
SAME = ToolCall("read", {"start": 1, "path": "a"})
TEXT = ToolResult("text")


def test_the_second_time_is_hinted_at_and_the_third_ends() -> None:
    repeats = Repeats()
    assert repeats.add(LOOK, TEXT) == Repeat()
    assert repeats.add(ToolCall("read", {"path": "b"}), TEXT) == Repeat()
    assert repeats.add(LOOK, ToolResult("other")) == Repeat()
    second, third = repeats.add(SAME, TEXT), repeats.add(LOOK, TEXT)
    assert "same call before" in second.hint and not second.finding
    assert third.finding == "read was called 3 times with the same result." and not third.hint


def test_looking_again_after_a_change_is_no_repeat() -> None:
    repeats = Repeats()
    for n in range(5):
        assert repeats.add(LOOK, TEXT) == Repeat()
        change = ToolCall("edit", {"path": "a", "n": n})
        assert repeats.add(change, ToolResult("changed", {"a": str(n)})) == Repeat()


def test_the_same_changes_to_and_fro_end_too() -> None:
    repeats = Repeats()
    there, back = (ToolCall("write", {"text": text}) for text in ("x", "y"))
    results = [
        repeats.add(call, ToolResult("changed", {"a": str(call)}))
        for _ in range(3)
        for call in (there, back)
    ]
    assert [bool(each.hint) for each in results] == [False, False, True, True, False, False]
    assert [bool(each.finding) for each in results] == [False] * 4 + [True] * 2
