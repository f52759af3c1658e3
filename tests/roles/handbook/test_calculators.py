"""Tests of the handbook's calculators: every kind is generated, tested and run."""

from __future__ import annotations

from pathlib import Path

import pytest

from metaco.roles.handbook.families import calculators as family
from metaco.roles.handbook.reading import read
from metaco.roles.handbook.shelf import find
from tests.roles.handbook.kinds_support import check_every_kind, check_programs, check_runs

LINES = [
    "A calculator",
    "Scientific calculator with history, degrees and 6 digits",
    "Mortgage calculator",
    "Loan calculator with extra payments, compare offers, yearly table, CSV and --json, 7.5% over 10 years",  # noqa: E501
    "Tip calculator",
    "Split a bill between 4 friends with 18% tip, tax, rounding up, unequal items, json",
    "BMI calculator",
    "BMI and calorie calculator with imperial units and json output",
    "Compound interest calculator",
    "Savings calculator, monthly 3% over 20 years, goal, inflation, simple interest, json",
    "Dice roller",
    "Roll dice like 2d6+3 with probabilities, keep highest, repeat, json",
    "Age calculator",
    "Date calculator with working days, countdown, week numbers and json",
    "Statistics calculator",
    "Calculate mean, median and outliers from a csv column with histogram, quartiles, json",
    "Percentage calculator",
    "VAT calculator with 19% rate",
    "Discount calculator, margin and --json",
    "GPA calculator",
    "Weighted CGPA calculator",
    "Weighted GPA calculator with honors, cumulative GPA over semesters, target and json",
    "Matrix calculator",
    "Matrix calculator that solves linear equations step by step with 3 decimals and json",
    "Fuel cost calculator",
    "Road trip cost calculator in miles and mpg, split between friends, with tolls, compare cars, json",  # noqa: E501
    "Gas mileage calculator at 3.79 per gallon",
]


def test_every_kind_is_tried() -> None:
    check_every_kind(family, LINES)


def test_the_programs_pass_their_own_tests(tmp_path: Path) -> None:
    check_programs(family, LINES, tmp_path)


def test_the_run_lines_work(tmp_path: Path) -> None:
    check_runs([family.program(read(line)) for line in LINES], tmp_path)


@pytest.mark.parametrize("line", LINES)
def test_the_same_words_give_the_same_bytes(line: str) -> None:
    assert family.program(read(line)) == family.program(read(line))
    assert family.fits(read(line)) >= 0.85


def test_different_words_give_different_programs() -> None:
    programs = [family.program(read(line)) for line in LINES]
    sources = {tuple(source.content for source in program.sources) for program in programs}
    assert len(sources) == len(LINES)


