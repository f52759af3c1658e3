"""An edit finds the one place that is meant, or says why it does not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaco.core.errors import ToolError
from metaco.tools.edit import edited

CODE = """\
def add(a, b):
    result = a + b
    return result


class Total:
    def add(self, n):
        if n > 0:
            self.sum += n
        return self.sum
"""


def test_an_exact_place_is_replaced_also_within_a_line() -> None:
    done = edited(CODE, "a + b", "a - b")
    assert (done.text, done.line, done.how) == (CODE.replace("a + b", "a - b"), 2, "")


def test_white_space_at_the_ends_of_lines_does_not_matter() -> None:
    done = edited(CODE, "    result = a + b   \n    return result \n", "    return a + b\n")
    assert done.text == CODE.replace("    result = a + b\n    return result", "    return a + b")
    assert done.how == "Found but for white space."


@pytest.mark.parametrize("indent", ["", "    ", "                    "])
def test_an_indentation_that_is_shifted_is_shifted_back(indent: str) -> None:
    search = f"{indent}if n > 0:\n{indent}    self.sum += n"
    replace = f"{indent}if n > 1:\n\n{indent}    self.sum -= n"
    done = edited(CODE, search, replace)
    new = "        if n > 1:\n\n            self.sum -= n"
    assert done.text == CODE.replace("        if n > 0:\n            self.sum += n", new)


@pytest.mark.parametrize("search", ["a:\n    b\n  c\n", "\ta:\n\t\tb\n\t\t\tc", "  a:\n  b\n    c"])
def test_an_uneven_indentation_is_not_taken(search: str) -> None:
    with pytest.raises(ToolError, match="not there"):
        edited("a:\n  b\n    c\n", search, "x")


def test_lines_that_are_nearly_so_are_found_and_named() -> None:
    search = "def add(self, n):\n    if n > 0:\n        self.sums += n\n    return self.sum"
    done = edited(CODE, search, "def add(self, n):\n    return 1")
    assert done.text.endswith("class Total:\n    def add(self, n):\n        return 1\n")
    assert done.how == "Found nearly; replaced also 'self.sum += n'."


def test_too_few_or_too_different_lines_are_not_guessed() -> None:
    for search in (
        "result = a * b + c\n    return results",
        "def sub():\n    x = 3\n    return result",
        "def add(self, n):\n    if n > 0:\n        print('other')\n    return self.sum",
    ):
        with pytest.raises(ToolError, match="not there"):
            edited(CODE, search, "x")


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("x = 1\ny = 2\nx = 1\n", "x = 1"),
        ("aaa", "aa"),
        ("  a \n  b\n a\n  a \n  b\n", "  a\n  b"),
        ("  a\n    b\n-\n      a\n        b\n", "a\n  b"),
        ("one line\ntwo lines\nthree lines\n" * 2, "one line\ntwo line\nthree lines"),
    ],
)
def test_two_places_are_refused_in_every_layer(text: str, search: str) -> None:
    with pytest.raises(ToolError, match=r"more than once, as at line \d and line \d\. Quote more"):
        edited(text, search, "z")


def test_an_edit_that_finds_nothing_quotes_the_nearest_lines() -> None:
    with pytest.raises(ToolError) as raised:
        edited(CODE, "if m >= 0:", "x")
    assert "     8          if n > 0:" in str(raised.value)
    with pytest.raises(ToolError) as raised:
        edited(CODE, "class Total:\n    pass", "x")
    assert "     6  class Total:\n     7      def add(self, n):" in str(raised.value)
    with pytest.raises(ToolError, match="No line is like it"):
        edited(CODE, "something else entirely", "x")
    with pytest.raises(ToolError, match="is empty"):
        edited(CODE, " \n", "x")


def test_the_ends_of_lines_stay_those_of_the_file() -> None:
    windows = CODE.replace("\n", "\r\n")
    done = edited(windows, "    result = a + b\n    return result", "    return (\n        a + b)")
    assert done.text.count("\n") == done.text.count("\r\n") == CODE.count("\n")
    mixed = "a\r\nb\nc\r\n"
    assert edited(mixed, "b\nc", "x").text == "a\r\nx\r\n"
    assert edited(mixed, "a\nb", "x").text == "x\nc\r\n"  # found but for what ends the line
    assert edited(mixed, "b", "x").text == "a\r\nx\nc\r\n"


def test_nothing_in_the_place_deletes_it() -> None:
    assert edited(CODE, "    result = a + b\n", "").text == CODE.replace("    result = a + b\n", "")
    assert edited("a\n  b \n  c\n", "b\nc", "").text == "a\n"


lines = st.lists(st.text(alphabet="ab {}\t", max_size=4), min_size=1, max_size=8)


@given(lines, st.data())
def test_what_stands_there_once_is_replaced_and_nothing_else(
    some: list[str], data: st.DataObject
) -> None:
    text = "\n".join(some)
    start = data.draw(st.integers(0, len(text)))
    search = text[start : data.draw(st.integers(start, len(text)))]
    count = sum(text.startswith(search, at) for at in range(len(text)))
    try:
        done = edited(text, search, "new")
    except ToolError as error:
        assert not search.strip() or (count > 1 and "more than once" in str(error))
    else:
        assert count == 1 and done.text == text.replace(search, "new")


@given(lines, lines)
def test_a_replacement_touches_one_span_of_lines(some: list[str], search: list[str]) -> None:
    text = "\n".join(some)
    try:
        done = edited(text, "\n".join(search), "new")
    except ToolError:
        return
    before, found, after = done.text.partition("new")
    assert found and text.startswith(before.rstrip(" \t")) and text.endswith(after)


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("a\n" * 300_000, " a\n" * 150_000 + "b"),
        (" }\n" * 300_000, "}\n" * 150_000 + "x"),
        (
            "".join(f"line {n}\n" for n in range(60_000)),
            "".join(f"line {n}x\n" for n in range(190)),
        ),
        (("x" * 290 + "\n") * 3_000, ("x" * 289 + "y\n") * 199),
        ("x" * 1_000_000, "y" * 1_000_000),
    ],
)
def test_no_search_takes_long(text: str, search: str) -> None:
    started = time.process_time()
    with pytest.raises(ToolError):
        edited(text, search, "")
    assert time.process_time() - started < 5


def test_a_quote_with_the_numbers_of_lines_is_told_so() -> None:
    with pytest.raises(ToolError, match="Quote it without the numbers of lines"):
        edited("def f():\n    return 1\n", "     2      return 1", "    return 2")
