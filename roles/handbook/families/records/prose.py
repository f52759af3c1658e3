"""The words around the program: goals, stories, alternatives, examples, decisions."""

# ruff: noqa: E501 - sentences are easier to read unbroken

from __future__ import annotations

import re

from metaco.roles.handbook import Rival
from metaco.roles.handbook.families.records.command_view import ActionView
from metaco.roles.handbook.families.records.entity_view import EntityView
from metaco.roles.handbook.families.records.plan import Plan
from metaco.roles.handbook.families.records.render import listed

__all__ = [
    "approach",
    "conventions",
    "flow",
    "goals",
    "questions",
    "rivals",
    "run",
    "stories",
    "summary",
    "ui",
]


def summary(made: Plan) -> str:
    """Return what it is, in one sentence."""
    title = made.reading.title
    things = listed(one.many_words for one in made.entities)
    does = [f"keeps {things} in one local file"]
    if made.actions:
        does += [_deed(action) for action in made.actions]
    if made.reports:
        does.append(f"reports {listed([r.text for r in made.reports[:3]])}")
    return f"{title[0].upper()}{title[1:]} for the command line that {listed(does)}."


def _deed(action: ActionView) -> str:
    """Return what the program does with a record, as "lends books to members"."""
    many = action.entity.many_words
    if action.kind == "set":
        step = action.steps[0]
        return (
            f"notes when {many} were {step.state}"
            if step.today
            else f"marks {many} as {step.state}"
        )
    if action.kind == "lend" and action.other:
        return f"lends {many} to {action.other.many_words}"
    return {
        "stock": f"books {many} in and out",
        "timer": "runs a clock",
        "check": f"ticks {many} off day by day",
    }[action.kind]


def goals(made: Plan) -> list[str]:
    """Return what the program is for."""
    main = made.main
    found = [
        f"Adding {main.a} takes one line and no form.",
        f"Every one of the {main.many_words} is found again in seconds, by text, by field or by date."
        if main.ranges
        else f"Every one of the {main.many_words} is found again in seconds, by text or by field.",
    ]
    if made.reports:
        found.append(f"Questions are answered by a report: {made.reports[0].text}.")
    found.append("The data is the user's own: one file, no service, plain CSV and JSON in and out.")
    found.append("Nothing wrong gets in: what breaks a rule is refused with one clear sentence.")
    return found


def stories(made: Plan) -> list[str]:
    """Return user stories."""
    main = made.main
    found = [
        f"As a user I add {main.a} with {listed(v.words for v in main.fields[:4])}, so that it is not forgotten.",
        f"As a user I search and filter my {main.many_words}, so that I find one without scrolling.",
    ]
    for action in made.actions:
        one, other = action.entity, action.other
        if action.kind == "set":
            step = action.steps[0]
            found.append(
                f"As a user I mark {one.a} as {step.state} with one word, so that I see what is left."
                if not step.today
                else f"As a user I note with one word that {one.a} was {step.state}, so that none is forgotten."
            )
        elif action.kind == "lend" and other:
            found.append(
                f"As the keeper I lend {one.a} to {other.a} and see who has it until when, so that it comes back."
            )
        elif action.kind == "stock":
            found.append(
                f"As the keeper I book {one.many_words} in and out, so that the count is always true."
            )
        elif action.kind == "timer":
            found.append(
                "As a worker I start and stop the clock, so that I know what my hours went into."
            )
        else:
            found.append(
                f"As a user I tick {one.many_words} off each day, so that my streak keeps me going."
            )
    found += [
        f"As a user I ask for {report.text}, so that I can decide on facts."
        for report in made.reports[:3]
    ]
    found.append(
        "As a user I export everything to CSV, so that a spreadsheet or a successor can read it."
    )
    return found


