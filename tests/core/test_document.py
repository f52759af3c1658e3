"""Documents and messages: identity, families, keys."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError
from shop import Failed, File, Passed, Plan, Report

from metaco.core.document import Document, Message, Requirement, digest, family, keyed
from metaco.run.entries import Published


def test_a_message_is_what_it_says() -> None:
    one, same, other = File(path="a", text="x"), File(path="a", text="x"), File(path="a", text="y")
    assert Message.of(one) == Message.of(same)
    assert Message.of(one).id != Message.of(other).id
    assert Message.of(Passed()).id != Message.of(Report()).id
    message = Message.of(one)
    assert Published.of(one) == Published(message.id, "File", "a", {"path": "a", "text": "x"})


def test_ids_are_the_same_in_every_process() -> None:
    code = "from metaco.core.document import *; print(Message.of(Requirement(text='ä 😀')).id)"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        )
        assert done.stdout.strip() == Message.of(Requirement(text="ä 😀")).id
    assert digest({"a": [None], "b": 1}) == digest({"b": 1, "a": [None]})


@given(st.text(), st.text())
def test_different_texts_have_different_ids(one: str, other: str) -> None:
    same = Message.of(Requirement(text=one)).id == Message.of(Requirement(text=other)).id
    assert same == (one == other)


def test_families_and_keys() -> None:
    assert family(Passed) == family(Failed) == family(Report) == "Report"
    assert family(Plan) == "Plan"
    assert keyed(File)
    assert not keyed(Plan)
    assert File(path="a", text="").key == "a"
    assert Plan(title="", paths=[]).key == ""
    with pytest.raises(TypeError, match="has no family"):
        family(Document)


def test_a_set_is_refused_wherever_it_hides() -> None:
    for hint in (set[str], frozenset[int], dict[str, set[int]], "list[set[str] | None]"):
        with pytest.raises(TypeError, match="is a set, whose order is not stable"):
            type("Odd", (Document,), {"__module__": __name__, "__annotations__": {"a": hint}})


def test_a_document_is_frozen_and_exact() -> None:
    with pytest.raises(ValidationError):
        File(path="a", text="b", more="c")  # type: ignore[call-arg]
    with pytest.raises(ValidationError):
        File(path="a", text="b").text = "c"


def test_what_a_document_says_of_itself_by_default() -> None:
    plain = Requirement(text="x")
    assert (plain.artifacts(), plain.project(), plain.accepted()) == ({}, "", True)


TEXT = st.text(st.characters(exclude_categories=()), max_size=40)  # half characters as well
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(TEXT, inner),
    max_leaves=8,
)


@given(st.lists(ANYTHING | TEXT | st.just(()), max_size=5))
@example(['\x7f\x00\x1f\u2028"\\/<é😀', 10**40, -(2**63), True, 0])
@example(["\ud800"])
def test_a_digest_is_that_of_one_text_whichever_way_it_is_written(parts: list[Any]) -> None:
    """Ids in logs depend on it: sorted keys, no spaces, nothing escaped that need not be."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    expected = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    assert digest(*parts) == expected
