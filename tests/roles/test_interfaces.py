"""What authors are told of each other's files, and what a check sees of promises broken."""

from __future__ import annotations

import pytest

from metaco.core.errors import ReplyError
from metaco.reply import parse
from metaco.role import Context
from metaco.roles import python_tests
from metaco.roles.architect import Architect
from metaco.roles.documents import (
    PRD,
    Axis,
    Class,
    FilePlan,
    Function,
    Outline,
    OutlinedFile,
    PlannedFile,
    Point,
    Relation,
    RequirementItem,
    SourceFile,
    SystemDesign,
    Task,
    TaskPlan,
    TestFile,
    TestOutcome,
    TestsFailed,
)
from metaco.roles.documents.notation import brief, method
from metaco.roles.engineer import Engineer
from metaco.roles.programmer import Programmer
from metaco.roles.project_manager import ProjectManager
from metaco.roles.python_source import violations
from metaco.roles.qa_engineer.run import _plain

from .test_engineer import Desk, fence
from .test_python_source import task

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


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("def add(self, t: str) -> T:  # raises E", "add(self, t: str) -> T  # raises E"),
        ("add(self, t: str='#') -> T # it's said", "add(self, t: str = '#') -> T  # it's said"),
        ("add(self)", "add(self)"),
        ("add(self)  #", "add(self)"),
    ],
)
def test_what_a_caller_must_know_stays_behind_a_method(text: str, plain: str) -> None:
    assert method(text) == plain
    assert method(plain) == plain
    assert brief(plain).startswith("add(")
    assert "#" not in brief(plain).replace("'#'", "")


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


def prd(name: str) -> PRD:
    item = RequirementItem(id="R1", priority="P0", text="Maps.", acceptance=["It works."])
    axis, place = Axis(low="a", high="b"), Point(x=0, y=0)
    return PRD(
        project_name=name,
        summary="Maps.",
        language="en",
        goals=[],
        user_stories=[],
        competitors=[],
        x_axis=axis,
        y_axis=axis,
        place=place,
        requirements=[item],
        ui_draft="$ map\nA map.",
        open_questions=[],
    )


OFFER = (
    "@dataclass\nclass Point:  # A place.\n    x: int\n    name: str = ''\n    def go(self) -> int"
)


@pytest.mark.parametrize(
    ("source", "finding"),
    [
        ("@dataclass\nclass Point:\n    x: int\n    name: str = ''\n", "Point.go is promised"),
        ("@dataclass\nclass Point:\n    name: str\n    x: int\n{}", "takes (name, x); others call"),
        ("@dataclass\nclass Point:\n    x: int\n    name: str\n{}", "with (x, name=...)"),
        ("class Point:\n    x: int\n{}", "Others call Point(x, name=...); make it a dataclass"),
        ("class Point:\n    def __init__(self, *, x, name=''):\n        self.x = x\n{}", "takes"),
        (
            "@dataclass\nclass Point:\n    x: int\n    name: str = ''\n    z: int\n{}",
            "these fields in order",
        ),
    ],
)
def test_objects_are_made_as_others_make_them(source: str, finding: str) -> None:
    go = "    def go(self):\n        return 1\n"
    found = violations(source.format(go), task(offers=[OFFER]))
    assert any(finding in gap for gap in found), found


@pytest.mark.parametrize(
    "source",
    [
        "@dataclass(frozen=True)\nclass Point:\n    x: int\n    name: str = ''\n{}",
        "@dataclass\nclass Point:\n    K: ClassVar[int] = 1\n    x: int\n    name: str = 'n'\n{}",
        "class Point:\n    def __init__(self, x, name='', more=1):\n        self.x = x\n{}",
        "class Point(NamedTuple):\n    x: int\n    name: str = ''\n{}",
    ],
)
def test_ways_to_keep_the_promise_are_let_pass(source: str) -> None:
    go = "    def go(self):\n        return 1\n"
    assert violations(source.format(go), task(offers=[OFFER])) == []


def test_parameters_are_promised_in_their_order() -> None:
    offers = ["def pay(who: str, amount: int) -> None  # pays"]
    assert (
        violations("def pay(who, amount, *, note=''):\n    print(who)\n", task(offers=offers)) == []
    )
    [gap] = violations("def pay(amount, who):\n    print(who)\n", task(offers=offers))
    assert gap == "pay takes (amount, who); others call it with (who, amount)."


