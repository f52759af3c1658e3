"""Every word, number and denial of a requirement is answered by the program, or is a loss."""

from __future__ import annotations

import pytest

from metaco.roles.handbook.shelf import find

WHOLE = [
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
    "a web app for my todo list": "a web app",
    "a todo list as a REST API": "a todo list as a REST API",
    "a todo list in React": "a todo list in React",
    "a todo app with Postgres and Docker": "with Postgres and Docker",
    "a tip calculator in a browser": "a tip calculator in a browser",
    # another language is quoted as it is
    "Eine Aufgabenliste mit Erinnerungen": "Eine Aufgabenliste mit Erinnerungen",
    "ein Haushaltsbuch mit Kategorien und Warnung bei Überziehung": "Warnung bei Überziehung",
    "eine App für meine Einkaufsliste mit Mengen und Preisen": "mit Mengen und Preisen",
}


@pytest.mark.parametrize("text", PARTS)
def test_what_is_left_out_is_quoted(text: str) -> None:
    losses = find(text).losses
    assert any(PARTS[text] in loss for loss in losses), losses
    assert all(loss in text for loss in losses), losses


def test_neighbours_are_one_loss_and_sentences_are_not() -> None:
    text = "A todo app. Sync with my watch and blink when it rains. Play a song."
    assert find(text).losses == ["Sync with my watch and blink when it rains", "Play a song"]
