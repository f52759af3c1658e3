"""Long texts lose their middle, and never exceed what they may have."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from metaco.tools.shorten import shorten


@given(st.text(), st.integers(0, 300))
def test_it_never_has_more_bytes_than_allowed(text: str, most: int) -> None:
    short = shorten(text, most)
    assert len(short.encode()) <= most or short == text == ""
    assert short == text or len(text.encode()) > most


def test_head_and_tail_stay_and_the_note_counts() -> None:
    text = "begin" + "x" * 10_000 + "end"
    short = shorten(text, 200)
    assert short.startswith("begin") and short.endswith("end")
    left = len(text) - sum(map(len, short.split("\n[... ")[0:1])) - len(short.split("...]\n")[1])
    assert f"[... {left} of 10008 bytes are left out ...]" in short


def test_half_characters_do_no_harm() -> None:
    assert shorten("\ud800" * 10, 5) == "?????"
