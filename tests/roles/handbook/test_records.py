"""Record-keeping programs: for many requirements, what comes out runs and passes its own tests."""

# ruff: noqa: E501 - long lists and sentences read better unbroken

from __future__ import annotations

import ast
import compileall
import contextlib
import importlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaco.roles.handbook import Program
from metaco.roles.handbook.families import records
from metaco.roles.handbook.families.records.tidy import tidy
from metaco.roles.handbook.reading import read

LINES = [
    "A todo list with title, due date and priority (low, medium, high; default medium)",
    "Write a CLI expense tracker with monthly reports",
    "Library system with books, members and loans; show overdue loans",
    "Build me an app to manage my wine cellar with vintage, region, rating 1-100 and tasting notes, "
    "and show me the best by region",
    "CRM for a small bakery: customers, orders with delivery date, items; report of revenue per month",
    "inventory for a bike shop with low stock report and csv export",
    "Conference room booking; no double bookings",
    "Habit tracker with streaks",
    "time tracking per project with start and stop, report hours per day",
    "D&D campaign: characters (name, class, level 1-20, hit points), quests with reward in gold and "
    "status (open, done)",
    "Household budget: income and expenses by category, monthly balance",
    "Track bird sightings with species, location, date, count and weather",
    "Keep track of my houseplants: name, species, last watered, water every N days",
    "school: teachers, courses, students. A course belongs to a teacher. average per course. It is called academy",
    "address book with birthdays",
    "Eine Aufgabenliste mit Titel, Fälligkeit und Priorität, called aufgaben",
    "Robert'); DROP TABLE students;--",
    "🎉",
    # As people write: their programs are tested below as well.
    "Create a program that tracks the donations to our animal shelter: donor, amount, date, purpose "
    "(food, vet, building); a donor can be anonymous; I want totals per purpose and per month, the ten "
    "biggest donations, and a CSV for the tax office. It must refuse negative amounts and dates in the "
    "future.",
    "Make a tool to log the fish I catch: species, weight in kg, length in cm, date, lake, bait. I want the "
    "three heaviest fish, the most frequent species, and the average weight per lake.",
    "We are a food bank. Volunteers log deliveries: supplier, product, weight in kg, delivered on, expiry "
    "date. Refuse expiry dates in the past. Show what expires in the next 10 days and how many kg per "
    "supplier. Sorted by delivered on, newest first.",
    "Dog walking business: I have clients, each client has one or more dogs, and I record walks with dog, "
    "date, minutes and price. I need a list of unpaid walks. Mark walks as paid.",
    "Write a program to manage a car park: parking spots with number and type (normal, disabled, electric), "
    "cars with plate (unique) and owner, and parkings with car, spot, date, start and end. No two parkings "
    "may overlap on the same spot.",
    "A list of books I lent to friends: title, friend, lent on, due date, returned on. Who has not returned "
    "a book? Mark as returned.",
    "Record the tips I get as a waitress: date, shift (lunch, dinner), amount, tables served. Average per "
    "shift, total per month, best day. What is the total amount?",
]
REAL = 7


def place_of_tests(path: str) -> str:
    """Return where the tests of a file belong."""
    return f"tests/test_{PurePosixPath(path).stem.strip('_')}.py"


def write(program: Program, root: Path) -> None:
    """Write a program as metaco does."""
    (root / program.name).mkdir(parents=True)
    (root / "tests").mkdir()
    (root / program.name / "__init__.py").write_text('"""A program."""\n', encoding="utf-8")
    for source in program.sources:
        (root / source.path).write_text(source.content, encoding="utf-8")
        (root / place_of_tests(source.path)).write_text(source.tests, encoding="utf-8")


def _memory(name: str) -> list[str]:
    """Return options that keep the databases of tests in memory, where the system can do it."""
    shared = Path("/dev/shm")
    return [f"--basetemp={shared / f'metaco-{os.getpid()}-{name}'}"] if shared.is_dir() else []


@pytest.fixture(scope="module", autouse=True)
def _cleared() -> Iterator[None]:
    yield
    for option in [*_memory("all"), *_memory("fault")]:
        shutil.rmtree(option.partition("=")[2], ignore_errors=True)


@pytest.fixture(scope="module")
def programs() -> list[Program]:
    return [records.program(read(line)) for line in LINES]


