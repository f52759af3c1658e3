"""The rules, on a small field that is looked at cell by cell."""

import itertools
import random

import pytest

from snake.game import DOWN, LEFT, RIGHT, UP, Cell, Game


def new_game(wrap: bool = False, size: Cell = (9, 7), rocks: bool = False) -> Game:
    """Return a game whose food lies where nobody comes by."""
    game = Game(*size, wrap=wrap, rocks=rocks, rng=random.Random(1))
    game.food = (0, 0)
    return game


def steps(game: Game, *directions: Cell) -> Game:
    for direction in directions:
        game.turn(direction)
        game.step()
    return game


def test_r1_the_snake_moves_on_by_itself_and_turns() -> None:
    game = new_game()
    game.step()
    assert game.snake == [(5, 3), (4, 3), (3, 3)]
    assert steps(game, UP, LEFT).snake == [(4, 2), (5, 2), (5, 3)]


def test_r1_it_cannot_turn_back_on_itself() -> None:
    game = steps(new_game(), LEFT)
    assert game.snake[0] == (5, 3)
    game.turn(UP)
    game.turn(DOWN)  # back, as seen from the turn before
    game.turn(LEFT)
    game.step()
    game.step()
    assert game.snake[0] == (4, 2)


def test_r2_food_makes_it_longer_and_counts_a_point() -> None:
    game = new_game()
    game.food = (5, 3)
    game.step()
    assert (game.snake, game.score) == ([(5, 3), (4, 3), (3, 3), (2, 3)], 1)
    assert game.food not in [None, *game.snake]


def test_r2_a_full_field_is_won() -> None:
    game = new_game()
    cells = [(x, y) for y in range(7) for x in range(9)]
    game.food = (5, 3)
    game.snake += [cell for cell in cells if cell not in [*game.snake, game.food]]
    game.step()
    assert game.food is None and game.over


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize(
    ("direction", "last", "beyond"),
    [(UP, (4, 0), (4, 6)), (DOWN, (4, 6), (4, 0)), (RIGHT, (8, 3), (0, 3)), (LEFT, (0, 2), (8, 2))],
)
def test_r3_the_edge(direction: Cell, last: Cell, beyond: Cell, wrap: bool) -> None:
    game = steps(new_game(wrap), UP) if direction == LEFT else new_game(wrap)
    game.food = (1, 1)
    while game.snake[0] != last:
        steps(game, direction)
    assert not game.over
    steps(game, direction)
    assert (game.over, game.snake[0]) == ((False, beyond) if wrap else (True, last))


def test_r4_it_must_not_bite_itself_but_may_follow_its_tail() -> None:
    game = new_game()
    game.snake.append((3, 2))
    assert not steps(game, UP, LEFT, DOWN).over
    game = new_game()
    game.snake += [(1, 3), (0, 3)]
    assert steps(game, UP, LEFT, DOWN).over
    snake = list(game.snake)
    game.step()
    assert game.snake == snake  # over is over


@pytest.mark.parametrize("size", [(5, 5), (24, 16), (76, 40)])
def test_r6_rocks_cut_off_no_cell_and_spare_the_first_row(size: Cell) -> None:
    game = new_game(size=size, rocks=True)
    assert game.rocks and all(y != game.snake[0][1] for _, y in game.rocks)
    assert all(0 < x < size[0] - 1 and 0 < y < size[1] - 1 for x, y in game.rocks)
    for (x, y), (a, b) in itertools.combinations(game.rocks, 2):
        assert abs(x - a) > 1 or abs(y - b) > 1


def test_r6_a_rock_ends_the_game() -> None:
    game = new_game()
    game.rocks = {(5, 3)}
    game.step()
    assert game.over and game.snake[0] == (4, 3)
