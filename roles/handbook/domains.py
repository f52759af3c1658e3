"""What is commonly recorded: the fields, actions and reports of familiar domains, as data.

A requirement's own words always win; this table fills in what it does not say. Fields are written
in the notation of `fields.py`; the first field is what a record is called by; ``member_ref`` is a
reference to a member.
"""

# ruff: noqa: E501, SIM905 - long lists and sentences read better unbroken

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["COMMON", "DOMAINS", "PARENTS", "THINGS", "Action", "Domain", "Report"]


@dataclass(frozen=True)
class Action:
    """A command with logic of its own.

    Attributes:
        kind: ``set`` puts `value` into `field` (and `undo` takes it back); ``lend`` lends `entity`
            to `other`, kept in `record`; ``stock`` changes a quantity; ``overlap`` refuses records
            of the same `field` at the same time; ``timer`` starts and stops; ``check`` ticks
            `entity` off for a day, kept in `record`.
        word: the command of a ``set``.
    """

    kind: Literal["set", "lend", "stock", "overlap", "timer", "check"]
    entity: str
    word: str = ""
    field: str = ""
    value: str = ""
    undo: str = ""
    other: str = ""
    record: str = ""


@dataclass(frozen=True)
class Report:
    """A report over the records of `entity`; empty names mean "the first field that fits".

    Attributes:
        kind: ``sum``, ``count`` and ``average`` go by group; ``best`` is one record per group,
            ``top`` the first `count` of all; ``ranking`` orders the groups by sum, or by count if it
            has no value; ``overall`` is one line for all records; ``open`` lists what is not settled
            by `value`; ``soon`` and ``overdue`` look at a date.
        count: how many to show, or days to look ahead; 0 means the usual.
        ascending: ``top`` begins with the lowest.
    """

    kind: Literal[
        "sum",
        "count",
        "average",
        "best",
        "top",
        "overdue",
        "soon",
        "low",
        "lines",
        "streaks",
        "hours",
        "ranking",
        "overall",
        "open",
    ]
    entity: str
    value: str = ""
    group: str = ""
    count: int = 0
    ascending: bool = False


@dataclass(frozen=True)
class Domain:
    """A familiar kind of record keeping.

    Attributes:
        name: the package.
        title: what it is, as "a to-do list".
        keywords: words and phrases that point to it; a phrase counts more than a word.
        entities: lines in the notation of `fields.entity`; the first is the main one.
        instead: what people use without it.
    """

    name: str
    title: str
    keywords: str
    entities: tuple[str, ...]
    actions: tuple[Action, ...] = ()
    reports: tuple[Report, ...] = ()
    instead: str = "a paper notebook"


_DONE = "done (yes/no)"

