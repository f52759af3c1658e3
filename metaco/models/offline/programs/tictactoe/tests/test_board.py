"""The rules."""

import pytest

from tictactoe.board import SIZE, WIN, Board, draw, lines_of


def board_of(*rows: str, win: str = "line") -> Board:
    board = Board(len(rows), win)
    board.cells = list("".join(rows).replace(".", " "))
    return board


@pytest.mark.parametrize(
    ("size", "length", "lines"), [(3, 3, 8), (4, 4, 10), (5, 5, 12), (4, 3, 24), (5, 4, 28)]
)
def test_r1_r2_rows_columns_and_diagonals_are_lines(size: int, length: int, lines: int) -> None:
    found = lines_of(size, length)
    assert len({tuple(line) for line in found}) == len(found) == lines
    assert all(len(set(line)) == length for line in found)


@pytest.mark.parametrize("cells", [(1, 2, 3), (2, 5, 8), (1, 5, 9), (3, 5, 7)])
def test_r1_three_in_a_row_win(cells: tuple[int, ...]) -> None:
    board = Board(3, "line")
    for number, reply in zip(cells, [n for n in range(1, 10) if n not in cells], strict=False):
        board.place(number)
        if not board.over:
            board.place(reply)
    assert board.winner == "X" and board.over
    with pytest.raises(ValueError, match="is over"):
        board.place(reply)


def test_r1_a_full_board_without_a_line_is_a_draw() -> None:
    board = board_of("XOX", "XOO", "OXX")
    assert board.over and not board.winner
    assert not board_of("XOX", "XOO", "OX.").over


def test_r1_r2_the_win_length_is_at_most_the_width() -> None:
    assert board_of("XXX.", "....", "....", "....", win="3").winner == "X"
    assert not board_of("XXX.", "....", "....", "....").winner
    assert board_of("...O", "..O.", ".O..", "O...", win="4").winner == "O"
    assert not board_of("..X.", "...X", "X...", ".X..", win="3").winner  # no line around the edge
    assert Board(3, "5").length == 3
    assert Board(SIZE, WIN).length <= SIZE


@pytest.mark.parametrize(("number", "says"), [(0, "1 to 9"), (10, "1 to 9"), (5, "5 is taken")])
def test_r3_a_wrong_field_is_refused_and_the_turn_stays(number: int, says: str) -> None:
    board = Board(3, "line")
    board.place(5)
    with pytest.raises(ValueError, match=says):
        board.place(number)
    assert board.turn == "O" and len(board.free) == 8


def test_r3_the_board_shows_marks_and_numbers_of_free_fields() -> None:
    board = Board(4, "line")
    board.place(1)
    board.place(12)
    rows = draw(board).splitlines()
    assert rows[0] == " X | 2 | 3 | 4 " and rows[1] == "---+---+---+---"
    assert rows[4] == " 9 |10 |11 | O " and len(rows) == 7
