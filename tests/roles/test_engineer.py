"""Writing and fixing files: what goes back to its author, and what a reply may change."""

from __future__ import annotations

import pytest

from metaco.core.errors import ReplyError
from metaco.core.model import Reply, Request
from metaco.role import Context
from metaco.roles.documents import SourceFile, TestFile, TestOutcome, TestsFailed
from metaco.roles.engineer import Engineer, fixed_files
from metaco.roles.qa_engineer import QAEngineer
from metaco.sandbox import Sandbox

from .test_python_source import ADD, main_too, task


class Desk:
    """A context whose model says what it is told to, and remembers what it was asked."""

    def __init__(self, *replies: str) -> None:
        self.replies, self.asked = list(replies), list[Request]()

    def __call__(self, role: str, action: str) -> Context:
        return Context(role=role, action=action, call=self.call, sandbox=self.sandbox)

    async def call(self, request: Request) -> Reply:
        self.asked.append(request)
        return Reply(self.replies.pop(0))

    async def sandbox(self) -> Sandbox:
        raise AssertionError("nothing is run here")


def fence(path: str, content: str) -> str:
    return f"{path}\n```python\n{content}```"


GOOD = main_too(ADD)


async def test_a_good_file_is_asked_for_once() -> None:
    desk = Desk(fence("shop/store.py", GOOD))
    file = await Engineer(desk("engineer", "write_file")).write_file(task())
    assert (file.path, file.content) == ("shop/store.py", GOOD)
    assert len(desk.asked) == 1


async def test_a_finding_goes_back_to_its_author_once() -> None:
    desk = Desk(fence("shop/store.py", ADD), fence("shop/store.py", GOOD))
    file = await Engineer(desk("engineer", "write_file")).write_file(task())
    assert file.content == GOOD
    answer, complaint = desk.asked[1].rejected_replies[0]
    assert ADD in answer
    assert "main is part of the interface for other files, but missing." in complaint


async def test_what_is_not_mended_is_kept_as_a_finding() -> None:
    desk = Desk(fence("shop/store.py", ADD), fence("shop/store.py", ADD))
    context = desk("engineer", "write_file")
    file = await Engineer(context).write_file(task())
    assert file.content == ADD
    assert context.findings == ["main is part of the interface for other files, but missing."]


async def test_an_unreadable_reply_and_then_a_finding_each_get_a_chance() -> None:
    desk = Desk("I am sorry.", fence("shop/store.py", ADD), fence("shop/store.py", GOOD))
    file = await Engineer(desk("engineer", "write_file")).write_file(task())
    assert file.content == GOOD


async def test_replies_that_stay_unreadable_fail_the_turn_and_keep_the_text() -> None:
    desk = Desk("no", "never")
    with pytest.raises(ReplyError) as caught:
        await Engineer(desk("engineer", "write_file")).write_file(task())
    assert caught.value.text == "never"


async def test_what_was_readable_is_not_lost_to_a_worse_reply() -> None:
    desk = Desk(fence("shop/store.py", ADD), "I am sorry.")
    file = await Engineer(desk("engineer", "write_file")).write_file(task())
    assert file.content == ADD


async def test_tests_that_miss_a_requirement_go_back() -> None:
    first = fence("tests/test_store.py", "def test_adds():\n    assert vars() == {}\n")
    second = fence("tests/test_store.py", "def test_r1_adds():\n    assert vars() == {}\n")
    desk = Desk(first, second)
    tests = await QAEngineer(desk("qa_engineer", "write_tests")).write_tests(task())
    assert tests and "test_r1_adds" in tests.content
    assert "No test checks R1" in desk.asked[1].rejected_replies[0][1]


async def test_data_gets_no_tests_of_its_own() -> None:
    desk = Desk()
    qa = QAEngineer(desk("qa_engineer", "write_tests"))
    assert await qa.write_tests(task(path="shop/words.json")) is None


STORE = SourceFile(path="shop/store.py", content=GOOD)


