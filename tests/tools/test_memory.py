"""What is remembered is found again by its words, whatever the query, by all processes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metaco.core.errors import ConfigurationError, ToolError
from metaco.core.redaction import register_secret
from metaco.tools import Memory, tools_by_name

NOTHING = "Nothing is remembered about that."


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "deep" / "memory.db")


def test_texts_are_found_by_their_words_best_first(memory: Memory) -> None:
    memory.remember("The choir rehearses on Tuesday.")
    memory.remember("Tuesday is market day, and on Tuesday the market is full.")
    memory.remember("The treasurer collects fees.", ["money", "choir"])
    assert memory.recall("when is the MARKET on Tuesday?").startswith("- Tuesday is market day")
    assert memory.recall("money") == "- The treasurer collects fees. [choir, money]"
    assert len(memory.recall("choir tuesday fees").splitlines()) == 3
    assert len(memory.recall("choir tuesday fees", count=1).splitlines()) == 1
    assert memory.recall("unknown") == memory.recall("") == memory.recall("?!") == NOTHING


def test_the_same_text_is_kept_once_and_gathers_tags(memory: Memory) -> None:
    assert memory.remember("A fact.", ["b"]) == "Remembered."
    assert memory.remember(" A fact.\n", ["a"]) == "This was known; its tags were added."
    memory.remember("A fact.")
    assert memory.recall("fact a b") == "- A fact. [a, b]"


def test_scripts_without_spaces_are_searched_too(memory: Memory) -> None:
    memory.remember("合唱团每周二排练。")
    memory.remember("市场在周一。")
    assert memory.recall("排练") == "- 合唱团每周二排练。"
    assert memory.recall("团合") == NOTHING


@pytest.mark.parametrize(
    "query",
    ['"', '""', "a AND", "NEAR(a b)", "text:fact", "fact*", "^fact", "-fact", "(fact",
     "a OR b NOT c",
     "'; drop table memory; --", "fact\0", "{fact}:x", "fact\ud800", "_", "a" * 100_000,
     "fact " * 9_999],
)  # fmt: skip
def test_no_query_is_a_command(memory: Memory, query: str) -> None:
    memory.remember("A fact about memory.")
    assert memory.recall(query) in ("- A fact about memory.", NOTHING)
    assert memory.recall("fact") == "- A fact about memory."


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(), st.text(min_size=1), st.integers())
def test_any_text_can_be_kept_and_asked_for(
    memory: Memory, query: str, text: str, count: int
) -> None:
    memory.recall(query, count)
    try:
        memory.remember(text, [query])
    except ToolError:
        assert not text.strip()


def test_keys_are_not_kept(memory: Memory) -> None:
    register_secret("sk-not-for-the-memory-1")
    memory.remember("The key is sk-not-for-the-memory-1 today.")
    assert memory.recall("key today") == "- The key is *** today."


@pytest.mark.parametrize("text", ["", "  ", "x" * 10_001])
def test_what_is_no_text_is_refused(memory: Memory, text: str) -> None:
    with pytest.raises(ToolError, match="1 to 10000"):
        memory.remember(text)


def test_without_a_file_nothing_is_kept() -> None:
    memory = Memory(None)
    assert memory.remember("A fact.") == "Nothing is kept: there is no memory."
    assert memory.recall("fact") == NOTHING


def test_many_processes_write_at_once(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from metaco.tools import Memory
memory = Memory(Path(sys.argv[1]))
for n in range(15):
    memory.remember(f"Shared fact{n}.", [f"tag{sys.argv[2]}"])
    memory.remember(f"Own of{sys.argv[2]} n{n}.")
"""
    path = tmp_path / "memory.db"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(path), str(n)], stderr=subprocess.PIPE)
        for n in range(4)
    ]
    for process in processes:
        _, problems = process.communicate(timeout=100)
        assert process.returncode == 0, problems.decode()
    memory = Memory(path)
    assert memory.recall("fact7") == "- Shared fact7. [tag0, tag1, tag2, tag3]"
    assert len(memory.recall("of2", count=20).splitlines()) == 15
    with sqlite3.connect(path) as db:
        assert db.execute("select count(*) from memory").fetchone() == (15 + 4 * 15,)
        assert db.execute("select count(*) from word").fetchone() == (15 + 4 * 15,)
    db.close()


def test_a_file_that_is_no_memory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no database, but long enough to be taken for one " * 99)
    for path in (tmp_path / "x", tmp_path, tmp_path / "x" / "y"):
        with pytest.raises(ConfigurationError, match="cannot be used"):
            Memory(path).recall("x")


async def test_they_are_tools(memory: Memory) -> None:
    tools = tools_by_name(memory.tools)
    assert list(tools) == ["remember", "recall"]
    assert (await tools["remember"].call({"text": "A fact.", "tags": None})).text == "Remembered."
    assert (await tools["recall"].call({"query": "fact", "count": None})).text == "- A fact."
