"""What a design accepts, corrects and refuses, and the interfaces it gives to others."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from metaco.roles.documents import (
    Class,
    FilePlan,
    Function,
    Relation,
    SystemDesign,
)
from tests.roles import example
from tests.roles.example import changed

POINT = Class(
    name="Point",
    file="map/shapes.py",
    purpose="A place.",
    attributes=["name: str = ''", "x: int", "tags: list[str] = []"],
    methods=["move(self, by: int) -> None  # ValueError if it leaves the map"],
)


def design(*classes: Class, relations: list[Relation] | None = None) -> SystemDesign:
    paths = ["map/shapes.py", "map/cli.py"]
    return SystemDesign(
        package="map",
        approach="Plain.",
        packages=[],
        files=[FilePlan(path=p, purpose="Its part.", requirements=["R1"]) for p in paths],
        classes=list(classes),
        functions=[
            Function(
                file="map/cli.py",
                signature="main(argv: list[str] | None = None) -> int",
                purpose="Runs it with a Point and a Line.",
            )
        ],
        relations=relations or [],
        flow=[],
        run=[],
        open_questions=[],
    )


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
        ("tests/test_x.py", r"tests/test_x\.py is outside the package; .* belong in expenses/"),
        ("expenses_x/a.py", "is outside the package"),
        ("expenses/model.py", "appears twice"),
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
        ("expenses/Model.py", "are the same file on case-insensitive systems"),
        ("expenses/model.py/x.txt", "requires it to be a folder"),
        ("expenses/.secret/x.txt", "hidden folder"),
        (".metaco/manifest.json", "metaco's own"),
        ("metaco.toml", "metaco's own"),
        ("docs/prd.md", "is written by other members"),
        ("Docs/PRD.md", "is written by other members"),
        ("pyproject.toml", "is written by other members"),
    ],
)
def test_a_path_that_nobody_may_write_costs_its_file(file: str, why: str) -> None:
    """The design says so, for its author and in the delivery."""
    design = example.DESIGN.model_dump()
    design["files"] += [{"path": file, "purpose": "x", "requirements": []}]
    design["classes"] += [example.DESIGN.classes[0].model_dump() | {"file": file}]
    checked = SystemDesign.model_validate(design)
    assert checked.files == example.DESIGN.files
    assert checked.classes == example.DESIGN.classes
    assert checked.open_questions[:-1] == example.DESIGN.open_questions
    assert checked.open_questions[-1].startswith("Left out: ")
    assert why in checked.open_questions[-1]
    assert SystemDesign.model_validate_json(checked.model_dump_json()) == checked


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


def test_errors_can_be_sent_back_to_a_model() -> None:
    """Each says where it is and what to do; none holds a link or a traceback."""
    with pytest.raises(ValidationError) as caught:
        changed(
            example.DESIGN, classes=[example.DESIGN.classes[0].model_dump() | {"methods": ["x"]}]
        )
    (error,) = caught.value.errors()
    assert error["loc"] == ("classes", 0, "methods", 0)
    assert error["msg"].endswith(
        "write it with all parameters, as `add(self, title: str) -> Task`."
    )


def test_attributes_stand_as_a_dataclass_needs_them() -> None:
    assert POINT.attributes == [
        "x: int",
        "name: str = ''",
        "tags: list[str] = field(default_factory=list)",
    ]


def test_an_interface_says_how_objects_are_made() -> None:
    [stub] = design(POINT).interface("map/shapes.py")
    assert stub.startswith("@dataclass\nclass Point:  # A place.\n    x: int\n")
    assert "def move(self, by: int) -> None  # ValueError if it leaves the map" in stub


@pytest.mark.parametrize(
    ("attributes", "methods", "base"),
    [
        ([], ["go(self) -> None"], ""),
        (["RED = 1"], [], ""),
        (["x: int"], ["__init__(self, x: int = 0) -> None"], ""),
        (["x: int"], [], "Exception"),
    ],
)
def test_what_is_no_dataclass_is_not_called_one(
    attributes: list[str], methods: list[str], base: str
) -> None:
    cls = Class(
        name="Thing", file="map/shapes.py", purpose="", attributes=attributes, methods=methods
    )
    relations = [Relation(source="Thing", target=base, kind="inherits")] if base else []
    made = design(cls, relations=relations)
    assert not made.is_record(cls)
    assert made.interface("map/shapes.py")[0].startswith("class Thing")
