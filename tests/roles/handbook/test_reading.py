"""What is read out of requirements: a table of lines, and that no text is too strange."""

# ruff: noqa: E501, SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

import keyword
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaco.roles.handbook.domains import DOMAINS
from metaco.roles.handbook.fields import entity, field, split_list
from metaco.roles.handbook.reading import Reading, read
from metaco.roles.handbook.rules import rules
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


# Requirements as people write them: main entity, its fields with kind and rules (! required, ? optional,
# + above zero, u unique, a-b limits, <= not in the future, >= not in the past), the reports that are
# asked for, the actions, and exactly what stays unread.
REAL: list[tuple[str, str, dict[str, str], set[tuple[str, ...]], set[str], tuple[str, ...]]] = [
    (
        "Create a program that tracks the donations to our animal shelter: donor, amount, date, purpose "
        "(food, vet, building); a donor can be anonymous; I want totals per purpose and per month, the ten "
        "biggest donations, and a CSV for the tax office. It must refuse negative amounts and dates in the future.",
        "donation",
        {"donor": "text ?", "amount": "money !+", "date": "date ?<=", "purpose": "choice ?"},
        {("sum", "amount", "purpose"), ("sum", "amount", "month"), ("top", "amount", "10")},
        set(),
        (),
    ),
    (
        "I own a flower shop and need a list of my suppliers with name, phone, email and payment terms (7 days, "
        "14 days, 30 days). Email must be unique. Show me suppliers sorted by name.",
        "supplier",
        {"name": "text !u", "email": "email !u", "payment_terms": "choice ?"},
        set(),
        set(),
        (),
    ),
    (
        "As a teacher I want to record homework for each student so that I know who has not handed it in. Homework "
        "has a title, subject, due date and handed in (yes/no). Show me what is due in the next 7 days.",
        "homework",
        {"title": "text !", "due": "date ?", "handed_in": "boolean ?"},
        {("open", "handed_in", ""), ("soon", "due", "7")},
        set(),
        (),
    ),
    (
        "Our chess club needs a membership register: first name, last name, joined on, fee paid (yes/no). I want to "
        "mark members as paid and see who has not paid.",
        "member",
        {"last_name": "text ?", "joined_on": "date ?", "fee_paid": "boolean ?"},
        {("open", "fee_paid", "")},
        {"paid"},
        (),
    ),
    (
        "As a landlord I want to keep rent payments: tenant, apartment, amount, month, paid on. Amounts must be "
        "positive. How much rent came in per month and per tenant? Export to CSV for my accountant.",
        "payment",
        {"amount": "money !+", "tenant": "text ?", "paid_on": "date ?"},
        {("sum", "amount", "month"), ("sum", "amount", "tenant")},
        set(),
        (),
    ),
    (
        "I'm a freelancer. I need to log my invoices: number, client, amount, date, due date, paid. Show overdue "
        "invoices and the total per client. Let me mark an invoice as paid.",
        "invoice",
        {"number": "text !u", "client": "reference !", "amount": "money ?", "paid": "boolean ?"},
        {("overdue", "due", ""), ("sum", "amount", "client")},
        {"pay"},
        (),
    ),
    (
        "A small clinic wants to manage its patients: name, birthday, phone, insurance number (unique), allergies. "
        "Phone may be missing. No duplicates. Birthdays must not be in the future.",
        "patient",
        {
            "name": "text !u",
            "birthday": "date ?<=",
            "phone": "phone ?",
            "insurance_number": "text !u",
        },
        set(),
        set(),
        (),
    ),
    (
        "# Bee hives\n\nI keep bees and want a log of my hive inspections.\n\n## Fields\n- hive\n- date (default "
        "today)\n- queen seen (yes/no)\n- temper (calm, nervous, aggressive)\n- honey in kg\n\n## Rules\n- the date "
        "must not be in the future\n- honey cannot be negative\n\n## Reports\n- honey per hive and per year\n- the 5 "
        "latest inspections\n- CSV export",
        "hive_inspection",
        {"hive": "text !", "date": "date ?<=", "temper": "choice ?", "honey": "number ?0-"},
        {("sum", "honey", "hive"), ("sum", "honey", "year"), ("top", "date", "5")},
        set(),
        (),
    ),
    (
        "Keep track of my vinyl records with artist, title, year, condition (poor, good, mint) and price paid. What "
        "is the total value? Which are the 20 most expensive? Sort by artist.",
        "vinyl",
        {"title": "text !", "price_paid": "money ?", "condition": "choice ?"},
        {("overall", "price_paid", ""), ("top", "price_paid", "20")},
        set(),
        (),
    ),
    (
        "Make a tool to log the fish I catch: species, weight in kg, length in cm, date, lake, bait. I want the three "
        "heaviest fish, the most frequent species, and the average weight per lake.",
        "fish",
        {"species": "text !", "weight": "number ?0-"},
        {("top", "weight", "3"), ("ranking", "", "species"), ("average", "weight", "lake")},
        set(),
        (),
    ),
    (
        "tracker for job candidates with fields: name, email, position, stage (new, interview, offer, hired, "
        "rejected), rating between 1 and 5, applied on. Reject empty names and duplicate emails. Count per stage.",
        "candidate",
        {"name": "text !", "email": "email !u", "stage": "choice ?", "rating": "integer ?1-5"},
        {("count", "", "stage")},
        set(),
        (),
    ),
    (
        "Bike repair shop: customers (name, phone), bikes (brand, model, frame number), repairs (date, description, "
        "price, status: waiting, in progress, done). Each customer can have several bikes; each bike can have "
        "several repairs. Mark repairs as done. Revenue per month.",
        "repair",
        {"bike": "reference !", "price": "money ?", "status": "choice ?"},
        {("sum", "price", "month")},
        {"done"},
        (),
    ),
    (
        "We are a food bank. Volunteers log deliveries: supplier, product, weight in kg, delivered on, expiry date. "
        "Refuse expiry dates in the past. Show what expires in the next 10 days and how many kg per supplier.",
        "delivery",
        {"expiry_date": "date ?>=", "weight": "number ?0-", "delivered_on": "date ?"},
        {("soon", "expiry_date", "10"), ("sum", "weight", "supplier")},
        set(),
        (),
    ),
    (
        "A list of books I lent to friends: title, friend, lent on, due date, returned on. Who has not returned a "
        "book? Mark as returned.",
        "book",
        {"friend": "text ?", "returned_on": "date ?"},
        {("open", "returned_on", "")},
        {"returned"},
        (),
    ),
    (
        "Write a program to manage a car park: parking spots with number and type (normal, disabled, electric), cars "
        "with plate (unique) and owner, and parkings with car, spot, date, start and end. No two parkings may "
        "overlap on the same spot.",
        "parking",
        {"spot": "reference !", "car": "reference !", "start": "time !"},
        set(),
        {"overlap"},
        (),
    ),
    (
        "Please build a mileage log for taxes: date, from, to, purpose, km. Km must be greater than zero; purpose is "
        "required; sum of km per month and per year; export as CSV.",
        "mileage",
        {"purpose": "text !", "km": "number ?+"},
        {("sum", "km", "month"), ("sum", "km", "year")},
        set(),
        (),
    ),
    (
        "Cellar of homemade jams: flavour, jars, made on, best before. Tell me which jams expire within 90 days & how "
        "many jars I have per flavour. Jars can't go below 0.",
        "homemade_jam",
        {"jars": "integer ?0-", "best_before": "date ?"},
        {("soon", "best_before", "90"), ("sum", "jars", "flavour")},
        set(),
        (),
    ),
    (
        "Expense list with amount, category (food, rent, fun), date; at most 500 per expense; refuse duplicates; "
        "monthly totals; sorted by date, newest first",
        "expense",
        {"amount": "money !0-500", "date": "date ?"},
        {("sum", "amount", "month")},
        set(),
        ("refuse duplicates",),
    ),
    (
        "Dog walking business: I have clients, each client has one or more dogs, and I record walks with dog, date, "
        "minutes and price. I need a monthly total per client and a list of unpaid walks. Mark walks as paid.",
        "walk",
        {"dog": "reference !", "price": "money ?", "paid": "boolean ?"},
        {("open", "paid", ""), ("sum", "price", "month")},
        {"paid"},
        ("total per client",),
    ),
    (
        "I want a program for my yoga studio: classes with day, time, teacher and room; participants with name and "
        "email; and bookings of participants for classes. A class can have at most 12 participants.",
        "booking",
        {"class_ref": "reference !", "participant": "reference !"},
        set(),
        set(),
        ("A class can have at most 12 participants",),
    ),
    (
        "todo app where tasks can't have a due date in the past and the title is required",
        "task",
        {"due": "date ?>=", "title": "text !"},
        set(),
        {"done"},
        (),
    ),
    (
        "Verwalte die Spenden unseres Tierheims: Spender, Betrag, Datum, Zweck (Futter, Tierarzt, Gebäude). Summe pro "
        "Monat und pro Zweck, die zehn größten Spenden, CSV-Export. Negative Beträge ablehnen.",
        "donation",
        {"donor": "text ?", "amount": "money !+", "purpose": "choice ?"},
        {("sum", "amount", "month"), ("sum", "amount", "purpose"), ("top", "amount", "10")},
        set(),
        (),
    ),
    (
        "Je veux gérer les réparations de mon atelier de vélos : client, vélo, date, prix, payé (oui/non). Total par "
        "mois. Exporter en CSV.",
        "repair",
        {"price": "money ?", "paid": "boolean ?"},
        {("sum", "price", "month")},
        set(),
        (),
    ),
    (
        "Quiero registrar las ventas de mi panadería: producto, cantidad, precio, fecha. Total por mes y por "
        "producto. Exportar a CSV.",
        "sale",
        {"product": "text !", "quantity": "integer ?", "price": "money ?"},
        {("sum", "price", "month"), ("sum", "price", "product")},
        set(),
        (),
    ),
    (
        "记录我的跑步：日期、距离（公里）、时间、心情。每月总距离，导出CSV。",
        "workout",
        {"distance": "number ?", "mood": "integer ?1-5"},
        {("sum", "distance", "month")},
        set(),
        (),
    ),
]


