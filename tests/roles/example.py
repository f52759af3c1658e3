"""One project from requirement to delivery, as its documents: an expense tracker that works.

The documents agree with one another: the design's interfaces are those of the sources, the plan's
graph is that of their imports, and the report is what pytest says of the tests.
"""

from __future__ import annotations

from textwrap import dedent
from typing import Any

from metaco.core.document import Document, Requirement
from metaco.roles.delivering import deliver
from metaco.roles.documents import (
    PRD,
    Axis,
    Class,
    Competitor,
    Delivery,
    FilePlan,
    FlowStep,
    Function,
    PlannedFile,
    Point,
    Relation,
    RequirementItem,
    SourceFile,
    SystemDesign,
    TaskPlan,
    TestFile,
    TestOutcome,
    TestsFailed,
    TestsPassed,
)

REQUIREMENT = Requirement(text="Write a CLI expense tracker with monthly reports")

PRD_ = PRD(
    project_name="expenses",
    summary=(
        "A command-line program that records what a household spends and shows, for any month, "
        "how much went into which category. Everything stays in one file on the user's machine."
    ),
    language="en",
    goals=[
        "Recording an expense takes one command and a few seconds.",
        "A monthly report answers where the money went, without a spreadsheet.",
        "Wrong input never changes the data and always says what to do.",
    ],
    user_stories=[
        "As a shopper I record `12.50` for food right at the till, so that I do not forget it.",
        "As a saver I look at last month by category, so that I know where to cut.",
        "As a careful person I remove an entry that I typed wrong.",
    ],
    competitors=[
        Competitor(
            name="Spreadsheet",
            strengths=["free form", "charts"],
            weaknesses=["slow to open", "formulas break"],
            position=Point(x=0.45, y=0.55),
        ),
        Competitor(
            name="Mobile budget app",
            strengths=["always at hand", "bank import"],
            weaknesses=["account needed", "data leaves the house"],
            position=Point(x=0.35, y=0.8),
        ),
        Competitor(
            name="Double-entry ledger",
            strengths=["exact", "auditable"],
            weaknesses=["accounting knowledge needed"],
            position=Point(x=0.15, y=0.9),
        ),
        Competitor(
            name="Paper notebook",
            strengths=["nothing to learn"],
            weaknesses=["no sums", "gets lost"],
            position=Point(x=0.85, y=0.1),
        ),
    ],
    x_axis=Axis(low="Takes effort", high="Works at once"),
    y_axis=Axis(low="Few answers", high="Many answers"),
    position=Point(x=0.85, y=0.65),
    requirements=[
        RequirementItem(
            id="R1",
            priority="P0",
            text="Record an expense with amount, category, optional note and date (default today)",
            acceptance=[
                '`expenses add 12.50 food --note "lunch"` prints `#1` and exits with 0',
                "the expense is still there when the program runs again",
            ],
        ),
        RequirementItem(
            id="R2",
            priority="P0",
            text="Refuse amounts that are not positive or not numbers, and dates that do not exist",
            acceptance=[
                "`expenses add -5 food` exits with 2, says why, and records nothing",
                "`expenses add 5 food --date 2024-02-30` exits with 2",
            ],
        ),
        RequirementItem(
            id="R3",
            priority="P0",
            text="Report a month: total, and the sum of each category, largest first",
            acceptance=[
                "expenses of other months do not count",
                "sums are exact to the cent",
                "a month without expenses is reported as `0.00`",
            ],
        ),
        RequirementItem(
            id="R4",
            priority="P1",
            text="List expenses by date, all or those of one category",
            acceptance=["`expenses list --category food` shows nothing but food"],
        ),
        RequirementItem(
            id="R5",
            priority="P1",
            text="Remove an expense by its number",
            acceptance=["an unknown number exits with 2 and removes nothing"],
        ),
    ],
    ui_draft=dedent("""\
        $ expenses add 12.50 food --note "lunch"
        #1
        $ expenses report 2024-05
        2024-05         total 62.50
        rent            50.00
        food            12.50
    """),
    open_questions=["One currency is assumed; amounts carry no currency sign."],
)

