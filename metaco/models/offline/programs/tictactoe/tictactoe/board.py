"""The rules of tic-tac-toe on boards of 3 x 3 to 5 x 5 fields."""

SIZE = 3
WIN = "line"

WINS = ("line", "3", "4", "5")
FREE = " "


def other(mark: str) -> str:
    """Return the mark of the other player."""
    return "O" if mark == "X" else "X"


def lines_of(size: int, length: int) -> list[list[int]]:
    """Return all rows, columns and diagonals of `length` fields, as places from 0."""
    lines = []
    for y in range(size):
        for x in range(size):
            for dx, dy in ((1, 0), (0, 1), (1, 1), (-1, 1)):
                end_x, end_y = x + dx * (length - 1), y + dy * (length - 1)
                if 0 <= end_x < size and end_y < size:
                    lines.append([(y + dy * n) * size + x + dx * n for n in range(length)])
    return lines


class Board:
    """A game in progress: `cells` from the upper left, each X, O or a blank; `turn` moves next."""

    def __init__(self, size: int, win: str, turn: str = "X") -> None:
        """Start with an empty board; `win` is how many in a row win, at most the size."""
        self.size, self.turn = size, turn
        self.length = size if win == "line" else min(int(win), size)
        self.lines = lines_of(size, self.length)
        self.cells = [FREE] * (size * size)

    @property
    def free(self) -> list[int]:
        """The places that can still be taken."""
        return [place for place, mark in enumerate(self.cells) if mark == FREE]

    @property
    def winner(self) -> str:
        """The mark that fills a line, or nothing."""
        for line in self.lines:
            mark = self.cells[line[0]]
            if mark != FREE and all(self.cells[place] == mark for place in line):
                return mark
        return ""

    @property
    def over(self) -> bool:
        """Whether the game is won or drawn."""
        return bool(self.winner) or not self.free

    def place(self, number: int) -> None:
        """Put the mark whose turn it is on a field, numbered from 1.

        Raises:
            ValueError: the game is over, there is no such field, or it is taken.
        """
        if self.over:
            raise ValueError("The game is over.")
        if not 1 <= number <= len(self.cells):
            raise ValueError(f"Fields are numbered 1 to {len(self.cells)}.")
        if self.cells[number - 1] != FREE:
            raise ValueError(f"Field {number} is taken.")
        self.cells[number - 1] = self.turn
        self.turn = other(self.turn)


def draw(board: Board) -> str:
    """Return the board as text; free fields show their numbers."""
    shown = [
        f"{place if mark == FREE else mark:>2} " for place, mark in enumerate(board.cells, start=1)
    ]
    size = board.size
    rows = ["|".join(shown[start : start + size]) for start in range(0, size * size, size)]
    return ("\n" + "+".join(["---"] * size) + "\n").join(rows)
