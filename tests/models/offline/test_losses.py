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
        ("a kite with a tail after 30 cm", ["with a tail after 30 cm"]),
        ("a kite, after 30 cm a tail", ["after 30 cm a tail"]),
        ("a kite, a tail, until 30 cm", ["until 30 cm"]),
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
    parts = clauses(text, PHRASES)
    words = [word for word in re.findall(r"[a-z0-9]{6,}", text) if not re.match(r"\d+x\d", word)]
    known = {"strings", "string", "please", "python", "simple", "little", "should", "support"}
    known |= {"supports", "supporting", "include", "includes", "including", "having", "offers"}
    known |= {"offering", "program", "script", "application", "utility", "without", "terminal"}
    losses = " ".join(clause.text for clause in parts if clause.lost)
    assert [word for word in words if word not in known and word not in losses] == []


def wishes(text: str) -> list[str]:
    return [wish.strip() for wish in text.split("|")]


# Wishes that sound like one of the programs and ask for something else, or for something besides.
# They were written down before any program was there; none of them may end as "Done".
REFUSED = wishes("""
an age calculator in weeks | a snake identification guide | a mortgage calculator |
a calculator for monthly loan payments | a password manager with a master password |
a quiz about hangman | an app for zoo keepers to record every snake |
a multiplayer snake game over the network | a tic-tac-toe tournament organiser |
a unit test generator | a game like snake, but with a tank | a word count plugin for Word |
a program that guesses passwords | a markdown editor with live preview |
a currency converter with live exchange rates | a calorie calculator |
count the words in each line | a file organiser for Google Drive | a hangman solver |
a program that plays snake by itself | convert html to markdown | convert markdown to pdf |
an age calculator: name, birthday (date) | a stopwatch for runners | a volunteer shift planner |
tic tac toe on a 7x7 board | snake in Rust | hangman in Spanish | a web page that counts words |
a todo list website with title and due date | ein Passwortgenerator | un jeu du pendu |
snakke game | 3D snake | organise photos by year and month | sort my photos by type | sort a file |
organise the file | strong password manager | a secure password vault | address book: who, where
""")
IN_PART = wishes("""
a snake game with two players | a snake game, with obstacles that move |
a snake game that warns above 140 points | tic-tac-toe against the computer, with sound |
tic-tac-toe against the computer, online with friends | hangman with words in German |
hangman, and the loser pays 5 dollars | a calculator that also solves quadratic equations |
a calculator with a graphical window | a unit converter, with a history of the last 10 conversions |
a unit converter that speaks the result |
a markdown to html converter, with a web page to upload files | a password generator, in Rust |
a password generator that emails me the password |
a password generator without the letters l and O and that checks haveibeenpwned |
a word counter, but not for comments | a word counter that counts each chapter by itself |
a word counter with a bar chart | a file organiser that never touches files older than 30 days |
a file organiser that runs every night at 3:00 |
a todo list with title, due date and priority, and email reminders |
a todo list with title and due date that warns 2 days before |
plants: name, last watered (date); check which need water today, each with its own interval |
expenses: title, amount, date; each person pays only their share |
blood pressure readings: note, date, value (number); warn above 140 | a snake game with Pygame |
snake without a score | tic-tac-toe against the computer that never loses twice in a row |
hangman without letters | a word counter that does not count words |
a unit converter, no metric units | snake on a 1000x1000 field, a snake game |
a password generator with passwords of 100000 characters | hangman, with 0 lives
""")