@pytest.fixture(scope="module")
def written(programs: list[Program], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    base = tmp_path_factory.mktemp("programs")
    roots = []
    for number, program in enumerate(programs):
        roots.append(base / f"p{number}")
        write(program, roots[-1])
    return roots


def test_programs_pass_their_own_tests(programs: list[Program], written: list[Path]) -> None:
    names = [program.name for program in programs]
    assert len(set(names)) == len(names)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio"),
            *("-W", "error", "--import-mode=importlib", f"--rootdir={written[0].parent}"),
            *(
                "-c",
                "/dev/null",
                *_memory("all"),
                *(str(root / "tests") for root in (*written[:12], *written[-REAL:])),
            ),
        ],
        cwd=written[0].parent,
        env={"PYTHONPATH": ":".join(map(str, written)), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed and int(passed[1]) > 50 * 12


def test_programs_are_clean(written: list[Path]) -> None:
    base = written[0].parent
    assert compileall.compile_dir(base, quiet=2)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--isolated",
            "--no-cache",
            "--select=E4,E7,E9,F,B",
            str(base),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:]


@contextlib.contextmanager
def importable(root: Path) -> Iterator[None]:
    before = set(sys.modules)
    sys.path.insert(0, str(root))
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for name in set(sys.modules) - before:
            del sys.modules[name]


