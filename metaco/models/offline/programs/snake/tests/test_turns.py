"""The field as text and the game line by line."""

import random

import pytest

from snake import turns
from snake.game import Game


def small_game() -> Game:
    game = Game(7, 5, wrap=False, rocks=False, rng=random.Random(1))
    game.food = (0, 0)
    return game


def test_r7_the_field_is_drawn_with_edge_snake_food_and_score() -> None:
    game = small_game()
    game.rocks = {(6, 4)}
    assert turns.draw(game) == [
        "+-------+",
        "|*      |",
        "|       |",
        "| ooO   |",
        "|       |",
        "|      #|",
        "+-------+",
        " Score: 0",
    ]


def test_r12_letters_turn_dots_go_on_and_a_wrong_line_is_refused_whole() -> None:
    game = small_game()
    with pytest.raises(ValueError, match="not '!'"):
        turns.move(game, "ww!")
    turns.move(game, " W.a ")
    assert game.snake[0] == (2, 0)


def test_r4_r12_the_game_is_played_to_its_end() -> None:
    lines, seen = ["x", "w.", "."], list[str]()
    assert turns.play(small_game(), lambda prompt: lines.pop(0), seen.append) == 0
    assert not lines and "Only w, a, s, d" in "".join(seen)
    assert "|*  X   |" in seen[-1] and "Game over, your score is 0." in seen[-1]
