"""Tests of counting."""

from collections import Counter

import pytest

from wordcount import counting
from wordcount.counting import Counts

BEASTS = Counter({"elephant": 1, "buffalo": 2, "antelope": 2, "the": 5, "ox": 1})


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("one two\nthree\n", Counts(2, 3, 14)),
        ("one two\nthree", Counts(2, 3, 13)),
        ("\n\n", Counts(2, 0, 2)),
        ("žluťoučký", Counts(1, 1, 9)),
        ("", Counts(0, 0, 0)),
    ],
)
def test_r1_lines_words_and_characters(text: str, counts: Counts) -> None:
    assert counting.count(text) == counts


def test_r1_counts_add_up() -> None:
    assert Counts(1, 2, 3) + Counts(10, 20, 30) == Counts(11, 22, 33)


def test_r1_apostrophes_and_hyphens_belong_to_a_word() -> None:
    text = "Don't -- stop: well-known, 42.50 things_here!"
    assert counting.words(text) == ["Don't", "stop", "well-known", "42.50", "things", "here"]


def test_r2_most_frequent_first_then_by_alphabet() -> None:
    listed = counting.most_frequent(BEASTS, 3, 1, True)
    assert listed == [("the", 5), ("antelope", 2), ("buffalo", 2)]
    assert counting.most_frequent(BEASTS, 0) == []


def test_r2_as_many_words_as_by_default() -> None:
    many = Counter({"x" * (counting.SHORTEST + more): 1 for more in range(counting.TOP + 5)})
    assert len(counting.most_frequent(many)) == counting.TOP


def test_r3_case() -> None:
    assert counting.frequencies("Ox ox OX", ignore_case=True) == {"ox": 3}
    assert counting.frequencies("Ox ox OX", ignore_case=False) == {"Ox": 1, "ox": 1, "OX": 1}


def test_r4_short_words_are_not_listed() -> None:
    listed = counting.most_frequent(BEASTS, 9, 7, True)
    assert [word for word, _ in listed] == ["antelope", "buffalo", "elephant"]


def test_r5_common_words_are_left_out() -> None:
    numbers = Counter({"the": 3, "The": 2, "ox": 1})
    assert counting.most_frequent(numbers, 9, 1, common_words=False) == [("ox", 1)]
    assert len(counting.most_frequent(numbers, 9, 1, common_words=True)) == 3


def test_r6_sentences() -> None:
    assert counting.sentences("One. Two! Three? ... 4.5 of v2.0") == 4
    assert counting.sentences("") == 0


def test_r6_paragraphs() -> None:
    assert counting.paragraphs("\na\nb\n \n\nc\n") == 2
    assert counting.paragraphs("") == 0


def test_r6_syllables() -> None:
    some = ["cat", "table", "time", "banana", "rhythm", "the"]
    assert [counting.syllables(word) for word in some] == [1, 2, 1, 3, 1, 1]


def test_r6_reading_time() -> None:
    text = "word " * 3 * counting.WORDS_PER_MINUTE
    assert counting.reading_minutes(text) == 3
    assert counting.reading_minutes("word " * 50, 100) == 0.5


def test_r6_easy_sentences_score_higher() -> None:
    easy = counting.reading_ease("The cat sat. The dog ran.")
    hard = counting.reading_ease("Administrative considerations notwithstanding, we proliferate.")
    assert easy == pytest.approx(206.835 - 1.015 * 3 - 84.6)
    assert hard is not None and hard < 0
    assert counting.reading_ease(" -- ") is None
