"""`metaco check`: a delivered project, looked at again after people have worked on it."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from metaco.cli import main
from metaco.roles.documents import TestReport
from metaco.roles.inspector import _failures

from .conftest import Metaco

Edit = Callable[[Path], object]


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as its user has it in a checkout: without metaco's log and notes."""
    root = tmp_path_factory.mktemp("delivered")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(root))
        patch.chdir(root)
        assert main(["a word counter", "-q", "--name", "made", "--model", "offline"]) == 0
    made = root / "workspace" / "made"
    shutil.rmtree(made / ".metaco")
    shutil.rmtree(made / ".git")
    return made


@pytest.fixture
def project(delivered: Path) -> Path:
    return Path(shutil.copytree(delivered, "project"))


def checked(metaco: Metaco, *words: str) -> tuple[int, dict[str, Any]]:
    result = metaco("check", "project", "--json", *words)
    return result.code, json.loads(result.out)


def problems(outcome: dict[str, Any]) -> dict[str, str]:
    return {
        check["name"]: "\n".join(check["problems"])
        for check in outcome["checks"]
        if check["problems"]
    }


def change(path: str, old: str, new: str) -> Edit:
    def edit(project: Path) -> None:
        file = project / path
        text = file.read_text("utf-8")
        changed = re.sub(old, new, text, count=1, flags=re.M)
        assert changed != text, f"{old} is not in {path}"
        file.write_text(changed, "utf-8")

    return edit


def add(path: str, text: str) -> Edit:
    def edit(project: Path) -> None:
        file = project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        before = file.read_text("utf-8") if file.exists() else ""
        file.write_text(before + text, "utf-8")

    return edit


def remove(path: str) -> Edit:
    return lambda project: (project / path).unlink()


def data(path: str, edit: Callable[[Any], object]) -> Edit:
    """Change a document in JSON."""

    def change(project: Path) -> None:
        body = json.loads((project / path).read_text("utf-8"))
        edit(body)
        (project / path).write_text(json.dumps(body), "utf-8")

    return change


def test_a_project_as_it_was_delivered(metaco: Metaco, project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    result = metaco("check", "project")
    assert (result.code, result.err) == (0, "")
    names = [line.split()[1] for line in result.out.splitlines()[1:]]
    assert names == ["documents", "requirements", "files", "pages", "code", "tests", "coverage"]
    assert result.out.count("✓") == 7
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before
    assert not Path("workspace").exists()


def test_in_the_folder_itself(
    metaco: Metaco, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vacuous = "import pytest\ndef test_r1_vacuous(): assert True\n"
    vacuous += "@pytest.mark.skip(reason='slow one')\ndef test_r1_slow(): assert 1 == 2\n"
    add("tests/test_vacuous.py", vacuous)(project)
    monkeypatch.chdir(project)
    result = metaco("check")
    assert result.code == 0
    assert "test_vacuous.py::test_r1_vacuous is vacuous" in result.out
    assert "slow one" in result.out


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ({"outcomes": [{"test": "a", "outcome": "passed"}]}, []),
        (
            {"outcomes": [{"test": "a", "outcome": "skipped"}]},
            ["Every test was skipped or is vacuous."],
        ),
        (
            {"outcomes": [{"test": "a", "outcome": "passed", "vacuous": True}]},
            ["Every test was skipped or is vacuous."],
        ),
        ({"outcomes": [], "output": "No tier.\n1 passed"}, ["The test run is invalid: No tier."]),
        ({"outcomes": [{"test": "a", "outcome": "failed", "message": "E  no"}]}, ["a: no"]),
    ],
)
def test_what_the_tests_must_say(report: dict[str, Any], expected: list[str]) -> None:
    assert _failures(TestReport.model_validate({"environment": "", **report})) == expected


def test_a_small_project(metaco: Metaco) -> None:
    assert metaco("a word counter", "--sop", "quick", "-q", "--name", "project").code == 0
    shutil.move("workspace/project", "project")
    code, outcome = checked(metaco)
    assert (code, problems(outcome)) == (0, {})
    (Path("project") / "docs" / "delivery.md").write_text("All is well.\n")
    code, outcome = checked(metaco)
    assert (code, list(problems(outcome))) == (1, ["pages"])


