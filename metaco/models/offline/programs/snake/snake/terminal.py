"""The game in real time, on the whole terminal."""

import importlib.util
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from snake.game import DOWN, LEFT, RIGHT, UP, Game
from snake.turns import BODY, CRASH, FOOD, HEAD, LETTERS, ROCK, draw, ending

if TYPE_CHECKING:
    import curses

SPEED = 8
FASTER = False

ARROWS = {258: DOWN, 259: UP, 260: LEFT, 261: RIGHT}  # codes of curses, which may not exist
RED, GREEN, YELLOW = 1, 2, 3
COLOURS = {HEAD: GREEN, BODY: GREEN, FOOD: RED, CRASH: RED, ROCK: YELLOW}


class Terminal:
    """Plays on a window of curses.

    `speed` is in steps a second; with `faster` each food adds 5% to it. `colour` returns the
    attribute of a colour's number, `clock` the time in seconds.
    """

    def __init__(
        self,
        window: "curses.window",
        speed: float,
        faster: bool,
        colour: Callable[[int], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.window, self.speed, self.faster = window, speed, faster
        self.colour, self.clock = colour, clock

    def play(self, new_game: Callable[[], Game], best: int) -> int:
        """Play games until the player leaves; return the best score, `best` included.

        Raises:
            ValueError: the field does not fit into the window.
        """
        key = "r"
        while key == "r":
            game = new_game()
            key = self._one_game(game, best)
            best = max(best, game.score)
            while key not in ("q", "r"):
                self._show(game, f"{ending(game)} r plays again, q quits")
                key = self._key(game)
        return best

    def _one_game(self, game: Game, best: int) -> str:
        """Play until the game is over or the player leaves; return q if so."""
        while not game.over:
            self._show(game, f"Best: {max(best, game.score)}  arrows/wasd turn, p pause, q quit")
            until = self.clock() + 1 / (self.speed * (1 + 0.05 * game.score * self.faster))
            while (left := until - self.clock()) > 0:
                key = self._key(game, max(1, round(left * 1000)))
                if key == "p":
                    self._show(game, "Paused, p goes on")
                    while (key := self._key(game)) not in ("p", "q"):
                        pass
                    until = self.clock() + left
                if key == "q":
                    return key
            game.step()
        return ""

    def _key(self, game: Game, milliseconds: int = -1) -> str:
        """Wait for a key, for ever unless told otherwise; turn the snake or return the letter."""
        self.window.timeout(milliseconds)
        code = self.window.getch()
        letter = chr(code).lower() if 0 < code < 128 else ""
        if direction := ARROWS.get(code) or LETTERS.get(letter):
            game.turn(direction)
        return letter

    def _show(self, game: Game, note: str) -> None:
        rows, columns = game.height + 3, game.width + 3
        height, width = self.window.getmaxyx()
        if height < rows or width < columns:
            raise ValueError(
                f"the terminal has {width} x {height} signs, the field needs {columns} x {rows}"
            )
        self.window.erase()
        *field, score = draw(game)
        for y, line in enumerate(field):
            for x, sign in enumerate(line):
                self.window.addstr(y, x, sign, self.colour(COLOURS.get(sign, 0)))
        self.window.addstr(len(field), 0, f"{score}  {note}"[: width - 1], 0)


def available() -> bool:
    """Return whether there is a terminal at both ends, and curses to use it."""
    ends = sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()
    return bool(ends and importlib.util.find_spec("curses"))


def run(new_game: Callable[[], Game], best: int, speed: float, faster: bool) -> int:
    """Play on the whole terminal of this process; as `Terminal.play`."""
    import curses

    def start(window: curses.window) -> int:
        curses.curs_set(0)
        curses.use_default_colors()
        for number in (RED, GREEN, YELLOW):
            curses.init_pair(number, number, -1)
        return Terminal(window, speed, faster, curses.color_pair).play(new_game, best)

    try:
        return curses.wrapper(start)
    except curses.error as error:
        raise ValueError(f"this terminal cannot do it ({error}); try --turns") from None