MODEL = '''\
"""What an expense is, and when it is valid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation


class ExpenseError(ValueError):
    """Something that cannot be done; the message is a sentence for the user."""


@dataclass(frozen=True)
class Expense:
    """One expense."""

    id: int
    day: date
    amount: Decimal
    category: str
    note: str = ""


def parse_amount(text: str) -> Decimal:
    """Return the amount that `text` stands for, exact to the cent."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ExpenseError(f"{text!r} is not an amount; write it as 12.50.") from None
    if not amount.is_finite() or amount <= 0:
        raise ExpenseError("An amount must be greater than 0.")
    return amount.quantize(Decimal("0.01"))


def parse_day(text: str) -> date:
    """Return the day that `text` (as 2024-05-31) stands for."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ExpenseError(f"{text!r} is not a date; write it as 2024-05-31.") from None
'''

LEDGER = '''\
"""All expenses, kept in one SQLite file."""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import Decimal
from pathlib import Path

from expenses.model import Expense, ExpenseError


class Ledger:
    """The expenses in the file `path`, which is made on first use."""

    path: Path

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = sqlite3.connect(path)
        with self._connection as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS expenses (id INTEGER PRIMARY KEY AUTOINCREMENT, "
                "day TEXT NOT NULL, cents INTEGER NOT NULL, category TEXT NOT NULL, "
                "note TEXT NOT NULL)"
            )

    def add(self, day: date, amount: Decimal, category: str, note: str = "") -> Expense:
        """Record an expense and return it with its number."""
        if not category.strip():
            raise ExpenseError("A category must not be empty.")
        with self._connection as connection:
            number = connection.execute(
                "INSERT INTO expenses (day, cents, category, note) VALUES (?, ?, ?, ?)",
                (day.isoformat(), int(amount * 100), category.strip(), note),
            ).lastrowid
        return Expense(int(number or 0), day, amount, category.strip(), note)

    def remove(self, number: int) -> None:
        """Remove the expense with this number."""
        with self._connection as connection:
            if not connection.execute("DELETE FROM expenses WHERE id = ?", (number,)).rowcount:
                raise ExpenseError(f"There is no expense #{number}.")

    def list(self, category: str | None = None, month: str | None = None) -> list[Expense]:
        """Return expenses by date, all or those of a category or a month (as 2024-05)."""
        rows = self._connection.execute(
            "SELECT id, day, cents, category, note FROM expenses "
            "WHERE (:category IS NULL OR category = :category) "
            "AND (:month IS NULL OR substr(day, 1, 7) = :month) ORDER BY day, id",
            {"category": category, "month": month},
        )
        return [
            Expense(number, date.fromisoformat(day), Decimal(cents) / 100, kind, note)
            for number, day, cents, kind, note in rows
        ]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
'''

REPORT = '''\
"""Monthly reports."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from expenses.ledger import Ledger
from expenses.model import ExpenseError


@dataclass(frozen=True)
class MonthlyReport:
    """What was spent in a month: in all, and by category, largest first."""

    month: str
    total: Decimal
    by_category: dict[str, Decimal]

    def lines(self) -> list[str]:
        """Return the report as lines for the terminal."""
        rows = [f"{self.month:15} total {self.total:.2f}"]
        return rows + [f"{name:15} {amount:.2f}" for name, amount in self.by_category.items()]


def monthly(ledger: Ledger, month: str) -> MonthlyReport:
    """Return the report of `month` (as 2024-05)."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month):
        raise ExpenseError(f"{month!r} is not a month; write it as 2024-05.")
    sums: dict[str, Decimal] = {}
    for expense in ledger.list(month=month):
        sums[expense.category] = sums.get(expense.category, Decimal(0)) + expense.amount
    ordered = dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))
    return MonthlyReport(month, sum(sums.values(), Decimal(0)), ordered)
'''

