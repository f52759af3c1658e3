"""What of a wish is answered, and what is lost."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from metaco.core.errors import ConfigurationError
from metaco.models.offline.losses import Regex, clauses, flat
from metaco.models.offline.reading import find

PHRASES = [
    Regex.of("kind", "kites?"),
    Regex.of("size", r"(?:of |with )?(\d+) ?cm"),
    Regex.of("width", r"(\d+) ?x ?\d+"),
    Regex.of("height", r"\d+ ?x ?(\d+)"),
    Regex.of("tail", r"(?:no|without)(?: an?)? tails?", False),
    Regex.of("R1", "tails?"),
    Regex.of("R2", "strings?"),
    Regex.of("tail", "strings? without tails?", False),
    Regex.of("R3", r"\d+ strings"),
]


def read(text: str) -> list[tuple[str, list[str], list[tuple[str, object]]]]:
    return [(c.text, c.lost, c.values) for c in clauses(flat(text), PHRASES)]


def lost(text: str) -> list[str]:
    return [c.text for c in clauses(flat(text), PHRASES) if c.lost]


@pytest.mark.parametrize(
    "text",
    [
        "kite",
        "A kite!",
        "Please write me a simple kite app in Python",
        "I want a kite for the command line, with a tail and strings",
        "I would like to have a kite that has a tail.",
        "kite, no tail",
        "kites with tests and without dependencies",
        "a kite of 30 cm",
        "a kite of three cm",
        "# Kite\n\n- a tail\n- strings",
        "a kite\nof 30 cm",
    ],
)
def test_a_clause_that_phrases_cover_is_answered(text: str) -> None:
    assert lost(text) == []


@pytest.mark.parametrize(
    ("text", "losses"),
    [
        ("kites only", ["kites only"]),
        ("a kite in Rust", ["a kite in Rust"]),
        ("a kite with python 2", ["a kite with python 2"]),
        ("a kite of 30 mm", ["a kite of 30 mm"]),
        ("a kite of 3.5 cm", ["a kite of 3.5 cm"]),
        ("a kite of 30 cm-ish", ["a kite of 30 cm-ish"]),
        ("a kite and 30", ["30"]),
        ("a kite with 2 strings", ["with 2 strings"]),
        ("a kite with two tails", ["with two tails"]),
        ("a kite with a tail that glows", ["that glows"]),
        ("a kite with a tail per string", ["with a tail per string"]),
        ("kite, not a tail", ["not a tail"]),
        ("kite without a string", ["kite without a string"]),
        ("kite, no string", ["no string"]),
        ("kite, no tail and strings", ["strings"]),
        ("kite, no tail, strings", ["strings"]),
        ("kite, no tail but strings", []),
        ("kite, no tail and a string", []),
        ("kite, without a tail and a string", ["a string"]),
        ("kite, string without tail, string", ["string"]),
        ("kite, no tail, with strings", []),
        ("kite 🪁", ["kite 🪁"]),
        ("kite-like", ["kite-like"]),
        ("kites%", ["kites%"]),
        ("a kite; ein Schwanz", ["ein Schwanz"]),
    ],
)
def test_what_no_phrase_covers_is_lost_with_its_clause(text: str, losses: list[str]) -> None:
    assert lost(text) == losses


def test_phrases_of_one_length_all_count() -> None:
    assert read("a 30x20 kite")[0][2] == [("width", "30"), ("height", "20"), ("kind", None)]


def test_the_longest_phrase_counts() -> None:
    assert read("kite, without tail")[1][2] == [("tail", False)]


@given(st.text(st.sampled_from(string.ascii_lowercase + " ,.0123456789-"), max_size=40))
@example("of 30 cm and no tail")
def test_each_word_is_covered_or_lost(text: str) -> None:
    """Words that neither phrases nor silence take are found in a loss, whatever stands around."""
    text = flat(f"kite, {text}")
    found = clauses(text, PHRASES)
    words = re.findall(r"[a-z0-9]{6,}", text)
    known = {"strings", "string", "please", "python", "simple", "little", "should", "support"}
    known |= {"supports", "supporting", "include", "includes", "including", "having", "offers"}
    known |= {"offering", "program", "script", "application", "utility", "without", "terminal"}
    losses = " ".join(clause.text for clause in found if clause.lost)
    assert [word for word in words if word not in known and word not in losses] == []


# Wishes that sound like one of the programs and ask for something else, or for something besides.
# They were written down before any program was there; none of them may end as "Done".
REFUSED = [
    # another thing with a known word in it
    "an age calculator in weeks",
    "a snake identification guide",
    "a mortgage calculator",
    "a calculator for monthly loan payments",
    "a password manager with a master password",
    "a quiz about hangman",
    "an app for zoo keepers to record every snake",
    "a multiplayer snake game over the network",
    "a tic-tac-toe tournament organiser",
    "a unit test generator",
    "a game like snake, but with a tank",
    "a word count plugin for Word",
    "a program that guesses passwords",
    "a markdown editor with live preview",
    "a currency converter with live exchange rates",
    "a calorie calculator",
    "count the words in each line",
    "a file organiser for Google Drive",
    "a hangman solver",
    "a program that plays snake by itself",
    "convert html to markdown",
    "convert markdown to pdf",
    "an age calculator: name, birthday (date)",
    "a stopwatch for runners",
    "a volunteer shift planner",
    # sizes, places and languages in the clause that names the kind
    "tic tac toe on a 7x7 board",
    "snake in Rust",
    "hangman in Spanish",
    "a web page that counts words",
    "a todo list website with title and due date",
    "ein Passwortgenerator",
    "un jeu du pendu",
    "snakke game",
    "3D snake",
]
IN_PART = [
    # second clauses
    "a snake game with two players",
    "a snake game, with obstacles that move",
    "a snake game that warns above 140 points",
    "tic-tac-toe against the computer, with sound",
    "tic-tac-toe against the computer, online with friends",
    "hangman with words in German",
    "hangman, and the loser pays 5 dollars",
    "a calculator that also solves quadratic equations",
    "a calculator with a graphical window",
    "a unit converter, with a history of the last 10 conversions",
    "a unit converter that speaks the result",
    "a markdown to html converter, with a web page to upload files",
    "a password generator, in Rust",
    "a password generator that emails me the password",
    "a password generator without the letters l and O and that checks haveibeenpwned",
    "a word counter, but not for comments",
    "a word counter that counts each chapter by itself",
    "a word counter with a bar chart",
    "a file organiser that never touches files older than 30 days",
    "a file organiser that runs every night at 3:00",
    "a todo list with title, due date and priority, and email reminders",
    "a todo list with title and due date that warns 2 days before",
    "plants: name, last watered (date); check which need water today, each with its own interval",
    "expenses: title, amount, date; each person pays only their share",
    "blood pressure readings: note, date, value (number); warn above 140",
    "a snake game with Pygame",
    # negations
    "snake without a score",
    "tic-tac-toe against the computer that never loses twice in a row",
    "hangman without letters",
    "a word counter that does not count words",
    "a unit converter, no metric units",
    # sizes out of range
    "snake on a 1000x1000 field, a snake game",
    "a password generator with passwords of 100000 characters",
    "hangman, with 0 lives",
]


# The same, written with the phrases of the programs in view.
INFORMED = """
snake with poisonous food
snake with food that moves
snake with two snakes
snake with a score of 100 to win
snake with a high score list on a server
snake with high scores of all players
snake, best score per level
snake with arrow keys or mouse
snake with colours of my choice
snake that gets slower
snake with speed 5 to 10
snake with walls in the middle
snake with levels
snake where the snake dies after 3 minutes
snake for two players
snake for children in kindergarten
snake that wraps around a sphere
snake on a hexagonal 30x20 grid
snake on a field of random size
hangman with a timer
hangman with pictures of animals
hangman with words about animals and plants
hangman with words from a web site
hangman with hints that cost 2 points
hangman where the computer guesses
hangman with 5 lives per round
hangman with at least 5 lives
hangman with a score saved to a file
hangman for three players
hangman with own words from an API
tic-tac-toe against the computer that learns
tic-tac-toe for three players
tic-tac-toe against a neural network
3D tic-tac-toe
ultimate tic-tac-toe
tic-tac-toe with 4 in a row on a 3x3 board
tic-tac-toe on a 4x4 board against an unbeatable computer
tic-tac-toe with a leaderboard
a calculator with fractions
a calculator with complex numbers
a calculator for dates
a calculator with 50 digits of precision
a scientific calculator with a graph plotter
a calculator in reverse polish notation
a calculator without division
a calculator that rounds to 2 decimals
a programmable calculator
convert euros to dollars
convert miles to kilometers in a GUI
convert roman numerals to decimal
convert miles to parsecs to light years
unit converter for cooking with densities
unit converter for shoe sizes
a unit converter with 5 units
convert timezones
convert celsius to fahrenheit every hour
count the words and lines in a PDF
count the words in several languages
count words longer than 5 letters
count unique words per chapter
a word counter that ignores words in comments
word counter with top 5 words of each file
word counter excluding numbers
a word counter for Chinese
a todo list with title and due date, sorted by due date, with subtasks
a todo list with title, due date and priority that shows overdue items
a todo list with title, due date and priority, and a report of done items per week
expenses: title, amount, date; total amount by month for the last year
expenses: title, amount, date; show the total amount per person
expenses: title, amount, date; warn when the total amount is above 500
books: title, author, year; no duplicates
books: title, author, year; find books by the same author published in different years
books: title, author (required), year
books: title, author, year between 1900 and 2000
books: title, author, year; export to excel
books: title, author, year; sync with Goodreads
books: title, author, year; each author has a biography
books: title, author, year; delete books older than 10 years
books and authors: name, year
books: title, author. Loans: person, date
a todo list with title and due date in the browser
a shared todo list with title and due date
an encrypted diary list with title and notes
inventory with name, quantity and price; reorder when quantity is below 5
a shared list with title and due date
an encrypted list with title and notes
encrypted todos: title, notes
reminders: title, date
a web list with title, notes
a reading list with title, author
books: title, author, pages, rating (1-5)
books: title, author, pages (optional)
a book tracker with title, author and a rating in stars
contacts: name, phone and birthday, remind me of birthdays
invoices: client, amount, date, paid (yes/no), list unpaid invoices
tasks: title, due date, done; show tasks due today
tasks: title, due date; sort by due date, newest first
tasks: title, due date; sort by due date; sort by title
tasks: title, due date, total title
calculators: name, price
a todo list with title, due date, priority and dark mode
a todo list with title, due date, priority and title
a todo list with title, due date and priority in Spanish
a todo list with title, due date and priority. Only I may read it.
a todo list with title, due date and priority (high only)
a todo list without title, due date and priority
a todo list with title, but without due date
a todo list with either title or name
a todo list with two titles and a date
a todo list with title, optional due date and priority
a todo list with a title of at most 20 characters and a due date
snake, easy, hard
snake with no walls and no score
snake 30 by 20 by 10
snake at 5 steps per second, at 10 steps per second
snake at -5 steps per second
snake at 5.5 steps per second
snake with width 30 and height of 500
snake with WASD and arrow keys and joystick
a Snake game (Nokia style)
a snake game; it must run on Windows
a snake game with unit tests and 100% coverage
a snake game with docs in French
Make me a snake game. Make me a hangman game.
a snake game and a calculator
a calculator or a unit converter
tic-tac-toe against the computer, easy and unbeatable
tic-tac-toe, two players, against the computer
tic-tac-toe against the computer with 10 difficulty levels
hangman with easy words
hangman with 27 lives
hangman, 3 lives, 4 hints
hangman, no hints
hangman with countries of Europe
a calculator with 3 variables
wordcount of the file war_and_peace.txt
count letters a to z in a file
count words in a file and save the result to a database
""".strip().splitlines()


@pytest.mark.parametrize("wish", REFUSED)
def test_another_thing_is_refused(wish: str) -> None:
    with pytest.raises(ConfigurationError, match="Without a model"):
        find(wish)


@pytest.mark.parametrize("wish", IN_PART + INFORMED)
def test_what_is_asked_for_besides_is_never_silent(wish: str) -> None:
    try:
        assert find(wish).losses
    except ConfigurationError as error:
        assert "Without a model" in error.problem
