"""What documents accept, mend and refuse: small models write them, and later roles rely on them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from metaco.core.document import Document
from metaco.roles.documents import (
    PRD,
    Class,
    FilePlan,
    PlannedFile,
    SourceFile,
    SystemDesign,
    TaskPlan,
)
from metaco.roles.documents.fields import package_name
from metaco.roles.documents.notation import attribute, brief, distributions, signature
from tests.roles import example


def changed(document: Document, **fields: Any) -> Document:
    """Validate `document` again with other fields."""
    return type(document).model_validate(document.model_dump(mode="json") | fields)


# ------------------------------------------------------------------ notation


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("add(self, title: str) -> Task", "add(self, title: str) -> Task"),
        ("def add(self, title: str) -> Task:", "add(self, title: str) -> Task"),
        ("def add(self,title:str=''): ...", "add(self, title: str = '')"),
        ("`main(argv: list[str]|None=None)->int`", "main(argv: list[str] | None = None) -> int"),
        ("- main(argv: list[str]|None=None)->int", "main(argv: list[str] | None = None) -> int"),
        ("+close(): pass", "close()"),
        ("Ledger.add(self)", "add(self)"),
        ("@staticmethod\ndef of(x: int) -> Money:", "of(x: int) -> Money"),
        ("@overload(1) @x.y def f(x) -> int", "f(x) -> int"),
        ("async def get(url: str) -> bytes:", "get(url: str) -> Awaitable[bytes]"),
        ("async stop(self)", "stop(self) -> Awaitable[None]"),
        ("async def lines(self) -> AsyncIterator[str]", "lines(self) -> AsyncIterator[str]"),
        ("f(a, /, b=1, *args: int, c: int = 2, d, **kw)",) * 2,
        ("f(a, *, b) -> 'X'", "f(a, *, b) -> 'X'"),
        ("f(x) -> dict[str, int]:  # what it does", "f(x) -> dict[str, int]"),
    ],
)
def test_signatures_are_brought_into_one_form(text: str, short: str) -> None:
    assert signature(text) == short
    assert signature(short) == short


@pytest.mark.parametrize(
    "text",
    [
        "",
        "add",
        "add(...)",
        "f(): x = 1",
        "f(): pass\nimport os",
        "class X",
        "f(x) -> ",
        "f(" * 300,
    ],
)
def test_what_is_no_signature_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no signature; write it with all parameters"):
        signature(text)


def test_a_diagram_shows_neither_self_nor_defaults() -> None:
    assert (
        brief("add(self, a: int, /, b: str = ')', *c, d=1) -> X")
        == "add(a: int, /, b: str, *c, d) -> X"
    )
    assert brief("of(cls)") == "of()"
    assert brief("of(self, /, *, x=1)") == "of(*, x)"


def test_a_property_belongs_to_the_attributes() -> None:
    with pytest.raises(ValueError, match="is a property; list it under attributes"):
        signature("@property\ndef total(self) -> int")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("title: str", "title: str"),
        ("done: bool=False", "done: bool = False"),
        ("- `self.items: list[Task] = []`,", "items: list[Task] = []"),
        ("OPEN = 'open'", "OPEN = 'open'"),
        ("due: date | None  # the day", "due: date | None"),
    ],
)
def test_attributes_are_brought_into_one_form(text: str, plain: str) -> None:
    assert attribute(text) == plain
    assert attribute(plain) == plain


@pytest.mark.parametrize("text", ["", "title", "title (str): the title", "a: int; b: int", "f()"])
def test_what_is_no_attribute_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no attribute; write it as `title: str`"):
        attribute(text)


@given(st.text(max_size=60))
def test_any_text_is_either_mended_for_good_or_refused(text: str) -> None:
    for read in (signature, attribute):
        try:
            plain = read(text)
        except ValueError:
            continue
        assert read(plain) == plain
        assert "\n" not in plain


def test_packages_are_those_that_pip_installs() -> None:
    texts = ["requests >= 2.31", "sqlite3", "None", "pytest", "`rich`", "Rich", "a[b,c]>=1,<2"]
    assert distributions(texts) == ["requests>=2.31", "rich", "a[b,c]>=1,<2"]


@pytest.mark.parametrize(
    "text",
    ["requests 2.31", "requests (for http)", "git+https://x/y", "a @ https://x", "x ^2", '"'],
)
def test_what_pip_does_not_install_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no package as pip installs it"):
        distributions([text])


# ------------------------------------------------------------------ PRD


@pytest.mark.parametrize(
    ("text", "name"), [("todo", "todo"), ("Expense Tracker", "expense_tracker"), ("a-b", "a_b")]
)
def test_project_names_become_package_names(text: str, name: str) -> None:
    assert package_name(text) == name


@pytest.mark.parametrize("text", ["", "1x", "класс", "class", "a.b", "x" * 41, "../x", "_x"])
def test_project_names_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="must be a Python package name"):
        package_name(text)


@pytest.mark.parametrize("text", ["calendar", "json", "Statistics", "tests", "docs"])
def test_a_project_must_not_hide_a_module(text: str) -> None:
    with pytest.raises(ValueError, match="would hide a module of that name"):
        package_name(text)


def test_requirement_ids_are_mended_and_unique() -> None:
    items = [item.model_dump() for item in example.PRD_.requirements]
    items[0]["id"], items[1]["id"] = "r1", "R2: wrong input"
    prd = changed(example.PRD_, requirements=items)
    assert isinstance(prd, PRD)
    assert [item.id for item in prd.requirements] == ["R1", "R2", "R3", "R4", "R5"]
    items[1]["id"] = "R1"
    with pytest.raises(ValidationError, match="R1 stands for more than one requirement"):
        changed(example.PRD_, requirements=items)
    items[1]["id"] = "second"
    with pytest.raises(ValidationError, match="should match pattern"):
        changed(example.PRD_, requirements=items)


# ------------------------------------------------------------------ design


def test_harmless_slips_in_a_design_are_mended() -> None:
    file = FilePlan(path="./todo//store.py", purpose="keeps\n  tasks", requirements=["r1"])
    assert (file.path, file.purpose, file.requirements) == ("todo/store.py", "keeps tasks", ["R1"])
    cls = Class(
        name="class Store(Base):", file="todo/store.py", purpose="", attributes=[], methods=[]
    )
    assert cls.name == "Store"


def test_a_design_survives_its_json() -> None:
    text = example.DESIGN.artifacts()["docs/design.json"]
    assert SystemDesign.model_validate_json(text) == example.DESIGN


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("tests/test_x.py", r"tests/test_x\.py lies outside the package; .* stand in expenses/"),
        ("expenses_x/a.py", "lies outside the package"),
        ("expenses/model.py", "is there twice"),
    ],
)
def test_files_that_cannot_be_in_a_design(file: str, why: str) -> None:
    files = [f.model_dump() for f in example.DESIGN.files]
    with pytest.raises(ValidationError, match=why):
        changed(example.DESIGN, files=[*files, {"path": file, "purpose": "x", "requirements": []}])


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("/etc/x.py", "is not relative"),
        ("../x.py", "leaves its folder"),
        ("expenses/Model.py", "are one file where case does not count"),
        ("expenses/model.py/x.txt", "needs it to be a folder"),
        ("expenses/.secret/x.txt", "hidden folder"),
        (".metaco/manifest.json", "metaco's own"),
        ("metaco.toml", "metaco's own"),
        ("docs/prd.md", "is written by others"),
        ("Docs/PRD.md", "is written by others"),
        ("pyproject.toml", "is written by others"),
    ],
)
def test_a_path_that_nobody_may_write_costs_its_file(file: str, why: str) -> None:
    """The design says so, for its author and in the delivery."""
    design = example.DESIGN.model_dump()
    design["files"] += [{"path": file, "purpose": "x", "requirements": []}]
    design["classes"] += [example.DESIGN.classes[0].model_dump() | {"file": file}]
    found = SystemDesign.model_validate(design)
    assert found.files == example.DESIGN.files
    assert found.classes == example.DESIGN.classes
    assert found.open_questions[:-1] == example.DESIGN.open_questions
    assert found.open_questions[-1].startswith("Left out: ")
    assert why in found.open_questions[-1]
    assert SystemDesign.model_validate_json(found.model_dump_json()) == found


def test_data_may_lie_beside_the_code() -> None:
    files = [f.model_dump() for f in example.DESIGN.files]
    data = {"path": "expenses/data/words.txt", "purpose": "words", "requirements": []}
    assert changed(example.DESIGN, files=[*files, data])


def test_classes_and_functions_stand_in_files_of_the_design() -> None:
    with pytest.raises(ValidationError, match=r"Ledger is in expenses/ledger\.py, which is not"):
        changed(
            example.DESIGN,
            files=[f.model_dump() for f in example.DESIGN.files if "ledger" not in f.path],
        )
    functions = [example.DESIGN.functions[0].model_dump() | {"file": "expenses/none.py"}]
    with pytest.raises(ValidationError, match=r"parse_amount is in expenses/none\.py"):
        changed(example.DESIGN, functions=functions)


# ------------------------------------------------------------------ task plan


def plan(**graph: list[str]) -> TaskPlan:
    return TaskPlan(
        package="todo",
        packages=[],
        conventions=[],
        files=[
            PlannedFile(path=f"todo/{name}.py", depends_on=[f"todo/{d}.py" for d in depends])
            for name, depends in graph.items()
        ],
    )


def test_stages_follow_the_dependencies() -> None:
    stages = plan(d=["b", "c"], c=["a"], b=["a", "__init__"], a=[]).stages()
    assert [[file.path[5] for file in stage] for stage in stages] == [["a"], ["c", "b"], ["d"]]


def test_a_circle_is_named() -> None:
    with pytest.raises(
        ValidationError, match=r"in a circle: (todo/(a|b|c)\.py -> ){3}todo/(a|b|c)\.py"
    ):
        plan(a=["b"], b=["c"], c=["a"], d=["a"])
    with pytest.raises(ValidationError, match=r"todo/a\.py depends on itself"):
        plan(a=["a"])


def test_dependencies_are_planned() -> None:
    with pytest.raises(ValidationError, match=r"todo/a\.py depends on todo/b\.py, which is not"):
        plan(a=["b"])


def test_what_is_written_has_a_safe_path() -> None:
    assert SourceFile(path="./a//b.py", content="").key == "a/b.py"
    with pytest.raises(ValidationError, match="belongs to git"):
        SourceFile(path=".git/config", content="")


def test_errors_can_be_sent_back_to_a_model() -> None:
    """Each says where it is and what to do; none holds a link or a traceback."""
    with pytest.raises(ValidationError) as found:
        changed(
            example.DESIGN, classes=[example.DESIGN.classes[0].model_dump() | {"methods": ["x"]}]
        )
    (error,) = found.value.errors()
    assert error["loc"] == ("classes", 0, "methods", 0)
    assert error["msg"].endswith(
        "write it with all parameters, as `add(self, title: str) -> Task`."
    )
