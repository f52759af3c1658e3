"""Pages: what a person reads of the documents, whatever a model wrote into them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from metaco.core.document import Document
from metaco.core.paths import safe_path
from metaco.render.markdown import cell, code, fence, line, links, prose
from metaco.roles.documents import PRD, SourceFile, SystemDesign, TaskPlan, TestsFailed
from metaco.roles.documents.program import packaging
from tests.roles import example

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
DOCUMENTS: list[Document] = [
    *[example.PRD_, example.DESIGN, example.PLAN, example.PASSED, example.FAILED],
    *[example.delivery(), example.delivery(example.FAILED)],
]
HOSTILE = [
    *["a | b", "`a | b`", "`a\\|b`", "a\\", "\\|", "# not a heading", "- not a list", "1. not one"],
    *["> quote", "line\n\nbreak\r\n", "```\nfence", "~~~", "<script>alert(1)</script>", "<!-- x"],
    *[
        "[link](javascript:x)",
        "![image](http://example.org/x.png)",
        "<http://example.org>",
        "**b**",
    ],
    *["__init__", "_x_", "`", "``", "` `", "&lt;", "&amp;", "\t", "\x1b[31mred", "\u202e", "---"],
    *[
        "===",
        "| a | b |\n|---|---|",
        "{{ x }}",
        "{% raw %}",
        "</details>",
        "$x$",
        "日本語",
        "",
        " ",
    ],
    *["    indented", "[x]: http://example.org", "- [ ] task", "+ plus", "\\# x", "~~gone~~"],
]
hostile = st.one_of(
    st.lists(st.sampled_from(HOSTILE), max_size=3).map(" ".join),
    st.lists(st.sampled_from(HOSTILE), max_size=3).map("".join),
    st.text(max_size=20),
)


def tokens(text: str) -> Iterator[Token]:
    for token in MARKDOWN.parse(text):
        yield token
        yield from token.children or []


def headings(text: str) -> list[str]:
    parsed = MARKDOWN.parse(text)
    return [parsed[n + 1].content for n, t in enumerate(parsed) if t.type == "heading_open"]


def tables(text: str) -> list[list[int]]:
    """Return how many cells each row of each table has."""
    found: list[list[int]] = []
    for token in MARKDOWN.parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append(0)
        elif token.type in ("td_open", "th_open"):
            found[-1][-1] += 1
    return found


def read(text: str) -> str:
    """Return what a reader sees of `text`, without white space."""
    seen = [t.content for t in tokens(text) if t.type in ("text", "code_inline", "fence")]
    return "".join("".join(seen).split())


# ------------------------------------------------------------------ the filters


@given(hostile)
def test_a_line_reads_as_it_was_written(text: str) -> None:
    page = line(text)
    kinds = {token.type for token in tokens(page)}
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text", "code_inline"}
    if "`" not in text and "\x1b" not in text:
        assert read(page) == "".join(
            re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", text).split()
        )


@given(hostile, hostile)
def test_a_cell_stays_one_cell(one: str, two: str) -> None:
    page = f"| a | b |\n|---|---|\n| {cell(one)} | {cell(two)} |\n| {cell(two)} | {cell(one)} |"
    assert tables(page) == [[2, 2, 2]]
    kinds = {t.type for t in tokens(page) if t.type not in ("text", "code_inline", "inline")}
    assert all(re.match(r"(table|thead|tbody|tr|th|td)_|html_inline", kind) for kind in kinds)
    inline = [t.content for t in tokens(page) if t.type == "html_inline"]
    assert set(inline) <= {"<code>", "</code>"}


@given(hostile)
def test_prose_has_no_headings_links_or_html(text: str) -> None:
    kinds = {token.type for token in tokens(prose(text))}
    assert not {kind for kind in kinds if re.match("heading|link|image|html|table|hr|block", kind)}


@given(hostile)
def test_a_fence_holds_all_of_the_text(text: str) -> None:
    parsed = MARKDOWN.parse(fence(text, "text"))
    assert [token.type for token in parsed] == ["fence"]


def test_prose_keeps_paragraphs_lists_and_code() -> None:
    text = (
        "# Plan\nfirst\n\n* one\n* two `__x__`\n\n1) do\n2) it\n\n```python\nx = 1 | 2\n```\nlast"
    )
    assert prose(text) == (
        "**Plan**\n\nfirst\n\n- one\n- two `__x__`\n\n1. do\n2. it\n\n"
        "```python\nx = 1 | 2\n```\n\nlast"
    )


def test_names_and_ids() -> None:
    assert code("a`b\nc") == "`a'b c`"
    assert code("") == ""
    assert links(["R1", "R12"], "prd.md") == "[R1](prd.md#r1), [R12](prd.md#r12)"


# ------------------------------------------------------------------ the pages


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
    for number, place in enumerate(places):
        holder = plain
        for name in place[:-1]:
            holder = holder[name]
        holder[place[-1]] = texts[number % len(texts)]
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
    bare = {"classes": [], "functions": [], "relations": [], "flow": [], "run": []}
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
    assert "**No test counts.**" in none.artifacts()["docs/tests.md"]
    assert "no module named y" in none.artifacts()["docs/tests.md"]


@pytest.mark.parametrize("outcomes", [example.PASSED.outcomes, []])
async def test_a_run_that_went_wrong_is_no_delivery(outcomes: list[Any]) -> None:
    why = "The tests ended with exit code 1, which is not what they said."
    report = TestsFailed(outcomes=outcomes, environment="x", output=f"{why}\n.... 1 passed")
    assert report.proofs() == []
    delivery = example.delivery(report)
    assert not delivery.accepted()
    assert f"No test counts: {why}" in delivery.not_done
    readme = delivery.artifacts()["README.md"]
    for item in delivery.coverage:
        assert f"- {item.id} ({item.priority}) is untested: " in readme


def test_the_delivery_says_whether_it_is_done() -> None:
    done = example.delivery().artifacts()["docs/delivery.md"]
    assert "✅ **Done.** Every requirement that must be met is met, and all 20 tests pass." in done
    assert "Every requirement above is met." in done
    not_done = example.delivery(example.FAILED).artifacts()["docs/delivery.md"]
    assert "❌ **Not done.** 2 of 3 requirements that must be met are met; 19 of 20" in not_done
    assert "❌ failed | 4 |" in not_done
    assert "Every requirement above is met." not in not_done


# ------------------------------------------------------------------ the project


def write(root: Path, *documents: Document) -> None:
    for document in documents:
        for path, text in document.artifacts().items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


def outcomes(root: Path) -> dict[str, str]:
    """Run the tests of the project and return what each said."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "-p", "no:cacheprovider"],
        cwd=root,
        capture_output=True,
        text=True,
    )
    lines = re.findall(r"^(PASSED|FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return {test: outcome.lower() for outcome, test in lines}


def test_the_example_is_what_it_says(tmp_path: Path) -> None:
    write(tmp_path, example.PRD_, example.DESIGN, example.PLAN, *example.SOURCES, *example.TESTS)
    assert outcomes(tmp_path) == {o.test: o.outcome for o in example.PASSED.outcomes}
    write(tmp_path, example.BROKEN)
    assert outcomes(tmp_path) == {o.test: o.outcome for o in example.FAILED.outcomes}


def test_the_commands_of_the_readme_work(tmp_path: Path) -> None:
    write(tmp_path, example.DESIGN, example.PLAN, *example.SOURCES)
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    block = next(t.content for t in tokens(readme) if "expenses add" in t.content)
    for command in block.splitlines():
        command = command.replace("python", f'"{sys.executable}"', 1)
        done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_project_can_be_built_with_its_data(tmp_path: Path) -> None:
    data = SourceFile(path="expenses/data/categories.json", content="[]\n")
    write(tmp_path, example.DESIGN, example.PLAN, *example.SOURCES, data)
    about = tomllib.loads((tmp_path / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (about["name"], about["version"], about["dependencies"]) == ("expenses", "0.1.0", [])
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"expenses/__init__.py", "expenses/cli.py", "expenses/data/categories.json"} < set(names)
    assert not [name for name in names if name.startswith(("tests", "docs"))]


def test_dependencies_are_those_of_the_plan() -> None:
    files = packaging("todo", ["rich>=13", "requests[socks]"])
    assert tomllib.loads(files["pyproject.toml"])["project"]["dependencies"] == [
        "rich>=13",
        "requests[socks]",
    ]
    assert compile(files["todo/__init__.py"], "x", "exec").co_consts


def test_pages_do_not_load_jinja_before_they_are_made() -> None:
    program = "import sys, metaco.roles.release_manager; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0
