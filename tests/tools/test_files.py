"""A model works on files that no disk has; what it changes is beside what was given."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaco.core.errors import WorkspaceError
from metaco.tools import Files, ToolResult, tools_by_name
from metaco.tools.files import LARGEST, matches

GIVEN: dict[str, str | bytes] = {
    "README.md": "# Read\n\nme",
    "src/app.py": "import os\n\nprint(os.name)\n",
    "src/deep/util.py": "x = 1\n",
    "logo.png": b"\x89PNG\x00\xff",
    ".github/ci.yml": "on: push\n",
}


async def call(files: Files, name: str, **arguments: Any) -> ToolResult:
    return await tools_by_name(files.tools)[name].call(arguments)


async def said(files: Files, name: str, **arguments: Any) -> str:
    return (await call(files, name, **arguments)).text


async def test_files_are_listed_with_their_sizes() -> None:
    files = Files(GIVEN)
    assert await said(files, "list") == (
        ".github/ci.yml  1 lines\nREADME.md  2 lines\nlogo.png  6 bytes, binary\n"
        "src/app.py  3 lines\nsrc/deep/util.py  1 lines"
    )
    assert await said(files, "list", pattern="src/*.py") == "src/app.py  3 lines"
    assert await said(files, "list", pattern="*.rs") == "No file matches *.rs; there are 5 in all."


async def test_lines_are_read_with_their_numbers() -> None:
    files = Files(GIVEN)
    assert await said(files, "read", path="./src//app.py") == (
        "./src//app.py, lines 1 to 3 of 3:\n     1  import os\n     2  \n     3  print(os.name)"
    )
    assert (await said(files, "read", path="README.md", start=3, count=1)).endswith("     3  me")
    assert "has the lines 1 to 3" in await said(files, "read", path="README.md", start=4)
    assert "has the lines 1 to 3" in await said(files, "read", path="README.md", count=-1)
    assert await said(files, "read", path="logo.png") == "logo.png is binary, with 6 bytes."
    assert "Did you mean src/deep/util.py?" in await said(files, "read", path="util.py")
    assert await said(Files({"a": ""}), "read", path="a") == "a is empty."
    long = await said(Files({"a": "x" * 50_000}), "read", path="a")
    assert long.endswith("x [...]") and len(long) < 2_100


async def test_lines_are_searched() -> None:
    files = Files(GIVEN)
    assert await said(files, "search", regex=r"^\w+ = \d$|import") == (
        "src/app.py:1: import os\nsrc/deep/util.py:1: x = 1"
    )
    assert await said(files, "search", regex="import", glob="*.md") == "No line of 1 files matches."
    many = await said(Files({"a": "x\n" * 500}), "search", regex="x")
    assert many.endswith("a:100: x\n... and 400 more lines")
    assert "is no regular expression" in await said(files, "search", regex="(")


@pytest.mark.parametrize("regex", ["(a+)+$", "(a|aa)*c", r"(?:(?:a{0,999}){0,999}){0,999}c"])
async def test_a_catastrophic_expression_ends_and_holds_nothing_up(
    regex: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metaco.tools.files._SECONDS", 0.5)
    files = Files({"a": "a" * 60 + "b"})
    started = time.monotonic()
    searching = asyncio.create_task(call(files, "search", regex=regex))
    assert not (await call(files, "write", path="b", text="")).failed
    assert not searching.done()
    result = await searching
    assert result.failed and "took too long; use a simpler" in result.text
    assert time.monotonic() - started < 5


async def test_what_is_written_and_edited_is_beside_what_was_given() -> None:
    files = Files(GIVEN)
    assert await said(files, "write", path="new/a.txt", text="a\n") == "new/a.txt was created."
    assert await said(files, "write", path="README.md", text="") == "README.md was replaced."
    edit = await call(files, "edit", path="src/app.py", search="os.name", replace="1")
    assert edit.text == "src/app.py was changed at line 3."
    assert edit.changes == {"src/app.py": "import os\n\nprint(1)\n"}
    assert files.changed == {
        "README.md": "", "new/a.txt": "a\n", "src/app.py": "import os\n\nprint(1)\n",
    }  # fmt: skip
    assert GIVEN["README.md"] == "# Read\n\nme"
    assert files.tree == {**GIVEN, **files.changed}
    await call(files, "write", path="README.md", text="# Read\n\nme")
    assert "README.md" not in files.changed


@pytest.mark.parametrize(
    "path",
    ["../x", "a/../../x", "/etc/passwd", "C:\\x", "~/x", "", ".", "a/", ".git/hooks/x", ".env",
     "src/app.py/x", "SRC/app.py", "readme.MD", "src", "a\0b", "-rf", "con", "x" * 300, "a\u202eb",
     ".metaco-changes", "metaco.toml", ".github/new.yml"],
)  # fmt: skip
async def test_paths_that_leave_or_clash_are_refused(path: str) -> None:
    files = Files(GIVEN)
    result = await call(files, "write", path=path, text="x")
    assert result.failed and result.changes == {} == files.changed
    assert not (await call(files, "read", path="src/app.py")).failed


async def test_a_file_that_was_given_may_have_a_hidden_name() -> None:
    files = Files(GIVEN)
    result = await call(files, "edit", path=".github/ci.yml", search="push", replace="pull")
    assert not result.failed and files.changed == {".github/ci.yml": "on: pull\n"}


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", ""])
def test_a_tree_that_leaves_is_refused(path: str) -> None:
    with pytest.raises(WorkspaceError):
        Files({path: ""})


async def test_what_is_too_large_is_refused() -> None:
    files = Files({"a": "x"})
    result = await call(files, "write", path="b", text="é" * (LARGEST // 2 + 1))
    assert result.failed and f"{LARGEST} are allowed" in result.text
    assert (await call(files, "edit", path="a", search="x", replace="x" * LARGEST + "x")).failed
    assert files.changed == {}


operations = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {
                "path": st.sampled_from(["a", "b/c", "../d", "a/e"]),
                "text": st.text("xy\n", max_size=9),
            }
        ),
        st.fixed_dictionaries(
            {
                "path": st.sampled_from(["a", "b/c"]),
                "search": st.text("xy\n", max_size=2),
                "replace": st.text("xyz", max_size=2),
            }
        ),
    ),
    max_size=12,
)


@given(operations)
def test_results_applied_in_order_give_the_same_tree(some: list[dict[str, str]]) -> None:
    async def play() -> None:
        first, again, replayed = (Files({"a": "xy\nyx"}) for _ in range(3))
        tools = tools_by_name(first.tools)
        calls = [tools["write" if "text" in each else "edit"].call(each) for each in some]
        results = await asyncio.gather(*calls)  # all at once, and still in order
        for each, result in zip(some, results, strict=True):
            name = "write" if "text" in each else "edit"
            assert await call(again, name, **each) == result
            replayed.apply(json.loads(json.dumps(result.changes)))
        assert first.tree == again.tree == replayed.tree
        assert first.changed == replayed.changed

    asyncio.run(play())


def test_bytes_and_deletions_survive_the_log() -> None:
    files, again = Files({"a": "x", "b": "y"}), Files({"a": "x", "b": "y"})
    changes = files.change({"a": b"\xff", "b": None, "c": "z"})
    again.apply(json.loads(json.dumps(changes)))
    assert again.tree == files.tree == {"a": b"\xff", "c": "z"}


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("**", "a.py b/a.py b/c/a.py b/c/d.txt"),
        ("*.py", "a.py b/a.py b/c/a.py"),
        ("b/*", "b/a.py"),
        ("b/**", "b/a.py b/c/a.py b/c/d.txt"),
        ("**/a.py", "a.py b/a.py b/c/a.py"),
        ("b/**/a.py", "b/a.py b/c/a.py"),
        ("**/c/*", "b/c/a.py b/c/d.txt"),
        ("**/**/d.*", "b/c/d.txt"),
        ("?.py", "a.py b/a.py b/c/a.py"),
        ("[b-z]/a.py", "b/a.py"),
        ("[z-a]", ""),
        ("[", ""),
        ("", ""),
    ],
)
def test_patterns(pattern: str, wanted: str) -> None:
    paths = ["a.py", "b/a.py", "b/c/a.py", "b/c/d.txt"]
    assert [path for path in paths if matches(path, pattern)] == wanted.split()


def test_no_pattern_takes_long() -> None:
    started = time.process_time()
    assert not matches("a" * 200, "*a" * 60 + "b")
    assert not matches("/".join("a" * 100), "/".join(["**", "a"] * 60) + "/b")
    assert time.process_time() - started < 1