def rivals(made: Plan) -> list[Rival]:
    """Return the kinds of things one could use instead."""
    many = made.main.many_words
    instead = made.reading.instead
    logic = made.actions or any(one.span for one in made.entities)
    return [
        Rival(
            "A spreadsheet",
            ["everybody knows one", f"any column can be added to the {many} at once"],
            [
                "nothing checks what is typed",
                "rules live in the head of whoever made it"
                if logic
                else "reports are rebuilt by hand",
            ],
            0.35,
            0.7,
        ),
        Rival(
            f"{instead[0].upper()}{instead[1:]}",
            ["no computer needed", "at hand in a moment"],
            ["no search and no sums", "no copy if it is lost"],
            0.2,
            0.95,
        ),
        Rival(
            f"A hosted service for {many}",
            ["works on the phone", "several people at once"],
            ["monthly fee and account", "the data lies with someone else"],
            0.75,
            0.12,
        ),
        Rival(
            "A general notes app",
            ["free text for everything", "syncs by itself"],
            ["no fields, so no filters and no totals", "export loses structure"],
            0.12,
            0.35,
        ),
        Rival(
            "A desktop database",
            ["forms and queries of any kind", "grows with the task"],
            ["must be designed first", "takes days to learn"],
            0.5,
            0.55,
        ),
    ]


def _typed(*words: str) -> str:
    return " ".join(
        word if re.fullmatch(r"[\w@+=:,./-]+", word, re.A) else f'"{word}"' for word in words
    )


def _command(made: Plan, *words: str) -> str:
    return "python -m " + _typed(made.name, "--db", f"{made.name}.db", *words)


def _prefix(one: EntityView) -> list[str]:
    return [] if one.single else [one.command]


def run(made: Plan) -> list[str]:
    """Return command lines that show the program in use, in order, in a fresh folder."""
    lines = [f"python -m {made.name} --help"]
    for one in made.typed:
        for number in range(2 if one is made.main or one.child_views else 1):
            lines.append(_command(made, *_prefix(one), "add", *one.argv(number)))
    for action in made.actions:
        one = action.entity
        if action.kind == "set":
            step = action.steps[0]
            if step.value == action.field.code(action.field.example(0)):
                continue
            lines.append(_command(made, action.steps[0].word, "1"))
        elif action.kind == "lend":
            lines.append(_command(made, "lend", "1", "1"))
        elif action.kind == "stock":
            lines += [_command(made, "in", "1", "10"), _command(made, "out", "1", "2")]
        elif action.kind == "timer":
            lines += [
                _command(made, "start", "1"),
                _command(made, "status"),
                _command(made, "stop"),
            ]
        else:
            lines.append(_command(made, "check", "1"))
    lines.append(_command(made, *_prefix(made.main), "list"))
    if made.main.searched:
        view = made.main.label or made.main.searched[0]
        word = made.main._typed(view, 0).split()[0]
        lines.append(_command(made, *_prefix(made.main), "list", "--search", word.strip(",;")))
    lines += [_command(made, "report", report.command) for report in made.reports[:3]]
    lines.append(_command(made, *_prefix(made.main), "export", f"{made.main.many}.csv"))
    return lines


def ui(made: Plan) -> str:
    """Return what a user sees and types."""
    main = made.main
    prefix = "".join(f"{word} " for word in _prefix(main))
    columns = ["id", *(view.words for view in main.fields[:5])]
    rows = [
        [str(number + 1), *(main._typed(view, number)[:18] for view in main.fields[:5])]
        for number in range(2)
    ]
    widths = [max(len(row[n]) for row in [columns, *rows]) for n in range(len(columns))]
    lines = [
        f"$ python -m {made.name} {prefix}add {_typed(*main.argv(0))}",
        f"Added {main.words} 1{': ' + main.label.example(0) if main.labelled and main.label else ''}.",
        f"$ python -m {made.name} {prefix}list",
    ]
    for row in [columns, ["-" * width for width in widths], *rows]:
        lines.append(
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        )
    for action in made.actions[:2]:
        if action.kind == "set":
            step = action.steps[0]
            named = (
                f" ({action.entity.label.example(0)})"
                if action.entity.labelled and action.entity.label
                else ""
            )
            lines += [
                f"$ python -m {made.name} {step.word} 1",
                f"{action.entity.words.capitalize()} 1{named} is {step.state}.",
            ]
        elif action.kind == "stock":
            lines += [
                f"$ python -m {made.name} out 1 500",
                f"{made.name}: Only 12 of {main.words} 1 in stock, not 500.",
            ]
        elif action.kind == "lend" and action.other:
            lines += [
                f"$ python -m {made.name} lend 1 1",
                f"Lent {action.entity.words} 1 to {_name(action.other)}, due on 2024-05-15.",
            ]
        elif action.kind == "timer":
            lines += [f"$ python -m {made.name} start 1", "Started at 09:00."]
    lines += [
        f"$ python -m {made.name} report {report.command}  # {report.text}"
        for report in made.reports[:2]
    ]
    missing = '"99"' if main.labelled else "with id 99"
    lines += [
        f"$ python -m {made.name} {prefix}show 99",
        f"{made.name}: There is no {main.words} {missing}.",
    ]
    return "\n".join(lines)