@pytest.mark.parametrize("case", REAL, ids=[case[0][:40] for case in REAL])
def test_real_requirements_are_read(
    case: tuple[str, str, dict[str, str], set[tuple[str, ...]], set[str], tuple[str, ...]],
) -> None:
    text, name, wanted, reports, actions, unread = case
    reading = read(text)
    assert reading.unread == unread
    one = next(e for e in reading.entities if e.name == name)
    for field_name, said in wanted.items():
        found = one.get(field_name)
        assert found is not None, field_name
        kind, _, rules = said.partition(" ")
        assert found.kind == kind, field_name
        assert found.required == ("!" in rules), field_name
        assert "+" not in rules or found.positive, field_name
        assert "u" not in rules or found.unique, field_name
        assert found.no_future == ("<=" in rules) and found.no_past == (">=" in rules), field_name
        if limits := re.search(r"(\d+)-(\d*)", rules):
            assert found.minimum == int(limits[1]), field_name
            assert found.maximum == (int(limits[2]) if limits[2] else None), field_name
    told = {
        (r.kind, r.value, str(r.count or "") if r.kind in ("top", "soon") else r.group)
        for r in reading.reports[: reading.told]
    }
    assert reports <= told
    assert actions <= {a.word or a.kind for a in reading.actions}


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("A weather app with live forecasts for my city", "live data"),
        ("Write a compiler for a small Pascal-like language", "kind of program"),
        ("Build a social network where friends post photos and chat", "over a network"),
    ],
)
def test_what_is_not_delivered_is_said(text: str, missing: str) -> None:
    reading = read(text)
    assert reading.unread == (text,)
    assert any(missing in line for line in reading.beyond)