CLI = '''\
"""The command line."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from expenses.ledger import Ledger
from expenses.model import ExpenseError, parse_amount, parse_day
from expenses.report import monthly


def main(argv: list[str] | None = None) -> int:
    """Run a command and return the exit code."""
    args = _parser().parse_args(argv)
    ledger = Ledger(Path(args.file))
    try:
        _run(ledger, args)
    except ExpenseError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        ledger.close()
    return 0


def _run(ledger: Ledger, args: argparse.Namespace) -> None:
    if args.command == "add":
        day = parse_day(args.date) if args.date else date.today()
        print(f"#{ledger.add(day, parse_amount(args.amount), args.category, args.note).id}")
    elif args.command == "list":
        for one in ledger.list(category=args.category):
            print(f"#{one.id} {one.day} {one.amount:.2f} {one.category} {one.note}".rstrip())
    elif args.command == "remove":
        ledger.remove(args.number)
    else:
        print("\\n".join(monthly(ledger, args.month).lines()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="expenses", description="Record what you spend.")
    parser.add_argument("--file", default="expenses.db", help="where the expenses are kept")
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="record an expense")
    add.add_argument("amount")
    add.add_argument("category")
    add.add_argument("--note", default="")
    add.add_argument("--date", help="as 2024-05-31; today if left out")
    show = commands.add_parser("list", help="list expenses by date")
    show.add_argument("--category")
    remove = commands.add_parser("remove", help="remove an expense")
    remove.add_argument("number", type=int)
    report = commands.add_parser("report", help="report a month")
    report.add_argument("month", help="as 2024-05")
    return parser
'''

MAIN = '''\
"""Starts the program: python -m expenses."""

import sys

from expenses.cli import main

if __name__ == "__main__":
    sys.exit(main())
'''

SOURCES = [
    SourceFile(path="expenses/model.py", content=MODEL),
    SourceFile(path="expenses/ledger.py", content=LEDGER),
    SourceFile(path="expenses/report.py", content=REPORT),
    SourceFile(path="expenses/cli.py", content=CLI),
    SourceFile(path="expenses/__main__.py", content=MAIN),
]