SING = {"id": "R77", "priority": "P0", "text": "Sing.", "acceptance": ["It sings."]}
WRONG: dict[str, tuple[list[Edit], dict[str, list[str]]]] = {
    "no requirements": (
        [remove("docs/prd.json")],
        {"documents": ["docs/prd.json is missing"]},
    ),
    "no design": (
        [remove("docs/design.json"), add("docs/tasks.json", "}")],
        {"documents": ["docs/design.json is missing", "docs/tasks.json is not a valid TaskPlan"]},
    ),
    "an old document": (
        [data("docs/prd.json", lambda prd: prd.pop("summary"))],
        {"documents": ["docs/prd.json is not a valid PRD: summary Field required"]},
    ),
    "documents, pages and tests that speak of different things": (
        [
            data("docs/prd.json", lambda prd: prd["requirements"].append(SING)),
            data("docs/design.json", lambda d: d["files"][0]["requirements"].append("R99")),
            add("tests/test_more.py", "def test_r88_it(): pass\n"),
            add("docs/prd.md", "More.\n"),
            add("docs/classes.mmd", "  class More\n"),
            remove("docs/tests.md"),
            add("wordcount/cli.py", "def more():\n    import requests\n"),
            add("wordcount/extra.py", "def f():\n    ...\n"),
            add("tests/test_cli.py", "def test_r1_new(): assert 1 == 2, 'so'\n"),
        ],
        {
            "requirements": [
                "No file of the design serves R77: Sing.",
                "No test is named test_r77_...: Sing.",
                "R77 is in docs/prd.json only",
                "The design refers to R99",
                "named after R88",
            ],
            "pages": [
                "docs/prd.md differs from docs/prd.json",
                "docs/classes.mmd differs from docs/design.json",
                "docs/tests.md is missing",
            ],
            "code": ["cli.py: It imports requests", "extra.py: The function f has no body"],
            "tests": ["tests/test_cli.py::test_r1_new: AssertionError: so"],
            "coverage": ["R1 (P0) is failed", "R77 (P0) is missing"],
        },
    ),
    "code that is gone, or none": (
        [remove("wordcount/counting.py"), add("wordcount/cli.py", "def (")],
        {
            "files": ["wordcount/counting.py is in the design, but missing"],
            "code": ["cli.py does not parse in line"],
            "coverage": ["R1 (P0)"],
        },
    ),
    "a name that others count on": (
        [
            change("wordcount/counting.py", r"^def count\(", "def secret("),
            add("tests/test_cli.py", "import nowhere\n"),
        ],
        {
            "code": [
                "count is part of the interface for other",
                "tests/test_cli.py: It imports nowhere",
            ],
            "tests": ["tests/test_cli.py: "],
        },
    ),
    "a signature that others count on": (
        [change("wordcount/counting.py", r"^def count\((\w+)", r"def count(x, \1")],
        {"code": ["count takes (x, "]},
    ),
    "no tests": (
        [lambda project: shutil.rmtree(project / "tests")],
        {
            "tests": ["The test run is invalid: There are no tests."],
            "requirements": ["No test is named test_r1_"],
        },
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_any_more(metaco: Metaco, project: Path, name: str) -> None:
    edits, expected = WRONG[name]
    for edit in edits:
        edit(project)
    code, outcome = checked(metaco)
    assert (code, outcome["exit_code"], outcome["accepted"]) == (1, 1, False)
    by_check = problems(outcome)
    for where, texts in expected.items():
        for text in texts:
            assert text in by_check[where]
    assert all(text in outcome["not_done"] for text in "\n".join(by_check.values()).splitlines())


OURS: dict[str, list[Edit]] = {
    "files, functions, tests, fixtures and packages": [
        add("wordcount/words.py", "def words() -> list[str]:\n    return ['a']\n"),
        add("tests/helpers.py", "WORD = 'a'\n"),
        add("tests/conftest.py", "import pytest\n@pytest.fixture\ndef seven(): return 7\n"),
        add("tests/data/seven.txt", "7"),
        add(
            "tests/test_words.py",
            "from pathlib import Path\nfrom helpers import WORD\n"
            "from wordcount.words import words\n"
            "def test_words_of_ours(): assert words() == [WORD]\n"
            "def test_r2_seven(seven):\n"
            "    data = Path(__file__).with_name('data') / 'seven.txt'\n"
            "    assert data.read_text() == str(seven)\n",
        ),
        change("pyproject.toml", r"dependencies = \[", 'dependencies = ["pydantic>=2", '),
        add("wordcount/cli.py", "import pydantic\n"),
        change(
            "wordcount/counting.py",
            r"^def count\((.*?)\)",
            r"def count(\1, also: bool = False)",
        ),
    ],
    "files beside the program": [
        add("README.md", "\nWe like it.\n"),
        add(".github/workflows/ci.yml", "on: push\n"),
        add("notes.txt", "ours"),
        add(".venv/broken.py", "def ("),
        add("venv/broken.py", "def ("),
        lambda project: (project / "logo.png").write_bytes(b"\x89PNG\x00\xff"),
        lambda project: (project / "link.py").symlink_to("/etc/hostname"),
        lambda project: [
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
            for file in project.rglob("*.*")
            if file.suffix in (".py", ".md", ".json", ".mmd", ".toml") and not file.is_symlink()
        ],
    ],
}


@pytest.mark.parametrize("name", OURS)
def test_work_that_is_welcome(metaco: Metaco, project: Path, name: str) -> None:
    for edit in OURS[name]:
        edit(project)
    code, outcome = checked(metaco)
    assert problems(outcome) == {}
    assert code == 0


def test_a_grown_requirement_and_docs_written_again(metaco: Metaco, project: Path) -> None:
    new = {"id": "R77", "priority": "P0", "text": "Say hello.", "acceptance": ["It says hello."]}
    data("docs/prd.json", lambda prd: prd["requirements"].append(new))(project)
    data("docs/design.json", lambda d: d["files"][0]["requirements"].append("R77"))(project)
    hello = "import wordcount.counting as g\n\n\ndef test_r77_hello():\n    assert g.__doc__\n"
    add("tests/test_hello.py", hello)(project)
    code, outcome = checked(metaco)
    assert code == 1
    assert problems(outcome).keys() == {"requirements", "pages"}  # docs/ tells of the time before
    written = metaco("check", "project", "--write")
    assert "Written: docs/delivery.json, docs/delivery.md" in written.out
    code, outcome = checked(metaco)
    assert (code, problems(outcome)) == (0, {})
    assert "Say hello." in (project / "docs" / "prd.md").read_text()
    assert "R77" in (project / "docs" / "delivery.md").read_text()
    assert "offline" in (project / "docs" / "delivery.md").read_text()  # who made it is kept


def test_write_does_not_follow_links_out_of_the_project(metaco: Metaco, project: Path) -> None:
    add("docs/prd.md", "More.\n")(project)
    outside = Path("outside")
    outside.write_text("mine")
    (project / "docs" / "tests.md").unlink()
    (project / "docs" / "tests.md").symlink_to(outside.absolute())
    result = metaco("check", "project", "--write")
    assert "leads out of the project" in result.err
    assert outside.read_text() == "mine"


def test_requirements_that_may_wait_do_not_fail_it(metaco: Metaco, project: Path) -> None:
    new = {"id": "R78", "priority": "P2", "text": "Dance.", "acceptance": ["It dances."]}
    data("docs/prd.json", lambda prd: prd["requirements"].append(new))(project)
    metaco("check", "project", "--write")
    code, outcome = checked(metaco)
    assert code == 0
    assert outcome["not_done"] == ["R78 (P2) is missing: Dance."]


def test_reports(
    metaco: Metaco, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("tests/test_cli.py", "def test_r1_new():\n    assert 1 == 2, '<so>\\x00&'\n")(project)
    page = tmp_path / "page.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    page.write_text("Before.\n")
    code, outcome = checked(metaco, "--junit", "deep/junit.xml", "--summary", "auto")
    assert code == 1
    root = ElementTree.parse("deep/junit.xml").getroot()
    suites = {suite.get("name"): suite for suite in root}
    cases = [case.get("name") for case in suites["metaco"]]
    assert cases == ["run", *(check["name"] for check in outcome["checks"])]
    tests = suites["project"]
    failed = [case for case in tests if case.find("failure") is not None]
    assert [(c.get("classname"), c.get("name"), c.get("file")) for c in failed] == [
        ("tests.test_cli", "test_r1_new", "tests/test_cli.py")
    ]
    assert "<so>" in (failed[0][0].get("message") or "")
    assert int(tests.get("tests") or 0) == outcome["tests"]["passed"] + 1
    assert tests.get("failures") == "1"
    text = page.read_text("utf-8")
    assert text.startswith("Before.\n## ❌ project: not accepted")
    for words in ("### Checks", "| ❌ tests |", "### Requirements", "### Failed tests"):
        assert words in text


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["nowhere"], 3, "no folder nowhere"),
        (["project", "--sop", "quick"], 3, "starts from Requirement, not from a folder"),
        (["project", "--junit", "/proc/no/where.xml"], 3, "cannot be written"),
        (["project", "more"], 2, "Unexpected argument 'more'"),
    ],
)
def test_what_cannot_be_checked(
    metaco: Metaco, project: Path, words: list[str], code: int, expected: str
) -> None:
    result = metaco("check", *words, "--json")
    assert result.code == code
    assert expected in result.err
    assert json.loads(result.out.splitlines()[-1])["exit_code"] == code


