"""Tests of the handbook's tools: every kind is generated, tested and run."""

from __future__ import annotations

from pathlib import Path

import pytest

from metaco.roles.handbook.families import tools as family
from metaco.roles.handbook.reading import read
from tests.roles.handbook.kinds_support import check_every_kind, check_programs, check_runs

LINES = [
    "Word counter",
    "Count words and show top 20 most frequent words without stop words, at least 4 letters, readability, --json",  # noqa: E501
    "Case-sensitive word frequency counter",
    "Find duplicate files",
    "Duplicate photo finder, delete or hardlink copies, min size, json",
    "grep clone",
    "Search and replace text in files, case-insensitive, context, json",
    "Find TODO comments in source code with json",
    "Bulk file renamer",
    "Batch rename photos with sequential numbers, dates, lowercase, replace spaces",
    "Password generator",
    "Password strength checker",
    "Generate 5 passwords of 20 characters without ambiguous characters and check strength",
    "Organize files in the downloads folder by extension",
    "Sort photos into folders by date recursively",
    "Directory tree with sizes",
    "Disk usage: top 20 largest files, by type, json",
    "Log file analyzer that counts errors per hour",
    "Analyze nginx access logs per day, top 5 paths and status codes in a time range, json",
    "JSON formatter and validator",
    "JSON pretty printer with 4 spaces, sorted keys, query, minify and compare",
    "a jq clone",
    "Checksum tool",
    "Create and verify MD5 checksums of files",
    "File integrity checker with sha512 that detects new and changed files",
    "CSV analyzer",
    "Filter rows of a csv file",
    "Summarize and filter CSV files, group by category, remove duplicates, json",
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