DESIGN = SystemDesign(
    package="expenses",
    summary=PRD_.summary,
    approach=(
        "Rules, storage, reports and the terminal are apart, so that each can be tested without "
        "the others.\n\n"
        "- Amounts are `Decimal` and stored as whole cents: sums are exact.\n"
        "- `sqlite3` keeps the data safe when the program is interrupted.\n"
        "- All errors a user can cause are an `ExpenseError`; only `main` turns them into exit "
        "codes."
    ),
    packages=[],
    files=[
        FilePlan(
            path="expenses/model.py",
            purpose="what an expense is, and when it is valid",
            requirements=["R1", "R2"],
        ),
        FilePlan(
            path="expenses/ledger.py",
            purpose="all expenses, kept in one SQLite file",
            requirements=["R1", "R4", "R5"],
        ),
        FilePlan(path="expenses/report.py", purpose="monthly reports", requirements=["R3"]),
        FilePlan(
            path="expenses/cli.py",
            purpose="the command line: `add | list | remove | report`",
            requirements=["R1", "R2", "R3", "R4", "R5"],
        ),
        FilePlan(path="expenses/__main__.py", purpose="starts the program", requirements=["R1"]),
    ],
    classes=[
        Class(
            name="ExpenseError",
            file="expenses/model.py",
            purpose="something that cannot be done; the message is a sentence for the user",
            attributes=[],
            methods=[],
        ),
        Class(
            name="Expense",
            file="expenses/model.py",
            purpose="one expense (frozen dataclass)",
            attributes=[
                "id: int",
                "day: date",
                "amount: Decimal",
                "category: str",
                'note: str = ""',
            ],
            methods=[],
        ),
        Class(
            name="Ledger",
            file="expenses/ledger.py",
            purpose="the expenses in one file",
            attributes=["path: Path"],
            methods=[
                "__init__(self, path: Path) -> None",
                'add(self, day: date, amount: Decimal, category: str, note: str = "") -> Expense',
                "remove(self, number: int) -> None",
                "list(self, category: str | None = None, month: str | None = None)"
                " -> list[Expense]",
                "close(self) -> None",
            ],
        ),
        Class(
            name="MonthlyReport",
            file="expenses/report.py",
            purpose="what was spent in a month (frozen dataclass)",
            attributes=["month: str", "total: Decimal", "by_category: dict[str, Decimal]"],
            methods=["lines(self) -> list[str]"],
        ),
    ],
    functions=[
        Function(
            file="expenses/model.py",
            signature="parse_amount(text: str) -> Decimal",
            purpose="the amount, exact to the cent; raises ExpenseError",
        ),
        Function(
            file="expenses/model.py",
            signature="parse_day(text: str) -> date",
            purpose="the day, from 2024-05-31; raises ExpenseError",
        ),
        Function(
            file="expenses/report.py",
            signature="monthly(ledger: Ledger, month: str) -> MonthlyReport",
            purpose="the report of a month (as 2024-05); raises ExpenseError",
        ),
        Function(
            file="expenses/cli.py",
            signature="main(argv: list[str] | None = None) -> int",
            purpose="runs a command and returns the exit code: 0 done, 2 wrong input",
        ),
    ],
    relations=[
        Relation(source="ExpenseError", target="ValueError", kind="inherits"),
        Relation(source="Ledger", target="Expense", kind="owns", label="keeps"),
        Relation(source="MonthlyReport", target="Expense", kind="uses", label="sums up"),
        Relation(source="expenses/report.py", target="Ledger", kind="uses", label="reads"),
        Relation(source="expenses/cli.py", target="Ledger", kind="uses"),
    ],
    flow=[
        FlowStep(
            caller="User", callee="main", call="expenses add 12.50 food", returns="exit code 0"
        ),
        FlowStep(caller="main", callee="model", call='parse_amount("12.50")', returns="Decimal"),
        FlowStep(
            caller="main", callee="Ledger", call="add(today, amount, food)", returns="Expense"
        ),
        FlowStep(caller="Ledger", callee="SQLite", call="INSERT INTO expenses", returns="number"),
        FlowStep(caller="User", callee="main", call="expenses report 2024-05", returns="the table"),
        FlowStep(
            caller="main", callee="report", call="monthly(ledger, month)", returns="MonthlyReport"
        ),
        FlowStep(
            caller="report", callee="Ledger", call="list(month=month)", returns="list[Expense]"
        ),
    ],
    run=[
        "python -m expenses --help",
        'python -m expenses add 12.50 food --note "lunch"',
        "python -m expenses list --category food",
        "python -m expenses report 2024-05",
    ],
    open_questions=[],
)

PLAN = TaskPlan(
    package="expenses",
    packages=[],
    conventions=[
        "Errors a user can cause are raised as `ExpenseError` with a sentence saying what to do.",
        "Days are `date`, months are text as `2024-05`, amounts are `Decimal` with two places.",
        "Exit codes: 0 done, 2 wrong input.",
    ],
    files=[
        PlannedFile(path="expenses/model.py", depends_on=[], notes="no I/O here"),
        PlannedFile(
            path="expenses/ledger.py", depends_on=["expenses/model.py"], notes="store cents"
        ),
        PlannedFile(
            path="expenses/report.py", depends_on=["expenses/ledger.py", "expenses/model.py"]
        ),
        PlannedFile(
            path="expenses/cli.py",
            depends_on=["expenses/ledger.py", "expenses/model.py", "expenses/report.py"],
        ),
        PlannedFile(path="expenses/__main__.py", depends_on=["expenses/cli.py"]),
    ],
)