# The same, written with the phrases of the programs in view.
INFORMED = wishes("""
snake with poisonous food | snake with two snakes | snake with a high score list on a server |
snake, best score per level | snake with colours of my choice | snake with speed 5 to 10 |
snake with levels | snake for two players | snake that wraps around a sphere |
snake on a field of random size | hangman with pictures of animals |
hangman with words from a web site | hangman where the computer guesses |
hangman with at least 5 lives | hangman for three players |
tic-tac-toe against the computer that learns | tic-tac-toe against a neural network |
ultimate tic-tac-toe | tic-tac-toe with 4 in a row on a 3x3 board |
tic-tac-toe on a 4x4 board against an unbeatable computer | a calculator with fractions |
a calculator for dates | a scientific calculator with a graph plotter |
a calculator without division | a programmable calculator | convert miles to kilometers in a GUI |
convert miles to parsecs to light years | unit converter for shoe sizes | convert timezones |
count the words and lines in a PDF | count words longer than 5 letters |
a word counter that ignores words in comments | word counter with top 5 words of each file |
word counter excluding numbers |
a todo list with title and due date, sorted by due date, with subtasks |
a todo list with title, due date and priority, and a report of done items per week |
expenses: title, amount, date; show the total amount per person |
books: title, author, year; no duplicates | books: title, author (required), year |
books: title, author, year; export to excel |
books: title, author, year; each author has a biography | books and authors: name, year |
a todo list with title and due date in the browser | a shared todo list with title and due date |
an encrypted diary list with title and notes | a shared list with title and due date |
encrypted todos: title, notes | reminders: title, date | a web list with title, notes |
books: title, author, pages, rating (1-5) |
a book tracker with title, author and a rating in stars |
invoices: client, amount, date, paid (yes/no), list unpaid invoices |
tasks: title, due date; sort by due date, newest first | tasks: title, due date, total title |
a todo list with title, due date, priority and dark mode |
a todo list with title, due date and priority in Spanish |
a todo list with title, due date and priority (high only) |
a todo list with title, but without due date | a todo list with two titles and a date |
a todo list with a title of at most 20 characters and a due date |
snake with no walls and no score | snake at 5 steps per second, at 10 steps per second |
snake at 5.5 steps per second | snake with WASD and arrow keys and joystick |
a snake game; it must run on Windows | a snake game with docs in French |
a snake game and a calculator | tic-tac-toe against the computer, easy and unbeatable |
tic-tac-toe against the computer with 10 difficulty levels | hangman with 27 lives |
hangman, no hints | a calculator with 3 variables | count letters a to z in a file |
a password generator, 20 characters, at least 3 digits |
a password generator with no symbols and digits | convert markdown to html and pdf |
markdown to html converter without tables |
a file organiser that sorts files by type except images | a file organiser with undo for 30 days |
hangman with a hint after three mistakes | hangman with a hint, after three mistakes |
hangman, and after three mistakes a hint | hangman with a hint of 3 lives |
hangman with a score after 5 tries | snake with obstacles after 20 points |
count words and how often every word occurs | a word counter, how often each word appears |
render markdown in the terminal | a markdown renderer in the terminal |
generate a password manager | a game of hangman for three people |
count words of at least 5 letters | students: name, scores |
a word counter with a minimum word length of 5 | students: names, score, birthday |
contacts: name, phone numbers, email | check my passwords against a leak |
a password generator with letters | hangman with phrases about countries | hangman with phrases |
a word counter that shows the unique words | a word counter that shows the sentences |
books: title, author, year; sorted by year and title |
todos: title, priority (low, medium or high, default medium) | todos: title, size (a, b, required) |
books: title, status (open or done, whatever I type) | expenses: title, amount (positive or zero) |
password generator excluding symbols and digits |
a file organizer that skips hidden files and subfolders |
snake with the high score saved in a file called scores | tic-tac-toe against a computer named Hal |
hangman with simple words about animals | a turn-based snake game | snake with hard obstacles |
snake with 20 frames per second | hangman for two players with words about animals |
hangman with programming languages | two-player hangman that keeps the score |
tic-tac-toe on a 3x3 board with a win length of 4 | tic-tac-toe with any board size |
two-player tic-tac-toe with an unbeatable AI | a calculator that adds two digits |
a program that converts seconds to hours, minutes and seconds | unit converter for data speeds |
generates passwords and shows their strength | a password generator with several passwords |
word counter that lists the words with at least 5 letters | word frequency counter |
counts the words in a text file, ignoring stop words | counts lines and prints the 3 most common |
file organizer with a --dry-run option | sorts my files into folders and subfolders by type |
converts markdown to html and saves it to a file | a list of shifts: person, date, start, end |
hours: project, person, hours. Shows the total hours per project per person |
a snake game where the board is 30 by 20
""")


@pytest.mark.parametrize("wish", REFUSED)
def test_another_thing_is_refused(wish: str) -> None:
    with pytest.raises(ConfigurationError, match="The built-in rules include"):
        find(wish)


@pytest.mark.parametrize("wish", IN_PART + INFORMED)
def test_what_is_asked_for_besides_is_never_silent(wish: str) -> None:
    try:
        assert find(wish).losses
    except ConfigurationError as error:
        assert "The built-in rules include" in error.problem
