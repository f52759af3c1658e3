"""What is kept of what a run of the tests prints."""

from __future__ import annotations

from metaco.roles.qa_engineer.run import _plain


def test_marks_below_a_line_of_code_are_left_out() -> None:
    traceback = (
        "t.py:3: in f\n    g(x)\n    ^^^^\nm.py:9: in g\n    a = b + 1\n        ~~^~~\nE   no"
    )
    assert _plain(traceback) == "t.py:3: in f\n    g(x)\nm.py:9: in g\n    a = b + 1\nE   no"