TEST_MODEL = """\
from datetime import date
from decimal import Decimal

import pytest

from expenses.model import ExpenseError, parse_amount, parse_day


def test_r1_amounts_are_exact_to_the_cent():
    assert parse_amount("12.5") == Decimal("12.50")


@pytest.mark.parametrize("text", ["0", "-5", "five", "NaN", "Infinity", ""])
def test_r2_refuses_what_is_not_an_amount(text):
    with pytest.raises(ExpenseError):
        parse_amount(text)


def test_r2_refuses_a_day_that_does_not_exist():
    assert parse_day("2024-02-29") == date(2024, 2, 29)
    with pytest.raises(ExpenseError):
        parse_day("2024-02-30")
"""

TEST_LEDGER = """\
from datetime import date
from decimal import Decimal

import pytest

from expenses.ledger import Ledger
from expenses.model import ExpenseError

DAY = date(2024, 5, 1)


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "expenses.db")
    yield ledger
    ledger.close()


def test_r1_an_expense_is_there_when_the_file_is_opened_again(ledger):
    added = ledger.add(DAY, Decimal("12.50"), "food", "lunch")
    again = Ledger(ledger.path)
    assert again.list() == [added]
    again.close()


def test_r4_lists_one_category_by_date(ledger):
    ledger.add(date(2024, 5, 2), Decimal(2), "food")
    ledger.add(DAY, Decimal(1), "food")
    ledger.add(DAY, Decimal(50), "rent")
    assert [one.amount for one in ledger.list(category="food")] == [1, 2]


def test_r5_removes_by_number(ledger):
    number = ledger.add(DAY, Decimal(1), "food").id
    with pytest.raises(ExpenseError):
        ledger.remove(number + 1)
    ledger.remove(number)
    assert ledger.list() == []
"""

TEST_REPORT = """\
from datetime import date
from decimal import Decimal

import pytest

from expenses.ledger import Ledger
from expenses.model import ExpenseError
from expenses.report import monthly


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "expenses.db")
    yield ledger
    ledger.close()


def test_r3_sums_a_month_by_category_largest_first(ledger):
    ledger.add(date(2024, 5, 1), Decimal("0.10"), "food")
    ledger.add(date(2024, 5, 31), Decimal("0.20"), "food")
    ledger.add(date(2024, 5, 2), Decimal("50"), "rent")
    ledger.add(date(2024, 6, 1), Decimal("99"), "food")
    report = monthly(ledger, "2024-05")
    assert report.total == Decimal("50.30")
    assert list(report.by_category.items()) == [
        ("rent", Decimal("50.00")),
        ("food", Decimal("0.30")),
    ]


def test_r3_an_empty_month_is_zero(ledger):
    assert monthly(ledger, "2024-05").lines() == ["2024-05         total 0.00"]


def test_r3_refuses_what_is_not_a_month(ledger):
    with pytest.raises(ExpenseError):
        monthly(ledger, "2024-13")
"""

TEST_CLI = """\
import pytest

from expenses.cli import main


@pytest.fixture
def run(tmp_path, capsys):
    def run(*argv):
        code = main(["--file", str(tmp_path / "expenses.db"), *argv])
        return code, capsys.readouterr()

    return run


def test_r1_add_prints_the_number(run):
    code, said = run("add", "12.50", "food", "--note", "lunch")
    assert (code, said.out) == (0, "#1\\n")


def test_r2_wrong_input_records_nothing(run):
    code, said = run("add", "0", "food")
    assert code == 2
    assert said.err == "An amount must be greater than 0.\\n"
    assert run("list")[1].out == ""


def test_r2_a_day_that_does_not_exist(run):
    assert run("add", "5", "food", "--date", "2024-02-30")[0] == 2


def test_r3_report(run):
    run("add", "12.50", "food", "--date", "2024-05-01")
    run("add", "50", "rent", "--date", "2024-05-02")
    assert run("report", "2024-05")[1].out.splitlines() == [
        "2024-05         total 62.50",
        "rent            50.00",
        "food            12.50",
    ]


def test_r4_list_of_a_category(run):
    run("add", "12.50", "food", "--date", "2024-05-01")
    run("add", "50", "rent", "--date", "2024-05-02")
    assert run("list", "--category", "food")[1].out == "#1 2024-05-01 12.50 food\\n"


def test_r5_remove_an_unknown_number(run):
    run("add", "1", "food")
    assert run("remove", "7")[0] == 2
    assert run("remove", "1")[0] == 0
"""