def test_run_lines_work_in_order(
    programs: list[Program], written: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for number, (program, root) in enumerate(zip(programs, written, strict=True)):
        folder = tmp_path / f"run{number}"
        folder.mkdir()
        monkeypatch.chdir(folder)
        with importable(root):
            main = importlib.import_module(f"{program.name}.cli").main
            for line in program.run:
                python, dash, package, *argv = shlex.split(line)
                assert (python, dash, package) == ("python", "-m", program.name)
                output = io.StringIO()
                with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                    try:
                        code = main(argv)
                    except SystemExit as stop:
                        code = int(stop.code or 0)
                assert code == 0, f"{line}\n{output.getvalue()}"
        assert (folder / f"{program.name}.db").is_file()


def test_one_program_runs_as_a_newcomer_would(programs: list[Program], written: list[Path]) -> None:
    root = written[1]
    for line in programs[1].run:
        done = subprocess.run(
            line.replace("python", sys.executable, 1),
            shell=True,
            cwd=root,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        assert done.stdout and not done.stderr


def test_every_requirement_is_tested_and_every_test_names_one(programs: list[Program]) -> None:
    for program in programs:
        ids = [item.id for item in program.items]
        assert ids == [f"R{number}" for number in range(1, len(ids) + 1)]
        assert any(item.priority == "P0" for item in program.items)
        assert all(item.acceptance and item.text.endswith(".") for item in program.items)
        tested: set[str] = set()
        for source in program.sources:
            named = set()
            for node in ast.parse(source.tests).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    found = re.match(r"test_((?:r\d+_)+)\w+$", node.name)
                    assert found, node.name
                    assert any(isinstance(part, ast.Assert | ast.With) for part in ast.walk(node))
                    named |= {f"R{number}" for number in re.findall(r"r(\d+)_", found[1])}
            assert set(source.requirements) == named <= set(ids)
            tested |= named
        assert tested == set(ids), program.name


def test_documents_are_whole(programs: list[Program]) -> None:
    for program in programs:
        assert f"{program.name}/__main__.py" in [source.path for source in program.sources]
        assert len(program.rivals) >= 4
        assert len({(rival.x, rival.y) for rival in program.rivals}) == len(program.rivals)
        assert program.goals and program.stories and program.questions and program.conventions
        assert program.ui and program.approach and program.flow
        modules = {PurePosixPath(source.path).stem for source in program.sources} | {"User"}
        assert {name for step in program.flow for name in step[:2]} <= modules
        text = repr(program)
        assert "None." not in program.ui and "{{" not in text and "}}" not in text


def test_files_import_only_what_comes_before(programs: list[Program]) -> None:
    for program in programs:
        seen: set[str] = set()
        for source in program.sources:
            for node in ast.walk(ast.parse(source.content)):
                if isinstance(node, ast.ImportFrom) and node.module == program.name:
                    assert {alias.name for alias in node.names} <= seen
                elif isinstance(node, ast.ImportFrom) and str(node.module).startswith(program.name):
                    assert str(node.module).split(".")[1] in seen
                elif isinstance(node, ast.ImportFrom | ast.Import):
                    name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
                    assert str(name).split(".")[0] in sys.stdlib_module_names
            seen.add(PurePosixPath(source.path).stem)


def test_different_requirements_give_different_programs(programs: list[Program]) -> None:
    storages = [s.content for p in programs for s in p.sources if s.path.endswith("/storage.py")]
    assert len(set(storages)) == len(programs)
    one = records.program(read("todo with title and due date"))
    other = records.program(read("todo with title and due date and effort in hours"))
    assert "effort" in repr(other) and "effort" not in repr(one)


# Faults put into a program by hand: its tests must see each of them.
FAULTS = [
    (2, "actions.py", "if any(one.returned_on is None", "if not any(one.returned_on is None"),
    (5, "actions.py", "if left < 0:", "if left < -1:"),
    (6, "storage.py", '"start < ?"', '"start <= ?"'),
    (1, "reports.py", '"%Y-%m"', '"%Y"'),
    (3, "models.py", "<= 100", "<= 101"),
    (7, "reports.py", "today if today in ticked else today - one", "today"),
    (0, "transfer.py", 'encoding="utf-8-sig"', 'encoding="utf-8"'),
    (0, "cli.py", "return 2", "return 1"),
    (4, "storage.py", "PRAGMA foreign_keys = ON", "PRAGMA foreign_keys = OFF"),
    (0, "storage.py", 'execute("ROLLBACK")', 'execute("COMMIT")'),
]


@pytest.mark.parametrize(("number", "file", "old", "new"), FAULTS)
def test_faults_are_seen(
    programs: list[Program], tmp_path: Path, number: int, file: str, old: str, new: str
) -> None:
    program = programs[number]
    write(program, tmp_path / "p")
    path = tmp_path / "p" / program.name / file
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")
    tests = tmp_path / "p" / place_of_tests(f"{program.name}/{file}")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-qx",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:asyncio",
            "-c",
            "/dev/null",
            str(tests),
        ],
        cwd=tmp_path / "p",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout[-1500:]


def test_records_fit_domains_better_than_anything_else() -> None:
    assert records.fits(read("todo")) > records.fits(read("track my meteorites with mass and date"))
    assert records.fits(read("track my meteorites with mass and date")) > records.fits(
        read("a snake game")
    )
    assert records.fits(read("")) == records.FALLBACK


_PHRASES = st.sampled_from(
    [
        "track my classes",
        "orders and customers",
        "each class has several students",
        "a booking belongs to a class",
        "with name, from, import and id",
        "title, date, price, paid",
        "refuse negative prices",
        "dates in the future",
        "the date must not be in the past",
        "sorted by date, newest first",
        "the ten biggest orders",
        "most frequent names",
        "who has not paid",
        "mark them as done",
        "mark orders as report",
        "due in the next 3 days",
        "total price",
        "best day",
        "no duplicates",
        "no two bookings may overlap",
        "date, start and end",
        "type (a, b, c)",
        "per month and per type",
        "name may be empty",
        "wines",
        "library: books, members, loans",
        "habits",
        "timesheet",
        ": ",
        ". ",
        ", ",
        " and ",
        " with ",
    ]
)


@settings(max_examples=20, deadline=None)
@given(st.lists(_PHRASES, min_size=1, max_size=8).map(" ".join))
def test_any_mixture_becomes_a_program_that_compiles(text: str) -> None:
    program = records.program(read(text))
    for source in program.sources:
        compile(source.content, source.path, "exec")
        compile(source.tests, source.path, "exec")


def test_tidy_wraps_prunes_and_spaces() -> None:
    source = (
        '"""Doc."""\nimport os\nimport sys\nfrom a import b, c\n__all__ = ["@"]\n'
        "def f(x):\n\n    return c(sys, x)\n\n\n\n\ndef _unused():\n    pass\n"
        "def g(" + ", ".join(f"argument_{n}" for n in range(9)) + "):\n    return (1, )\n"
    )
    result = tidy(source)
    assert "import os" not in result and "_unused" not in result
    assert "from a import c\n" in result
    assert '__all__ = ["f", "g"]' in result
    assert "def f(x):\n    return c(sys, x)\n\n\ndef g(\n    argument_0," in result
    assert "return (1,)" in result
    assert tidy(result.replace('["f", "g"]', '["@"]')) == result
