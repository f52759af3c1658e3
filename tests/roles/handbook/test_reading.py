"""What is read out of requirements: a table of lines, and that no text is too strange."""

# ruff: noqa: E501, SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

import keyword
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaco.roles.handbook.domains import DOMAINS
from metaco.roles.handbook.fields import entity, field, split_list
from metaco.roles.handbook.reading import Reading, read
from metaco.roles.handbook.words import english, plural, singular


def fields_of(reading: Reading, name: str) -> dict[str, str]:
    """Return the kinds of an entity's fields by name."""
    found = next(one for one in reading.entities if one.name == name)
    return {one.name: one.kind for one in found.fields}


# A requirement, its domain and package, and fields (entity.name: kind) that must be read.
LINES: list[tuple[str, str, str, dict[str, str]]] = [
    ("todo", "todo", "todo", {"task.title": "text", "task.done": "boolean"}),
    (
        "A todo list with title, due date and priority (low, medium, high; default medium)",
        "todo",
        "todo_list",
        {"task.due": "date", "task.priority": "choice"},
    ),
    (
        "Write a CLI expense tracker with monthly reports",
        "expenses",
        "expense_tracker",
        {"expense.amount": "money", "expense.category": "text", "expense.date": "date"},
    ),
    (
        "Build me an app to manage my wine cellar with vintage, region, rating 1-100 and tasting "
        "notes, and show me the best by region",
        "wine_cellar",
        "wine_cellar",
        {"wine.vintage": "integer", "wine.rating": "integer", "wine.tasting_notes": "text"},
    ),
    (
        "CRM for a small bakery: customers, orders with delivery date, items; report of revenue "
        "per month",
        "orders",
        "orders",
        {"order.customer": "reference", "order.delivery_date": "date", "item.order": "reference"},
    ),
    (
        "Library system with books, members and loans; show overdue loans",
        "library",
        "library",
        {"loan.book": "reference", "loan.member": "reference", "loan.due": "date"},
    ),
    (
        "A lending library for tools where members borrow tools",
        "lending",
        "lending",
        {"tool.name": "text", "loan.tool": "reference"},
    ),
    (
        "Keep track of my houseplants: name, species, last watered, water every N days",
        "plants",
        "plants",
        {"plant.last_watered": "date", "plant.water_every_n_days": "integer"},
    ),
    (
        "Meteorite database: name, mass in kg, fall date, class (iron, stony, mixed), price in EUR",
        "",
        "meteorite_database",
        {"meteorite.mass": "number", "meteorite.class_name": "choice", "meteorite.price": "money"},
    ),
    (
        "Track bird sightings with species, location, date, count and weather",
        "",
        "bird_sightings",
        {"sighting.species": "text", "sighting.count": "integer", "sighting.date": "date"},
    ),
    (
        "Manage apartments, tenants, leases with rent and start date, and payments. "
        "A payment belongs to a lease.",
        "",
        "apartments",
        {"payment.lease": "reference", "lease.rent": "money", "lease.tenant": "reference"},
    ),
    (
        "I run a small dog grooming salon. I need to keep customers with phone and email, their "
        "dogs (name, breed, birthday), and visits with date, price and notes.",
        "",
        "customers",
        {"dog.name": "text", "dog.customer": "reference", "visit.price": "money"},
    ),
    (
        "inventory for a bike shop with low stock report and csv export",
        "inventory",
        "inventory",
        {"item.quantity": "integer", "item.reorder_level": "integer"},
    ),
    (
        "students and grades with average per student",
        "grades",
        "grades",
        {"grade.student": "reference", "grade.points": "number"},
    ),
    ("Habit tracker with streaks", "habits", "habit_tracker", {"tick.habit": "reference"}),
    (
        "appointments for a hair salon without double bookings",
        "appointments",
        "appointments",
        {"appointment.start": "time", "appointment.end": "time"},
    ),
    (
        "time tracking per project with start and stop, report hours per day",
        "timesheet",
        "timesheet",
        {"entry.project": "reference", "entry.started": "moment"},
    ),
    (
        "gym membership management: members with email (unique), plan (monthly, yearly; default "
        "monthly), start date, active",
        "",
        "members",
        {"member.email": "email", "member.plan": "choice", "member.active": "boolean"},
    ),
    (
        "track my blood pressure: systolic, diastolic, pulse, date, notes; average per month",
        "measurements",
        "measurements",
        {"measurement.systolic": "integer", "measurement.date": "date"},
    ),
    ("MAKE ME A BUG TRACKER NOW!!!", "bugs", "bug_tracker", {"ticket.status": "choice"}),
    ("movie watchlist", "movies", "movies", {"movie.watched": "boolean"}),
    (
        "Eine Aufgabenliste mit Titel, Fälligkeit und Priorität",
        "todo",
        "todo",
        {"task.due": "date", "task.priority": "choice"},
    ),
    (
        "Verwalte meine Weinsammlung mit Jahrgang, Region und Bewertung 1-100",
        "wine_cellar",
        "wine_cellar",
        {"wine.vintage": "integer", "wine.rating": "integer"},
    ),
    (
        "Une application pour gérer mes dépenses avec montant, catégorie et date",
        "expenses",
        "expenses",
        {"expense.amount": "money"},
    ),
    (
        "Lista de tareas con título, prioridad (alta, media, baja) y fecha",
        "todo",
        "todo",
        {"task.priority": "choice", "task.date": "date"},
    ),
    (
        "写一个待办事项程序，包括标题、截止日期和优先级",
        "todo",
        "todo",
        {"task.due": "date", "task.priority": "choice"},
    ),
    ("记账程序,记录金额、类别和日期,每月统计", "expenses", "expenses", {"expense.amount": "money"}),
    ("a program", "", "entries", {"entry.title": "text"}),
    ("", "", "entries", {"entry.title": "text"}),
]


