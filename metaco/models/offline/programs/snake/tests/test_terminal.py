"""Real time, with a window that types by itself and a clock that only it moves on."""

import random
from typing import Any

import pytest

from snake import terminal
from snake.game import Game
from snake.terminal import Terminal

NOTHING, DOWN, UP = -1, 258, 259


class Typist:
    """A window on which keys are pressed; where none is, the time that is waited goes by."""

    def __init__(self, keys: tuple[int | str, ...], size: tuple[int, int]) -> None:
        self.keys, self.size = list(keys), size
        self.now, self.wait = 0.0, 0
        self.delays: list[int] = []
        self.notes: list[str] = []
        self.coloured: dict[str, int] = {}

    def getmaxyx(self) -> tuple[int, int]:
        return self.size

    def timeout(self, delay: int) -> None:
        self.delays.append(delay)

    def getch(self) -> int:
        key = self.keys.pop(0)
        if key == NOTHING:
            self.now += self.delays[-1] / 1000 if self.delays[-1] > 0 else 5
        return ord(key) if isinstance(key, str) else key

    def erase(self) -> None:
        self.coloured = {}

    def addstr(self, y: int, x: int, text: str, attribute: int) -> None:
        self.coloured[text] = attribute
        self.notes += [text] if len(text) > 1 else []


def play(
    *keys: int | str,
    food: tuple[int, int] = (0, 0),
    faster: bool = False,
    size: tuple[int, int] = (12, 80),
) -> tuple[Game, Any, int]:
    """Play with these keys at 10 steps a second; return the last game, the window, the best."""
    games: list[Game] = []
    window: Any = Typist(keys, size)

    def new_game() -> Game:
        games.append(Game(12, 9, wrap=False, rocks=False, rng=random.Random(1)))
        games[-1].food = food
        return games[-1]

    player = Terminal(window, 10, faster, lambda number: number, lambda: window.now)
    best = player.play(new_game, 0)
    return games[-1], window, best


def test_r1_r8_the_snake_goes_on_in_time_and_keys_do_not_hurry_it() -> None:
    game, window, _ = play(NOTHING, NOTHING, "q")
    assert game.snake[0] == (8, 4) and window.delays == [100, 100, 100]
    assert play(UP, "d", "q")[0].snake[0] == (6, 4)
    assert play(UP, NOTHING, "D", NOTHING, DOWN, NOTHING, "q")[0].snake[0] == (7, 4)


@pytest.mark.parametrize(("faster", "delay"), [(False, 100), (True, 95)])
def test_r2_r7_r9_food_counts_and_may_raise_the_speed(faster: bool, delay: int) -> None:
    _, window, best = play(NOTHING, "q", food=(7, 4), faster=faster)
    assert "Score: 0  Best: 0" in window.notes[0] and "Score: 1  Best: 1" in window.notes[-1]
    assert best == 1 and window.delays == [100, delay]


def test_r10_p_pauses_and_q_leaves_even_then() -> None:
    game, window, _ = play("p", "x", NOTHING, "p", "q")
    assert game.snake[0] == (6, 4) and window.delays == [100, -1, -1, -1, 100]
    assert "Paused" in window.notes[-1]
    assert not play("p", "q")[0].over


def test_r10_r_plays_again_after_the_end() -> None:
    game, window, _ = play(*[NOTHING] * 6, "x", "r", NOTHING, "q")
    assert any("Game over" in note and "r plays again" in note for note in window.notes)
    assert game.snake[0] == (7, 4) and not game.over


def test_r8_snake_and_food_have_colours_of_their_own() -> None:
    colours = play("q")[1].coloured
    assert colours["O"] == colours["o"] != colours["*"] != colours[" "] == 0


def test_r13_a_small_window_is_refused() -> None:
    with pytest.raises(ValueError, match="needs 15 x 12"):
        play("q", size=(11, 80))


def test_r12_without_a_terminal_there_is_no_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert terminal.available() is False
