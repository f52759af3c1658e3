"""The computer's choice of a field."""

import random

from tictactoe.board import FREE, Board, other

LEVEL = "hard"

LEVELS = ("easy", "medium", "hard")
MOVES_AHEAD = {3: 9, 4: 4, 5: 3}  # by the size of the board; 9 is the whole game
WON = 1000


class Computer:
    """Plays at a level: easy at random, medium sees wins of the next move, hard searches.

    Hard searches the whole game on 3 x 3 fields and never loses there. On larger boards it looks
    a few moves ahead and then counts lines that are still open: it can be beaten.
    """

    def __init__(self, level: str, rng: random.Random) -> None:
        self.level, self.rng = level, rng
        self._values: dict[tuple[str, str, int], int] = {}

    def choose(self, board: Board) -> int:
        """Return the number of the field to take on a board that is not over."""
        places = board.free
        if self.level == "medium":
            wins = completing(board, board.turn) or completing(board, other(board.turn))
            places = wins or places
        elif self.level == "hard":
            places = self.best(board)
        return self.rng.choice(places) + 1

    def best(self, board: Board) -> list[int]:
        """Return the places that lead to the best result the search can see."""
        mark, depth = board.turn, MOVES_AHEAD[board.size] - 1
        values = {}
        for place in board.free:
            board.cells[place] = mark
            values[place] = -self._value(board, other(mark), depth)
            board.cells[place] = FREE
        return [place for place, value in values.items() if value == max(values.values())]

    def _value(self, board: Board, mark: str, depth: int) -> int:
        """Return what `mark`, whose turn it is, can reach: a sooner win is a higher one."""
        key = ("".join(board.cells), mark, depth)
        if key not in self._values:
            self._values[key] = self._search(board, mark, depth)
        return self._values[key]

    def _search(self, board: Board, mark: str, depth: int) -> int:
        if board.winner:
            return -WON - depth
        free = board.free
        if not free or depth == 0:
            return open_lines(board, mark) if free else 0
        best = -2 * WON
        for place in free:
            board.cells[place] = mark
            best = max(best, -self._value(board, other(mark), depth - 1))
            board.cells[place] = FREE
        return best


def completing(board: Board, mark: str) -> list[int]:
    """Return the free places that would complete a line of `mark`."""
    found = set()
    for line in board.lines:
        marks = [board.cells[place] for place in line]
        if marks.count(mark) == len(line) - 1 and FREE in marks:
            found.add(line[marks.index(FREE)])
    return sorted(found)


def open_lines(board: Board, mark: str) -> int:
    """Count the lines only `mark` has begun, longer ones more, less those of the other one."""
    total = 0
    for line in board.lines:
        marks = [board.cells[place] for place in line]
        own, free = marks.count(mark), marks.count(FREE)
        if own + free == len(line):
            total += own**2
        elif own == 0:
            total -= (len(line) - free) ** 2
    return total
