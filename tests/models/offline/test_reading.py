"""From a wish to a program, its parameters and its name."""

from __future__ import annotations

import time
from typing import Any

import pytest

from metaco.core.errors import ConfigurationError
from metaco.models.offline.program import Program, definitions
from metaco.models.offline.reading import find
from metaco.models.offline.schema import Fields, generic


def text_of(program: Program) -> str:
    return " ".join(each.text for each in program.texts.requirements)


# Each is answered whole; the words stand in the requirements of the program that is meant.
ANSWERED = [
    ("a snake game", "snake", ""),
    ("Snake on a 30x20 field", "snake", "30 x 20"),
    ("a snake game with a 30 x 20 board, no walls and a high score", "snake", "no walls"),
    ("snake without walls", "snake", "no walls"),
    ("hangman with 8 lives", "hangman", "8 lives"),
    ("I want a hangman game in Python for the terminal, with five lives.", "hangman", "5 lives"),
    ("a game of hangman for one player", "hangman", "computer chooses"),
    ("hangman, the game is over after 5 mistakes", "hangman", "5 lives"),
    ("tic-tac-toe", "tictactoe", ""),
    ("tic-tac-toe on a 5x5 board, four in a row wins", "tictactoe", "5 x 5"),
    ("a game of noughts and crosses", "tictactoe", ""),
    ("tic-tac-toe against the computer", "tictactoe", "computer"),
    ("tic tac toe on a 4x4 board", "tictactoe", "4 x 4"),
    ("a calculator", "calculator", ""),
    ("a unit converter", "units", ""),
    ("convert miles to kilometers", "units", ""),
    ("convert markdown to html", "markdown", ""),
    ("a password generator with 20 characters", "passwords", "20"),
    ("a password generator with letters and digits", "passwords", "no symbols"),
    ("a password generator with letters, digits and symbols", "passwords", "symbols (special"),
    ("passwords generator: upper and lower case letters and numbers", "passwords", "no symbols"),
    ("passwords generator with letters and digits and symbols", "passwords", "symbols (special"),
    ("a password generator: 12 characters, digits and letters", "passwords", "no symbols"),
    ("a password generator, numbers plus letters", "passwords", "no symbols"),
    ("a password generator: symbols, digits and letters", "passwords", "symbols (special"),
    (
        "a word counter that prints the 3 most common words as JSON",
        "wordcount",
        "are printed as JSON",
    ),
    ("a word counter with a --json option", "wordcount", "--json prints"),
    ("a movie list (title, genre, rating)", "records", "rating (a whole number)"),
    ("I need something that turns markdown into html", "markdown", ""),
    ("generates passwords, lowercase only", "passwords", "no digits or numbers"),
    ("a password generator that uses uppercase letters and digits", "passwords", "no symbols"),
    ("a word counter that ignores case and prints the top 7 words", "wordcount", "7 most"),
    ("a nice, simple snake game", "snake", ""),
    ("generate a random password of 16 characters", "passwords", "16"),
    ("make me a strong password", "passwords", ""),
    ("check password strength", "passwords", "entropy"),
    ("a word counter, lists only words of at least 5 letters", "wordcount", "at least 5 letters"),
    ("convert markdown to html for a whole folder", "markdown", ""),
    ("count words in a file", "wordcount", ""),
    ("a file organiser", "organiser", ""),
    ("a todo list with title, due date and priority", "records", "due date (a date)"),
    ("an address book: name, phone, email", "records", "contact"),
    ("plants: name, last watered (date), price (number)", "records", "last watered (a date)"),
]


@pytest.mark.parametrize(("wish", "name", "words"), ANSWERED, ids=[each[0] for each in ANSWERED])
def test_plain_wishes_are_answered_whole(wish: str, name: str, words: str) -> None:
    program = find(wish)
    assert program.texts.folder.name == name
    assert program.losses == []
    assert words in text_of(program)


def test_the_same_wish_gives_the_same_program() -> None:
    assert find("a snake game") is find("a snake game")


@pytest.mark.parametrize(
    ("wish", "name", "losses"),
    [
        ("a snake game called viper", "viper", []),
        ('a snake game named "Viper2"', "viper2", []),
        ("a snake game called class", "snake", ["a snake game called class"]),
        ("a snake game called snake-2", "", []),
        ("a snake game, called json", "snake", ["called json"]),
        ("a snake game, called a_b, called c", "a_b", ["called c"]),
    ],
)
def test_a_name_is_taken_if_a_package_may_have_it(wish: str, name: str, losses: list[str]) -> None:
    if not name:
        with pytest.raises(ConfigurationError):
            find(wish)
        return
    assert (find(wish).name, find(wish).losses) == (name, losses)


