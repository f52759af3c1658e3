"""The command line: options in, games, exit code out."""

import argparse
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NoReturn

from tictactoe.board import SIZE, WIN, WINS, Board, draw, other
from tictactoe.computer import LEVEL, LEVELS, MOVES_AHEAD, Computer

PLAYERS = "one"
COMPUTER_FIRST = False

Ask = Callable[[str], str]
Say = Callable[[str], None]


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Leave with exit code 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def build_parser() -> Parser:
    """Return the parser of all options with their defaults."""
    parser = Parser(
        prog="tictactoe",
        description="Tic-tac-toe against the computer or for two people; quit leaves.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    on_off = argparse.BooleanOptionalAction
    add = parser.add_argument
    add("--size", type=int, choices=(3, 4, 5), default=SIZE, help="fields in a row of the board")
    add("--win", choices=WINS, default=WIN, help="how many in a row win, line: the whole width")
    add("--players", choices=("one", "two", "none"), default=PLAYERS, help="how many people play")
    add("--level", choices=LEVELS, default=LEVEL, help="how strong the computer is")
    add("--computer-first", action=on_off, default=COMPUTER_FIRST, help="who begins the first game")
    add("--seed", type=int, help="a number that makes the computer's moves repeatable")
    return parser


def ask_line(prompt: str) -> str:
    """Return what the player types; quit or the end of the input is an EOFError."""
    try:
        line = input(prompt).strip().lower()
    except (RuntimeError, UnicodeDecodeError):  # no standard input at all, or odd bytes
        raise EOFError from None
    if line == "quit":
        raise EOFError
    return line


def play(board: Board, people: str, computer: Computer, ask: Ask, say: Say) -> str:
    """Play one game; return the mark that won or nothing. `people` are the marks of people."""
    while not board.over:
        if board.turn not in people:
            number = computer.choose(board)
            say(f"{board.turn} takes {number}.")
            board.place(number)
            continue
        say(draw(board))
        text = ask(f"{board.turn}, your field (1-{len(board.cells)}): ")
        try:
            board.place(int(text) if text.isdecimal() and len(text) < 4 else 0)
        except ValueError as error:
            say(str(error))
    say(draw(board))
    say(f"{board.winner} wins." if board.winner else "A draw.")
    return board.winner


def run(args: argparse.Namespace, ask: Ask, say: Say) -> None:
    """Play games, the first move going back and forth, until the players have enough."""
    computer = Computer(args.level, random.Random(args.seed))
    people = {"one": "X", "two": "XO", "none": ""}[args.players]
    first = "O" if args.computer_first and people == "X" else "X"
    say(f"{Board(args.size, args.win).length} in a row win.")
    if args.level == "hard" and people != "XO" and args.size > 3:
        say(f"The computer looks {MOVES_AHEAD[args.size]} moves ahead here and can be beaten.")
    wins: Counter[str] = Counter()
    again = "y"
    while again not in ("n", "no"):
        wins[play(Board(args.size, args.win, first), people, computer, ask, say)] += 1
        say(f"X won {wins['X']}, O won {wins['O']}, {wins['']} drawn.")
        first = other(first)
        again = ask("Another game? [Y/n] ") if people else "n"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with these options; return 0, 2 for a mistake or 130 for Ctrl-C."""
    args = build_parser().parse_args(argv)
    try:
        try:
            run(args, ask_line, print)
        except EOFError:
            print("\nGoodbye.")
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the output has gone: nothing to say at the exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
