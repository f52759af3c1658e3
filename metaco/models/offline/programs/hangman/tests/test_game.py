"""The rules and the gallows."""

import pytest

from hangman.game import LIVES, MAN, Game, draw


def guesses(word: str, letters: str, lives: int = 5) -> Game:
    game = Game(word, lives)
    for letter in letters:
        game.guess(letter)
    return game


def test_r3_right_letters_are_shown_everywhere_and_cost_nothing() -> None:
    game = guesses("banana", "an")
    assert (game.shown, game.left, game.over) == ("_anana", 5, False)
    assert game.guess(" B ") is True
    assert game.won and game.over


def test_r3_what_is_no_letter_is_shown_from_the_start() -> None:
    assert Game("ice-cold tea", 5).shown == "___-____ ___"


def test_r3_the_whole_word_wins_or_costs_a_life() -> None:
    game = Game("banana", 5)
    assert game.guess("bandit") is False and game.left == 4
    assert game.guess("Banana") is True and game.won and game.left == 4


@pytest.mark.parametrize("text", ["", "7", "ab", "a", "bandit", "-", "bananas"])
def test_r3_what_is_no_new_guess_is_refused_and_costs_nothing(text: str) -> None:
    game = guesses("banana", "a")
    game.guess("bandit")
    with pytest.raises(ValueError, match=r"before|Please type"):
        game.guess(text)
    assert (game.left, game.guessed) == (4, ["a"])


def test_r4_each_mistake_costs_a_life_and_the_last_ends_the_game() -> None:
    game = Game("banana", LIVES)
    for letter in "cdefghijklmopqrstuvwxyzäöü"[: LIVES - 1]:
        assert game.guess(letter) is False and not game.over
    game.guess("ß")
    assert game.left == 0 and game.over and not game.won


def test_r5_a_hint_shows_a_letter_for_a_life_but_not_for_the_last() -> None:
    game = guesses("banana", "b", lives=2)
    assert game.hint() == "a"
    assert (game.shown, game.left) == ("ba_a_a", 1)
    with pytest.raises(ValueError, match="your last"):
        game.hint()


@pytest.mark.parametrize("lives", [1, 2, 6, 26, LIVES])
def test_r6_the_man_grows_and_only_the_last_mistake_completes_him(lives: int) -> None:
    game = Game("a", lives)
    complete = MAN[-1][2]
    assert "O" not in draw(game)
    for letter in "bcdefghijklmnopqrstuvwxyzä"[:lives]:
        assert complete not in draw(game)
        game.guess(letter)
        assert "O" in draw(game)
    assert complete in draw(game)


def test_r6_word_guesses_and_lives_stand_below() -> None:
    lines = draw(guesses("tea", "xt", lives=2)).splitlines()
    assert lines[5].endswith("1 life") and "T _ _" in lines[7] and "guessed: X T" in lines[9]