OTHER = SourceFile(path="shop/other.py", content="x = 1\n")


TESTS = TestFile(path="tests/test_store.py", content="def test_r1_adds():\n    assert 0\n")


def failed(test: str = "tests/test_store.py::test_r1_adds") -> TestsFailed:
    outcome = TestOutcome(test=test, outcome="failed", message="assert 0", requirements=["R1"])
    return TestsFailed(outcomes=[outcome], environment="here")


async def test_the_engineer_sees_what_failed_and_not_the_rest() -> None:
    desk = Desk(fence("shop/store.py", GOOD + "\n\nSIZE = 2\n"))
    engineer = Engineer(desk("engineer", "fix_files"))
    fixed = await engineer.fix_files(failed(), [STORE, OTHER], [TESTS], [task()])
    assert [type(file) for file in fixed] == [SourceFile]
    prompt = desk.asked[0].prompt
    assert "assert 0" in prompt and "shop/store.py" in prompt and "R1 (P0): Add things." in prompt
    assert "x = 1" not in prompt


async def test_a_wrong_test_may_be_mended_but_not_removed() -> None:
    gone = fence("tests/test_store.py", "def test_r1_other():\n    assert vars() == {}\n")
    kept = fence("tests/test_store.py", "def test_r1_adds():\n    assert vars() == {}\n")
    desk = Desk(gone, kept)
    engineer = Engineer(desk("engineer", "fix_files"))
    fixed = await engineer.fix_files(failed(), [STORE], [TESTS], [task()])
    assert [(type(f), f.content) for f in fixed] == [
        (TestFile, "def test_r1_adds():\n    assert vars() == {}\n")
    ]
    assert "tests test_r1_adds are gone" in desk.asked[1].rejected_replies[0][1]


def test_a_reply_can_change_only_files_that_are_there() -> None:
    with pytest.raises(ReplyError, match=r"There is no file shop/new\.py"):
        fixed_files(fence("shop/new.py", "x = 1\n"), [STORE], [TESTS])
    with pytest.raises(ReplyError, match="contains no file"):
        fixed_files("All is well.", [STORE], [TESTS])


async def test_who_mends_is_told_every_promise_once() -> None:
    desk = Desk(fence("shop/store.py", "x = 1\n"))
    details = {"conventions": ["Prices are in cents."], "offers": []}
    tasks = [
        task(**details),
        task(**details, path="shop/cli.py", tests="tests/test_cli.py", screen="$ shop"),
    ]
    report = TestsFailed(
        outcomes=[
            TestOutcome(test=f"tests/test_{n}.py::test_r1", outcome="failed", message="E no")
            for n in ("store", "cli")
        ],
        environment="",
    )
    await Engineer(desk("engineer", "fix_files")).fix_files(
        report,
        [SourceFile(path="shop/store.py", content="x = 2\n")],
        [
            TestFile(path=f"tests/test_{n}.py", content="def test_r1(): ...\n")
            for n in ("store", "cli")
        ],
        tasks,
    )
    prompt = desk.asked[0].prompt
    for text in ("Prices are in cents.", "- R1 (P0): Add things.", "E no", "$ shop"):
        assert prompt.count(text) == 1, text
    assert "tests/test_store.py::test_r1, tests/test_cli.py::test_r1: failed" in prompt


async def test_a_mended_test_is_checked_like_a_new_one() -> None:
    known = task(offers=[])
    broken = "import numpy\n\n\ndef test_r1_it():\n    assert vars() == {}\n"
    desk = Desk(fence(known.tests, broken), fence(known.tests, broken))
    context = desk("engineer", "fix_files")
    old = TestFile(path=known.tests, content="def test_r1_it():\n    assert False\n")
    report = TestsFailed(outcomes=[], environment="", output="It broke.")
    await Engineer(context).fix_files(report, [], [old], [known])
    assert context.findings == ["It imports numpy, which is not among the packages of the project."]
