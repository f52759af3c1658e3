"""Every word, number and denial of a requirement is answered by the program, or is a loss."""

from __future__ import annotations

import pytest

from metaco.core.errors import ConfigurationError
from metaco.roles.handbook.shelf import find

WHOLE = [
    "an expense tracker",
    "an inventory",
    "a todo app with due dates and priorities",
    "tic-tac-toe against the computer",
    "tic tac toe on a 3x3 board",
    "hangman",
    "rock paper scissors, best of five",
    "roman numerals",
    "Roman numeral converter",
    "a caesar cipher with shift 5",
    "roll dice like 2d6+3",
    "convert temperatures",
    "expense tracker with monthly reports",
    "a password generator",
    "flashcards",
    "inventory management with CSV import and JSON export",
    "a todo app called Pomelo",
    "Eine Aufgabenliste mit Titel, Fälligkeit und Priorität",
    "rock paper scissors lizard spock, best of seven, against the computer",
    "a todo list where titles are unique",
    "2048 on a 5x5 board",
    "connect four on an 8x8 board, two players",
    "2048 with undo",
    "snake without walls",
    "tic-tac-toe where the computer never loses",
    "tip calculator for 4 people",
    "a contact book with birthdays",
    "convert CSV to JSON",
    "roll dice like 3d6-2",
    "a todo list in SQLite\n\nalso sorted by priority, highest first",
    "a library where books are lent to members and returned by a due date",
]


@pytest.mark.parametrize("text", WHOLE)
def test_what_is_done_as_asked_has_no_losses(text: str) -> None:
    assert find(text).losses == []


PARTS = {
    # numbers and units
    "tic tac toe on a 4x4 board": "on a 4x4 board",
    "a todo app with at most 12 open tasks": "with at most 12 open tasks",
    "a todo app with at most twelve open tasks": "with at most twelve open tasks",
    "an expense tracker with a limit of 300 dollars": "with a limit of 300 dollars",
    # rules and computations
    "an expense tracker that warns above 140": "warns above 140",
    "an expense tracker, show the weekly average": "show the weekly average",
    "a tip calculator where each pays only their dishes": "where each pays only their dishes",
    "track my houseplants, each with its own interval in days": "with its own interval in days",
    # denials
    "a todo app without priorities": "without priorities",
    "a todo app that never deletes": "never deletes",
    # technology and platforms
    "a todo list in React": "in React",
    "a todo app with Postgres and Docker": "with Postgres and Docker",
    "a tip calculator in a browser": "in a browser",
    # a denial is answered by a denial of the same word, and never where the word is affirmed
    "find duplicate photos but do not delete them": "do not delete them",
    "find duplicate files and delete none": "delete none",
    "tic-tac-toe without the computer": "without the computer",
    "tic-tac-toe, the computer must not be unbeatable": "must not be unbeatable",
    "tic-tac-toe where the player never loses": "the player never loses",
    "snake without walls or food": "food",
    "password generator with no lower case": "with no lower case",
    "search and replace in files without a backup": "without a backup",
    "a todo list where nothing is in SQLite": "where nothing is in SQLite",
    "expenses, only those above 100": "only those above 100",
    # a number is answered beside its own unit
    "blackjack with bets from 10 to 100": "with bets from 10 to 100",
    "tic-tac-toe for three players": "for three players",
    "snake with two snakes": "with two snakes",
    "a quiz about capitals with 10 seconds for each question": "10 seconds for each question",
    "a capitals quiz, 5 questions, 3 seconds each": "3 seconds each",
    # what every program keeps, examples and the number of words answer nothing
    "word count that counts sentences": "counts sentences",
    "convert dollars to euros with today's rate": "with today's rate",
    "compound interest calculator with yearly deposits": "with yearly deposits",
    "tic-tac-toe, computer against computer": "computer against computer",
    # a name that was copied out of the requirement answers nothing
    "a todo list with first in first out": "first in first out",
    "a todo app with a field named deadline": "a field named deadline",
    "a habit tracker with weekly goals": "with weekly goals",
    "a todo list in SQLite, named after users": "named after users",
    # a change is a sentence of its own
    "a todo list in SQLite\n\nnever delete a task": "never delete a task",
}


@pytest.mark.parametrize("text", PARTS)
def test_what_is_left_out_is_quoted(text: str) -> None:
    losses = find(text).losses
    assert any(PARTS[text] in loss for loss in losses), losses
    assert all(loss in text for loss in losses), losses


@pytest.mark.parametrize(
    "text",
    [
        "a web shop for handmade candles with a shopping cart and PayPal",
        "a todo list as a REST API",
        "todo list as a Flask web app with login for two users",
        "a web app for my todo list",
        "convert HTML to Markdown",
        "convert JSON to Markdown",
        "convert euros to dollars at 1.10",
        "Eine Aufgabenliste mit Erinnerungen",
        "ein Haushaltsbuch mit Kategorien und Warnung bei Überziehung",
        "eine App für meine Einkaufsliste mit Mengen und Preisen",
    ],
)
def test_where_the_kind_of_program_is_lost_there_is_none(text: str) -> None:
    with pytest.raises(ConfigurationError, match="know no program"):
        find(text)


def test_what_is_lost_is_not_built() -> None:
    program = find("track my expenses without cents, only whole Swiss francs")
    assert program.losses == ["without cents", "only whole Swiss francs"]
    assert program.items == find("track my expenses").items


def test_neighbours_are_one_loss_and_sentences_are_not() -> None:
    text = "A todo app. Sync with my watch and blink when it rains. Play a song."
    assert find(text).losses == ["Sync with my watch and blink when it rains", "Play a song"]
