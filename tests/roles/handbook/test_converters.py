"""Tests of the handbook's converters: every kind is generated, tested and run."""

from __future__ import annotations

from pathlib import Path

import pytest

from metaco.roles.handbook.families import converters as family
from metaco.roles.handbook.reading import read
from tests.roles.handbook.kinds_support import check_every_kind, check_programs, check_runs

LINES = [
    "A unit converter",
    "Convert celsius to fahrenheit with --json and 3 decimals",
    "Unit converter for weight, volume and data sizes with tables, batch files and all units, json",
    "Convert decimal to binary and hex",
    "Roman numeral converter",
    "Number base converter with roman numerals and json",
    "Currency converter",
    "Convert dollars to yen and rupees with a table, fee and json",
    "Morse code translator",
    "Morse code with sound",
    "csv to json converter",
    "Convert json to csv selecting columns",
    "Convert between CSV, TSV, JSON and markdown tables",
    "Caesar cipher with shift 5 that can crack texts",
    "Cipher tool",
    "rot13",
    "Text case converter",
    "Convert to snake_case and camelCase",
    "Color converter hex to rgb",
    "Colour converter for hex, rgb and hsl with contrast, preview and json",
    "Markdown to HTML converter",
    "Convert a folder of markdown files to html with table of contents and dark css theme",
    "Base64 encoder and decoder",
    "HTML entity decoder",
    "Encode and decode base64, hex, url and binary with automatic detection",
    "Encoder/decoder",
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