DOMAINS: tuple[Domain, ...] = (
    Domain(
        "todo",
        "a to-do list",
        "todo, to-do, todos, to do list, task list, task manager, tasks, task, errands, reminders",
        (
            "task: title (required; e.g. Buy milk, Call the dentist, Write the report), due date, "
            "priority (low, medium, high; default medium), notes, " + _DONE,
        ),
        (Action("set", "task", "done", "done", "yes", "reopen"),),
        (Report("overdue", "task", "due"), Report("count", "task", "", "priority")),
        "sticky notes",
    ),
    Domain(
        "expenses",
        "an expense tracker",
        "expense, expenses, spending, spendings, expense tracker, money tracker, outgoings, purchases",
        (
            "expense: amount (required, positive; e.g. 12.50, 7.20, 40.00), category (required; e.g. "
            "food, rent, travel), date (default today), note (e.g. lunch, bus ticket, new shoes)",
        ),
        (),
        (
            Report("sum", "expense", "amount", "month"),
            Report("sum", "expense", "amount", "category"),
        ),
        "a shoebox of receipts",
    ),
    Domain(
        "budget",
        "a household budget of income and expenses",
        "budget, income and expenses, cash flow, household budget, personal finance, finances, "
        "bookkeeping, income, transactions, ledger, bank account",
        (
            "transaction: amount (required, positive; e.g. 1200.00, 35.50, 80.00), kind (income, "
            "expense; default expense), category (required; e.g. salary, food, rent), date (default "
            "today), note (e.g. March, weekly shopping, flat)",
        ),
        (),
        (
            Report("sum", "transaction", "amount", "month"),
            Report("sum", "transaction", "amount", "category"),
            Report("sum", "transaction", "amount", "kind"),
        ),
        "bank statements",
    ),
    Domain(
        "inventory",
        "an inventory with stock levels",
        "inventory, stock, warehouse, stock levels, stock keeping, spare parts, supplies, pantry, "
        "in stock, store room, products",
        (
            "item: name (required, unique; e.g. Screws M4, Oak board, Paint white), sku (e.g. SC-4, "
            "OB-1, PW-9), category (e.g. hardware, wood, paint), quantity (default 0; min 0), reorder "
            "level (integer, default 5; min 0), price, location (e.g. shelf A, shelf B, cellar)",
        ),
        (Action("stock", "item", field="quantity"),),
        (
            Report("low", "item", "quantity", "reorder_level"),
            Report("count", "item", "", "category"),
        ),
        "counting shelves by hand",
    ),
    Domain(
        "library",
        "a lending library",
        "library, books, loans, loan, book loans, lend books",
        (
            "book: title (required; e.g. Dune, Emma, Ulysses), author (e.g. Frank Herbert, Jane Austen, "
            "James Joyce), year (integer, 0-9999; e.g. 1965, 1815, 1922), isbn (e.g. 9780441013593, "
            "9780141439587, 9780199535675)",
            "member: name (required, unique; e.g. Ann Lee, Bob Ray, Cem Ak), email",
            "loan: book_ref (required), member_ref (required), lent on (default today), due date, "
            "returned on",
        ),
        (Action("lend", "book", other="member", record="loan"),),
        (Report("overdue", "loan", "due"), Report("count", "book", "", "author")),
        "a card index",
    ),
    Domain(
        "lending",
        "a register of things lent to people",
        "lent, lend, lending, borrow, lending things, tools lent, tool library, borrowed, borrowing, equipment rental, "
        "rentals, loan out, library for tools, tools, library of things",
        (
            "item: name (required, unique; e.g. Drill, Ladder, Tent), category (e.g. tools, garden, "
            "camping), notes",
            "person: name (required, unique; e.g. Ann Lee, Bob Ray, Cem Ak), email",
            "loan: item_ref (required), person_ref (required), lent on (default today), due date, "
            "returned on",
        ),
        (Action("lend", "item", other="person", record="loan"),),
        (Report("overdue", "loan", "due"),),
        "remembering who has what",
    ),
    Domain(
        "contacts",
        "an address book",
        "contacts, contact, address book, phone book, contact manager, addresses, phonebook, rolodex",
        (
            "contact: name (required; e.g. Ann Lee, Bob Ray, Cem Ak), email, phone, address (e.g. 1 "
            "Mill Lane, 2 High Street, 3 Park Road), birthday, group (e.g. family, friends, work)",
        ),
        (),
        (Report("soon", "contact", "birthday"), Report("count", "contact", "", "group")),
        "the phone's contact list",
    ),
    Domain(
        "bookings",
        "a booking book that refuses double bookings",
        "bookings, booking, reservations, reservation, meeting rooms, room booking, reserve, rooms, "
        "booking system, tables, courts",
        (
            "room: name (required, unique; e.g. Blue room, Red room, Hall), capacity (integer, min 1; "
            "default 4)",
            "booking: title (required; e.g. Team meeting, Workshop, Interview), room_ref (required), "
            "date (required), start (required, time), end (required, time), cancelled (yes/no)",
        ),
        (
            Action("overlap", "booking", field="room"),
            Action("set", "booking", "cancel", "cancelled", "yes"),
        ),
        (Report("count", "booking", "", "room"),),
        "a paper calendar on the door",
    ),
    Domain(
        "appointments",
        "an appointment book that refuses overlaps",
        "appointments, appointment, appointment book, schedule, clinic, salon, barber, dentist, "
        "patients, doctor, hairdresser, calendar, meetings",
        (
            "appointment: client (required; e.g. Ann Lee, Bob Ray, Cem Ak), date (required), start "
            "(required, time), end (required, time), subject (e.g. check-up, first visit, follow-up), "
            "cancelled (yes/no)",
        ),
        (
            Action("overlap", "appointment"),
            Action("set", "appointment", "cancel", "cancelled", "yes"),
        ),
        (Report("soon", "appointment", "date"), Report("count", "appointment", "", "month")),
        "a paper diary",
    ),
    Domain(
        "recipes",
        "a recipe collection",
        "recipes, recipe, cookbook, cooking, dishes, meals, meal planner",
        (
            "recipe: title (required; e.g. Lentil soup, Apple cake, Risotto), category (starter, main, "
            "dessert, other; default main), servings (integer; min 1; default 4), minutes (min 0), "
            "ingredients (e.g. lentils; carrots, apples; flour, rice; wine), instructions (e.g. Simmer, "
            "Bake, Stir), rating (1-5)",
        ),
        (),
        (Report("best", "recipe", "rating", "category"), Report("count", "recipe", "", "category")),
        "a box of recipe cards",
    ),
    Domain(
        "grades",
        "a grade book",
        "grades, grade, grade book, gradebook, students, student, marks, exams, exam results, school, "
        "teacher, pupils, class results",
        (
            "student: name (required, unique; e.g. Ann Lee, Bob Ray, Cem Ak), class group (e.g. 7A, 7B, "
            "8A)",
            "grade: student_ref (required), subject (required; e.g. maths, history, biology), points "
            "(required, number, 0-100), date (default today)",
        ),
        (),
        (
            Report("average", "grade", "points", "student"),
            Report("average", "grade", "points", "subject"),
        ),
        "a paper grade book",
    ),
    Domain(
        "habits",
        "a habit tracker with streaks",
        "habits, habit, habit tracker, streak, streaks, routines, daily goals, resolutions",
        (
            "habit: name (required, unique; e.g. Read, Run, Meditate), goal (e.g. 20 pages, 5 km, 10 "
            "minutes), started on (default today)",
            "tick: habit_ref (required), day (date, default today)",
        ),
        (Action("check", "habit", record="tick"),),
        (Report("streaks", "tick"),),
        "crosses on a wall calendar",
    ),
    Domain(
        "workouts",
        "a workout log",
        "workouts, workout, exercise log, exercises, gym, training, fitness, running log, runs, "
        "weight lifting, lifting",
        (
            "workout: exercise (required; e.g. Squat, Bench press, Run), date (default today), sets "
            "(min 1; default 3), reps (min 1; default 10), weight (number, in kg), minutes (min 0), note",
        ),
        (),
        (
            Report("top", "workout", "weight"),
            Report("count", "workout", "", "exercise"),
            Report("count", "workout", "", "month"),
        ),
        "a training diary on paper",
    ),
    Domain(
        "movies",
        "a film list with ratings",
        "movies, movie, films, film, watchlist, tv shows, series, watch list, cinema",
        (
            "movie: title (required; e.g. Alien, Casablanca, Vertigo), year (integer, 1880-2100; e.g. "
            "1979, 1942, 1958), genre (e.g. horror, drama, thriller), director (e.g. Ridley Scott, "
            "Michael Curtiz, Alfred Hitchcock), rating (1-10), watched (yes/no)",
        ),
        (Action("set", "movie", "watched", "watched", "yes", "unwatched"),),
        (Report("top", "movie", "rating"), Report("average", "movie", "rating", "genre")),
        "a list in a notebook",
    ),
    Domain(
        "reading_list",
        "a reading list",
        "reading list, books to read, book list, my books, reading log, book collection, read books, "
        "bookshelf, novels",
        (
            "book: title (required; e.g. Dune, Emma, Ulysses), author (e.g. Frank Herbert, Jane Austen, "
            "James Joyce), genre (e.g. science fiction, romance, classic), pages (integer, min 1), "
            "status (to read, reading, finished; default to read), rating (1-5)",
        ),
        (Action("set", "book", "finish", "status", "finished"),),
        (Report("count", "book", "", "status"), Report("top", "book", "rating")),
        "a pile of books",
    ),
    Domain(
        "notes",
        "a notebook with tags",
        "notes, note taking, note-taking, notebook, jot, memos, memo, snippets, ideas, knowledge base, "
        "zettelkasten",
        (
            "note: title (required; e.g. Garden plan, Gift ideas, Meeting), body (e.g. Sow beans in "
            "May, A good book, Ask about dates), tag (e.g. home, family, work), created on (default "
            "today), pinned (yes/no)",
        ),
        (Action("set", "note", "pin", "pinned", "yes", "unpin"),),
        (Report("count", "note", "", "tag"),),
        "loose text files",
    ),
    Domain(
        "journal",
        "a journal",
        "journal, diary, mood, mood tracker, daily log, gratitude, dreams, sleep",
        (
            "entry: title (required; e.g. A long walk, Rainy day, First snow), date (default today), "
            "mood (1-5), text (e.g. By the river, Read all day, Very quiet), place (e.g. home, park, "
            "office)",
        ),
        (),
        (Report("average", "entry", "mood", "month"), Report("count", "entry", "", "month")),
        "a paper diary",
    ),
    Domain(
        "timesheet",
        "a time sheet with start and stop",
        "time tracking, timesheet, time sheet, time tracker, track time, working hours, work hours, "
        "hours worked, billable, freelance hours, stopwatch log, track hours, hours per project",
        (
            "project: name (required, unique; e.g. Website, Book, Garden), client (e.g. Lee Ltd, Ray "
            "Inc, Ak GmbH)",
            "entry: project_ref (required), started (moment), ended (moment), note (e.g. layout, "
            "chapter one, planting)",
        ),
        (Action("timer", "entry", field="project"),),
        (Report("hours", "entry", "", "project"), Report("hours", "entry", "", "day")),
        "a note beside the clock",
    ),
    Domain(
        "invoices",
        "an invoice book",
        "invoices, invoice, invoicing, billing, bills to clients, receivables",
        (
            "client: name (required, unique; e.g. Lee Ltd, Ray Inc, Ak GmbH), email",
            "invoice: number (text, required, unique; e.g. 2024-001, 2024-002, 2024-003), client_ref "
            "(required), date (default today), due date, paid (yes/no)",
            "line: invoice_ref (required), description (required; e.g. Design, Print, Delivery), "
            "quantity (integer, min 1; default 1), price (required)",
        ),
        (Action("set", "invoice", "pay", "paid", "yes", "unpay"),),
        (
            Report("lines", "line", "", "invoice"),
            Report("overdue", "invoice", "due"),
            Report("count", "invoice", "", "client"),
        ),
        "a text document per invoice",
    ),
    Domain(
        "bugs",
        "a bug tracker",
        "bugs, bug, bug tracker, issue tracker, issues, tickets, ticket, defects, support tickets, "
        "helpdesk, help desk, incidents",
        (
            "ticket: title (required; e.g. Login fails, Typo on page 2, Slow start), severity (minor, "
            "major, critical; default minor), status (open, in progress, closed; default open), "
            "reporter (e.g. Ann, Bob, Cem), opened on (default today), description",
        ),
        (Action("set", "ticket", "close", "status", "closed", "reopen"),),
        (Report("count", "ticket", "", "status"), Report("count", "ticket", "", "severity")),
        "a thread of e-mails",
    ),
    Domain(
        "pets",
        "a record of pets and their visits to the vet",
        "pets, pet, dogs, cats, vet, veterinary, vaccinations, animals, animal shelter, shelter",
        (
            "pet: name (required, unique; e.g. Rex, Minka, Hops), species (required; e.g. dog, cat, "
            "rabbit), birthday, weight (number, in kg)",
            "visit: pet_ref (required), date (default today), reason (required; e.g. vaccination, "
            "check-up, injury), cost",
        ),
        (),
        (
            Report("sum", "visit", "cost", "pet"),
            Report("count", "pet", "", "species"),
            Report("soon", "pet", "birthday"),
        ),
        "the vet's vaccination booklet",
    ),
    Domain(
        "plants",
        "a plant care record",
        "plants, plant, houseplants, garden, gardening, watering, water my plants, seeds, greenhouse",
        (
            "plant: name (required, unique; e.g. Fern, Cactus, Basil), species (e.g. Nephrolepis, "
            "Mammillaria, Ocimum), location (e.g. kitchen, office, balcony), watered on, next watering "
            "(date), notes",
        ),
        (Action("set", "plant", "water", "watered_on", "today"),),
        (Report("overdue", "plant", "next_watering"), Report("count", "plant", "", "location")),
        "a reminder on the phone",
    ),
    Domain(
        "wine_cellar",
        "a wine cellar book",
        "wine, wines, wine cellar, wine collection, whisky collection, beer collection, vintage, bottles of wine, whisky, beers, beer, spirits, tasting",
        (
            "wine: name (required; e.g. Chateau Blanc, Rioja Alta, Old Vines), vintage (integer, "
            "1900-2100; e.g. 2015, 2018, 2020), region (e.g. Bordeaux, Rioja, Barossa), rating "
            "(1-100), bottles (integer, min 0; default 1), tasting notes (e.g. plum and oak, cherry, "
            "pepper)",
        ),
        (),
        (Report("best", "wine", "rating", "region"), Report("top", "wine", "rating")),
        "labels in a scrapbook",
    ),
    Domain(
        "orders",
        "a customer and order book",
        "crm, customers, customer, orders, order, clients, sales, shop, bakery, store, e-commerce, "
        "leads, deals, order management",
        (
            "customer: name (required, unique; e.g. Ann Lee, Bob Ray, Cem Ak), email, phone",
            "order: customer_ref (required), date (default today), delivery date, total, status (open, "
            "delivered, cancelled; default open)",
        ),
        (Action("set", "order", "deliver", "status", "delivered", "reopen"),),
        (
            Report("sum", "order", "total", "month"),
            Report("sum", "order", "total", "customer"),
            Report("count", "order", "", "status"),
        ),
        "an order pad",
    ),
    Domain(
        "shopping_list",
        "a shopping list",
        "shopping list, groceries, grocery list, grocery, shopping",
        (
            "item: name (required; e.g. Milk, Bread, Apples), quantity (integer, min 1; default 1), "
            "shop (e.g. market, bakery, supermarket), bought (yes/no)",
        ),
        (Action("set", "item", "buy", "bought", "yes", "unbuy"),),
        (Report("count", "item", "", "shop"),),
        "a slip of paper",
    ),
    Domain(
        "bookmarks",
        "a bookmark collection",
        "bookmarks, bookmark, links, urls, read later, favorites, web links",
        (
            "bookmark: title (required; e.g. Python docs, Weather, News), url (required, unique), tag "
            "(e.g. work, daily, fun), added on (default today), read (yes/no)",
        ),
        (Action("set", "bookmark", "mark-read", "read", "yes", "mark-unread"),),
        (Report("count", "bookmark", "", "tag"),),
        "the browser's bookmarks",
    ),
    Domain(
        "subscriptions",
        "a record of subscriptions and their cost",
        "subscriptions, subscription, memberships, recurring payments, recurring bills, renewals, bills, "
        "contracts, insurance",
        (
            "subscription: name (required, unique; e.g. Music, Newspaper, Gym), price (required), cycle "
            "(monthly, yearly; default monthly), next payment (date), category (e.g. media, news, sport), "
            "cancelled (yes/no)",
        ),
        (Action("set", "subscription", "cancel", "cancelled", "yes", "resume"),),
        (
            Report("sum", "subscription", "price", "cycle"),
            Report("soon", "subscription", "next_payment"),
        ),
        "bank statements",
    ),
    Domain(
        "fuel_log",
        "a fuel and mileage log",
        "fuel, mileage, fuel log, car, cars, vehicles, vehicle, car maintenance, gas mileage, refuel, "
        "fleet",
        (
            "vehicle: name (required, unique; e.g. Blue van, Old car, Bike), plate (e.g. AB-123, "
            "CD-456, EF-789)",
            "refuel: vehicle_ref (required), date (default today), litres (required, positive), cost "
            "(required), odometer (integer, min 0)",
        ),
        (),
        (Report("sum", "refuel", "cost", "month"), Report("sum", "refuel", "litres", "vehicle")),
        "receipts in the glove box",
    ),
    Domain(
        "medication",
        "a medication record",
        "medication, medications, medicine, pills, prescriptions, symptoms, doses",
        (
            "medicine: name (required, unique; e.g. Ibuprofen, Vitamin D, Iron), strength (e.g. 400 mg, "
            "20 ug, 50 mg), quantity (integer, min 0; default 0), reorder level (integer, min 0; "
            "default 5), expires on",
        ),
        (Action("stock", "medicine", field="quantity"),),
        (
            Report("low", "medicine", "quantity", "reorder_level"),
            Report("soon", "medicine", "expires_on"),
        ),
        "a pill box",
    ),
    Domain(
        "job_applications",
        "a record of job applications",
        "job applications, job application, job search, job hunt, applications, applicants, recruiting, "
        "interviews, candidates",
        (
            "application: company (required; e.g. Lee Ltd, Ray Inc, Ak GmbH), position (text, required; "
            "e.g. Developer, Analyst, Writer), applied on (default today), status (applied, interview, "
            "offer, rejected; default applied), contact (text), notes",
        ),
        (Action("set", "application", "reject", "status", "rejected", "reapply"),),
        (Report("count", "application", "", "status"), Report("count", "application", "", "month")),
        "a folder of e-mails",
    ),
    Domain(
        "attendance",
        "an attendance register",
        "attendance, attendees, present, absent, absence, sign in, check in sheet, roll call",
        (
            "person: name (required, unique; e.g. Ann Lee, Bob Ray, Cem Ak), group (e.g. red, blue, "
            "green)",
            "attendance: person_ref (required), date (default today), state (present, absent, late; "
            "default present), note",
        ),
        (),
        (Report("count", "attendance", "", "state"), Report("count", "attendance", "", "person")),
        "a paper register",
    ),
    Domain(
        "events",
        "an event list with guests",
        "events, event, party, wedding, guests, guest list, rsvp, conference, concerts",
        (
            "event: title (required, unique; e.g. Summer party, Concert, Lecture), date (required), "
            "place (e.g. garden, city hall, library)",
            "guest: name (required; e.g. Ann Lee, Bob Ray, Cem Ak), event_ref (required), answer "
            "(pending, yes, no; default pending)",
        ),
        (Action("set", "guest", "accept", "answer", "yes", "decline"),),
        (Report("soon", "event", "date"), Report("count", "guest", "", "answer")),
        "an invitation list on paper",
    ),
    Domain(
        "projects",
        "a project board with tasks",
        "projects, project, kanban, project management, milestones, sprint, project tracker, backlog",
        (
            "project: name (required, unique; e.g. Website, Book, Garden), deadline, notes",
            "task: title (required; e.g. Draft, Review, Publish), project_ref (required), assignee (e.g. "
            "Ann, Bob, Cem), due date, status (todo, doing, done; default todo)",
        ),
        (Action("set", "task", "finish", "status", "done", "reopen"),),
        (
            Report("count", "task", "", "status"),
            Report("count", "task", "", "project"),
            Report("overdue", "task", "due"),
        ),
        "cards on a wall",
    ),
    Domain(
        "employees",
        "a staff register",
        "employees, employee, staff, hr, human resources, payroll, workers, personnel, departments",
        (
            "employee: name (required; e.g. Ann Lee, Bob Ray, Cem Ak), email (unique), department "
            "(e.g. sales, design, finance), position (text; e.g. manager, designer, clerk), salary, "
            "hired on (default today)",
        ),
        (),
        (
            Report("count", "employee", "", "department"),
            Report("average", "employee", "salary", "department"),
        ),
        "a filing cabinet",
    ),
    Domain(
        "measurements",
        "a log of measurements",
        "measurements, measurement, blood pressure, heart rate, blood sugar, weight tracker, body weight, weight log, temperature log, readings, "
        "water intake, sensor, meter readings, weather log",
        (
            "measurement: kind (required; e.g. weight, waist, pulse), reading (number, required), unit "
            "(e.g. kg, cm, bpm), date (default today), note",
        ),
        (),
        (
            Report("average", "measurement", "reading", "month"),
            Report("count", "measurement", "", "kind"),
        ),
        "a column in a notebook",
    ),
    Domain(
        "trips",
        "a travel log",
        "trips, trip, travel, travels, vacation, itinerary, places visited, travel journal, hikes, hiking",
        (
            "trip: place (required; e.g. Lisbon, Kyoto, Oslo), country (e.g. Portugal, Japan, Norway), "
            "started on (default today), days (integer, min 1; default 1), cost, rating (1-5), notes",
        ),
        (),
        (Report("sum", "trip", "cost", "country"), Report("best", "trip", "rating", "country")),
        "a box of postcards",
    ),
    Domain(
        "collection",
        "a record of a collection",
        "collection, vinyl, records collection, albums, music collection, stamps, coins, board games, "
        "video games, comics, figurines, trading cards, cds, collectibles",
        (
            "item: title (required; e.g. First find, Rare piece, Gift), maker (e.g. Lee, Ray, Ak), year "
            "(integer, 0-9999; e.g. 1965, 1980, 2001), condition (poor, good, mint; default good), "
            "value (money), location (e.g. shelf A, shelf B, cellar)",
        ),
        (),
        (Report("sum", "item", "value", "condition"), Report("top", "item", "value")),
        "labels on boxes",
    ),
    Domain(
        "birthdays",
        "a birthday calendar",
        "birthdays, birthday, anniversaries, gifts, gift ideas, presents",
        (
            "person: name (required; e.g. Ann Lee, Bob Ray, Cem Ak), birthday (required), gift ideas "
            "(e.g. a book, a scarf, tea)",
        ),
        (),
        (Report("soon", "person", "birthday"),),
        "a kitchen calendar",
    ),
    Domain(
        "chores",
        "a chore list",
        "chores, chore, household chores, cleaning, cleaning schedule, housework",
        (
            "chore: name (required; e.g. Dishes, Laundry, Windows), assignee (e.g. Ann, Bob, Cem), due "
            "date, " + _DONE,
        ),
        (Action("set", "chore", "done", "done", "yes", "reopen"),),
        (Report("overdue", "chore", "due"), Report("count", "chore", "", "assignee")),
        "a list on the fridge",
    ),
    Domain(
        "donations",
        "a donation register",
        "donations, donation, donors, charity, fundraising, pledges, fundraiser",
        (
            "donor: name (required, unique; e.g. Ann Lee, Bob Ray, Cem Ak), email",
            "donation: donor_ref (required), amount (required, positive), date (default today), purpose "
            "(e.g. roof, library, trip)",
        ),
        (),
        (
            Report("sum", "donation", "amount", "donor"),
            Report("sum", "donation", "amount", "month"),
        ),
        "an envelope of slips",
    ),
)

