"""Tests of rating passwords."""

import pytest

from passwords import strength
from passwords.generate import PasswordError


@pytest.mark.parametrize(
    ("password", "level"),
    [
        ("aaaaaaaa", "very weak"),
        ("password1", "very weak"),
        ("12345678", "very weak"),
        ("xkpqzrm", "weak"),
        ("Xk7#pQ9!", "fair"),
        ("Xk7#pQ9!zR2@", "strong"),
        ("Xk7#pQ9!zR2@mW5$", "very strong"),
    ],
)
def test_r5_levels(password: str, level: str) -> None:
    rating = strength.rate(password)
    assert rating.level == level
    assert rating.weak == level.endswith("weak")


def test_r5_bits_of_the_characters_there_could_be() -> None:
    assert strength.rate("xkpq").bits == pytest.approx(4 * 4.70044, abs=0.001)
    assert strength.rate("xkabcdz").bits == pytest.approx(5 * 4.70044, abs=0.001)
    bits = [strength.rate("xkpqzrmwvu"[:length]).bits for length in range(1, 11)]
    assert bits == sorted(bits)
    assert strength.rate("äxkpq").bits > strength.rate("axkpq").bits


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("Xk7#abcd!zR2@", "sequence"),
        ("Xk7#4321!zR2@", "sequence"),
        ("Xk7#aaa!zR2@m", "repeats"),
        ("MyPassWord-77-xX", "common word 'password'"),
        ("Xk7#pQ9!zR2", "short"),
    ],
)
def test_r6_the_weakness_is_named(password: str, words: str) -> None:
    assert len([line for line in strength.rate(password).advice if words in line]) == 1


def test_r6_nothing_to_say_against_a_strong_one() -> None:
    assert strength.rate("Xk7#pQ9!zR2@").advice == ()


def test_r5_r7_an_empty_one_is_refused() -> None:
    with pytest.raises(PasswordError, match="empty"):
        strength.rate("")
