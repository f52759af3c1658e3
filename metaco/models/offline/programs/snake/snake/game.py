"""The rules of snake: no clock, no keys, no screen."""

import random
from collections import deque

WIDTH = 24
HEIGHT = 16
WRAP = False
ROCKS = False

START_LENGTH = 3
CELLS_PER_ROCK = 40

Cell = tuple[int, int]  # x from the left and y from the top, both from 0

UP, DOWN, LEFT, RIGHT = (0, -1), (0, 1), (-1, 0), (1, 0)


class Game:
    """A game in progress.

    `snake` holds its cells, head first; `food` is None once the field is full; `rocks` are cells
    that end the game; `heading` is where the last step went; `over` says whether it has ended.
    """

    def __init__(
        self, width: int, height: int, *, wrap: bool, rocks: bool, rng: random.Random
    ) -> None:
        """Put a snake in the middle of the field, heading right, and food somewhere."""
        self.width, self.height, self.wrap, self.rng = width, height, wrap, rng
        x, y = width // 2, height // 2
        self.snake = [(x - behind, y) for behind in range(START_LENGTH)]
        self.heading: Cell = RIGHT
        self.over = False
        self._turns: deque[Cell] = deque()
        self.rocks = self._choose_rocks() if rocks else set[Cell]()
        self.food = self._free_cell()

    @property
    def score(self) -> int:
        """How often the snake has eaten."""
        return len(self.snake) - START_LENGTH

    def turn(self, direction: Cell) -> None:
        """Remember a turn for the next steps; turning back on itself is ignored."""
        last = self._turns[-1] if self._turns else self.heading
        if direction != (-last[0], -last[1]) and len(self._turns) < 3:
            self._turns.append(direction)

    def step(self) -> None:
        """Move the snake by one cell: it eats, dies or goes on."""
        if self.over:
            return
        if self._turns:
            self.heading = self._turns.popleft()
        x, y = self.snake[0][0] + self.heading[0], self.snake[0][1] + self.heading[1]
        if self.wrap:
            x, y = x % self.width, y % self.height
        eats = (x, y) == self.food
        body = self.snake if eats else self.snake[:-1]  # else the tail moves on
        inside = 0 <= x < self.width and 0 <= y < self.height
        if not inside or (x, y) in self.rocks or (x, y) in body:
            self.over = True
            return
        self.snake = [(x, y), *body]
        if eats:
            self.food = self._free_cell()
            self.over = self.food is None

    def _free_cell(self) -> Cell | None:
        taken = self.rocks.union(self.snake)
        cells = [(x, y) for y in range(self.height) for x in range(self.width)]
        free = [cell for cell in cells if cell not in taken]
        return self.rng.choice(free) if free else None

    def _choose_rocks(self) -> set[Cell]:
        """Choose cells away from the edge, the first row and each other: none is cut off."""
        rows = [y for y in range(1, self.height - 1) if y != self.snake[0][1]]
        cells = [(x, y) for x in range(1, self.width - 1) for y in rows]
        self.rng.shuffle(cells)
        rocks: set[Cell] = set()
        for x, y in cells:
            if len(rocks) * CELLS_PER_ROCK >= self.width * self.height:
                break
            if not any(abs(x - a) <= 1 and abs(y - b) <= 1 for a, b in rocks):
                rocks.add((x, y))
        return rocks