def test_the_usual_order_is_read() -> None:
    (one,) = read(
        "Track my plays with title, seen on and rating; sorted by seen on, newest first"
    ).entities
    assert (one.order, one.descending) == ("seen_on", True)


def test_words_are_whole_in_any_alphabet() -> None:
    reading = read("Quiz über Hauptstädte")
    assert reading.words == ("quiz", "über", "hauptstädte")
    assert reading.says("hauptstädte") and not reading.says("hauptst")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("refuse empty names", ["required"]),
        ("the amount must not be negative", ["low"]),
        ("weight must be from 1 to 9", ["low", "high"]),
        ("rating must be less than 6", ["below"]),
        ("dates cannot be in the past", ["no_past"]),
        ("no duplicate emails", ["unique"]),
        ("do not accept prices over 500", ["high"]),
        ("notes may be left empty", ["optional"]),
        ("the name can be shown", []),
        ("it must be fast", []),
    ],
)
def test_rules_are_read(text: str, kinds: list[str]) -> None:
    assert [rule.kind for rule in rules(text)] == kinds


def test_a_rule_that_cannot_be_kept_stays_unread() -> None:
    reading = read("A todo list with title and due date. Refuse tasks with swear words.")
    assert reading.unread == ("Refuse tasks with swear words",)


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
    "must refuse negative amounts the ten biggest in future empty may be optional mark as paid sorted newest "
    "each several next 7 days csv export who has not duplicates at most - # total "
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