def _name(one: EntityView) -> str:
    return one.label.example(0) if one.label else f"{one.words} 1"


def approach(made: Plan) -> str:
    """Return the main decisions."""
    parts = [
        "Layers that only call downwards: command line, actions and reports, storage, records, values.",
        "Records are frozen dataclasses that check their own rules, and the SQL schema repeats the rules a "
        "database can keep (NOT NULL, UNIQUE, CHECK, foreign keys), so that no other writer can break them.",
    ]
    if any(view.kind == "money" for one in made.entities for view in one.fields):
        parts.append(
            "Amounts are Decimal in Python and whole cents in SQLite; nothing is rounded on the way."
        )
    if made.reports:
        parts.append(
            "Reports are pure functions of records and take the day as an argument, so that they are easy to test."
        )
    if made.actions or any(one.span for one in made.entities):
        parts.append(
            "What reads before it writes runs in one immediate transaction, so that two programs at once cannot both succeed."
        )
    return " ".join(parts)


def conventions(made: Plan) -> list[str]:
    """Return what all files share."""
    return [
        "Python 3.11 or newer, standard library only, every function typed.",
        "Dates are YYYY-MM-DD, times HH:MM; money is Decimal with two places.",
        "InvalidValue: what was typed is wrong (exit code 2). NotFound, Refused: the data does not allow it (exit code 1).",
        "Messages are one sentence on standard error; results go to standard output.",
        "SQL takes values as parameters only; names in SQL come from the code.",
        "Ids are whole numbers from 1; 0 means not stored yet.",
        f"The database is chosen by --db, then ${made.env}, then the user's data folder.",
    ]


def questions(made: Plan) -> list[str]:
    """Return what the requirement leaves open and what was assumed."""
    reading = made.reading
    found = [*reading.assumed, *reading.beyond]
    if reading.domain and not reading.listed:
        fields = listed(view.words for view in made.main.fields)
        found.append(f"Which fields should {made.main.a} have? Assumed: {fields}.")
    if any(v.kind == "money" for one in made.entities for v in one.fields):
        found.append("Which currency? Amounts are kept in one currency without naming it.")
    if any(action.kind == "lend" for action in made.actions):
        found.append("How long may something be lent? Assumed: 14 days, changed by --days.")
    if reading.language != "en":
        found.append("The program speaks English, as the offline model writes no other language.")
    if not found:
        found.append("Will more than one person use it at once? Assumed: one person, one file.")
    return found


def flow(made: Plan) -> list[tuple[str, str, str, str]]:
    """Return the main flow: adding a record, and a report or a list."""
    main = made.main
    steps = [
        ("User", "cli", f"main(['{' '.join([*_prefix(main), 'add'])}', ...])", ""),
        ("cli", "models", f"{main.cls}.from_text(texts)", main.cls),
        ("models", "values", "parse_text(text)", "str"),
        ("cli", "storage", f"Storage.add_{main.name}({main.var})", main.cls),
        ("cli", "User", f"Added {main.words} 1", "exit code 0"),
    ]
    for action in made.actions[:1]:
        function = {"lend": "lend", "stock": "stock_in", "timer": "start", "check": "check"}.get(
            action.kind
        )
        function = function or action.steps[0].function
        steps += [
            ("User", "cli", f"main(['{function.replace('stock_', '')}', ...])", ""),
            ("cli", "actions", f"{function}(storage, ...)", (action.record or action.entity).cls),
            ("actions", "storage", "Storage.transaction()", ""),
        ]
    for report in made.reports[:1]:
        steps += [
            ("User", "cli", f"main(['report', '{report.command}'])", ""),
            (
                "cli",
                "storage",
                f"Storage.list_{report.entity.many}()",
                f"list[{report.entity.cls}]",
            ),
            ("cli", "reports", f"{report.name}({report.entity.vars})", "rows"),
            ("cli", "tables", "table(headers, rows)", "str"),
        ]
    return steps