def test_a_guessed_function_of_another_file_is_named() -> None:
    uses = ["# from shop.cli import ...\ndef main() -> int\nclass Menu:  # shown"]
    known = task(offers=[], uses=uses)
    fine = "from shop.cli import main, Menu, WIDTH, Alias\n"
    guessed = "from shop.cli import show\n"
    finding = "It imports show from shop.cli, which does not offer it to others."
    assert violations(fine, known) == []
    assert violations(guessed, known) == [finding]
    test = "\n\ndef test_r1_it():\n    assert vars() == {}\n"
    assert python_tests.violations(fine + test, known) == []
    assert python_tests.violations(guessed + test, known) == [finding]
    own = "It imports hidden from shop.store, which does not offer it to others."
    assert python_tests.violations("from shop.store import hidden\n" + test, known) == [own]


def plan(*depends_on: str) -> str:
    files = [
        {"path": "map/shapes.py", "depends_on": []},
        {"path": "map/cli.py", "depends_on": list(depends_on)},
    ]
    return str({"package": "map", "packages": [], "conventions": [], "files": files}).replace(
        "'", '"'
    )


def test_a_dependency_named_short_is_written_out() -> None:
    assert parse(TaskPlan, plan("shapes.py")).files[1].depends_on == ["map/shapes.py"]
    with pytest.raises(ReplyError, match=r"depends on other\.py, which is not planned"):
        parse(TaskPlan, plan("other.py"))


async def test_only_who_shows_it_sees_the_screen_and_all_types_mentioned_are_shown() -> None:
    line = Class(name="Line", file="map/shapes.py", purpose="", attributes=["a: Point"], methods=[])
    files = [PlannedFile(path=p, depends_on=[]) for p in ("map/shapes.py", "map/cli.py")]
    planned = TaskPlan(package="map", packages=[], conventions=[], files=files)
    desk = Desk()
    context: Context = desk("project_manager", "split")
    shapes, cli = await ProjectManager(context).split(planned, design(POINT, line), prd("map"))
    assert (shapes.screen, cli.screen) == ("", "$ map\nA map.")
    assert "class Point:" in cli.uses[0] and "class Line:" in cli.uses[0]


async def test_who_mends_is_told_every_promise_once() -> None:
    desk = Desk(fence("shop/store.py", "x = 1\n"))
    told = {"conventions": ["Prices are in cents."], "offers": []}
    tasks = [
        task(**told),
        task(**told, path="shop/cli.py", tests="tests/test_cli.py", screen="$ shop"),
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
    known: Task = task(offers=[])
    broken = "import numpy\n\n\ndef test_r1_it():\n    assert vars() == {}\n"
    desk = Desk(fence(known.tests, broken), fence(known.tests, broken))
    context = desk("engineer", "fix_files")
    old = TestFile(path=known.tests, content="def test_r1_it():\n    assert False\n")
    report = TestsFailed(outcomes=[], environment="", output="It broke.")
    await Engineer(context).fix_files(report, [], [old], [known])
    assert context.findings == ["It imports numpy, which is not among the packages of the project."]


def test_marks_below_a_line_of_code_are_left_out() -> None:
    said = "t.py:3: in f\n    g(x)\n    ^^^^\nm.py:9: in g\n    a = b + 1\n        ~~^~~\nE   no"
    assert _plain(said) == "t.py:3: in f\n    g(x)\nm.py:9: in g\n    a = b + 1\nE   no"


async def test_a_programmer_who_drops_a_test_gets_it_back() -> None:
    outline = Outline(
        project_name="shop",
        summary="A shop.",
        requirements=[RequirementItem(id="R1", priority="P0", text="Sell.", acceptance=["Sold."])],
        files=[OutlinedFile(path="shop/__main__.py", purpose="All.", requirements=["R1"])],
        packages=[],
        run=[],
        open_questions=[],
    )
    main = SourceFile(path="shop/__main__.py", content="x = 1\n")
    test = "def test_r1_sells():\n    assert vars() is {}\n\n\n"
    test += "def test_r1_counts():\n    assert vars()\n"
    tests = [TestFile(path="tests/test_shop.py", content=test.format(False))]
    fewer = "def test_r1_counts():\n    assert vars()\n"
    desk = Desk(fence("tests/test_shop.py", fewer), fence("tests/test_shop.py", test.format(True)))
    report = TestsFailed(outcomes=[], environment="", output="It broke.")
    context = desk("programmer", "fix_program")
    [mended] = await Programmer(context).fix_program(report, outline, [main], tests)
    assert mended.content == test.format(True)
    assert "The tests test_r1_sells are gone" in desk.asked[1].rejected_replies[0][1]
    assert context.findings == []


async def test_a_design_names_what_starts_the_program() -> None:
    made = design(POINT).model_copy(update={"functions": []})
    desk = Desk(made.model_dump_json(), design(POINT).model_dump_json())
    context = desk("architect", "write_design")
    await Architect(context).write_design(prd("map"))
    complaint = desk.asked[1].rejected_replies[0][1]
    assert "No file offers `main(argv: list[str] | None = None) -> int`" in complaint
    assert "map/__main__.py is missing" in complaint
