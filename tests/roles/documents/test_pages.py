"""Pages: what a person reads of the documents, whatever a model wrote into them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hostile_markdown import headings, hostile, tables, tokens
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metaco.core.document import Document
from metaco.core.paths import safe_path
from metaco.roles.documents import PRD, SystemDesign, TaskPlan, TestsFailed
from tests.roles import example

DOCUMENTS: list[Document] = [
    *[example.PRD_, example.DESIGN, example.PLAN, example.PASSED, example.FAILED],
    *[example.delivery(), example.delivery(example.FAILED)],
]


def strings(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where prose stands in the plain form of a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in items:
        if isinstance(inner, dict | list):
            yield from strings(inner, (*path, name))
        elif isinstance(inner, str):
            yield (*path, name)


PROSE = {
    *["summary", "text", "purpose", "approach", "ui_draft", "label", "caller", "callee", "call"],
    *["returns", "notes", "message", "output", "low", "high", "test"],
    *["goals", "user_stories", "strengths", "weaknesses", "acceptance", "open_questions"],
    *["conventions", "run", "not_done", "remarks"],
}


def with_texts(document: Document, texts: list[str]) -> Document:
    """Return `document` with hostile texts wherever a model may write what it likes."""
    plain = document.model_dump(mode="json")
    places = [p for p in strings(plain) if [n for n in p if isinstance(n, str)][-1] in PROSE]
    for number, path in enumerate(places):
        holder = plain
        for name in path[:-1]:
            holder = holder[name]
        holder[path[-1]] = texts[number % len(texts)]
    return type(document).model_validate(plain)


@given(st.lists(hostile, min_size=5, max_size=11))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_text_breaks_a_page(texts: list[str]) -> None:
    for document in DOCUMENTS:
        changed = with_texts(document, texts)
        assert type(document).model_validate_json(changed.model_dump_json()) == changed
        for path, text in changed.artifacts().items():
            if not path.endswith(".md"):
                continue
            kinds = {t.type for t in tokens(text)}
            assert "html_block" not in kinds
            assert "image" not in kinds
            targets = {str(t.attrs["href"]) for t in tokens(text) if t.type == "link_open"}
            assert all(
                re.fullmatch(r"((docs/)?\w+\.md)?(#r\d+|#not-done)?", one) for one in targets
            ), targets
            assert all(len(set(rows)) == 1 for rows in tables(text))
            plain = document.artifacts()[path]
            if isinstance(document, PRD | SystemDesign | TaskPlan) and path != "README.md":
                assert set(headings(text)) <= set(headings(plain)) | {"What a user sees"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: type(d).__name__)
def test_artifacts_are_safe_files_that_end_with_a_line(document: Document) -> None:
    artifacts = document.artifacts()
    assert artifacts
    for path, text in artifacts.items():
        assert safe_path(path) == path
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        assert "{{" not in text
        if path.endswith(".json"):
            assert type(document).model_validate_json(text) == document
            assert json.loads(text) == document.model_dump(mode="json")
        if path.endswith(".mmd"):
            page = next(t for p, t in artifacts.items() if p.endswith(".md") and text.rstrip() in t)
            assert f"```mermaid\n{text}```" in page


def test_what_each_document_puts_into_the_project() -> None:
    assert {type(d).__name__: sorted(d.artifacts()) for d in DOCUMENTS} == {
        "PRD": ["docs/competition.mmd", "docs/prd.json", "docs/prd.md"],
        "SystemDesign": [
            *[".gitignore", "README.md", "docs/classes.mmd", "docs/design.json", "docs/design.md"],
            "docs/flow.mmd",
        ],
        "TaskPlan": [
            *["docs/tasks.json", "docs/tasks.md", "docs/tasks.mmd", "expenses/__init__.py"],
            "pyproject.toml",
        ],
        "TestsPassed": ["docs/tests.json", "docs/tests.md"],
        "TestsFailed": ["docs/tests.json", "docs/tests.md"],
        "Delivery": ["README.md", "docs/delivery.json", "docs/delivery.md"],
    }


def test_requirement_ids_lead_to_their_criteria() -> None:
    prd = example.PRD_.artifacts()["docs/prd.md"]
    anchors = {heading.lower() for heading in headings(prd)}
    for document in DOCUMENTS:
        for path, text in document.artifacts().items():
            if path.startswith("docs/") and path.endswith(".md"):
                used = re.findall(r"\((?:prd\.md)?#(\w+)\)", text)
                assert set(used) <= anchors
                assert used or path == "docs/tasks.md"


def test_the_prd_in_other_languages_is_kept_as_it_is() -> None:
    prd = example.PRD_.model_copy(update={"summary": "記録する家計簿。", "language": "ja"})
    assert "記録する家計簿。" in prd.artifacts()["docs/prd.md"]
    assert "記録する家計簿。" in prd.artifacts()["docs/prd.json"]


def test_a_sketch_is_shown_as_it_was_drawn_and_a_sentence_as_prose() -> None:
    def shown(sketch: str) -> str:
        page = example.PRD_.model_copy(update={"ui_draft": sketch}).artifacts()["docs/prd.md"]
        return page.partition("## What a user sees\n\n")[2].partition("\n\n## ")[0]

    assert shown("$ a\n  b\n") == "```text\n$ a\n  b\n```"
    assert shown("One types `a`.") == "One types `a`."
    assert shown("Like this:\n```\n$ a\n```") == "Like this:\n\n```\n$ a\n```"
    assert shown(" ") == ""


def test_a_design_without_classes_has_no_class_diagram() -> None:
    bare: dict[str, list[str]] = {
        "classes": [],
        "functions": [],
        "relations": [],
        "flow": [],
        "run": [],
    }
    artifacts = example.DESIGN.model_copy(update=bare).artifacts()
    assert "docs/classes.mmd" not in artifacts
    assert "docs/flow.mmd" not in artifacts
    assert headings(artifacts["docs/design.md"]) == ["Expenses: design", "Files"]


def test_stubs_in_the_design_are_python() -> None:
    text = example.DESIGN.artifacts()["docs/design.md"]
    stubs = [t.content for t in tokens(text) if t.type == "fence" and t.info == "python"]
    assert len(stubs) == 4
    for stub in stubs:
        compile(stub, "stub", "exec")


def test_the_readme_speaks_of_what_is_there() -> None:
    readme = example.DESIGN.artifacts()["README.md"]
    assert readme.count("python -m expenses --help\n") == 1
    files = [file for file in example.DESIGN.files if not file.path.endswith("__main__.py")]
    library = example.DESIGN.model_copy(update={"files": files, "run": []}).artifacts()["README.md"]
    assert "## Run" not in library
    assert "--help" not in library
    needs = example.DESIGN.model_copy(update={"packages": ["rich>=13"]}).artifacts()["README.md"]
    assert "nothing else" in readme
    assert "nothing else" not in needs


def test_the_test_report_tells_what_failed() -> None:
    passed = example.PASSED.artifacts()["docs/tests.md"]
    failed = example.FAILED.artifacts()["docs/tests.md"]
    assert "✅ **All 20 tests pass.**" in passed
    assert "Failures" not in headings(passed)
    assert "❌ **19 of 20 tests pass.**" in failed
    assert "Decimal('149.30')" in failed
    assert "| ❌ failed | `test_r3_sums_a_month_by_category_largest_first` |" in failed
    stopped = TestsFailed(outcomes=example.PASSED.outcomes, environment="x", output="stopped")
    assert "✅ **" not in stopped.artifacts()["docs/tests.md"]
    none = TestsFailed(outcomes=[], environment="x", output="no module named y")
    assert "**The test run is invalid.**" in none.artifacts()["docs/tests.md"]
    assert "no module named y" in none.artifacts()["docs/tests.md"]


@pytest.mark.parametrize("outcomes", [example.PASSED.outcomes, []])
async def test_a_run_that_went_wrong_is_no_delivery(outcomes: list[Any]) -> None:
    why = "The tests ended with exit code 1, which is not what they said."
    report = TestsFailed(outcomes=outcomes, environment="x", output=f"{why}\n.... 1 passed")
    assert report.evidence() == []
    delivery = example.delivery(report)
    assert not delivery.accepted()
    assert f"The test run is invalid: {why}" in delivery.not_done
    readme = delivery.artifacts()["README.md"]
    for item in delivery.coverage:
        assert f"- {item.id} ({item.priority}) is untested: " in readme


def test_the_delivery_says_whether_it_is_done() -> None:
    passed, failed = example.delivery().artifacts(), example.delivery(example.FAILED).artifacts()
    assert "**Done.** All P0 requirements are met; 20 tests pass." in passed["README.md"]
    done, not_done = passed["docs/delivery.md"], failed["docs/delivery.md"]
    assert "✅ **Done.** Every requirement that must be met is met, and all 20 tests pass." in done
    assert "Every requirement above is met." in done
    unmet = "❌ **Not accepted.** 2 of 3 requirements that must be met are met"
    assert f"{unmet}; 19 of 20" in not_done
    assert "**Not accepted.** See" in failed["README.md"]
    assert "❌ failed | 4 |" in not_done
    assert "Every requirement above is met." not in not_done


def test_pages_do_not_load_jinja_before_they_are_made() -> None:
    program = "import sys, metaco.roles.release_manager; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
