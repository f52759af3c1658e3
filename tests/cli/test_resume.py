"""`metaco resume`: decisions from the command line, changes, and which run is meant."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from .conftest import CREW, GATED, Metaco

PAGE = Path("workspace/page/docs/page.md")


@pytest.fixture
def waiting(metaco: Metaco) -> str:
    """A run that waits for an approval of its page."""
    assert metaco("a page about tea", "--sop", GATED, "-q").code == 6
    return metaco("runs", "--json").out.split('"run": "')[1].split('"')[0]


def test_approve(metaco: Metaco, waiting: str) -> None:
    result = metaco("resume", waiting, "--approve", "Crew.write_page")
    assert result.code == 0
    assert f"Resuming {waiting}; 1 turn is in the log already." in result.err
    assert "Crew.write_page  approved" in result.err
    assert "• Crew.write_page" not in result.err  # old news
    assert "about tea" in PAGE.read_text()


def test_feedback_has_it_done_again_and_waits_again(metaco: Metaco, waiting: str) -> None:
    result = metaco("resume", "--feedback", "Page", "with lemon")
    assert result.code == 6
    assert "Again, with: with lemon" in result.err
    assert "with lemon" in metaco("show", "--prompts").out
    assert metaco("resume", "--approve", "page").code == 0


def test_edit(metaco: Metaco, waiting: str) -> None:
    Path("page.json").write_text(json.dumps({"title": "Mine", "lines": ["coffee"]}))
    assert metaco("resume", "--edit", "write_page", "page.json").code == 0
    assert PAGE.read_text() == "# Mine\n\ncoffee\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{", "not JSON"), ('{"title": 1, "lines": []}', "Page.title"), ("[]", "no document")],
)
def test_an_edit_that_is_no_such_document(
    metaco: Metaco, waiting: str, text: str, expected: str
) -> None:
    Path("page.json").write_text(text)
    result = metaco("resume", "--edit", "write_page", "page.json")
    assert result.code == 3
    assert expected in result.err
    assert metaco("resume").code == 6  # it still waits


def test_stop(metaco: Metaco, waiting: str) -> None:
    result = metaco("resume", "--stop", "write_page")
    assert result.code == 1
    assert "Stopped" in result.out
    assert "stopped" in metaco("runs").out
    assert "All runs are finished" in metaco("resume").err
    assert metaco("resume", waiting, "--approve", "write_page").code == 0  # taken back


def test_resume_without_a_decision_waits_on(metaco: Metaco, waiting: str) -> None:
    assert metaco("resume").code == 6
    assert metaco("resume", "--yes").code == 0


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["--approve", "write_paeg"], 3, "Did you mean write_page?"),
        (["--approve", "hand_over"], 3, "No document of Crew.hand_over is waiting"),
        (["--feedback", "write_page", " "], 2, "empty"),
        (["--approve", "write_page", "--stop", "write_page"], 2, "two decisions"),
        (["--edit", "write_page", "missing.json"], 2, "missing.json"),
        (["--change", " "], 2, "change is empty"),
        (["--requirement", ""], 2, "requirement is empty"),
        (["--change", "x", "--requirement", "y"], 2, "both a change and a requirement"),
    ],
)
def test_decisions_that_cannot_be(
    metaco: Metaco, waiting: str, words: list[str], code: int, expected: str
) -> None:
    result = metaco("resume", *words)
    assert result.code == code
    assert expected in result.err
    assert metaco("show", "--json").out.count('"waiting": [{"step": "Crew.write_page"') == 1


def test_a_change_is_added_to_the_words_so_far(metaco: Metaco) -> None:
    assert metaco("a page about tea", "--sop", CREW, "-q").code == 0
    for n, change in enumerate(("also about coffee", "and in green")):
        result = metaco("resume", "--change", change)
        assert result.code == 0
        assert f"Change: {change}\n" in result.err
        wishes = ["a page about tea", "also about coffee", "and in green"][: n + 2]
        assert "\n\n".join(wishes) in PAGE.read_text()
    assert not Path("workspace/page_2").exists()


def test_a_requirement_replaces_the_words_so_far(metaco: Metaco) -> None:
    assert metaco("a page about tea", "--sop", CREW, "-q").code == 0
    result = metaco("resume", "--requirement", "a page about coffee")
    assert result.code == 0
    assert "about coffee" in PAGE.read_text()
    assert "tea" not in PAGE.read_text()


def test_which_run_is_meant(metaco: Metaco) -> None:
    for _ in range(2):
        assert metaco("a page", "--sop", GATED, "-q").code == 6
    first, second = (json.loads(text)["run"] for text in metaco("runs", "--json").out.splitlines())
    result = metaco("show", "2")
    assert result.code == 2
    assert first in result.err
    assert second in result.err
    assert second in metaco("show").out
    assert second in metaco("show", "last").out
    assert first in metaco("show", first[:-1]).out or first[:-1] == second[:-1]
    assert "no run 'x'" in metaco("show", "x").err
    assert metaco("resume", "--approve", "Page").code == 0  # the newest that is not finished
    assert metaco("resume", "--approve", "Page").code == 0  # then the other one
    assert metaco("resume").code == 2


def test_the_sop_is_found_from_another_folder(
    metaco: Metaco, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = str(Path("workspace").absolute())
    monkeypatch.chdir("/")
    assert metaco("resume", "--workspace", workspace, "--yes").code == 0


def test_a_changed_sop_is_said(metaco: Metaco) -> None:
    text = Path(GATED).read_text()
    Path("mine.yaml").write_text(text)
    shutil.copytree(Path(GATED).parent / "crew_for_cli", "crew_for_cli")
    assert metaco("a page", "--sop", "mine.yaml", "-q").code == 6
    Path("mine.yaml").write_text(text.replace("approves", "reads"))
    assert "has changed" in metaco("resume").err
    Path("mine.yaml").unlink()
    assert metaco("resume").code == 3
    assert metaco("resume", "--sop", GATED, "--yes").code == 0