# Things that turn up beside others, with their usual fields (references are added by PARENTS).
COMMON: tuple[str, ...] = (
    "entry: title (required; e.g. First, Second, Third), date (default today), notes",
    "item: name (required; e.g. Rye bread, Apple cake, Rolls), quantity (integer, min 1; default 1), price",
    "product: name (required, unique; e.g. Rye bread, Apple cake, Rolls), price, category (e.g. bread, "
    "cake, pastry)",
    "payment: amount (required, positive), date (default today), note (e.g. cash, transfer, card)",
    "supplier: name (required, unique; e.g. Lee Ltd, Ray Inc, Ak GmbH), email, phone",
    "tenant: name (required, unique; e.g. Ann Lee, Bob Ray, Cem Ak), email, phone",
    "apartment: name (required, unique; e.g. 1 Mill Lane, 2 High Street, 3 Park Road), rooms, rent",
    "lease: rent (required), start date (default today), end date",
    "patient: name (required; e.g. Ann Lee, Bob Ray, Cem Ak), birthday, phone",
    "doctor: name (required, unique; e.g. Dr Lee, Dr Ray, Dr Ak), field of work (e.g. heart, skin, eyes)",
    "teacher: name (required, unique; e.g. Ann Lee, Bob Ray, Cem Ak), email",
    "course: title (required, unique; e.g. Drawing, Latin, Statistics), start date, seats",
    "lesson: date (default today), minutes (default 45), notes (e.g. scales, chords, repetition)",
    "team: name (required, unique; e.g. Reds, Blues, Greens), town (e.g. Oslo, Lisbon, Kyoto)",
    "player: name (required; e.g. Ann Lee, Bob Ray, Cem Ak), position (text; e.g. goal, wing, centre)",
    "author: name (required, unique; e.g. Frank Herbert, Jane Austen, James Joyce), country",
    "artist: name (required, unique; e.g. Nina Lee, The Rays, Ak), genre (e.g. jazz, rock, folk)",
    "album: title (required; e.g. First Light, Live, Blue), year, genre (e.g. jazz, rock, folk)",
    "song: title (required; e.g. Morning, River, Home), minutes",
    "department: name (required, unique; e.g. Sales, Design, Finance)",
    "company: name (required, unique; e.g. Lee Ltd, Ray Inc, Ak GmbH), website, city (e.g. Oslo, "
    "Lisbon, Kyoto)",
    "deal: title (required; e.g. Renewal, Pilot, Upgrade), value (money), stage (lead, offer, won, lost; "
    "default lead), expected date",
    "lead: name (required; e.g. Ann Lee, Bob Ray, Cem Ak), email, status (new, contacted, won, lost; "
    "default new)",
    "shift: date (required), start (time, required), end (time, required)",
    "volunteer: name (required, unique; e.g. Ann Lee, Bob Ray, Cem Ak), phone",
    "post: title (required; e.g. Hello, Spring, News), body, date (default today)",
    "account: name (required, unique; e.g. Savings, Cash, Joint), number of account (text)",
)

