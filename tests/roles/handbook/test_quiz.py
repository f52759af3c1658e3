"""Quizzes and flashcards of the handbook: whole programs, generated and tried."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaco.roles.handbook.families import quiz
from metaco.roles.handbook.reading import read
from tests.roles.handbook.trial import check_papers, check_programs

TRIED = {
    "capitals quiz with 5 questions, 3 lives, keep high scores": "capitals_quiz",
    "true or false science quiz": "science_quiz_true_false",
    "multiplication tables practice from 2 to 9, 20 questions in 60 seconds": "times_tables_quiz",
    "math drill with addition and subtraction up to 50": "arithmetic_drill",
    "flashcards": "flashcards",
    "Spanish vocabulary trainer with 20 words and 3 boxes": "spanish_vocabulary",
}


def test_programs_run_and_pass_their_own_tests(tmp_path):
    programs = [quiz.program(read(line)) for line in TRIED]
    assert [program.name for program in programs] == list(TRIED.values())
    for program in programs:
        check_papers(program)
    check_programs(programs, tmp_path)


@pytest.mark.parametrize("line", TRIED)
def test_the_same_line_gives_the_same_bytes(line):
    assert quiz.program(read(line)) == quiz.program(read(line))


FITS = {
    "quiz app": "high",
    "a quiz about capitals": "high",
    "Python quiz with multiple choice": "high",
    "trivia game": "high",
    "flashcards for learning French": "high",
    "flash cards": "high",
    "Spanish vocabulary trainer": "high",
    "a vocab trainer with spaced repetition": "high",
    "multiplication tables practice for kids": "high",
    "arithmetic drill": "high",
    "a math game with addition and subtraction": "high",
    "mental arithmetic trainer": "high",
    "true or false quiz on history": "high",
    "a quiz that tracks my progress": "high",
    "practice multiplication": "high",
    "track quiz results of my class": "low",
    "database of quiz questions": "low",
    "quiz results tracker": "low",
    "manage flashcards inventory": "low",
    "todo list": "none",
    "snake game": "none",
    "unit converter": "none",
    "expense tracker": "none",
    "contact book": "none",
    "a calculator": "none",
    "guess the number": "none",
    "table of measurements": "none",
    "word count tool": "none",
    "csv to json": "none",
    "": "none",
}
RANGES = {"high": (0.9, 1), "low": (0, 0.3), "none": (0, 0)}


@pytest.mark.parametrize("line", FITS)
def test_it_fits_what_asks_questions(line):
    low, high = RANGES[FITS[line]]
    assert low <= quiz.fits(read(line)) <= high


def source(line: str, file: str) -> str:
    program = quiz.program(read(line))
    return next(s.content for s in program.sources if s.path.endswith(f"/{file}"))


@pytest.mark.parametrize(
    ("line", "file", "text"),
    [
        ("quiz about capitals", "questions.json", "Ulaanbaatar"),
        ("quiz about python with 7 questions", "cli.py", "default=7"),
        ("history quiz with 4 lives", "cli.py", "default=4"),
        ("timed quiz of 90 seconds", "cli.py", "default=90"),
        ("typed geography quiz", "cli.py", 'default="typed"'),
        ("division drill", "arithmetic.py", 'SIGNS = "/"'),
        ("times tables quiz up to 15", "cli.py", "default=15"),
        ("German flashcards", "cards.json", "der Hund"),
        ("flashcards with 7 boxes", "boxes.py", "LAST = 7"),
    ],
)
def test_the_wording_decides(line, file, text):
    assert text in source(line, file)


def test_an_unknown_topic_is_owned_up_to():
    program = quiz.program(read("a quiz about star wars with 12 questions"))
    assert any("--file" in question for question in program.questions)
    program = quiz.program(read("flashcards about medieval weapons"))
    assert any("--deck" in question for question in program.questions)


@pytest.mark.parametrize(
    "path", sorted(Path(quiz.__file__).parent.glob("banks/*.json")), ids=lambda p: p.stem
)
def test_banks_are_sound(path):
    rows = json.loads(path.read_text(encoding="utf-8"))
    assert len(rows) >= 15
    asked = [(row.get("prompt") or row["front"]) for row in rows]
    assert len(set(asked)) == len(asked)
    for row in rows:
        answers = [row.get("answer") or row["back"], *row.get("wrong", [])]
        assert all(answers) and len(set(answers)) == len(answers)


@settings(max_examples=40, deadline=None)
@given(
    st.text(max_size=60), st.sampled_from(["quiz", "flashcards about", "math drill", "vocabulary"])
)
def test_no_wording_breaks_it(noise, kind):
    reading = read(f"{kind} {noise}")
    assert 0 <= quiz.fits(reading) <= 1
    check_papers(quiz.program(reading))