@pytest.mark.parametrize(("text", "domain", "name", "kinds"), LINES, ids=[x[0][:40] for x in LINES])
def test_lines_are_read(text: str, domain: str, name: str, kinds: dict[str, str]) -> None:
    reading = read(text)
    assert (reading.domain, reading.name) == (domain, name)
    for path, kind in kinds.items():
        thing, _, field_name = path.partition(".")
        assert fields_of(reading, thing).get(field_name) == kind, path


REPORTS = [
    ("expense tracker with monthly reports", ("sum", "expense", "amount", "month")),
    (
        "wines with region and rating 1-10; show the best by region",
        ("best", "wine", "rating", "region"),
    ),
    ("students and grades, average per student", ("average", "grade", "points", "student")),
    ("Library: books, members, loans; overdue loans", ("overdue", "loan", "due", "")),
    ("bug tracker, count by status", ("count", "ticket", "", "status")),
    ("inventory with low stock report", ("low", "item", "quantity", "reorder_level")),
    (
        "runs: distance in km, date; total distance per month",
        ("sum", "workout", "distance", "month"),
    ),
]


@pytest.mark.parametrize(("text", "report"), REPORTS)
def test_reports_are_read(text: str, report: tuple[str, ...]) -> None:
    reading = read(text)
    asked = reading.reports[: reading.told]
    assert report in [(one.kind, one.entity, one.value, one.group) for one in asked]


def test_operations_and_formats_are_read() -> None:
    reading = read("todo: search, sort by due date, export to CSV and JSON, mark done")
    assert {"search", "sort", "export", "done"} <= reading.asked
    assert reading.formats == ("csv", "json")


def test_old_attributes_stay() -> None:
    reading = read("  Snake   on a 20x10 board, 3 lives ")
    assert reading.text == "Snake on a 20x10 board, 3 lives"
    assert reading.numbers == (3,)
    assert "snake" in reading.words
    assert reading.says("snake", "worm")
    assert not reading.says("nak")


def test_what_is_not_understood_is_quoted() -> None:
    reading = read("A todo list. Frobnicate zarkly the quuxen blorbs.")
    assert reading.unread == ("Frobnicate zarkly the quuxen blorbs",)
    assert read("A todo list with title and due date").unread == ()
    assert read("日本語のみの要求です").unread
    assert "characters" in read("todo " * 20_000).unread[-1]