FITS = [
    ("write a simple calculator", "calculators"),
    ("a calculator for my mortgage payments", "calculators"),
    ("amortization schedule", "calculators"),
    ("how old am I calculator", "calculators"),
    ("days between two dates", "calculators"),
    ("split the restaurant bill with friends", "calculators"),
    ("a CLI that calculates compound interest", "calculators"),
    ("roll dice for tabletop games", "calculators"),
    ("compute mean, median and standard deviation of numbers", "calculators"),
    ("evaluate math expressions without eval", "calculators"),
    ("body mass index", "calculators"),
    ("unit converter", "converters"),
    ("convert miles to kilometers", "converters"),
    ("temperature converter", "converters"),
    ("write a tool that converts CSV to JSON", "converters"),
    ("binary to decimal converter", "converters"),
    ("roman numerals", "converters"),
    ("currency converter for euros and dollars", "converters"),
    ("morse code", "converters"),
    ("vigenere cipher", "converters"),
    ("word count tool", "tools"),
    ("find the most common words in a text file", "tools"),
    ("a grep-like tool", "tools"),
    ("find duplicate photos", "tools"),
    ("rename files in bulk", "tools"),
    ("tidy my downloads folder", "tools"),
    ("password generator with 24 characters", "tools"),
    ("search and replace across files with dry run", "tools"),
    ("find the biggest files in a folder", "tools"),
    ("list todo comments in python code", "tools"),
    ("log file analyzer that counts errors per hour", "tools"),
    ("parse a log file and count warnings and errors", "tools"),
    ("日志分析", "tools"),
    ("sleep log with statistics", ""),
    ("markdown to html converter", "converters"),
    ("convert md files to html", "converters"),
    ("Markdown nach HTML umwandeln", "converters"),
    ("gpa calculator", "calculators"),
    ("vat calculator", "calculators"),
    ("matrix calculator", "calculators"),
    ("percentage calculator", "calculators"),
    ("calculate discounts and sales tax", "calculators"),
    ("solve systems of linear equations", "calculators"),
    ("Prozentrechner", "calculators"),
    ("a matrix screensaver", ""),
    ("gradebook app for teachers", ""),
    ("fuel calculator", "calculators"),
    ("calculate the fuel cost of a road trip", "calculators"),
    ("Spritkostenrechner", "calculators"),
    ("fuel log for my car", ""),
    ("json pretty printer", "tools"),
    ("validate json files", "tools"),
    ("file hash calculator", "tools"),
    ("verify sha256 checksums", "tools"),
    ("convert json to csv", "converters"),
    ("hash table implementation", ""),
    ("a todo list that stores json", ""),
    ("base64 encoder", "converters"),
    ("url encoder decoder", "converters"),
    ("hex to decimal converter", "converters"),
    ("video encoder", ""),
    ("base64 编码", "converters"),
    ("csv file analyzer", "tools"),
    ("summarize a csv file", "tools"),
    ("filter csv rows by column", "tools"),
    ("calculate mean and median of a csv column", "calculators"),
    ("csv to json", "converters"),
    ("expense tracker with csv export and filter", ""),
    ("markdown table of contents", ""),
    ("markdown table to csv", "converters"),
    ("Passwortgenerator mit 20 Zeichen", "tools"),
    ("Taschenrechner", "calculators"),
    ("ein Würfel", "calculators"),
    ("计算器", "calculators"),
    ("写一个简单的计算器", "calculators"),
    ("calculadora", "calculators"),
    ("calculadora de propinas", "calculators"),
    ("Zinseszinsrechner", "calculators"),
    ("贷款计算器", "calculators"),
    ("Einheitenumrechner", "converters"),
    ("单位换算", "converters"),
    ("convertisseur", "converters"),
    ("un convertisseur d'unités", "converters"),
    ("conversor de monedas", "converters"),
    ("Passwortgenerator", "tools"),
    ("générateur de mots de passe", "tools"),
    ("批量重命名", "tools"),
    ("contador de palabras", "tools"),
    ("a compiler for a small language", ""),
    ("a weather app", ""),
    ("a chat server", ""),
    ("ein Würfelspiel", ""),
    ("expense tracker with monthly reports", ""),
    ("todo list app", ""),
    ("track my calories in a calculator-like app", ""),
    ("a quiz about prime numbers", ""),
    ("hangman game", ""),
    ("guess the number", ""),
    ("library system with members and loans", ""),
    ("inventory management with CSV import and JSON export", ""),
    ("contacts manager", ""),
    ("password manager that stores passwords", ""),
    ("recipe book that converts units", ""),
    ("book tracker with reading statistics", ""),
    ("snake", ""),
    ("invoice manager with VAT", ""),
    ("a habit tracker that counts days", ""),
    ("flash cards for words", ""),
    ("gym bookings", ""),
    ("", ""),
    ("asdf qwer", ""),
]


@pytest.mark.parametrize(("line", "wanted"), FITS)
def test_what_fits(line: str, wanted: str) -> None:
    from metaco.roles.handbook.families import calculators, converters, tools

    families = {"calculators": calculators, "converters": converters, "tools": tools}
    scores = {name: module.fits(read(line)) for name, module in families.items()}
    if wanted:
        assert scores[wanted] >= 0.85
        assert max(scores, key=lambda name: scores[name]) == wanted
    else:
        assert max(scores.values()) <= 0.35, scores


def test_what_is_asked_beyond_the_program_is_said() -> None:
    assert find("A tip calculator with voice control").losses == ["with voice control"]


def test_a_name_is_taken_over() -> None:
    program = family.program(read("A tip calculator called tippy"))
    assert program.name == "tippy"
    assert program.sources[0].path == "tippy/bill.py"
