"""The computer, against every line of play where it claims not to lose."""

import random

import pytest

from tictactoe.board import Board
from tictactoe.computer import Computer, completing


def computer(level: str) -> Computer:
    return Computer(level, random.Random(5))


def results(board: Board, mark: str, player: Computer) -> set[str]:
    """Return who wins when `mark` is the computer and the other tries everything."""
    if board.over:
        return {board.winner}
    won: set[str] = set()
    for place in [player.choose(board) - 1] if board.turn == mark else board.free:
        after = Board(board.size, "line", board.turn)
        after.cells = list(board.cells)
        after.place(place + 1)
        won |= results(after, mark, player)
    return won


@pytest.mark.parametrize(("mark", "ends"), [("X", {"X", ""}), ("O", {"O", ""})])
def test_r4_hard_never_loses_on_3_x_3_and_wins_where_it_can(mark: str, ends: set[str]) -> None:
    assert results(Board(3, "line"), mark, computer("hard")) == ends


@pytest.mark.parametrize("level", ["medium", "hard"])
@pytest.mark.parametrize("size", [3, 4, 5])
def test_r4_r5_a_win_is_taken_and_a_loss_prevented(level: str, size: int) -> None:
    board = Board(size, "line")
    board.cells[: size - 1] = "X" * (size - 1)
    board.cells[size : 2 * size - 1] = "O" * (size - 1)
    assert completing(board, "X") == [size - 1] and completing(board, "O") == [2 * size - 1]
    assert computer(level).choose(board) == size
    board.cells[size] = " "
    board.turn = "O"
    assert computer(level).choose(board) == size


def test_r4_hard_prefers_the_sooner_win() -> None:
    board = Board(3, "line")
    board.cells = list("X XO O   ")
    board.turn = "X"
    assert computer("hard").best(board) == [1]


@pytest.mark.parametrize(
    ("size", "win", "cells", "place"),
    [
        (3, "line", "  OX     ", 0),  # X wins by two threats, three moves later
        (4, "3", "    O  X        ", 11),
        (5, "4", "     O O X          XO X ", 12),
    ],
)
def test_r4_r5_hard_sees_more_than_the_next_move(
    size: int, win: str, cells: str, place: int
) -> None:
    board = Board(size, win)
    board.cells = list(cells)
    assert computer("hard").best(board) == [place]


def test_r4_easy_plays_at_random_among_free_fields() -> None:
    board = Board(3, "line")
    board.cells = list("XX OO    ")
    player = computer("easy")
    assert {player.choose(board) for _ in range(200)} == {3, 6, 7, 8, 9}
