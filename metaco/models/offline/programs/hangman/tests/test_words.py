"""The words to guess."""

from pathlib import Path

import pytest

from hangman.words import TOPIC, TOPICS, read_words, usable, words_of


@pytest.mark.parametrize("topic", TOPICS)
def test_r1_each_topic_has_words_in_small_letters_none_twice(topic: str) -> None:
    words = words_of(topic)
    assert len(words) == len(set(words)) > 25
    assert all(usable(word) and word.isalpha() and word.islower() for word in words)
    assert TOPIC in TOPICS


def test_r2_a_file_gives_words_and_phrases(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("Ice cream\n\n  Übermut \n42nd\nx\n", encoding="utf-8")
    assert read_words(file) == ["ice cream", "übermut"]


def test_r2_r9_a_file_without_words_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("1\n2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="holds no words"):
        read_words(file)