@pytest.mark.parametrize(
    ("wish", "losses"),
    [
        ("snake, 4 x 20 cells", ["4 x 20 cells"]),
        ("snake, 30x20 cells, 40x20 cells", ["40x20 cells"]),
        ("snake, 30x20 cells, 30x20 cells", []),
        ("snake with no walls and with walls", ["with walls"]),
    ],
)
def test_a_value_that_cannot_be_kept_is_lost(wish: str, losses: list[str]) -> None:
    assert find(wish).losses == losses


@pytest.mark.parametrize("wish", ["", "x" * 100_000, "snake " * 5_000, "a stopwatch", "🐍"])
def test_what_nobody_knows_is_refused_quickly(wish: str) -> None:
    definitions()
    started = time.monotonic()
    with pytest.raises(ConfigurationError) as caught:
        find(wish)
    assert time.monotonic() - started < 5
    assert "The built-in rules include" in caught.value.problem
    assert "snake, " in caught.value.problem  # what it knows
    assert "--model" in caught.value.remedy
    assert "metaco demo" in caught.value.remedy
    assert len(str(caught.value)) < 1_000


def test_where_the_kind_is_known_the_rest_of_its_clause_is_quoted() -> None:
    with pytest.raises(ConfigurationError, match="include snake, but not 'a snake game in Rust'"):
        find("a snake game in Rust, with walls")


# ---------------------------------------------------------------------- fields


def schema(text: str) -> Any:
    result = Fields("").match(text, 0)
    return result[1] if result and result[0] == len(text) else None


def fields(text: str) -> list[tuple[str, str]] | None:
    result = schema(text)
    return [(each["name"], each["kind"]) for each in result["fields"]] if result else None


@pytest.mark.parametrize(
    ("text", "record", "records"),
    [
        ("plants: name, price", "plant", "plants"),
        ("todo list with title and due date", "todo", "todos"),
        ("track my expenses with amount, date and category", "expense", "expenses"),
        ("list of bottles: name, year", "bottle", "bottles"),
        ("library with title, author", "", ""),
        ("wine bottles: name, year", "", ""),
        ("shared list with title, notes", "", ""),
        ("reminders: title, date", "", ""),
        ("diary with title, date", "", ""),
        ("address book: name, phone", "contact", "contacts"),
        ("address book app with name and phone", "contact", "contacts"),
        ("book: name, phone", "", ""),
        ("diaries: title, date", "diary", "diaries"),
        ("boxes: name, place", "box", "boxes"),
        ("recipe collection that has title and notes", "recipe", "recipes"),
    ],
)
def test_what_is_kept_has_a_name(text: str, record: str, records: str) -> None:
    result = schema(text)
    assert (result["singular"], result["plural"]) == (record, records) if record else result is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plants: name, last watered (date)", [("name", "text"), ("last_watered", "date")]),
        ("plants: name and soil (text)", [("name", "text"), ("soil", "text")]),
        ("plants: name, soil (dry, wet or bog)", [("name", "text"), ("soil", "choice")]),
        ("plants: name, alive (yes/no)", [("name", "text"), ("alive", "flag")]),
        ("plants: name, priority", [("name", "text"), ("priority", "choice")]),
        (
            "plants: names, prices and priorities",
            [("name", "text"), ("price", "number"), ("priority", "choice")],
        ),
        ("plants: name, notes, price", [("name", "text"), ("notes", "text"), ("price", "number")]),
        ("students: name, scores", None),  # more than one of each
        ("plants: name, soil", None),  # what it is nobody says
        ("plants: name", None),
        ("plants: price, year", None),  # nothing to tell them apart by
        ("plants: name, name", None),
        ("plants: name, class (text)", None),
        ("plants: name, soil (1-5)", None),
        ("plants: name, date of the last watering", None),
        ("calculators: name, date", None),
        ("chess games: name, date", None),
        ("todo list with title, due date and reminders", None),
        ("todo list with title, due date and email notifications", None),
    ],
)
def test_fields_are_those_whose_kind_is_known(
    text: str, expected: list[tuple[str, str]] | None
) -> None:
    assert fields(text) == expected


def test_choices_are_kept() -> None:
    fields = schema("plants: name, soil (dry, wet or bog)")["fields"]
    assert [each["choices"] for each in fields] == [[], ["dry", "wet", "bog"]]


def test_patterns_name_fields_by_their_kind() -> None:
    result = schema("plants: name, last watered (date), price")
    assert generic("sort <records> by <field>", result) == (
        "sort plants by (?:name|last\\ watered|price)"
    )
    assert generic("<date> of a <record>", result) == "(?:last\\ watered) of a plant"
    assert generic("by <flag>", result) == "by (?:(?!))"
    assert generic("by <field>", None) == "by <field>"
