"""The command line: options in, exit code out."""

import argparse
import io
import os
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from snake import terminal, turns
from snake.game import HEIGHT, ROCKS, WIDTH, WRAP, Game

LEVEL = "medium"
LEVELS = {"easy": 0.5, "medium": 1, "hard": 2}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Leave with exit code 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        if not text.isdecimal() or len(text) > 9 or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, {low} to {high}")
        return int(text)

    return read


def build_parser() -> Parser:
    """Return the parser of all options with their defaults."""
    parser = Parser(
        prog="snake",
        description="Snake: in real time in a terminal, else in turns.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    on_off = argparse.BooleanOptionalAction
    add = parser.add_argument
    add("--width", type=whole(5, 76), default=WIDTH, help="cells from left to right")
    add("--height", type=whole(5, 40), default=HEIGHT, help="cells from top to bottom")
    add("--wrap", action=on_off, default=WRAP, help="no walls: leave on one side, enter opposite")
    add("--rocks", action=on_off, default=ROCKS, help="put rocks on the field")
    add("--speed", type=whole(1, 30), default=terminal.SPEED, help="steps a second")
    add("--faster", action=on_off, default=terminal.FASTER, help="speed up with the score")
    add("--level", choices=LEVELS, default=LEVEL, help="half, all or twice the speed")
    add("--best", type=Path, default=Path("snake_best.txt"), help="file of the best score")
    add("--turns", action="store_true", help="play in turns even in a terminal")
    add("--moves", help="make these steps, as in ww..d, show the field and leave")
    add("--seed", type=int, help="a number that makes the game repeatable")
    return parser


def read_best(path: Path) -> int:
    """Return the best score that is kept in a file, 0 without one."""
    text = path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else "0"
    if not text.isdecimal() or len(text) > 9:
        raise ValueError(f"{path} holds no score; give another file with --best")
    return int(text)


def run(args: argparse.Namespace) -> None:
    """Play as the options say, and keep the best score."""
    rng = random.Random(args.seed)

    def new_game() -> Game:
        return Game(args.width, args.height, wrap=args.wrap, rocks=args.rocks, rng=rng)

    if args.moves is not None:
        game = new_game()
        turns.move(game, args.moves)
        print("\n".join(turns.draw(game)))
        return
    best = read_best(args.best)
    if args.turns or not terminal.available():
        score = turns.play(new_game(), input, print)
    else:
        score = terminal.run(new_game, best, args.speed * LEVELS[args.level], args.faster)
    print(f"Best score: {max(best, score)}")
    if score > best:
        args.best.write_text(f"{score}\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the game with these options; return 0, 2 for a mistake or 130 for Ctrl-C."""
    args = build_parser().parse_args(argv)
    try:
        run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the output has gone: nothing to say at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ValueError, OSError) as error:
        print(f"snake: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # odd bytes are no reason to crash
    sys.exit(main())
