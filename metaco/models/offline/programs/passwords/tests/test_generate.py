"""Tests of random passwords."""

import itertools
import string

import pytest

from passwords import generate
from passwords.generate import PasswordError

CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, generate.PUNCTUATION)
COMBINATIONS = [(True, *others) for others in itertools.product((True, False), repeat=3)]


@pytest.mark.parametrize("length", [4, 16, 1000])
def test_r1_r2_length_and_every_class(length: int) -> None:
    for _ in range(20):
        password = generate.password(length, list(CLASSES))
        assert len(password) == length
        assert all(set(password) & set(group) for group in CLASSES)


def test_r1_r2_r4_the_length_by_default() -> None:
    groups = generate.classes()
    password = generate.password(generate.LENGTH, groups)
    assert len(password) == generate.LENGTH
    assert all(set(password) & set(group) for group in groups)


def test_r1_no_password_twice_and_no_place_fixed() -> None:
    passwords = {generate.password(16, list(CLASSES)) for _ in range(200)}
    assert len(passwords) == 200
    assert {password[0] in string.ascii_lowercase for password in passwords} == {True, False}


@pytest.mark.parametrize("wanted", COMBINATIONS)
def test_r2_what_is_left_out_never_occurs(wanted: tuple[bool, ...]) -> None:
    password = generate.password(1000, generate.classes(wanted[1], wanted[2], wanted[3], False))
    assert tuple(bool(set(password) & set(group)) for group in CLASSES) == wanted


def test_r4_nothing_looks_alike() -> None:
    groups = generate.classes(True, True, True, readable=True)
    assert len(groups) == 4 and all(groups)
    assert not set("".join(groups)) & set("lI1|O0o")
    assert set("".join(generate.classes(True, True, True, readable=False))) >= set("lI1O0o")


@pytest.mark.parametrize("length", [-1, 3, 1001])
def test_r1_r7_impossible_lengths(length: int) -> None:
    with pytest.raises(PasswordError, match="from 4 to 1000"):
        generate.password(length, list(CLASSES))