TESTS = [
    TestFile(path="tests/test_model.py", content=TEST_MODEL),
    TestFile(path="tests/test_ledger.py", content=TEST_LEDGER),
    TestFile(path="tests/test_report.py", content=TEST_REPORT),
    TestFile(path="tests/test_cli.py", content=TEST_CLI),
]

PASSED = TestsPassed(
    outcomes=[
        TestOutcome(test=f"tests/{file}.py::test_{name}", outcome="passed", requirements=[rid])
        for file, rid, name in [
            ("test_cli", "R1", "r1_add_prints_the_number"),
            ("test_cli", "R2", "r2_a_day_that_does_not_exist"),
            ("test_cli", "R2", "r2_wrong_input_records_nothing"),
            ("test_cli", "R3", "r3_report"),
            ("test_cli", "R4", "r4_list_of_a_category"),
            ("test_cli", "R5", "r5_remove_an_unknown_number"),
            ("test_ledger", "R1", "r1_an_expense_is_there_when_the_file_is_opened_again"),
            ("test_ledger", "R4", "r4_lists_one_category_by_date"),
            ("test_ledger", "R5", "r5_removes_by_number"),
            ("test_model", "R1", "r1_amounts_are_exact_to_the_cent"),
            ("test_model", "R2", "r2_refuses_a_day_that_does_not_exist"),
            ("test_model", "R2", "r2_refuses_what_is_not_an_amount[-5]"),
            ("test_model", "R2", "r2_refuses_what_is_not_an_amount[0]"),
            ("test_model", "R2", "r2_refuses_what_is_not_an_amount[Infinity]"),
            ("test_model", "R2", "r2_refuses_what_is_not_an_amount[NaN]"),
            ("test_model", "R2", "r2_refuses_what_is_not_an_amount[]"),
            ("test_model", "R2", "r2_refuses_what_is_not_an_amount[five]"),
            ("test_report", "R3", "r3_an_empty_month_is_zero"),
            ("test_report", "R3", "r3_refuses_what_is_not_a_month"),
            ("test_report", "R3", "r3_sums_a_month_by_category_largest_first"),
        ]
    ],
    environment="Python in the sandbox tier 'bubblewrap'",
)

BROKEN = SourceFile(
    path="expenses/report.py",
    content=REPORT.replace("ledger.list(month=month)", "ledger.list()"),
)
"""The report with a mistake: it counts all months."""

FAILED = TestsFailed(
    outcomes=[
        outcome.model_copy(
            update={
                "outcome": "failed",
                "message": "tests/test_report.py:24: in test_r3_sums_a_month_by_category\n"
                "    assert report.total == Decimal('50.30')\n"
                "E   AssertionError: assert Decimal('149.30') == Decimal('50.30')",
            }
        )
        if "r3_sums" in outcome.test
        else outcome
        for outcome in PASSED.outcomes
    ],
    environment=PASSED.environment,
)


def delivery(report: TestsPassed | TestsFailed = PASSED) -> Delivery:
    """Return the delivery that follows from a report."""
    return deliver(PRD_, DESIGN, report, SOURCES, TESTS, model="openai:example")


def changed(document: Document, **fields: Any) -> Document:
    """Validate `document` again with other fields."""
    return type(document).model_validate(document.model_dump(mode="json") | fields)
