"""What a change of tests takes from them: each way is refused, and honest changes are not."""

from __future__ import annotations

import pytest

from metaco.roles.assertions import changed, weakened

SHARED = ["what its tests share"]
BEFORE = """
import pytest
from app.core import add, total

CASES = [(1, 2), (2, 3)]


@pytest.fixture
def numbers():
    return [1, 2]


def check(result, wanted):
    assert result == wanted


def test_r1_adds():
    assert add(1, 2) == 3
    check(add(2, 2), 4)


@pytest.mark.parametrize("a, b", [(1, 2), (2, 3)])
def test_r2_next(a, b):
    assert add(a, 1) == b


@pytest.mark.parametrize("a, b", CASES)
def test_r3_next(a, b):
    assert add(a, 1) == b


def test_r4_total(numbers):
    for a in (1, 2, 3):
        assert total([*numbers, a]) == 3 + a


class TestOne:
    def test_r5_adds(self):
        assert add(1, 1) == 2


class TestTwo:
    def test_r5_adds(self):
        assert add(2, 1) == 3
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("    assert result == wanted", "    pass", "test_r1_adds checks less"),
        ("    assert result == wanted", "    assert result", "test_r1_adds accepts more"),
        ("    check(add(2, 2), 4)\n", "", "test_r1_adds checks less"),
        (
            "    assert result == wanted",
            "    if wanted == 4:\n        pytest.skip()\n    assert result == wanted",
            "test_r1_adds can be skipped",
        ),
        ("[(1, 2), (2, 3)])", "[(1, 2)])", "test_r2_next checks less"),
        ("CASES = [(1, 2), (2, 3)]", "CASES = [(1, 2)]", "test_r3_next checks less"),
        ("(1, 2, 3)", "(1,)", "test_r4_total checks less"),
        ("    return [1, 2]", "    pytest.skip('later')", "test_r4_total can be skipped"),
        ("        assert add(2, 1) == 3", "        pass", "TestTwo.test_r5_adds checks less"),
        ("        assert add(1, 1) == 2", "        pass", "TestOne.test_r5_adds checks less"),
        (
            "class TestOne:",
            "class TestOne:\n    pytestmark = pytest.mark.skip\n",
            "TestOne.test_r5_adds can be skipped",
        ),
        (
            "class TestTwo:",
            "@pytest.mark.skip\nclass TestTwo:",
            "TestTwo.test_r5_adds can be skipped",
        ),
        (
            "CASES =",
            "pytestmark = pytest.mark.skipif(True, reason='')\nCASES =",
            "test_r1_adds can be skipped",
        ),
        (
            "class TestTwo:",
            "def test_r1_adds():\n    pass\n\n\nclass TestTwo:",
            "test_r1_adds checks less",
        ),
        (
            "def test_r1_adds():",
            "def later():\n  def test_r1_adds():",
            "tests test_r1_adds are gone",
        ),
        (
            "@pytest.fixture",
            "@pytest.fixture(autouse=True)\ndef early():\n    pytest.skip('x')\n\n\n"
            "@pytest.fixture",
            "test_r1_adds can be skipped",
        ),
        (
            "class TestTwo:",
            "class TestTwo:\n    def setup_method(self):\n        pytest.skip('x')\n",
            "TestTwo.test_r5_adds can be skipped",
        ),
        (
            "    assert add(1, 2) == 3",
            "    with pytest.raises(AssertionError):\n        assert add(1, 2) == 3",
            "test_r1_adds can be skipped",
        ),
        (
            "    assert add(1, 2) == 3",
            "    if add(1, 2) == 3:\n        assert add(1, 2) == 3",
            "test_r1_adds can be skipped",
        ),
        ("assert add(1, 2) == 3", "assert add(1, 2) <= 3", "test_r1_adds accepts more"),
        ("assert add(1, 2) == 3", "assert add(1, 2) == mock.ANY", "test_r1_adds accepts more"),
        ("class TestTwo:", "class Two:", "tests TestTwo.test_r5_adds are gone"),
    ],
)
def test_a_change_that_takes_from_tests_is_refused(old: str, new: str, complaint: str) -> None:
    assert BEFORE.count(old) >= 1
    after = BEFORE.replace(old, new) if "def later" not in new else _nested(BEFORE)
    compile(after, "after", "exec")
    assert any(complaint in text for text in weakened(BEFORE, after)), weakened(BEFORE, after)


def _nested(text: str) -> str:
    """Return the file with its first test inside a function that nobody calls."""
    start = text.index("def test_r1_adds")
    end = text.index("\n\n\n", start)
    inner = text[start:end].replace("\n", "\n    ")
    return f"{text[:start]}def later():\n    {inner}{text[end:]}"


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("assert add(1, 2) == 3", "assert add(1, 2) == 4", ["test_r1_adds"]),
        ("    return [1, 2]", "    return [2, 1]", SHARED),
        ("== 3 + a", "== 3 + a, 'the sum'", ["test_r4_total"]),
        ("    assert add(1, 2) == 3\n", "    check(add(1, 2), 3)\n", ["test_r1_adds"]),
        ("[(1, 2), (2, 3)])", "[(1, 2), (3, 4), (2, 3)])", ["test_r2_next"]),
        (
            "    assert result == wanted",
            "    assert result == wanted, (result, wanted)",
            SHARED,
        ),
        (
            "class TestTwo:",
            "def test_r9_more():\n    assert add(9, 9) == 18\n\n\nclass TestTwo:",
            [],
        ),
        ("def check(", "def unused():\n    pass\n\n\ndef check(", SHARED),
        ("CASES = [(1, 2), (2, 3)]", "CASES = [(1, 2), (2, 4)]", SHARED),
        (
            "from app.core import add, total",
            "from operator import add\nfrom app.core import total",
            SHARED,
        ),
        ("import pytest", "import pytest\nimport math", []),
        ("class TestOne:\n", "add = max\n\n\nclass TestOne:\n", SHARED),
        ("class TestTwo:\n    def test_r5", "class TestThree:\n    def test_r5", []),
    ],
)
def test_an_honest_change_is_taken_and_named(old: str, new: str, names: list[str]) -> None:
    after = BEFORE.replace(old, new)
    assert weakened(BEFORE, after) == []
    assert changed(BEFORE, after) == names


def test_asserts_may_become_cases_of_one_test() -> None:
    before = "def test_r1_adds():\n    assert add(1, 2) == 3\n    assert add(2, 2) == 4\n"
    after = "@mark.parametrize('a, b, c', [(1, 2, 3), (2, 2, 4)])\n"
    after += "def test_r1_adds(a, b, c):\n    assert add(a, b) == c\n"
    assert weakened(before, after) == []
    assert weakened(after, before) == []


def test_what_a_list_should_hold_may_be_mended() -> None:
    before = "def test_r1_lists():\n    assert found() == ['a', 'b', 'c']\n"
    after = before.replace("'b', ", "")
    assert weakened(before, after) == []
    assert changed(before, after) == ["test_r1_lists"]