def test_what_a_command_line_cannot_be_is_said() -> None:
    reading = read("A todo web app with login and push notifications")
    assert [
        next(q for q in ("web app", "login", "push") if q in line) for line in reading.beyond
    ] == [
        "web app",
        "login",
        "push",
    ]


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("rating 1-100", ("rating", "integer", 1, 100)),
        ("rating from 1 to 5", ("rating", "integer", 1, 5)),
        ("amount in EUR", ("amount", "money", 0, None)),
        ("weight in kg", ("weight", "number", 0, None)),
        ("due date", ("due", "date", None, None)),
        ("website", ("website", "url", None, None)),
        ("number of guests", ("number_of_guests", "integer", 0, None)),
        ("paid (yes/no)", ("paid", "boolean", None, None)),
        ("class", ("class_name", "text", None, None)),
    ],
)
def test_fields_are_typed(phrase: str, expected: tuple[object, ...]) -> None:
    found = field(phrase)
    assert found is not None
    assert (found.name, found.kind, found.minimum, found.maximum) == expected


def test_remarks_in_brackets() -> None:
    priority = field("priority (low, medium, high; default high)")
    assert priority is not None
    assert (priority.choices, priority.default) == (("low", "medium", "high"), "high")
    isbn = field("ISBN (unique)")
    assert isbn is not None and isbn.unique and isbn.required
    category = field("category (food, rent, ...)")
    assert category is not None
    assert (category.kind, category.examples) == ("text", ("food", "rent"))
    when = field("date (default today)")
    assert when is not None and when.default == "today"
    wrong = field("rating (1-5; default 9)")
    assert wrong is not None and wrong.default == ""


def test_lists_are_split_outside_brackets() -> None:
    assert split_list("a, b (c, d) and e & f; g") == ["a", "b (c, d)", "e", "f", "g"]


def test_words() -> None:
    for one, many in (
        ("category", "categories"),
        ("box", "boxes"),
        ("person", "people"),
        ("day", "days"),
    ):
        assert (plural(one), singular(many)) == (many, one)
    assert english("Ausgaben mit Betrag und Datum")[1] == "de"
    assert english("the list with the best wine")[1] == "en"


def test_the_table_of_domains_is_sound() -> None:
    names = [domain.name for domain in DOMAINS]
    assert len(names) == len(set(names)) >= 35
    for domain in DOMAINS:
        known = {one.name: one for one in map(entity, domain.entities)}
        for line in domain.entities:
            assert entity(line).fields, line
        for action in domain.actions:
            assert action.entity in known
            assert not action.field or known[action.entity].get(action.field), action
        for report in domain.reports:
            one = known[report.entity]
            assert not report.value or one.get(report.value), report
            assert report.group in ("", "month", "year", "day") or one.get(report.group), report
        assert read(f"a program for {domain.title.removeprefix('a ')}").entities


def check(text: str) -> None:
    reading = read(text)
    name = reading.name
    assert name.isidentifier() and name == name.lower() and len(name) <= 40 and name.isascii()
    assert not keyword.iskeyword(name) and name not in sys.stdlib_module_names
    assert reading.entities
    names = [one.name for one in reading.entities]
    assert len(names) == len(set(names))
    seen: set[str] = set()
    for one in reading.entities:
        assert one.name.isidentifier()
        fields = [f.name for f in one.fields]
        assert fields and len(fields) == len(set(fields)), one
        for f in one.fields:
            assert f.name.isidentifier() and not keyword.iskeyword(f.name)
            assert not f.target or f.target in seen, "what is referred to comes first"
            if f.minimum is not None and f.maximum is not None:
                assert f.minimum < f.maximum
            if f.kind == "choice":
                assert len(f.choices) >= 2 and (not f.default or f.default in f.choices)
        seen.add(one.name)
    "".join(reading.unread).encode()
    assert read(text) == reading


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_no_text_is_too_strange(text: str) -> None:
    check(text)


_PIECES = st.sampled_from(
    "todo library with and , ; : . ( ) the track books (title, name) rating 1-5 5-1 date default today "
    "per month by category report best top belongs to a customer orders id class import self unique "
    "-- ' \" \\ { } % $ \n üñí 图书 记录 🎉 \x00 \ud800 / .. 99999999999 yes/no each has many items".split(
        " "
    )
)


@settings(max_examples=250, deadline=None)
@given(st.lists(_PIECES, max_size=30).map(" ".join))
def test_no_sentence_is_too_strange(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    "text", ["(" * 50_000, "a, " * 30_000, "with " * 20_000, "\ud800", "🎉" * 9, "x " * 50_000]
)
def test_long_and_broken_texts_are_read(text: str) -> None:
    check(text)