def test_a_folder_that_is_no_project(metaco: Metaco) -> None:
    Path("project").mkdir()
    code, outcome = checked(metaco)
    assert code == 1
    assert problems(outcome).keys() == {"documents", "tests"}
    assert [check["name"] for check in outcome["checks"] if check["skipped"]] == [
        "requirements", "files", "pages", "code", "coverage",
    ]  # fmt: skip


def test_a_check_of_ones_own(metaco: Metaco, project: Path) -> None:
    Path("spelling.py").write_text(
        "from metaco import Document, Role, action\n"
        "from metaco.core.directory import Folder\n"
        "class Spelling(Document):\n"
        "    checks: list[dict]\n"
        "    def accepted(self): return not self.checks[0]['problems']\n"
        "class Teacher(Role):\n"
        '    "Reads."\n'
        "    @action\n"
        "    async def spell(self, folder: Folder) -> Spelling:\n"
        "        wrong = [p for p, t in folder.files.items() if 'teh' in t.split()]\n"
        "        return Spelling(checks=[{'name': 'words', 'about': 'right', 'problems': wrong}])\n"
    )
    Path("spelling.yaml").write_text(
        "input: Folder\noutput: Spelling\nsteps: [spelling:Teacher.spell]\n"
    )
    assert metaco("check", "project", "--sop", "spelling.yaml").code == 0
    add("README.md", "teh\n")(project)
    result = metaco("check", "project", "--sop", "spelling.yaml")
    assert result.code == 1
    assert "README.md" in result.out