# Nouns that are things to record rather than fields, wherever they stand in the plural.
THINGS = frozenset(
    "customer client order product item supplier vendor student teacher course lesson employee "
    "department project task member book loan author room booking guest event recipe meal movie film "
    "song album artist player team match game pet plant animal vehicle car trip invoice payment "
    "expense account transaction contact company deal lead ticket bug issue user person patient "
    "doctor visit appointment workout exercise habit goal note bookmark photo bottle wine beer tool "
    "machine device asset sensor measurement shift volunteer donor donation job candidate application "
    "subject grade class exam chore subscription bill medicine prescription category_entry train "
    "station flight ship boat house apartment property tenant landlord lease repair job garden bed "
    "dog cat horse vacation absence seed tree bird species_entry observation sighting experiment sample star planet city country "
    "article post comment_entry story chapter character quest monster spell".split()
)

# Which thing usually belongs to which: child to parents, used when both are named.
PARENTS: dict[str, tuple[str, ...]] = {
    "order": ("customer", "client"),
    "item": ("order", "invoice"),
    "line": ("order", "invoice"),
    "invoice": ("client", "customer"),
    "payment": ("invoice", "customer", "member", "tenant"),
    "deal": ("customer", "company", "contact"),
    "contact": ("company",),
    "loan": ("book", "item", "member", "person"),
    "grade": ("student", "course", "subject"),
    "exam": ("student", "course"),
    "course": ("teacher",),
    "lesson": ("course", "student", "teacher"),
    "task": ("project",),
    "visit": ("pet", "dog", "patient", "customer"),
    "appointment": ("patient", "doctor", "client", "customer"),
    "booking": ("room", "guest", "customer"),
    "guest": ("event",),
    "song": ("album", "artist"),
    "album": ("artist",),
    "book": ("author",),
    "player": ("team",),
    "match": ("team",),
    "employee": ("department",),
    "shift": ("employee", "volunteer"),
    "product": ("supplier", "vendor"),
    "lease": ("apartment", "property", "tenant"),
    "repair": ("car", "vehicle", "machine", "house"),
    "measurement": ("sensor", "device"),
    "sighting": ("bird",),
    "donation": ("donor",),
    "transaction": ("account",),
    "application": ("company", "job", "candidate"),
    "ticket": ("customer", "project"),
    "bug": ("project",),
    "sample": ("experiment",),
    "comment": ("post", "article"),
    "post": ("author",),
    "chapter": ("story",),
    "vacation": ("employee",),
    "absence": ("employee",),
    "dog": ("customer", "owner"),
    "cat": ("customer", "owner"),
    "quest": ("character",),
    "character": ("story",),
}
